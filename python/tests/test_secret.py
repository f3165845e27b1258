from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from hookseal import ConfigError, Secret, VerificationError, Webhook
from support import BODY, HEADERS, NOW, SECRET


def test_text_comes_back_only_when_asked_for() -> None:
    secret = Secret(SECRET)
    assert secret.expose() == SECRET
    assert repr(secret) == str(secret) == f"{secret}" == "Secret([redacted])"


@pytest.mark.parametrize("empty", ["", " ", "\n\t"])
def test_empty_secrets_are_refused(empty: str) -> None:
    with pytest.raises(ConfigError) as error:
        Secret(empty)
    assert error.value.code == "invalid_secret"
    with pytest.raises(ConfigError) as error:
        Webhook(empty)
    assert error.value.code == "invalid_secret"


@pytest.mark.parametrize("key", [b"key" * 8, bytearray(b"key" * 8), memoryview(b"key" * 8)])
def test_raw_keys_are_used_as_they_are(key: Any) -> None:
    webhook = Webhook(Secret.from_bytes(key))
    webhook.verify(BODY, webhook.sign(BODY))


def test_the_raw_key_of_the_published_secret() -> None:
    key = bytes.fromhex("31f290f6bf0629 8aab4f08d43c3f082cf648a362da2da4b0".replace(" ", ""))
    import base64

    assert base64.b64decode(SECRET.removeprefix("whsec_")) == key
    Webhook(Secret.from_bytes(key)).verify(BODY, HEADERS, now=NOW)


def test_bytes_name_the_way_out() -> None:
    for make in (Secret, Webhook):
        with pytest.raises(ConfigError, match=r"Secret\.from_bytes") as error:
            make(SECRET.encode())  # type: ignore[arg-type]
        assert error.value.code == "invalid_argument"


def test_a_missing_setting_is_named() -> None:
    for make in (Secret, Webhook):
        with pytest.raises(ConfigError, match="environment variable") as error:
            make(None)  # type: ignore[arg-type]
        assert error.value.code == "invalid_argument"


def test_generated_secrets_differ_and_work() -> None:
    first, second = Secret.generate(), Secret.generate("standard")
    assert first.expose() != second.expose()
    headers = Webhook(first).sign(BODY)
    Webhook(first).verify(BODY, headers)
    with pytest.raises(VerificationError):
        Webhook(second).verify(BODY, headers)


def test_a_private_key_signs_and_its_public_half_verifies() -> None:
    private = Secret.generate_private_key()
    assert private.expose().startswith("whsk_")
    public = private.public()
    assert public.expose().startswith("whpk_")
    Webhook(public).verify(BODY, Webhook(private).sign(BODY))
    with pytest.raises(ConfigError) as error:
        Webhook(public).sign(BODY)
    assert error.value.code == "invalid_secret"
    with pytest.raises(ConfigError) as error:
        Secret(SECRET).public()
    assert error.value.code == "invalid_secret"


def test_secrets_do_not_leave_the_process() -> None:
    for away in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            away(Secret(SECRET))
