"""Threads and sockets do not survive a fork; deliveries of the child do."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hookseal import AsyncClient, Client
from support import endpoint, event, receiver

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")

OPEN: Any = {"allow_http": True, "allow_private": True}


def in_child(work: Callable[[], bool]) -> bool:
    """Whether the work is true in a forked child; a child that hangs is ended."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    for _ in range(1000):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return False


def test_a_child_delivers_over_a_client_of_its_parent() -> None:
    with receiver() as there:
        client, target = Client(**OPEN), endpoint(there.url)
        assert client.deliver(target, event()).delivered
        for _ in range(3):
            assert in_child(lambda: client.deliver(target, event()).delivered)
        assert client.deliver(target, event()).delivered
        assert len(there.requests) == 5
        # No connection was shared: each child has one of its own, and the parent keeps its own.
        assert len(there.peers) == 4


def test_a_child_of_a_child() -> None:
    with receiver() as there:
        client, target = Client(**OPEN), endpoint(there.url)
        assert client.deliver(target, event()).delivered

        def child() -> bool:
            here = client.deliver(target, event()).delivered
            return here and in_child(lambda: client.deliver(target, event()).delivered)

        assert in_child(child)


def test_a_fork_in_the_middle_of_a_delivery() -> None:
    with receiver(hangs=True) as slow, receiver() as there:
        client = Client(**OPEN)
        outcome = []
        thread = threading.Thread(
            target=lambda: outcome.append(client.deliver(endpoint(slow.url), event()).delivered)
        )
        thread.start()
        assert slow.arrived.wait(10)
        assert in_child(lambda: client.deliver(endpoint(there.url), event()).delivered)
        slow.hold.set()
        thread.join()
        assert outcome == [True]


def test_forks_while_threads_deliver() -> None:
    with receiver() as there:
        client, target = Client(**OPEN), endpoint(there.url)
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                client.deliver(target, event())

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                assert in_child(lambda: client.deliver(target, event()).delivered)
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def test_a_child_with_a_loop_of_its_own() -> None:
    with receiver() as there:
        client, target = AsyncClient(**OPEN), endpoint(there.url)
        assert asyncio.run(client.deliver(target, event())).delivered
        assert in_child(lambda: asyncio.run(client.deliver(target, event())).delivered)


def test_a_child_that_only_exits() -> None:
    with receiver() as there:
        client = Client(**OPEN)
        assert client.deliver(endpoint(there.url), event()).delivered
        pid = os.fork()
        if pid == 0:
            del client
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        assert status == 0


def _deliver(url: str) -> bool:
    return SHARED_CLIENT.deliver(endpoint(url), event()).delivered


SHARED_CLIENT = Client(**OPEN)


def test_multiprocessing() -> None:
    with receiver() as there:
        assert _deliver(there.url)
        with multiprocessing.get_context("fork").Pool(3) as pool:
            results = pool.map_async(_deliver, [there.url] * 12)
            assert results.get(timeout=30) == [True] * 12
        assert len(there.requests) == 13


APP = """
import os, sys
sys.path.insert(0, {tests!r})
from hookseal import Client
from support import endpoint, event

client = Client(allow_http=True, allow_private=True)
target = endpoint(os.environ["TARGET"])
assert client.deliver(target, event()).delivered  # in the master, before it forks

def app(environ, start_response):
    delivered = client.deliver(target, event()).delivered
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"{{delivered}} {{os.getpid()}}".encode()]
"""


def test_gunicorn_with_preload(tmp_path: Path) -> None:
    (tmp_path / "preloaded.py").write_text(APP.format(tests=str(Path(__file__).parent)))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with receiver() as there:
        command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--timeout", "20"]
        server = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}", "--no-control-socket", "preloaded:app"],
            cwd=tmp_path,
            env={**os.environ, "TARGET": there.url},
            stderr=subprocess.PIPE,
        )
        try:
            assert server.stderr is not None
            workers = 0
            while workers < 2:
                line = server.stderr.readline()
                assert line, "gunicorn ended"
                workers += b"Booting worker" in line
            answers = [fetch(port) for _ in range(10)]
        finally:
            server.terminate()
            _, rest = server.communicate(timeout=30)
        assert [answer.split()[0] for answer in answers] == ["True"] * 10
        assert server.pid not in [int(answer.split()[1]) for answer in answers]
        assert b"Traceback" not in rest
        assert len(there.requests) == 11


def fetch(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as response:
        content: bytes = response.read()
    return content.decode()
