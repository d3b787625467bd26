"""Sums of batches become one a minute, one an hour; what is read of them stays the same."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.journey.scans.batch_sums import merge_batches
from serai.journey.selection import store
from serai.journey.selection.batch_sums import BatchSums, merge_sums
from serai.journey.selection.store import RuleVersion
from tests.journey.processing.support import opened, select

AT = datetime(2026, 9, 1, 12, 30, 45, tzinfo=UTC)
CHANGED_AT = AT - timedelta(minutes=5, seconds=15)
KEY = 77


def batch(place: int) -> BatchSums:
    """Ten parcels or more, of which one group was never seen before, and a rule or the model spoke now and
    then."""
    seen = {"origin": {"CN": 7 + place, f"X{place}": 3}, "channel": {"post": 10 + place}}
    hits = {"cheap": {"origin": {"CN": 1}}} if place % 2 else {}
    scored: dict[str, Any] = {"score_key": KEY, "score_counts": [place, 10]} if place % 3 else {}
    return BatchSums(10 + place, place % 2, 1, place % 4, seen, hits, **scored)


@pytest.fixture(name="node_at")
async def node_of_an_instant(database: str, keys: Path) -> AsyncIterator[Node]:
    async with opened(database, keys, clock=FixedClock(AT)) as node:
        yield node
        async with node.database.write() as connection:
            await store.forget_batches(connection, (AT + timedelta(days=1)).date(), administration_id=1)


async def came(node: Node, *ats: datetime) -> None:
    async with node.database.write() as connection:
        for place, at in enumerate(ats):
            number = int(node.ids.take(1)[0])
            await store.insert_batch(connection, number, batch(place), administration_id=1, at=at)


async def read(node: Node) -> dict[str, Any]:
    """All that is read of batches."""
    key = {"administration_id": 1}
    async with node.database.read(1) as connection:
        return {
            "day": await store.select_day(connection, AT.date(), **key),
            "day before": await store.select_day(connection, (AT - timedelta(days=1)).date(), **key),
            "two days": await store.select_counts(connection, AT - timedelta(days=2), **key),
            "since rules changed": await store.select_counts(connection, CHANGED_AT, **key),
            "scores": await store.select_score_counts(connection, KEY, AT - timedelta(days=7), AT, **key),
            "first": await store.select_first_scored(connection, KEY, **key),
        }


async def decided(node: Node) -> list[datetime]:
    return [at for (at,) in await select(node, "SELECT decided_at FROM risk_batch ORDER BY decided_at")]


async def test_what_is_read_of_batches_is_the_same_when_they_are_merged(node_at: Node) -> None:
    node, second = node_at, timedelta(seconds=1)
    async with node.database.write() as connection:
        version = RuleVersion("cheap", None, CHANGED_AT, 1)
        await store.insert_rule_version(connection, 5, version, administration_id=1)
    old = [AT - timedelta(hours=25) + n * 100 * second for n in range(30)]
    around = [CHANGED_AT + n * second for n in range(-12, 12)]
    now = [AT - n * second for n in range(9)]
    await came(node, *old, *around, *now)
    before, count = await read(node), len(await decided(node))

    turns = [await merge_batches(node.processor) for _ in range(2)]

    assert turns == [False, False]
    assert await read(node) == before
    left = await decided(node)
    assert (count, len([at for at in left if at < AT - timedelta(hours=24)])) == (63, 4), "hours, by score"
    assert len([at for at in left if at < CHANGED_AT]) == 4 + 2
    assert len([at for at in left if CHANGED_AT <= at < AT - timedelta(minutes=1)]) == 2
    assert len([at for at in left if at > AT - timedelta(seconds=10)]) == 9, "others may still come between"


async def test_two_processes_that_merge_at_once_lose_nothing(node_at: Node) -> None:
    minute = AT.replace(second=0)
    await came(node_at, *(minute + timedelta(milliseconds=50 * n) for n in range(200)))
    before = await read(node_at)

    await asyncio.gather(*(merge_batches(node_at.processor) for _ in range(4)))

    assert await read(node_at) == before
    assert len(await decided(node_at)) == 2


def test_sums_of_one_batch_are_its_own_and_of_two_theirs() -> None:
    one, other = batch(1), batch(5)

    assert merge_sums([one]) == one
    both = merge_sums([one, other])
    assert both.seen["origin"] == {"CN": 8 + 12, "X1": 3, "X5": 3}
    assert both.hits == {"cheap": {"origin": {"CN": 2}}}
    assert (both.seen_count, both.score_counts) == (26, [6, 20])
