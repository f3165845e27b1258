"""What `verify` costs beside what people write by hand: `python bench/bench_verify.py`.

All run in turn in one process, and the ratios are the medians of the rounds, because machines drift. A ratio
above 1 says that ours is the faster. It does more in that time: it finds the headers in any case, checks the
timestamp where there is one, and makes the event.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import statistics
import time
from typing import TYPE_CHECKING

from hookseal import Provider, Secret, Webhook

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = [256, 1024, 4096, 65536]
ROUNDS = 101
SECONDS_A_ROUND = 0.002

# What a request carries besides: most of it has nothing to do with us.
COMMON = {
    "Host": "example.com",
    "User-Agent": "WebKasa/1.0",
    "Content-Type": "application/json",
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
    "X-Forwarded-For": "203.0.113.7",
}


def main() -> None:
    print(f"{'bytes':>6} {'ours':>10}   {'beside':<42} {'theirs':>10} {'ratio':>6}")
    for size in SIZES:
        by_hand(size)
    for size in SIZES:
        standard_webhooks(size)


def by_hand(size: int) -> None:
    """HMAC-SHA256 in hex over the body, which is the most common scheme."""
    provider = Provider.builtin("webkasa")
    secret = Secret.generate(provider)
    key, body = secret.expose().encode(), b"x" * size
    webhook = Webhook(secret, provider=provider)
    headers = {**COMMON, **webhook.sign(body)}
    signature = headers["x-webkasa-signature"].removeprefix("sha256=")
    verify, new, digest, equal = webhook.verify, hmac.new, hmac.digest, hmac.compare_digest

    def ours() -> None:
        verify(body, headers)

    def with_new() -> None:
        if not equal(new(key, body, hashlib.sha256).hexdigest(), signature):
            raise ValueError

    def with_digest() -> None:
        if not equal(digest(key, body, "sha256").hex(), signature):
            raise ValueError

    row(size, ours, "hmac.new().hexdigest() + compare_digest", with_new)
    row(size, ours, "hmac.digest().hex() + compare_digest", with_digest)


def standard_webhooks(size: int) -> None:
    """Verify and parse Standard Webhooks, beside the package of its authors if it is installed."""
    try:
        import standardwebhooks
    except ImportError:
        return
    secret = Secret.generate()
    items: list[object] = []
    while len(body := json.dumps({"type": "order.paid", "data": {"items": items}}).encode()) < size:
        items.append({"id": f"item_{len(items)}", "name": "Something to buy", "price": 12.5, "quantity": 3})
    webhook, theirs = Webhook(secret), standardwebhooks.Webhook(secret.expose())
    headers = {**COMMON, **webhook.sign(body)}

    def ours() -> None:
        _ = webhook.verify(body, headers).payload

    row(len(body), ours, "standardwebhooks (PyPI), parsed", lambda: theirs.verify(body, headers))


def row(size: int, ours: Callable[[], object], name: str, theirs: Callable[[], object]) -> None:
    calls = [calls_a_round(ours), calls_a_round(theirs)]
    rounds = [(timed(ours, calls[0]), timed(theirs, calls[1])) for _ in range(ROUNDS)]
    mine, other = (statistics.median(times) for times in zip(*rounds, strict=True))
    ratio = statistics.median(other / mine for mine, other in rounds)
    print(f"{size:>6} {mine * 1e6:>7.2f} µs   {name:<42} {other * 1e6:>7.2f} µs {ratio:>6.2f}")


def calls_a_round(call: Callable[[], object]) -> int:
    return max(1, round(SECONDS_A_ROUND / timed(call, 200)))


def timed(call: Callable[[], object], calls: int) -> float:
    begun = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - begun) / calls


if __name__ == "__main__":
    main()
