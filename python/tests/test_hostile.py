"""Whatever is passed, the error is ours and has the right code."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from hookseal import (
    AsyncClient,
    Client,
    ConfigError,
    Endpoint,
    HooksealError,
    Provider,
    RetryPolicy,
    Secret,
    VerificationError,
    Webhook,
)
from hookseal._native import start_delivery
from support import BODY, HEADERS, NOW, SECRET, event

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://example.com/"


class Liar(str):
    """A str whose methods lie."""

    def encode(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError

    def __len__(self) -> int:
        return -1

    def __repr__(self) -> str:
        raise RuntimeError


class Numberish:
    def __float__(self) -> Any:
        return "no number"

    def __index__(self) -> Any:
        raise RuntimeError


class OddMapping(dict[Any, Any]):
    """A mapping whose items are not what they should be."""

    def __init__(self, name: object) -> None:
        self.name = name

    def items(self) -> Any:
        return [(self.name, "a"), self.name, (1, 2, 3)]


JUNK: dict[str, Any] = {
    "none": None,
    "true": True,
    "int": 7,
    "negative": -7,
    "huge": 10**400,
    "float": 1.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "complex": 1j,
    "text": "text",
    "empty": "",
    "nul": "\0",
    "surrogate": "\ud800",
    "bytes": b"bytes",
    "list": [1],
    "nested": [[[]]],
    "dict": {"a": 1},
    "set": {1},
    "object": object(),
    "type": int,
    "function": len,
    "datetime": datetime(2026, 1, 2),
    "aware": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=23))),
    "timedelta": timedelta(days=-1),
    "fraction": Fraction(1, 3),
    "numberish": Numberish(),
    "liar": Liar("text"),
    "memoryview": memoryview(b"x"),
    "generator": None,
}

VERIFY: Any = Webhook(SECRET).verify
SIGN: Any = Webhook(SECRET).sign
NEXT: Any = RetryPolicy([1]).next
ENDPOINT: Any = partial(Endpoint, URL, SECRET)
EVENT: Any = Provider.builtin("standard").event

CALLS: dict[str, Callable[[Any], Any]] = {
    "Webhook(secret)": Webhook,
    "Webhook([secret])": lambda junk: Webhook([SECRET, junk]),
    "Webhook(provider)": lambda junk: Webhook(SECRET, provider=junk),
    "Webhook(tolerance)": lambda junk: Webhook(SECRET, tolerance=junk),
    "Webhook(tolerance past)": lambda junk: Webhook(SECRET, tolerance=(junk, 1)),
    "Webhook(tolerance future)": lambda junk: Webhook(SECRET, tolerance=(1, junk)),
    "verify(body)": lambda junk: VERIFY(junk, HEADERS, now=NOW),
    "verify(headers)": lambda junk: VERIFY(BODY, junk, now=NOW),
    "verify(now)": lambda junk: VERIFY(BODY, HEADERS, now=junk),
    "verify(url)": lambda junk: VERIFY(BODY, HEADERS, now=NOW, url=junk),
    "verify(method)": lambda junk: VERIFY(BODY, HEADERS, now=NOW, method=junk),
    "sign(body)": SIGN,
    "sign(id)": lambda junk: SIGN(BODY, id=junk),
    "sign(timestamp)": lambda junk: SIGN(BODY, timestamp=junk),
    "sign(type)": lambda junk: SIGN(BODY, type=junk),
    "sign(url)": lambda junk: SIGN(BODY, url=junk),
    "sign(method)": lambda junk: SIGN(BODY, method=junk),
    "Secret(text)": Secret,
    "Secret.from_bytes(key)": Secret.from_bytes,
    "Secret.generate(provider)": Secret.generate,
    "Secret.generate_private_key(provider)": Secret.generate_private_key,
    "Provider.builtin(id)": Provider.builtin,
    "Provider.from_toml(text)": Provider.from_toml,
    "Provider.load(path)": Provider.load,
    "event(type)": lambda junk: EVENT(junk, {}),
    "event(data)": lambda junk: EVENT("a.b", junk),
    "event(id)": lambda junk: EVENT("a.b", {}, id=junk),
    "event(timestamp)": lambda junk: EVENT("a.b", {}, timestamp=junk),
    "event(tenant)": lambda junk: EVENT("a.b", {}, tenant=junk),
    "example(type)": Provider.builtin("webkasa").example,
    "RetryPolicy(delays)": RetryPolicy,
    "RetryPolicy([delay])": lambda junk: RetryPolicy([junk]),
    "RetryPolicy(jitter)": lambda junk: RetryPolicy([1], jitter=junk),
    "exponential(first)": lambda junk: RetryPolicy.exponential(junk, 2, 3),
    "exponential(factor)": lambda junk: RetryPolicy.exponential(1, junk, 3),
    "exponential(count)": lambda junk: RetryPolicy.exponential(1, 2, junk),
    "exponential(cap)": lambda junk: RetryPolicy.exponential(1, 2, 3, cap=junk),
    "exponential(jitter)": lambda junk: RetryPolicy.exponential(1, 2, 3, jitter=junk),
    "next(attempt)": lambda junk: NEXT(junk, 500),
    "next(outcome)": lambda junk: NEXT(1, junk),
    "next(retry_after)": lambda junk: NEXT(1, 500, retry_after=junk),
    "next(now)": lambda junk: NEXT(1, 500, now=junk),
    "next(jitter)": lambda junk: NEXT(1, 500, jitter=junk),
    "Endpoint(url)": lambda junk: Endpoint(junk, SECRET),
    "Endpoint(secret)": lambda junk: Endpoint(URL, junk),
    "Endpoint(provider)": lambda junk: Endpoint(URL, SECRET, provider=junk),
    "Endpoint(timeout)": lambda junk: Endpoint(URL, SECRET, timeout=junk),
    "Endpoint(allow_http)": lambda junk: Endpoint(URL, SECRET, allow_http=junk),
    "Endpoint(allow_private)": lambda junk: Endpoint(URL, SECRET, allow_private=junk),
    "Endpoint(headers)": lambda junk: Endpoint(URL, SECRET, headers=junk),
    "Endpoint(headers value)": lambda junk: Endpoint(URL, SECRET, headers={"x-a": junk}),
    "Endpoint(headers name)": lambda junk: ENDPOINT(headers=OddMapping(junk)),
    "Endpoint(retry)": lambda junk: Endpoint(URL, SECRET, retry=junk),
    "Client(allow_http)": lambda junk: Client(allow_http=junk),
    "Client(allow_private)": lambda junk: Client(allow_private=junk),
    "Client(ca_certificates)": lambda junk: Client(ca_certificates=junk),
    "AsyncClient(allow_http)": lambda junk: AsyncClient(allow_http=junk),
    "deliver(endpoint)": lambda junk: Client().deliver(junk, event()),
    "deliver(event)": lambda junk: Client().deliver(Endpoint(URL, SECRET), junk),
    "start_delivery(endpoint)": lambda junk: start_delivery(Client(), junk, event(), print),
    "start_delivery(event)": lambda junk: start_delivery(Client(), Endpoint(URL, SECRET), junk, print),
}


@pytest.mark.filterwarnings("ignore::hookseal.SecretWarning")
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("junk", JUNK)
def test_wrong_arguments(call: str, junk: str) -> None:
    value = (number for number in range(3)) if junk == "generator" else JUNK[junk]
    try:
        CALLS[call](value)
    except HooksealError as caught:
        error = caught
    else:
        return
    if isinstance(error, VerificationError):
        assert call.startswith("verify(")
        assert error.code in {
            "missing_header",
            "signature_mismatch",
            "timestamp_too_old",
            "timestamp_too_new",
        }
    elif isinstance(value, (str, bytes)):
        assert error.code.startswith(("invalid_", "unknown_"))
    else:
        assert error.code in {"invalid_argument", "invalid_secret"}
    assert isinstance(error, (ConfigError, VerificationError))
    assert "0x" not in str(error), "an address says nothing"


def code(body: Any, headers: Any) -> str:
    with pytest.raises(VerificationError) as error:
        Webhook(SECRET).verify(body, headers, now=NOW)
    return error.value.code


def test_a_header_of_ten_megabytes() -> None:
    for name in HEADERS:
        begun = time.process_time()
        assert code(BODY, {**HEADERS, name: "x" * 10_000_000}) == "malformed_header"
        assert time.process_time() - begun < 1
    Webhook(SECRET).verify(BODY, {**HEADERS, "cookie": "x" * 10_000_000}, now=NOW)


def test_thousands_of_signatures() -> None:
    wrong = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="
    begun = time.process_time()
    for many in (" ".join([wrong] * 100_000), "v1," * 100_000, " " * 100_000, "," * 100_000):
        assert code(BODY, {**HEADERS, "webhook-signature": many}) in ("malformed_header", "missing_header")
    assert code(BODY, [*HEADERS.items()] + [("webhook-signature", wrong)] * 10_000) == "malformed_header"
    assert time.process_time() - begun < 2


def test_hundreds_of_thousands_of_headers() -> None:
    headers = {f"x-{nth}": "y" for nth in range(300_000)}
    begun = time.process_time()
    Webhook(SECRET).verify(BODY, {**headers, **HEADERS}, now=NOW)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "evil", ["\0", "v1,\0", "\u0661\u0662", "é", "\ud800", "\r\n", "v1,=", "v1,,", "," * 9]
)
def test_odd_characters(evil: str) -> None:
    for name in HEADERS:
        assert code(BODY, {**HEADERS, name: evil}) in (
            "signature_mismatch",
            "missing_header",
            "malformed_header",
            "malformed_timestamp",
        )


@pytest.mark.parametrize("at", ["-1", "+1", "1e9", "1.5", "nan", "٣", "9" * 17, "0x10", " ", "", "9" * 5000])
def test_odd_timestamps(at: str) -> None:
    assert code(BODY, {**HEADERS, "webhook-timestamp": at}) in ("malformed_timestamp", "missing_header")


def test_errors_never_show_the_secret_or_the_body() -> None:
    hidden = "whsec_" + "c2VjcmV0IG9mIHRoaXMgdGVzdCBvbmx5"
    for wrong in (hidden + "!", hidden + "é", "whsk_" + hidden[6:]):
        with pytest.raises(ConfigError) as error:
            Webhook(wrong)
        assert hidden[6:] not in f"{error.value!r} {error.value} {error.value.__cause__!r}"
    with pytest.raises(VerificationError) as mismatch:
        Webhook(hidden).verify(b"the body of this test", HEADERS, now=NOW)
    shown = f"{mismatch.value!r} {mismatch.value} {mismatch.value.__cause__!r}"
    assert hidden[6:] not in shown
    assert "the body of this test" not in shown


def test_objects_are_not_made_by_hand() -> None:
    from hookseal import Attempt, Delivery, Event, EventType, Next

    for made in (Attempt, Delivery, Event, EventType, Next, Provider):
        with pytest.raises(TypeError):
            made()
    with pytest.raises(AttributeError):
        Webhook(SECRET).provider = None  # type: ignore[assignment, misc]
