"""The events of Kagibag.

Made from its provider file: change that, not this.
"""

from typing import Literal, TypeAlias, TypedDict, cast

import hookseal
from hookseal.types import TypedEvent, UnlistedEvent


class TrackingAttributedOrderTotal(TypedDict, total=False):
    """Part of TrackingAttributedOrder."""

    amount: int
    currency: str


class TrackingAttributedOrderAttribution(TypedDict, total=False):
    """Part of TrackingAttributedOrder."""

    source: str
    medium: str
    campaign: str
    referrer: str
    first_seen_at: str


class TrackingAttributedOrder(TypedDict, total=False):
    """A tracked visitor completed an order (includes attribution data).

    No page of theirs shows its data: what is assumed here may be absent.
    """

    order_id: str
    event_id: str
    visitor_id: str
    total: TrackingAttributedOrderTotal
    attribution: TrackingAttributedOrderAttribution
    completed_at: str


TrackingAttributedOrderEvent: TypeAlias = TypedEvent[
    Literal["tracking.attributed_order"], TrackingAttributedOrder
]
"""A tracked visitor completed an order (includes attribution data)."""


class OrderPaidTotal(TypedDict, total=False):
    """Part of OrderPaid."""

    amount: int
    currency: str


class OrderPaidBuyer(TypedDict, total=False):
    """Part of OrderPaid."""

    name: str
    email: str


class OrderPaidItems(TypedDict, total=False):
    """Part of OrderPaid."""

    ticket_type: str
    quantity: int
    unit_price: int


class OrderPaid(TypedDict, total=False):
    """An order was successfully paid.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    order_id: str
    event_id: str
    status: str
    total: OrderPaidTotal
    buyer: OrderPaidBuyer
    items: list[OrderPaidItems]
    paid_at: str
    test: bool
    """Whether it is a test that somebody sent."""


OrderPaidEvent: TypeAlias = TypedEvent[Literal["order.paid"], OrderPaid]
"""An order was successfully paid."""


class AttendeeCheckedIn(TypedDict, total=False):
    """An attendee was checked in at the event.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    attendee_id: str
    event_id: str
    order_id: str
    name: str
    email: str
    ticket_type: str
    gate: str
    checked_in_at: str


AttendeeCheckedInEvent: TypeAlias = TypedEvent[Literal["attendee.checked_in"], AttendeeCheckedIn]
"""An attendee was checked in at the event."""


class AttendeeConnectionMadeAttendees(TypedDict, total=False):
    """Part of AttendeeConnectionMade."""

    attendee_id: str
    name: str


class AttendeeConnectionMade(TypedDict, total=False):
    """Two attendees connected at the event.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    connection_id: str
    event_id: str
    attendees: list[AttendeeConnectionMadeAttendees]
    connected_at: str


AttendeeConnectionMadeEvent: TypeAlias = TypedEvent[
    Literal["attendee.connection_made"], AttendeeConnectionMade
]
"""Two attendees connected at the event."""


class BoothLeadCapturedAttendee(TypedDict, total=False):
    """Part of BoothLeadCaptured."""

    attendee_id: str
    name: str
    email: str
    company: str


class BoothLeadCaptured(TypedDict, total=False):
    """A booth exhibitor captured a new lead.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    lead_id: str
    event_id: str
    booth_id: str
    exhibitor_id: str
    attendee: BoothLeadCapturedAttendee
    notes: str
    rating: int
    captured_at: str


BoothLeadCapturedEvent: TypeAlias = TypedEvent[Literal["booth.lead_captured"], BoothLeadCaptured]
"""A booth exhibitor captured a new lead."""


class BoothScan(TypedDict, total=False):
    """A badge was scanned at a booth.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    scan_id: str
    event_id: str
    booth_id: str
    exhibitor_id: str
    attendee_id: str
    scanned_by: str
    scanned_at: str


BoothScanEvent: TypeAlias = TypedEvent[Literal["booth.scan"], BoothScan]
"""A badge was scanned at a booth."""


class BoothConnectionCreated(TypedDict, total=False):
    """A connection was made between an attendee and exhibitor.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    connection_id: str
    event_id: str
    booth_id: str
    exhibitor_id: str
    attendee_id: str
    initiated_by: str
    created_at: str


BoothConnectionCreatedEvent: TypeAlias = TypedEvent[
    Literal["booth.connection_created"], BoothConnectionCreated
]
"""A connection was made between an attendee and exhibitor."""


class BoothOrderPaidTotal(TypedDict, total=False):
    """Part of BoothOrderPaid."""

    amount: int
    currency: str


class BoothOrderPaid(TypedDict, total=False):
    """A booth package was purchased.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    order_id: str
    event_id: str
    booth_id: str
    exhibitor_id: str
    package: str
    total: BoothOrderPaidTotal
    paid_at: str


BoothOrderPaidEvent: TypeAlias = TypedEvent[Literal["booth.order_paid"], BoothOrderPaid]
"""A booth package was purchased."""

Event: TypeAlias = (
    TrackingAttributedOrderEvent
    | OrderPaidEvent
    | AttendeeCheckedInEvent
    | AttendeeConnectionMadeEvent
    | BoothLeadCapturedEvent
    | BoothScanEvent
    | BoothConnectionCreatedEvent
    | BoothOrderPaidEvent
    | UnlistedEvent
)
"""All of them, and those of types that are not listed here."""


def typed(event: hookseal.Event) -> Event:
    """Return the event itself, of which the type tells the data."""
    return cast("Event", event)
