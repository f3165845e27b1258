from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hookseal import ConfigError, EventType, Provider, providers
from support import OWN_PROVIDER, SHARED

if TYPE_CHECKING:
    from pathlib import Path


def test_the_built_in_ones_are_listed() -> None:
    listed = providers()
    ids = [provider.id for provider in listed]
    assert len(ids) == len(set(ids))
    assert {"standard", "kagibag", "kakiyo", "webkasa", "kazinex"} <= set(ids)
    for provider in listed:
        assert provider.name
        assert provider.sources
        assert provider.confidence
        assert provider.timeout > timedelta()
        assert provider.id in repr(provider)


def test_webkasa() -> None:
    webkasa = Provider.builtin("webkasa")
    assert webkasa.name == "WebKasa"
    assert webkasa.https_only
    assert webkasa.timeout == timedelta(seconds=15)
    assert webkasa.retry.delays() == [timedelta(seconds=delay) for delay in (60, 300, 1800, 7200, 86400)]
    assert webkasa.credits == 0
    assert not webkasa.secret_optional
    assert Provider.builtin("kakiyo").credits == 2
    assert Provider.builtin("kakiyo").secret_optional


def test_events_and_examples() -> None:
    for provider in providers():
        for event in provider.events:
            assert isinstance(event, EventType)
            assert event.name in repr(event)
            if event.example is None:
                with pytest.raises(ConfigError):
                    provider.example(event.name)
            else:
                assert provider.example(event.name).data == event.example


def test_examples_differ_only_in_id_and_time() -> None:
    webkasa = Provider.builtin("webkasa")
    first, second = webkasa.example("booking.created"), webkasa.example("booking.created")
    assert first.type == second.type == "booking.created"
    assert first.id != second.id


def test_there_is_no_example_of_what_is_not_in_the_catalog() -> None:
    with pytest.raises(ConfigError) as error:
        Provider.builtin("webkasa").example("booking.exploded")
    assert error.value.code == "invalid_argument"


def test_a_provider_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN_PROVIDER)
    for own in (Provider.from_toml(OWN_PROVIDER), Provider.load(file), Provider.load(str(file))):
        assert (own.id, own.name, own.notes) == ("own", "Own", None)
        assert [event.name for event in own.events] == ["thing.made"]
        assert own.events[0].description == "A thing was made"
        assert own.events[0].example == {"id": 1}


@pytest.mark.parametrize("text", ["", "id = 1", "id = 'x'", OWN_PROVIDER + "\n[colour]\nred = 1", "\x00"])
def test_what_describes_no_provider(text: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        Provider.from_toml(text)
    assert error.value.code == "invalid_provider"
    with pytest.raises(ConfigError) as error:
        Provider.load(file)
    assert error.value.code == "invalid_provider"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_files_that_cannot_be_read(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=r"wrong\.toml") as error:
        Provider.load(file)
    assert error.value.code == "invalid_provider"


@pytest.mark.parametrize(
    "options", [{"id": ""}, {"id": "two words"}, {"id": "é"}, {"id": "x" * 1000}, {"id": "a\r\nb"}]
)
def test_ids_that_no_header_can_carry(options: Any) -> None:
    with pytest.raises(ConfigError) as error:
        Provider.builtin("standard").event("a.b", {}, **options)
    assert error.value.code == "invalid_argument"


def test_what_the_page_of_providers_says() -> None:
    page = (SHARED.parent / "docs" / "providers.md").read_text()
    words = {
        "timestamp": "signed timestamp",
        "signed_id": "signed id",
        "unsigned_id": "id in a header",
        "nothing": "nothing",
    }
    lines = page.splitlines()
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    table = {row[1].strip("`"): row for row in rows if len(row) == 10 and row[1].startswith("`")}
    assert set(table) == {provider.id for provider in providers()}
    for provider in providers():
        _, _, headers, algorithm, _, _, several, replays, handshake, read_in = table[provider.id]
        for form in provider.signatures:
            assert all(f"`{name}`" in headers for name in form.headers), provider.id
            assert f"{form.algorithm} {form.encoding or ''}".strip() in algorithm, provider.id
        assert replays == words[provider.replay_protection], provider.id
        assert (handshake == "yes") == provider.has_handshake, provider.id
        assert read_in.startswith(provider.confidence), provider.id
        assert provider.sources
        assert any(form.several for form in provider.signatures) == ("yes" in several), provider.id


def test_how_standard_webhooks_signs() -> None:
    v1, v1a = Provider.builtin("standard").signatures
    assert (v1.headers, v1.algorithm, v1.encoding) == (["webhook-signature"], "hmac-sha256", "base64")
    assert (v1.signed, v1.several, v1.covers_body) == ("{id}.{timestamp}.{body}", True, True)
    assert v1.tolerance == (timedelta(minutes=5), timedelta(minutes=5))
    assert v1a.algorithm == "ed25519"
    [github] = Provider.builtin("github").signatures
    assert github.tolerance is None
    assert "hmac-sha256" in repr(github)
