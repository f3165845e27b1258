"""Senders in processes of their own: killed, one after the other, and at their exit."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sender_support import LEASE, one_delivers, opened, until
from support import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from hookseal import AsyncSender, Sender
from sender_support import *
url = sys.argv[1]
"""


def program(code: str, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEAD + code, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return (line.strip() for line in process.stdout)


SENDS = """
with Sender(url, allow_http=True, allow_private=True) as sender:
    n = 0
    while True:
        print(sender.send("thing.made", {"n": n}).id, flush=True)
        n += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on this platform")
def test_killed_at_any_moment_nothing_is_lost(store: str) -> None:
    sent: set[str] = set()
    with receiver() as there:
        sender = opened(store)
        sender.endpoints.create(there.url)
        sender.close()
        for _ in range(5):
            process = program(SENDS, store)
            sent.add(next(lines(process)))
            time.sleep(random.uniform(0.0, 0.3))
            process.kill()
            rest, _ = process.communicate()
            # The last line may have been cut short.
            sent.update(line for line in rest.splitlines(keepends=False)[:-1])
        with opened(store) as sender:
            assert sender.wait_idle(60)
        bodies: dict[str, set[bytes]] = {}
        for headers, body in there.requests:
            bodies.setdefault(headers["webhook-id"], set()).add(body)
        assert sent <= bodies.keys()
        assert all(len(same) == 1 for same in bodies.values())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on this platform")
def test_another_process_takes_over_when_the_first_dies(store: str) -> None:
    waits = """
sender = Sender(url, allow_http=True, allow_private=True)
sender.start()
until(lambda: sender.stats().dispatching)
print("dispatching", flush=True)
time.sleep(60)
"""
    with receiver() as there:
        sender = opened(store)
        sender.endpoints.create(there.url)
        first = program(waits, store)
        assert next(lines(first)) == "dispatching"
        (one,) = sender.send("thing.made", {}, id="one").deliveries
        until(lambda: sender.deliveries.get(one).status == "delivered")
        sender.start()
        if one_delivers(store):
            time.sleep(0.3)
            assert not sender.stats().dispatching
        first.kill()
        first.communicate()
        begun = time.monotonic()
        sender.send("thing.made", {}, id="two")
        until(lambda: len(there.requests) == 2)
        assert time.monotonic() - begun < 5 + (0 if one_delivers(store) else LEASE)
        assert sender.stats().dispatching
        sender.close()


LEAVE = {
    "return": "",
    "exit": "sys.exit(0)",
    "error": "raise KeyboardInterrupt",
    "callback": "sender.on('delivery.failed', lambda notice: sender.stats())",
    "notices": "from threading import *; Thread(target=lambda: list(sender.notices()), daemon=True).start()",
}


@pytest.mark.parametrize("leave", LEAVE.values(), ids=LEAVE)
def test_a_program_that_forgets_to_close_ends(store: str, leave: str) -> None:
    code = f"""
try:
    sender = Sender(url, allow_http=True, allow_private=True)
    sender.start()
    for n in range(50):
        sender.send("thing.made", {{"n": n}})
    {leave or "pass"}
except KeyboardInterrupt:
    pass
"""
    with receiver() as there:
        sender = opened(store)
        sender.endpoints.create(there.url)
        sender.close()
        process = program(code, store)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")
        with opened(store) as sender:
            assert sender.wait_idle(20)
        assert len({headers["webhook-id"] for headers, _ in there.requests}) == 50


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way there")
def test_ctrl_c_ends_the_waiting(store: str) -> None:
    code = """
sender = Sender(url)
sender.endpoints.create("https://example.com/")
sender.send("thing.made", {})
print("waiting", flush=True)
try:
    sender.wait_idle()
except KeyboardInterrupt:
    print("interrupted", flush=True)
sender.close()
"""
    process = program(code, store)
    output = lines(process)
    assert next(output) == "waiting"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    assert next(output) == "interrupted"
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


def test_what_the_core_says_is_logged(store: str) -> None:
    code = """
import logging
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s", stream=sys.stdout)
with Sender(url, provider="webkasa") as sender:
    until(lambda: sender.stats().dispatching)
    sender.send("no.such.thing", {})
    time.sleep(0.2)
"""
    process = program(code, store)
    out, err = process.communicate(timeout=30)
    assert err == ""
    assert "INFO hookseal this process dispatches epoch=" in out
    assert 'WARNING hookseal the provider has no event of this type event_type="no.such.thing"' in out
