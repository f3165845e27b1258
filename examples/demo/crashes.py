"""A durable sender is killed twice, while its receiver is down and while it delivers. Nothing may be lost."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sys
import time
from pathlib import Path

from checks import Checks
from children import Children, DemoError
from story import Killed, Life, Receiver

# What the durable sender does is in its own file.
_SENDER = [sys.executable, str(Path(__file__).with_name("durable.py"))]
_CONCURRENCY = 8
KILLED = -signal.SIGKILL if os.name == "posix" else 1
_PATIENCE = 15.0


class Crashes:
    """The durable sender and its receiver, which is started when the sender was killed once."""

    def __init__(self, children: Children, receiver: Receiver, checks: Checks) -> None:
        self.killed = Killed(receiver, every=0.5, at_most=3 * _CONCURRENCY)
        self._children = children
        self._checks = checks

    async def happen(self) -> None:
        """Tell all of it."""
        receiver = self.killed.receiver

        self.killed.now = "sending to a receiver that is down"
        first = await self._start("down")
        await first.child.printed(200, "store 200 events while nobody listens")
        await self._kill(first)

        self.killed.now = "sending on, and the receiver comes up"
        second = await self._start("comes up")
        found = await second.child.line(lambda line: line.startswith("found "), "open its store")
        # A send() that did not return before the process was killed may have stored its event, or not.
        expected = [f"found {len(first.stored) + in_doubt}" for in_doubt in (0, 1)]
        self._checks.that(found in expected, f"{second.child.name} to say one of {expected}", found)
        await second.child.printed(50, "store 50 events more")
        await self._children.start(receiver.child)
        await receiver.child.url()
        await receiver.child.printed(100, "accept 100 events")
        await self._kill(second)

        self.killed.now = "delivering what is left"
        third = await self._start("up", the_last=True)
        try:
            third.code = await asyncio.wait_for(self._children.gone(third.child), _PATIENCE)
        except asyncio.TimeoutError:
            raise DemoError(f"{third.child.name} did not end within {_PATIENCE:.0f} s.") from None
        third.ended = time.monotonic()

        ended = third.child.lines[-1:]
        self._checks.that(third.code == 0, f"{third.child.name} to end by itself", third.code)
        self._checks.that([line for _, line in ended] == ["idle"], "it to have nothing left to do", ended)
        self._checks.nothing_lost(self.killed)

    async def _start(self, receiver: str, *, the_last: bool = False) -> Life:
        """Start a process on what the one before left in the file."""
        killed, to = self.killed, self.killed.receiver
        number, stored = len(killed.lives) + 1, len(killed.stored)
        child = self._children.add(f"The durable sender ({number})", _SENDER, {})
        life = Life(child, receiver, len(to.child.lines))
        await self._children.start(child)
        killed.lives.append(life)
        order = {
            "store": f"sqlite:{self._children.folder / 'hooks.db'}",
            "url": to.url,
            "secret": to.secret,
            "every": killed.every,
            "concurrency": _CONCURRENCY,
            "first": stored,
            "sends": 1 if the_last else None,
        }
        child.write(json.dumps(order))
        return life

    async def _kill(self, life: Life) -> None:
        life.child.kill()
        life.code = await self._children.gone(life.child)
        life.ended = time.monotonic()
        self._checks.that(life.code == KILLED, f"{life.child.name} to be killed", life.code)


def free_port() -> int:
    """A port where nobody listens. Systems give higher ones to whoever connects; one of these stays free."""
    for port in random.sample(range(20000, 30000), 100):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DemoError("There is no free port from 20000 to 30000.")
