from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookseal import ConfigError, Provider, RetryPolicy

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)


def seconds(*lengths: float) -> list[timedelta]:
    return [timedelta(seconds=length) for length in lengths]


def test_delays() -> None:
    policy = RetryPolicy([1, 2.5, timedelta(minutes=1)])
    assert policy.delays() == seconds(1, 2.5, 60)
    assert policy.max_attempts == 4
    assert repr(policy) == "RetryPolicy([1.0, 2.5, 60.0], jitter=0)"
    assert RetryPolicy(()).max_attempts == 1
    assert RetryPolicy(delays=(length for length in (1, 2))).delays() == seconds(1, 2)


def test_exponential() -> None:
    assert RetryPolicy.exponential(30, 4, 5).delays() == seconds(30, 120, 480, 1920, 7680)
    capped = RetryPolicy.exponential(timedelta(seconds=1), 2.0, 5, cap=5)
    assert capped.delays() == seconds(1, 2, 4, 5, 5)


def test_next() -> None:
    policy = RetryPolicy([1, 2])
    again = policy.next(1, 500, now=NOW)
    assert (again.action, again.at) == ("retry", NOW + timedelta(seconds=1))
    assert again.delay == timedelta(seconds=1)
    assert policy.next(2, "timeout", now=NOW).delay == timedelta(seconds=2)
    over = policy.next(3, "connect_failed", now=NOW)
    assert (over.action, over.at, over.delay) == ("give_up", None, None)
    assert policy.next(1, 204).action == "done"
    assert policy.next(1, "blocked_address").action == "give_up"
    assert Provider.builtin("standard").retry.next(1, 410).action == "disable"
    assert repr(again) == "<Next 'retry' in 1 s>"
    assert repr(over) == "<Next 'give_up'>"


def test_without_now_it_is_now() -> None:
    before = datetime.now(timezone.utc)
    at = RetryPolicy([60]).next(1, 500).at
    assert at is not None
    assert before + timedelta(seconds=60) - timedelta(milliseconds=1) <= at
    assert at <= datetime.now(timezone.utc) + timedelta(seconds=60)


def test_retry_after_only_lengthens() -> None:
    policy = RetryPolicy([60])
    assert policy.next(1, 429, retry_after="120", now=NOW).delay == timedelta(seconds=120)
    assert policy.next(1, 503, retry_after="5", now=NOW).delay == timedelta(seconds=60)
    assert policy.next(1, 500, retry_after="120", now=NOW).delay == timedelta(seconds=60)


def test_jitter() -> None:
    policy = RetryPolicy([100, 1], jitter=0.5)
    assert policy.next(1, 500, now=NOW, jitter=1.0).delay == timedelta(seconds=150)
    assert policy.next(1, 500, now=NOW).delay == timedelta(seconds=100)
    assert policy.next(2, 500, now=NOW, jitter=1.0).delay == timedelta(seconds=1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RetryPolicy([-1]),
        lambda: RetryPolicy([timedelta(seconds=-1)]),
        lambda: RetryPolicy([float("nan")]),
        lambda: RetryPolicy([float("inf")]),
        lambda: RetryPolicy([1e300]),
        lambda: RetryPolicy([timedelta.max]),
        lambda: RetryPolicy([1] * 1001),
        lambda: RetryPolicy([1], jitter=2),
        lambda: RetryPolicy([1], jitter=float("nan")),
        lambda: RetryPolicy.exponential(1, 0.5, 3),
        lambda: RetryPolicy.exponential(1, 2, -1),
        lambda: RetryPolicy.exponential(1, 2, 2**40),
        lambda: RetryPolicy.exponential(1, 2, 100),
        lambda: RetryPolicy([1]).next(1, 20),
        lambda: RetryPolicy([1]).next(1, -200),
        lambda: RetryPolicy([1]).next(1, 10**30),
        lambda: RetryPolicy([1]).next(1, "no_such_code"),
        lambda: RetryPolicy([1]).next(-1, 500),
        lambda: RetryPolicy([1]).next(1, 500, now=datetime(2026, 1, 2)),
    ],
)
def test_senseless_values(make: Any) -> None:
    with pytest.raises(ConfigError) as error:
        make()
    assert error.value.code == "invalid_argument"


def test_the_end_of_the_calendar() -> None:
    again = RetryPolicy([86400]).next(1, 500, now=253402300799)
    assert again.delay == timedelta(days=1)
    with pytest.raises(ConfigError):
        _ = again.at


@given(
    delay=st.floats(0, 1e6),
    outcome=st.integers(100, 999),
    hint=st.text(max_size=30),
    jitter=st.floats(),
    now=st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.timezones()),
)
def test_never_early(delay: float, outcome: int, hint: str, jitter: float, now: datetime) -> None:
    again = RetryPolicy([delay], jitter=1).next(1, outcome, retry_after=hint, now=now, jitter=jitter)
    if again.action == "retry":
        assert again.delay is not None
        assert again.delay >= timedelta(seconds=delay) - timedelta(microseconds=1)
    else:
        assert (again.action == "done") == (200 <= outcome < 300)
