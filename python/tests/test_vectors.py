"""The vectors that all languages share, through the public API and every form that headers come in."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from hookseal import HooksealError, Provider, Webhook, errors
from support import SHARED

pytestmark = pytest.mark.filterwarnings("ignore::hookseal.SecretWarning")

VECTORS = sorted((SHARED / "vectors").glob("*.json"))
FILES = [path.name for path in VECTORS if "cases" in json.loads(path.read_text())]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(params=FILES)
def vectors(request: pytest.FixtureRequest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SHARED / "vectors" / request.param).read_text())
    assert content["cases"]
    return content


def test_every_case(vectors: dict[str, Any]) -> None:
    provider = provider_of(vectors)
    wrong = []
    for case in vectors["cases"]:
        for form in (byte_pairs, text_pairs, lists_by_name, scope):
            seen = outcome(case, provider, form(case["headers"]))
            if seen != expected(case):
                wrong.append((case["name"], form.__name__, seen, expected(case)))
    assert not wrong


def test_what_is_signed(vectors: dict[str, Any]) -> None:
    provider = provider_of(vectors)
    for case in vectors["cases"]:
        if "sign" in case:
            headers = Webhook(case["secrets"], provider=provider).sign(body_of(case), **case["sign"])
            ours = sorted((name.lower(), value) for name, value in headers.items())
            assert ours == sorted((name.lower(), value) for name, value in case["headers"]), case["name"]


def test_every_builtin_provider_has_vectors() -> None:
    from hookseal import providers

    assert {f"{provider.id}.json" for provider in providers()} <= set(FILES)


def provider_of(vectors: dict[str, Any]) -> Provider:
    if "toml" in vectors:
        return Provider.from_toml(vectors["toml"])
    return Provider.builtin(vectors["provider"])


def body_of(case: dict[str, Any]) -> bytes:
    if "body" in case:
        return str(case["body"]).encode()
    return base64.b64decode(case["body_base64"])


def expected(case: dict[str, Any]) -> dict[str, Any]:
    if case["expect"] != "valid":
        assert case["expect"] in errors
        return {"code": case["expect"]}
    return {"key_index": case.get("key_index", 0), **case.get("event", {})}


def outcome(case: dict[str, Any], provider: Provider, headers: Any) -> dict[str, Any]:
    body = body_of(case)
    options = {name: case[name] for name in ("now", "url", "method") if case[name] is not None}
    try:
        event = Webhook(case["secrets"], provider=provider).verify(body, headers, **options)
    except HooksealError as error:
        return {"code": error.code}
    assert event.body is body
    seen = {"id": event.id, "type": event.type, "timestamp": milliseconds(event.timestamp)}
    asserted = case.get("event", {})
    return {"key_index": event.key_index, **{name: seen[name] for name in asserted}}


def milliseconds(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // timedelta(milliseconds=1)


def byte_pairs(headers: list[list[str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers]


def text_pairs(headers: list[list[str]]) -> list[tuple[str, str]]:
    """Give the bytes as WSGI, Starlette and `http.server` do: decoded as Latin-1."""
    return [(name, value.encode().decode("latin-1")) for name, value in headers]


def lists_by_name(headers: list[list[str]]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for name, value in text_pairs(headers):
        lists.setdefault(name, []).append(value)
    return lists


def scope(headers: list[list[str]]) -> dict[str, Any]:
    return {"type": "http", "method": "POST", "headers": byte_pairs(headers)}
