"""Webhooks in FastAPI: ``Depends(verified(webhook))`` is the event of a request that was verified."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, HTTPException, Request, Response

from hookseal import Event
from hookseal.exceptions import VerificationError
from hookseal.receiving import Handshake, Receiver
from hookseal.starlette import endpoint, read, respond

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.types import ReceiveOptions, Source


__all__ = ["endpoint", "verified"]


def verified(
    webhook: "Source", **options: "Unpack[ReceiveOptions]"
) -> Callable[[Request], AsyncIterator[Event]]:
    """Return a dependency that verifies the request and is its event.

    What is refused, or not of the shape that the endpoint reads, is an ``HTTPException`` with the status of
    the error and ``{"code": …}`` as detail. Vendors' handshakes are answered in applications that were given
    to ``answer_handshakes``, on routes of the method that the vendor uses.

    With a ``deduplicator``, an endpoint that raises, an ``HTTPException`` too, has not handled the event; one
    that returns has, whatever it returns.
    """
    receiver = Receiver(webhook, "fastapi", **options)

    # FastAPI reads the annotations, so what they name is imported for real.
    async def event(request: Request) -> AsyncIterator[Event]:
        try:
            received = await read(receiver, request)
            async with await receiver.claim_async(received):
                yield received
        except VerificationError as error:
            status, _ = receiver.refusal(error)
            raise HTTPException(status, {"code": error.code}, receiver.headers(error)) from error

    return event


def answer_handshakes(app: FastAPI) -> None:
    """Let an application answer vendors' handshakes: a dependency can not respond by itself."""

    async def answer(_request: Request, handshake: Exception) -> Response:
        assert isinstance(handshake, Handshake)
        return respond(handshake)

    app.add_exception_handler(Handshake, answer)
