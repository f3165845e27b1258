"""What the adapters for web frameworks share: the limit, the url, and what a refusal is answered with."""

from __future__ import annotations

import logging

from hookseal._native import MAX_BODY, Webhook, public_url
from hookseal.exceptions import ConfigError, VerificationError

# Type checkers know the names; at run time only what is needed is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from hookseal._native import Event
    from hookseal.types import Framework, Headers


class Receiver:
    """How requests are received: by which webhook, how large, and under which url."""

    def __init__(
        self,
        webhook: Webhook,
        framework: Framework,
        *,
        max_body: int = MAX_BODY,
        url: str | None = None,
        on_refused: Callable[[VerificationError], object] | None = None,
    ) -> None:
        if not isinstance(webhook, Webhook):
            kind = type(webhook).__name__
            raise ConfigError(f"Expected a Webhook, not {kind}: `verified(webhook)`.", "invalid_argument")
        if isinstance(max_body, bool) or not isinstance(max_body, int) or max_body < 0:
            raise ConfigError("max_body is a number of bytes.", "invalid_argument")
        if url is not None and not isinstance(url, str):
            raise ConfigError(f"url is a str, not {type(url).__name__}.", "invalid_argument")
        self.webhook = webhook
        self.framework = framework
        self.max_body = max_body
        self.url = url
        self.on_refused = on_refused

    def body(self, declared: str | bytes | int | None) -> Body:
        """Begin to collect a body that was declared to have so many bytes."""
        return Body(self.max_body, declared)

    def verify(self, body: bytes, headers: Headers, method: str, target: str) -> Event:
        """Verify a request; ``target`` is its path and query."""
        url = None if self.url is None else public_url(self.url, target)
        return self.webhook.verify(body, headers, url=url, method=method, framework=self.framework)

    def refusal(self, error: VerificationError) -> tuple[int, bytes]:
        """Return the status and the body to answer with, which is JSON."""
        if error.notes:
            # Only in development mode; the peer never sees it.
            logging.getLogger("hookseal").warning("%s", "\n".join(error.notes))
        if self.on_refused is not None:
            self.on_refused(error)
        return error.http_status, f'{{"code":"{error.code}"}}'.encode()


class Body:
    """A body while it comes in: refused as soon as it is larger than allowed."""

    def __init__(self, max_body: int, declared: str | bytes | int | None) -> None:
        self._chunks: list[bytes] = []
        self._max = max_body
        self._size = 0
        # What is no number is for the server to refuse.
        text = declared.decode("latin-1") if isinstance(declared, bytes) else str(declared or "")
        self.declared = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
        self._check(self.declared or 0)

    @property
    def rest(self) -> int:
        """How much to read next: up to the limit, and one byte that tells whether there is more."""
        return self._max - self._size + 1

    def add(self, chunk: bytes) -> None:
        """Add what came."""
        self._size += len(chunk)
        self._check(self._size)
        self._chunks.append(chunk)

    def end(self) -> bytes:
        """Return the body, all of it."""
        if self._size < (self.declared or 0):
            raise VerificationError(
                "The body is shorter than its content-length: the peer ended early, or something that ran "
                "before (a middleware, a hook, a form that was looked at) has read it.",
                "invalid_payload",
            )
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def _check(self, size: int) -> None:
        if size > self._max:
            raise VerificationError(f"The body has more than {self._max} bytes.", "request_too_large")


def consumed(remedy: str) -> ConfigError:
    """Return the error for a body that cannot be read any more."""
    return ConfigError(
        f"The raw body of the request is gone: something that ran before has read it. {remedy}",
        "invalid_argument",
    )
