"""Events that are stored in a transaction of the application's own, by the drivers that applications have."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from hookseal import AsyncInbox, ConfigError, Inbox, VerificationError
from inbox_support import WEBHOOK, Seen, request
from sender_support import database, schema, server, sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hookseal import Prepared

    # Whether the event is new.
    Take = Callable[[str, Prepared, str, bool], bool]

INBOX_MD = Path(__file__).parents[2] / "docs" / "inbox.md"


@pytest.fixture
def tables() -> Iterator[str]:
    """A schema of the test's own, with a table of the application's."""
    with schema() as name:
        Inbox(database(name), WEBHOOK).close()
        sql(f"CREATE TABLE {name}.booking (event text)")
        yield name


def by_psycopg(tables: str, prepared: Prepared, event: str, commit: bool) -> bool:
    with psycopg.connect(server()) as connection:
        receive = f"SELECT {prepared.function}(%s, %s)".encode()
        row = connection.execute(receive, (prepared.facts, prepared.body)).fetchone()
        connection.execute(f"INSERT INTO {tables}.booking VALUES (%s)".encode(), (event,))
        if not commit:
            connection.rollback()
    assert row is not None
    return bool(row[0])


def by_sqlalchemy(tables: str, prepared: Prepared, event: str, commit: bool) -> bool:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine(
        sqlalchemy.make_url(server().split("?")[0]).set(drivername="postgresql+psycopg")
    )
    with engine.connect() as connection:
        receive = sqlalchemy.text(f"SELECT {prepared.function}(:facts, :body)")
        new = connection.scalar(receive, {"facts": prepared.facts, "body": prepared.body})
        connection.execute(sqlalchemy.text(f"INSERT INTO {tables}.booking VALUES (:event)"), {"event": event})
        if commit:
            connection.commit()
    engine.dispose()
    return bool(new)


@pytest.mark.parametrize("take", [by_psycopg, by_sqlalchemy])
def test_both_are_committed_or_neither(take: Take, tables: str) -> None:
    seen = Seen()
    inbox = Inbox(database(tables), WEBHOOK)
    inbox.on("*")(seen)
    with inbox:
        undone, done = (inbox.prepare(*request(id, {"n": 1})) for id in ("undone", "done"))
        assert take(tables, undone, "undone", False)
        assert take(tables, done, "done", True)
        assert not take(tables, done, "duplicate", True)
        until(lambda: seen.tries == [("done", 1)])
        assert inbox.wait_idle(20)
        assert seen.ids() == ["done"]
        assert sql(f"SELECT event FROM {tables}.booking") == [("done",), ("duplicate",)]
        assert [event.id for event in inbox.events.list().items] == ["done"]
        assert inbox.receive(*request("done")).duplicate
        assert not inbox.receive(*request("undone")).duplicate, "what was rolled back may come again"


def test_what_it_says(tables: str) -> None:
    body, headers = request("one", {"room": 7})
    prepared = Inbox(database(tables), WEBHOOK).prepare(body, headers)
    assert (prepared.id, prepared.body) == ("one", body)
    assert prepared.function == f'"{tables}".hookseal_receive'
    assert prepared.sql == f"SELECT {prepared.function}($1, $2)"
    assert "room" not in repr(prepared)
    assert "room" not in prepared.facts


def test_the_order_is_kept(tables: str) -> None:
    asked: list[str | None] = []

    def order_by(event: Any) -> str:
        asked.append(event.id)
        return "one line"

    seen = Seen()
    inbox = AsyncInbox(database(tables), WEBHOOK, order_by=order_by)
    prepared = [inbox.prepare(*request(f"e{n}")) for n in range(5)]
    assert asked == [f"e{n}" for n in range(5)]
    for n in (3, 1, 4, 0, 2):
        assert by_psycopg(tables, prepared[n], str(n), True)
    handling = Inbox(database(tables), WEBHOOK)
    handling.on("*")(seen)
    with handling:
        assert handling.wait_idle(20)
    assert seen.ids() == ["e3", "e1", "e4", "e0", "e2"], "the order of the commits"


def test_strangers_are_refused(tables: str) -> None:
    body, headers = request("one")
    with pytest.raises(VerificationError) as refused:
        Inbox(database(tables), WEBHOOK).prepare(body + b" ", headers)
    assert refused.value.code == "signature_mismatch"


@pytest.mark.parametrize("kind", [Inbox, AsyncInbox])
def test_only_a_database_has_such_transactions(kind: type[Inbox | AsyncInbox], tmp_path: Path) -> None:
    for url in ("memory:", f"sqlite:{tmp_path / 'inbox.db'}"):
        with pytest.raises(ConfigError, match=r"Only an inbox in PostgreSQL .* use `receive`") as refused:
            kind(url, WEBHOOK).prepare(*request("one"))
        assert refused.value.code == "invalid_argument"


def test_as_the_page_shows_it(tables: str) -> None:
    found = re.findall(r"^```python\n(.*?)^```$", INBOX_MD.read_text(), re.MULTILINE | re.DOTALL)
    (code,) = [snippet for snippet in found if "inbox.prepare" in snippet]
    names: dict[str, Any] = {"inbox": Inbox(database(tables), WEBHOOK)}
    exec(compile(code, "inbox.md", "exec"), names)
    with psycopg.connect(server(), options=f"-c search_path={tables}") as connection:
        for id in ("one", "one", "two"):
            names["take"](connection, *request(id))
        assert connection.execute("SELECT event FROM booking").fetchall() == [("one",), ("two",)]
    assert len(names["inbox"].events.list().items) == 2


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
