"""What the adapters for web frameworks share: the limit, the url, and what a refusal is answered with."""

from __future__ import annotations

from hookseal._native import MAX_BODY, Webhook, public_url
from hookseal.async_sender import _done as _result
from hookseal.deduplicator import AsyncClaim, AsyncDeduplicator, Claim, Deduplicator, _Base
from hookseal.exceptions import ConfigError, VerificationError

# Type checkers know the names; at run time only what is needed is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from hookseal._native import Event
    from hookseal.types import Headers


class Receiver:
    """How requests are received: by which webhook, how large, and under which url."""

    def __init__(
        self,
        webhook: Webhook,
        *,
        max_body: int = MAX_BODY,
        url: str | None = None,
        on_refused: Callable[[VerificationError], object] | None = None,
        deduplicator: Deduplicator | AsyncDeduplicator | None = None,
    ) -> None:
        if not isinstance(webhook, Webhook):
            kind = type(webhook).__name__
            raise ConfigError(f"Expected a Webhook, not {kind}: `verified(webhook)`.", "invalid_argument")
        if isinstance(max_body, bool) or not isinstance(max_body, int) or max_body < 0:
            raise ConfigError("max_body is a number of bytes.", "invalid_argument")
        if url is not None and not isinstance(url, str):
            raise ConfigError(f"url is a str, not {type(url).__name__}.", "invalid_argument")
        if deduplicator is not None and not isinstance(deduplicator, _Base):
            kind = type(deduplicator).__name__
            raise ConfigError(f"Expected a Deduplicator, not {kind}.", "invalid_argument")
        self.webhook = webhook
        self.deduplicator = deduplicator
        self.max_body = max_body
        self.url = url
        self.on_refused = on_refused

    def body(self, declared: str | bytes | int | None) -> Body:
        """Begin to collect a body that was declared to have so many bytes."""
        return Body(self.max_body, declared)

    def verify(self, body: bytes, headers: Headers, method: str, target: str) -> Event:
        """Verify a request; ``target`` is its path and query."""
        url = None if self.url is None else public_url(self.url, target)
        return self.webhook.verify(body, headers, url=url, method=method)

    def claim(self, event: Event) -> Claim | Unclaimed:
        """Claim an event, if there is a deduplicator: to be entered while it is handled."""
        return (
            Unclaimed() if self.deduplicator is None else Claim(self.deduplicator._core.claim(event).wait())
        )

    async def claim_async(self, event: Event) -> AsyncClaim | Unclaimed:
        """Do the same without holding up the event loop."""
        if self.deduplicator is None:
            return Unclaimed()
        return AsyncClaim(await _result(self.deduplicator._core.claim(event)))

    def headers(self, error: VerificationError) -> dict[str, str]:
        """Return what a refusal is answered with besides."""
        return {} if error.retry_after is None else {"retry-after": str(error.retry_after)}

    def refusal(self, error: VerificationError) -> tuple[int, bytes]:
        """Return the status and the body to answer with, which is JSON."""
        if self.on_refused is not None:
            self.on_refused(error)
        return error.http_status, f'{{"code":"{error.code}"}}'.encode()


class Unclaimed:
    """In the place of a claim where nobody drops duplicates."""

    def release(self) -> Nothing:
        """Do nothing, which may be awaited."""
        return Nothing()

    def __enter__(self) -> Unclaimed:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def __aenter__(self) -> Unclaimed:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


class Nothing:
    """What is done already."""

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()


def succeeded(status: object) -> bool:
    """Tell whether an answer means that the event was handled: whoever sent it comes back after any other."""
    return not isinstance(status, int) or 200 <= status < 300


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
