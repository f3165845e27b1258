"""The store in PostgreSQL: what can be wrong with a database, what others do there, and what its url says."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
import pytest

from hookseal import AsyncSender, HooksealError, StoreError, Webhook
from sender_support import OPEN, database, opened, schema, server, sql, until
from support import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookseal import Sender


@pytest.fixture
def tables() -> Iterator[str]:
    """A schema of the test's own."""
    with schema() as name:
        yield name


def at(
    user: str | None = None, password: str | None = None, *, port: int | None = None, name: str = ""
) -> str:
    """The server's url with something else in it."""
    url = urlsplit(server())
    who = f"{quote(user or url.username or '')}:{quote(password or url.password or '')}"
    return urlunsplit(
        url._replace(netloc=f"{who}@{url.hostname}:{port or url.port}", path=f"/{name}" if name else url.path)
    )


def refused(url: str) -> StoreError:
    with pytest.raises(StoreError) as error:
        opened(url)
    return error.value


@contextmanager
def role(name: str) -> Iterator[str]:
    """A role without any rights; the url with which it connects."""
    sql(f"CREATE ROLE {name} LOGIN PASSWORD 'hunter2'")
    try:
        yield at(name, "hunter2")
    finally:
        sql(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_databases_that_cannot_be_used(tables: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    for url, code, advice in (
        (at(port=free), "store_unavailable", "database running"),
        (at(password="hunter2"), "store_unavailable", "user and password"),
        (at("nobody", "hunter2"), "store_unavailable", "user and password"),
        (at(name="no_such_database"), "store_unavailable", "Create the database"),
    ):
        error = refused(url)
        assert error.code == code
        assert advice in str(error)
        assert "hunter2" not in str(error)
    sql(f"CREATE SCHEMA {tables}; CREATE TABLE {tables}.meta (theirs text)")
    assert refused(database(tables)).code == "store_schema"


def test_a_newer_store_is_left_alone(tables: str) -> None:
    opened(database(tables)).close()
    sql(f"UPDATE {tables}.meta SET version = 1000, min_reader = 1000")
    assert refused(database(tables)).code == "store_schema"
    sql(f"UPDATE {tables}.meta SET version = 1000, min_reader = 1")
    opened(database(tables)).close()


def test_a_role_needs_rights_on_the_tables_and_none_to_make_them(tables: str) -> None:
    with role(f"{tables}_role") as url, receiver() as there:
        url += f"?hookseal_schema={tables}&hookseal_lease=3"
        error = refused(url)
        assert error.code == "store_read_only"
        opened(database(tables)).close()
        assert refused(url).code == "store_read_only"
        sql(
            f"""GRANT USAGE ON SCHEMA {tables} TO {tables}_role;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {tables} TO {tables}_role;
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA {tables} TO {tables}_role;
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {tables} TO {tables}_role"""
        )
        with opened(url) as sender:
            sender.endpoints.create(there.url)
            sender.send("thing.made", {})
            assert sender.wait_idle(20)
        assert len(there.requests) == 1


def test_an_event_is_sent_in_anybodys_transaction(tables: str) -> None:
    with receiver() as there, opened(database(tables)) as sender, role(f"{tables}_app") as url:
        endpoint = sender.endpoints.create(there.url, tenant="acme")
        assert endpoint.secret
        sql(
            f"""CREATE TABLE {tables}.booking (guest text);
            GRANT INSERT, SELECT ON {tables}.booking TO {tables}_app;
            GRANT USAGE ON SCHEMA {tables} TO {tables}_app;
            GRANT EXECUTE ON FUNCTION {tables}.hookseal_send TO {tables}_app"""
        )
        send = f"SELECT {tables}.hookseal_send('booking.created', %s::json, %s, tenant => 'acme')"
        with psycopg.connect(url) as application:
            for guest in ("Ada", "Mina"):
                application.execute(f"INSERT INTO {tables}.booking VALUES (%s)".encode(), (guest,))
                application.execute(send.encode(), (json.dumps({"guest": guest}), f"booking-{guest}"))
                if guest == "Ada":
                    application.rollback()
        until(lambda: there.requests, seconds=2)
        assert sender.wait_idle(20)
        ((headers, body),) = there.requests
        event = Webhook(endpoint.secret).verify(body, headers)
        assert (event.id, event.type, event.data) == ("booking-Mina", "booking.created", {"guest": "Mina"})


def test_a_connection_that_was_cut_is_made_anew(tables: str) -> None:
    url = f"{database(tables)}&application_name={tables}"
    with receiver() as there, opened(url) as sender:
        sender.endpoints.create(there.url)
        sent = 0
        for n in range(3):
            sent += 1
            sender.send("thing.made", {"n": n})
            cut = (
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{tables}'"
            )
            assert sql(cut)
            until(lambda n=n: is_sent(sender, n))  # type: ignore[misc]
            sent += 1
        assert sender.wait_idle(30)
        assert len({headers["webhook-id"] for headers, _ in there.requests}) == sent


def is_sent(sender: Sender, n: int) -> bool:
    """Whether it could be sent; else the database was away for a moment."""
    (result,) = sender.send_many([{"type": "thing.made", "data": {"n": n}, "id": f"after-{n}"}])
    if isinstance(result, HooksealError):
        assert result.code == "store_unavailable"
        return False
    return True


def test_two_processes_share_out_the_endpoints(tables: str) -> None:
    with receiver() as there, opened(database(tables)) as one, opened(database(tables)) as other:
        until(lambda: one.stats().dispatching and other.stats().dispatching)
        for n in range(8):
            one.endpoints.create(there.url, name=str(n))
        for n in range(50):
            (one if n % 2 else other).send("thing.made", {"n": n})
        assert one.wait_idle(20)
        assert other.wait_idle(20)
        delivered = one.stats().delivered, other.stats().delivered
        assert sum(delivered) == len(there.requests) == 400
        assert all(delivered), delivered


def test_the_pool_is_as_large_as_the_url_says(tables: str) -> None:
    async def work() -> None:
        url = f"{database(tables)}&hookseal_pool=2&application_name={tables}"
        async with AsyncSender(url, **OPEN) as sender:
            await asyncio.gather(*(sender.deliveries.list() for _ in range(20)))
            ((connected,),) = sql(
                f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{tables}'"
            )
            # Besides those that read: one writes, one listens, and a worker may have one for its lanes
            # and one that deletes what is too old.
            assert 4 <= connected <= 6

    asyncio.run(work())
