"""Starts the examples that need PostgreSQL: sending in one's own transaction, workers, a web process."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from hookseal import Sender, Webhook
from test_examples import EXAMPLES, ROOT, Program, Running, run, wait_until

COMPOSE = EXAMPLES / "compose"
WORKER = [sys.executable, str(COMPOSE / "worker.py")]
WEB = [sys.executable, str(COMPOSE / "web.py")]
POSTGRES = EXAMPLES / "postgres"


def by_sqlalchemy(_database: str, room: str, guest: str) -> list[str]:
    return [sys.executable, str(POSTGRES / "book.py"), room, guest]


def by_knex(_database: str, room: str, guest: str) -> list[str]:
    return ["node", str(POSTGRES / "book.mjs"), room, guest]


def by_psql(database: str, room: str, guest: str) -> list[str]:
    psql = shutil.which("psql") or "psql"
    script = str(POSTGRES / "book.sql")
    return [psql, "--no-psqlrc", database, "-v", f"room={room}", "-v", f"guest={guest}", "-f", script]


@pytest.fixture
def database() -> Iterator[str]:
    """The url of a database of the test's own."""
    server = os.environ.get("HOOKSEAL_TEST_POSTGRES")
    assert server, (
        "these tests need a server: run them by `scripts/postgres run …`, or set HOOKSEAL_TEST_POSTGRES"
    )
    name = f"examples_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


class Customer:
    """Somebody who gets webhooks: what came, and when; each answer takes a while."""

    def __init__(self, takes: float = 0) -> None:
        self.came: list[tuple[float, dict[str, str], bytes]] = []
        self.answered = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.came.append((time.monotonic(), headers, body))
                time.sleep(takes)
                self.send_response(204)
                self.end_headers()
                outer.answered += 1

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.came]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def customers() -> Iterator[list[Customer]]:
    """Those of the test, to be closed."""
    those: list[Customer] = []
    yield those
    for one in those:
        one.close()


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    """Those of the test, to be ended."""
    those: list[Program] = []
    yield those
    for one in those:
        one.kill()


def worker(database: str, folder: Path, name: str) -> Program:
    store = f"{database}?hookseal_lease=3"
    one = Program(WORKER, {"HOOKSEAL_STORE": store, "ALLOW_LOCAL": "1", "ALIVE": str(folder / name)})
    one.wait_for("delivering")
    return one


@pytest.mark.parametrize("command", [by_sqlalchemy, by_knex, by_psql])
def test_bookings_and_their_events_are_committed_together(
    command: Any, database: str, tmp_path: Path, customers: list[Customer], programs: list[Program]
) -> None:
    customers.append(customer := Customer())
    with Sender(database, allow_http=True, allow_private=True) as sender:
        secret = sender.endpoints.create(customer.url, tenant="acme").secret
    assert secret
    programs.append(worker(database, tmp_path, "alive"))

    booked = run(command(database, "Room 7", "Zoë"), DATABASE_URL=database)
    returned = time.monotonic()
    assert (booked.returncode, booked.stdout) == (0, "sent booking-created-1\n"), booked.stderr
    wait_until(lambda: len(customer.came) == 1)
    came, headers, body = customer.came[0]
    assert came - returned < 1
    event = Webhook(secret).verify(body, headers)
    assert (event.id, event.type) == ("booking-created-1", "booking.created")
    assert event.data == {"id": 1, "room": "Room 7", "guest": "Zoë"}

    # The room is taken: that is noticed at the end, after the event was sent in the same transaction.
    again = run(command(database, "Room 7", "Ada"), DATABASE_URL=database)
    assert again.returncode != 0
    assert "Room 7 is taken" in again.stderr or "booking_room_key" in again.stderr
    assert "Traceback" not in again.stderr
    other = run(command(database, "Room 8", "Ada"), DATABASE_URL=database)
    wait_until(lambda: len(customer.came) == 2)
    time.sleep(0.3)
    assert customer.ids() == ["booking-created-1", other.stdout.split()[-1]]
    with psycopg.connect(database) as connection:
        rooms = connection.execute("SELECT room, guest FROM booking ORDER BY room").fetchall()
        assert rooms == [("Room 7", "Zoë"), ("Room 8", "Ada")]
        assert connection.execute("SELECT count(*) FROM hookseal.outbox").fetchone() == (0,)


def test_workers_and_a_web_process(
    database: str, tmp_path: Path, customers: list[Customer], programs: list[Program]
) -> None:
    environment = {"HOOKSEAL_STORE": database, "ALLOW_LOCAL": "1"}
    programs.append(web := Running(WEB, environment))
    assert web.ask("GET", "/health") == (200, {"status": "ok"})
    for n in range(4):
        customers.append(Customer(takes=0.3 if n == 0 else 0))
        code, webhook = web.ask("POST", f"/customers/acme-{n}/webhooks", {"url": customers[n].url})
        assert (code, set(webhook)) == (201, {"id", "secret"})

    def book(n: int) -> str:
        code, answer = web.ask("POST", "/bookings", {"tenant": f"acme-{n % 4}", "guest": f"guest {n}"})
        assert code == 201
        return str(answer["event"])

    sent = [book(n) for n in range(20)]
    # A web process delivers nothing.
    time.sleep(0.3)
    assert not any(customer.came for customer in customers)

    first, second = (worker(database, tmp_path, name) for name in ("alive-1", "alive-2"))
    programs += [first, second]
    wait_until(lambda: all((tmp_path / name).exists() for name in ("alive-1", "alive-2")))
    wait_until(lambda: sum(len(customer.came) for customer in customers) == len(sent))

    # Both are asked to end, one after the other, while requests are on their way: these end well, and nothing
    # is delivered twice.
    for one, name in ((first, "alive-1"), (second, "alive-2")):
        sent += [book(n) for n in range(40)]
        wait_until(lambda: len(customers[0].came) > customers[0].answered)
        assert one.end() == 0
        assert one.lines[-2:] == ["finishing", "finished"]
        assert not (tmp_path / name).exists()
        assert len(customers[0].came) >= customers[0].answered
    programs.append(worker(database, tmp_path, "alive-3"))
    wait_until(lambda: sum(len(customer.came) for customer in customers) >= len(sent))
    time.sleep(0.5)
    arrived = sorted(id for customer in customers for id in customer.ids())
    assert arrived == sorted(sent)

    # A worker that is killed is replaced when its lease is over.
    programs.append(worker(database, tmp_path, "alive-4"))
    programs[-2].kill()
    sent += [book(n) for n in range(8)]
    wait_until(lambda: {id for customer in customers for id in customer.ids()} == set(sent))
    assert web.end() in (0, -signal.SIGTERM)
    assert not [line for program in programs for line in program.lines if "Traceback" in line]


@pytest.mark.parametrize("command", [WORKER, WEB])
def test_they_say_what_they_need(command: list[str]) -> None:
    result = run(command)
    assert (result.returncode, result.stderr) == (1, "HOOKSEAL_STORE: 'HOOKSEAL_STORE'\n")
    result = run(command, HOOKSEAL_STORE="postgres://nobody:hunter2@127.0.0.1:1/none")
    assert result.returncode == 1
    assert result.stderr.startswith("HOOKSEAL_STORE: Could not connect to the database")
    assert "hunter2" not in result.stderr
    assert "Traceback" not in result.stderr


def test_the_files_for_compose_fit_together() -> None:
    file = yaml.safe_load((COMPOSE / "compose.yaml").read_text())
    services = file["services"]
    assert set(services) == {"postgres", "worker", "web"}
    assert services["worker"]["deploy"] == {"replicas": 2}
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in file["volumes"]
        if name == "postgres":
            continue
        assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert service["environment"]["HOOKSEAL_STORE"].startswith("postgres://hookseal:")
        context = (COMPOSE / service["build"]["context"]).resolve()
        assert context == ROOT
        assert (context / service["build"]["dockerfile"]) == COMPOSE / "Dockerfile"
        assert (COMPOSE / service["command"][1]).exists()
    for line in (COMPOSE / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY"):
            *sources, _ = line.split()[1:]
            assert all((ROOT / source).exists() for source in sources), line
    assert services["web"]["environment"]["HOST"] == "0.0.0.0"
