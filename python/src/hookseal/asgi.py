"""Webhooks in any ASGI application: ``verified(webhook)(application)`` gets only verified requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from hookseal.exceptions import HooksealError, VerificationError
from hookseal.inbox_endpoint import AsyncInboxReceiver
from hookseal.receiving import Handshake, Receiver, Unclaimed, succeeded

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from hookseal import AsyncInbox, Inbox
    from hookseal.deduplicator import AsyncClaim
    from hookseal.inbox_types import EndpointOptions
    from hookseal.types import ReceiveOptions, Source

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

EVENT = "hookseal.event"
"""Where the event is in the scope that the application gets."""


def verified(webhook: Source, **options: Unpack[ReceiveOptions]) -> Callable[[Application], Application]:
    """Return a middleware that lets only verified requests through, and no websocket.

    The application finds the event in ``scope["hookseal.event"]``, and can receive the body once more.
    """
    receiver = Receiver(webhook, "asgi", **options)

    def decorate(application: Application) -> Application:
        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                return await application(scope, receive, send)
            if scope["type"] != "http":
                return await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            try:
                body = await _read(receiver, scope, receive)
                event = await receiver.verify_async(body, scope["headers"], scope["method"], _target(scope))
                claim = await receiver.claim_async(event)
            except VerificationError as error:
                headers = {"content-type": "application/json", **receiver.headers(error)}
                return await _respond(send, *receiver.refusal(error), headers)
            except Handshake as handshake:
                answer = handshake.answer
                return await _respond(send, answer.status, answer.body, answer.headers)
            scope, receive = {**scope, EVENT: event}, _again(body, receive)
            if isinstance(claim, Unclaimed):
                return await application(scope, receive, send)
            return await _handle(claim, application, scope, receive, send)

        return serve

    return decorate


async def _handle(
    claim: AsyncClaim, application: Application, scope: Scope, receive: Receive, send: Send
) -> None:
    """Have an event handled, which it is if the answer says so."""
    status = None

    async def watch(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)
        await send(message)

    async with claim:
        await application(scope, receive, watch)
        if status is None or not succeeded(status):
            await claim.release()


async def _read(receiver: Receiver, scope: Scope, receive: Receive) -> bytes:
    declared = next((value for name, value in scope["headers"] if name.lower() == b"content-length"), None)
    body = receiver.body(declared)
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise VerificationError("The peer went away before its body ended.", "invalid_payload")
        body.add(message.get("body", b""))
        more = message.get("more_body", False)
    return body.end()


def _again(body: bytes, receive: Receive) -> Receive:
    """Receive the body first, and then what comes next."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


async def _respond(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    headers = {**headers, "content-length": str(len(body))}
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


def _target(scope: Scope) -> str:
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    target: bytes = path + b"?" + query if query else path
    return target.decode("latin-1")


def endpoint(inbox: AsyncInbox | Inbox, **options: Unpack[EndpointOptions]) -> Application:
    """Return an application that receives into an inbox, whatever the path.

    It answers by itself: 200 when the event is durable, and to one that was received before; the status of
    the error to what is not to be trusted; 503 with ``Retry-After`` when the store cannot take it.
    """
    receiver = AsyncInboxReceiver(inbox, "asgi", **options)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await _live(receive, send)
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        status, body = 200, b""
        headers: dict[str, str] = {}
        try:
            raw = await _read(receiver, scope, receive)
            await receiver.verify_async(raw, scope["headers"], scope["method"], _target(scope))
        except (HooksealError, Handshake) as ended:
            status, headers, body = receiver.answer(ended)
        return await _respond(send, status, body, headers)

    return serve


async def _live(receive: Receive, send: Send) -> None:
    """Tell a server that there is nothing to do when it begins and ends."""
    while (kind := (await receive())["type"]) != "lifespan.shutdown":
        await send({"type": f"{kind}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


POLICY_VIOLATION = 1008
