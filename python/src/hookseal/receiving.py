"""What the adapters for web frameworks share: handshakes, the limit, the url, and the answers."""

from __future__ import annotations

import inspect
import logging

from hookseal._native import MAX_BODY, HandshakeAnswer, Provider, Webhook, public_url
from hookseal._work import done
from hookseal.deduplicator import AsyncClaim, AsyncDeduplicator, Claim, Deduplicator
from hookseal.exceptions import ConfigError, VerificationError

# Type checkers know the names; at run time only what is needed is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from hookseal._native import Event, Secret
    from hookseal.types import Framework, Headers, Source


class Handshake(Exception):  # noqa: N818 - it is no error
    """The request is a vendor's handshake: ``answer`` is to be sent, and nothing else to be done."""

    def __init__(self, answer: HandshakeAnswer) -> None:
        super().__init__("A vendor's handshake is to be answered: in FastAPI, `answer_handshakes(app)` does.")
        self.answer = answer


class Receiver:
    """How requests are received: by what they are verified, how large they may be, and under which url."""

    def __init__(
        self,
        source: Source,
        framework: Framework,
        *,
        max_body: int = MAX_BODY,
        url: str | None = None,
        on_refused: Callable[[VerificationError], object] | None = None,
        verify_token: str | None = None,
        on_secret: Callable[[Secret, str], object] | None = None,
        deduplicator: Deduplicator | AsyncDeduplicator | None = None,
    ) -> None:
        if not callable(source):
            _check(source)
        if isinstance(max_body, bool) or not isinstance(max_body, int) or max_body < 0:
            raise ConfigError("max_body is a number of bytes.", "invalid_argument")
        for name, text in (("url", url), ("verify_token", verify_token)):
            if text is not None and not isinstance(text, str):
                raise ConfigError(f"{name} is a str, not {type(text).__name__}.", "invalid_argument")
        if not isinstance(deduplicator, Deduplicator | AsyncDeduplicator | None):
            kind = type(deduplicator).__name__
            raise ConfigError(f"Expected a Deduplicator, not {kind}.", "invalid_argument")
        self.deduplicator = deduplicator
        self.source = source
        self.framework = framework
        self.max_body = max_body
        self.url = url
        self.on_refused = on_refused
        self.verify_token = verify_token
        self.on_secret = on_secret

    def body(self, declared: str | bytes | int | None) -> Body:
        """Begin to collect a body that was declared to have so many bytes."""
        return Body(self.max_body, declared)

    def verify(self, body: bytes, headers: Headers, method: str, target: str) -> Event:
        """Return the event of a request, or raise ``Handshake``; ``target`` is its path and query."""
        steps = self._steps(body, headers, method, target)
        result = next(steps)
        while True:
            if inspect.isawaitable(result):
                if inspect.iscoroutine(result):
                    result.close()
                message = "This adapter is synchronous, so what verifies and chooses may not be `async`."
                raise ConfigError(message, "invalid_argument")
            try:
                result = steps.send(result)
            except StopIteration as end:
                event: Event = end.value
                return event

    async def verify_async(self, body: bytes, headers: Headers, method: str, target: str) -> Event:
        """Do the same where what verifies and chooses may be ``async``."""
        steps = self._steps(body, headers, method, target)
        result = next(steps)
        while True:
            if inspect.isawaitable(result):
                result = await result
            try:
                result = steps.send(result)
            except StopIteration as end:
                event: Event = end.value
                return event

    def claim(self, event: Event) -> Claim | Unclaimed:
        """Claim an event, if there is a deduplicator: to be entered while it is handled."""
        return (
            Unclaimed() if self.deduplicator is None else Claim(self.deduplicator._core.claim(event).wait())
        )

    async def claim_async(self, event: Event) -> AsyncClaim | Unclaimed:
        """Do the same without holding up the event loop."""
        if self.deduplicator is None:
            return Unclaimed()
        return AsyncClaim(await done(self.deduplicator._core.claim(event)))

    def headers(self, error: VerificationError) -> dict[str, str]:
        """Return what a refusal is answered with besides."""
        return {} if error.retry_after is None else {"retry-after": str(error.retry_after)}

    def refusal(self, error: VerificationError) -> tuple[int, bytes]:
        """Return the status and the body to answer with, which is JSON."""
        if error.notes:
            # Only in development mode; the peer never sees it.
            logging.getLogger("hookseal").warning("%s", "\n".join(error.notes))
        if self.on_refused is not None:
            self.on_refused(error)
        return error.http_status, f'{{"code":"{error.code}"}}'.encode()

    def _steps(self, body: bytes, headers: Headers, method: str, target: str) -> Generator[Any, Any, Event]:
        """Yield whatever may be awaitable, and return the event."""
        source: Any = self.source
        if callable(source) and not hasattr(source, "verify"):
            source = yield source(target)
            _check(source)
        if not isinstance(source, Webhook | Provider) and not getattr(source, "takes_all_headers", False):
            headers = plain(headers)
        url = None if self.url is None else public_url(self.url, target)
        if (ask := getattr(source, "handshake", None)) is not None:
            asked = target if url is None else url
            answer = yield ask(body, headers, url=asked, method=method, verify_token=self.verify_token)
            if answer is not None:
                yield from self._answer(answer, source, target)
        if isinstance(source, Provider):
            message = f"No secret of {source.name} is known yet, so nothing verifies."
            raise VerificationError(message, "signature_mismatch")
        if isinstance(source, Webhook):
            return source.verify(body, headers, url=url, method=method, framework=self.framework)
        event: Event = yield source.verify(body, headers, url=url, method=method)
        return event

    def _answer(self, answer: HandshakeAnswer, source: Any, target: str) -> Generator[Any, Any, None]:
        secret = answer.secret
        if secret is None:
            raise Handshake(answer)
        # Who may be anybody gives no secret to an endpoint that has one.
        if not isinstance(source, Provider):
            return
        if self.on_secret is None:
            message = f"{source.name} gives its secret in the handshake: pass `on_secret`, which stores it."
            raise ConfigError(message, "invalid_argument")
        yield self.on_secret(secret, target)
        raise Handshake(answer)


def plain(headers: Any) -> dict[str, str]:
    """Return a framework's headers as verifiers of one's own get them.

    Names are in lower case, and the values of several lines are joined by commas.
    """
    lines: dict[str, str] = {}
    is_environ = isinstance(headers, dict) and "REQUEST_METHOD" in headers
    for name, value in headers.items() if hasattr(headers, "items") else headers:
        name = name.decode("latin-1") if isinstance(name, bytes) else str(name)
        if is_environ:
            # The rest of it is no header.
            if not name.startswith("HTTP_") and name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                continue
            name = name.removeprefix("HTTP_").replace("_", "-")
        # The Kelvin sign is no k.
        name = name.lower() if name.isascii() else name
        for line in value if isinstance(value, list) else [value]:
            if isinstance(line, bytes):
                line = line.decode("latin-1")
            if isinstance(line, str):
                known = lines.get(name)
                lines[name] = line if known is None else f"{known}, {line}"
    return lines


def _check(source: object) -> None:
    if not isinstance(source, Webhook | Provider) and not callable(getattr(source, "verify", None)):
        kind = type(source).__name__
        raise ConfigError(f"Expected a Webhook, not {kind}: `verified(webhook)`.", "invalid_argument")


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
