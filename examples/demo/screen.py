"""What the demo shows: a table for each vendor, one of what was refused, and how long retries wait yet."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Column, Table
from rich.text import Text

from checks import Checks
from senders import Sender, Try
from story import Arrival, Kept, Killed, Life, Refusal, Row, Vendor


class Screen:
    """A terminal, or a pipe: then there is nothing live, and all the rest."""

    def __init__(self, senders: list[Sender]) -> None:
        # Where a check mark cannot be written, a question mark will do.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")
        # Numbers and names are colored by what they mean here, not by what they look like.
        self.console = Console(highlight=False)
        self._senders = senders
        self._spinner = Spinner("dots", style="cyan")

    def opening(self, receivers: int) -> None:
        """Say what comes."""
        title = Text.assemble(("Hookseal", "bold cyan"), (" delivers four vendors' webhooks", "bold"))
        what = f"{receivers} receivers: each vendor's own recipe, and Hookseal in Python, Node and Rust"
        self.console.print(title, Text(what, "dim"), "", sep="\n")

    def closing(
        self, vendors: list[Vendor], refusals: list[Refusal], killed: Killed, checks: Checks, seconds: float
    ) -> None:
        """Say what was proved, or what was not."""
        if checks.broken:
            self.console.print(Text("This is not what was expected:", "bold red"))
            for sentence in checks.broken:
                self.console.print(f"  {sentence}", markup=False)
            return
        kinds = sum(len(vendor.types) for vendor in vendors)
        receivers = [receiver for vendor in vendors for receiver in vendor.receivers]
        requests = sum(len(tries) for receiver in receivers for tries in receiver.tries.values())
        refused = sum(refusal.code != 200 for refusal in refusals)
        stored = len(killed.stored)
        happy = f"✓ Everything came out as expected: {checks.held} checks in {seconds:.1f} s."
        self.console.print(Text(happy, "bold green"))
        self.console.print(
            f"{kinds} kinds of events of {len(vendors)} vendors, in {requests} requests from Python and",
            "Node, were verified by each vendor's own recipe and by Hookseal in Python, Node or Rust.",
            "Retries kept to the vendor's schedule, a failed delivery was sent again byte for byte, and",
            f"all {refused} attacks failed. A durable sender was killed twice, and all {stored} events it",
            "had stored arrived. A receiver with an inbox was killed while it handled an event, which it",
            "finished after its restart, and it dropped all duplicates.",
        )

    def show(self, what: RenderableType) -> None:
        """Show something that stays."""
        self.console.print(what, "")

    def starting(self) -> RenderableType:
        """Show that something is going on."""
        self._spinner.update(text="starting receivers")
        return self._spinner

    @asynccontextmanager
    async def live(self, render: Callable[[], RenderableType]) -> AsyncIterator[None]:
        """Show something that moves, below whatever is printed meanwhile."""
        if not self.console.is_terminal:
            yield
            return
        # Drawn by a task: rich's own thread and what is printed here could get into each other's lines.
        with Live(get_renderable=render, console=self.console, auto_refresh=False, transient=True) as live:
            drawing = asyncio.create_task(_draw(live))
            try:
                yield
            finally:
                drawing.cancel()

    def waiting(self, vendors: list[Vendor]) -> RenderableType:
        """The next table, as far as it goes, and what is awaited."""
        self._spinner.update(text=self._awaited(vendors))
        return Group(*map(self.vendor, vendors[:1]), self._spinner)

    def vendor(self, vendor: Vendor) -> RenderableType:
        """A vendor's table, as far as it goes now."""
        columns: list[str | Column] = ["event", "sender", Column("try", justify="right")]
        for receiver in vendor.receivers:
            who = ("recipe", "not dim") if receiver.how == "recipe" else ("Hookseal", "not dim cyan")
            columns.append(Column(Text.assemble(who, f"\n{receiver.language}\ncode  ms"), min_width=8))
        table = _table(*columns, "verdict")
        for row in vendor.rows(self._senders):
            cells = [_cell(cell, row) for cell in row.cells]
            event = Text(row.event, "dim" if row.event.startswith(" ") else "")
            table.add_row(event, row.sender, str(row.number), *cells, _verdict(vendor, row))
        title = Text.assemble(
            (vendor.provider.name, "bold cyan"),
            (f"   {vendor.header} · {_policy(vendor.delays)}", "dim"),
        )
        return Group(title, table)

    def refusals(self, refusals: list[Refusal]) -> RenderableType:
        """What was refused, by whom and why."""
        code = Column("code", justify="right")
        table = _table("request", "receiver", code, Column("ms", justify="right"), "verdict")
        for refusal in refusals:
            color = "green" if refusal.code == 200 else "magenta"
            table.add_row(
                refusal.what,
                refusal.receiver,
                Text(str(refusal.code or "-"), color),
                _ms(refusal.ms),
                Text(refusal.verdict, color),
            )
        title = Text.assemble(("Refused", "bold magenta"), ("   what nobody should accept", "dim"))
        return Group(title, table)

    def killing(self, killed: Killed, kept: Kept) -> RenderableType:
        """The tables of a durable sender and of a receiver, as far as they go, and what is going on."""
        self._spinner.update(text=kept.now if killed.ended else killed.now)
        return Group(self.killed(killed), "", self.kept(kept), self._spinner)

    def killed(self, killed: Killed) -> RenderableType:
        """The lives of a durable sender."""
        process, *counts = (
            Column(name, justify="right") for name in ("process", "send() returned", "verified", "repeated")
        )
        table = _table(process, "receiver", *counts, "verdict")
        for number, (life, verified, repeated) in enumerate(killed.rows(), 1):
            cells = map(str, (len(life.stored), verified, repeated))
            table.add_row(str(number), life.receiver, *cells, _end(life))
        if killed.ended:
            cells = map(str, (len(killed.stored), len(set(killed.accepted)), killed.repeated))
            lost = Text(f"✗ {len(killed.lost)} lost", "red") if killed.lost else Text("✓ 0 lost", "green")
            table.add_row("all", "", *cells, lost)
        policy = f"retries every {killed.every:g} s here · at most {killed.at_most} repeated"
        title = Text.assemble(("Killed", "bold magenta"), (f"   a durable sender · {policy}", "dim"))
        return Group(title, table)

    def kept(self, kept: Kept) -> RenderableType:
        """What came to a receiver with an inbox."""
        process, answer, ms = (Column(name, justify="right") for name in ("process", "code", "ms"))
        table = _table(process, "request", answer, ms, "handler")
        before = 0
        for arrival in kept.arrivals:
            number = "" if arrival.process == before else str(arrival.process)
            before = arrival.process
            code = Text(str(arrival.code or "-"), "green" if arrival.code == 200 else "dim")
            table.add_row(number, arrival.what, code, _ms(arrival.ms), _outcome(arrival))
        what = f"a receiver with an inbox · {kept.receiver.how} · a handler takes {kept.seconds:g} s"
        title = Text.assemble(("Killed", "bold magenta"), (f"   {what}", "dim"))
        return Group(title, table)

    def _awaited(self, vendors: list[Vendor]) -> Text:
        for vendor in vendors:
            for receiver in vendor.receivers:
                for busy in map(receiver.failing, vendor.types):
                    if busy and len(busy) <= len(vendor.delays):
                        left = busy[-1].at + vendor.delays[len(busy) - 1] - time.time()
                        told = (
                            f"{receiver.title} answered 503: attempt {len(busy) + 1} in {max(0, left):.1f} s"
                        )
                        return Text(told, "yellow")
        return Text("delivering")


async def _draw(live: Live) -> None:
    while True:
        live.refresh()
        await asyncio.sleep(1 / 12)


def _table(*columns: str | Column) -> Table:
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for column in table.columns:
        column.no_wrap = True
        column.vertical = "bottom"
    return table


def _cell(cell: Try | None, row: Row) -> Text:
    if cell is None:
        return Text("…" if row.state == "open" else "", "dim")
    color = {200: "green", 503: "yellow"}.get(cell.code or 0, "red")
    return Text.assemble((str(cell.code or cell.error), color), " ", _ms(cell.ms))


def _ms(ms: float | None) -> Text:
    if ms is None:
        return Text("")
    return Text(f"{ms:4.1f}" if ms < 100 else f"{ms:4.0f}", "dim")


def _verdict(vendor: Vendor, row: Row) -> Text:
    if row.state == "retry":
        return Text(f"↻ retry in {vendor.delays[row.number - 1]:g} s", "yellow")
    return {
        "open": Text(""),
        "verified": Text("✓ verified", "green"),
        "failed": Text("✗ failed for good", "red"),
    }[row.state]


def _end(life: Life) -> Text:
    if life.ended is None:
        return Text("")
    if life.code == 0:
        return Text("✓ nothing left", "green")
    return Text(f"✗ kill -9 after {life.ended - life.began:.1f} s", "red")


def _outcome(arrival: Arrival) -> Text:
    return {
        "": Text("… to be handled", "yellow"),
        "handled": Text("✓ handled", "green"),
        "dropped": Text("✓ dropped, a duplicate", "green"),
        "killed": Text("✗ kill -9 while it ran", "red"),
    }[arrival.outcome]


def _policy(delays: list[float]) -> str:
    if not delays:
        return "no automatic retry"
    return f"retries after {', '.join(map(_span, delays))}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if n]
    return " ".join(parts)
