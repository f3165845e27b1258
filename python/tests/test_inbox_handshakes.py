"""Endpoints of an inbox answer the vendors' handshakes, by GET and by POST, and store nothing of them."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import fastapi
import flask
import pytest
import werkzeug.test
from django.core.handlers.asgi import ASGIHandler
from django.test import Client as DjangoClient
from django.test import override_settings
from django.urls import path
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Route

import hookseal.asgi
import hookseal.aws_lambda
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette
import hookseal.wsgi
from hookseal import AsyncInbox, ConfigError, Inbox, Webhook
from test_inbox_endpoints import django_urls as configured

if TYPE_CHECKING:
    from collections.abc import Callable

    # Method, target, headers, body; status, body.
    Ask = Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]]

METHODS = ["GET", "POST"]
SECRET = "0123456789abcdef0123456789abcdef"
META = "/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="


def by_httpx(app: Any) -> Ask:
    client = TestClient(app)

    def ask(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        answer = client.request(method, target, content=body, headers=headers)
        return answer.status_code, answer.content

    return ask


def by_werkzeug(app: Any) -> Ask:
    def ask(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        with werkzeug.test.Client(app).open(target, method=method, data=body, headers=headers) as answer:
            return answer.status_code, answer.data

    return ask


def on_fastapi(inbox: Any, **options: Any) -> Ask:
    app = fastapi.FastAPI()
    app.api_route("/hooks", methods=METHODS)(hookseal.fastapi.endpoint(inbox, **options))
    return by_httpx(app)


def on_starlette(inbox: Any, **options: Any) -> Ask:
    endpoint = hookseal.starlette.endpoint(inbox, **options)
    return by_httpx(Starlette(routes=[Route("/hooks", endpoint, methods=METHODS)]))


def on_flask(inbox: Any, **options: Any) -> Ask:
    app = flask.Flask("test")
    app.route("/hooks", methods=METHODS)(hookseal.flask.endpoint(inbox, **options))
    return by_werkzeug(app)


def django_urls(inbox: Any, **options: Any) -> tuple[Any, ...]:
    configured(inbox)
    return (path("hooks", hookseal.django.endpoint(inbox, **options)),)


def on_django(inbox: Any, **options: Any) -> Ask:
    urls = django_urls(inbox, **options)
    client = DjangoClient(enforce_csrf_checks=True)

    def ask(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        with override_settings(ROOT_URLCONF=urls):
            answer = client.generic(method, target, body, "application/json", headers=headers)
        return answer.status_code, answer.content

    return ask


def on_django_asgi(inbox: Any, **options: Any) -> Ask:
    urls = django_urls(inbox, **options)
    inner = by_httpx(ASGIHandler())

    def ask(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        with override_settings(ROOT_URLCONF=urls):
            return inner(method, target, headers, body)

    return ask


def on_lambda(inbox: Any, **options: Any) -> Ask:
    handler = hookseal.aws_lambda.endpoint(inbox, **options)

    def ask(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        url = urlsplit(target)
        answer = handler(
            {
                "requestContext": {"http": {"method": method}},
                "rawPath": url.path,
                "rawQueryString": url.query,
                "headers": headers,
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
            },
            None,
        )
        return answer["statusCode"], answer.get("body", "").encode()

    return ask


FRAMEWORKS: dict[str, tuple[Callable[..., Ask], type[Any]]] = {
    "fastapi": (on_fastapi, AsyncInbox),
    "fastapi, waiting": (on_fastapi, Inbox),
    "starlette": (on_starlette, AsyncInbox),
    "flask": (on_flask, Inbox),
    "django": (on_django, Inbox),
    "django, asgi": (on_django_asgi, AsyncInbox),
    "asgi": (lambda inbox, **options: by_httpx(hookseal.asgi.endpoint(inbox, **options)), AsyncInbox),
    "wsgi": (lambda inbox, **options: by_werkzeug(hookseal.wsgi.endpoint(inbox, **options)), Inbox),
    "lambda": (on_lambda, Inbox),
}
each = pytest.mark.parametrize(("make", "kind"), FRAMEWORKS.values(), ids=FRAMEWORKS)


def stored(inbox: Any) -> list[str]:
    page = inbox.events.list()
    if isinstance(inbox, AsyncInbox):
        page = asyncio.run(page)
    return [event.type for event in page.items]


@each
def test_a_question_by_get(make: Callable[..., Ask], kind: type[Any]) -> None:
    webhook = Webhook(SECRET, provider="meta")
    inbox = kind("memory:", webhook)
    ask = make(inbox, verify_token="agreed")
    assert ask("GET", f"{META}agreed", {}, b"") == (200, b"1158201444")
    assert ask("GET", f"{META}guessed", {}, b"")[0] == 401
    assert ask("GET", "/hooks", {}, b"")[0] == 401
    assert stored(inbox) == []
    body = b'{"object": "page", "entry": []}'
    assert ask("POST", "/hooks", webhook.sign(body), body) == (200, b"")
    assert len(stored(inbox)) == 1


@each
def test_a_signed_question_by_post(make: Callable[..., Ask], kind: type[Any]) -> None:
    webhook = Webhook(SECRET, provider="slack")
    inbox = kind("memory:", webhook)
    ask = make(inbox)
    question = b'{"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRN"}'
    assert ask("POST", "/hooks", webhook.sign(question), question) == (200, b"3eZbrw1aBm2rZgRN")
    assert ask("POST", "/hooks", {}, question)[0] == 401
    assert stored(inbox) == []
    body = b'{"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}}'
    assert ask("POST", "/hooks", webhook.sign(body), body) == (200, b"")
    assert len(stored(inbox)) == 1


def test_a_token_is_text() -> None:
    with pytest.raises(ConfigError) as refused:
        hookseal.wsgi.endpoint(Inbox("memory:", Webhook(SECRET, provider="meta")), verify_token=b"agreed")  # type: ignore[arg-type]
    assert refused.value.code == "invalid_argument"
