"""The durable sender for asyncio."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import uvloop

from hookseal import AsyncSender, ConfigError, Notice, Sender, StoreError, Webhook
from sender_support import NO_RETRY, OPEN
from support import receiver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

RUNNERS = {
    "asyncio": asyncio.run,
    "uvloop": uvloop.run,
    "anyio": lambda work: anyio.run(lambda: work),
}


@pytest.fixture(params=RUNNERS)
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, None]], None]:
    runner: Callable[[Coroutine[Any, Any, None]], None] = RUNNERS[request.param]
    return runner


def test_sent_and_delivered(run: Callable[[Coroutine[Any, Any, None]], None], store: str) -> None:
    async def work() -> None:
        async with AsyncSender(store, **OPEN) as sender:
            endpoint = await sender.endpoints.create(there.url, name="CRM")
            assert endpoint.secret is not None
            messages = await asyncio.gather(*(sender.send("thing.made", {"n": n}) for n in range(50)))
            assert await sender.wait_idle(timedelta(seconds=20))
            headers, body = there.requests[0]
            assert Webhook(endpoint.secret).verify(body, headers).type == "thing.made"
            assert {h["webhook-id"] for h, _ in there.requests} == {message.id for message in messages}
            assert repr(sender).startswith(f"<AsyncSender '{store.split(':')[0]}:")

    with receiver() as there:
        run(work())


def test_every_call(store: str, tmp_path: Path) -> None:
    async def work() -> None:
        begun = datetime.now(timezone.utc) - timedelta(seconds=1)
        async with AsyncSender(store, provider="webkasa", **OPEN) as sender:
            endpoint = await sender.endpoints.create(there.url, allow_http=True, retry=NO_RETRY)
            results = await sender.send_many([{"type": "booking.created", "data": {}}])
            assert len(results) == 1
            assert await sender.wait_idle(20)
            page = await sender.deliveries.list(status="failed", limit=5)
            delivery = await sender.deliveries.get(page.items[0].id)
            assert delivery.response_code == 500
            assert await sender.deliveries.retry(delivery.id) > delivery.id
            assert await sender.wait_idle(20)
            assert not await sender.deliveries.cancel(delivery.id)
            job = await sender.deliveries.retry_failed(begun)
            assert (await sender.jobs.get(job.id)).total == 1
            (tested,) = await sender.send_test(endpoint.id)
            assert tested.delivered
            assert sender.example("booking.created").type == "booking.created"
            assert (await sender.endpoints.get(endpoint.id)).id == endpoint.id
            assert (await sender.endpoints.update(endpoint.id, name="Till")).name == "Till"
            assert await sender.endpoints.disable(endpoint.id)
            assert await sender.endpoints.enable(endpoint.id)
            assert await sender.endpoints.rotate_secret(endpoint.id)
            assert len((await sender.endpoints.list()).items) == 1
            message = await sender.messages.get(delivery.message)
            assert message.body == delivery.body
            assert await sender.messages.expunge(message.id)
            assert (await sender.usage()).credits == 0
            assert (await sender.stats()).sent == 1
            assert "hookseal_in_flight" in await sender.prometheus()
            assert await sender.export(tmp_path / "log.jsonl") == 3
            await sender.endpoints.delete(endpoint.id)

    with receiver(lambda n: (500 if n == 1 else 200, {}, b"")) as there:
        asyncio.run(work())


def test_the_loop_runs_while_one_waits(store: str) -> None:
    async def work() -> None:
        async with AsyncSender(store, **OPEN) as sender:
            await sender.endpoints.create(there.url)
            await sender.send("thing.made", {})
            waiting = asyncio.create_task(sender.wait_idle())
            for _ in range(20):
                await asyncio.sleep(0.01)
            assert not waiting.done()
            there.hold.set()
            assert await waiting

    with receiver(hangs=True) as there:
        asyncio.run(work())


def test_cancelling(store: str) -> None:
    async def work() -> None:
        sender = AsyncSender(store)
        await sender.endpoints.create("https://example.com/")
        await sender.send("thing.made", {})
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(sender.wait_idle(), 0.2)
        assert (await sender.stats()).pending == 1
        await sender.close()

    asyncio.run(work())


def test_errors(store: str, tmp_path: Path) -> None:
    async def work() -> None:
        with pytest.raises(StoreError):
            AsyncSender(f"sqlite:{tmp_path}/missing/hooks.db")
        sender = AsyncSender(store)
        wrong: Any = sender
        calls: list[Callable[[], Any]] = [
            lambda: wrong.send(1, {}),
            lambda: wrong.endpoints.get("1"),
            lambda: wrong.endpoints.update(1, colour="red"),
        ]
        for call in calls:
            with pytest.raises(ConfigError) as error:
                await call()
            assert error.value.code == "invalid_argument"
        with pytest.raises(ConfigError):
            wrong.on("endpoint.gone", print)
        with pytest.raises(ConfigError) as missing:
            await sender.endpoints.get(1)
        assert missing.value.code == "not_found"
        await sender.close()
        with pytest.raises(ConfigError) as closed:
            await sender.send("thing.made", {})
        assert closed.value.code == "closed"

    asyncio.run(work())


def test_callbacks_run_in_the_loop_and_are_called_again(store: str) -> None:
    async def work() -> None:
        complaints: list[dict[str, Any]] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        seen: list[Notice] = []
        done = asyncio.Event()

        async def tell(notice: Notice) -> None:
            assert asyncio.get_running_loop() is loop
            seen.append(notice)
            if len(seen) == 1:
                raise ValueError("not today")
            if len(seen) == 3:
                done.set()

        async with sender:
            sender.on("delivery.failed", tell)
            await sender.endpoints.create(there.url, retry=NO_RETRY, ordered=True)
            for n in range(2):
                await sender.send("thing.made", {"n": n})
            await asyncio.wait_for(done.wait(), 20)
        assert [notice.seq - seen[0].seq for notice in seen] == [0, 0, 1]
        assert [type(complaint["exception"]) for complaint in complaints] == [ValueError]

    with receiver(lambda _: (500, {}, b"")) as there:
        sender = AsyncSender(store, **OPEN)
        asyncio.run(work())


def test_iterating_over_notices(store: str) -> None:
    async def work() -> None:
        async with AsyncSender(store, **OPEN) as sender:
            await sender.endpoints.create(there.url, retry=NO_RETRY)
            for n in range(2):
                await sender.send("thing.made", {"n": n})
            seen = []
            async for notice in sender.notices():
                seen.append(notice.kind)
                if len(seen) == 2:
                    break
            assert seen == ["delivery.failed"] * 2

    with receiver(lambda _: (500, {}, b"")) as there:
        asyncio.run(work())


def test_a_callback_may_close_the_sender(store: str) -> None:
    async def work() -> None:
        closed = asyncio.Event()

        async def tell(_: Notice) -> None:
            await sender.close()
            closed.set()

        sender = AsyncSender(store, **OPEN)
        sender.on("delivery.failed", tell)
        await sender.start()
        await sender.endpoints.create(there.url, retry=NO_RETRY)
        await sender.send("thing.made", {})
        await asyncio.wait_for(closed.wait(), 20)

    with receiver(lambda _: (500, {}, b"")) as there:
        asyncio.run(work())


def test_callbacks_before_there_is_a_loop(store: str) -> None:
    seen: list[Notice] = []
    sender = AsyncSender(store, **OPEN)
    sender.on("delivery.failed", seen.append)

    async def work() -> None:
        async with sender:
            await sender.endpoints.create(there.url, retry=NO_RETRY)
            await sender.send("thing.made", {})
            for _ in range(500):
                if seen:
                    break
                await asyncio.sleep(0.02)

    with receiver(lambda _: (500, {}, b"")) as there:
        asyncio.run(work())
    assert len(seen) == 1


@pytest.mark.parametrize("leave", ["return", "raise SystemExit(0)", "import os; os.kill(os.getpid(), 2)"])
def test_exit_without_closing(store: str, leave: str) -> None:
    code = f"""
import asyncio, sys
from hookseal import AsyncSender

async def work():
    sender = AsyncSender(sys.argv[1], allow_http=True, allow_private=True)
    await sender.start()
    sender.on("delivery.failed", print)
    await asyncio.gather(*(sender.send("thing.made", n) for n in range(20)))
    tasks = [asyncio.create_task(sender.send("thing.made", n)) for n in range(20)]
    await asyncio.sleep(0)
    {leave}

try:
    asyncio.run(work())
except KeyboardInterrupt:
    pass
"""
    with receiver() as there:
        sender = Sender(store, **OPEN)
        sender.endpoints.create(there.url)
        sender.close()
        for turn in range(1, 4):
            done = subprocess.run(
                [sys.executable, "-c", code, store], capture_output=True, timeout=60, check=False
            )
            assert (done.returncode, done.stderr) == (0, b"")
            with Sender(store, **OPEN) as sender:
                assert sender.wait_idle(20)
            assert len({h["webhook-id"] for h, _ in there.requests}) >= 20 * turn


def test_many_sends_do_not_hold_up_the_loop(store: str) -> None:
    async def work() -> None:
        async with AsyncSender(store) as sender:
            begun = time.monotonic()
            await asyncio.gather(*(sender.send("thing.made", {"n": n}) for n in range(1000)))
            assert time.monotonic() - begun < 10
            assert (await sender.stats()).commits < 1000

    asyncio.run(work())
