"""Webhooks in Flask: ``@verified(webhook)`` on a view, which gets the event first."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, ParamSpec

from flask import Response, current_app, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from hookseal.exceptions import HooksealError, VerificationError
from hookseal.inbox_endpoint import InboxReceiver
from hookseal.receiving import Body, Handshake, Receiver, succeeded
from hookseal.wsgi import target

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Concatenate

    from typing_extensions import Unpack

    from hookseal import Event, Inbox
    from hookseal.inbox_types import EndpointOptions
    from hookseal.types import ReceiveOptions, Source


P = ParamSpec("P")


def verified(
    webhook: Source, **options: Unpack[ReceiveOptions]
) -> Callable[[Callable[Concatenate[Event, P], Any]], Callable[P, Any]]:
    """Let only verified requests through to a view, sync or async, that takes the event before all else.

    What is refused, or not of the shape that the view reads, is answered with the status and the code of the
    error. A view that returns nothing answers 200.
    """
    receiver = Receiver(webhook, "flask", **options)

    def decorate(view: Callable[Concatenate[Event, P], Any]) -> Callable[P, Any]:
        @functools.wraps(view)
        def receive(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                event = _read(receiver)
                with receiver.claim(event) as claim:
                    response = current_app.ensure_sync(view)(event, *args, **kwargs)
                    response = Response() if response is None else response
                    if receiver.deduplicator is not None:
                        response = current_app.make_response(response)
                        if not succeeded(response.status_code):
                            claim.release()
            except VerificationError as error:
                status, body = receiver.refusal(error)
                return Response(body, status, receiver.headers(error), mimetype="application/json")
            except Handshake as handshake:
                answer = handshake.answer
                return Response(answer.body, answer.status, answer.headers)
            return response

        return receive

    return decorate


def _read(receiver: Receiver) -> Event:
    set_by_app = request.max_content_length
    limit = receiver.max_body if set_by_app is None else min(set_by_app, receiver.max_body)
    body = Body(limit, request.content_length)
    # One more, because what is just cut off at the limit looks complete.
    request.max_content_length = limit + 1
    try:
        body.add(request.get_data())
    except RequestEntityTooLarge as error:
        raise VerificationError(f"The body is too large: {error.description}", "request_too_large") from None
    except ClientDisconnected:
        raise VerificationError("The peer went away before its body ended.", "invalid_payload") from None
    return receiver.verify(body.end(), request.headers, request.method, target(request.environ))


def endpoint(inbox: Inbox, **options: Unpack[EndpointOptions]) -> Callable[..., Response]:
    """Return a view that receives into an inbox.

    It answers by itself: 200 when the event is durable, and to one that was received before; the status of
    the error to what is not to be trusted; 503 with ``Retry-After`` when the store cannot take it.
    """
    receiver = InboxReceiver(inbox, "flask", **options)

    def receive(**_parts: object) -> Response:
        try:
            _read(receiver)
        except (HooksealError, Handshake) as ended:
            status, headers, body = receiver.answer(ended)
            return Response(body, status, headers)
        return Response()

    # Flask tells views apart by their names.
    receive.__name__ = f"hookseal_inbox_{next(_numbers)}"
    return receive


_numbers = itertools.count(1)
