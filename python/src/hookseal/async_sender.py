"""The durable sender for asyncio: futures of the running loop over work on hookseal's own threads."""

from __future__ import annotations

from hookseal._native import SenderCore
from hookseal._work import done

# Type checkers know the names; to import them from `typing` would take longer than all the rest of hookseal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Literal

    from typing_extensions import Self, Unpack

    from hookseal import _native
    from hookseal._native import (
        DeliveryPage,
        EndpointPage,
        Event,
        Job,
        Message,
        Notice,
        Provider,
        RetryPolicy,
        Secret,
        Stats,
        StoredDelivery,
        StoredEndpoint,
        StoredMessage,
        TestResult,
        Usage,
    )
    from hookseal.exceptions import HooksealError
    from hookseal.sender_types import (
        DeliveryFilter,
        Destination,
        EndpointChanges,
        NewMessage,
        Patterns,
        Retention,
    )
    from hookseal.types import AllowPrivate, Certificates, Seconds, Time

# Whoever started a sender and kept no hold of it still wants it to deliver.
_started: set[AsyncSender] = set()


class AsyncSender:
    """Sends events durably, without holding up the event loop.

    Takes what ``Sender`` takes, and has the same methods to await. The constructor itself opens the store,
    which takes a moment. Cancelling the task that waits for a call ends the waiting; what it had begun to
    write may be written all the same.
    """

    def __init__(
        self,
        url: str,
        *,
        provider: Provider | str = "standard",
        allow_http: bool = False,
        allow_private: AllowPrivate = False,
        ca_certificates: Certificates | None = None,
        key: str | Secret | None = None,
        strict: bool = False,
        max_body: int | None = None,
        concurrency: int | None = None,
        retention: Retention = True,
    ) -> None:
        self._core = SenderCore(
            url,
            provider=provider,
            allow_http=allow_http,
            allow_private=allow_private,
            ca_certificates=ca_certificates,
            key=key,
            strict=strict,
            max_body=max_body,
            concurrency=concurrency,
            retention=retention,
        )
        self._callbacks: list[tuple[str, Callable[[Notice], object]]] = []
        self._telling: asyncio.Task[None] | None = None

    async def send(
        self,
        type: str,
        data: Any,
        *,
        id: str | None = None,
        tenant: str | None = None,
        timestamp: Time | None = None,
    ) -> Message:
        """Store an event for every active endpoint that wants it. It is durable when this returns.

        The same ``id`` again is the first message again, or a ``ConfigError`` (``conflict``) if its type or
        data are others. An event with a ``tenant`` goes to this tenant's endpoints and to those of none.
        """
        message: Message = await done(self._core.send(type, data, id=id, tenant=tenant, timestamp=timestamp))
        return message

    async def send_many(self, messages: Iterable[NewMessage]) -> list[Message | HooksealError]:
        """Store many events in few commits.

        Each has a result of its own, in the same order: a message, or the error why it was not stored.
        """
        results: list[Message | HooksealError] = await done(self._core.send_many(messages))
        return results

    async def send_test(
        self, target: int | str, *, type: str | None = None, data: Any = None, tenant: str | None = None
    ) -> list[TestResult]:
        """Send a test now, once, and return what came of it.

        ``target`` is the id of an endpoint, or a type of event: then it goes to every active endpoint that
        wants it. ``data`` is the catalog's example if none is given. Tests are logged, and count for nothing
        else.
        """
        results: list[TestResult] = await done(
            self._core.send_test(target, type=type, data=data, tenant=tenant)
        )
        return results

    def example(self, type: str) -> Event:
        """Return the provider's own example of an event. Nothing is stored or sent."""
        return self._core.example(type)

    @property
    def endpoints(self) -> Endpoints:
        """Endpoints: create, change, disable, delete."""
        return Endpoints(self._core.endpoints)

    @property
    def deliveries(self) -> Deliveries:
        """Deliveries: the log, and delivering once more."""
        return Deliveries(self._core.deliveries)

    @property
    def jobs(self) -> Jobs:
        """Jobs: how far they are."""
        return Jobs(self._core.deliveries)

    @property
    def messages(self) -> Messages:
        """Messages: looking one up, and deleting what it says."""
        return Messages(self._core.messages)

    async def usage(
        self, tenant: str | None = None, since: Time | None = None, until: Time | None = None
    ) -> Usage:
        """Return what successful deliveries cost from ``since`` until before ``until``."""
        usage: Usage = await done(self._core.usage(tenant=tenant, since=since, until=until))
        return usage

    async def stats(self) -> Stats:
        """Return the sender in numbers."""
        stats: Stats = await done(self._core.stats())
        return stats

    async def prometheus(self) -> str:
        """Return the sender in numbers, as the text that Prometheus reads."""
        text: str = await done(self._core.prometheus())
        return text

    async def export(self, to: Destination, **wanted: Unpack[DeliveryFilter]) -> int:
        """Write deliveries with their attempts as JSON lines, newest first, and return how many.

        ``to`` is a path or a file opened for bytes; the filter is that of ``deliveries.list``.
        """
        count: int = await done(self._core.export(to, wanted))
        return count

    def on(
        self,
        kind: Literal["endpoint.disabled", "endpoint.failing", "delivery.failed", "delivery.recovered"],
        callback: Callable[[Notice], Awaitable[object] | object],
    ) -> None:
        """Call back for every notice of this kind, in the event loop; the callback may be ``async``.

        Notices are stored, and acknowledged when the callback is done: if it raises or the process dies, it
        is called again with the same notice.
        """
        self._core.check_callback(kind, callback)
        self._callbacks.append((kind, callback))
        self._listen()

    async def notices(self) -> AsyncIterator[Notice]:
        """Iterate over the notices that nobody has acknowledged, and then those to come.

        Each is acknowledged when the next one is asked for. Ends when the sender is closed. Use either this
        or ``on``: to acknowledge a notice is to acknowledge those before it.
        """
        reader = self._core.notices()
        while (notice := await done(reader.next())) is not None:
            yield notice

    async def start(self) -> None:
        """Begin to deliver, in the background; more calls change nothing."""
        await done(self._core.start())
        _started.add(self)
        self._listen()

    async def wait_idle(self, timeout: Seconds | None = None) -> bool:
        """Wait until no delivery is pending; return False if that takes longer than ``timeout``.

        With retries ahead it can take days.
        """
        idle: bool = await done(self._core.wait_idle(timeout))
        return idle

    async def close(self) -> None:
        """Stop: sends are refused, and requests on their way get ten seconds to end.

        What was not delivered is when the store is opened again.
        """
        import asyncio

        # A callback that closes goes on to its own end.
        if self._telling is not None and self._telling is not asyncio.current_task():
            self._telling.cancel()
        _started.discard(self)
        await done(self._core.close())

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
        return f"<AsyncSender {self._core!r}>"

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


class Endpoints:
    """Endpoints of a sender: who gets events."""

    def __init__(self, core: _native.Endpoints) -> None:
        self._core = core

    async def create(
        self,
        url: str,
        *,
        name: str | None = None,
        events: Patterns | None = None,
        tenant: str | None = None,
        secret: str | Secret | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: Seconds | None = None,
        concurrency: int | None = None,
        rate_limit: float | None = None,
        ordered: bool = False,
        retry: RetryPolicy | None = None,
        allow_http: bool | None = None,
        allow_private: AllowPrivate | None = None,
    ) -> StoredEndpoint:
        """Create an endpoint. Its ``secret``, generated if none is given, is shown this once.

        Without ``events`` it wants all; without a ``tenant`` it gets the events of all tenants. ``ordered``
        delivers one at a time, in the order of the messages: one that fails holds up the others until it
        ends.
        """
        settings = {
            "name": name,
            "events": events,
            "tenant": tenant,
            "headers": headers,
            "timeout": timeout,
            "concurrency": concurrency,
            "rate_limit": rate_limit,
            "ordered": ordered,
            "retry": retry,
            "allow_http": allow_http,
            "allow_private": allow_private,
        }
        endpoint: StoredEndpoint = await done(self._core.create(url, secret, settings))
        return endpoint

    async def get(self, id: int) -> StoredEndpoint:
        """Return an endpoint. Raises ``ConfigError`` (``not_found``)."""
        endpoint: StoredEndpoint = await done(self._core.get(id))
        return endpoint

    async def list(
        self,
        *,
        tenant: str | None = None,
        active: bool | None = None,
        cursor: int | None = None,
        limit: int = 100,
    ) -> EndpointPage:
        """Return endpoints in the order of their creation; the page's ``cursor`` begins the next one."""
        page: EndpointPage = await done(self._core.list(tenant, active, cursor, limit))
        return page

    async def update(self, id: int, **changes: Unpack[EndpointChanges]) -> StoredEndpoint:
        """Change an endpoint. What is pending goes to the new url under the new settings."""
        endpoint: StoredEndpoint = await done(self._core.update(id, changes))
        return endpoint

    async def enable(self, id: int) -> bool:
        """Enable an endpoint: failures are forgotten, and what was held is delivered.

        Returns False if it was enabled.
        """
        changed: bool = await done(self._core.enable(id))
        return changed

    async def disable(self, id: int) -> bool:
        """Disable an endpoint: it gets no more events, and what is pending is held.

        Returns False if it was disabled.
        """
        changed: bool = await done(self._core.disable(id))
        return changed

    async def delete(self, id: int) -> None:
        """Delete an endpoint and its secrets. What is pending is canceled; the log stays."""
        await done(self._core.delete(id))

    async def rotate_secret(
        self, id: int, *, secret: str | Secret | None = None, overlap: Seconds = 86400
    ) -> Secret:
        """Give an endpoint another secret, generated if none is given, and return it.

        The old one signs beside it for ``overlap``, where requests of the provider carry several signatures.
        """
        rotated: Secret = await done(self._core.rotate_secret(id, secret, overlap))
        return rotated


class Deliveries:
    """Deliveries of a sender: each is one message's way to one endpoint."""

    def __init__(self, core: _native.Deliveries) -> None:
        self._core = core

    async def list(
        self, *, cursor: int | None = None, limit: int = 100, **wanted: Unpack[DeliveryFilter]
    ) -> DeliveryPage:
        """Return deliveries, newest first; the page's ``cursor`` begins the next one."""
        page: DeliveryPage = await done(self._core.list(wanted, cursor, limit))
        return page

    async def get(self, id: int) -> StoredDelivery:
        """Return a delivery with its attempts and the body they sent."""
        delivery: StoredDelivery = await done(self._core.get(id))
        return delivery

    async def retry(self, id: int) -> int:
        """Deliver once more, now: the same bytes and id under a fresh signature.

        One that has ended is repeated as a new delivery; of a pending one the next attempt is pulled forward.
        Returns the id of the delivery that does it. Raises ``ConfigError`` (``conflict``) if the body is gone
        or the endpoint is disabled or deleted.
        """
        retried: int = await done(self._core.retry(id))
        return retried

    async def retry_failed(
        self,
        since: Time,
        *,
        endpoint: int | None = None,
        tenant: str | None = None,
        type: Patterns | None = None,
    ) -> Job:
        """Deliver again what failed at or after ``since``. ``jobs.get`` tells how far the job is."""
        job: Job = await done(self._core.retry_failed(since, endpoint=endpoint, tenant=tenant, type=type))
        return job

    async def cancel(self, id: int) -> bool:
        """Cancel a delivery that is pending or held. Returns False if it was at its end."""
        canceled: bool = await done(self._core.cancel(id))
        return canceled


class Jobs:
    """Long jobs of a sender."""

    def __init__(self, core: _native.Deliveries) -> None:
        self._core = core

    async def get(self, id: int) -> Job:
        """Return how far a job is."""
        job: Job = await done(self._core.job(id))
        return job


class Messages:
    """Messages of a sender: what was sent."""

    def __init__(self, core: _native.Messages) -> None:
        self._core = core

    async def get(self, id: str | int, *, tenant: str | None = None) -> StoredMessage:
        """Return a message by the event's id, which is unique within its tenant, or by its key."""
        message: StoredMessage = await done(self._core.get(id, tenant=tenant))
        return message

    async def expunge(self, id: str | int, *, tenant: str | None = None) -> bool:
        """Delete what the message says and what receivers answered to it, and cancel what is pending.

        Returns False if its body was gone already.
        """
        changed: bool = await done(self._core.expunge(id, tenant=tenant))
        return changed
