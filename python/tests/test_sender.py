"""The durable sender on both stores, against a real receiver on 127.0.0.1."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hookseal import ConfigError, HooksealError, Message, RetryPolicy, Secret, Sender, Webhook
from sender_support import NO_RETRY, OPEN, opened, schema_of, sql, until
from support import SECRET, receiver

if TYPE_CHECKING:
    from pathlib import Path


def test_sent_delivered_and_verified(store: str) -> None:
    with receiver() as there, opened(store) as sender:
        endpoint = sender.endpoints.create(there.url, name="CRM", events=["invoice.*"])
        assert endpoint.secret is not None
        message = sender.send("invoice.paid", {"n": 1, "ü": "€"})
        assert (message.type, message.tenant, message.duplicate) == ("invoice.paid", None, False)
        assert len(message.deliveries) == 1
        assert datetime.now(timezone.utc) - message.timestamp < timedelta(minutes=1)
        assert sender.send("other.thing", {}).deliveries == []
        assert sender.wait_idle(timeout=20)

        headers, body = there.requests[0]
        event = Webhook(endpoint.secret).verify(body, headers)
        assert (event.id, event.type, event.data) == (message.id, "invoice.paid", {"n": 1, "ü": "€"})
        assert len(there.requests) == 1

        delivery = sender.deliveries.get(message.deliveries[0])
        assert (delivery.status, delivery.response_code, delivery.error_code) == ("delivered", 204, None)
        assert (delivery.message, delivery.endpoint, delivery.trigger) == (message.id, endpoint.id, "event")
        assert delivery.body == body
        assert delivery.attempts is not None
        (attempt,) = delivery.attempts
        assert (attempt.number, attempt.response_code, attempt.succeeded) == (1, 204, True)
        assert attempt.error is attempt.error_code is None
        assert dict(attempt.request_headers)["webhook-id"] == message.id
        assert attempt.response_body == b""
        assert attempt.duration >= timedelta(0)
        assert sender.stats().delivered == 1
        assert 'hookseal_deliveries_total{result="delivered"} 1' in sender.prometheus()


def test_nothing_is_delivered_before_the_start_and_everything_after(store: str) -> None:
    with receiver() as there:
        sender = opened(store)
        sender.endpoints.create(there.url)
        ids = [sender.send("thing.made", {"n": n}).id for n in range(5)]
        assert not sender.wait_idle(0.2)
        sender.close()
        assert there.requests == []

        with opened(store) as sender:
            assert sender.wait_idle(20)
        assert sorted(headers["webhook-id"] for headers, _ in there.requests) == sorted(ids)


def test_the_same_id_is_the_same_message(store: str) -> None:
    with receiver() as there:
        sender = opened(store)
        sender.endpoints.create(there.url)
        at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
        first = sender.send("thing.made", {"n": 1}, id="msg_1", timestamp=at)
        again = sender.send("thing.made", {"n": 1}, id="msg_1")
        assert (first.id, first.timestamp, first.duplicate) == ("msg_1", at, False)
        assert (again.key, again.timestamp, again.duplicate) == (first.key, at, True)
        with pytest.raises(ConfigError) as conflict:
            sender.send("thing.made", {"n": 2}, id="msg_1")
        assert conflict.value.code == "conflict"
        sender.close()


def test_many_at_once(store: str) -> None:
    with receiver() as there, opened(store) as sender:
        sender.endpoints.create(there.url)
        results = sender.send_many(
            [
                {"type": "thing.made", "data": 1, "id": "a"},
                {"type": "thing.made", "data": 2, "id": "a"},
                {"type": "thing.made", "data": None, "tenant": "t", "timestamp": 1_700_000_000},
            ]
        )
        first, conflict, last = results
        assert isinstance(first, Message)
        assert isinstance(last, Message)
        assert isinstance(conflict, HooksealError)
        assert (first.id, conflict.code, last.tenant) == ("a", "conflict", "t")
        assert last.timestamp == datetime.fromtimestamp(1_700_000_000, timezone.utc)
        assert sender.wait_idle(20)
        assert len(there.requests) == 2


def test_tenants(store: str) -> None:
    with receiver() as there:
        sender = opened(store)
        ours, theirs, everybodys = (sender.endpoints.create(there.url, tenant=t) for t in ("a", "b", None))
        message = sender.send("thing.made", {}, tenant="a")
        endpoints = {sender.deliveries.get(id).endpoint for id in message.deliveries}
        assert endpoints == {ours.id, everybodys.id}
        assert [e.id for e in sender.endpoints.list(tenant="b").items] == [theirs.id]
        sender.close()


def test_endpoints(store: str) -> None:
    sender = opened(store, provider="webkasa")
    endpoints = sender.endpoints
    retry = RetryPolicy([1, 2])
    made = endpoints.create(
        "https://example.com/hooks",
        name="CRM",
        events="booking.*",
        secret="a secret of our own",
        headers={"authorization": "Bearer token"},
        timeout=timedelta(seconds=3),
        concurrency=4,
        rate_limit=2.5,
        retry=retry,
        allow_private=["10.0.0.0/8"],
    )
    assert made.secret is not None
    assert made.secret.expose() == "a secret of our own"
    assert "token" not in repr(made)
    got = endpoints.get(made.id)
    assert got.secret is None
    assert (got.name, got.events, got.header_names) == ("CRM", ["booking.*"], ["authorization"])
    assert (got.timeout, got.concurrency, got.rate_limit) == (timedelta(seconds=3), 4, 2.5)
    assert got.retry is not None
    assert got.retry.delays() == retry.delays()
    assert (got.allow_http, got.allow_private, got.ordered) == (None, ["10.0.0.0/8"], False)
    assert (got.status, got.disabled_reason, got.failures) == ("active", None, 0)
    assert got.subscribed > 0

    assert endpoints.update(made.id, allow_private=True).allow_private is True
    assert endpoints.update(made.id, allow_private=False).allow_private is False
    assert endpoints.update(made.id, allow_private=None).allow_private is None

    changed = endpoints.update(made.id, name="Till", timeout=None, events=None, tenant="t")
    assert (changed.name, changed.timeout, changed.events, changed.tenant) == ("Till", None, [], "t")
    assert changed.concurrency == 4
    assert changed.version > made.version
    with pytest.raises(ConfigError) as conflict:
        endpoints.update(made.id, name="x", version=made.version)
    assert conflict.value.code == "conflict"

    assert endpoints.disable(made.id)
    assert not endpoints.disable(made.id)
    disabled = endpoints.get(made.id)
    assert (disabled.status, disabled.disabled_reason) == ("disabled", "user")
    assert disabled.disabled_at is not None
    assert endpoints.list(active=True).items == []
    assert endpoints.enable(made.id)

    rotated = endpoints.rotate_secret(made.id, overlap=timedelta(hours=1))
    assert isinstance(rotated, Secret)
    assert rotated.expose() != "a secret of our own"
    endpoints.delete(made.id)
    with pytest.raises(ConfigError) as gone:
        endpoints.get(made.id)
    assert gone.value.code == "not_found"
    sender.close()


def test_pages(store: str) -> None:
    sender = opened(store)
    made = [sender.endpoints.create(f"https://example.com/{n}").id for n in range(5)]
    seen, cursor = [], None
    for expected in (2, 2, 1):
        page = sender.endpoints.list(cursor=cursor, limit=2)
        assert len(page.items) == expected
        seen += [endpoint.id for endpoint in page.items]
        cursor = page.cursor
    assert cursor is None
    assert seen == made
    assert sender.endpoints.list(limit=5).cursor is None

    sent = [sender.send("thing.made", {"n": n}).key for n in range(2)]
    first = sender.deliveries.list(limit=6)
    assert first.cursor is not None
    rest = sender.deliveries.list(limit=6, cursor=first.cursor)
    assert rest.cursor is None
    keys = [delivery.message_key for delivery in first.items + rest.items]
    assert keys == [sent[1]] * 5 + [sent[0]] * 5
    sender.close()


def test_the_log_is_filtered(store: str, tmp_path: Path) -> None:
    begun = datetime.now(timezone.utc) - timedelta(seconds=1)
    answers = {1: 500, 2: 404}
    with receiver(lambda n: (answers.get(n, 200), {}, b"said")) as there, opened(store) as sender:
        endpoint = sender.endpoints.create(there.url, retry=NO_RETRY, ordered=True)
        for kind in ("a.one", "a.two", "b.one"):
            sender.send(kind, {}, tenant="t")
        assert sender.wait_idle(20)

        def types(**filter: Any) -> list[str]:
            return [delivery.type for delivery in sender.deliveries.list(**filter).items]

        assert types() == ["b.one", "a.two", "a.one"]
        assert types(status="failed") == ["a.two", "a.one"]
        assert types(status="delivered", endpoint=endpoint.id) == ["b.one"]
        assert types(type="a.*") == ["a.two", "a.one"]
        assert types(type=["a.one", "b.one"]) == ["b.one", "a.one"]
        assert types(response_class="4xx") == ["a.two"]
        assert types(response_class="5xx", tenant="t") == ["a.one"]
        assert types(tenant="nobody") == types(since=datetime.now(timezone.utc)) == types(until=begun) == []
        assert len(types(since=begun)) == 3

        file = io.BytesIO()
        assert sender.export(file, status="failed") == 2
        lines = [json.loads(line) for line in file.getvalue().splitlines()]
        assert [line["attempts"][0]["response_code"] for line in lines] == [404, 500]
        assert sender.export(tmp_path / "log.jsonl") == 3
        assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 3
        shown = sender.endpoints.get(endpoint.id)
        assert (shown.last_response_code, shown.last_error_code) == (200, None)
        assert shown.last_attempt_at is not None


def test_retried_by_hand(store: str) -> None:
    begun = datetime.now(timezone.utc) - timedelta(seconds=1)
    with receiver(lambda n: (500 if n <= 3 else 200, {}, b"")) as there, opened(store) as sender:
        sender.endpoints.create(there.url, retry=NO_RETRY, secret=SECRET)
        failed = [sender.send("thing.made", {"n": n}).deliveries[0] for n in range(3)]
        assert sender.wait_idle(20)
        assert [sender.deliveries.get(id).status for id in failed] == ["failed"] * 3

        again = sender.deliveries.retry(failed[0])
        assert sender.wait_idle(20)
        delivery = sender.deliveries.get(again)
        assert (delivery.trigger, delivery.parent, delivery.status) == ("manual", failed[0], "delivered")
        assert there.requests[3][1] == sender.deliveries.get(failed[0]).body

        job = sender.deliveries.retry_failed(begun)
        until(lambda: sender.jobs.get(job.id).finished)
        assert sender.wait_idle(20)
        done = sender.jobs.get(job.id)
        assert (done.total, done.done, done.retried, done.skipped) == (3, 3, 2, 1)
        assert len(there.requests) == 6


def test_held_canceled_and_expunged(store: str) -> None:
    with receiver() as there, opened(store) as sender:
        endpoint = sender.endpoints.create(there.url, retry=RetryPolicy([3600]))
        sender.close()
        sender = opened(store)
        first, second, third = (sender.send("thing.made", {"n": n}) for n in range(3))
        sender.endpoints.disable(endpoint.id)
        assert sender.deliveries.get(first.deliveries[0]).status == "held"
        assert sender.stats().held == 3
        assert sender.deliveries.cancel(first.deliveries[0])
        assert not sender.deliveries.cancel(first.deliveries[0])
        assert sender.deliveries.get(first.deliveries[0]).status == "canceled"

        assert json.loads(sender.messages.get(second.id).body or b"")["data"] == {"n": 1}
        assert sender.messages.get(second.key).id == second.id
        assert sender.messages.expunge(second.id)
        assert not sender.messages.expunge(second.key)
        assert sender.messages.get(second.id).body is None
        with pytest.raises(ConfigError) as missing:
            sender.messages.get(second.id, tenant="t")
        assert missing.value.code == "not_found"

        sender.start()
        sender.endpoints.enable(endpoint.id)
        assert sender.wait_idle(20)
        assert [headers["webhook-id"] for headers, _ in there.requests] == [third.id]
        sender.close()


def test_tests_and_examples(store: str) -> None:
    with receiver(lambda n: (200 if n == 1 else 503, {}, b"busy")) as there:
        sender = opened(store, provider="webkasa")
        endpoint = sender.endpoints.create(there.url, allow_http=True)
        (result,) = sender.send_test(endpoint.id)
        assert (result.endpoint, result.delivered) == (endpoint.id, True)
        assert result.attempt is not None
        assert result.attempt.response_code == 200
        (result,) = sender.send_test("booking.created", data={"mine": True})
        assert not result.delivered
        assert result.attempt is not None
        assert result.attempt.response_body == b"busy"
        assert json.loads(there.requests[1][1])["data"]["mine"] is True
        assert sender.deliveries.get(result.delivery).trigger == "test"

        example = sender.example("booking.created")
        assert example.type == "booking.created"
        assert len(there.requests) == 2
        sender.close()


def test_usage(store: str) -> None:
    with (
        receiver(lambda n: (200 if n == 1 else 500, {}, b"")) as there,
        opened(store, provider="kakiyo") as sender,
    ):
        sender.endpoints.create(there.url, retry=NO_RETRY, ordered=True)
        for _ in range(2):
            sender.send("thing.made", {}, tenant="t")
        assert sender.wait_idle(20)
        usage = sender.usage()
        assert (usage.deliveries, usage.credits) == (1, 2)
        assert sender.usage("t").credits == 2
        assert sender.usage("nobody").credits == 0
        assert sender.usage(since=datetime.now(timezone.utc) + timedelta(hours=1)).credits == 0


def test_secrets_are_sealed(store: str, tmp_path: Path) -> None:
    sender = opened(store, key="the key")
    sender.endpoints.create("https://example.com/", secret=SECRET, headers={"x-token": "my-token"})
    sender.close()
    if store.startswith("sqlite:"):
        stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    else:
        schema = schema_of(store)
        texts = sql(f"SELECT sealed FROM {schema}.secret UNION ALL SELECT headers FROM {schema}.endpoint")
        stored = b"".join(text for (text,) in texts)
        assert stored
    assert SECRET.encode() not in stored
    assert b"my-token" not in stored
    opened(store, key=Secret("the key")).close()
    for key in (None, "another"):
        with pytest.raises(ConfigError) as error:
            opened(store, key=key)
        assert error.value.code == "invalid_secret"


def test_memory() -> None:
    with receiver() as there, Sender("memory:", **OPEN) as sender:
        sender.endpoints.create(there.url)
        sender.send("thing.made", {})
        assert sender.wait_idle(20)
        assert len(there.requests) == 1
        assert repr(sender) == "<Sender 'memory:' provider='standard'>"


def test_reprs(store: str) -> None:
    sender = opened(store)
    endpoint = sender.endpoints.create("https://example.com/?token=1", name="CRM")
    message = sender.send("thing.made", {}, id="m1")
    assert repr(endpoint) == f"<StoredEndpoint {endpoint.id} 'CRM' 'active'>"
    assert repr(message) == "<Message 'm1' type='thing.made' deliveries=1>"
    delivery = sender.deliveries.get(message.deliveries[0])
    assert repr(delivery) == f"<StoredDelivery {delivery.id} 'pending' endpoint={endpoint.id}>"
    assert repr(sender.messages.get("m1")) == "<StoredMessage 'm1' type='thing.made'>"
    assert repr(sender.deliveries.list()) == "<DeliveryPage of 1>"
    assert repr(sender.endpoints.list()) == "<EndpointPage of 1>"
    assert repr(sender.usage()) == "<Usage deliveries=0 credits=0>"
    assert repr(sender.stats()) == "<Stats sent=1 delivered=0 pending=1>"
    assert repr(sender.deliveries.retry_failed(0)).endswith(" 0 of 0>")
    shown = repr(sender)
    if store.startswith("sqlite:"):
        assert store in shown
    else:
        password = urlsplit(store).password
        assert password
        assert f"@{urlsplit(store).hostname}:" in shown
        assert password not in shown
    sender.close()
