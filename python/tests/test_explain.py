from __future__ import annotations

import json
import pickle
import subprocess
import sys
import traceback
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hookseal
from hookseal import ConfigError, Explanation, Secret, VerificationError, Webhook, types
from hookseal._native import certainties, frameworks
from support import BODY, HEADERS, NOW, SECRET, SHARED

SPACED = b'{"test":2432232314}'
OTHER = "whsec_b3RoZXIgc2VjcmV0IG9mIDI0IGJ5"


def explained(body: bytes = SPACED, secret: str = SECRET, **options: Any) -> Explanation:
    return Webhook(secret).explain(body, HEADERS, **{"now": NOW, **options})


def test_a_body_that_was_written_again() -> None:
    explanation = explained(framework="fastapi")
    assert (explanation.verdict, explanation.code) == ("refused", "signature_mismatch")
    assert explanation.provider == "standard"
    assert explanation.message
    (finding,) = explanation.findings
    assert (finding.code, finding.certainty) == ("body_reserialized", "certain")
    assert "JSON with spaces" in finding.what
    assert "await request.body()" in finding.remedy
    assert finding == explained(framework="fastapi").findings[0] != explained().findings[0]


def test_a_right_request() -> None:
    explanation = explained(BODY)
    assert (explanation.verdict, explanation.code, explanation.message) == ("verified", None, None)
    assert explanation.findings == []
    assert str(explanation) == "verified (standard)"


def test_every_form_of_it() -> None:
    explanation = explained()
    assert "body_reserialized" in str(explanation) == explanation.to_text()
    assert "\x1b[" in explanation.to_text(color=True)
    assert "\x1b[" not in str(explanation)
    assert repr(explanation) == '<Explanation signature_mismatch findings=["body_reserialized"]>'
    assert repr(explanation.findings[0]) == "<Finding certain body_reserialized>"
    written = json.loads(explanation.to_json())
    assert written["code"] == "signature_mismatch"
    assert written["findings"][0]["code"] == "body_reserialized"


@pytest.mark.parametrize(
    "headers",
    [
        {name.replace("-", "_"): value for name, value in HEADERS.items()},
        [(f"X-Original-{name}".encode(), value.encode()) for name, value in HEADERS.items()],
        {f"HTTP_X_AMZN_REMAPPED_{name.upper().replace('-', '_')}": value for name, value in HEADERS.items()},
    ],
)
def test_all_headers_are_looked_at(headers: Any) -> None:
    explanation = Webhook(SECRET).explain(BODY, headers, now=NOW)
    assert explanation.code == "missing_header"
    assert explanation.findings[0].code == "header_renamed"
    assert explanation.findings[0].certainty == "certain"


def test_other_secrets() -> None:
    explanation = explained(BODY, OTHER, other_secrets=[Secret(OTHER), SECRET])
    assert explanation.findings[0].code == "secret_other"
    assert "secret 1 of" in explanation.findings[0].what
    assert SECRET not in str(explanation)


def test_urls_and_methods() -> None:
    url = "https://shop.example/hooks"
    webhook = Webhook("a-secret-of-more-than-16-bytes", provider="hubspot")
    headers = webhook.sign(BODY, url=url, method="POST")

    def first(**options: Any) -> str:
        return webhook.explain(BODY, headers, **options).findings[0].code

    assert first(url=url, method="PUT") == "method_differs"
    assert first(url=url.replace("https", "http"), method="POST") == "url_scheme"
    assert first() == "url_missing"


def test_wrong_arguments() -> None:
    for wrong in ({"framework": "rails"}, {"framework": 7}, {"other_secrets": [7]}, {"now": "today"}):
        with pytest.raises(ConfigError) as raised:
            explained(**wrong)
        assert raised.value.code == "invalid_argument"
    with pytest.raises(ConfigError):
        Webhook(SECRET, explain_failures="yes")  # type: ignore[arg-type]


def test_the_lists_are_those_of_all_languages() -> None:
    shared = json.loads((SHARED / "findings.json").read_text())
    assert hookseal.findings == {listed["code"]: listed["sentence"] for listed in shared["findings"]}
    assert certainties() == shared["certainties"]
    assert frameworks() == shared["frameworks"]
    typed = [name for group in get_args(types.Framework) for name in get_args(group)]
    assert sorted(typed) == sorted(shared["frameworks"])


def test_notes_in_development() -> None:
    webhook = Webhook(SECRET, explain_failures=True)
    with pytest.raises(VerificationError) as raised:
        webhook.verify(SPACED, HEADERS, now=NOW, framework="django")
    error = raised.value
    (note,) = error.notes
    assert note == str(explained(framework="django"))
    assert "request.body" in note
    assert str(error).startswith("No signature matches.")
    if sys.version_info >= (3, 11):
        assert "body_reserialized" in "".join(traceback.format_exception(error))
    # Notes are for whoever reads the traceback, and stay behind.
    assert pickle.loads(pickle.dumps(error)).code == error.code


def test_no_notes_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    def notes(**options: Any) -> list[str]:
        with pytest.raises(VerificationError) as raised:
            Webhook(SECRET, **options).verify(SPACED, HEADERS, now=NOW)
        return raised.value.notes

    monkeypatch.delenv("HOOKSEAL_EXPLAIN", raising=False)
    assert notes() == []
    monkeypatch.setenv("HOOKSEAL_EXPLAIN", "1")
    assert len(notes()) == 1
    assert notes(explain_failures=False) == []
    monkeypatch.setenv("HOOKSEAL_EXPLAIN", "0")
    assert notes() == []


def test_mistakes_of_the_caller_have_no_notes() -> None:
    webhook = Webhook("a-secret-of-more-than-16-bytes", provider="square", explain_failures=True)
    headers = webhook.sign(BODY, url="https://shop.example/hooks")
    with pytest.raises(ConfigError) as raised:
        webhook.verify(BODY, headers)
    assert raised.value.notes == []


def test_the_environment_turns_it_on_for_a_program() -> None:
    program = (
        "import hookseal\n"
        f"try: hookseal.Webhook({SECRET!r}).verify(b'', {{}})\n"
        "except hookseal.VerificationError as error: print(error.notes[0])"
    )
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, env={"HOOKSEAL_EXPLAIN": "1"}, capture_output=True, text=True, check=True)
    assert "header_missing" in done.stdout


@given(st.binary(max_size=200), st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=5))
def test_whatever_strangers_send(body: bytes, headers: dict[str, str]) -> None:
    explanation = Webhook(SECRET).explain(body, headers, now=NOW)
    with pytest.raises(VerificationError) as raised:
        Webhook(SECRET).verify(body, headers, now=NOW)
    assert explanation.code == raised.value.code
    assert str(explanation).isprintable() or "\n" in str(explanation)
