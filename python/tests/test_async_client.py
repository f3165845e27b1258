"""The client for asyncio against a real server on 127.0.0.1."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import uvloop

from hookseal import AsyncClient, ConfigError, DeliveryError, RetryPolicy
from support import endpoint, event, receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

OPEN: Any = {"allow_http": True, "allow_private": True}

RUNNERS = {
    "asyncio": asyncio.run,
    "uvloop": uvloop.run,
    "anyio": lambda work: anyio.run(lambda: work),
}


@pytest.fixture(params=RUNNERS)
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    runner: Callable[[Coroutine[Any, Any, None]], None] = RUNNERS[request.param]
    return runner


def test_delivered(run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
    async def work() -> None:
        async with AsyncClient(**OPEN) as client:
            delivery = await client.deliver(endpoint(there.url), event())
            assert delivery.delivered
            assert [attempt.response_code for attempt in delivery.attempts] == [204]

    with receiver() as there:
        run(work())


def test_many_at_once_while_the_loop_runs() -> None:
    async def tick(ticks: list[float]) -> None:
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.01)

    async def work() -> None:
        ticks: list[float] = []
        ticking = asyncio.create_task(tick(ticks))
        async with AsyncClient(**OPEN) as client:
            target = endpoint(there.url)
            waiting = [asyncio.create_task(client.deliver(target, event())) for _ in range(50)]
            await asyncio.sleep(0.3)
            assert not any(task.done() for task in waiting)
            assert len(ticks) > 10
            there.hold.set()
            assert all(delivery.delivered for delivery in await asyncio.gather(*waiting))
        ticking.cancel()

    with receiver(hangs=True) as there:
        asyncio.run(work())
    assert len(there.requests) == 50


def test_errors_before_the_first_attempt_are_raised() -> None:
    async def work() -> None:
        client = AsyncClient()
        with pytest.raises(ConfigError) as plain:
            await client.deliver(endpoint("http://example.com/"), event())
        assert plain.value.code == "invalid_url"
        with pytest.raises(DeliveryError) as private:
            await client.deliver(endpoint("https://127.0.0.1/"), event())
        assert private.value.code == "blocked_address"
        wrong: Any
        for wrong in ((None, event()), (endpoint("https://example.com/"), {})):
            with pytest.raises(ConfigError) as error:
                await client.deliver(*wrong)
            assert error.value.code == "invalid_argument"
        async with client:
            pass
        with pytest.raises(ConfigError) as closed:
            await client.deliver(endpoint("https://example.com/"), event())
        assert closed.value.code == "closed"

    asyncio.run(work())
    assert repr(AsyncClient()) == "<AsyncClient>"


def test_cancelling_the_task_cancels_the_delivery() -> None:
    async def work() -> None:
        target = endpoint(there.url, retry=RetryPolicy([0.3, 0.3, 0.3]))
        task = asyncio.create_task(AsyncClient(**OPEN).deliver(target, event()))
        await asyncio.to_thread(there.arrived.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.8)

    with receiver(lambda _: (500, {}, b"")) as there:
        asyncio.run(work())
        assert len(there.requests) == 1


def test_a_timeout_of_asyncio() -> None:
    async def work() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(AsyncClient(**OPEN).deliver(endpoint(there.url), event()), 0.2)

    with receiver(hangs=True) as there:
        asyncio.run(work())


def test_a_loop_that_is_closed_meanwhile() -> None:
    with receiver(hangs=True) as there:
        loop = asyncio.new_event_loop()
        task = loop.create_task(AsyncClient(**OPEN).deliver(endpoint(there.url), event()))
        loop.run_until_complete(asyncio.sleep(0))
        assert there.arrived.wait(10)
        loop.close()
        there.hold.set()
        time.sleep(0.2)
        # Nobody will ever wait for the task; that asyncio complains of it is not our subject.
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        task.get_coro().close()


def test_several_loops_one_after_another() -> None:
    client = AsyncClient(**OPEN)
    with receiver() as there:
        for _ in range(3):
            assert asyncio.run(client.deliver(endpoint(there.url), event())).delivered


@pytest.mark.parametrize("leave", ["return", "raise SystemExit(0)", "import os; os.kill(os.getpid(), 2)"])
def test_exit_while_deliveries_are_under_way(leave: str) -> None:
    code = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from hookseal import AsyncClient
from support import endpoint, event

async def work():
    client = AsyncClient(allow_http=True, allow_private=True)
    tasks = [asyncio.create_task(client.deliver(endpoint(sys.argv[1]), event())) for _ in range(20)]
    await asyncio.sleep(0.01)
    {leave}

try:
    asyncio.run(work())
except KeyboardInterrupt:
    pass
print("left")
"""
    with receiver() as there:
        for _ in range(5):
            done = subprocess.run(
                [sys.executable, "-c", code, there.url], capture_output=True, timeout=60, check=False
            )
            assert (done.returncode, done.stderr) == (0, b"")


def test_exit_of_a_program_that_never_waited() -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from hookseal import Client
from hookseal._native import start_delivery
from support import endpoint, event
client = Client(allow_http=True, allow_private=True)
for _ in range(100):
    start_delivery(client, endpoint(sys.argv[1]), event(), lambda result: [x for x in range(10_000)])
"""
    with receiver() as there:
        for _ in range(5):
            done = subprocess.run(
                [sys.executable, "-c", code, there.url], capture_output=True, timeout=60, check=False
            )
            assert (done.returncode, done.stderr) == (0, b"")
