"""Webhooks in FastAPI: ``Depends(verified(webhook))`` is the event of a request that was verified."""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from fastapi import HTTPException, Request

from hookseal import Event, Webhook
from hookseal.exceptions import VerificationError
from hookseal.receiving import Receiver
from hookseal.starlette import endpoint, read

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal.types import ReceiveOptions


__all__ = ["endpoint", "verified"]


def verified(
    webhook: Webhook, **options: "Unpack[ReceiveOptions]"
) -> Callable[[Request], AsyncIterator[Event]]:
    """Return a dependency that verifies the request and is its event.

    What is refused, or not of the shape that the endpoint reads, is an ``HTTPException`` with the status of
    the error and ``{"code": …}`` as detail.
    """
    receiver = Receiver(webhook, **options)

    # FastAPI reads the annotations, so what they name is imported for real.
    async def event(request: Request) -> AsyncIterator[Event]:
        try:
            yield await read(receiver, request)
        except VerificationError as error:
            status, _ = receiver.refusal(error)
            raise HTTPException(status, {"code": error.code}) from error

    return event
