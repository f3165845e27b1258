"""What the functions of hookseal take, to annotate your own with."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, Protocol, TypeAlias, TypedDict

from hookseal._native import Event, Provider, Secret, Webhook
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
    verify_token: str | None
    """The token that was agreed on with the vendor for its handshake (Meta); no signing secret."""
    on_secret: Callable[[Secret, str], object] | None
    """Called with a secret that the vendor gives away in its handshake (Asana, Clio), and the request's path.

    Only while no secret is known: where what verifies is a ``Provider``. It stores the secret.
    """
