"""Webhooks in AWS Lambda: ``@verified(webhook)`` on a handler behind API Gateway, a function url, an ALB."""

from __future__ import annotations

import base64
import binascii
import functools
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hookseal.exceptions import ConfigError, HooksealError, VerificationError
from hookseal.inbox_endpoint import InboxReceiver
from hookseal.receiving import Handshake, Receiver, succeeded

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Unpack

    from hookseal import Event, Inbox
    from hookseal.inbox_types import EndpointOptions
    from hookseal.types import ReceiveOptions, Source


def verified(
    webhook: Source, **options: Unpack[ReceiveOptions]
) -> Callable[[Callable[[Event, dict[str, Any], Any], Any]], Callable[[dict[str, Any], Any], Any]]:
    """Let only verified requests through to a handler.

    It takes the event, the request as Lambda has it, and the context; if it returns nothing, it answers 200.
    What is refused, or not of the shape that the handler reads, is answered with the status and the code of
    the error.
    """
    receiver = Receiver(webhook, "lambda", **options)

    def decorate(
        handler: Callable[[Event, dict[str, Any], Any], Any],
    ) -> Callable[[dict[str, Any], Any], Any]:
        @functools.wraps(handler)
        def receive(request: dict[str, Any], context: Any) -> Any:
            try:
                event = _read(receiver, request)
                with receiver.claim(event) as claim:
                    response = handler(event, request, context)
                    if isinstance(response, dict) and not succeeded(response.get("statusCode", 200)):
                        claim.release()
            except VerificationError as error:
                status, body = receiver.refusal(error)
                headers = {"content-type": "application/json", **receiver.headers(error)}
                return {"statusCode": status, "headers": headers, "body": body.decode()}
            except Handshake as handshake:
                answer = handshake.answer
                return {"statusCode": answer.status, "headers": answer.headers, "body": answer.body.decode()}
            return {"statusCode": 200} if response is None else response

        return receive

    return decorate


def _read(receiver: Receiver, request: dict[str, Any]) -> Event:
    about = request.get("requestContext") if isinstance(request, dict) else None
    if not isinstance(about, dict):
        raise ConfigError(
            "This is no HTTP request: the function is to be called by API Gateway (as a proxy), a function "
            "url or an Application Load Balancer.",
            "invalid_argument",
        )
    body = receiver.body(None)
    body.add(_raw(request))
    headers = request.get("multiValueHeaders") or request.get("headers") or {}
    if isinstance(http := about.get("http"), dict):
        method, path, query = (
            http.get("method", ""),
            request.get("rawPath", ""),
            request.get("rawQueryString"),
        )
    else:
        method, path = request.get("httpMethod", ""), about.get("path") or request.get("path", "")
        query = _query(request, encoded="elb" in about)
    return receiver.verify(body.end(), headers, method, f"{path}?{query}" if query else path)


def _raw(request: dict[str, Any]) -> bytes:
    body = request.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise ConfigError(
            "The body was parsed already: use a Lambda proxy integration, without a mapping template.",
            "invalid_argument",
        )
    if not request.get("isBase64Encoded"):
        # What is not UTF-8 is Base64 if its type is among the API's binary media types, else broken.
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise VerificationError(
            "The body is not the Base64 that it is said to be.", "invalid_payload"
        ) from None


def _query(request: dict[str, Any], *, encoded: bool) -> str:
    """Return the query of a request in the old format, where it was taken apart."""
    parameters = request.get("multiValueQueryStringParameters") or request.get("queryStringParameters") or {}
    if encoded:
        lists = {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
        return "&".join(f"{name}={value}" for name, values in lists.items() for value in values)
    return urlencode(parameters, doseq=True)


def endpoint(
    inbox: Inbox, **options: Unpack[EndpointOptions]
) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Return a handler that receives into an inbox, which is in a database: files of a function do not last.

    It answers by itself: 200 when the event is durable, and to one that was received before; the status of
    the error to what is not to be trusted; 503 with ``Retry-After`` when the store cannot take it.
    The events are handled by whoever has started an inbox on that database.
    """
    receiver = InboxReceiver(inbox, "lambda", **options)

    def receive(request: dict[str, Any], _context: Any) -> dict[str, Any]:
        try:
            _read(receiver, request)
        except (HooksealError, Handshake) as ended:
            status, headers, body = receiver.answer(ended)
            return {"statusCode": status, "headers": headers, "body": body.decode()}
        return {"statusCode": 200}

    return receive
