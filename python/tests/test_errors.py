from __future__ import annotations

import pickle

import pytest

import hookseal
from hookseal import (
    ConfigError,
    DeliveryError,
    HooksealError,
    SecretWarning,
    StoreError,
    VerificationError,
)
from support import errors

CLASSES = {
    "VerificationError": VerificationError,
    "ConfigError": ConfigError,
    "DeliveryError": DeliveryError,
    "StoreError": StoreError,
}


def test_the_codes_are_those_of_all_languages() -> None:
    assert hookseal.errors == {listed["code"]: listed["sentence"] for listed in errors()}


def test_the_classes_are_those_of_all_languages() -> None:
    assert {listed["class"] for listed in errors()} == set(CLASSES)


def test_the_tree() -> None:
    for kind in CLASSES.values():
        assert issubclass(kind, HooksealError)
    assert issubclass(ConfigError, ValueError)
    assert not issubclass(VerificationError, ValueError)
    assert issubclass(SecretWarning, UserWarning)


@pytest.mark.parametrize("kind", CLASSES.values())
def test_errors_cross_process_boundaries(kind: type[HooksealError]) -> None:
    error = pickle.loads(pickle.dumps(kind("a sentence", "timeout")))
    assert type(error) is kind
    assert (str(error), error.code) == ("a sentence", "timeout")


def test_raised_errors_carry_code_and_sentence() -> None:
    with pytest.raises(ConfigError) as raised:
        hookseal.Provider.builtin("nobody")
    assert raised.value.code == "unknown_provider"
    assert str(raised.value)
    assert raised.value.__module__ == "hookseal.exceptions"
