"""Claims on events, on each store, and what the adapters do with them."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from hookseal import (
    AsyncDeduplicator,
    ConfigError,
    Deduplicator,
    Event,
    Provider,
    StoreError,
    VerificationError,
)
from sender_support import schema, server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROVIDER = Provider.builtin("webkasa")


def event(id: str | None = None) -> Event:
    return PROVIDER.event("booking.created", {}, id=id or uuid.uuid4().hex)


@pytest.fixture(params=["memory", "sqlite", "postgres", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A store of the test's own."""
    if request.param == "memory":
        yield "memory:"
    elif request.param == "sqlite":
        yield f"sqlite:{tmp_path / 'seen.db'}"
    elif request.param == "postgres":
        with schema() as name:
            yield f"{server()}?hookseal_schema={name}"
    else:
        yield f"{os.environ['HOOKSEAL_TEST_REDIS']}?hookseal_prefix={uuid.uuid4().hex}:"


def refusal(dedup: Deduplicator, what: Event) -> VerificationError | None:
    """Why an event cannot be claimed, if it cannot; it is done if it can."""
    try:
        dedup.claim(what).done()
    except VerificationError as error:
        return error
    return None


def code(dedup: Deduplicator, what: Event) -> str:
    with pytest.raises(VerificationError) as error:
        dedup.claim(what)
    return error.value.code


def test_once_done_it_is_a_duplicate(url: str) -> None:
    with Deduplicator(url) as dedup:
        one = event()
        with dedup.claim(one) as claim:
            assert code(dedup, one) == "event_in_progress"
            claim.extend()
        assert code(dedup, one) == "duplicate_event"
        claim.release()
        assert code(dedup, one) == "duplicate_event"


def test_what_is_in_progress_says_when_to_come_back(url: str) -> None:
    with Deduplicator(url, lease=30) as dedup:
        one = event()
        _held = dedup.claim(one)
        with pytest.raises(VerificationError) as error:
            dedup.claim(one)
        assert error.value.http_status == 503
        assert error.value.retry_after is not None
        assert 20 <= error.value.retry_after <= 30


def test_what_raises_or_is_dropped_is_free(url: str) -> None:
    with Deduplicator(url) as dedup:
        one = event()
        with pytest.raises(RuntimeError, match="oh"), dedup.claim(one):
            raise RuntimeError("oh")
        claim = dedup.claim(one)
        claim.release()
        claim = dedup.claim(one)
        del claim
        gc.collect()
        until = time.monotonic() + 10
        while (refused := refusal(dedup, one)) is not None:
            assert refused.code == "event_in_progress"
            assert time.monotonic() < until
            time.sleep(0.01)


def test_a_stalled_holder_is_told(url: str) -> None:
    with Deduplicator(url, lease=0.3) as dedup:
        one = event()
        stalled = dedup.claim(one)
        time.sleep(0.4)
        dedup.claim(one).done()
        with pytest.raises(StoreError) as error, stalled:
            pass
        assert error.value.code == "claim_lost"
        assert code(dedup, one) == "duplicate_event"


def test_of_many_threads_one_gets_it(url: str) -> None:
    with Deduplicator(url) as dedup:
        one, barrier, refused = event(), threading.Barrier(32), []

        def race() -> None:
            barrier.wait()
            refused.append(refusal(dedup, one))

        threads = [threading.Thread(target=race) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert refused.count(None) == 1
        assert {error.code for error in refused if error} <= {"event_in_progress", "duplicate_event"}


def test_asyncio(url: str) -> None:
    async def main() -> None:
        async with AsyncDeduplicator(url) as dedup:
            one, other = event(), event()
            async with dedup.claim(one) as claim:
                await claim.extend()
                with pytest.raises(VerificationError) as error:
                    await dedup.claim(one)
                assert error.value.code == "event_in_progress"
            with pytest.raises(VerificationError) as error:
                async with dedup.claim(one):
                    raise AssertionError("it is a duplicate")
            assert error.value.code == "duplicate_event"
            with pytest.raises(RuntimeError, match="oh"):
                async with dedup.claim(other):
                    raise RuntimeError("oh")
            claim = await dedup.claim(other)
            await claim.release()
            won = await asyncio.gather(
                *(dedup.claim(other)._begin() for _ in range(20)), return_exceptions=True
            )
            assert sum(not isinstance(each, BaseException) for each in won) == 1

    asyncio.run(main())


def test_a_child_opens_it_anew(url: str) -> None:
    if url == "memory:":
        pytest.skip("a child has a memory of its own")
    with Deduplicator(url) as dedup:
        one, other = event("a"), event("b")
        held = dedup.claim(one)
        child = os.fork()
        if child == 0:
            try:
                # What the parent holds is not released by its copy.
                del held
                gc.collect()
                in_progress = code(dedup, one) == "event_in_progress"
                dedup.claim(other).done()
                os._exit(0 if in_progress else 1)
            except BaseException:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert code(dedup, other) == "duplicate_event"
        held.done()
        assert code(dedup, one) == "duplicate_event"


def test_what_makes_no_sense() -> None:
    for refused in ("", "memory", "mysql://h/d"):
        with pytest.raises(ConfigError):
            Deduplicator(refused)
    with pytest.raises(ConfigError):
        Deduplicator("memory:", lease=0)
    with pytest.raises(ConfigError):
        Deduplicator("memory:", capacity=0)
    with pytest.raises(StoreError) as error:
        Deduplicator("redis://:hunter2@127.0.0.1:1/0")
    assert error.value.code == "store_unavailable"
    assert "hunter2" not in str(error.value)
    assert "hunter2" not in repr(Deduplicator("memory:"))
    dedup = Deduplicator("memory:", capacity=1)
    _held = dedup.claim(event())
    with pytest.raises(StoreError) as error:
        dedup.claim(event())
    assert error.value.code == "store_full"
    dedup.close()
    with pytest.raises(ConfigError) as closed:
        dedup.claim(event())
    assert closed.value.code == "closed"
