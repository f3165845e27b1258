"""The durable inbox for asyncio: futures of the running loop over work on hookseal's own threads."""

from __future__ import annotations

from hookseal._native import InboxCore, Webhook
from hookseal._work import done

# Type checkers know the names; to import them from `typing` would take longer than all the rest of hookseal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable
    from types import TracebackType
    from typing import Literal, TypeVar

    from typing_extensions import Self, Unpack

    from hookseal import _native
    from hookseal._native import (
        Event,
        EventNotice,
        EventPage,
        InboxStats,
        Job,
        Prepared,
        Receipt,
        RetryPolicy,
        StoredEvent,
    )
    from hookseal.inbox_types import EventFilter, EventRetention, Handler
    from hookseal.running import Runner
    from hookseal.sender_types import Destination, Patterns
    from hookseal.types import Body, Headers, Seconds, Time, Tolerance

    _H = TypeVar("_H", bound=Handler)

# Whoever started an inbox and kept no hold of it still wants it to handle.
_started: set[AsyncInbox] = set()


class AsyncInbox:
    """Receives events durably, without holding up the event loop.

    Takes what ``Inbox`` takes, and has the same methods to await. The constructor itself opens the store,
    which takes a moment. ``async`` handlers run on the event loop that ``start`` is called in. Cancelling
    the task that waits for a call ends the waiting; what it had begun to write may be written all the same.
    """

    def __init__(
        self,
        url: str,
        webhook: Webhook,
        *,
        concurrency: int | None = None,
        timeout: Seconds | None = None,
        retry: RetryPolicy | None = None,
        retention: EventRetention = True,
        order_by: Callable[[Event], str | None] | None = None,
        tolerance: Tolerance | None = None,
        max_body: int | None = None,
    ) -> None:
        from hookseal.running import Runner

        self._core = InboxCore(
            url,
            webhook,
            concurrency=concurrency,
            timeout=timeout,
            retry=retry,
            retention=retention,
            order_by=order_by,
            tolerance=tolerance,
            max_body=max_body,
        )
        self._runner: Runner = Runner(self._core.timeout)
        self._callbacks: list[tuple[str, Callable[[EventNotice], object]]] = []
        self._telling: asyncio.Task[None] | None = None
        self.webhook = webhook

    def on(self, pattern: str) -> Callable[[_H], _H]:
        """Decorate the handler of events of these types: an exact one, ``"booking.*"``, or ``"*"`` for all.

        It takes the event, or the event and its ``Handling``. An ``async`` function runs on the event loop,
        and is cancelled when its time is over. Any other runs on a thread of its own, and if its time is over
        it goes on there: the event is tried again after it has returned. Whatever it raises is a failed try;
        ``RetryIn`` and ``Discard`` say more.

        An event has one handler, the first that wants it. Register all before ``start``: an event that has
        none in the process that takes it up is discarded.
        """

        def register(handler: _H) -> _H:
            self._core.register(pattern, self._runner.prepared(handler))
            return handler

        return register

    async def receive(
        self,
        body: Body,
        headers: Headers,
        *,
        now: Time | None = None,
        url: str | None = None,
        method: str | None = None,
    ) -> Receipt:
        """Verify a request, and store its event unless it was received before.

        It is durable when this returns: answer 2xx then, also to a duplicate. Takes what ``Webhook.verify``
        takes. Raises ``VerificationError``, and ``StoreError`` if the vendor should try again: answer its
        ``http_status``.
        """
        work = self._core.receive(body, headers, now=now, url=url, method=method)
        receipt: Receipt = await done(work)
        return receipt

    def prepare(
        self,
        body: Body,
        headers: Headers,
        *,
        now: Time | None = None,
        url: str | None = None,
        method: str | None = None,
    ) -> Prepared:
        """Verify a request, and return the statement that stores its event in a transaction of your own.

        That is one on the inbox's PostgreSQL database: what you store in it and the event are both
        committed, or neither is. The statement gives true if the event is new, and it is handled after the
        commit. Nothing is to be awaited here. Raises ``VerificationError``, and ``ConfigError``
        (``invalid_argument``) for an inbox that is not in PostgreSQL.
        """
        return self._core.prepare(body, headers, now=now, url=url, method=method)

    @property
    def max_body(self) -> int:
        """How many bytes a body may have."""
        return self._core.max_body

    @property
    def events(self) -> Events:
        """Events: the log of what was received, and trying again."""
        return Events(self._core.events)

    @property
    def jobs(self) -> EventJobs:
        """Jobs: how far they are."""
        return EventJobs(self._core.events)

    async def stats(self) -> InboxStats:
        """Return the inbox in numbers."""
        stats: InboxStats = await done(self._core.stats())
        return stats

    async def prometheus(self) -> str:
        """Return the inbox in numbers, as the text that Prometheus reads."""
        text: str = await done(self._core.prometheus())
        return text

    def on_notice(
        self,
        kind: Literal["event.failed", "event.recovered"],
        callback: Callable[[EventNotice], Awaitable[object] | object],
    ) -> None:
        """Call back for every notice of this kind, in the event loop; the callback may be ``async``.

        Notices are stored, and acknowledged when the callback is done: if it raises or the process dies, it
        is called again with the same notice.
        """
        self._core.check_callback(kind, callback)
        self._callbacks.append((kind, callback))
        self._listen()

    async def notices(self) -> AsyncIterator[EventNotice]:
        """Iterate over the notices that nobody has acknowledged, and then those to come.

        Each is acknowledged when the next one is asked for. Ends when the inbox is closed. Use either this
        or ``on_notice``: to acknowledge a notice is to acknowledge those before it.
        """
        reader = self._core.notices()
        while (notice := await done(reader.next())) is not None:
            yield notice

    async def start(self) -> None:
        """Begin to handle, in the background; more calls change nothing."""
        import asyncio

        self._runner.on_loop(asyncio.get_running_loop())
        await done(self._core.start())
        _started.add(self)
        self._listen()

    async def wait_idle(self, timeout: Seconds | None = None) -> bool:
        """Wait until no event is pending; return False if that takes longer than ``timeout``.

        With retries ahead it can take days.
        """
        idle: bool = await done(self._core.wait_idle(timeout))
        return idle

    async def close(self) -> None:
        """Stop: nothing more is received, and handlers that run get ten seconds to end.

        What was not handled is when the store is opened again.
        """
        import asyncio

        # A callback that closes goes on to its own end.
        if self._telling is not None and self._telling is not asyncio.current_task():
            self._telling.cancel()
        _started.discard(self)
        await done(self._core.close())
        self._runner.end()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncInbox {self._core!r}>"

    def _listen(self) -> None:
        """Begin to read notices, once there are callbacks and a running loop."""
        import asyncio

        from hookseal._notices import tell

        if not self._callbacks or (self._telling is not None and not self._telling.done()):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # `start` will be called in one.
        self._telling = loop.create_task(tell(self.notices(), self._callbacks))


class Events:
    """Events of an inbox. An event is named by its id."""

    def __init__(self, core: _native.Events) -> None:
        self._core = core

    async def list(
        self, *, cursor: int | None = None, limit: int = 100, **wanted: Unpack[EventFilter]
    ) -> EventPage:
        """Return events, newest first; the page's ``cursor`` begins the next one."""
        page: EventPage = await done(self._core.list(wanted, cursor, limit))
        return page

    async def get(self, id: str) -> StoredEvent:
        """Return an event with its tries and its body. Raises ``ConfigError`` (``not_found``)."""
        event: StoredEvent = await done(self._core.get(id))
        return event

    async def retry(self, id: str) -> None:
        """Have an event handled once more, whatever became of it, with all the tries of the policy.

        Of one that is pending the next try is pulled forward. Raises ``ConfigError`` (``conflict``) if its
        body is gone.
        """
        await done(self._core.retry(id))

    async def retry_failed(self, since: Time, *, type: Patterns | None = None) -> Job:
        """Retry what failed at or after ``since``. ``jobs.get`` tells how far the job is."""
        job: Job = await done(self._core.retry_failed(since, type=type))
        return job

    async def discard(self, id: str) -> bool:
        """End an event that is pending: it is not tried any more. Returns False if it was at its end."""
        changed: bool = await done(self._core.discard(id))
        return changed

    async def expunge(self, id: str) -> bool:
        """Delete what an event says, and discard it if it is pending. Its id stays known.

        Returns False if its body was gone already.
        """
        changed: bool = await done(self._core.expunge(id))
        return changed

    async def export(self, to: Destination, **wanted: Unpack[EventFilter]) -> int:
        """Write events with their tries as JSON lines, newest first, and return how many.

        ``to`` is a path or a file opened for bytes; the filter is that of ``list``.
        """
        count: int = await done(self._core.export(to, wanted))
        return count


class EventJobs:
    """Long jobs of an inbox."""

    def __init__(self, core: _native.Events) -> None:
        self._core = core

    async def get(self, id: int) -> Job:
        """Return how far a job is."""
        job: Job = await done(self._core.job(id))
        return job
