"""The events of Acme * / ''' /N.

Made from its provider file: change that, not this.
"""

from typing import Any, Literal, TypeAlias, TypedDict, cast

import hookseal
from hookseal.types import TypedEvent, UnlistedEvent


class OrderPaidBuyerAddress(TypedDict):
    """Part of OrderPaid."""

    city: str


class _OrderPaidBuyerRequired(TypedDict):
    """What OrderPaidBuyer always has."""

    name: str
    vip: Any
    address: OrderPaidBuyerAddress | None


class OrderPaidBuyer(_OrderPaidBuyerRequired, total=False):
    """Part of OrderPaid."""

    email: str | None


class _OrderPaidItemsRequired(TypedDict):
    """What OrderPaidItems always has."""

    sku: str
    count: float
    price: float
    kind: Literal["book", "pen"] | None


class OrderPaidItems(_OrderPaidItemsRequired, total=False):
    """Part of OrderPaid."""

    note: str


_OrderPaidRequired = TypedDict(
    "_OrderPaidRequired",
    {
        "id": int,
        "type": str,
        # How far it is.
        "status": Literal["paid", "PART_PAID", "it's \"odd\"", "other"],
        "self": bool,
        "self_": bool,
        "first-name": str,
        "firstName": str,
        "class": str,
        "str": str,
        "__init": int,
        "when": Any,
        "huge": float,
        "buyer": OrderPaidBuyer,
        "items": list[OrderPaidItems],
        "tags": list[str],
        "matrix": list[list[int | None]],
        "mixed": list[Any],
    },
)
"""What OrderPaid always has."""


class OrderPaid(_OrderPaidRequired, total=False):
    """An order was paid: ''' * / {} /u."""

    price: float
    note: list[Any]


OrderPaidEvent: TypeAlias = TypedEvent[Literal["order.paid"], OrderPaid]
"""An order was paid: ''' * / {} /u."""


class OrderPaid2(TypedDict, total=False):
    """Its name is that of another.

    No page of theirs shows its data: what is assumed here may be absent.
    """

    late: bool


OrderPaid2Event: TypeAlias = TypedEvent[Literal["order_paid"], OrderPaid2]
"""Its name is that of another."""


class OrderPaidEvent2(TypedDict):
    """Its name is that of another's event."""


OrderPaidEvent2Event: TypeAlias = TypedEvent[Literal["order.paid.event"], OrderPaidEvent2]
"""Its name is that of another's event."""


class Event2(TypedDict):
    """Its name is that of all."""

    text: str


Event2Event: TypeAlias = TypedEvent[Literal["event"], Event2]
"""Its name is that of all."""

ItSQuoted: TypeAlias = Any
"""Nothing is known of it."""

ItSQuotedEvent: TypeAlias = TypedEvent[Literal["it's \"quoted\""], ItSQuoted]
"""Nothing is known of it."""

Ids: TypeAlias = list[str]
"""Its data is a list."""

IdsEvent: TypeAlias = TypedEvent[Literal["ids"], Ids]
"""Its data is a list."""

Type42: TypeAlias = int
"""Its data is a number."""

Type42Event: TypeAlias = TypedEvent[Literal["42"], Type42]
"""Its data is a number."""

Event: TypeAlias = (
    OrderPaidEvent
    | OrderPaid2Event
    | OrderPaidEvent2Event
    | Event2Event
    | ItSQuotedEvent
    | IdsEvent
    | Type42Event
    | UnlistedEvent
)
"""All of them, and those of types that are not listed here."""


def typed(event: hookseal.Event) -> Event:
    """Return the event itself, of which the type tells the data."""
    return cast("Event", event)
