"""The events of WebKasa.

Made from its provider file: change that, not this.
"""

from typing import Literal, TypeAlias, TypedDict, cast

import hookseal
from hookseal.types import TypedEvent, UnlistedEvent


class BookingCreated(TypedDict):
    """A new booking was created."""

    id: str
    schedule_id: str
    start_time: str
    end_time: str
    status: str
    attendee_name: str
    attendee_email: str


BookingCreatedEvent: TypeAlias = TypedEvent[Literal["booking.created"], BookingCreated]
"""A new booking was created."""


class BookingConfirmed(TypedDict, total=False):
    """A booking was confirmed.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    schedule_id: str
    start_time: str
    end_time: str
    status: str
    attendee_name: str
    attendee_email: str


BookingConfirmedEvent: TypeAlias = TypedEvent[Literal["booking.confirmed"], BookingConfirmed]
"""A booking was confirmed."""


class BookingCancelled(TypedDict, total=False):
    """A booking was cancelled.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    schedule_id: str
    start_time: str
    end_time: str
    status: str
    attendee_name: str
    attendee_email: str
    cancellation_reason: str


BookingCancelledEvent: TypeAlias = TypedEvent[Literal["booking.cancelled"], BookingCancelled]
"""A booking was cancelled."""


class BookingCompleted(TypedDict, total=False):
    """A booking was marked as completed.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    schedule_id: str
    start_time: str
    end_time: str
    status: str
    attendee_name: str
    attendee_email: str


BookingCompletedEvent: TypeAlias = TypedEvent[Literal["booking.completed"], BookingCompleted]
"""A booking was marked as completed."""


class EventCreated(TypedDict, total=False):
    """A new event was created.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    title: str
    start_time: str
    end_time: str
    location: str
    capacity: int
    status: str


EventCreatedEvent: TypeAlias = TypedEvent[Literal["event.created"], EventCreated]
"""A new event was created."""


class EventUpdated(TypedDict, total=False):
    """An event was updated.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    title: str
    start_time: str
    end_time: str
    location: str
    capacity: int
    status: str


EventUpdatedEvent: TypeAlias = TypedEvent[Literal["event.updated"], EventUpdated]
"""An event was updated."""


class EventCancelled(TypedDict, total=False):
    """An event was cancelled.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    title: str
    start_time: str
    end_time: str
    location: str
    capacity: int
    status: str


EventCancelledEvent: TypeAlias = TypedEvent[Literal["event.cancelled"], EventCancelled]
"""An event was cancelled."""


class RegistrationCreated(TypedDict, total=False):
    """A new event registration.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    event_id: str
    status: str
    attendee_name: str
    attendee_email: str
    seats: int


RegistrationCreatedEvent: TypeAlias = TypedEvent[Literal["registration.created"], RegistrationCreated]
"""A new event registration."""


class RegistrationCancelled(TypedDict, total=False):
    """A registration was cancelled.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    id: str
    event_id: str
    status: str
    attendee_name: str
    attendee_email: str
    seats: int


RegistrationCancelledEvent: TypeAlias = TypedEvent[Literal["registration.cancelled"], RegistrationCancelled]
"""A registration was cancelled."""

Event: TypeAlias = (
    BookingCreatedEvent
    | BookingConfirmedEvent
    | BookingCancelledEvent
    | BookingCompletedEvent
    | EventCreatedEvent
    | EventUpdatedEvent
    | EventCancelledEvent
    | RegistrationCreatedEvent
    | RegistrationCancelledEvent
    | UnlistedEvent
)
"""All of them, and those of types that are not listed here."""


def typed(event: hookseal.Event) -> Event:
    """Return the event itself, of which the type tells the data."""
    return cast("Event", event)
