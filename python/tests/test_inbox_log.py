"""What an inbox says in Python's log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hookseal import Inbox, RetryPolicy
from inbox_support import WEBHOOK, request, until_status

if TYPE_CHECKING:
    import pytest


def test_it_speaks_of_events(caplog: pytest.LogCaptureFixture) -> None:
    inbox = Inbox("memory:", WEBHOOK, retry=RetryPolicy([]))

    @inbox.on("*")
    def handle(_event: object) -> None:
        raise RuntimeError("no room is left")

    with inbox:
        inbox.receive(*request("one"))
        until_status(inbox, "one", "failed")
        deadline = time.monotonic() + 20
        while not any(message.startswith("event failed") for message in caplog.messages):
            assert time.monotonic() < deadline, caplog.messages
            time.sleep(0.02)
    assert not any(message.startswith("delivery") for message in caplog.messages)
