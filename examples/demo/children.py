"""The demo's processes: started, awaited until they listen, read line by line, and ended whatever happens."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TypeVar

# Every receiver prints the url it listens on; the port is one that was free.
_LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")
_PATIENCE = 10.0

T = TypeVar("T")


class DemoError(Exception):
    """The demo cannot go on; the message says why, and is all there is to show."""


class Child:
    """A process and what it printed."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.lines: list[tuple[float, str]] = []
        self._killed = False
        self._command = command
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._printed = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """Its number, once it is started."""
        return None if self._process is None else self._process.pid

    async def start(self) -> None:
        """Start the process, whose output, errors included, becomes ``lines``."""
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
        return await self._until(
            lambda: next((line for _, line in self.lines[since:] if wanted(line)), None), what, patience
        )

    async def printed(self, number: int, what: str) -> None:
        """Wait until it has printed so many lines."""
        await self._until(lambda: True if len(self.lines) >= number else None, what, _PATIENCE)

    async def _until(self, look: Callable[[], T | None], what: str, patience: float) -> T:
        deadline = time.monotonic() + patience
        while True:
            self._printed.clear()
            found = look()
            if found is not None:
                return found
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
        """End it at once, without a chance to do anything about it."""
        with suppress(ProcessLookupError):
            if self._process is not None and self._process.returncode is None:
                self._killed = True
                self._process.kill()

    async def gone(self) -> int | None:
        """Wait for its end, until which it is read. Returns its exit code."""
        if self._reading is not None:
            # Whoever gives up waiting must not end the reading, for which others wait too.
            await asyncio.shield(self._reading)
        return None if self._process is None else await self._process.wait()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            # What a kill has cut off in the middle was not said.
            if line.endswith(b"\n") or not self._killed:
                self.lines.append((time.time(), line.decode(errors="replace").rstrip()))
            self._printed.set()
        self._printed.set()

    def _last_words(self) -> str:
        last = [line for _, line in self.lines[-8:]]
        return "".join(f"\n  | {line}" for line in last) if last else " It printed nothing."


class Children:
    """All of them, and a folder for them: none outlives the block, nor this process, however it ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hookseal-demo-"))
        self._children: list[Child] = []
        self._heir = Child("The heir", [sys.executable, "-c", _HEIR, str(self.folder)], {})

    def add(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        """Prepare one more."""
        child = Child(name, command, environment)
        self._children.append(child)
        return child

    async def start(self, child: Child) -> None:
        """Start one of them."""
        await child.start()
        self._heir.write(f"started {child.pid}")

    async def gone(self, child: Child) -> int | None:
        """Wait for the end of one. Returns its exit code."""
        code = await child.gone()
        self._heir.write(f"ended {child.pid}")
        return code

    async def __aenter__(self) -> Children:
        await self._heir.start()
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
        shutil.rmtree(self.folder, ignore_errors=True)


_HOW_TO_SET_UP = "`make demo` installs and builds everything; examples/README.md has the single commands."

# Left over if even the demo itself is killed (kill -9): the pipe it reads from ends, and so do the others.
_HEIR = """
import os, shutil, signal, sys, time
pids = set()
for line in sys.stdin:
    verb, pid = line.split()
    (pids.add if verb == "started" else pids.discard)(int(pid))
for pid in pids:
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError:
        pass
for _ in range(50):
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    if not os.path.exists(sys.argv[1]):
        break
    time.sleep(0.1)
"""
