"""A receiver with an inbox is killed while it handles, finishes after its restart, and drops duplicates."""

from __future__ import annotations

import asyncio

from hookseal import Event, Provider, Webhook

from attacks import post
from checks import Checks
from children import Children, DemoError
from crashes import KILLED
from story import Arrival, Kept, Receiver

_AT_ONCE = 10
# An inbox waits before it tries an event again that its process died of, in case it dies of it once more.
_PATIENCE = 12.0


class Restarts:
    """A receiver in its two lives, on the same file. The first process is started by whoever has this."""

    def __init__(
        self, children: Children, first: Receiver, second: Receiver, seconds: float, checks: Checks
    ) -> None:
        self.kept = Kept(first, seconds)
        self._children = children
        self._lives = (first, second)
        self._checks = checks
        self._provider = Provider.builtin("webkasa")
        self._webhook = Webhook(first.secret, provider=self._provider)

    async def happen(self) -> None:
        """Tell all of it."""
        first, second = self._lives
        created, confirmed, cancelled = (
            self._provider.example(f"booking.{what}") for what in ("created", "confirmed", "cancelled")
        )

        self.kept.now = "sending to a receiver with an inbox"
        await self._handled(first, created)
        await self._dropped(first, created, "  the same again", 1)
        await self._dropped(first, created, f"  {_AT_ONCE} times at once", _AT_ONCE)
        cut_short = await self._send(first, confirmed)
        await self._logs(first, _begins(confirmed, 1))
        await self._kill(first)
        cut_short.outcome = "killed"

        self.kept.now = "starting the receiver again"
        self.kept.arrivals.append(finished := Arrival(2, "  found in its file, try 2"))
        await self._children.start(second.child)
        second.url = await second.child.url()
        self.kept.now = "the inbox waits before the second try"
        await self._logs(second, _begins(confirmed, 2))
        self.kept.now = "handling"
        await self._logs(second, _handled(confirmed))
        finished.outcome = "handled"
        await self._dropped(second, confirmed, "  the same again", 1)
        await self._handled(second, cancelled)

        self._ran(first, [_begins(created, 1), _handled(created), _begins(confirmed, 1)])
        self._ran(
            second, [_begins(confirmed, 2), _handled(confirmed), _begins(cancelled, 1), _handled(cancelled)]
        )

    async def _handled(self, receiver: Receiver, event: Event) -> None:
        arrival = await self._send(receiver, event)
        log = _handled(event)
        early = log in _handler_lines(receiver)
        self._checks.that(not early, f"{event.type} to be answered before it is handled", "the opposite")
        await self._logs(receiver, log)
        arrival.outcome = "handled"

    async def _dropped(self, receiver: Receiver, event: Event, what: str, times: int) -> None:
        arrival = await self._send(receiver, event, what, times)
        arrival.outcome = "dropped"

    async def _send(
        self, receiver: Receiver, event: Event, what: str | None = None, times: int = 1
    ) -> Arrival:
        """Send the same request so many times at once; ``ms`` is what the slowest of them took."""
        arrival = Arrival(1 + self._lives.index(receiver), what or event.type or "")
        self.kept.arrivals.append(arrival)
        headers = self._webhook.sign(event.body)
        request = (receiver.url, event.body, headers)
        answers = await asyncio.gather(*(asyncio.to_thread(post, *request) for _ in range(times)))
        codes = [code for code, _ in answers]
        request_was = f'the request "{arrival.what.strip()}" at {receiver.title}'
        self._checks.that(codes == [200] * times, f"{request_was} to be answered 200", codes)
        arrival.code, arrival.ms = max(codes), max(ms for _, ms in answers)
        return arrival

    async def _kill(self, receiver: Receiver) -> None:
        receiver.child.kill()
        code = await self._children.gone(receiver.child)
        self._checks.that(code == KILLED, f"{receiver.title} to be killed", code)

    async def _logs(self, receiver: Receiver, log: str) -> None:
        try:
            await receiver.child.line(lambda line: line == log, f'print "{log}"', _PATIENCE)
        except DemoError as error:
            raise DemoError(f"What was answered with 200 was not handled. {error}") from None
        self._checks.that(True, log, log)

    def _ran(self, receiver: Receiver, expected: list[str]) -> None:
        """Nothing was handled but this: no duplicate was."""
        came = _handler_lines(receiver)
        self._checks.that(came == expected, f"the handler of {receiver.title} to log {expected}", came)


def _begins(event: Event, number: int) -> str:
    return f"begins {event.type} {event.id} try {number}"


def _handled(event: Event) -> str:
    return f"handled {event.type} {event.id}"


def _handler_lines(receiver: Receiver) -> list[str]:
    return [line for _, line in receiver.child.lines if line.split()[0] in ("begins", "handled", "failed")]
