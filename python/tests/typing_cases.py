"""For type checkers: what they know of events, and what they must complain about (test_typed_events.py)."""

from typing import Any, Literal

from typing_extensions import assert_type

import acme_events as acme
from hookseal import Event
from hookseal.events import kagibag, webkasa
from hookseal.types import UnlistedEvent


def with_if(plain: Event) -> str:
    assert_type(plain.data, Any)
    event = webkasa.typed(plain)
    if event.type == "booking.created":
        assert_type(event, webkasa.BookingCreatedEvent)
        assert_type(event.data, webkasa.BookingCreated)
        event.data["attendee_mail"]  # type: ignore[typeddict-item]
        number: int = event.data["attendee_email"]  # type: ignore[assignment]
        return event.data["attendee_email"] + str(number)
    if event.type in ("booking.confirmed", "booking.completed"):
        return event.data.get("status", "")
    return event.data["attendee_email"]  # type: ignore


def with_match(event: webkasa.Event) -> str:
    match event.type:
        case "booking.created":
            assert_type(event.data, webkasa.BookingCreated)
            return event.data["attendee_email"]
        case "booking.cancelled":
            assert_type(event.data, webkasa.BookingCancelled)
            return event.data.get("cancellation_reason", "")
        case _:
            # Whatever is not listed stays possible.
            return str(event.type)


def with_guard(event: webkasa.Event) -> str | None:
    if event.type != "booking.created":
        return None
    return takes_data(event.data)


def takes_data(booking: webkasa.BookingCreated) -> str:
    return booking["attendee_name"]


def takes_event(event: webkasa.BookingCreatedEvent) -> str | None:
    assert_type(event.type, Literal["booking.created"])
    return event.id


def all_listed(event: kagibag.Event) -> UnlistedEvent | None:
    if event.type == "order.paid":
        assert_type(event.data.get("test"), bool | None)
        assert_type(event.data.get("items"), list[kagibag.OrderPaidItems] | None)
    return None


def of_ones_own(event: acme.Event) -> None:
    if event.type == "order.paid":
        assert_type(event.data["status"], Literal["paid", "PART_PAID", 'it\'s "odd"', "other"])
        assert_type(event.data["first-name"], str)
        assert_type(event.data["matrix"], list[list[int | None]])
        assert_type(event.data["buyer"]["address"], acme.OrderPaidBuyerAddress | None)
        assert_type(event.data.get("note"), list[Any] | None)
    if event.type == "ids":
        assert_type(event.data, list[str])
    if event.type == "order_paid":
        assert_type(event.data, acme.OrderPaid2)
