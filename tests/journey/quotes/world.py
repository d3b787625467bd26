"""The world of quotes: a running server with its parties, and published rates of exchange."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from serai.foundation.database import Database
from serai.foundation.shipped import find_shipped
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.service import derive_law
from tests.journey.cases.world import AT, World, running_world, wait_for_law


@contextmanager
def quoting_world(dsn: str, folder: Path) -> Iterator[World]:
    """Start a server and wait until it has taken up the rates."""
    with running_world(dsn, folder) as world, ThreadPoolExecutor(1) as thread:
        wait_for_law(world, thread.submit(lambda: asyncio.run(_publish_rates(dsn))).result())
        yield world


async def _publish_rates(dsn: str) -> int:
    content = (find_shipped("examples") / "lists" / "invented-exchange-rates.csv").read_bytes()
    one = make_component("exchange-rates", "invented.csv", content)
    async with Database(dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
        return (await derive_law(database, 1, AT, "rates", lambda present: [*present, one]))[0]
