"""The client against a real server on 127.0.0.1."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from hookseal import Client, ConfigError, DeliveryError, Endpoint, Provider, RetryPolicy, Webhook
from support import SECRET, endpoint, event, receiver

OPEN: Any = {"allow_http": True, "allow_private": True}


def test_delivered_and_signed() -> None:
    with receiver() as there, Client(**OPEN) as client:
        sent = event({"n": "é"})
        before = datetime.now(timezone.utc) - timedelta(seconds=1)
        delivery = client.deliver(endpoint(there.url), sent)
        assert (delivery.delivered, delivery.status, delivery.disable_endpoint) == (True, "delivered", False)
        [(headers, body)] = there.requests
        received = Webhook(SECRET).verify(body, headers)
        assert (received.id, received.data, body) == (sent.id, {"n": "é"}, sent.body)

        [attempt] = delivery.attempts
        assert attempt.succeeded
        assert (attempt.number, attempt.response_code) == (1, 204)
        assert (attempt.error, attempt.error_code, attempt.mixed_dns) == (None, None, False)
        assert before < attempt.started_at <= datetime.now(timezone.utc)
        assert timedelta() < attempt.duration < timedelta(seconds=10)
        assert attempt.duration_ms == attempt.duration // timedelta(milliseconds=1)
        assert dict(attempt.request_headers)["webhook-id"] == sent.id


def test_what_a_receiver_answers() -> None:
    with receiver(lambda _: (500, {"x-why": "busy"}, b"x" * 100_000)) as there:
        delivery = Client(**OPEN).deliver(endpoint(there.url), event())
    [attempt] = delivery.attempts
    assert (delivery.delivered, delivery.status, attempt.succeeded) == (False, "failed", False)
    assert attempt.response_code == 500
    assert attempt.response_body == b"x" * 65536
    assert attempt.response_truncated
    assert ("x-why", "busy") in attempt.response_headers
    assert repr(delivery) == "<Delivery 'failed' attempts=1>"
    assert repr(attempt) == "<Attempt 1 500>"


def test_retries_with_the_same_id_and_body() -> None:
    def answer(nth: int) -> tuple[int, dict[str, str], bytes]:
        return (204 if nth == 3 else 503, {}, b"")

    with receiver(answer) as there:
        target = endpoint(there.url, retry=RetryPolicy([0.05, 0.05]))
        delivery = Client(**OPEN).deliver(target, event())
    assert delivery.delivered
    assert [attempt.response_code for attempt in delivery.attempts] == [503, 503, 204]
    assert [attempt.number for attempt in delivery.attempts] == [1, 2, 3]
    assert len({(headers["webhook-id"], body) for headers, body in there.requests}) == 1


def test_an_endpoint_that_wants_no_more() -> None:
    with receiver(lambda _: (410, {}, b"")) as there:
        delivery = Client(**OPEN).deliver(Endpoint(there.url, SECRET), event())
    assert (delivery.status, delivery.disable_endpoint, len(delivery.attempts)) == ("failed", True, 1)


def test_failures_have_a_code_and_a_sentence() -> None:
    with receiver(hangs=True) as there:
        [slow] = Client(**OPEN).deliver(endpoint(there.url, timeout=0.1), event()).attempts
    assert (slow.error_code, slow.response_code) == ("timeout", None)
    assert slow.error
    assert repr(slow) == "<Attempt 1 'timeout'>"
    [refused] = Client(**OPEN).deliver(endpoint(there.url), event()).attempts
    assert refused.error_code == "connect_failed"
    [unknown] = Client(allow_http=True).deliver(endpoint("http://x.invalid/"), event()).attempts
    assert unknown.error_code == "dns_failed"


def test_what_is_closed_by_default() -> None:
    with receiver() as there:
        with pytest.raises(ConfigError) as plain:
            Client().deliver(endpoint(there.url), event())
        assert plain.value.code == "invalid_url"
        with pytest.raises(DeliveryError) as private:
            Client(allow_http=True).deliver(endpoint(there.url), event())
        assert private.value.code == "blocked_address"
        assert not there.requests


@pytest.mark.parametrize("allow", [True, ["127.0.0.0/8"], ("10.0.0.0/8", "127.0.0.1"), {"127.0.0.1/32"}])
def test_private_ranges(allow: Any) -> None:
    with receiver() as there:
        assert Client(allow_http=True, allow_private=allow).deliver(endpoint(there.url), event()).delivered
        opened = endpoint(there.url, allow_http=True, allow_private=allow)
        assert Client().deliver(opened, event()).delivered


def test_the_endpoint_has_the_last_word() -> None:
    with receiver() as there:
        for shut in ({"allow_http": False}, {"allow_private": False}, {"allow_private": ["10.0.0.0/8"]}):
            with pytest.raises((ConfigError, DeliveryError)):
                Client(**OPEN).deliver(endpoint(there.url, **shut), event())


def test_headers_of_the_endpoint() -> None:
    with receiver() as there:
        target = endpoint(there.url, headers={"Authorization": "Bearer token-1", "x-a": "b"})
        [attempt] = Client(**OPEN).deliver(target, event()).attempts
    [(headers, _)] = there.requests
    assert (headers["authorization"], headers["x-a"]) == ("Bearer token-1", "b")
    assert dict(attempt.request_headers)["authorization"] == "[redacted]"


@pytest.mark.parametrize(
    "headers",
    [{"x-a": None}, {"x-a": 1}, {1: "a"}, {"x-a": ["b"]}, [("x-a", "b")], {"x a": "b"}, {"x-a": "b\nc"}],
)
def test_headers_that_cannot_be_sent(headers: Any) -> None:
    with pytest.raises(ConfigError) as error:
        endpoint("https://example.com/", headers=headers)
    assert error.value.code == "invalid_argument"


@pytest.mark.parametrize("name", ["Host", "content-length", "Webhook-Signature", "transfer-encoding"])
def test_headers_that_are_not_the_callers(name: str) -> None:
    with pytest.raises(ConfigError) as error:
        endpoint("https://example.com/", headers={name: "x"})
    assert error.value.code == "invalid_argument"


def test_unsigned_where_the_provider_does_that() -> None:
    kakiyo = Provider.builtin("kakiyo")
    with receiver() as there:
        target = Endpoint(there.url, provider=kakiyo, allow_http=True, allow_private=True)
        assert Client().deliver(target, kakiyo.event("a.b", {})).delivered
    with pytest.raises(ConfigError) as error:
        Endpoint("https://example.com/")
    assert error.value.code == "invalid_secret"


@pytest.mark.parametrize(
    "url",
    ["", "x", "ftp://example.com/", "https://", "https://a:b@example.com/", "https://example.com/#a", "\0"],
)
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(ConfigError) as error:
        Endpoint(url, SECRET)
    assert error.value.code == "invalid_url"


def test_repr_shows_no_token_and_no_secret() -> None:
    target = Endpoint("https://example.com:8443/T0/B0?token=abc", SECRET, headers={"x-token": "abc"})
    assert repr(target) == "<Endpoint 'https://example.com:8443' provider='standard'>"
    assert target.url == "https://example.com:8443/T0/B0?token=abc"


def test_certificates() -> None:
    with pytest.raises(ConfigError) as error:
        Client(ca_certificates="no certificate")
    assert error.value.code == "invalid_argument"
    for pem in (CERTIFICATE, CERTIFICATE.encode()):
        Client(ca_certificates=pem)


def test_a_closed_client_refuses() -> None:
    with receiver() as there:
        with Client(**OPEN) as client:
            client.deliver(endpoint(there.url), event())
        with pytest.raises(ConfigError) as error:
            client.deliver(endpoint(there.url), event())
        assert error.value.code == "closed"


def test_many_threads_share_a_client_and_its_connections() -> None:
    delivered = []
    with receiver() as there, Client(**OPEN) as client:

        def work() -> None:
            for _ in range(20):
                delivered.append(client.deliver(endpoint(there.url), event()).delivered)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert delivered == [True] * 160
    assert len({headers["webhook-id"] for headers, _ in there.requests}) == 160
    assert len(there.peers) < 80


def test_other_threads_run_meanwhile() -> None:
    with receiver(hangs=True) as there:
        thread = threading.Thread(
            target=lambda: Client(**OPEN).deliver(endpoint(there.url), event()), daemon=True
        )
        thread.start()
        assert there.arrived.wait(10)
        there.hold.set()
        thread.join(10)
        assert not thread.is_alive()


def test_a_signal_handler_may_deliver_too() -> None:
    with receiver() as there, receiver(hangs=True) as slow, Client(**OPEN) as client:

        def handler(*_: Any) -> None:
            assert client.deliver(endpoint(there.url), event()).delivered
            raise InterruptedError

        before = signal.signal(signal.SIGALRM, handler)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.2)
            with pytest.raises(InterruptedError):
                client.deliver(endpoint(slow.url), event())
        finally:
            signal.signal(signal.SIGALRM, before)
        assert len(there.requests) == 1


@pytest.mark.parametrize("wait", ["the answer", "the retry"])
def test_ctrl_c(wait: str) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from hookseal import Client, RetryPolicy
from support import endpoint, event
try:
    Client(allow_http=True, allow_private=True).deliver(
        endpoint(sys.argv[1], retry=RetryPolicy([3600])), event())
except KeyboardInterrupt:
    print("interrupted")
"""
    answers = {"the answer": True, "the retry": False}
    with receiver(lambda _: (500, {}, b""), hangs=answers[wait]) as there:
        process = subprocess.Popen([sys.executable, "-c", code, there.url], stdout=subprocess.PIPE)
        assert there.arrived.wait(20)
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=10)
    assert out == b"interrupted\n"
    assert process.returncode == 0


def test_exit_does_not_wait_for_daemon_threads() -> None:
    code = """
import socket, threading, time
from hookseal import Client, Endpoint, Provider
silent = socket.create_server(("127.0.0.1", 0))
endpoint = Endpoint(f"http://127.0.0.1:{silent.getsockname()[1]}/", SECRET)
event = Provider.builtin("standard").event("a.b", {})
client = Client(allow_http=True, allow_private=True)
for _ in range(5):
    threading.Thread(target=client.deliver, args=(endpoint, event), daemon=True).start()
silent.accept()
time.sleep(0.2)
print("leaving")
"""
    code = code.replace("SECRET", repr(SECRET))
    begun = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"leaving\n", b"")
    assert time.monotonic() - begun < 5


CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIQIRi6zePL6mKjOipn+dNuaTAKBggqhkjOPQQDAjASMRAw
DgYDVQQKEwdBY21lIENvMB4XDTE3MTAyMDE5NDMwNloXDTE4MTAyMDE5NDMwNlow
EjEQMA4GA1UEChMHQWNtZSBDbzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD0d
7VNhbWvZLWPuj/RtHFjvtJBEwOkhbN/BnnE8rnZR8+sbwnc/KhCk3FhnpHZnQz7B
5aETbbIgmuvewdjvSBSjYzBhMA4GA1UdDwEB/wQEAwICpDATBgNVHSUEDDAKBggr
BgEFBQcDATAPBgNVHRMBAf8EBTADAQH/MCkGA1UdEQQiMCCCDmxvY2FsaG9zdDo1
NDUzgg4xMjcuMC4wLjE6NTQ1MzAKBggqhkjOPQQDAgNIADBFAiEA2zpJEPQyz6/l
Wf86aX6PepsntZv2GYlA5UpabfT2EZICICpJ5h/iI+i341gBmLiAFQOyTDT+/wQc
6MF9+Yw1Yy0t
-----END CERTIFICATE-----
"""
