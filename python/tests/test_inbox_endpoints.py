"""The endpoints of an inbox, with the real frameworks: what they answer, and what they store."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import TYPE_CHECKING, Any

import django
import fastapi
import flask
import pytest
import werkzeug.test
from django.conf import settings
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
from inbox_support import WEBHOOK, request

if TYPE_CHECKING:
    from collections.abc import Callable

    # Status, `Retry-After`, body.
    Answer = tuple[int, str | None, bytes]
    Post = Callable[[bytes, dict[str, str]], Answer]


def httpx_post(app: Any) -> Post:
    client = TestClient(app)

    def post(body: bytes, headers: dict[str, str]) -> Answer:
        answer = client.post("/hooks", content=body, headers=headers)
        return answer.status_code, answer.headers.get("retry-after"), answer.content

    return post


def werkzeug_post(app: Any) -> Post:
    client = werkzeug.test.Client(app)

    def post(body: bytes, headers: dict[str, str]) -> Answer:
        answer = client.post("/hooks", data=body, headers=headers)
        return answer.status_code, answer.headers.get("retry-after"), answer.data

    return post


def on_fastapi(inbox: Any) -> Post:
    app = fastapi.FastAPI()
    app.post("/hooks")(hookseal.fastapi.endpoint(inbox))
    return httpx_post(app)


def on_starlette(inbox: Any) -> Post:
    return httpx_post(
        Starlette(routes=[Route("/hooks", hookseal.starlette.endpoint(inbox), methods=["POST"])])
    )


def on_flask(inbox: Any) -> Post:
    app = flask.Flask("test")
    app.post("/hooks")(hookseal.flask.endpoint(inbox))
    app.post("/more")(hookseal.flask.endpoint(inbox))
    return werkzeug_post(app)


def on_django(inbox: Any) -> Post:
    urls = django_urls(inbox)
    client = DjangoClient(enforce_csrf_checks=True)

    def post(body: bytes, headers: dict[str, str]) -> Answer:
        with override_settings(ROOT_URLCONF=urls):
            answer = client.post("/hooks", data=body, content_type="application/json", headers=headers)
        return answer.status_code, answer.headers.get("retry-after"), answer.content

    return post


def on_django_asgi(inbox: Any) -> Post:
    urls = django_urls(inbox)
    ask = httpx_post(ASGIHandler())

    def post(body: bytes, headers: dict[str, str]) -> Answer:
        with override_settings(ROOT_URLCONF=urls):
            return ask(body, headers)

    return post


def django_urls(inbox: Any) -> tuple[Any, ...]:
    # Other tests in this process may have set it up before.
    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="for the tests", MIDDLEWARE=[])
        django.setup()
    return (path("hooks", hookseal.django.endpoint(inbox)),)


def on_lambda(inbox: Any) -> Post:
    handler = hookseal.aws_lambda.endpoint(inbox)

    def post(body: bytes, headers: dict[str, str]) -> Answer:
        answer = handler(
            {
                "requestContext": {"http": {"method": "POST"}},
                "rawPath": "/hooks",
                "headers": headers,
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
            },
            None,
        )
        headers = answer.get("headers", {})
        return answer["statusCode"], headers.get("retry-after"), answer.get("body", "").encode()

    return post


FRAMEWORKS: list[tuple[Callable[[Any], Post], type[Any]]] = [
    (on_fastapi, AsyncInbox),
    (on_fastapi, Inbox),
    (on_starlette, AsyncInbox),
    (on_flask, Inbox),
    (on_django, Inbox),
    (on_django_asgi, AsyncInbox),
    (lambda inbox: httpx_post(hookseal.asgi.endpoint(inbox)), AsyncInbox),
    (lambda inbox: httpx_post(hookseal.asgi.endpoint(inbox)), Inbox),
    (lambda inbox: werkzeug_post(hookseal.wsgi.endpoint(inbox)), Inbox),
    (on_lambda, Inbox),
]


@pytest.mark.parametrize(("make", "kind"), FRAMEWORKS)
def test_it_answers_by_itself(make: Callable[[Any], Post], kind: type[Any]) -> None:
    inbox = kind("memory:", WEBHOOK, max_body=1000)
    post = make(inbox)
    body, headers = request("a", {"n": 1})
    assert post(body, headers) == (200, None, b"")
    assert post(body, headers) == (200, None, b"")
    assert post(body + b" ", headers) == (401, None, b'{"code":"signature_mismatch"}')
    assert post(body, {}) == (401, None, b'{"code":"missing_header"}')
    assert post(*request("b", "x" * 1000)) == (413, None, b'{"code":"request_too_large"}')
    page = inbox.events.list()
    if kind is AsyncInbox:
        page = asyncio.run(page)
    assert [event.id for event in page.items] == ["a"]
    closed = inbox.close()
    if kind is AsyncInbox:
        asyncio.run(closed)
    assert post(*request("c")) == (503, "10", b'{"code":"closed"}')


def test_what_was_refused_is_told_to_the_application() -> None:
    told: list[str] = []
    app = hookseal.wsgi.endpoint(Inbox("memory:", WEBHOOK), on_refused=lambda error: told.append(error.code))
    body, headers = request("a")
    assert werkzeug_post(app)(body + b" ", headers)[0] == 401
    assert told == ["signature_mismatch"]


def test_a_signed_url_is_the_registered_one() -> None:
    webhook = Webhook("a-secret-of-more-than-thirty-two-characters", provider="square")
    inbox = Inbox("memory:", webhook)
    app = hookseal.wsgi.endpoint(inbox, url="https://shop.example")
    body = json.dumps({"event_id": "a", "type": "payment.created"}).encode()
    headers = webhook.sign(body, url="https://shop.example/hooks")
    assert werkzeug_post(app)(body, headers)[0] == 200
    assert [event.id for event in inbox.events.list().items] == ["a"]


def test_the_wrong_kind_is_refused() -> None:
    wrong: list[tuple[Any, Any]] = [
        (hookseal.flask.endpoint, AsyncInbox("memory:", WEBHOOK)),
        (hookseal.wsgi.endpoint, WEBHOOK),
        (hookseal.asgi.endpoint, None),
    ]
    for endpoint, inbox in wrong:
        with pytest.raises(ConfigError) as refused:
            endpoint(inbox)
        assert refused.value.code == "invalid_argument"


def test_a_body_that_ends_early_is_refused() -> None:
    app = hookseal.wsgi.endpoint(Inbox("memory:", WEBHOOK))
    body, headers = request("a")
    environ = werkzeug.test.EnvironBuilder("/hooks", method="POST", data=body).get_environ()
    environ["wsgi.input"] = io.BytesIO()
    statuses: list[str] = []
    environ.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()})
    app(environ, lambda status, *_: statuses.append(status))  # type: ignore[arg-type]
    assert statuses == ["400 Bad Request"]
