"""The demo's processes: started, awaited until they listen, read line by line, and ended whatever happens."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

# Every receiver prints the url it listens on; the port is one that was free.
_LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")
_PATIENCE = 10.0


class DemoError(Exception):
    """The demo cannot go on; the message says why, and is all there is to show."""


class Child:
    """A process and what it printed."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.lines: list[tuple[float, str]] = []
        self._command = command
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._printed = asyncio.Event()

    async def start(self) -> int:
        """Start the process, whose output, errors included, becomes ``lines``. Returns its id."""
        program = shutil.which(self._command[0])
        if program is None:
            raise DemoError(f"{self.name} needs {self._command[0]}, which is not there. {_HOW_TO_SET_UP}")
        self._process = await asyncio.create_subprocess_exec(
            program,
            *self._command[1:],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self._environment, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
            # Ctrl-C is for the demo, which ends its children itself.
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read())
        return self._process.pid

    async def url(self) -> str:
        """Where it listens, as soon as it does."""
        line = await self.line(lambda line: _LISTENING.search(line) is not None, "listen", _PATIENCE)
        found = _LISTENING.search(line)
        assert found is not None
        return f"{found[0]}/webhooks"

    async def line(
        self, wanted: Callable[[str], bool], what: str, patience: float = 2.0, since: int = 0
    ) -> str:
        """The first line from number ``since`` on that is wanted; an error tells what it was to do."""
        deadline = time.monotonic() + patience
        while True:
            self._printed.clear()
            for _, line in self.lines[since:]:
                if wanted(line):
                    return line
            assert self._reading is not None
            if self._reading.done():
                raise DemoError(f"{self.name} ended before it could {what}.{self._last_words()}")
            try:
                await asyncio.wait_for(self._printed.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                told = self._last_words()
                raise DemoError(f"{self.name} did not {what} within {patience:.0f} s.{told}") from None

    def write(self, line: str) -> None:
        """Send it a line."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    def kill(self) -> None:
        """End it at once: it has nothing to lose."""
        with suppress(ProcessLookupError):
            if self._process is not None and self._process.returncode is None:
                self._process.kill()

    async def gone(self) -> None:
        """Wait for its end."""
        if self._process is not None:
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append((time.time(), line.decode(errors="replace").rstrip()))
            self._printed.set()
        self._printed.set()

    def _last_words(self) -> str:
        last = [line for _, line in self.lines[-8:]]
        return "".join(f"\n  | {line}" for line in last) if last else " It printed nothing."


class Children:
    """All of them: none outlives the block, nor this process, however it ends."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._heir = Child("The heir", [sys.executable, "-c", _HEIR], {})

    def add(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        """Prepare one more."""
        child = Child(name, command, environment)
        self._children.append(child)
        return child

    async def start(self) -> None:
        """Start all of them."""
        await self._heir.start()
        for child in self._children:
            self._heir.write(str(await child.start()))

    async def __aenter__(self) -> Children:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        everybody = [self._heir, *self._children]
        for child in everybody:
            child.kill()
        await asyncio.gather(*(child.gone() for child in everybody))


_HOW_TO_SET_UP = "`make demo` installs and builds everything; examples/README.md has the single commands."

# Left over if even the demo itself is killed (kill -9): the pipe it reads from ends, and so do the others.
_HEIR = """
import os, signal, sys
for pid in [int(line) for line in sys.stdin]:
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError:
        pass
"""
