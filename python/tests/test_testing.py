"""The test kit: requests of every kind, over the adapters too, and a receiver that records."""

import http.client
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from adapters_support import FRAMEWORKS, code, server
from hookseal import ConfigError, DeliveryError, HooksealError, Secret, Sender, Webhook, providers
from hookseal.testing import Recorder, SignedRequest, signed_request
from support import SECRET

KEY = "0123456789abcdef0123456789abcdef"


def verify(webhook: Webhook, request: SignedRequest) -> str | None:
    try:
        webhook.verify(request.body, request.headers, url=request.url, method=request.method, now=request.now)
    except HooksealError as error:
        return error.code
    return None


def test_every_variant_is_what_its_name_says() -> None:
    request = signed_request(SECRET, type="user.created", data={"id": 7}, id="msg_1")
    webhook = Webhook(SECRET)
    event = webhook.verify(request.body, request.headers)
    assert (event.id, event.type, event.data) == ("msg_1", "user.created", {"id": 7})
    assert {name: verify(webhook, variant) for name, variant in request.variants().items()} == {
        "duplicate": None,
        "tampered": "signature_mismatch",
        "stale": "timestamp_too_old",
        "future": "timestamp_too_new",
        "wrong_secret": "signature_mismatch",
        "empty_key": "signature_mismatch",
        "unsigned": "missing_header",
    }
    for name, variant in request.variants().items():
        assert getattr(request, name)().expected == variant.expected
    old = Secret.generate()
    rotated = request.rotated(old)
    assert verify(Webhook([SECRET, old]), rotated) is None
    assert verify(webhook, rotated) == "signature_mismatch"


def test_examples_bodies_and_a_clock_of_ones_own() -> None:
    at = datetime(2026, 1, 1, tzinfo=timezone.utc)
    request = signed_request(KEY, provider="webkasa", type="booking.created", now=at)
    assert Webhook(KEY, provider="webkasa").verify(request.body, request.headers).type == "booking.created"
    assert request.now == at
    slack = signed_request(
        KEY, provider="slack", body="a=b", now=at, url="https://example.org/", method="PUT"
    )
    assert (slack.body, slack.url, slack.method) == (b"a=b", "https://example.org/", "PUT")
    assert slack.headers["x-slack-request-timestamp"] == str(int(at.timestamp()))
    assert slack.headers["content-type"] == "application/json"
    stale = Webhook(KEY, provider="slack").verify(slack.body, slack.headers, now=at + timedelta(seconds=299))
    assert stale.body == b"a=b"


def test_every_provider() -> None:
    made = 0
    for provider in providers():
        try:
            request = signed_request(Secret.generate(provider), provider=provider)
        except HooksealError:
            continue
        made += 1
        assert request.body
        for variant in request.variants().values():
            assert variant.method == "POST"
    assert made > 140


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": {1, 2}},
        {"provider": "webkasa", "type": "no.such"},
        {"data": 1, "body": "1"},
        {"now": "today"},
        {"body": 1},
    ],
)
def test_mistakes(wrong: Any) -> None:
    with pytest.raises(ConfigError):
        signed_request(SECRET, **wrong)
    with pytest.raises(ConfigError, match="signs no time"):
        signed_request(KEY, provider="github").stale()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_forgeries_over_the_adapters(framework: str) -> None:
    app = server(framework)
    for name, request in signed_request(SECRET, type="a", data=1).variants().items():
        answer = app.post(request.body, request.headers)
        if request.expected is None:
            assert answer == (200, request.body)
        else:
            assert code(answer, answer[0]) == request.expected, name


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as made:
        yield made


def post(url: str) -> int:
    request = urllib.request.Request(url, b"abc", {"X-A": "b"})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            status: int = response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    return status


def test_a_recorder_records(recorder: Recorder) -> None:
    assert recorder.requests == []
    assert post(recorder.url + "/a?b=c") == 200
    [request] = recorder.requests
    assert (request.method, request.target, request.body) == ("POST", "/a?b=c", b"abc")
    assert ("X-A", "b") in request.headers
    assert abs(request.at - datetime.now(timezone.utc)) < timedelta(minutes=1)
    recorder.clear()
    assert recorder.requests == []


def test_a_recorder_answers_as_it_is_told(recorder: Recorder) -> None:
    recorder.answer(503, headers={"retry-after": "1"}, body="later", times=2)
    recorder.refuse(times=1)
    recorder.answer(410)
    assert [post(recorder.url), post(recorder.url)] == [503, 503]
    with pytest.raises((urllib.error.URLError, http.client.RemoteDisconnected, ConnectionError)):
        post(recorder.url)
    assert [post(recorder.url), post(recorder.url)] == [410, 410]
    recorder.answer(200, delay=timedelta(milliseconds=200), times=1)
    begun = time.monotonic()
    assert post(recorder.url) == 200
    assert time.monotonic() - begun >= 0.2
    assert len(recorder.wait(6, timeout=1)) == 6


def test_waiting_ends(recorder: Recorder) -> None:
    with pytest.raises(DeliveryError, match="0 of 1") as raised:
        recorder.wait(timeout=0.01)
    assert raised.value.code == "timeout"
    for wrong in (99, 600, "200"):
        with pytest.raises(ConfigError):
            recorder.answer(wrong)  # type: ignore[arg-type]


def test_what_hangs_ends_when_it_is_closed() -> None:
    recorder = Recorder()
    recorder.hang()
    with Sender("memory:", allow_http=True, allow_private=True) as sender:
        sender.endpoints.create(recorder.url)
        message = sender.send("user.created", {"id": 7})
        [request] = recorder.wait()
        assert dict(request.headers)["webhook-id"] == message.id
        recorder.close()
        recorder.close()
    with pytest.raises((urllib.error.URLError, ConnectionError)):
        post(recorder.url)
    assert len(recorder.requests) == 1


def test_the_fixture(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import urllib.request\n\n"
        "def test_it(webhook_recorder):\n"
        "    urllib.request.urlopen(webhook_recorder.url, b'abc').close()\n"
        "    assert webhook_recorder.requests[0].body == b'abc'\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
