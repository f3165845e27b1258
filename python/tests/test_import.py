"""Importing is light: no thread, no file of a provider read, nothing heavy along with it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import hookseal


def fresh(code: str) -> Any:
    """What the code prints as JSON in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads that Linux shows")
def test_no_thread_until_the_first_delivery() -> None:
    counts = fresh(
        """
import json, os
def threads():
    return len(os.listdir("/proc/self/task"))
counts = [threads()]
import hookseal
from hookseal import AsyncClient, Client, Endpoint, Provider, RetryPolicy, Webhook
counts.append(threads())
webhook = Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
webhook.verify(b"{}", webhook.sign(b"{}"))
client = Client(allow_http=True, allow_private=True)
AsyncClient()
provider = Provider.builtin("webkasa")
secret = hookseal.Secret.generate(provider)
endpoint = Endpoint("http://127.0.0.1:1/", secret, provider=provider, retry=RetryPolicy([]))
event = provider.example("booking.created")
counts.append(threads())
client.deliver(endpoint, event)
counts.append(threads())
print(json.dumps(counts))
"""
    )
    assert counts[:3] == [1, 1, 1]
    assert counts[3] > 1


def test_nothing_comes_along() -> None:
    loaded = fresh(
        """
import json, sys
before = set(sys.modules)
import hookseal
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    )
    modules = (
        "_native",
        "_work",
        "async_client",
        "async_inbox",
        "async_sender",
        "deduplicator",
        "exceptions",
        "handling",
        "inbox",
        "sender",
    )
    ours = {"hookseal"} | {f"hookseal.{module}" for module in modules}
    assert set(loaded) == ours | {"__future__"}


def test_fast() -> None:
    times = fresh(
        """
import json, time
begun = time.process_time()
import hookseal
print(json.dumps(time.process_time() - begun))
"""
    )
    assert times < 0.1


def test_the_table_of_contents_is_complete() -> None:
    assert hookseal.__all__ == sorted(hookseal.__all__)
    for name in hookseal.__all__:
        assert getattr(hookseal, name).__doc__, name
    assert hookseal.__version__.count(".") == 2


def test_classes_say_where_they_are_from() -> None:
    for name in ("Webhook", "Event", "Secret", "Provider", "RetryPolicy", "Client", "Endpoint", "Delivery"):
        assert getattr(hookseal, name).__module__ == "hookseal"
    assert hookseal.AsyncClient.__module__ == "hookseal.async_client"
