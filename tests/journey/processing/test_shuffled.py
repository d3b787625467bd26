"""Four processes, every document anywhere and at any time: one current decision, the same as in order."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.journey.documents.submission import Sender
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    PLATFORM,
    PROVIDER,
    opened,
    order,
    parcel,
    payment,
    select,
    send,
    transport,
)

Task = tuple[Sender, str, dict[str, Any]]

_OUTCOME = """
WITH root AS (SELECT case_id, coalesce(merged_into, case_id) AS root_id FROM every_case),
said AS (
    SELECT decision_id, string_agg(code || parameters, ',' ORDER BY code) AS findings FROM finding GROUP BY 1
),
met AS (
    SELECT root_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds
    FROM document JOIN root USING (case_id) WHERE is_confirmed GROUP BY 1
),
charged AS (SELECT consignment_id, sum(amount_minor)::bigint AS total_minor FROM charge GROUP BY 1)
SELECT substr(reference, 3), lane, status, law_on, findings, kinds, total_minor
FROM consignment JOIN root USING (case_id) LEFT JOIN met USING (root_id)
LEFT JOIN said USING (decision_id) LEFT JOIN charged USING (consignment_id)
ORDER BY 1
"""


def documents(count: int) -> list[Task]:
    """Four documents of each parcel; every seventh order contradicts."""
    tasks: list[Task] = []
    for number in range(count):
        name = f"{number:05d}"
        tasks.append((PLATFORM, "order", order(name, discount_amount="5.00" if number % 7 else "4.00")))
        tasks.append((PROVIDER, "payment", payment(name)))
        tasks.append((CARRIER, "transport-document", transport(name)))
        tasks.append((DECLARANT, "declaration", parcel(name, conveyance_reference=f"FLIGHT-{number % 5}")))
    return tasks


async def work_through(node: Node, tasks: Sequence[Task], batch_count: int) -> None:
    """Send documents in their order, neighbours of one kind together."""
    for begin in range(0, len(tasks), batch_count):
        by_kind: dict[tuple[Sender, str], list[dict[str, Any]]] = {}
        for sender, kind, record in tasks[begin : begin + batch_count]:
            by_kind.setdefault((sender, kind), []).append(record)
        for (sender, kind), records in by_kind.items():
            answers = await send(node, sender, kind, *records)
            assert {one.status for one in answers} <= {"decided", "recorded"}, answers


async def shuffle_and_compare(make_database: Any, tmp_path: Path, case_count: int) -> None:
    tasks = documents(case_count)
    in_order, shuffled = make_database(), make_database()
    async with opened(in_order, tmp_path / "a") as node:
        for kind in ("order", "payment", "transport-document", "declaration"):
            await work_through(node, [task for task in tasks if task[1] == kind], 250)
        wanted = await select(node, _OUTCOME)
    random.Random(7).shuffle(tasks)

    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(opened(shuffled, tmp_path / "b")) for _ in range(4)]
        await asyncio.gather(*(work_through(node, tasks[place::4], 25) for place, node in enumerate(nodes)))
        found = await select(nodes[0], _OUTCOME)
        loose = await select(nodes[0], "SELECT count(*) FROM document WHERE NOT is_confirmed")
        current = await select(
            nodes[0],
            "SELECT count(*) FROM decision AS one WHERE NOT EXISTS"
            " (SELECT FROM decision AS newer WHERE newer.supersedes = one.decision_id)",
        )
        twice = await select(
            nodes[0],
            "SELECT supersedes FROM decision WHERE supersedes IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
        )

    assert found == wanted
    assert loose == [(0,)]
    assert current == [(case_count,)], "one current decision each"
    assert twice == []
    assert all(row[5] == [1, 2, 3, 4] for row in found), "all four documents count"
    assert sum("declared-amount-differs" in (row[4] or "") for row in found) == (case_count + 6) // 7


@pytest.mark.in_turn
async def test_150_cases(make_database: Any, tmp_path: Path) -> None:
    await shuffle_and_compare(make_database, tmp_path, 150)


@pytest.mark.slow
async def test_10_000_cases(make_database: Any, tmp_path: Path) -> None:
    await shuffle_and_compare(make_database, tmp_path, 10_000)
