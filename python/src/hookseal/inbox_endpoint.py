"""What the endpoints of an inbox share, whatever the framework: receiving, and what is answered."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from hookseal._native import public_url, refusal
from hookseal.async_inbox import AsyncInbox
from hookseal.exceptions import ConfigError, HooksealError
from hookseal.inbox import Inbox
from hookseal.receiving import Receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from hookseal.types import Headers


class InboxReceiver(Receiver):
    """Receives into an inbox, in frameworks that wait."""

    def __init__(
        self,
        inbox: Inbox | AsyncInbox,
        *,
        url: str | None = None,
        on_refused: Callable[[HooksealError], object] | None = None,
    ) -> None:
        self._check(inbox)
        super().__init__(inbox.webhook, max_body=inbox.max_body, url=url)
        self.inbox: Any = inbox
        self._on_refused = on_refused

    def verify(self, body: bytes, headers: Headers, method: str, target: str) -> Any:
        """Receive a request; it is durable when this returns."""
        return self.inbox.receive(body, headers, url=self._url(target), method=method)

    def answer(self, error: HooksealError) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body to answer with, or raise what is a mistake of the application."""
        status, retry_after = refusal(error.code)
        if isinstance(error, ConfigError) and retry_after is None:
            raise error
        if self._on_refused is not None:
            self._on_refused(error)
        headers = {"content-type": "application/json"}
        if retry_after is not None:
            headers["retry-after"] = str(retry_after)
        return status, headers, f'{{"code":"{error.code}"}}'.encode()

    def _url(self, target: str) -> str | None:
        return None if self.url is None else public_url(self.url, target)

    def _check(self, inbox: object) -> None:
        if isinstance(inbox, AsyncInbox):
            message = "This endpoint waits: give it an Inbox, not an AsyncInbox."
            raise ConfigError(message, "invalid_argument")
        if not isinstance(inbox, Inbox):
            kind = type(inbox).__name__
            raise ConfigError(f"Expected an Inbox, not {kind}: `endpoint(inbox)`.", "invalid_argument")


class AsyncInboxReceiver(InboxReceiver):
    """Receives into an inbox of either kind without holding up the event loop."""

    def verify(self, body: bytes, headers: Headers, method: str, target: str) -> Any:
        """Return what is to be awaited."""
        return self.verify_async(body, headers, method, target)

    async def verify_async(self, body: bytes, headers: Headers, method: str, target: str) -> Any:
        """Receive a request; it is durable when this returns."""
        receive, url = self.inbox.receive, self._url(target)
        if isinstance(self.inbox, AsyncInbox):
            return await receive(body, headers, url=url, method=method)
        return await asyncio.to_thread(receive, body, headers, url=url, method=method)

    def _check(self, inbox: object) -> None:
        if not isinstance(inbox, AsyncInbox):
            super()._check(inbox)


async def settled(result: Any) -> Any:
    """Return the result, awaited if it is to be."""
    return await result if inspect.isawaitable(result) else result
