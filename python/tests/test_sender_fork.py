"""A sender and ``fork``: the child opens the store anew, and nothing that either of them sent is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from sender_support import one_delivers, opened, until
from support import receiver

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this platform")


def forked(work: Callable[[], object]) -> int:
    """The id of a child that does the work and ends; its exit code is 0 if that went well."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def ended_well(pid: int) -> bool:
    """Whether the child did; one that hangs is ended."""
    for _ in range(3000):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def test_a_child_sends_and_the_parent_delivers(store: str) -> None:
    with receiver() as there, opened(store) as sender:
        sender.endpoints.create(there.url)
        sender.send("thing.made", {}, id="parent")
        assert ended_well(forked(lambda: sender.send("thing.made", {}, id="child")))
        sender.send("thing.made", {}, id="parent-again")
        until(lambda: len(there.requests) == 3)
        assert sender.wait_idle(20)
        assert {headers["webhook-id"] for headers, _ in there.requests} == {"parent", "child", "parent-again"}


def test_what_a_child_sends_after_its_parent_closed_is_kept(store: str) -> None:
    sender = opened(store)
    sender.endpoints.create("https://example.com/")
    closed_read, closed_write = os.pipe()
    sent_read, sent_write = os.pipe()

    def child() -> None:
        sender.send("thing.made", {}, id="before")
        os.write(sent_write, b"1")
        os.read(closed_read, 1)
        sender.send("thing.made", {}, id="after")
        os.write(sent_write, b"2")
        time.sleep(60)

    pid = forked(child)
    assert os.read(sent_read, 1) == b"1"
    sender.close()
    os.write(closed_write, b"1")
    assert os.read(sent_read, 1) == b"2"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

    again = opened(store)
    assert [delivery.message for delivery in again.deliveries.list().items] == ["after", "before"]
    again.close()


def test_another_takes_over_while_a_child_of_the_dead_one_lives(store: str) -> None:
    with receiver() as there:
        sender = opened(store)
        sender.endpoints.create(there.url)
        sender.close()
        read, write = os.pipe()

        def first() -> None:
            with opened(store) as sender:
                until(lambda: sender.stats().dispatching)
                sender.send("thing.made", {})
                assert sender.wait_idle(20)
                grandchild = forked(lambda: time.sleep(60))
                os.write(write, str(grandchild).encode())
                time.sleep(60)

        pid = forked(first)
        grandchild = int(os.read(read, 20))
        with opened(store) as second:
            if one_delivers(store):
                time.sleep(0.3)
                assert not second.stats().dispatching
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            second.send("thing.made", {})
            until(lambda: second.stats().dispatching)
            assert second.wait_idle(20)
        os.kill(grandchild, signal.SIGKILL)
        assert len(there.requests) == 2


def test_forks_while_threads_send(store: str) -> None:
    with receiver() as there, opened(store) as sender:
        sender.endpoints.create(there.url)
        stop = threading.Event()
        sent: list[str] = []

        def work() -> None:
            while not stop.is_set():
                sent.append(sender.send("thing.made", {}).id)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for n in range(20):
                assert ended_well(forked(lambda n=n: sender.send("thing.made", {}, id=f"child-{n}"))), n  # type: ignore[misc]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert sender.wait_idle(60)
        arrived = {headers["webhook-id"] for headers, _ in there.requests}
        assert arrived == set(sent) | {f"child-{n}" for n in range(20)}


def test_a_started_child(store: str) -> None:
    with receiver() as there:
        sender = opened(store)
        sender.endpoints.create(there.url)
        sender.send("thing.made", {})

        def child() -> None:
            with sender:
                assert sender.wait_idle(20)

        assert ended_well(forked(child))
        assert len(there.requests) == 1
        assert sender.wait_idle(20)
        sender.close()


def test_a_child_that_only_exits_or_closes(store: str) -> None:
    with opened(store) as sender:
        sender.endpoints.create("https://example.com/")
        assert ended_well(forked(lambda: None))
        assert ended_well(forked(sender.close))
        assert sender.send("thing.made", {}).deliveries
