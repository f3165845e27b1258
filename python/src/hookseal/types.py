"""What the functions of hookseal take, to annotate your own with."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, Literal, Protocol, TypeAlias, TypedDict

from hookseal._native import Secret
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
)
"""The web framework whose remedies ``Webhook.explain`` names."""

FilePath: TypeAlias = str | PathLike[str]
"""Where a file is."""

AllowPrivate: TypeAlias = bool | Iterable[str]
"""Whether private addresses may be delivered to: all, none, or those in these CIDR ranges."""

Certificates: TypeAlias = bytes | str
"""Certificates as PEM text."""


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
