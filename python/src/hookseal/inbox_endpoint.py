"""What the endpoints of an inbox share, whatever the framework: receiving, and what is answered."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

from hookseal._native import refusal
from hookseal.async_inbox import AsyncInbox
from hookseal.exceptions import ConfigError, HooksealError
from hookseal.inbox import Inbox
from hookseal.receiving import Handshake, Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookseal.types import Framework, Headers


class InboxReceiver(Receiver):
    """Receives into an inbox, in frameworks that wait: ``verify`` returns when the event is durable."""

    def __init__(
        self,
        inbox: Inbox | AsyncInbox,
        framework: Framework,
        *,
        url: str | None = None,
        on_refused: Callable[[HooksealError], object] | None = None,
        verify_token: str | None = None,
    ) -> None:
        # It takes headers as they come, which verifiers of one's own do not.
        entrance: Any = self._entrance(inbox)
        super().__init__(entrance, framework, max_body=inbox.max_body, url=url, verify_token=verify_token)
        self._on_refused = on_refused

    def answer(self, ended: HooksealError | Handshake) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body to answer with, or raise what is a mistake of the application."""
        if isinstance(ended, Handshake):
            return ended.answer.status, ended.answer.headers, ended.answer.body
        status, retry_after = refusal(ended.code)
        if isinstance(ended, ConfigError) and retry_after is None:
            raise ended
        if self._on_refused is not None:
            self._on_refused(ended)
        headers = {"content-type": "application/json"}
        if retry_after is not None:
            headers["retry-after"] = str(retry_after)
        return status, headers, f'{{"code":"{ended.code}"}}'.encode()

    def _entrance(self, inbox: object) -> Entrance:
        if isinstance(inbox, AsyncInbox):
            message = "This endpoint waits: give it an Inbox, not an AsyncInbox."
            raise ConfigError(message, "invalid_argument")
        if not isinstance(inbox, Inbox):
            kind = type(inbox).__name__
            raise ConfigError(f"Expected an Inbox, not {kind}: `endpoint(inbox)`.", "invalid_argument")
        return Entrance(inbox)


class AsyncInboxReceiver(InboxReceiver):
    """Receives into an inbox of either kind without holding up the event loop: by ``verify_async``."""

    def _entrance(self, inbox: object) -> Entrance:
        if isinstance(inbox, AsyncInbox):
            return Entrance(inbox)
        return Entrance(super()._entrance(inbox).inbox, in_thread=True)


class Entrance:
    """An inbox as what verifies requests: what it has verified, it has kept."""

    takes_all_headers = True

    def __init__(self, inbox: Inbox | AsyncInbox, *, in_thread: bool = False) -> None:
        self.inbox: Any = inbox
        self.handshake = inbox.webhook.handshake
        self._in_thread = in_thread

    def verify(self, body: bytes, headers: Headers, *, url: str | None, method: str) -> Any:
        """Return the receipt, or what is to be awaited for it."""
        receive = functools.partial(self.inbox.receive, body, headers, url=url, method=method)
        return asyncio.to_thread(receive) if self._in_thread else receive()
