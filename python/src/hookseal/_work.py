"""How asyncio waits for work on hookseal's own threads."""

from __future__ import annotations

# Type checkers know the names; to import them from `typing` would take longer than all the rest of hookseal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any

    from hookseal._native import Work


async def done(work: Work) -> Any:
    """Begin it, and return its result or raise its error. Cancelling ends the waiting."""
    # Whoever awaits has imported asyncio already; whoever does not pays nothing for it.
    import asyncio
    from contextlib import suppress

    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Any] = loop.create_future()

    def settle(result: object) -> None:
        with suppress(RuntimeError):  # The loop is closed: nobody waits for this any more.
            loop.call_soon_threadsafe(_settle, outcome, result)

    task = work.start(settle)
    try:
        return await outcome
    finally:
        task.cancel()


def _settle(outcome: asyncio.Future[Any], result: object) -> None:
    if outcome.done():
        return
    if isinstance(result, BaseException):
        outcome.set_exception(result)
    else:
        outcome.set_result(result)
