"""The durable inbox, for programs that wait."""

from __future__ import annotations

from hookseal._native import InboxCore, Webhook

# Type checkers know the names; to import them from `typing` would take longer than all the rest of hookseal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator
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
_started: set[Inbox] = set()


class Inbox:
    """Receives events durably: what ``receive`` returned for is handled, whatever happens to the process.

    ``url`` is ``"sqlite:path"``, ``"postgres://user:password@host/database"``, or ``"memory:"`` for one
    that forgets; a sender needs another store, or in a database another schema, which it has by default.
    Several processes may open one store: all of them may receive, and of those that were started one
    handles, or, with PostgreSQL, they share out the events; when one ends or dies, others take over. After
    a fork the child opens the store anew, and has to be started itself to handle.

    At most ``concurrency`` handlers run at once in a process (64), each for at most ``timeout`` (60
    seconds). A handler that fails is tried again as ``retry`` says: 8 times in about 21 hours. ``order_by``
    gives the key of an event, or ``None``: those of one key are handled one after the other, in the order
    in which they were received. ``tolerance`` replaces that of the webhook; bodies of more than
    ``max_body`` bytes (1 MiB) are refused. As a context manager it starts
    and closes itself: register handlers before. Raises ``ConfigError`` and ``StoreError``.
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
        self._has_coroutines = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process: int | None = None
        self.webhook = webhook

    def on(self, pattern: str) -> Callable[[_H], _H]:
        """Decorate the handler of events of these types: an exact one, ``"booking.*"``, or ``"*"`` for all.

        It takes the event, or the event and its ``Handling``. A function runs on a thread of its own, and if
        its time is over it goes on there: the event is tried again after it has returned. An ``async``
        function runs on an event loop that the inbox has, and is cancelled when its time is over. Whatever it
        raises is a failed try; ``RetryIn`` and ``Discard`` say more.

        An event has one handler, the first that wants it. Register all before ``start``: an event that has
        none in the process that takes it up is discarded.
        """

        def register(handler: _H) -> _H:
            from hookseal.running import is_async

            run = self._runner.prepared(handler)
            if is_async(handler):
                self._has_coroutines = True
                if self._process is not None:
                    self._open_loop()
            self._core.register(pattern, run)
            return handler

        return register

    def receive(
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
        receipt: Receipt = work.wait()
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
        commit. Raises ``VerificationError``, and ``ConfigError`` (``invalid_argument``) for an inbox
        that is not in PostgreSQL.
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

    def stats(self) -> InboxStats:
        """Return the inbox in numbers."""
        stats: InboxStats = self._core.stats().wait()
        return stats

    def prometheus(self) -> str:
        """Return the inbox in numbers, as the text that Prometheus reads."""
        text: str = self._core.prometheus().wait()
        return text

    def on_notice(
        self, kind: Literal["event.failed", "event.recovered"], callback: Callable[[EventNotice], object]
    ) -> None:
        """Call back for every notice of this kind, from another thread.

        Notices are stored, and acknowledged when the callback has returned: if it raises or the process dies,
        it is called again with the same notice.
        """
        self._core.on_notice(kind, callback)

    def notices(self) -> Iterator[EventNotice]:
        """Iterate over the notices that nobody has acknowledged, and then those to come.

        Each is acknowledged when the next one is asked for. Ends when the inbox is closed. Use either this
        or ``on_notice``: to acknowledge a notice is to acknowledge those before it.
        """
        reader = self._core.notices()
        while (notice := reader.next().wait()) is not None:
            yield notice

    def start(self) -> None:
        """Begin to handle, in the background; more calls change nothing."""
        import os

        if self._process != os.getpid():
            # What a parent had did not survive the fork.
            self._process, self._loop = os.getpid(), None
        if self._has_coroutines:
            self._open_loop()
        self._core.start().wait()
        _started.add(self)

    def wait_idle(self, timeout: Seconds | None = None) -> bool:
        """Wait until no event is pending; return False if that takes longer than ``timeout``.

        With retries ahead it can take days.
        """
        idle: bool = self._core.wait_idle(timeout).wait()
        return idle

    def close(self) -> None:
        """Stop: nothing more is received, and handlers that run get ten seconds to end.

        What was not handled is when the store is opened again.
        """
        import os

        _started.discard(self)
        self._core.close().wait()
        loop, self._loop = self._loop, None
        if loop is not None and self._process == os.getpid() and not loop.is_closed():
            loop.call_soon_threadsafe(self._runner.end)
            # Later than what is cancelled, which first comes to its end.
            loop.call_soon_threadsafe(loop.call_later, 1, loop.stop)

    def _open_loop(self) -> None:
        from hookseal.running import own_loop

        if self._loop is None or self._loop.is_closed():
            self._loop = own_loop()
            self._runner.on_loop(self._loop)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Inbox {self._core!r}>"


class Events:
    """Events of an inbox. An event is named by its id."""

    def __init__(self, core: _native.Events) -> None:
        self._core = core

    def list(
        self, *, cursor: int | None = None, limit: int = 100, **wanted: Unpack[EventFilter]
    ) -> EventPage:
        """Return events, newest first; the page's ``cursor`` begins the next one."""
        page: EventPage = self._core.list(wanted, cursor, limit).wait()
        return page

    def get(self, id: str) -> StoredEvent:
        """Return an event with its tries and its body. Raises ``ConfigError`` (``not_found``)."""
        event: StoredEvent = self._core.get(id).wait()
        return event

    def retry(self, id: str) -> None:
        """Have an event handled once more, whatever became of it, with all the tries of the policy.

        Of one that is pending the next try is pulled forward. Raises ``ConfigError`` (``conflict``) if its
        body is gone.
        """
        self._core.retry(id).wait()

    def retry_failed(self, since: Time, *, type: Patterns | None = None) -> Job:
        """Retry what failed at or after ``since``. ``jobs.get`` tells how far the job is."""
        job: Job = self._core.retry_failed(since, type=type).wait()
        return job

    def discard(self, id: str) -> bool:
        """End an event that is pending: it is not tried any more. Returns False if it was at its end."""
        changed: bool = self._core.discard(id).wait()
        return changed

    def expunge(self, id: str) -> bool:
        """Delete what an event says, and discard it if it is pending. Its id stays known.

        Returns False if its body was gone already.
        """
        changed: bool = self._core.expunge(id).wait()
        return changed

    def export(self, to: Destination, **wanted: Unpack[EventFilter]) -> int:
        """Write events with their tries as JSON lines, newest first, and return how many.

        ``to`` is a path or a file opened for bytes; the filter is that of ``list``.
        """
        count: int = self._core.export(to, wanted).wait()
        return count


class EventJobs:
    """Long jobs of an inbox."""

    def __init__(self, core: _native.Events) -> None:
        self._core = core

    def get(self, id: int) -> Job:
        """Return how far a job is."""
        job: Job = self._core.job(id).wait()
        return job
