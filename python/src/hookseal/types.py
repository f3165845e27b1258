"""What the functions of hookseal take, to annotate your own with."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from enum import Enum
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias, TypedDict, TypeVar

from hookseal._native import Event, Provider, Secret, Webhook
from hookseal.deduplicator import AsyncDeduplicator, Deduplicator
from hookseal.exceptions import VerificationError


class HasItems(Protocol):
    """A mapping, or a framework's headers."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Name and value of each header."""


Body: TypeAlias = bytes | bytearray | memoryview | str
"""The raw body of a request."""

Headers: TypeAlias = HasItems | Iterable[tuple[str | bytes, Any]]
"""A request's headers: a mapping, pairs, a framework's headers, a WSGI environ or an ASGI scope."""

Secrets: TypeAlias = str | Secret | Iterable[str | Secret]
"""One secret, or several of a rotation with the newest first."""

Time: TypeAlias = datetime | float
"""An aware datetime, or unix seconds."""

Seconds: TypeAlias = timedelta | float
"""A length of time."""

Tolerance: TypeAlias = Seconds | tuple[Seconds, Seconds]
"""How far a timestamp may lie off in both directions, or ``(past, future)``."""

Delays: TypeAlias = Iterable[Seconds]
"""The delay before each retry."""

Framework: TypeAlias = (
    Literal["fastapi", "starlette", "flask", "django", "asgi", "wsgi", "lambda"]
    | Literal["express", "fastify", "koa", "nest", "web"]
    | Literal["axum"]
    | Literal["ktor", "spring"]
)
"""The web framework whose remedies ``Webhook.explain`` names."""

FilePath: TypeAlias = str | PathLike[str]
"""Where a file is."""

AllowPrivate: TypeAlias = bool | Iterable[str]
"""Whether private addresses may be delivered to: all, none, or those in these CIDR ranges."""

Certificates: TypeAlias = bytes | str
"""Certificates as PEM text."""


class Verifier(Protocol):
    """What the adapters ask whether a request is to be trusted: a ``Webhook``, or an object of your own.

    It gets headers with names in lower case, the values of several lines joined by commas.
    It may also have ``handshake(body, headers, *, url, method, verify_token)``, which is asked before and
    returns a ``HandshakeAnswer`` or ``None``. In asynchronous adapters both may be ``async``.
    """

    def verify(
        self, body: bytes, headers: dict[str, str], /, *, url: str | None, method: str | None
    ) -> Event | Awaitable[Event]:
        """Return the event of a request, or raise ``VerificationError``."""


Chosen: TypeAlias = Webhook | Provider | Verifier
"""A webhook; a provider, while no secret is known yet; or a verifier of your own."""

Source: TypeAlias = Chosen | Callable[[str], Chosen | Awaitable[Chosen]]
"""What verifies, or a function that chooses it for each request by its path and query."""


class ReceiveOptions(TypedDict, total=False):
    """What every adapter may be told."""

    max_body: int
    """How many bytes of a body are read; larger ones are refused with 413. 1 MiB."""
    url: str | None
    """The url that is registered with the provider, where it is signed.

    ``https://example.com`` serves every path; to a url with a path only the request's query is added.
    """
    on_refused: Callable[[VerificationError], object] | None
    """Called with what a request was refused for, to log it."""
    deduplicator: Deduplicator | AsyncDeduplicator | None
    """Drops duplicates, which are answered with 200; events in progress are answered with 503."""
    verify_token: str | None
    """The token that was agreed on with the vendor for its handshake (Meta); no signing secret."""
    on_secret: Callable[[Secret, str], object] | None
    """Called with a secret that the vendor gives away in its handshake (Asana, Clio), and the request's path.

    Only while no secret is known: where what verifies is a ``Provider``. It stores the secret.
    """


TypeT_co = TypeVar("TypeT_co", covariant=True)
DataT_co = TypeVar("DataT_co", covariant=True)


class TypedEvent(Protocol[TypeT_co, DataT_co]):
    """An ``Event`` of which a type checker knows the data by its type."""

    @property
    def type(self) -> TypeT_co:
        """What happened."""

    @property
    def data(self) -> DataT_co:
        """What it is about."""

    @property
    def id(self) -> str | None:
        """The event's id, the same in every delivery of it; ``None`` where the provider sends none."""

    @property
    def timestamp(self) -> datetime | None:
        """When it happened or, where the body does not say, when it was signed; in UTC."""

    @property
    def tenant(self) -> str | None:
        """The customer, team or organisation it belongs to, where the provider names one."""

    @property
    def payload(self) -> Any:
        """The whole body."""

    @property
    def body(self) -> bytes:
        """The raw body, as it was signed."""

    @property
    def key_index(self) -> int:
        """Which of the secrets verified it; 0 is the newest."""


class Unlisted(Enum):
    """What a type checker takes the types for that a catalog does not list; ``str(event.type)`` is the text.

    When the program runs these are plain texts. Type checkers cannot say "any text but those", and tell
    events apart only by texts and members of an enum that they know.
    """

    TYPE = "unlisted"


UnlistedEvent: TypeAlias = TypedEvent[Literal[Unlisted.TYPE] | None, Any]
"""An event of a type that a catalog does not list, or of none."""
