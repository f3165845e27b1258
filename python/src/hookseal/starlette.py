"""Webhooks in Starlette: ``@verified(webhook)`` on an endpoint, which gets the request and its event."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from hookseal.exceptions import HooksealError, VerificationError
from hookseal.inbox_endpoint import AsyncInboxReceiver
from hookseal.receiving import Handshake, Receiver, consumed, succeeded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from typing_extensions import Unpack

    from hookseal import AsyncInbox, Event, Inbox
    from hookseal.inbox_types import EndpointOptions
    from hookseal.types import ReceiveOptions, Source


def verified(
    webhook: Source, **options: Unpack[ReceiveOptions]
) -> Callable[
    [Callable[[Request, Event], Awaitable[Response | None] | Response | None]],
    Callable[[Request], Awaitable[Response]],
]:
    """Let only verified requests through to an endpoint, sync or async, that takes the request and its event.

    What is refused, or not of the shape that the endpoint reads, is answered with the status and the code of
    the error.
    """
    receiver = Receiver(webhook, "starlette", **options)

    def decorate(
        endpoint: Callable[[Request, Event], Awaitable[Response | None] | Response | None],
    ) -> Callable[[Request], Awaitable[Response]]:
        @functools.wraps(endpoint)
        async def receive(request: Request) -> Response:
            try:
                event = await read(receiver, request)
                response: Any
                async with await receiver.claim_async(event) as claim:
                    if inspect.iscoroutinefunction(endpoint):
                        response = await endpoint(request, event)
                    else:
                        response = await run_in_threadpool(endpoint, request, event)
                    if not succeeded(getattr(response, "status_code", 200)):
                        await claim.release()
            except VerificationError as error:
                status, body = receiver.refusal(error)
                return Response(body, status, receiver.headers(error), media_type="application/json")
            except Handshake as handshake:
                return respond(handshake)
            return Response() if response is None else response

        return receive

    return decorate


async def read(receiver: Receiver, request: Request) -> Event:
    """Return the event of a request. Its body can be read again."""
    body = receiver.body(request.headers.get("content-length"))
    try:
        async for chunk in request.stream():
            body.add(chunk)
    except ClientDisconnect:
        raise VerificationError("The peer went away before its body ended.", "invalid_payload") from None
    except RuntimeError as error:
        raise consumed("There, call `await request.body()` instead of `request.stream()`.") from error
    raw = body.end()
    # As `Request.body` does it, so that who comes later finds the body again.
    request._body = raw
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope.get("query_string", b"")
    target = (path + b"?" + query if query else path).decode("latin-1")
    return await receiver.verify_async(raw, request.headers, request.method, target)


def endpoint(
    inbox: AsyncInbox | Inbox, **options: Unpack[EndpointOptions]
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that receives into an inbox.

    It answers by itself: 200 when the event is durable, and to one that was received before; the status of
    the error to what is not to be trusted; 503 with ``Retry-After`` when the store cannot take it.
    """
    receiver = AsyncInboxReceiver(inbox, "starlette", **options)

    async def receive(request: Request) -> Response:
        try:
            await read(receiver, request)
        except (HooksealError, Handshake) as ended:
            status, headers, body = receiver.answer(ended)
            return Response(body, status, headers)
        return Response()

    return receive


def respond(handshake: Handshake) -> Response:
    """Return the response to a vendor's handshake."""
    answer = handshake.answer
    return Response(answer.body, answer.status, answer.headers)
