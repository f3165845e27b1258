"""The store's file in the hands of Python's own ``sqlite3``, which is another SQLite in the same process."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sender_support import in_file, opened, until
from support import receiver

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere locks belong to processes")


def test_another_sqlite_that_comes_and_goes_loses_nothing(tmp_path: Path) -> None:
    code = f"""
import os, sqlite3, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from sender_support import in_file, opened
sender = opened(in_file(Path(sys.argv[1])))
sender.endpoints.create("https://example.com/")
sender.send("thing.made", 1, id="one")
for _ in range(3):
    other = sqlite3.connect(sys.argv[1] + "/hooks.db")
    assert other.execute("SELECT count(*) FROM hookseal_message").fetchone() == (1,)
    other.close()
sender.send("thing.made", 2, id="two")
print("sent", flush=True)
os.kill(os.getpid(), {int(signal.SIGKILL)})
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("sent\n", "")
    sender = opened(in_file(tmp_path))
    assert [delivery.message for delivery in sender.deliveries.list().items] == ["two", "one"]
    sender.close()


def test_a_sender_that_comes_and_goes_loses_nothing_of_another_sqlite(tmp_path: Path) -> None:
    sender = opened(in_file(tmp_path))
    sender.endpoints.create("https://example.com/")
    other = sqlite3.connect(tmp_path / "hooks.db", isolation_level=None)

    def send(id: str) -> None:
        other.execute("INSERT INTO hookseal_outbox (type, data, id) VALUES ('thing.made', '1', ?)", (id,))

    send("one")
    sender.close()
    send("two")
    for _ in range(3):
        opened(in_file(tmp_path)).close()
    send("three")
    with opened(in_file(tmp_path)) as last:
        until(lambda: len(last.deliveries.list().items) == 3)
    other.close()
    opened(in_file(tmp_path)).close()
    assert not (tmp_path / "hooks.db-wal").exists()


def test_both_write_at_once(tmp_path: Path) -> None:
    file = tmp_path / "hooks.db"
    with receiver() as there, opened(in_file(tmp_path)) as sender:
        sender.endpoints.create(there.url)
        setup = sqlite3.connect(file)
        setup.execute("CREATE TABLE own (n INTEGER)")
        setup.close()

        def write() -> None:
            for n in range(100):
                connection = sqlite3.connect(file, timeout=30)
                with connection:
                    connection.execute("INSERT INTO own VALUES (?)", (n,))
                connection.close()

        thread = threading.Thread(target=write)
        thread.start()
        sent = {sender.send("thing.made", {"n": n}).id for n in range(300)}
        thread.join()
        assert sender.wait_idle(30)
        assert {headers["webhook-id"] for headers, _ in there.requests} == sent
    check = sqlite3.connect(file)
    assert check.execute("SELECT count(*) FROM own").fetchone() == (100,)
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
    again = opened(in_file(tmp_path))
    assert again.stats().pending == 0
    again.close()


def test_the_log_is_gone_after_closing(tmp_path: Path) -> None:
    sender = opened(in_file(tmp_path))
    sender.send("thing.made", {})
    sender.close()
    assert os.listdir(tmp_path) == ["hooks.db"]
