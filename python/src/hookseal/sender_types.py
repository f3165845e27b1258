"""What a sender takes, to annotate your own functions with."""

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias, TypedDict

from hookseal._native import RetryPolicy
from hookseal.types import AllowPrivate, Seconds, Time

Patterns: TypeAlias = str | Iterable[str]
"""Types of events: ``"booking.created"``, ``"booking.*"`` or ``"*"``, one or several."""


class RetentionTimes(TypedDict, total=False):
    """How long things are kept, from the end of their delivery."""

    held: Seconds
    """Deliveries of a disabled endpoint, from when it was disabled: 7 days."""
    attempts: Seconds
    """Attempts: 30 days."""
    bodies: Seconds
    """Bodies: 30 days."""
    deliveries: Seconds
    """Deliveries: 90 days."""
    ids: Seconds
    """Ids that must not come twice, from when they were stored: 90 days."""
    usage: Seconds
    """What was counted for ``usage``: 400 days."""


Retention: TypeAlias = bool | RetentionTimes
"""The usual times (``True``), for ever (``False``), or some times of your own."""


class _NewMessage(TypedDict):
    type: str
    data: Any


class NewMessage(_NewMessage, total=False):
    """A message for ``send_many``."""

    id: str | None
    tenant: str | None
    timestamp: Time | None


class EndpointChanges(TypedDict, total=False):
    """What can be changed of an endpoint; ``None`` goes back to the default."""

    url: str
    name: str
    events: Patterns | None
    tenant: str | None
    headers: Mapping[str, str] | None
    timeout: Seconds | None
    concurrency: int | None
    rate_limit: float | None
    ordered: bool
    retry: RetryPolicy | None
    allow_http: bool | None
    allow_private: AllowPrivate | None
    version: int | None
    """Fails with ``conflict`` if the endpoint's version is another."""


class DeliveryFilter(TypedDict, total=False):
    """Which deliveries; what is left out or ``None`` is any."""

    endpoint: int | None
    status: Literal["pending", "held", "delivered", "failed", "canceled"] | None
    """Where it stands; the last three are its end."""
    type: Patterns | None
    tenant: str | None
    response_class: Literal["1xx", "2xx", "3xx", "4xx", "5xx"] | None
    """What the receiver answered last, by the first digit."""
    since: Time | None
    """Made at or after this time."""
    until: Time | None
    """Made before this time."""


class BinaryFile(Protocol):
    """A file that takes bytes."""

    def write(self, content: bytes, /) -> object:
        """Write all of it."""


Destination: TypeAlias = str | PathLike[str] | BinaryFile
"""A path, or a file that was opened for bytes."""
