"""Inboxes in processes of their own: killed while they handle, several on one store, behind real servers."""

from __future__ import annotations

import http.client
import os
import random
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookseal import Inbox
from inbox_support import WEBHOOK, Seen, request, until_status

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
HEAD = f"""
import os, sys, time
sys.path.insert(0, {str(HERE)!r})
from hookseal import AsyncInbox, Inbox
from inbox_support import *
"""

SERVES = """
import asyncio
async def main():
    inbox = AsyncInbox(sys.argv[1], WEBHOOK, timeout=30)

    @inbox.on("*")
    async def handle(event):
        await asyncio.sleep(0.05)
        with open(sys.argv[2], "a") as file:
            file.write(event.id + "\\n")

    async with inbox:
        n = int(sys.argv[3])
        while True:
            print((await inbox.receive(*request(f"e{n}"))).id, flush=True)
            n += 1
asyncio.run(main())
"""


def program(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on this platform")
def test_killed_while_it_handles_every_acknowledged_event_is_handled(store: str, tmp_path: Path) -> None:
    log = tmp_path / "handled"
    log.touch()
    acknowledged: set[str] = set()
    for n in range(4):
        process = program(SERVES, store, str(log), str(n * 100_000))
        assert process.stdout is not None
        acknowledged.add(process.stdout.readline().strip())
        time.sleep(random.uniform(0.05, 0.4))
        process.kill()
        rest, _ = process.communicate()
        # The last line may have been cut short.
        acknowledged.update(rest.splitlines()[:-1])
    seen = Seen()
    inbox = Inbox(store, WEBHOOK)
    inbox.on("*")(seen)
    with inbox:
        assert inbox.wait_idle(60)
    handled = set(log.read_text().split()) | {str(id) for id in seen.ids()}
    assert acknowledged <= handled
    assert len(acknowledged) > 4


def test_a_try_that_was_cut_short_is_logged_as_lost(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'inbox.db'}"
    process = program(
        """
inbox = Inbox(sys.argv[1], WEBHOOK)
@inbox.on("*")
def handle(event):
    os._exit(7)
inbox.receive(*request("a"))
inbox.start()
time.sleep(30)
""",
        store,
    )
    assert process.wait(30) == 7
    process.communicate()
    inbox = Inbox(store, WEBHOOK)
    seen = Seen()
    inbox.on("*")(seen)
    with inbox:
        until_status(inbox, "a", "handled")
        assert [one.error_code for one in inbox.events.get("a").tries or []] == ["lost", None]
    assert seen.tries == [("a", 2)]


def test_a_handler_that_hangs_does_not_hold_up_the_exit(tmp_path: Path) -> None:
    process = program(
        """
import threading
inbox = Inbox(sys.argv[1], WEBHOOK)
begun = threading.Event()
@inbox.on("*")
def handle(event):
    begun.set()
    time.sleep(600)
inbox.receive(*request("a"))
inbox.start()
begun.wait(20)
""",
        f"sqlite:{tmp_path / 'inbox.db'}",
    )
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")


APPLICATION = """
import contextlib, os, time
from hookseal import {kind}
from inbox_support import WEBHOOK

inbox = {kind}(os.environ["STORE"], WEBHOOK)

def note(event):
    with open(os.environ["LOG"], "a") as file:
        file.write(f"{{event.id}} {{os.getpid()}}\\n")
"""
FLASK = (
    APPLICATION.format(kind="Inbox")
    + """
import flask
from hookseal.flask import endpoint

@inbox.on("*")
def handle(event):
    time.sleep(0.02)
    note(event)

app = flask.Flask("app")
app.post("/hooks")(endpoint(inbox))
"""
)
GUNICORN = """
preload_app = True
def post_worker_init(worker):
    from app import inbox
    inbox.start()
def worker_exit(server, worker):
    from app import inbox
    inbox.close()
"""
FASTAPI = (
    APPLICATION.format(kind="AsyncInbox")
    + """
import asyncio
import fastapi
from hookseal.fastapi import endpoint

@inbox.on("*")
async def handle(event):
    await asyncio.sleep(0.02)
    note(event)

@contextlib.asynccontextmanager
async def lifespan(app):
    async with inbox:
        yield

app = fastapi.FastAPI(lifespan=lifespan)
app.post("/hooks")(endpoint(inbox))
"""
)


@contextmanager
def serving(server: str, store: str, directory: Path) -> Iterator[tuple[int, Path]]:
    """A server with three workers: its port, and the file in which handlers note what they handled."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (directory / "app.py").write_text(FLASK if server == "gunicorn" else FASTAPI)
    (directory / "conf.py").write_text(GUNICORN)
    bind = f"127.0.0.1:{port}"
    command = {
        "gunicorn": [
            "gunicorn",
            "-w",
            "3",
            "-k",
            "gthread",
            "--threads",
            "4",
            "-b",
            bind,
            "-c",
            "conf.py",
            "app:app",
        ],
        "uvicorn": ["uvicorn", "--workers", "3", "--port", str(port), "--log-level", "warning", "app:app"],
    }[server]
    log = directory / "log"
    log.touch()
    environment = {
        **os.environ,
        "STORE": store,
        "LOG": str(log),
        "PYTHONPATH": f"{directory}:{HERE}",
    }
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=directory, env=environment)
    try:
        deadline = time.monotonic() + 40
        while True:
            try:
                post(port, "warm")
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield port, log
    finally:
        process.terminate()
        process.wait(40)


def post(port: int, id: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body, headers = request(id)
    connection.request("POST", "/hooks", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork")
@pytest.mark.parametrize("server", ["gunicorn", "uvicorn"])
def test_workers_of_a_server_share_one_store(server: str, store: str, tmp_path: Path) -> None:
    ids = [f"e{n}" for n in range(60)]
    with serving(server, store, tmp_path) as (port, log):
        with ThreadPoolExecutor(8) as threads:
            statuses = list(threads.map(lambda id: post(port, id), [id for id in ids for _ in range(3)]))
        assert statuses == [200] * 180
        deadline = time.monotonic() + 40
        while len(log.read_text().splitlines()) < 61 and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(0.3)
        lines = [line.split() for line in log.read_text().splitlines()]
    assert sorted(id for id, _ in lines) == sorted(["warm", *ids])
    # Of a file one worker handles, and of a database all that were started.
    workers = {pid for _, pid in lines}
    assert len(workers) == 1 if store.startswith("sqlite:") else len(workers) > 1
