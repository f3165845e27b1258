"""What one language signs, every language verifies, and reads in the same way."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hookseal
import pytest

ROOT = Path(__file__).parents[2]


def kotlin_classes() -> str:
    """What `make kotlin` has compiled, and what that needs."""
    target = ROOT / "kotlin/target"
    return f"{target}/classes:{target}/test-classes:{(target / 'classpath').read_text()}"


PEERS = {
    "rust": [str(ROOT / "target/debug/examples/pairs_peer")],
    "python": [sys.executable, str(ROOT / "tests/pairs/peer.py")],
    "node": ["node", str(ROOT / "tests/pairs/peer.mjs")],
    "kotlin": ["java", "-cp", kotlin_classes(), "dev.hookseal.PairsPeer"],
    "swift": [str(ROOT / "scripts/swift"), str(ROOT / "swift/.build/debug/hookseal-peer")],
}
NOW = 1_767_225_600
URL = "https://example.com/hooks?a=b"
BODIES = {
    "an event": b'{"id":"evt_1","type":"user.created","event":"user.created","data":{"n":[1,2.5,"\\u00e9"]},'
    b'"webhookTimestamp":1767225600000}',
    "no JSON": b"a=b&c=d",
    "no UTF-8": b"\xff\x00\xfe",
    "nothing": b"",
}


class Peer:
    def __init__(self, command: list[str]) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@pytest.fixture(scope="session")
def peers() -> Iterator[dict[str, Peer]]:
    peers = {language: Peer(command) for language, command in PEERS.items()}
    yield peers
    for peer in peers.values():
        peer.process.terminate()
        peer.process.wait()


def signing_providers() -> dict[str, str]:
    """Every built-in provider that others than the vendor can sign for, with a secret."""
    secrets = {}
    for provider in hookseal.providers():
        try:
            secret = hookseal.Secret.generate(provider=provider.id).expose()
            hookseal.Webhook(secret, provider=provider.id).sign(b"{}", url=URL)
        # Favro signs a part of the body, which this one has not.
        except hookseal.HooksealError:
            continue
        secrets[provider.id] = secret
    return secrets


SECRETS = signing_providers()

# These send the secret itself, which says nothing of the body.
TOKENS = {
    "auth0",
    "brevo",
    "chargebee",
    "deepgram",
    "gitlab-token",
    "huggingface",
    "okta",
    "pipedrive",
    "postmark",
    "supabase",
}


def test_most_providers_can_sign() -> None:
    assert len(SECRETS) >= 140
    assert {"standard", "kagibag", "kakiyo", "webkasa", "kazinex", "stripe", "github"} <= set(SECRETS)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("signer", PEERS)
@pytest.mark.parametrize("provider", SECRETS)
def test_all_pairs(peers: dict[str, Peer], provider: str, signer: str, body: bytes) -> None:
    common = {"provider": provider, "secret": SECRETS[provider], "url": URL}
    encoded = base64.b64encode(body).decode()
    request = {
        **common,
        "do": "sign",
        "body": encoded,
        "id": "evt_1",
        "timestamp": NOW,
        "type": "user.created",
    }
    signed = {language: peer.ask(request) for language, peer in peers.items()}
    headers = signed[signer]["headers"]
    assert sorted(headers) == sorted(signed["rust"]["headers"])

    verify = {**common, "do": "verify", "headers": headers, "now": NOW, "body": encoded}
    answers = {language: peer.ask(verify) for language, peer in peers.items()}
    assert all(answer == answers["rust"] for answer in answers.values()), answers
    # Infisical, Linear and Plain have their time in the body, and Twilio a hash of such bodies in the url:
    # these have none.
    if provider not in ("infisical", "linear", "plain", "twilio"):
        assert "event" in answers["rust"], answers

    tampered = {**verify, "body": base64.b64encode(body + b" ").decode()}
    answers = {language: peer.ask(tampered) for language, peer in peers.items()}
    assert all(answer == answers["rust"] for answer in answers.values()), answers
    assert ("error" in answers["rust"]) == (provider not in TOKENS)
