"""What the tests of the inboxes share."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from hookseal import Event, Handling, Inbox, RetryPolicy, Webhook

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOK = Webhook(SECRET)
SOON = RetryPolicy([0.1, 0.1])


def request(id: str, data: Any = None, type: str = "thing.made") -> tuple[bytes, dict[str, str]]:
    """Body and headers of an event as the vendor sends it."""
    body = json.dumps({"type": type, "data": {} if data is None else data}).encode()
    return body, WEBHOOK.sign(body, id=id)


class Seen:
    """A handler that notes what it gets."""

    def __init__(self, what: Callable[[Event, Handling], object] = lambda *_: None) -> None:
        self.tries: list[tuple[str | None, int]] = []
        self.keys: dict[str | None, set[str]] = {}
        self._what = what

    def __call__(self, event: Event, handling: Handling) -> None:
        self.tries.append((event.id, handling.number))
        self.keys.setdefault(event.id, set()).add(handling.idempotency_key)
        self._what(event, handling)

    def ids(self) -> list[str | None]:
        return [id for id, _ in self.tries]


def until_status(inbox: Inbox, id: str, status: str) -> None:
    deadline = time.monotonic() + 30
    while inbox.events.get(id).status != status:
        assert time.monotonic() < deadline, inbox.events.get(id)
        time.sleep(0.02)
