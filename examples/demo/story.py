"""What happens in the demo, as data: vendors, their receivers, and what came of every request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from hookseal import Provider, Webhook

from children import Child
from senders import Sender, Try


@dataclass
class Receiver:
    """A process that receives one vendor's webhooks."""

    how: str
    """``recipe`` for the vendor's own, else the framework that Hookseal is used with."""
    language: str
    child: Child
    secret: str
    url: str = ""
    tries: dict[str, list[Try]] = field(default_factory=dict)
    """The attempts of every event whose delivery has ended."""

    @property
    def title(self) -> str:
        """Its name in a sentence."""
        return f"{self.child.name} ({self.language})"

    def seen(self, type: str) -> list[Try]:
        """The attempts of an event so far."""
        return self.tries[type] if type in self.tries else self.failing(type)

    def failing(self, type: str) -> list[Try]:
        """While the sender is still trying, only the receiver's own log tells of failed attempts."""
        if type in self.tries:
            return []
        lines = self.child.lines
        return [Try(503, None, None, at) for at, line in lines if line.startswith(f"busy {type} ")]


@dataclass(frozen=True)
class Row:
    """One line of a vendor's table."""

    event: str
    sender: str
    number: int
    cells: list[Try | None]
    """What each receiver answered; ``None`` where it was not asked."""
    state: str
    """``open``, ``verified``, ``retry`` or ``failed``."""


@dataclass
class Vendor:
    """A vendor, with receivers that were given nothing but its documentation or Hookseal."""

    provider: Provider
    receivers: list[Receiver]
    by_hand: set[str] = field(default_factory=set)
    """Events that were sent again by hand."""

    def __post_init__(self) -> None:
        self.types = [event.name for event in self.provider.events]
        self.delays = [delay.total_seconds() for delay in self.provider.retry.delays()]
        self.header = Webhook(self.receivers[0].secret, provider=self.provider).header_names[0]

    def at(self, how: str) -> Receiver:
        """The receiver of this kind."""
        return next(receiver for receiver in self.receivers if receiver.how == how)

    def rows(self, senders: list[Sender]) -> Iterator[Row]:
        """The table as far as it goes now."""
        for nth, type in enumerate(self.types):
            seen = [receiver.seen(type) for receiver in self.receivers]
            sender = senders[nth % len(senders)].language
            before: list[Try | None] = []
            for at in range(max(1, *map(len, seen))):
                cells = [tries[at] if at < len(tries) else None for tries in seen]
                yield self._row(type, sender, at, before, cells)
                before = cells

    def _row(self, type: str, sender: str, at: int, before: list[Try | None], cells: list[Try | None]) -> Row:
        if at > 0 and type in self.by_hand:
            return Row("  sent again by hand", "Python", 1, cells, self._state(at, cells))
        waits = [now.at - then.end for then, now in zip(before, cells, strict=False) if then and now]
        label = f"  again, {min(waits):.1f} s later" if waits else type
        return Row(label, sender, at + 1, cells, self._state(at, cells))

    def _state(self, at: int, cells: list[Try | None]) -> str:
        if at == 0 and None in cells:
            return "open"
        if all(cell is None or cell.code == 200 for cell in cells):
            return "verified"
        return "retry" if at < len(self.delays) else "failed"


@dataclass(frozen=True)
class Refusal:
    """A request that nobody should accept, and what came of it."""

    what: str
    receiver: str
    code: int | None
    """``None`` where nothing was even sent."""
    ms: float | None
    verdict: str


@dataclass
class Arrival:
    """What came to a receiver with an inbox, and what became of it."""

    process: int
    what: str
    code: int | None = None
    """``None`` where nothing was sent: the event was there already."""
    ms: float | None = None
    outcome: str = ""
    """``handled``, ``dropped`` or ``killed``; empty while the handler runs, or is yet to run."""


@dataclass
class Kept:
    """A receiver with an inbox that is killed and started again."""

    receiver: Receiver
    seconds: float
    """How long its handler takes."""
    now: str = ""
    """What is going on."""
    arrivals: list[Arrival] = field(default_factory=list)


@dataclass
class Life:
    """One process of the durable sender, from its start to its end."""

    child: Child
    receiver: str
    """What the receiver does meanwhile."""
    since: int
    """How many lines the receiver had printed before."""
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    code: int | None = None
    """Its exit code, once it has ended."""

    @property
    def stored(self) -> list[str]:
        """The type and id of every event whose ``send()`` returned."""
        lines = [line for _, line in self.child.lines]
        return [line.removeprefix("stored ") for line in lines if line.startswith("stored ")]


@dataclass
class Killed:
    """A durable sender that is killed and started again, and the receiver of its events."""

    receiver: Receiver
    every: float
    """Seconds from one retry to the next."""
    at_most: int
    """How many may arrive once more, by what Hookseal promises."""
    now: str = ""
    """What is going on."""
    lives: list[Life] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether the last one came to its end by itself."""
        return bool(self.lives) and self.lives[-1].code == 0

    @property
    def stored(self) -> list[str]:
        """The type and id of every event whose ``send()`` returned, in any life."""
        return [event for life in self.lives for event in life.stored]

    @property
    def accepted(self) -> list[str]:
        """The type and id of every event that the receiver accepted, as often as it did."""
        return self._accepted(0, None)

    @property
    def lost(self) -> set[str]:
        """What was stored and did not arrive."""
        return set(self.stored) - set(self.accepted)

    @property
    def repeated(self) -> int:
        """How many requests brought what was there already."""
        return len(self.accepted) - len(set(self.accepted))

    def rows(self) -> Iterator[tuple[Life, int, int]]:
        """Each life, with how many events arrived in it for the first time, and how many once more."""
        before: set[str] = set()
        for nth, life in enumerate(self.lives, 1):
            end = self.lives[nth].since if nth < len(self.lives) else None
            accepted = self._accepted(life.since, end)
            new = set(accepted) - before
            before |= new
            yield life, len(new), len(accepted) - len(new)

    def _accepted(self, since: int, end: int | None) -> list[str]:
        lines = [line for _, line in self.receiver.child.lines[since:end]]
        return [line.removeprefix("accepted ") for line in lines if line.startswith("accepted ")]
