"""Vendors' handshakes: the vectors that all languages share, and every adapter with the real framework."""

import asyncio
import base64
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import fastapi
import flask
import pytest
import werkzeug.test
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client as DjangoClient
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
from adapters_support import route
from hookseal import (
    ConfigError,
    Event,
    HandshakeAnswer,
    HooksealError,
    Provider,
    Secret,
    VerificationError,
    Webhook,
)
from hookseal.receiving import Handshake
from hookseal.testing import signed_request
from hookseal.types import Source
from support import SHARED

HANDSHAKES: list[dict[str, Any]] = json.loads((SHARED / "vectors" / "handshakes.json").read_text())[
    "handshakes"
]


@pytest.mark.parametrize("case", HANDSHAKES, ids=lambda case: case["name"])
def test_vectors(case: dict[str, Any]) -> None:
    options = {
        name: case[name] for name in ("url", "method", "verify_token", "now") if case[name] is not None
    }
    asked = Webhook(case["secrets"], provider=case["provider"]) if case["secrets"] else None
    ask = Provider.builtin(case["provider"]).handshake if asked is None else asked.handshake
    if case["expect"] not in ("answer", "none"):
        with pytest.raises(HooksealError) as refused:
            ask(case["body"].encode(), case["headers"], **options)
        assert refused.value.code == case["expect"]
        return
    answer = ask(case["body"].encode(), case["headers"], **options)
    if answer is None:
        assert case["expect"] == "none"
        return
    assert case["expect"] == "answer"
    assert answer.status == 200
    assert list(answer.headers.items()) == [tuple(line) for line in case["headers_sent"]]
    if "json_sent" in case:
        assert json.loads(answer.body) == case["json_sent"]
    if "body_sent" in case:
        assert answer.body == case["body_sent"].encode()
    assert (answer.secret and answer.secret.expose()) == case.get("secret_given")


Ask = Callable[[str, str, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]
METHODS = ["GET", "HEAD", "POST"]


def with_httpx(app: Any) -> Ask:
    client = TestClient(app)

    def ask(
        method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        response = client.request(method, target, content=body, headers=headers)
        return response.status_code, dict(response.headers), response.content

    return ask


def with_werkzeug(app: Any) -> Ask:
    def ask(
        method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        with werkzeug.test.Client(app).open(target, method=method, data=body, headers=headers) as response:
            lines = {name.lower(): value for name, value in response.headers}
            return response.status_code, lines, response.data

    return ask


def make_fastapi(source: Source, **options: Any) -> Ask:
    app = fastapi.FastAPI()
    hookseal.fastapi.answer_handshakes(app)
    event = fastapi.Depends(hookseal.fastapi.verified(source, **options))

    @app.api_route("/hooks", methods=METHODS)
    async def hook(event: Event = event) -> Response:
        return Response(event.body)

    ask = with_httpx(app)

    def without_detail(*request: Any) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = ask(*request)
        if status != 200:
            assert set(json.loads(body)) == {"detail"}
        return status, headers, body

    return without_detail


def make_starlette(source: Source, **options: Any) -> Ask:
    @hookseal.starlette.verified(source, **options)
    async def hook(request: Request, event: Event) -> Response:
        return Response(event.body)

    return with_httpx(Starlette(routes=[Route("/hooks", hook, methods=METHODS)]))


def make_asgi(source: Source, **options: Any) -> Ask:
    @hookseal.asgi.verified(source, **options)
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await Response(scope["hookseal.event"].body)(scope, receive, send)

    return with_httpx(app)


def make_wsgi(source: Source, **options: Any) -> Ask:
    @hookseal.wsgi.verified(source, **options)
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["hookseal.event"].body]

    return with_werkzeug(app)


def make_flask(source: Source, **options: Any) -> Ask:
    app = flask.Flask(__name__)
    app.testing = True

    @app.route("/hooks", methods=METHODS)
    @hookseal.flask.verified(source, **options)
    def hook(event: Event) -> bytes:
        return event.body

    return with_werkzeug(app)


def make_django(source: Source, **options: Any) -> Ask:
    @hookseal.django.verified(source, **options)
    def hook(request: HttpRequest, event: Event) -> HttpResponse:
        return HttpResponse(event.body)

    route("hooks", hook)

    def ask(
        method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        response = DjangoClient().generic(method, target, body, "application/json", headers=headers)
        lines = {name.lower(): value for name, value in response.items()}
        return response.status_code, lines, response.content

    return ask


def make_django_async(source: Source, **options: Any) -> Ask:
    @hookseal.django.verified(source, **options)
    async def hook(request: HttpRequest, event: Event) -> HttpResponse:
        return HttpResponse(event.body)

    route("hooks", hook)
    return with_httpx(ASGIHandler())


def make_lambda(source: Source, **options: Any) -> Ask:
    @hookseal.aws_lambda.verified(source, **options)
    def handler(event: Event, request: dict[str, Any], context: Any) -> dict[str, Any]:
        return {"statusCode": 200, "headers": {}, "body": event.body.decode()}

    def ask(
        method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(target)
        answer = handler(
            {
                "version": "2.0",
                "rawPath": parts.path,
                "rawQueryString": parts.query,
                "requestContext": {"http": {"method": method, "path": parts.path}},
                "headers": headers,
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
            },
            None,
        )
        return answer["statusCode"], answer["headers"], answer["body"].encode()

    return ask


SYNC = {
    "flask": make_flask,
    "wsgi": make_wsgi,
    "django": make_django,
    "lambda": make_lambda,
}
ASYNC = {
    "fastapi": make_fastapi,
    "starlette": make_starlette,
    "asgi": make_asgi,
    "django, async": make_django_async,
}
FRAMEWORKS: dict[str, Callable[..., Ask]] = {**SYNC, **ASYNC}


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> Callable[..., Ask]:
    return FRAMEWORKS[request.param]


KEY = "0123456789abcdef0123456789abcdef"


def signed(provider: str, payload: dict[str, Any], **headers: str) -> tuple[dict[str, str], bytes]:
    request = signed_request(KEY, provider=provider, body=json.dumps(payload))
    return {**request.headers, **headers}, request.body


def test_slack(framework: Callable[..., Ask]) -> None:
    ask = framework(Webhook(KEY, provider="slack"))
    headers, body = signed("slack", {"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRN"})
    status, lines, answer = ask("POST", "/hooks", headers, body)
    assert (status, answer) == (200, b"3eZbrw1aBm2rZgRN")
    assert lines["content-type"] == "text/plain; charset=utf-8"
    assert lines["x-content-type-options"] == "nosniff"
    assert ask("POST", "/hooks", headers, body + b" ")[0] == 401
    headers, body = signed("slack", {"type": "event_callback"})
    assert ask("POST", "/hooks", headers, body)[2] == body


def test_zoom(framework: Callable[..., Ask]) -> None:
    ask = framework(Webhook(KEY, provider="zoom"))
    headers, body = signed("zoom", {"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlv"}})
    status, lines, answer = ask("POST", "/hooks", headers, body)
    assert (status, lines["content-type"]) == (200, "application/json")
    mac = hmac.new(KEY.encode(), b"qgg8vlv", "sha256").hexdigest()
    assert json.loads(answer) == {"plainToken": "qgg8vlv", "encryptedToken": mac}


def test_meta(framework: Callable[..., Ask]) -> None:
    ask = framework(Webhook(KEY, provider="meta"), verify_token="agreed")
    target = "/hooks?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    assert ask("GET", target + "agreed", {}, b"")[::2] == (200, b"1158201444")
    assert ask("GET", target + "guessed", {}, b"")[0] == 401
    assert ask("GET", "/hooks", {}, b"")[0] == 401
    headers, body = signed("meta", {"object": "page", "entry": []})
    assert ask("POST", "/hooks", headers, body)[2] == body


def test_twitter(framework: Callable[..., Ask]) -> None:
    ask = framework(Webhook(KEY, provider="twitter"))
    status, lines, answer = ask("GET", "/hooks?crc_token=MDQwZjQz&nonce=x", {}, b"")
    assert (status, lines["content-type"]) == (200, "application/json")
    mac = base64.b64encode(hmac.digest(KEY.encode(), b"MDQwZjQz", "sha256")).decode()
    assert json.loads(answer) == {"response_token": f"sha256={mac}"}
    # Whoever could have an event signed this way could send it.
    assert ask("GET", '/hooks?crc_token={"a":1}', {}, b"")[0] == 400


def test_twitch(framework: Callable[..., Ask]) -> None:
    ask = framework(Webhook(KEY, provider="twitch"))
    kind = {"Twitch-Eventsub-Message-Type": "webhook_callback_verification"}
    headers, body = signed("twitch", {"challenge": "pogchamp-kappa-360noscope-vohiyo"}, **kind)
    assert ask("POST", "/hooks", headers, body)[::2] == (200, b"pogchamp-kappa-360noscope-vohiyo")
    assert ask("POST", "/hooks", kind, body)[0] == 401
    del headers["Twitch-Eventsub-Message-Type"]
    assert ask("POST", "/hooks", headers, body)[2] == body


def test_trello_asks_with_head(framework: Callable[..., Ask]) -> None:
    ask = framework(Webhook(KEY, provider="trello"), url="https://example.com/hooks")
    assert ask("HEAD", "/hooks", {}, b"")[0] == 200
    assert ask("GET", "/hooks", {}, b"")[0] == 401


def test_the_first_secret_is_kept_and_no_other(framework: Callable[..., Ask]) -> None:
    kept: list[tuple[str, str]] = []

    def webhook(target: str) -> Webhook | Provider:
        assert urlsplit(target).path == "/hooks"
        return Webhook(kept[0][0], provider="asana") if kept else Provider.builtin("asana")

    ask = framework(webhook, on_secret=lambda secret, target: kept.append((secret.expose(), target)))
    event = signed_request(KEY, provider="asana", body=b'{"events": []}')
    assert ask("POST", "/hooks", event.headers, event.body)[0] == 401
    status, lines, _ = ask("POST", "/hooks?x=y", {"X-Hook-Secret": KEY}, b"{}")
    assert (status, lines["x-hook-secret"]) == (200, KEY)
    assert kept == [(KEY, "/hooks?x=y")]
    assert ask("POST", "/hooks", event.headers, event.body)[::2] == (200, event.body)
    assert ask("POST", "/hooks", {"X-Hook-Secret": "another-secret"}, b"{}")[0] == 401
    assert len(kept) == 1


def test_no_place_for_the_secret(framework: Callable[..., Ask]) -> None:
    with pytest.raises(ConfigError, match="on_secret"):
        framework(Provider.builtin("asana"))("POST", "/hooks", {"X-Hook-Secret": KEY}, b"{}")


def test_wrong_options(framework: Callable[..., Ask]) -> None:
    with pytest.raises(ConfigError, match="verify_token"):
        framework(Webhook(KEY, provider="meta"), verify_token=1)
    with pytest.raises(ConfigError, match="Expected a Webhook"):
        framework(lambda _: "slack")("POST", "/hooks", {}, b"")


# Verifiers of one's own.


class Answering:
    """Verifies by a word, and has a handshake."""

    def verify(
        self, body: bytes, headers: dict[str, str], /, *, url: str | None, method: str | None
    ) -> Event:
        assert (url, method) == (None, "POST")
        assert headers["x-word"] == "du"
        assert not {"request_method", "path_info", "path"} & set(headers)
        if not body.endswith(b"please"):
            raise VerificationError("It lacks the word.", "signature_mismatch")
        return Event.trusted(body, id="1", type="asked")

    def handshake(
        self, body: bytes, headers: dict[str, str], /, **asked: str | None
    ) -> HandshakeAnswer | None:
        assert asked == {"url": "/hooks?a=b", "method": "POST", "verify_token": "t"}
        return HandshakeAnswer("hello", headers={"x-hello": "you"}) if body == b"hello?" else None


class Awaited:
    """The same, asynchronous."""

    async def verify(
        self, body: bytes, headers: dict[str, str], /, *, url: str | None, method: str | None
    ) -> Event:
        await asyncio.sleep(0)
        return Answering().verify(body, headers, url=url, method=method)

    async def handshake(
        self, body: bytes, headers: dict[str, str], /, **asked: str | None
    ) -> HandshakeAnswer | None:
        return Answering().handshake(body, headers, **asked)


def check(ask: Ask) -> None:
    assert ask("POST", "/hooks?a=b", {"X-Word": "du"}, b"this please")[::2] == (200, b"this please")
    assert ask("POST", "/hooks?a=b", {"X-Word": "du"}, b"this")[0] == 401
    status, headers, body = ask("POST", "/hooks?a=b", {}, b"hello?")
    assert (status, headers["x-hello"], body) == (200, "you", b"hello")


def test_a_verifier_of_your_own(framework: Callable[..., Ask]) -> None:
    check(framework(Answering(), verify_token="t"))
    check(framework(lambda _: Answering(), verify_token="t"))


@pytest.mark.parametrize("name", ASYNC)
def test_an_asynchronous_one(name: str) -> None:
    async def choose(_target: str) -> Awaited:
        return Awaited()

    check(ASYNC[name](Awaited(), verify_token="t"))
    check(ASYNC[name](choose, verify_token="t"))


@pytest.mark.parametrize("name", SYNC)
def test_an_asynchronous_one_where_nobody_waits(name: str) -> None:
    with pytest.raises(ConfigError, match="synchronous"):
        SYNC[name](Awaited(), verify_token="t")("POST", "/hooks?a=b", {}, b"this please")


def test_fastapi_that_was_not_told() -> None:
    app = fastapi.FastAPI()
    verified = hookseal.fastapi.verified(Webhook(KEY, provider="twitter"))

    @app.get("/hooks", dependencies=[fastapi.Depends(verified)])
    async def hook() -> None:
        pytest.fail("it was let through")

    with pytest.raises(Handshake, match="answer_handshakes"):
        TestClient(app).get("/hooks?crc_token=abc")


def test_trusted_events() -> None:
    at = datetime(2026, 1, 2, tzinfo=timezone.utc)
    body = b'{"detail": {"data": {"n": 1}}}'
    event = Event.trusted(body, id="7", type="a.b", timestamp=at, tenant="t", data="detail.data")
    assert (event.id, event.type, event.timestamp, event.tenant) == ("7", "a.b", at, "t")
    assert (event.data, event.body) == ({"n": 1}, body)
    assert Event.trusted(body).data == json.loads(body)
    assert Event.trusted(b"x").id is None
    with pytest.raises(VerificationError, match="not JSON"):
        _ = Event.trusted(b"x").data
    with pytest.raises(ConfigError, match="path"):
        Event.trusted(body, data="")


def test_answers_of_your_own() -> None:
    answer = HandshakeAnswer()
    assert (answer.status, answer.headers, answer.body, answer.secret) == (200, {}, b"", None)
    assert "hello" not in repr(HandshakeAnswer("hello"))
    with pytest.raises(ConfigError):
        HandshakeAnswer(b"\xff")


def test_the_secret_is_a_secret() -> None:
    answer = Provider.builtin("asana").handshake(b"", {"x-hook-secret": KEY})
    assert answer is not None
    assert isinstance(answer.secret, Secret)
    assert KEY not in repr(answer)
