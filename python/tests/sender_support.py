"""What the tests of the senders share."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import psycopg

from hookseal import RetryPolicy, Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OPEN: Any = {"allow_http": True, "allow_private": True}
NO_RETRY = RetryPolicy([])
LEASE = 3
"""After how many seconds others take what one that died was delivering, on PostgreSQL in these tests."""

_schemas = itertools.count()


def in_file(directory: Path) -> str:
    """The url of a store in a file in this directory."""
    return f"sqlite:{directory / 'hooks.db'}"


def server() -> str:
    """The url of the PostgreSQL server to test on."""
    url = os.environ.get("HOOKSEAL_TEST_POSTGRES")
    assert url, (
        "these tests need a server: run them by `scripts/postgres run …`, or set HOOKSEAL_TEST_POSTGRES"
    )
    return url


def sql(text: str, url: str | None = None) -> list[Any]:
    """Run statements as any program could; the rows of the last one."""
    with psycopg.connect(url or server(), autocommit=True) as connection:
        cursor = connection.execute(text.encode())
        while cursor.nextset():
            pass
        return cursor.fetchall() if cursor.description else []


@contextmanager
def schema() -> Iterator[str]:
    """The name of a schema that nobody else uses, removed at the end."""
    server()
    name = f"python_{os.getpid()}_{next(_schemas)}"
    try:
        yield name
    finally:
        sql(f"SET client_min_messages = error; DROP SCHEMA IF EXISTS {name} CASCADE")


def database(schema: str) -> str:
    """The url of a store in this schema."""
    return f"{server()}?hookseal_schema={schema}&hookseal_lease={LEASE}"


def schema_of(store: str) -> str:
    """In which schema this store is."""
    return parse_qs(urlsplit(store).query)["hookseal_schema"][0]


def one_delivers(store: str) -> bool:
    """Whether it is a store of which one process delivers all."""
    return store.startswith("sqlite:")


def opened(store: str, **options: Any) -> Sender:
    """A sender that may deliver to this machine."""
    return Sender(store, **OPEN, **options)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until the condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)
