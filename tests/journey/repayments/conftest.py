"""A node whose clock stands, and whose books have to agree when a test has ended."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from tests.journey.ledger.books import assert_books_agree
from tests.journey.processing.counted import load_lists
from tests.journey.processing.support import opened

DAY_0 = datetime(2026, 7, 2, 9, tzinfo=UTC)


@pytest.fixture
async def clock() -> FixedClock:
    return FixedClock(DAY_0)


@pytest.fixture
async def node(make_database: Any, tmp_path: Path, clock: FixedClock) -> AsyncIterator[Node]:
    async with opened(make_database(), tmp_path / "keys", clock=clock) as one:
        await load_lists(one)
        yield one
        await assert_books_agree(one)
