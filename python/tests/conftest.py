"""Settings of all tests, and the stores that those of the senders run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from sender_support import database, in_file, schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Machines of CI are slow at times; and what was found is written down as a test, not in a database.
settings.register_profile("hookseal", deadline=None, database=None)
settings.load_profile("hookseal")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The url of a store that is this test's own: once in a file, once in a database."""
    if request.param == "sqlite":
        yield in_file(tmp_path)
    else:
        with schema() as name:
            yield database(name)
