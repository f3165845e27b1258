"""Deliver what others send. When asked to end it begins nothing new, and finishes what is on its way.

HOOKSEAL_STORE=postgres://... python examples/compose/worker.py
"""

import os
import signal
import sys
import threading
from pathlib import Path

from hookseal import HooksealError, Sender, StoreError

# Whoever watches this process sees by this file's age whether it still delivers.
ALIVE = Path(os.environ.get("ALIVE", "/tmp/worker-alive"))
EVERY = 5.0


def main() -> None:
    """Deliver until SIGTERM or Ctrl-C."""
    local = os.environ.get("ALLOW_LOCAL") == "1"
    try:
        sender = Sender(os.environ["HOOKSEAL_STORE"], allow_http=local, allow_private=local)
    except (KeyError, HooksealError) as error:
        sys.exit(f"HOOKSEAL_STORE: {error}")
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    with sender:
        print("delivering", flush=True)
        while True:
            if is_well(sender):
                ALIVE.touch()
            if end.wait(EVERY):
                break
        print("finishing", flush=True)
    ALIVE.unlink(missing_ok=True)
    print("finished", flush=True)


def is_well(sender: Sender) -> bool:
    """Whether the database answers, and gives this process its share."""
    try:
        return sender.stats().dispatching
    except StoreError as error:
        # It goes on by itself when the database is back.
        print(f"{error.code}: {error}", flush=True)
        return False


if __name__ == "__main__":
    main()
