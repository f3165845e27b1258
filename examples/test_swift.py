"""The sender in Swift: what it queued while nobody listened arrives, though it was killed."""

from __future__ import annotations

import os
from pathlib import Path

from hookseal import Secret
from test_examples import EXAMPLES, RECEIVERS, ROOT, Program, Running, free_port, run, wait_until

COMMAND = [str(ROOT / "scripts/swift"), str(EXAMPLES / "send-swift/.build/debug/send-swift")]


class App(Program):
    """One that is typed to."""

    def __init__(self, url: str, environment: dict[str, str]) -> None:
        reads, writes = os.pipe()
        super().__init__([*COMMAND, url], environment, stdin=reads)
        os.close(reads)
        self._input = os.fdopen(writes, "w")

    def write(self, text: str) -> str:
        """Type a line; the id of the event that was queued."""
        known = len(self._queued())
        self._input.write(f"{text}\n")
        self._input.flush()
        wait_until(lambda: len(self._queued()) > known)
        return self._queued()[-1]

    def put_away(self) -> None:
        """Type no more."""
        self._input.close()

    def _queued(self) -> list[str]:
        return [line.removeprefix("queued ") for line in self.lines if line.startswith("queued ")]


def test_what_was_queued_offline_is_delivered_though_it_was_killed(tmp_path: Path) -> None:
    secret = Secret.generate().expose()
    environment = {"WEBHOOK_SECRET": secret, "HOOKSEAL_STORE": f"sqlite:{tmp_path / 'hooks.db'}"}
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks"

    app = App(url, environment)
    app.wait_for("0 waiting from before")
    events = [app.write("Milk"), app.write("Bread for Zoë")]
    app.kill()

    app = App(url, environment)
    app.wait_for("2 waiting from before")
    events.append(app.write("Salt"))
    app.put_away()
    app.wait_for("the rest waits for the next run")

    receiver = Running(RECEIVERS["fastapi"], {"WEBHOOK_SECRET": secret, "PORT": str(port)})
    try:
        app = App(url, environment)
        app.wait_for("3 waiting from before")
        events.append(app.write("Soap"))
        for event in events:
            receiver.wait_for(f"accepted note.written {event}")
        app.put_away()
        app.wait_for("all delivered")
        accepted = [line for line in receiver.lines if line.startswith("accepted")]
        assert sorted(accepted) == sorted(f"accepted note.written {event}" for event in events)
    finally:
        receiver.kill()
    assert secret not in "".join(app.lines)


def test_it_says_what_it_needs() -> None:
    result = run(COMMAND)
    assert result.returncode == 1
    assert "WEBHOOK_SECRET" in result.stderr
    result = run(COMMAND, WEBHOOK_SECRET=Secret.generate().expose())
    assert result.returncode == 1
    assert "http://127.0.0.1:8000/webhooks" in result.stderr
    # This machine is allowed, its network is not.
    secret = Secret.generate().expose()
    result = run([*COMMAND, "http://10.0.0.1/"], WEBHOOK_SECRET=secret, HOOKSEAL_STORE="memory:")
    assert result.returncode == 1
    assert result.stderr.startswith("blocked_address: ")
