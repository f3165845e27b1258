"""What an inbox takes, to annotate your own functions with."""

from collections.abc import Callable
from typing import Literal, TypeAlias, TypedDict

from hookseal._native import Event, Handling
from hookseal.exceptions import HooksealError
from hookseal.sender_types import Patterns
from hookseal.types import Seconds, Time

Handler: TypeAlias = Callable[[Event], object] | Callable[[Event, Handling], object]
"""A function, ``async`` or not, that takes the event, or the event and its handling."""


OrderBy: TypeAlias = Callable[[Event], str | None]
"""Gives the key by which an event waits for others, if it has one."""


class EventRetentionTimes(TypedDict, total=False):
    """How long things are kept, from when the event was handled."""

    tries: Seconds
    """Tries: 30 days."""
    bodies: Seconds
    """Bodies: 30 days."""
    events: Seconds
    """Events: 30 days."""
    ids: Seconds
    """Ids that are not received twice, at least as long as the provider may send them again: 30 days."""


EventRetention: TypeAlias = bool | EventRetentionTimes
"""The usual times (``True``), for ever (``False``), or some times of your own."""


class EventFilter(TypedDict, total=False):
    """Which events; what is left out or ``None`` is any."""

    status: Literal["pending", "handled", "failed", "discarded"] | None
    """Where it stands; the last three are its end."""
    type: Patterns | None
    tenant: str | None
    since: Time | None
    """Received, or retried by hand, at or after this time."""
    until: Time | None
    """Received, or retried by hand, before this time."""


class EndpointOptions(TypedDict, total=False):
    """What the endpoint of an inbox may be told."""

    url: str | None
    """The url that is registered with the provider, where it is signed.

    ``https://example.com`` serves every path; to a url with a path only the request's query is added.
    """
    on_refused: Callable[[HooksealError], object] | None
    """Called with what a request was refused for, or why the store cannot take it, to log it."""
    verify_token: str | None
    """The token that was agreed on with the vendor for its handshake (Meta); no signing secret."""
