from __future__ import annotations

import pickle
import warnings
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookseal import ConfigError, Event, Provider, Secret, SecretWarning, VerificationError, Webhook
from support import BODY, HEADERS, NOW, OWN_PROVIDER, SECRET

OTHER = "whsec_" + "b3RoZXIgc2VjcmV0IG9mIDI0IGJ5"


def test_published_example_verifies() -> None:
    event = Webhook(SECRET).verify(BODY, HEADERS, now=NOW)
    assert isinstance(event, Event)
    assert event.id == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert event.payload == {"test": 2432232314}
    assert event.body is BODY
    assert event.key_index == 0


@pytest.mark.parametrize("body", [BODY, bytearray(BODY), memoryview(BODY), BODY.decode()])
def test_every_kind_of_body_verifies(body: Any) -> None:
    assert Webhook(SECRET).verify(body, HEADERS, now=NOW).body == BODY


def test_memoryview_with_steps_is_what_it_shows() -> None:
    doubled = bytes(byte for byte in BODY for _ in range(2))
    assert Webhook(SECRET).verify(memoryview(doubled)[::2], HEADERS, now=NOW).body == BODY


def test_text_is_utf8() -> None:
    webhook = Webhook(SECRET)
    text = '{"name": "Žofie 🪝"}'
    assert webhook.verify(text, webhook.sign(text)).body == text.encode()


@pytest.mark.parametrize(
    ("now", "code"),
    [
        (NOW + 300, None),
        (NOW - 300, None),
        (NOW + 300.5, None),
        (NOW + 302, "timestamp_too_old"),
        (NOW - 302, "timestamp_too_new"),
        (datetime.fromtimestamp(NOW, timezone.utc), None),
        (datetime.fromtimestamp(NOW, timezone(timedelta(hours=5))), None),
        (datetime.fromtimestamp(NOW, timezone.utc) + timedelta(hours=1), "timestamp_too_old"),
    ],
)
def test_clock(now: Any, code: str | None) -> None:
    webhook = Webhook(SECRET)
    if code is None:
        webhook.verify(BODY, HEADERS, now=now)
    else:
        with pytest.raises(VerificationError) as error:
            webhook.verify(BODY, HEADERS, now=now)
        assert error.value.code == code


def test_without_now_the_clock_of_the_machine_counts() -> None:
    with pytest.raises(VerificationError) as error:
        Webhook(SECRET).verify(BODY, HEADERS)
    assert error.value.code == "timestamp_too_old"


@pytest.mark.parametrize(
    ("tolerance", "offset", "valid"),
    [
        (10, 10, True),
        (10, 11, False),
        (timedelta(minutes=10), 600, True),
        ((timedelta(hours=1), 5), 3600, True),
        ((3600, 5.0), -5, True),
        ((3600, 5), -7, False),
        (0, 0, True),
        (0, 2, False),
    ],
)
def test_tolerance(tolerance: Any, offset: int, valid: bool) -> None:
    webhook = Webhook(SECRET, tolerance=tolerance)
    if valid:
        webhook.verify(BODY, HEADERS, now=NOW + offset)
    else:
        with pytest.raises(VerificationError, match=r"."):
            webhook.verify(BODY, HEADERS, now=NOW + offset)


def test_rotation() -> None:
    old, new = Webhook(SECRET), Webhook([OTHER, SECRET])
    assert new.verify(BODY, old.sign(BODY)).key_index == 1
    assert new.verify(BODY, new.sign(BODY)).key_index == 0
    assert Webhook((Secret(OTHER), SECRET)).verify(BODY, old.sign(BODY)).key_index == 1


def test_the_wrong_secret() -> None:
    with pytest.raises(VerificationError) as error:
        Webhook(OTHER).verify(BODY, HEADERS, now=NOW)
    assert error.value.code == "signature_mismatch"


def test_sign_gives_every_header() -> None:
    headers = Webhook(SECRET).sign(BODY, id=HEADERS["webhook-id"], timestamp=NOW)
    assert {name.lower(): value for name, value in headers.items()} == HEADERS
    at = datetime.fromtimestamp(NOW, timezone.utc)
    assert Webhook(SECRET).sign(BODY, id=HEADERS["webhook-id"], timestamp=at) == headers


def test_sign_makes_what_is_not_given() -> None:
    webhook = Webhook(SECRET)
    first, second = webhook.sign(BODY), webhook.sign(BODY)
    assert first != second
    webhook.verify(BODY, first)


def test_url_and_method_where_they_are_signed() -> None:
    webhook = Webhook("key of thirty-two characters, yes", provider=Provider.from_toml(OWN_PROVIDER))
    url = "https://example.com/hooks?a=b"
    headers = webhook.sign(b"{}", url=url, method="PUT")
    webhook.verify(b"{}", headers, url=url, method="PUT")
    others: list[dict[str, Any]] = [{"url": url}, {"url": url + "c", "method": "PUT"}]
    for other in others:
        with pytest.raises(VerificationError) as error:
            webhook.verify(b"{}", headers, **other)
        assert error.value.code == "signature_mismatch"
    with pytest.raises(ConfigError) as missing:
        webhook.verify(b"{}", headers)
    assert missing.value.code == "invalid_argument"


def test_the_parsed_body_is_refused_with_advice() -> None:
    for parsed in ({"test": 1}, [1]):
        with pytest.raises(ConfigError, match="raw request body, not the parsed JSON") as error:
            Webhook(SECRET).verify(parsed, HEADERS)  # type: ignore[arg-type]
        assert error.value.code == "invalid_argument"


async def _coroutine() -> bytes:
    return BODY


def test_a_body_that_was_not_awaited_or_called_is_refused_with_advice() -> None:
    coroutine = _coroutine()
    with pytest.raises(ConfigError, match="await it first"):
        Webhook(SECRET).verify(coroutine, HEADERS)  # type: ignore[arg-type]
    coroutine.close()
    with pytest.raises(ConfigError, match="call it first"):
        Webhook(SECRET).verify(_coroutine, HEADERS)  # type: ignore[arg-type]


def test_a_provider_by_id_or_as_object() -> None:
    assert repr(Webhook(SECRET, provider="standard")) == repr(
        Webhook(SECRET, provider=Provider.builtin("standard"))
    )
    with pytest.raises(ConfigError) as error:
        Webhook(SECRET, provider="standrad")
    assert error.value.code == "unknown_provider"
    assert "standard" in str(error.value)


def test_header_names() -> None:
    assert set(Webhook(SECRET).header_names) >= set(HEADERS)


def test_weak_and_trimmed_secrets_warn_where_they_are_given() -> None:
    for secret, code in (("whsec_c2hvcnQ=", "weak_secret"), (SECRET + "\n", "trimmed_secret")):
        with pytest.warns(SecretWarning) as caught:
            Webhook(secret)
        assert caught[0].filename == __file__
        warning = pickle.loads(pickle.dumps(caught[0].message))
        assert isinstance(warning, SecretWarning)
        assert warning.code == code
        assert str(warning) == str(caught[0].message)
        assert secret.strip() not in str(warning)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Webhook(SECRET)


def test_nothing_of_a_secret_is_shown() -> None:
    for shown in (Webhook(SECRET), Secret(SECRET), [Secret(SECRET)], Webhook):
        assert SECRET[6:] not in f"{shown!r} {shown}"


@given(body=st.binary(max_size=2000), name=st.text(max_size=20), value=st.text(max_size=200))
def test_what_is_signed_verifies_and_nothing_else_does(body: bytes, name: str, value: str) -> None:
    webhook = Webhook(SECRET)
    headers = webhook.sign(body)
    assert webhook.verify(body, {**headers, f"x-{name}": value}).body == body
    with pytest.raises(VerificationError):
        webhook.verify(body + b" ", headers)


@given(body=st.binary(max_size=100), headers=st.dictionaries(st.sampled_from(list(HEADERS)), st.text()))
def test_strangers_get_verification_errors_only(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(VerificationError):
        Webhook(SECRET).verify(body, headers, now=NOW)


def test_a_large_body_leaves_other_threads_running() -> None:
    webhook = Webhook(SECRET)
    body = b"x" * 5_000_000
    assert webhook.verify(body, webhook.sign(body)).body is body
