"""The inbox: what is received is handled once, again if it fails, in order if asked, and can be looked at."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from hookseal import (
    AsyncInbox,
    ConfigError,
    Discard,
    Event,
    Handling,
    HooksealError,
    Inbox,
    RetryIn,
    RetryPolicy,
    Sender,
    StoreError,
    VerificationError,
)
from inbox_support import SOON, WEBHOOK, Seen, request, until_status

if TYPE_CHECKING:
    from collections.abc import Callable


def test_an_event_is_stored_and_handled_once(store: str) -> None:
    seen = Seen()
    with Inbox(store, WEBHOOK) as inbox:
        inbox.on("thing.*")(seen)
        body, headers = request("a", {"n": 1})
        first = inbox.receive(body, headers)
        assert (first.id, first.duplicate) == ("a", False)
        with ThreadPoolExecutor(8) as threads:
            again = list(threads.map(lambda _: inbox.receive(body, WEBHOOK.sign(body, id="a")), range(32)))
        assert all(receipt.duplicate for receipt in again)
        assert inbox.wait_idle(30)
        assert seen.tries == [("a", 1)]
        event = inbox.events.get("a")
        assert (event.status, event.type, event.try_count, event.body) == ("handled", "thing.made", 1, body)
        assert event.tries is not None
        assert event.tries[0].succeeded
        stats = inbox.stats()
        assert (stats.received, stats.duplicates, stats.handled, stats.pending) == (1, 32, 1, 0)
        assert 'hookseal_inbox_events_total{result="handled"} 1' in inbox.prometheus()


def test_what_is_not_verified_never_reaches_the_store() -> None:
    inbox = Inbox("memory:", WEBHOOK, max_body=100)
    body, headers = request("a")
    with pytest.raises(VerificationError) as refused:
        inbox.receive(body + b" ", headers)
    assert refused.value.code == "signature_mismatch"
    with pytest.raises(VerificationError) as refused:
        inbox.receive(*request("b", "x" * 100))
    assert (refused.value.code, refused.value.http_status) == ("request_too_large", 413)
    old = datetime.now(timezone.utc) + timedelta(hours=1)
    with pytest.raises(VerificationError) as refused:
        inbox.receive(body, headers, now=old)
    assert refused.value.code == "timestamp_too_old"
    assert inbox.events.list().items == []
    inbox.close()
    with pytest.raises(ConfigError) as closed:
        inbox.receive(body, headers)
    assert closed.value.code == "closed"


def test_a_handler_that_fails_is_tried_again_and_then_waits_for_somebody(store: str) -> None:
    broken = True

    def fail(_: Event, handling: Handling) -> None:
        if broken:
            raise ValueError(f"no seats in try {handling.number}")

    seen = Seen(fail)
    told: list[tuple[str, str | None]] = []
    with Inbox(store, WEBHOOK, retry=SOON) as inbox:
        inbox.on("*")(seen)
        inbox.on_notice("event.failed", lambda notice: told.append((notice.id, notice.error)))
        inbox.on_notice("event.recovered", lambda notice: told.append((notice.id, notice.kind)))
        inbox.receive(*request("a"))
        assert inbox.wait_idle(30)
        assert seen.tries == [("a", 1), ("a", 2), ("a", 3)]
        event = inbox.events.get("a")
        assert (event.status, event.error_code) == ("failed", "handler_failed")
        assert [one.error for one in event.tries or []] == [
            f"ValueError: no seats in try {n}" for n in (1, 2, 3)
        ]
        assert [item.id for item in inbox.events.list(status="failed", type="thing.*").items] == ["a"]
        assert inbox.events.list(status="handled").items == []

        broken = False
        job = inbox.events.retry_failed(datetime.now(timezone.utc) - timedelta(hours=1), type="thing.made")
        until_status(inbox, "a", "handled")
        assert inbox.jobs.get(job.id).total == 1
        deadline = time.monotonic() + 20
        while len(told) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert told == [("a", "ValueError: no seats in try 3"), ("a", "event.recovered")]
    assert [len(keys) for keys in seen.keys.values()] == [1]


def test_a_handler_may_ask_for_another_try_or_for_none(store: str) -> None:
    began = time.monotonic()
    at: list[float] = []

    with Inbox(store, WEBHOOK) as inbox:

        @inbox.on("later")
        def later(_: Event, handling: Handling) -> None:
            at.append(time.monotonic() - began)
            if handling.number == 1:
                raise RetryIn(timedelta(seconds=0.3), "the seats are locked")

        @inbox.on("never")
        def never(_: Event) -> None:
            raise Discard("nobody sits there any more")

        inbox.receive(*request("a", type="later"))
        inbox.receive(*request("b", type="never"))
        inbox.receive(*request("c", type="unknown"))
        assert inbox.wait_idle(30)
        assert at[1] - at[0] >= 0.3
        tries = {id: inbox.events.get(id).tries or [] for id in "abc"}
        assert [one.error for one in tries["a"]] == ["the seats are locked", None]
        assert [(one.error, one.error_code) for one in tries["b"]] == [
            ("nobody sits there any more", "discarded")
        ]
        assert [one.error_code for one in tries["c"]] == ["no_handler"]
        assert {inbox.events.get(id).status for id in "bc"} == {"discarded"}


def test_an_async_handler_is_cancelled_when_its_time_is_over() -> None:
    ended: list[str] = []

    with Inbox("memory:", WEBHOOK, timeout=0.2, retry=RetryPolicy([])) as inbox:

        @inbox.on("*")
        async def hang(_: Event) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ended.append(threading.current_thread().name)

        inbox.receive(*request("a"))
        assert inbox.wait_idle(30)
        assert inbox.events.get("a").error_code == "timeout"
        deadline = time.monotonic() + 10
        while not ended and time.monotonic() < deadline:
            time.sleep(0.01)
    assert ended == ["hookseal-loop"]


def test_a_thread_that_is_late_is_not_overtaken_by_the_next_try() -> None:
    inside = 0
    most = 0

    with Inbox("memory:", WEBHOOK, timeout=0.3, retry=RetryPolicy([0.1])) as inbox:

        @inbox.on("*")
        def late(_: Event, handling: Handling) -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            if handling.number == 1:
                time.sleep(0.5)
            inside -= 1

        inbox.receive(*request("a"))
        assert inbox.wait_idle(30)
        assert inbox.events.get("a").status == "handled"
    assert most == 1


def test_one_that_hangs_holds_up_nobody_else() -> None:
    go = threading.Event()
    seen = Seen()
    with Inbox("memory:", WEBHOOK, timeout=60) as inbox:
        inbox.on("slow")(lambda _: go.wait(30))
        inbox.on("*")(seen)
        inbox.receive(*request("slow", type="slow"))
        for n in range(20):
            inbox.receive(*request(f"e{n}"))
        until_status(inbox, "e19", "handled")
        assert inbox.events.get("slow").status == "pending"
        go.set()
        assert inbox.wait_idle(30)
    assert len(seen.tries) == 20


def test_events_of_a_key_are_handled_in_order(store: str) -> None:
    order: list[tuple[str, int]] = []

    def key(event: Event) -> str | None:
        room: str | None = event.data.get("room")
        return room

    inbox = Inbox(store, WEBHOOK, order_by=key, retry=SOON)
    for n in range(12):
        inbox.receive(*request(f"e{n}", {"room": f"room {n % 3}", "n": n}))

    @inbox.on("*")
    def handle(event: Event, handling: Handling) -> None:
        if event.data["n"] == 0 and handling.number == 1:
            raise ValueError("once")
        order.append((event.data["room"], event.data["n"]))

    with inbox:
        assert inbox.wait_idle(30)
    for room in range(3):
        assert [n for name, n in order if name == f"room {room}"] == list(range(room, 12, 3))


def test_a_key_that_fails_refuses_the_request() -> None:
    def key(event: Event) -> str:
        room: str = event.data["room"]
        return room

    inbox = Inbox("memory:", WEBHOOK, order_by=key)
    with pytest.raises(KeyError):
        inbox.receive(*request("a"))
    wrong: Any = lambda _: 7  # noqa: E731
    with pytest.raises(ConfigError, match="a str or None"):
        Inbox("memory:", WEBHOOK, order_by=wrong).receive(*request("a"))
    assert inbox.events.list().items == []


def test_only_what_was_verified_is_asked_for_its_key() -> None:
    shown: list[Event] = []

    def key(event: Event) -> None:
        shown.append(event)
        raw[:] = b" " * len(raw)

    inbox = Inbox("memory:", WEBHOOK, order_by=key, max_body=50_000)
    raw = bytearray()
    body, headers = request("a")
    large = request("b", "x" * 50_000)
    for refused, given, code in (
        (body + b" ", headers, "signature_mismatch"),
        (body, {}, "missing_header"),
        (*large, "request_too_large"),
    ):
        with pytest.raises(VerificationError) as error:
            inbox.receive(refused, given)
        assert error.value.code == code
    assert shown == []
    for id, padding in (("small", ""), ("large", "x" * 40_000)):
        body, headers = request(id, padding)
        raw = bytearray(body)
        inbox.receive(raw, headers)
        assert (shown[-1].id, shown[-1].body) == (id, body)
        assert inbox.events.get(id).body == body


def test_the_log_is_steered_and_written() -> None:
    inbox = Inbox("memory:", WEBHOOK)
    for n in range(3):
        inbox.receive(*request(f"e{n}"))
    page = inbox.events.list(limit=2)
    assert [event.id for event in page.items] == ["e2", "e1"]
    assert [event.id for event in inbox.events.list(cursor=page.cursor).items] == ["e0"]
    assert inbox.events.discard("e0")
    assert not inbox.events.discard("e0")
    assert inbox.events.expunge("e1")
    assert inbox.events.get("e1").body is None
    assert inbox.receive(*request("e1")).duplicate
    file = io.BytesIO()
    assert inbox.events.export(file, status="discarded") == 2
    assert {json.loads(line)["id"] for line in file.getvalue().splitlines()} == {"e0", "e1"}
    for call in (inbox.events.get, inbox.events.retry, inbox.events.discard, inbox.events.expunge):
        with pytest.raises(ConfigError) as missing:
            call("nothing")
        assert missing.value.code == "not_found"


def test_async_handlers_run_on_the_loop_that_started_it(store: str) -> None:
    async def main() -> None:
        loops: list[bool] = []
        told: list[str] = []
        here = asyncio.get_running_loop()
        async with AsyncInbox(store, WEBHOOK, retry=SOON) as inbox:

            @inbox.on("good.*")
            async def handle(_: Event) -> None:
                loops.append(asyncio.get_running_loop() is here)

            @inbox.on("bad")
            def fail(_: Event) -> None:
                raise ValueError(threading.current_thread().name)

            async def tell(notice: Any) -> None:
                told.append(notice.id)

            inbox.on_notice("event.failed", tell)
            receipts = await asyncio.gather(
                *(inbox.receive(*request("a", type="good.one")) for _ in range(8))
            )
            assert sum(not receipt.duplicate for receipt in receipts) == 1
            await inbox.receive(*request("b", type="bad"))
            assert await inbox.wait_idle(30)
            assert loops == [True]
            event = await inbox.events.get("b")
            assert [one.error for one in event.tries or []] == ["ValueError: hookseal-handler"] * 3
            for _ in range(500):
                if told:
                    break
                await asyncio.sleep(0.02)
            assert told == ["b"]
            assert [item.id for item in (await inbox.events.list(status="handled")).items] == ["a"]
            await inbox.events.retry("a")
            assert await inbox.wait_idle(30)
            assert loops == [True, True]

    asyncio.run(main())


def test_closing_waits_for_handlers_and_the_rest_comes_back(store: str) -> None:
    began = threading.Event()
    done: list[str | None] = []

    inbox = Inbox(store, WEBHOOK, concurrency=1)

    @inbox.on("*")
    def handle(event: Event) -> None:
        began.set()
        time.sleep(0.3)
        done.append(event.id)

    for n in range(3):
        inbox.receive(*request(f"e{n}"))
    inbox.start()
    assert began.wait(20)
    inbox.close()
    finished = list(done)
    assert 1 <= len(finished) < 3
    seen = Seen()
    again = Inbox(store, WEBHOOK)
    again.on("*")(seen)
    with again:
        assert again.wait_idle(30)
    assert sorted(str(id) for id in [*finished, *seen.ids()]) == ["e0", "e1", "e2"]


def nothing_of(_: Event) -> None: ...


def nothing() -> None: ...


def three(a: object, b: object, c: object) -> None: ...


@pytest.mark.parametrize("handler", [None, "text", nothing, three])
def test_what_is_no_handler_is_refused(handler: Any) -> None:
    inbox = Inbox("memory:", WEBHOOK)
    with pytest.raises(ConfigError) as refused:
        inbox.on("*")(handler)
    assert refused.value.code == "invalid_argument"


def test_a_handler_that_forgets_to_be_async_is_told() -> None:
    async def work(_: Event) -> None: ...

    with Inbox("memory:", WEBHOOK, retry=RetryPolicy([])) as inbox:
        inbox.on("*")(lambda event: work(event))
        inbox.receive(*request("a"))
        assert inbox.wait_idle(30)
        assert "async def" in ((inbox.events.get("a").tries or [])[0].error or "")


@pytest.mark.parametrize(
    "open",
    [
        lambda: Inbox("nowhere:", WEBHOOK),
        lambda: Inbox("memory:", WEBHOOK, concurrency=0),
        lambda: Inbox("memory:", WEBHOOK, timeout=0),
        lambda: Inbox("memory:", "whsec_text"),  # type: ignore[arg-type]
        lambda: Inbox("memory:", WEBHOOK, retry=[1]),  # type: ignore[arg-type]
        lambda: Inbox("memory:", WEBHOOK, retention={"held": 1}),  # type: ignore[arg-type]
        lambda: Inbox("memory:", WEBHOOK, order_by=7),  # type: ignore[arg-type]
        lambda: Inbox("memory:", WEBHOOK).on("")(nothing_of),
    ],
)
def test_options_that_make_no_sense_are_refused(open: Callable[[], Any]) -> None:
    with pytest.raises(HooksealError) as refused:
        open()
    assert refused.value.code == "invalid_argument"


def test_a_senders_store_is_not_an_inboxs(store: str) -> None:
    Sender(store).close()
    with pytest.raises(StoreError) as refused:
        Inbox(store, WEBHOOK)
    assert refused.value.code == "store_schema"
