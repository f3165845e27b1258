"""What the owners of endpoints are told: once and for all, whatever happens in between."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from sender_support import NO_RETRY, opened, until
from support import receiver

if TYPE_CHECKING:
    import pytest

    from hookseal import Notice, Sender


def fail(sender: Sender, url: str, times: int) -> int:
    """An endpoint of Kakiyo, whose deliveries fail this often."""
    endpoint = sender.endpoints.create(url, allow_http=True, retry=NO_RETRY, ordered=True)
    for n in range(times):
        sender.send("thing.made", {"n": n})
    assert sender.wait_idle(20)
    return endpoint.id


def test_callbacks(store: str) -> None:
    with receiver(lambda _: (500, {}, b"")) as there, opened(store, provider="kakiyo") as sender:
        disabled: list[Notice] = []
        failed: list[Notice] = []
        threads: set[threading.Thread] = set()

        def tell(notice: Notice) -> None:
            threads.add(threading.current_thread())
            # A callback may use the sender.
            assert sender.endpoints.get(notice.endpoint).status == "disabled"
            disabled.append(notice)

        sender.on("endpoint.disabled", tell)
        sender.on("delivery.failed", failed.append)
        endpoint = fail(sender, there.url, 4)
        until(lambda: len(disabled) == 1 and len(failed) == 4)
        (notice,) = disabled
        assert (notice.kind, notice.endpoint, notice.failures) == ("endpoint.disabled", endpoint, 4)
        assert sender.deliveries.get(notice.delivery).endpoint == endpoint
        assert repr(notice) == f"<Notice {notice.seq} 'endpoint.disabled' endpoint={endpoint}>"
        assert threading.main_thread() not in threads
        shown = sender.endpoints.get(endpoint)
        assert (shown.status, shown.disabled_reason, shown.failures) == ("disabled", "failures", 4)


def test_a_callback_that_raises_is_called_again(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    seen: list[int] = []

    def tell(notice: Notice) -> None:
        seen.append(notice.seq)
        if len(seen) == 1:
            raise ValueError("not today")

    with receiver(lambda _: (500, {}, b"")) as there, opened(store) as sender:
        sender.on("delivery.failed", tell)
        fail(sender, there.url, 2)
        until(lambda: len(seen) == 3)
        assert seen == [seen[0], seen[0], seen[0] + 1]
        assert [type(complaint.exc_value) for complaint in complaints] == [ValueError]


def test_what_was_not_acknowledged_is_told_after_a_restart(store: str) -> None:
    with receiver(lambda _: (500, {}, b"")) as there:
        with opened(store) as sender:
            fail(sender, there.url, 3)
            read = sender.notices()
            first, second = next(read), next(read)
        seen: list[int] = []
        with opened(store) as sender:
            sender.on("delivery.failed", lambda notice: seen.append(notice.seq))
            until(lambda: len(seen) == 2)
            time.sleep(0.5)  # and that is acknowledged
        # The first was acknowledged by asking for the second.
        assert seen == [second.seq, second.seq + 1]
        assert first.seq < second.seq
        with opened(store) as sender:
            threading.Timer(0.3, sender.close).start()
            assert list(sender.notices()) == []


def test_iterating_ends_when_the_sender_is_closed(store: str) -> None:
    with receiver(lambda _: (500, {}, b"")) as there, opened(store) as sender:
        seen: list[str] = []
        thread = threading.Thread(target=lambda: seen.extend(n.kind for n in sender.notices()))
        thread.start()
        fail(sender, there.url, 2)
        until(lambda: len(seen) == 2)
        sender.close()
        thread.join(10)
        assert not thread.is_alive()
        assert seen == ["delivery.failed"] * 2
