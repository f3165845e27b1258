"""Applications of every framework with the adapter in front, for the tests of more than one file."""

import base64
import io
import json
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlsplit

import django
import fastapi
import flask
import httpx
import werkzeug.test
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client as DjangoClient
from django.urls import clear_url_caches, path
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import hookseal.asgi
import hookseal.aws_lambda
import hookseal.django
import hookseal.fastapi
import hookseal.flask
import hookseal.starlette
import hookseal.wsgi
from hookseal import Event, VerificationError, Webhook
from support import SECRET, errors

LIMIT = 1000
WEBHOOK = Webhook(SECRET)
ODD = '{ "type":"a",\n\t"z":1, "a": "Grüße 🪝 \\u00fc" , "data" : {"n": 1.0}}\r\n'.encode()
"""Whoever parses this and writes it again has other bytes."""

# What the requests come to, in every framework: (status, body).
Answer = tuple[int, bytes]
Lines = list[tuple[str, str]]


class Server:
    """An application that answers with the raw body of the event, and what it was asked to note."""

    def __init__(self, post: Callable[[bytes, Lines, bool, str], Answer], refused: list[str]) -> None:
        self._post = post
        self.refused = refused

    def post(
        self,
        body: bytes = ODD,
        headers: dict[str, str] | Lines | None = None,
        *,
        chunked: bool = False,
        url: str = "/hooks?a=b",
    ) -> Answer:
        """Send a request; one that is chunked has no content-length."""
        headers = WEBHOOK.sign(body) if headers is None else headers
        lines = list(headers.items()) if isinstance(headers, dict) else headers
        if not any(name == "content-type" for name, _ in lines):
            lines = [*lines, ("content-type", "application/json")]
        return self._post(body, lines, chunked, url)


Options = Any


def make_fastapi(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    app = fastapi.FastAPI()
    verified = hookseal.fastapi.verified(webhook, **options)

    @app.post("/hooks")
    async def hook(event: Annotated[Event, fastapi.Depends(verified)], request: Request) -> Response:
        assert await request.body() == event.body
        return Response(answered(event))

    post = with_httpx(TestClient(app))

    def without_detail(*arguments: Any) -> Answer:
        status, body = post(*arguments)
        refused = status != 200 or body.startswith(b'{"detail":')
        return status, json.dumps(json.loads(body)["detail"]).encode() if refused else body

    return without_detail


def make_starlette(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    @hookseal.starlette.verified(webhook, **options)
    async def hook(request: Request, event: Event) -> Response:
        assert await request.body() == event.body
        return Response(answered(event))

    return with_httpx(TestClient(Starlette(routes=[Route("/hooks", hook, methods=["POST"])])))


def make_starlette_sync(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    @hookseal.starlette.verified(webhook, **options)
    def hook(request: Request, event: Event) -> Response:
        assert request.method == "POST"
        return Response(answered(event))

    return with_httpx(TestClient(Starlette(routes=[Route("/hooks", hook, methods=["POST"])])))


def make_asgi(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    @hookseal.asgi.verified(webhook, **options)
    async def app(scope: Any, receive: Any, send: Any) -> None:
        event = scope["hookseal.event"]
        message = await receive()
        assert message["body"] == event.body
        assert not message["more_body"]
        status, body = answer_of(event)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return with_httpx(TestClient(app))


def make_wsgi(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    @hookseal.wsgi.verified(webhook, **options)
    def app(environ: Any, start_response: Any) -> list[bytes]:
        event = environ["hookseal.event"]
        assert environ["wsgi.input"].read() == event.body
        assert environ["CONTENT_LENGTH"] == str(len(event.body))
        status, body = answer_of(event)
        start_response(f"{status} OK", [])
        return [body]

    return with_werkzeug(app)


def make_flask(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    app = flask.Flask(__name__)
    app.testing = True

    @app.post("/<name>")
    @hookseal.flask.verified(webhook, **options)
    def hook(event: Event, name: str) -> bytes:
        assert name == "hooks"
        assert flask.request.get_data() == event.body
        return answered(event)

    return with_werkzeug(app)


def make_django(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    @hookseal.django.verified(webhook, **options)
    def hook(request: HttpRequest, event: Event, name: str) -> HttpResponse:
        assert name == "hooks"
        assert request.body == event.body
        return HttpResponse(answered(event))

    route("<name>", hook)

    def post(body: bytes, lines: Lines, chunked: bool, url: str) -> Answer:
        environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in joined(lines).items()}
        if chunked:
            # Django reads nothing that has no length: the body is empty.
            environ["CONTENT_LENGTH"] = ""
        content_type = environ.pop("HTTP_CONTENT_TYPE")
        client = DjangoClient(enforce_csrf_checks=True)
        response = client.generic("POST", url, body, content_type, **environ)
        return response.status_code, response.content

    return post


def make_django_async(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    @hookseal.django.verified(webhook, **options)
    async def hook(request: HttpRequest, event: Event, name: str) -> HttpResponse:
        assert name == "hooks"
        assert request.body == event.body
        return HttpResponse(answered(event))

    route("<name>", hook)

    return with_httpx(TestClient(ASGIHandler()))


def make_lambda(
    webhook: Webhook, *, old: bool = False, plain: bool = False, **options: Options
) -> Callable[[bytes, Lines, bool, str], Answer]:
    @hookseal.aws_lambda.verified(webhook, **options)
    def handler(event: Event, request: dict[str, Any], context: Any) -> dict[str, Any]:
        assert request["isBase64Encoded"] != plain
        assert context == "context"
        return {"statusCode": 200, "body": base64.b64encode(answered(event)).decode()}

    def post(body: bytes, lines: Lines, _chunked: bool, url: str) -> Answer:
        parts = urlsplit(url)
        request: dict[str, Any] = {
            "body": body.decode() if plain else base64.b64encode(body).decode(),
            "isBase64Encoded": not plain,
        }
        if old:
            lists: dict[str, list[str]] = {}
            for name, value in lines:
                lists.setdefault(name.title(), []).append(value)
            request |= {
                "httpMethod": "POST",
                "path": parts.path,
                "requestContext": {"path": parts.path, "stage": "prod"},
                "headers": {name: values[-1] for name, values in lists.items()},
                "multiValueHeaders": lists,
                "multiValueQueryStringParameters": {"a": ["b"]} if parts.query else None,
            }
        else:
            request |= {
                "version": "2.0",
                "rawPath": parts.path,
                "rawQueryString": parts.query,
                "requestContext": {"http": {"method": "POST", "path": parts.path}},
                "headers": joined(lines),
            }
        answer = handler(json.loads(json.dumps(request)), "context")
        text = answer["body"]
        return answer["statusCode"], text.encode() if text.startswith("{") else base64.b64decode(text)

    return post


def make_lambda_old(webhook: Webhook, **options: Options) -> Callable[[bytes, Lines, bool, str], Answer]:
    return make_lambda(webhook, old=True, **options)


def answered(event: Event) -> bytes:
    """What a handler does that reads the data first."""
    assert event.data is not None
    return bytes(event.body)


def answer_of(event: Event) -> Answer:
    """The same where the application is alone with what it finds."""
    try:
        return 200, answered(event)
    except VerificationError as error:
        return error.http_status, f'{{"code":"{error.code}"}}'.encode()


def joined(lines: Lines) -> dict[str, str]:
    """Several lines of a header as servers join them."""
    headers: dict[str, str] = {}
    for name, value in lines:
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def with_httpx(client: TestClient) -> Callable[[bytes, Lines, bool, str], Answer]:
    def post(body: bytes, lines: Lines, chunked: bool, url: str) -> Answer:
        content: Any = (body[at : at + 7] for at in range(0, len(body), 7)) if chunked else body
        response = client.post(url, content=content, headers=httpx.Headers(lines))
        return response.status_code, response.content

    return post


def with_werkzeug(app: Any) -> Callable[[bytes, Lines, bool, str], Answer]:
    def post(body: bytes, lines: Lines, chunked: bool, url: str) -> Answer:
        client = werkzeug.test.Client(app)
        headers = werkzeug.datastructures.Headers(lines)
        if not chunked:
            response = client.post(url, data=body, headers=headers)
        else:
            overrides = {"wsgi.input_terminated": True}
            response = client.post(
                url, input_stream=io.BytesIO(body), headers=headers, environ_overrides=overrides
            )
        answer = response.status_code, response.data
        response.close()
        return answer

    return post


class URLS:
    """What Django takes for a module of urls."""

    urlpatterns: list[Any] = []  # noqa: RUF012


def route(at: str, view: Any) -> None:
    """Serve this view with Django."""
    URLS.urlpatterns = [path(at, view)]
    clear_url_caches()


settings.configure(
    ROOT_URLCONF=URLS,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    SECRET_KEY="for the tests",
    DEBUG_PROPAGATE_EXCEPTIONS=True,
)
django.setup()

FRAMEWORKS: dict[str, Callable[..., Callable[[bytes, Lines, bool, str], Answer]]] = {
    "fastapi": make_fastapi,
    "starlette": make_starlette,
    "starlette, sync": make_starlette_sync,
    "asgi": make_asgi,
    "wsgi": make_wsgi,
    "flask": make_flask,
    "django": make_django,
    "django, async": make_django_async,
    "lambda": make_lambda,
    "lambda, old format": make_lambda_old,
}
# Those that can read a body of unknown length at all; API Gateway gives every body a length.
CHUNKED = [name for name in FRAMEWORKS if name != "django" and not name.startswith("lambda")]


def server(framework: str, webhook: Webhook = WEBHOOK, **options: Any) -> Server:
    refused: list[str] = []
    options = {"on_refused": lambda error: refused.append(error.code), **options}
    return Server(FRAMEWORKS[framework](webhook, **options), refused)


def code(answer: Answer, status: int) -> str:
    """The code that a refusal tells, and that it tells no more."""
    assert answer[0] == status, answer
    told = json.loads(answer[1])
    assert set(told) == {"code"}
    named: str = told["code"]
    assert next(row["status"] for row in errors() if row["code"] == named) == status
    return named
