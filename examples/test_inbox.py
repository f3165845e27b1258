"""The receivers with an inbox: one is killed while it handles, the next finishes; duplicates are dropped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hookseal import Secret, Webhook
from test_examples import EXAMPLES, Running

RECEIVERS = {
    "fastapi": [sys.executable, str(EXAMPLES / "receive-inbox-fastapi" / "app.py")],
    "express": ["node", str(EXAMPLES / "receive-inbox-express" / "app.mjs")],
}


@pytest.mark.parametrize("name", RECEIVERS)
def test_what_was_acknowledged_is_handled_though_it_is_killed(name: str, tmp_path: Path) -> None:
    webhook = Webhook(secret := Secret.generate())
    environment = {"WEBHOOK_SECRET": secret.expose(), "HOOKSEAL_INBOX": f"sqlite:{tmp_path / 'inbox.db'}"}
    body = b'{"type": "booking.created", "data": {}}'
    headers = webhook.sign(body, id="evt_1")

    receiver = Running(RECEIVERS[name], {**environment, "HANDLER_SECONDS": "600"})
    try:
        assert receiver.post(body, headers) == (200, b"")
        receiver.wait_for("begins booking.created evt_1 try 1")
        assert receiver.post(body + b" ", headers)[0] == 401
        receiver.wait_for("refused signature_mismatch")
    finally:
        receiver.kill()
    assert not any("handled" in line for line in receiver.lines)

    receiver = Running(RECEIVERS[name], {**environment, "HANDLER_SECONDS": "0"})
    try:
        receiver.wait_for("begins booking.created evt_1 try 2")
        receiver.wait_for("handled booking.created evt_1")
        assert receiver.post(body, headers) == (200, b"")
        assert receiver.post(body, webhook.sign(body, id="evt_2")) == (200, b"")
        receiver.wait_for("handled booking.created evt_2")
        assert receiver.end() in (0, -15)
    finally:
        receiver.kill()
    assert sum("evt_1" in line for line in receiver.lines) == 2
