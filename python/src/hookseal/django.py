"""Webhooks in Django: ``@verified(webhook)`` on a view, which gets the request and its event."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.request import RawPostDataException

from hookseal.async_inbox import AsyncInbox
from hookseal.exceptions import HooksealError, VerificationError
from hookseal.inbox_endpoint import AsyncInboxReceiver, InboxReceiver
from hookseal.receiving import Handshake, Receiver, consumed, succeeded

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Unpack

    from hookseal import Event, Inbox
    from hookseal.inbox_types import EndpointOptions
    from hookseal.types import ReceiveOptions, Source


def verified(
    webhook: Source, **options: Unpack[ReceiveOptions]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only verified requests through to a view, sync or async, that takes the request and its event.

    What is refused, or not of the shape that the view reads, is answered with the status and the code of the
    error. A view that returns nothing answers 200. Django asks these views for no CSRF token: the signature
    says more. A lower ``DATA_UPLOAD_MAX_MEMORY_SIZE`` holds too.
    """
    receiver = Receiver(webhook, "django", **options)

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(view):

            @functools.wraps(view)
            async def receive(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                try:
                    event = await _read_async(receiver, request)
                    async with await receiver.claim_async(event) as claim:
                        response = await view(request, event, *args, **kwargs)
                        if not succeeded(getattr(response, "status_code", 200)):
                            await claim.release()
                except VerificationError as error:
                    return _refuse(receiver, error)
                except Handshake as handshake:
                    return _respond(handshake)
                return HttpResponse() if response is None else response

        else:

            @functools.wraps(view)
            def receive(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
                try:
                    event = _read(receiver, request)
                    with receiver.claim(event) as claim:
                        response = view(request, event, *args, **kwargs)
                        if not succeeded(getattr(response, "status_code", 200)):
                            claim.release()
                except VerificationError as error:
                    return _refuse(receiver, error)
                except Handshake as handshake:
                    return _respond(handshake)
                return HttpResponse() if response is None else response

        # Django's own decorator made a sync view of an async one before Django 5.
        vars(receive)["csrf_exempt"] = True
        return receive

    return decorate


def _read(receiver: Receiver, request: HttpRequest) -> Event:
    raw = _raw(receiver, request)
    return receiver.verify(raw, request.META, request.method or "", request.get_full_path())


async def _read_async(receiver: Receiver, request: HttpRequest) -> Event:
    raw = _raw(receiver, request)
    return await receiver.verify_async(raw, request.META, request.method or "", request.get_full_path())


def _raw(receiver: Receiver, request: HttpRequest) -> bytes:
    # Django never reads more than was declared, and over ASGI it has the body before there is a request.
    body = receiver.body(request.META.get("CONTENT_LENGTH"))
    try:
        body.add(request.body)
    except RequestDataTooBig as error:
        raise VerificationError(str(error), "request_too_large") from None
    except UnreadablePostError:
        raise VerificationError("The peer went away before its body ended.", "invalid_payload") from None
    except RawPostDataException as error:
        raise consumed("There, read `request.body` first.") from error
    return body.end()


def _respond(handshake: Handshake) -> HttpResponse:
    answer = handshake.answer
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)


def _refuse(receiver: Receiver, error: VerificationError) -> HttpResponse:
    status, body = receiver.refusal(error)
    headers = receiver.headers(error)
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def endpoint(inbox: AsyncInbox | Inbox, **options: Unpack[EndpointOptions]) -> Callable[..., Any]:
    """Return a view that receives into an inbox; an ``async`` one for an ``AsyncInbox``.

    It answers by itself: 200 when the event is durable, and to one that was received before; the status of
    the error to what is not to be trusted; 503 with ``Retry-After`` when the store cannot take it.
    """
    if isinstance(inbox, AsyncInbox):
        receiver: InboxReceiver = AsyncInboxReceiver(inbox, "django", **options)

        async def receive(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
            try:
                await _read_async(receiver, request)
            except (HooksealError, Handshake) as ended:
                return _answer(receiver, ended)
            return HttpResponse()

        view: Callable[..., Any] = receive
    else:
        receiver = InboxReceiver(inbox, "django", **options)

        def receive_waiting(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
            try:
                _read(receiver, request)
            except (HooksealError, Handshake) as ended:
                return _answer(receiver, ended)
            return HttpResponse()

        view = receive_waiting
    vars(view)["csrf_exempt"] = True
    return view


def _answer(receiver: InboxReceiver, ended: HooksealError | Handshake) -> HttpResponse:
    status, headers, body = receiver.answer(ended)
    return HttpResponse(body, status=status, headers=headers)
