"""What hookseal raises, and the codes that say why."""

from __future__ import annotations

from hookseal._native import errors as _sentences
from hookseal._native import http_status


class HooksealError(Exception):
    """The base of every error of hookseal. ``code`` is stable, the message is for people."""

    code: str

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def http_status(self) -> int:
        """The HTTP status to answer with, when a request that was received led to this error."""
        return http_status(self.code)

    @property
    def notes(self) -> list[str]:
        """What tracebacks show below the message: in development mode, what ``Webhook.explain`` says."""
        return list(getattr(self, "__notes__", ()))

    def __reduce__(self) -> tuple[type[HooksealError], tuple[str, str]]:
        # Exceptions cross process boundaries by pickle, which otherwise forgets the code.
        return type(self), (str(self), self.code)


class VerificationError(HooksealError):
    """A request that is not to be trusted. Answer it with ``http_status``, and tell the peer no more."""


class ConfigError(HooksealError, ValueError):
    """A mistake in how hookseal was called or set up."""


class DeliveryError(HooksealError):
    """A delivery that could not be made."""


class StoreError(HooksealError):
    """The sender's store cannot be used."""


class SecretWarning(UserWarning):
    """A secret works, but has ``code`` ``weak_secret`` or ``trimmed_secret``: it had whitespace around it."""

    code: str

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[type[SecretWarning], tuple[str, str]]:
        return type(self), (str(self), self.code)


errors: dict[str, str] = _sentences()
"""Every code, with one sentence that says what it means."""
