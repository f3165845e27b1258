"""How the callbacks of a sender or an inbox for asyncio learn of its notices."""

from __future__ import annotations

# Type checkers know the names; to import them from `typing` would take longer than all the rest of hookseal.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from typing import Any


async def tell(notices: AsyncIterator[Any], callbacks: list[tuple[str, Callable[[Any], object]]]) -> None:
    """Call back for all of these notices; one whose callback fails is told again."""
    import asyncio

    async for notice in notices:
        pause = 1
        while not await _told(notice, callbacks):
            await asyncio.sleep(pause)
            pause = min(pause * 2, 60)


async def _told(notice: Any, callbacks: list[tuple[str, Callable[[Any], object]]]) -> bool:
    """Whether every callback succeeded."""
    import asyncio

    for kind, callback in callbacks:
        try:
            result = callback(notice) if kind == notice.kind else None
            if hasattr(result, "__await__"):
                await result
        except Exception as error:
            message = f"A callback for {kind} failed and will be called again."
            asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})
            return False
    return True
