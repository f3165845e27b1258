"""Every form that the frameworks of Python give headers in."""

from __future__ import annotations

import collections
import email
import hmac
import http.client
import io
import types
from typing import Any
from wsgiref.util import setup_testing_defaults

import django.http.request
import httpx
import multidict
import pytest
import starlette.datastructures
import starlette.requests
import werkzeug.datastructures
from hypothesis import given
from hypothesis import strategies as st

from hookseal import ConfigError, HooksealError, Provider, VerificationError, Webhook
from support import BODY, HEADERS, NOW, SECRET

ENVIRON = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in HEADERS.items()}
RAW = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "query_string": b"",
    "headers": [(b"host", b"x"), *RAW],
}


def environ() -> dict[str, Any]:
    made: dict[str, Any] = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "20", **ENVIRON}
    setup_testing_defaults(made)
    return made


def message() -> Any:
    lines = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    return http.client.parse_headers(io.BytesIO(f"Host: x\r\n{lines}\r\n".encode()))


FORMS: dict[str, Any] = {
    "dict": HEADERS,
    "upper case": {name.upper(): value for name, value in HEADERS.items()},
    "bytes": dict(RAW),
    "lists": {name: [value] for name, value in HEADERS.items()},
    "tuples of bytes": {name: (value.encode(),) for name, value in HEADERS.items()},
    "a number": {**HEADERS, "webhook-timestamp": NOW},
    "pairs": list(HEADERS.items()),
    "pairs of bytes": RAW,
    "pairs as lists": [list(pair) for pair in HEADERS.items()],
    "a tuple": tuple(HEADERS.items()),
    "an iterator": iter(HEADERS.items()),
    "dict items": HEADERS.items(),
    "mapping proxy": types.MappingProxyType(HEADERS),
    "ordered dict": collections.OrderedDict(HEADERS),
    "chain map": collections.ChainMap({}, HEADERS),
    "wsgi": environ(),
    "asgi scope": SCOPE,
    "asgi headers": SCOPE["headers"],
    "asgi scope with tuples": {**SCOPE, "headers": tuple(SCOPE["headers"])},
    "http.client": message(),
    "email": email.message_from_string("\n".join(f"{name}: {value}" for name, value in HEADERS.items())),
    "starlette headers": starlette.datastructures.Headers(scope=SCOPE),
    "starlette mutable headers": starlette.datastructures.MutableHeaders(HEADERS),
    "starlette request": starlette.requests.Request(SCOPE),
    "django": django.http.request.HttpHeaders(environ()),
    "django META": environ(),
    "werkzeug headers": werkzeug.datastructures.Headers(HEADERS),
    "werkzeug environ headers": werkzeug.datastructures.EnvironHeaders(environ()),
    "aiohttp": multidict.CIMultiDictProxy(multidict.CIMultiDict(HEADERS)),
    "httpx": httpx.Headers(HEADERS),
}


@pytest.mark.parametrize("form", FORMS)
def test_form(form: str) -> None:
    assert Webhook(SECRET).verify(BODY, FORMS[form], now=NOW).id == HEADERS["webhook-id"]


def test_large_bodies_take_the_same_forms() -> None:
    webhook = Webhook(SECRET)
    body = b"x" * 100_000
    for headers in (webhook.sign(body), webhook.sign(body).items()):
        webhook.verify(body, headers)


def code(headers: Any) -> str:
    with pytest.raises(VerificationError) as error:
        Webhook(SECRET).verify(BODY, headers, now=NOW)
    return error.value.code


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_is_missing(name: str) -> None:
    rest = {other: value for other, value in HEADERS.items() if other != name}
    assert code(rest) == "missing_header"
    for nothing in (None, [], "", [None], object(), 1.5, {"a": "b"}):
        assert code({**rest, name: nothing}) == "missing_header"


@pytest.mark.parametrize("empty", [{}, [], (), iter(()), {"type": "http", "headers": []}])
def test_no_headers(empty: Any) -> None:
    assert code(empty) == "missing_header"


def test_what_is_no_header_is_passed_over() -> None:
    junk: Any = [
        None,
        1,
        "ab",
        b"ab",
        (),
        ("a",),
        ("a", "b", "c"),
        (1, 2),
        (None, None),
        [],
        object(),
        {1: 2},
    ]
    Webhook(SECRET).verify(BODY, junk + RAW, now=NOW)
    odd: dict[Any, Any] = {None: 1, 2: "x", (): (), "\ud800": "x", "y": "\ud800"}
    Webhook(SECRET).verify(BODY, {**odd, **HEADERS}, now=NOW)


def test_a_header_called_headers() -> None:
    Webhook(SECRET).verify(BODY, {"headers": "x", **HEADERS}, now=NOW)
    Webhook(SECRET).verify(BODY, {"headers": ["x", ("a", 1)], **HEADERS}, now=NOW)


def test_twice_with_different_values() -> None:
    assert code([*HEADERS.items(), ("Webhook-Id", "other")]) == "malformed_header"
    assert code({**HEADERS, "webhook-id": [HEADERS["webhook-id"], "other"]}) == "malformed_header"
    Webhook(SECRET).verify(BODY, [*HEADERS.items(), *RAW], now=NOW)


@pytest.mark.parametrize("wrong", [None, "webhook-id: x", b"webhook-id: x", 1, 1.5, object(), len])
def test_what_are_no_headers(wrong: Any) -> None:
    with pytest.raises(ConfigError, match="headers") as error:
        Webhook(SECRET).verify(BODY, wrong)
    assert error.value.code == "invalid_argument"


class Hostile:
    """An object each of whose methods fails."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def items(self) -> Any:
        raise self.error


def test_errors_of_the_headers_own_code_are_the_cause() -> None:
    cause = TypeError("inside")
    with pytest.raises(ConfigError) as error:
        Webhook(SECRET).verify(BODY, Hostile(cause))
    assert error.value.__cause__ is cause
    with pytest.raises(KeyboardInterrupt):
        Webhook(SECRET).verify(BODY, Hostile(KeyboardInterrupt()))


def test_iteration_that_fails_midway() -> None:
    def pairs() -> Any:
        yield from HEADERS.items()
        raise RuntimeError

    with pytest.raises(ConfigError) as error:
        Webhook(SECRET).verify(BODY, pairs())
    assert isinstance(error.value.__cause__, RuntimeError)


SIGNS_A_HEADER = """
id = "own"
name = "Own"
sources = []
confidence = "own"
[signature]
header = "x-signature"
mac = "hmac-sha256"
encoding = "hex"
signed = "{header:x-name}{body}"
key = { encoding = "utf8" }
"""


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        (b"\xc3\xa9", b"\xc3\xa9"),
        ("\u00c3\u00a9", b"\xc3\xa9"),  # WSGI, Starlette, http.server: decoded as Latin-1
        ("\udcc3\udca9", b"\xc3\xa9"),  # aiohttp where it is no UTF-8
        ("🪝", b"\xf0\x9f\xaa\x9d"),  # aiohttp where it is
        ("x\u00e9", b"x\xe9"),
    ],
)
def test_bytes_on_the_wire_that_are_not_ascii(name: str | bytes, wire: bytes) -> None:
    key = "a key of thirty-two letters, yes"
    webhook = Webhook(key, provider=Provider.from_toml(SIGNS_A_HEADER))
    signature = hmac.digest(key.encode(), wire + BODY, "sha256").hex()
    webhook.verify(BODY, {"X-Name": name, "X-Signature": signature})


@pytest.mark.parametrize("value", ["\ud800", "v1,é", "v1,🪝", b"v1,\xff", "v1,\0"])
def test_signatures_that_are_not_ascii(value: Any) -> None:
    assert code({**HEADERS, "webhook-signature": value}) in ("signature_mismatch", "missing_header")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.binary(), inner),
    max_leaves=15,
)


@given(headers=anything, body=anything)
def test_nothing_raises_anything_else(headers: Any, body: Any) -> None:
    with pytest.raises(HooksealError):
        Webhook(SECRET).verify(body, headers, now=NOW)
