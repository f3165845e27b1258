"""Each event handled once: claims on events, for programs that wait and for asyncio."""

from __future__ import annotations

from hookseal._native import ClaimCore, DeduplicatorCore, Event
from hookseal._work import done
from hookseal.exceptions import HooksealError

# Type checkers know the names; at run time only what is needed is imported.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

    from hookseal.types import Seconds


class _Base:
    """What both kinds are made of."""

    def __init__(
        self,
        url: str,
        *,
        keep: Seconds | None = None,
        lease: Seconds | None = None,
        capacity: int | None = None,
        namespace: str | None = None,
    ) -> None:
        self._core = DeduplicatorCore(url, keep=keep, lease=lease, capacity=capacity, namespace=namespace)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._core!r}>"


class Deduplicator(_Base):
    """Tells events that were handled before, or are being handled, from new ones.

    ``url`` is ``"memory:"`` for one process, ``"sqlite:path"`` for one machine, and
    ``"postgres://user:password@host/database"``, ``"redis://host/0"`` or ``"rediss://host/0"`` (with TLS) for
    any number. An event that is done is remembered for ``keep``: seven days, or for as long as its provider
    retries if that is longer. A claim holds for ``lease``, 60 seconds, if its holder dies. ``memory:``
    remembers ``capacity`` events, 100 000. ``namespace`` keeps apart what shares a store.

    Use it with ``with dedup.claim(event):``. After a fork the child opens the store anew. Raises
    ``ConfigError`` and ``StoreError``.
    """

    def claim(self, event: Event) -> Claim:
        """Claim an event for the caller alone.

        Raises ``VerificationError``: ``duplicate_event`` if it was done before (answer 2xx), and
        ``event_in_progress``, with ``retry_after``, if somebody else has it and is not done (answer 503).
        """
        return Claim(self._core.claim(event).wait())

    def close(self) -> None:
        """Close files and connections. Claims that are held end with their leases."""
        self._core.close().wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Claim:
    """The right to handle an event, which nobody else has meanwhile.

    As a context manager it is done if the block ends well, and released if it raises. A claim that nobody
    holds any more is released.
    """

    def __init__(self, core: ClaimCore) -> None:
        self._core = core
        self._ended = False

    def done(self) -> None:
        """Tell that the event was handled: from now on, it is a duplicate.

        Raises ``StoreError``, ``claim_lost`` if the lease ran out and somebody else has claimed the event.
        """
        self._core.done().wait()
        self._ended = True

    def release(self) -> None:
        """Tell that the event was not handled: whoever asks next gets it."""
        self._ended = True
        self._core.release().wait()

    def extend(self) -> None:
        """Have the lease begin anew, for handlers that take longer.

        Raises ``StoreError``, ``claim_lost`` if it ran out and somebody else has claimed the event.
        """
        self._core.extend().wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None and not self._ended:
            self.done()
        elif not self._ended:
            from contextlib import suppress

            # If it cannot be released it ends with its lease; what the block raised says more.
            with suppress(HooksealError):
                self.release()


class AsyncDeduplicator(_Base):
    """The same as ``Deduplicator`` for asyncio: ``async with dedup.claim(event):``."""

    def claim(self, event: Event) -> AsyncClaiming:
        """Claim an event for the caller alone: ``await`` it, or enter it with ``async with``.

        Raises ``VerificationError``: ``duplicate_event`` if it was done before (answer 2xx), and
        ``event_in_progress``, with ``retry_after``, if somebody else has it and is not done (answer 503).
        """
        return AsyncClaiming(self._core, event)

    async def close(self) -> None:
        """Close files and connections. Claims that are held end with their leases."""
        await done(self._core.close())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


class AsyncClaiming:
    """A claim that has not begun."""

    def __init__(self, core: DeduplicatorCore, event: Event) -> None:
        self._core = core
        self._event = event
        self._claim: AsyncClaim | None = None

    def __await__(self) -> Generator[Any, None, AsyncClaim]:
        return self._begin().__await__()

    async def _begin(self) -> AsyncClaim:
        return AsyncClaim(await done(self._core.claim(self._event)))

    async def __aenter__(self) -> AsyncClaim:
        self._claim = await self._begin()
        return await self._claim.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._claim is not None:
            await self._claim.__aexit__(kind, error, traceback)


class AsyncClaim:
    """The right to handle an event, as ``Claim``, for asyncio."""

    def __init__(self, core: ClaimCore) -> None:
        self._core = core
        self._ended = False

    async def done(self) -> None:
        """Tell that the event was handled: from now on, it is a duplicate.

        Raises ``StoreError``, ``claim_lost`` if the lease ran out and somebody else has claimed the event.
        """
        await done(self._core.done())
        self._ended = True

    async def release(self) -> None:
        """Tell that the event was not handled: whoever asks next gets it."""
        self._ended = True
        await done(self._core.release())

    async def extend(self) -> None:
        """Have the lease begin anew, for handlers that take longer.

        Raises ``StoreError``, ``claim_lost`` if it ran out and somebody else has claimed the event.
        """
        await done(self._core.extend())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None and not self._ended:
            await self.done()
        elif not self._ended:
            from contextlib import suppress

            # If it cannot be released it ends with its lease; what the block raised says more.
            with suppress(HooksealError):
                await self.release()
