from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookseal import ConfigError, Event, Provider, VerificationError, Webhook
from support import BODY, HEADERS, NOW, OWN_PROVIDER, SECRET


def received(body: bytes | str) -> Event:
    webhook = Webhook(SECRET)
    return webhook.verify(body, webhook.sign(body))


def test_facts_of_the_envelope() -> None:
    provider = Provider.builtin("webkasa")
    made = provider.event("booking.created", {"id": "bk_1"}, id="evt_1", timestamp=NOW)
    webhook = Webhook("a secret of some length, for a test", provider=provider)
    event = webhook.verify(made.body, webhook.sign(made.body))
    assert (event.id, event.type) == ("evt_1", "booking.created")
    assert event.timestamp == datetime.fromtimestamp(NOW, timezone.utc)
    assert event.timestamp.tzinfo is timezone.utc
    assert event.data == {"id": "bk_1"}
    assert event.payload == json.loads(made.body)
    assert event.payload["data"] == event.data


def test_parsed_once() -> None:
    event = received(b'{"type": "a.b", "data": {"n": 1}}')
    assert event.data is event.data
    assert event.payload is event.payload


def test_where_there_is_no_envelope_the_data_is_the_payload() -> None:
    github = Provider.builtin("github")
    webhook = Webhook("It's a Secret to Everybody", provider=github)
    body = b'{"action": "opened"}'
    event = webhook.verify(body, webhook.sign(body, type="issues"))
    assert event.data == event.payload == {"action": "opened"}
    assert event.type == "issues"


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff\xfe", b'{"a": NaN}', b'{"a":', b"[" * 100_000])
def test_bodies_that_are_not_json(body: bytes) -> None:
    event = received(body)
    assert event.body == body
    for name in ("data", "payload"):
        with pytest.raises(VerificationError) as error:
            getattr(event, name)
        assert error.value.code == "invalid_payload"


def test_json_that_python_cannot_hold() -> None:
    event = received('{"data": ' + "9" * 10_000 + "}")
    with pytest.raises(VerificationError) as error:
        _ = event.data
    assert error.value.code == "invalid_payload"
    assert isinstance(error.value.__cause__, ValueError)


def test_numbers_keep_their_precision() -> None:
    event = received(b'{"data": {"big": 123456789012345678901234567890, "small": 0.1}}')
    assert event.data == {"big": 123456789012345678901234567890, "small": 0.1}


def test_byte_order_mark() -> None:
    assert received(b'\xef\xbb\xbf{"data": 1}').data == 1


def test_made_events() -> None:
    provider = Provider.from_toml(OWN_PROVIDER)
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    event = provider.event("thing.made", {"é": [1, None]}, id="evt_1", timestamp=at, tenant="team_1")
    assert json.loads(event.body) == {
        "id": "evt_1",
        "type": "thing.made",
        "team": "team_1",
        "at": 1767319445,
        "data": {"é": [1, None]},
    }
    assert (event.id, event.type, event.tenant) == ("evt_1", "thing.made", "team_1")
    assert event.timestamp == at
    assert event.data == {"é": [1, None]}
    assert event.body is event.body


def test_ids_and_times_are_made() -> None:
    provider = Provider.builtin("standard")
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    first, second = provider.event("a.b", {}), provider.event("a.b", {})
    assert first.id is not None
    assert first.id != second.id
    assert first.timestamp is not None
    assert before <= first.timestamp <= datetime.now(timezone.utc)


@pytest.mark.parametrize("data", [{1, 2}, float("nan"), object(), b"bytes", {"a": "\ud800"}, {(1, 2): 3}])
def test_data_without_json_form(data: object) -> None:
    with pytest.raises(ConfigError) as error:
        Provider.builtin("standard").event("a.b", data)
    assert error.value.code == "invalid_argument"


def test_data_that_contains_itself() -> None:
    data: list[object] = []
    data.append(data)
    with pytest.raises(ConfigError):
        Provider.builtin("standard").event("a.b", data)


def test_order_of_keys_is_kept() -> None:
    event = Provider.builtin("standard").event("a.b", {"z": 1, "a": 2, "m": {"y": 1, "b": 2}})
    assert b'{"z":1,"a":2,"m":{"y":1,"b":2}}' in event.body


characters = st.characters(exclude_categories=[])  # lone surrogates too
texts = st.text(characters) | st.sampled_from(["", '"', "\\", "\\\\", "\ud83e", "é", "🪝", "\0", "data"])
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(2**62, 2**65)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(value=json_values, indent=st.none() | st.integers(0, 2), data=st.data())
def test_json_is_read_as_python_reads_it(value: object, indent: int | None, data: st.DataObject) -> None:
    text = json.dumps(value, indent=indent)
    assert repr(received(text).payload) == repr(json.loads(text)) == repr(value)
    text = json.dumps(
        {"data": value}, separators=data.draw(st.sampled_from([(",", ":"), (" ,\r\n\t", " : ")]))
    )
    assert repr(received(text).data) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "-0",
        "-0.0",
        "1E5",
        "1e-7",
        "1e999",
        "-1e999",
        "123456789012345678",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "0.1e1",
        "1.7976931348623157e308",
        "5e-324",
        '{"a": 1, "a": 2, "b": {"a": 3}}',
        '{"": {"": ""}}',
        '"\\u0041\\/\\b\\f\\n\\r\\t\\"\\\\"',
        '"\\ud83e\\ude9d \\ud83e x \\ude9d"',
        '{"\\ud83e": 1, "\\u0061": 2}',
        " \t\n\r[ ] ",
        "[[], {}, [[]], [{}]]",
        "[" * 128 + "]" * 128,
        '["' + "a" * 300 + '", "' + "b" * 300 + '"]',
    ],
)
def test_corners_of_json(text: str) -> None:
    assert repr(received(text).payload) == repr(json.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "- 1",
        "[1,]",
        "[,1]",
        '{"a":1,}',
        '{"a" 1}',
        "{a:1}",
        "'a'",
        "nul",
        "true false",
        '"\t"',
        '"\\x"',
        '"\\u12"',
        "[1}",
        "Infinity",
        "\u00a01",
        "[" * 129 + "]" * 129,
    ],
)
def test_what_is_not_json(text: str) -> None:
    with pytest.raises(VerificationError) as error:
        _ = received(text).payload
    assert error.value.code == "invalid_payload"


@given(json_values)
def test_data_comes_back(data: object) -> None:
    try:
        event = Provider.builtin("standard").event("a.b", data)
    except ConfigError:
        assert "\\ud" in json.dumps(data)  # only lone surrogates have no UTF-8
    else:
        assert event.data == data
        assert received(event.body).data == data


def test_repr_shows_no_body() -> None:
    event = Webhook(SECRET).verify(BODY, HEADERS, now=NOW)
    assert "2432232314" not in repr(event)
    assert "msg_p5jXN8AQM9LWM0D4loKWxJek" in repr(event)
