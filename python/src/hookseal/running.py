"""How an inbox runs its handlers: functions on threads of their own, coroutines on an event loop.

The threads are daemons: one that hangs does not hold up the end of the process, and its event is tried again.
"""

from __future__ import annotations

from hookseal.exceptions import ConfigError
from hookseal.handling import Discard, RetryIn

# Type checkers know the names; who has no handlers pays for none of them.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Any

    from hookseal._native import Event, Handling, Outcome


class Runner:
    """Runs handlers, each for at most ``timeout``."""

    def __init__(self, timeout: timedelta) -> None:
        self._timeout = timeout.total_seconds() + MARGIN
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    def on_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run coroutines there."""
        self._loop = loop

    def prepared(self, handler: Callable[..., Any]) -> Callable[[Event, Handling, Outcome], None]:
        """Return what begins a handler, and settles its outcome when it has ended."""
        takes_handling = _takes_handling(handler)
        begin = self._schedule if is_async(handler) else self._thread

        def run(event: Event, handling: Handling, outcome: Outcome) -> None:
            arguments = (event, handling) if takes_handling else (event,)
            begin(lambda: handler(*arguments), Try(event, handling, outcome))

        return run

    def end(self) -> None:
        """Cancel what still runs on the loop: nobody waits for it any more. To be called there."""
        for task in list(self._tasks):
            task.cancel()

    def _thread(self, call: Callable[[], object], one: Try) -> None:
        from threading import Thread

        Thread(target=_run, args=(call, one), name="hookseal-handler", daemon=True).start()

    def _schedule(self, call: Callable[[], Any], one: Try) -> None:
        if self._loop is None:
            raise RuntimeError("There is no event loop to run the handler on.")
        self._loop.call_soon_threadsafe(self._begin, self._loop, call, one)

    def _begin(self, loop: asyncio.AbstractEventLoop, call: Callable[[], Any], one: Try) -> None:
        async def handle() -> None:
            await call()

        task = loop.create_task(handle())
        self._tasks.add(task)
        deadline = loop.call_later(self._timeout, task.cancel)

        def done(task: asyncio.Task[object]) -> None:
            deadline.cancel()
            self._tasks.discard(task)
            one.ended(_why(task))

        task.add_done_callback(done)


class Try:
    """One try of an event, and where its end is told."""

    def __init__(self, event: Event, handling: Handling, outcome: Outcome) -> None:
        self._event = event
        self._handling = handling
        self._outcome = outcome

    def ended(self, error: BaseException | None) -> None:
        """Tell that the handler has returned, or what it raised."""
        if error is not None and not isinstance(error, Discard | RetryIn):
            import logging

            logging.getLogger("hookseal").warning(
                "The handler of %s %s failed in try %d.",
                self._event.type,
                self._event.id,
                self._handling.number,
                exc_info=error,
            )
        self._outcome.settle(error)


def is_async(handler: Callable[..., Any]) -> bool:
    """Whether calling it gives a coroutine."""
    import inspect

    # An object's own `__call__`, for handlers that are instances of a class.
    call = getattr(handler, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call)


def own_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop that runs on a thread of its own, until it is stopped."""
    import asyncio
    from threading import Thread

    loop = asyncio.new_event_loop()

    def run() -> None:
        try:
            loop.run_forever()
        finally:
            loop.close()

    Thread(target=run, name="hookseal-loop", daemon=True).start()
    return loop


def _run(call: Callable[[], object], one: Try) -> None:
    try:
        result = call()
        if hasattr(result, "__await__"):
            if hasattr(result, "close"):
                result.close()
            raise TypeError("The handler returned something to await: declare it with `async def`.")
    except BaseException as error:
        one.ended(error)
    else:
        one.ended(None)


def _why(task: asyncio.Task[object]) -> BaseException | None:
    import asyncio

    if task.cancelled():
        return asyncio.CancelledError("The handler was cancelled.")
    return task.exception()


def _takes_handling(handler: Callable[..., Any]) -> bool:
    """Whether it takes its handling beside the event; refuses what takes neither one nor two arguments."""
    import inspect

    if not callable(handler):
        raise ConfigError(f"A handler is a function, not {type(handler).__name__}.", "invalid_argument")
    try:
        signature = inspect.signature(handler)
    except (TypeError, ValueError):
        return False  # Written in C: it does not say.
    for count in (1, 2):
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count == 2
    raise ConfigError(
        "A handler takes the event, or the event and its handling; other arguments need a default.",
        "invalid_argument",
    )


MARGIN = 0.1
"""In seconds: the core has recorded the timeout by then, so that it is known as one."""
