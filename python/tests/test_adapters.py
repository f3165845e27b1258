"""Every adapter, with the real framework and its own test client."""

import asyncio
import base64
import io
import json
import time
from typing import Annotated, Any

import fastapi
import flask
import pytest
import werkzeug.test
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client as DjangoClient
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
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
from adapters_support import (
    CHUNKED,
    FRAMEWORKS,
    LIMIT,
    ODD,
    WEBHOOK,
    Answer,
    code,
    make_lambda,
    route,
    server,
)
from hookseal import (
    AsyncDeduplicator,
    ConfigError,
    Deduplicator,
    Event,
    Provider,
    VerificationError,
    Webhook,
)
from support import SECRET, errors


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_the_raw_bytes_are_what_is_verified(framework: str) -> None:
    app = server(framework)
    assert app.post() == (200, ODD)
    assert app.post(json.dumps(json.loads(ODD)).encode(), WEBHOOK.sign(ODD))[0] == 401
    assert app.refused == ["signature_mismatch"]


def test_in_development_the_log_explains_and_the_peer_sees_nothing(
    framework: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = server(framework, Webhook(SECRET, explain_failures=True))
    compact = b'{"type":"a"}'
    assert code(app.post(b'{"type": "a"}', WEBHOOK.sign(compact)), 401) == "signature_mismatch"
    (record,) = [record for record in caplog.records if record.name == "hookseal"]
    assert "body_reserialized" in record.getMessage()
    own = framework.split(",")[0]
    remedy = {"lambda": "isBase64Encoded", "asgi": "http.request", "wsgi": "wsgi.input"}.get(own, f"In {own}")
    assert remedy.lower() in record.getMessage().lower()
    assert server(framework).post(b'{"type": "a"}', WEBHOOK.sign(compact))[0] == 401
    assert len([record for record in caplog.records if record.name == "hookseal"]) == 1


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "x", ""])
def test_whatever_type_the_body_claims_to_have(framework: str, content_type: str) -> None:
    headers = {**WEBHOOK.sign(ODD), "content-type": content_type}
    assert server(framework).post(headers=headers) == (200, ODD)


@pytest.mark.parametrize("framework", CHUNKED)
def test_a_body_in_chunks(framework: str) -> None:
    assert server(framework).post(chunked=True) == (200, ODD)


def test_tampered(framework: str) -> None:
    app = server(framework)
    assert code(app.post(ODD + b" ", WEBHOOK.sign(ODD)), 401) == "signature_mismatch"
    assert code(app.post(b"", WEBHOOK.sign(ODD)), 401) == "signature_mismatch"
    assert app.refused == ["signature_mismatch"] * 2


def test_stale(framework: str) -> None:
    app = server(framework)
    stale, early = (WEBHOOK.sign(ODD, timestamp=time.time() + off) for off in (-1000, 1000))
    assert code(app.post(headers=stale), 401) == "timestamp_too_old"
    assert code(app.post(headers=early), 401) == "timestamp_too_new"


def test_missing_and_malformed_headers(framework: str) -> None:
    app = server(framework)
    assert code(app.post(headers={}), 401) == "missing_header"
    signed = WEBHOOK.sign(ODD)
    assert code(app.post(headers={**signed, "webhook-timestamp": "now"}), 400) == "malformed_timestamp"
    assert code(app.post(headers={**signed, "webhook-signature": "x" * 20_000}), 400) == "malformed_header"


@pytest.mark.parametrize("chunked", [False, True])
def test_too_large(framework: str, chunked: bool) -> None:
    if chunked and framework not in CHUNKED:
        pytest.skip("it knows no body of unknown length")
    app = server(framework, max_body=LIMIT)
    exactly = b'{"type":"a","data":1}'.ljust(LIMIT)
    assert app.post(exactly, chunked=chunked) == (200, exactly)
    assert code(app.post(exactly + b" ", chunked=chunked), 413) == "request_too_large"
    assert app.refused == ["request_too_large"]


def test_the_limit_is_a_mebibyte(framework: str) -> None:
    exactly = b'{"type":"a","data":1}'.ljust(1024 * 1024)
    assert server(framework).post(exactly)[0] == 200
    assert code(server(framework).post(exactly + b" "), 413) == "request_too_large"


def test_signature_headers_twice(framework: str) -> None:
    app = server(framework)
    signed = WEBHOOK.sign(ODD)
    forged = ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    other = ("webhook-signature", forged[1].replace("g", "h"))
    unsigned = [(name, value) for name, value in signed.items() if name != forged[0]]
    status, body = app.post(headers=[*unsigned, forged, other])
    assert code((status, body), status) in ("malformed_header", "signature_mismatch")
    for name in ("webhook-id", "webhook-timestamp"):
        status, body = app.post(headers=[*signed.items(), (name, "1614265330")])
        assert code((status, body), status) in (
            "malformed_header",
            "malformed_timestamp",
            "signature_mismatch",
        )
    # One of several signatures is enough, where the server keeps the lines apart.
    assert app.post(headers=[forged, *signed.items()])[0] in (200, 400, 401)


def test_a_body_that_is_not_utf_8(framework: str) -> None:
    app = server(framework)
    assert code(app.post(b"\xff\xfe\x00"), 400) == "invalid_payload"
    assert code(app.post(b"\xff\xfe\x00", WEBHOOK.sign(b"\xff\xfe")), 401) == "signature_mismatch"
    assert app.refused[-1] == "signature_mismatch"


def test_an_empty_body(framework: str) -> None:
    assert code(server(framework).post(b""), 400) == "invalid_payload"


TWILIO = Webhook("a" * 32, provider="twilio")
FORM = b"b=2&a=1"


@pytest.mark.parametrize("url", ["https://example.com", "https://example.com/hooks"])
def test_schemes_that_sign_the_url(framework: str, url: str) -> None:
    headers = TWILIO.sign(FORM, url="https://example.com/hooks?a=b")
    headers["content-type"] = "application/x-www-form-urlencoded"
    # The form is no JSON, of which the handler wants to read: that it comes so far says that it was verified.
    assert code(server(framework, TWILIO, url=url).post(FORM, headers), 400) == "invalid_payload"
    other = server(framework, TWILIO, url="https://example.org")
    assert code(other.post(FORM, headers), 401) == "signature_mismatch"


def test_the_url_is_not_taken_from_the_request(framework: str) -> None:
    with pytest.raises(ConfigError, match="signs the url"):
        server(framework, TWILIO).post(FORM, TWILIO.sign(FORM, url="http://testserver/hooks?a=b"))


def test_the_method_is_signed(framework: str) -> None:
    toml = """
id = "own"
name = "Own"
sources = []
confidence = "own"
[signature]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{method}{body}"
key = { encoding = "utf8" }
"""
    webhook = Webhook("a" * 32, provider=Provider.from_toml(toml))
    app = server(framework, webhook)
    assert app.post(ODD, webhook.sign(ODD, method="POST")) == (200, ODD)
    assert app.post(ODD, webhook.sign(ODD, method="PUT"))[0] == 401


@pytest.mark.parametrize("wrong", [{"max_body": -1}, {"max_body": "1"}, {"max_body": True}, {"url": 1}])
def test_wrong_options(framework: str, wrong: Any) -> None:
    with pytest.raises(ConfigError):
        server(framework, **wrong)
    with pytest.raises(ConfigError, match="verified"):
        server(framework, webhook="whsec_x")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        server(framework, limit=1)


# The limit holds while a body is read.


class Endless(io.RawIOBase):
    """A body that never ends; it counts what was read of it."""

    def __init__(self) -> None:
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0, "that would never end"
        self.count += size
        return b" " * size

    def readinto(self, buffer: Any) -> int:
        self.count += len(buffer)
        buffer[:] = b" " * len(buffer)
        return len(buffer)


def over_wsgi(name: str, stream: Any, **environ: Any) -> Answer:
    """The answer of an application that reads this stream."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"let through"]

    application: Any = hookseal.wsgi.verified(WEBHOOK, max_body=LIMIT)(app)
    if name == "flask":
        application = flask.Flask(__name__)
        verified = hookseal.flask.verified(WEBHOOK, max_body=LIMIT)
        application.add_url_rule("/hooks", "hook", verified(lambda event: b"let through"), methods=["POST"])
    made = werkzeug.test.EnvironBuilder(
        "/hooks", method="POST", headers=[*WEBHOOK.sign(ODD).items()]
    ).get_environ()
    made.pop("CONTENT_LENGTH", None)
    made |= {"wsgi.input": stream, **environ}
    status: list[str] = []

    def start_response(line: str, headers: Any) -> None:
        status.append(line)

    body = b"".join(application(made, start_response))
    return int(status[0].split()[0]), body


@pytest.mark.parametrize("name", ["wsgi", "flask"])
def test_an_endless_body_over_wsgi(name: str) -> None:
    stream = Endless()
    answer = over_wsgi(name, stream, **{"wsgi.input_terminated": True})
    assert code(answer, 413) == "request_too_large"
    assert stream.count < 10 * 64 * 1024


@pytest.mark.parametrize("name", ["wsgi", "flask"])
def test_a_declared_length_is_refused_unread_over_wsgi(name: str) -> None:
    stream = Endless()
    assert code(over_wsgi(name, stream, CONTENT_LENGTH="1001"), 413) == "request_too_large"
    assert stream.count == 0


@pytest.mark.parametrize("name", ["wsgi", "flask"])
@pytest.mark.parametrize("declared", ["", "-1", "x", "9" * 30])
def test_lengths_that_make_no_sense_over_wsgi(name: str, declared: str) -> None:
    assert over_wsgi(name, Endless(), CONTENT_LENGTH=declared)[0] in (400, 401, 413)


@pytest.mark.parametrize("name", ["wsgi", "flask"])
def test_a_body_that_ends_early_over_wsgi(name: str) -> None:
    answer = over_wsgi(name, io.BytesIO(ODD), CONTENT_LENGTH=str(len(ODD) + 1))
    assert code(answer, 400) == "invalid_payload"
    assert over_wsgi(name, io.BytesIO(ODD), CONTENT_LENGTH=str(len(ODD))) == (200, b"let through")


def asgi_apps() -> dict[str, Any]:
    app = fastapi.FastAPI()
    verified = hookseal.fastapi.verified(WEBHOOK, max_body=LIMIT)

    @app.post("/hooks", dependencies=[fastapi.Depends(verified)])
    async def hook() -> None:
        pytest.fail("it was let through")

    @hookseal.starlette.verified(WEBHOOK, max_body=LIMIT)
    async def endpoint(request: Request, event: Event) -> Response:
        pytest.fail("it was let through")

    @hookseal.asgi.verified(WEBHOOK, max_body=LIMIT)
    async def plain(scope: Any, receive: Any, send: Any) -> None:
        pytest.fail("it was let through")

    starlette = Starlette(routes=[Route("/hooks", endpoint, methods=["POST"])])
    return {"fastapi": app, "starlette": starlette, "asgi": plain}


def http_scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/hooks",
        "query_string": b"",
        "root_path": "",
        "headers": [],
        **more,
    }


@pytest.mark.parametrize("name", ["fastapi", "starlette", "asgi"])
def test_an_endless_body_over_asgi(name: str) -> None:
    received = 0
    sent: list[Any] = []

    async def receive() -> Any:
        nonlocal received
        received += 100
        return {"type": "http.request", "body": b" " * 100, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asgi_apps()[name](http_scope(), receive, send))
    assert sent[0]["status"] == 413
    assert received == LIMIT + 100


@pytest.mark.parametrize("name", ["fastapi", "starlette", "asgi"])
def test_a_declared_length_is_refused_unread(name: str) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        pytest.fail("it was read")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = http_scope(headers=[(b"content-length", b"1001")])
    asyncio.run(asgi_apps()[name](scope, receive, send))
    assert sent[0]["status"] == 413


@pytest.mark.parametrize("name", ["fastapi", "starlette", "asgi"])
def test_a_peer_that_goes_away(name: str) -> None:
    messages = [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(asgi_apps()[name](http_scope(), receive, send))
    assert sent[0]["status"] == 400


# What ran before may have read the body.


async def via_body(request: Request, call_next: Any) -> Any:
    assert await request.body()
    return await call_next(request)


async def via_stream(request: Request, call_next: Any) -> Any:
    assert [chunk async for chunk in request.stream()]
    return await call_next(request)


@pytest.mark.parametrize("name", ["fastapi", "starlette"])
def test_a_middleware_of_starlette_that_read_the_body(name: str) -> None:
    def client(dispatch: Any) -> TestClient:
        middleware = [Middleware(BaseHTTPMiddleware, dispatch=dispatch)]
        if name == "starlette":

            @hookseal.starlette.verified(WEBHOOK)
            async def hook(request: Request, event: Event) -> Response:
                return Response(event.body)

            routes = [Route("/", hook, methods=["POST"])]
            return TestClient(Starlette(routes=routes, middleware=middleware))
        app = fastapi.FastAPI(middleware=middleware)
        verified = hookseal.fastapi.verified(WEBHOOK)

        @app.post("/")
        async def endpoint(event: Annotated[Event, fastapi.Depends(verified)]) -> Response:
            return Response(event.body)

        return TestClient(app)

    assert client(via_body).post("/", content=ODD, headers=WEBHOOK.sign(ODD)).content == ODD
    gone = client(via_stream).post("/", content=ODD, headers=WEBHOOK.sign(ODD))
    assert gone.status_code == 400
    assert "invalid_payload" in gone.text


def test_an_endpoint_of_starlette_whose_stream_is_gone() -> None:
    @hookseal.starlette.verified(WEBHOOK)
    async def hook(request: Request, event: Event) -> Response:
        pytest.fail("it was let through")

    async def wrapped(request: Request) -> Response:
        assert [chunk async for chunk in request.stream()]
        return await hook(request)

    client = TestClient(Starlette(routes=[Route("/", wrapped, methods=["POST"])]))
    with pytest.raises(ConfigError, match=r"request\.body"):
        client.post("/", content=ODD, headers=WEBHOOK.sign(ODD))


def test_fastapi_that_parses_the_body_too() -> None:
    app = fastapi.FastAPI()
    verified = hookseal.fastapi.verified(WEBHOOK)

    @app.post("/")
    async def hook(event: Annotated[Event, fastapi.Depends(verified)], payload: dict[str, Any]) -> Response:
        assert payload == event.payload
        return Response(event.body)

    headers = {**WEBHOOK.sign(ODD), "content-type": "application/json"}
    assert TestClient(app).post("/", content=ODD, headers=headers).content == ODD


def test_a_hook_of_flask_that_read_the_body() -> None:
    app = flask.Flask(__name__)

    @app.before_request
    def before() -> None:
        assert flask.request.get_json(silent=True) or flask.request.form

    @app.post("/")
    @hookseal.flask.verified(WEBHOOK)
    def hook(event: Event) -> bytes:
        return bytes(event.body)

    client = app.test_client()
    assert client.post("/", data=ODD, headers=WEBHOOK.sign(ODD), content_type="application/json").data == ODD
    form = client.post(
        "/", data=FORM, headers=WEBHOOK.sign(FORM), content_type="application/x-www-form-urlencoded"
    )
    assert (form.status_code, form.data) == (400, b'{"code":"invalid_payload"}')


def test_the_lower_limit_of_flask_holds() -> None:
    app = flask.Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 10

    @app.post("/")
    @hookseal.flask.verified(WEBHOOK)
    def hook(event: Event) -> None:
        pytest.fail("it was let through")

    response = app.test_client().post("/", data=ODD, headers=WEBHOOK.sign(ODD))
    assert (response.status_code, response.data) == (413, b'{"code":"request_too_large"}')


def test_a_view_of_django_whose_body_is_gone() -> None:
    @hookseal.django.verified(WEBHOOK)
    def hook(request: HttpRequest, event: Event) -> None:
        pytest.fail("it was let through")

    def wrapped(request: HttpRequest) -> HttpResponse:
        assert request.read(1)
        response: HttpResponse = hook(request)
        return response

    route("hooks", wrapped)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in WEBHOOK.sign(ODD).items()}
    with pytest.raises(ConfigError, match=r"request\.body"):
        DjangoClient().generic("POST", "/hooks", ODD, "application/json", **headers)


def test_the_lower_limit_of_django_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 10, raising=False)
    assert code(server("django").post(), 413) == "request_too_large"


# Handlers.


def test_handlers_that_return_nothing_answer_200() -> None:
    signed = WEBHOOK.sign(ODD)

    @hookseal.starlette.verified(WEBHOOK)
    async def endpoint(request: Request, event: Event) -> None:
        pass

    app = Starlette(routes=[Route("/", endpoint, methods=["POST"])])
    assert TestClient(app).post("/", content=ODD, headers=signed).status_code == 200
    app2 = flask.Flask(__name__)

    @app2.post("/")
    @hookseal.flask.verified(WEBHOOK)
    def view(event: Event) -> None:
        pass

    assert app2.test_client().post("/", data=ODD, headers=signed).status_code == 200

    @hookseal.django.verified(WEBHOOK)
    def hook(request: HttpRequest, event: Event) -> None:
        pass

    route("hooks", hook)
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()}
    assert DjangoClient().generic("POST", "/hooks", ODD, "a/b", **headers).status_code == 200

    @hookseal.aws_lambda.verified(WEBHOOK)
    def handler(event: Event, request: dict[str, Any], context: Any) -> None:
        pass

    request = {"headers": signed, "body": ODD.decode(), "requestContext": {}, "httpMethod": "POST"}
    assert handler(request, None) == {"statusCode": 200}


def test_other_requests_of_asgi() -> None:
    seen = []

    @hookseal.asgi.verified(WEBHOOK)
    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def serve() -> None:
        await app({"type": "lifespan"}, receive, send)
        await app({"type": "websocket"}, receive, send)

    asyncio.run(serve())
    assert seen == ["lifespan"]
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_mounted_applications_sign_the_whole_path() -> None:
    @hookseal.wsgi.verified(TWILIO, url="https://example.com")
    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"ok"]

    headers = TWILIO.sign(FORM, url="https://example.com/a/b%20c?d=%C3%A9")
    made = werkzeug.test.EnvironBuilder(
        "/b c", query_string="d=%C3%A9", method="POST", data=FORM, headers=[*headers.items()]
    )
    environ = made.get_environ() | {"SCRIPT_NAME": "/a", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    for name in ("RAW_URI", "REQUEST_URI"):
        environ.pop(name, None)
    status: list[str] = []
    assert list(app(environ, lambda line, _: status.append(line))) == [b"ok"]  # type: ignore[arg-type]


# AWS Lambda.


def lambda_handler(event: Event, request: dict[str, Any], context: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": event.body.decode()}


def test_lambda_with_text() -> None:
    assert make_lambda(WEBHOOK, plain=True)(ODD, list(WEBHOOK.sign(ODD).items()), False, "/hooks")[1] == ODD


@pytest.mark.parametrize("request_", [{}, {"Records": []}, [], None, {"requestContext": 1}])
def test_lambda_called_with_something_else(request_: Any) -> None:
    with pytest.raises(ConfigError, match="no HTTP request"):
        hookseal.aws_lambda.verified(WEBHOOK)(lambda_handler)(request_, None)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"body": None}, 401),
        ({"headers": None}, 401),
        ({"body": "!", "isBase64Encoded": True}, 400),
        ({"body": "\ud800"}, 401),
    ],
)
def test_lambda_with_odd_requests(more: Any, expected: int) -> None:
    request = {"headers": WEBHOOK.sign(ODD), "body": ODD.decode(), "requestContext": {}, **more}
    assert hookseal.aws_lambda.verified(WEBHOOK)(lambda_handler)(request, None)["statusCode"] == expected


def test_lambda_with_a_parsed_body() -> None:
    request = {"headers": WEBHOOK.sign(ODD), "body": {"a": 1}, "requestContext": {}}
    with pytest.raises(ConfigError, match="parsed"):
        hookseal.aws_lambda.verified(WEBHOOK)(lambda_handler)(request, None)


def test_lambda_behind_a_load_balancer() -> None:
    handler = hookseal.aws_lambda.verified(TWILIO, url="https://example.com")(
        lambda event, request, context: {"statusCode": 200}
    )
    headers = TWILIO.sign(FORM, url="https://example.com/hooks?a=%C3%A9&b=1")
    request = {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:x"}},
        "httpMethod": "POST",
        "path": "/hooks",
        "queryStringParameters": {"a": "%C3%A9", "b": "1"},
        "headers": {**headers, "content-type": "application/x-www-form-urlencoded"},
        "body": base64.b64encode(FORM).decode(),
        "isBase64Encoded": True,
    }
    assert handler(request, None) == {"statusCode": 200}


def test_the_statuses_are_those_of_all_languages() -> None:
    for row in errors():
        assert VerificationError("", row["code"]).http_status == row["status"]
    assert VerificationError("", "something else").http_status == 500


@pytest.mark.parametrize("kind", [Deduplicator, AsyncDeduplicator])
def test_each_event_is_handled_once(framework: str, kind: type[Deduplicator | AsyncDeduplicator]) -> None:
    receiver = server(framework, deduplicator=kind("memory:"))
    headers = WEBHOOK.sign(ODD)
    assert receiver.post(ODD, headers) == (200, ODD)
    for _ in range(2):
        status, body = receiver.post(ODD, headers)
        assert (status, json.loads(body)) == (200, {"code": "duplicate_event"})
    assert receiver.refused == ["duplicate_event"] * 2
    assert receiver.post(ODD) == (200, ODD)


def test_what_was_not_handled_comes_again(framework: str) -> None:
    receiver = server(framework, deduplicator=Deduplicator("memory:"))
    # The signature is right, and the handler reads what is not there.
    headers = WEBHOOK.sign(b"no JSON")
    for _ in range(3):
        status, body = receiver.post(b"no JSON", headers)
        assert (status, json.loads(body)) == (400, {"code": "invalid_payload"})


def test_what_is_in_progress_is_put_off(framework: str) -> None:
    deduplicator = Deduplicator("memory:")
    receiver = server(framework, deduplicator=deduplicator)
    headers = WEBHOOK.sign(ODD)
    with deduplicator.claim(WEBHOOK.verify(ODD, headers)) as claim:
        status, body = receiver.post(ODD, headers)
        assert (status, json.loads(body)) == (503, {"code": "event_in_progress"})
        claim.release()
    assert receiver.post(ODD, headers) == (200, ODD)


def test_when_to_come_back_and_answers_that_are_no_success() -> None:
    deduplicator = Deduplicator("memory:")
    app, statuses = flask.Flask(__name__), [500, 404, 204]

    @app.post("/hooks")
    @hookseal.flask.verified(WEBHOOK, deduplicator=deduplicator)
    def hook(event: Event) -> tuple[str, int]:
        return "", statuses.pop(0)

    client, headers = app.test_client(), WEBHOOK.sign(ODD)
    with deduplicator.claim(WEBHOOK.verify(ODD, headers)) as claim:
        answer = client.post("/hooks", data=ODD, headers=headers)
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        claim.release()
    answers = [client.post("/hooks", data=ODD, headers=headers).status_code for _ in range(4)]
    assert answers == [500, 404, 204, 200]


def test_no_deduplicator(framework: str) -> None:
    with pytest.raises(ConfigError):
        server(framework, deduplicator="memory:")
