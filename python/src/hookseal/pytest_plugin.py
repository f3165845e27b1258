"""Fixtures for pytest, which finds them by itself where hookseal is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hookseal.testing import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def webhook_recorder() -> Iterator[Recorder]:
    """Return a receiver on this machine that records every request and answers 200, or as it is told."""
    with Recorder() as recorder:
        yield recorder
