"""Webhooks in any WSGI application: ``verified(webhook)(application)`` gets only verified requests."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

from hookseal.exceptions import HooksealError, VerificationError
from hookseal.inbox_endpoint import InboxReceiver
from hookseal.receiving import Handshake, Receiver, Unclaimed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from typing_extensions import Unpack

    from hookseal import Inbox
    from hookseal.deduplicator import Claim
    from hookseal.inbox_types import EndpointOptions
    from hookseal.types import ReceiveOptions, Source

EVENT = "hookseal.event"
"""Where the event is in the environ that the application gets."""


def verified(
    webhook: Source, **options: Unpack[ReceiveOptions]
) -> Callable[[WSGIApplication], WSGIApplication]:
    """Return a middleware that lets only verified requests through.

    The application finds the event in ``environ["hookseal.event"]``, and the body again in ``wsgi.input``.
    """
    receiver = Receiver(webhook, "wsgi", **options)

    def decorate(application: WSGIApplication) -> WSGIApplication:
        def receive(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            try:
                raw = _read(receiver, environ)
                event = receiver.verify(raw, environ, environ["REQUEST_METHOD"], target(environ))
                claim = receiver.claim(event)
            except VerificationError as error:
                status, body = receiver.refusal(error)
                headers = {"content-type": "application/json", **receiver.headers(error)}
                return _respond(start_response, status, body, headers)
            except Handshake as handshake:
                answer = handshake.answer
                return _respond(start_response, answer.status, answer.body, answer.headers)
            again: dict[str, Any] = {
                **environ,
                EVENT: event,
                "CONTENT_LENGTH": str(len(raw)),
                "wsgi.input": BytesIO(raw),
            }
            if isinstance(claim, Unclaimed):
                return application(again, start_response)
            return Handling(claim, application, again, start_response)

        return receive

    return decorate


class Handling:
    """The answer of an application to a claimed event, which it may still be computing while it is sent."""

    def __init__(
        self, claim: Claim, application: WSGIApplication, environ: WSGIEnvironment, start: StartResponse
    ) -> None:
        self._claim = claim
        self._status = ""
        self._start = start
        self._ended = False
        try:
            self._answer = application(environ, self._watch)
            self._chunks = iter(self._answer)
        except BaseException:
            self._settle(handled=False)
            raise

    def _watch(self, status: str, *rest: Any) -> Any:
        self._status = status
        return self._start(status, *rest)

    def __iter__(self) -> Handling:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self._settle(handled=self._status.startswith("2"))
            raise
        except BaseException:
            self._settle(handled=False)
            raise

    def close(self) -> None:
        """End, early too: then nobody knows whether it was handled, and the sender comes back."""
        try:
            if (close := getattr(self._answer, "close", None)) is not None:
                close()
        finally:
            self._settle(handled=False)

    def _settle(self, *, handled: bool) -> None:
        if self._ended:
            return
        self._ended = True
        with self._claim:
            if not handled:
                self._claim.release()


def target(environ: WSGIEnvironment) -> str:
    """Return the path and query as they came, as far as the server tells."""
    for name in ("RAW_URI", "REQUEST_URI"):
        if str(environ.get(name, "")).startswith("/"):
            return str(environ[name])
    path = quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), encoding="latin-1")
    query = environ.get("QUERY_STRING")
    return f"{path}?{query}" if query else path


def _respond(start_response: StartResponse, status: int, body: bytes, headers: dict[str, str]) -> list[bytes]:
    lines = [*headers.items(), ("content-length", str(len(body)))]
    start_response(f"{status} {HTTPStatus(status).phrase}", lines)
    return [body]


def _read(receiver: Receiver, environ: WSGIEnvironment) -> bytes:
    body = receiver.body(environ.get("CONTENT_LENGTH"))
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        while chunk := stream.read(min(body.rest, CHUNK)):
            body.add(chunk)
        return body.end()
    # Without that word of the server's, reading on behind the declared length could wait for ever.
    left = body.declared or 0
    while left > 0 and (chunk := stream.read(min(left, CHUNK))):
        left -= len(chunk)
        body.add(chunk)
    return body.end()


def endpoint(inbox: Inbox, **options: Unpack[EndpointOptions]) -> WSGIApplication:
    """Return an application that receives into an inbox, whatever the path.

    It answers by itself: 200 when the event is durable, and to one that was received before; the status of
    the error to what is not to be trusted; 503 with ``Retry-After`` when the store cannot take it.
    """
    receiver = InboxReceiver(inbox, "wsgi", **options)

    def receive(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, body = 200, b""
        headers: dict[str, str] = {}
        try:
            raw = _read(receiver, environ)
            receiver.verify(raw, environ, environ["REQUEST_METHOD"], target(environ))
        except (HooksealError, Handshake) as ended:
            status, headers, body = receiver.answer(ended)
        return _respond(start_response, status, body, headers)

    return receive


CHUNK = 64 * 1024
