"""The client for asyncio: a future of the running loop over a delivery on hookseal's own threads."""

from __future__ import annotations

from hookseal._native import Client, start_delivery

# Type checkers know the name; to import it from `typing` would take longer than all the rest of hookseal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from types import TracebackType

    from hookseal._native import Delivery, Endpoint, Event
    from hookseal.types import AllowPrivate, Certificates


class AsyncClient:
    """Delivers events without holding up the event loop.

    Takes what ``Client`` takes. Cancelling the task that waits for a delivery cancels the delivery.
    """

    def __init__(
        self,
        *,
        allow_http: bool = False,
        allow_private: AllowPrivate = False,
        ca_certificates: Certificates | None = None,
    ) -> None:
        self._client = Client(
            allow_http=allow_http, allow_private=allow_private, ca_certificates=ca_certificates
        )

    async def deliver(self, endpoint: Endpoint, event: Event) -> Delivery:
        """Deliver the event, with the endpoint's retries, and return how that went.

        Raises ``ConfigError`` or ``DeliveryError`` only for what is wrong before the first attempt.
        """
        # Whoever awaits has imported asyncio already; whoever only verifies does not pay for it.
        import asyncio
        import contextlib

        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Delivery] = loop.create_future()

        def settle(result: Delivery | BaseException) -> None:
            # Where the loop is closed, nobody waits for this any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, outcome, result)

        task = start_delivery(self._client, endpoint, event, settle)
        try:
            return await outcome
        finally:
            task.cancel()

    def close(self) -> None:
        """Refuse further deliveries."""
        self._client.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return "<AsyncClient>"


def _settle(outcome: asyncio.Future[Delivery], result: Delivery | BaseException) -> None:
    if outcome.done():
        return
    if isinstance(result, BaseException):
        outcome.set_exception(result)
    else:
        outcome.set_result(result)
