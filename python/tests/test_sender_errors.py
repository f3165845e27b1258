"""Wrong arguments, what cannot be a store, and senders that are closed: one clear error each."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from hookseal import ConfigError, HooksealError, Sender, StoreError
from sender_support import in_file, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def sender(store: str) -> Iterator[Sender]:
    sender = opened(store)
    yield sender
    sender.close()


WRONG: dict[str, Callable[[Any], object]] = {
    "type": lambda s: s.send(1, {}),
    "type is bytes": lambda s: s.send(b"a.b", {}),
    "empty type": lambda s: s.send("", {}),
    "no json": lambda s: s.send("a.b", object()),
    "not finite": lambda s: s.send("a.b", float("nan")),
    "lone surrogate": lambda s: s.send("a.b", "\ud800"),
    "id": lambda s: s.send("a.b", {}, id=7),
    "tenant": lambda s: s.send("a.b", {}, tenant=["t"]),
    "empty tenant": lambda s: s.send("a.b", {}, tenant=""),
    "timestamp": lambda s: s.send("a.b", {}, timestamp="now"),
    "messages": lambda s: s.send_many(3),
    "message": lambda s: s.send_many(["a.b"]),
    "message without data": lambda s: s.send_many([{"type": "a.b"}]),
    "message with more": lambda s: s.send_many([{"type": "a.b", "data": 1, "colour": 2}]),
    "endpoint url": lambda s: s.endpoints.create(5),
    "endpoint events": lambda s: s.endpoints.create("https://example.com/", events=5),
    "endpoint pattern": lambda s: s.endpoints.create("https://example.com/", events=["a*b"]),
    "endpoint headers": lambda s: s.endpoints.create("https://example.com/", headers=[("a", "b")]),
    "endpoint header": lambda s: s.endpoints.create("https://example.com/", headers={"host": "b"}),
    "endpoint secrets": lambda s: s.endpoints.create("https://example.com/", secret=["a", "b"]),
    "endpoint timeout": lambda s: s.endpoints.create("https://example.com/", timeout=-1),
    "endpoint concurrency": lambda s: s.endpoints.create("https://example.com/", concurrency=0),
    "endpoint rate": lambda s: s.endpoints.create("https://example.com/", rate_limit="fast"),
    "endpoint ordered": lambda s: s.endpoints.create("https://example.com/", ordered=1),
    "endpoint retry": lambda s: s.endpoints.create("https://example.com/", retry=[1, 2]),
    "endpoint id": lambda s: s.endpoints.get("1"),
    "endpoint id is True": lambda s: s.endpoints.get(True),
    "endpoint id too large": lambda s: s.endpoints.get(2**70),
    "unknown change": lambda s: s.endpoints.update(1, colour="red"),
    "no url": lambda s: s.endpoints.update(1, url=None),
    "overlap": lambda s: s.endpoints.rotate_secret(1, overlap="a day"),
    "limit": lambda s: s.endpoints.list(limit=-1),
    "no limit": lambda s: s.deliveries.list(limit=0),
    "cursor": lambda s: s.deliveries.list(cursor="abc"),
    "filter": lambda s: s.deliveries.list(colour="red"),
    "status": lambda s: s.deliveries.list(status="lost"),
    "class": lambda s: s.deliveries.list(response_class="6xx"),
    "class is a number": lambda s: s.deliveries.list(response_class=500),
    "since": lambda s: s.deliveries.retry_failed("yesterday"),
    "message id": lambda s: s.messages.get(1.5),
    "test": lambda s: s.send_test(None),
    "test of an endpoint of a tenant": lambda s: s.send_test(1, tenant="t"),
    "kind of notice": lambda s: s.on("endpoint.gone", print),
    "callback": lambda s: s.on("endpoint.disabled", "print"),
    "wait": lambda s: s.wait_idle("long"),
    "export": lambda s: s.export(7),
    "export to a directory": lambda s: s.export("/"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_arguments(sender: Sender, wrong: Callable[[Any], object]) -> None:
    with pytest.raises(ConfigError) as error:
        wrong(sender)
    assert error.value.code == "invalid_argument"


OPTIONS: list[dict[str, Any]] = [
    {"provider": 1},
    {"allow_http": "yes"},
    {"allow_private": "10.0.0.0/8"},
    {"ca_certificates": 1},
    {"key": b"bytes"},
    {"key": ["a", "b"]},
    {"strict": None},
    {"max_body": "1 MiB"},
    {"max_body": True},
    {"concurrency": 0},
    {"concurrency": 1.5},
    {"retention": None},
    {"retention": {"everything": 1}},
    {"retention": {"bodies": "a month"}},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_wrong_options(store: str, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as error:
        Sender(store, **options)
    assert error.value.code == "invalid_argument"


URLS: list[Any] = [
    "",
    "sqlite:",
    "memory:x",
    "hooks.db",
    "mysql://x",
    "postgres://user:hunter2@host:port/database",
    "postgres://user:hunter2@host/database?hookseal_pool=0",
    "postgres://user:hunter2@host/database?hookseal_lease=soon",
    "postgres://user:hunter2@host/database?hookseal_schema=public",
    "postgres://user:hunter2@host/database?no_such_option=1",
    "postgresql://user:hunter2@host/database?sslmode=maybe",
    None,
    5,
]


@pytest.mark.parametrize("url", URLS)
def test_wrong_urls(url: Any) -> None:
    with pytest.raises(ConfigError) as error:
        Sender(url)
    assert error.value.code == "invalid_argument"
    assert "hunter2" not in str(error.value)


def test_what_does_not_exist(sender: Sender) -> None:
    calls: list[Callable[[], object]] = [
        lambda: sender.endpoints.get(9),
        lambda: sender.endpoints.update(9, name="x"),
        lambda: sender.endpoints.enable(9),
        lambda: sender.endpoints.delete(9),
        lambda: sender.endpoints.rotate_secret(9),
        lambda: sender.deliveries.get(9),
        lambda: sender.deliveries.retry(9),
        lambda: sender.deliveries.cancel(-1),
        lambda: sender.jobs.get(9),
        lambda: sender.messages.get("nobody"),
        lambda: sender.messages.expunge(9),
        lambda: sender.send_test(9),
    ]
    for call in calls:
        with pytest.raises(ConfigError) as error:
            call()
        assert error.value.code == "not_found"


def test_events_that_are_refused(store: str) -> None:
    sender = opened(store, provider="webkasa", strict=True, max_body=500)
    for kind, data, code in (
        ("booking.creatd", {}, "unknown_event_type"),
        ("booking.created", "x" * 500, "payload_too_large"),
    ):
        with pytest.raises(ConfigError) as error:
            sender.send(kind, data)
        assert error.value.code == code
    assert sender.deliveries.list().items == []
    sender.close()


def test_urls_that_are_refused(store: str) -> None:
    sender = Sender(store)
    for url, code in (
        ("http://example.com/", "invalid_url"),
        ("ftp://example.com/", "invalid_url"),
        ("https://127.0.0.1/", "blocked_address"),
        ("https://169.254.169.254/", "blocked_address"),
    ):
        with pytest.raises(HooksealError) as error:
            sender.endpoints.create(url)
        assert error.value.code == code
    assert sender.endpoints.list().items == []
    sender.close()


def test_files_that_are_no_store(tmp_path: Path) -> None:
    foreign = sqlite3.connect(tmp_path / "foreign.db")
    foreign.execute("PRAGMA application_id = 1234")
    foreign.execute("CREATE TABLE hookseal_message (x)")
    foreign.commit()
    foreign.close()
    (tmp_path / "damaged.db").write_bytes(b"this is not a database, and was never meant to be one" * 100)
    for name, code in (
        ("foreign.db", "store_schema"),
        ("damaged.db", "store_schema"),
        ("missing/hooks.db", "store_unavailable"),
        ("", "store_unavailable"),
    ):
        with pytest.raises(StoreError) as error:
            Sender(f"sqlite:{tmp_path}/{name}")
        assert error.value.code == code, name


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write everything")
def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    opened(in_file(tmp_path)).close()
    (tmp_path / "hooks.db").chmod(0o444)
    tmp_path.chmod(0o555)
    with pytest.raises(StoreError) as error:
        opened(in_file(tmp_path))
    tmp_path.chmod(0o755)
    assert error.value.code == "store_read_only"


def test_a_closed_sender(store: str) -> None:
    sender = opened(store)
    endpoints = sender.endpoints
    sender.close()
    sender.close()
    calls: list[Callable[[], object]] = [
        lambda: sender.send("a.b", {}),
        lambda: sender.send_many([]),
        lambda: sender.start(),
        lambda: sender.wait_idle(),
        lambda: sender.stats(),
        lambda: sender.on("endpoint.disabled", print),
        lambda: next(iter(sender.notices())),
        lambda: endpoints.list(),
    ]
    for call in calls:
        with pytest.raises(ConfigError) as error:
            call()
        assert error.value.code == "closed"


def test_an_export_that_cannot_be_written(sender: Sender) -> None:
    class Full:
        def write(self, _content: bytes, /) -> None:
            raise OSError(28, "No space left on device")

    sender.endpoints.create("https://example.com/")
    sender.send("a.b", {})
    with pytest.raises(ConfigError) as error:
        sender.export(Full())
    assert "No space" in str(error.value)
