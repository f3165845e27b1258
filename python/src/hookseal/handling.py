"""What a handler may raise besides any error."""

from __future__ import annotations

# Type checkers know the names; at run time only what is needed is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookseal.types import Seconds


class RetryIn(Exception):  # noqa: N818 - it is a request
    """The event is to be tried again after ``delay``; how often at most, the inbox's policy says."""

    delay: Seconds

    def __init__(self, delay: Seconds, reason: str = "") -> None:
        super().__init__(reason or f"The handler asked for another try in {delay}.")
        self.delay = delay

    def __reduce__(self) -> tuple[type[RetryIn], tuple[Seconds, str]]:
        return type(self), (self.delay, str(self))


class Discard(Exception):  # noqa: N818 - it is a request
    """The event is not to be handled: it ends as discarded, and ``reason`` is logged."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
