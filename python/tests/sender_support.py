"""What the tests of the senders share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hookseal import RetryPolicy, Sender

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPEN: Any = {"allow_http": True, "allow_private": True}
NO_RETRY = RetryPolicy([])


def store(directory: Path) -> str:
    """The url of a store in this directory."""
    return f"sqlite:{directory / 'hooks.db'}"


def opened(directory: Path, **options: Any) -> Sender:
    """A sender that may deliver to this machine."""
    return Sender(store(directory), **OPEN, **options)


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until the condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)
