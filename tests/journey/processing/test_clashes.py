"""Processes that get the same numbers at once, each in another order: they take turns, and none gives way.

Tries are counted, not seconds: each deadlock costs the whole batch once more, and a second of the server's
patience, while all who share the process wait.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.journey.documents.submission import Answer, Sender, Submission
from serai.model.errors import SeraiError
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    PLATFORM,
    PROVIDER,
    opened,
    order,
    parcel,
    payment,
    send,
    transport,
)

Records = list[dict[str, Any]]
NAMES = [f"{number:05d}" for number in range(300)]


class Counted:
    """A node whose write transactions are counted: each try of each."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.tries: list[int] = []
        self._write_again = node.database.write_with_retries
        node.database.write_with_retries = self._count  # type: ignore[method-assign]

    async def _count(self, work: Any, **options: Any) -> Any:
        self.tries.append(0)
        place = len(self.tries) - 1

        async def once(connection: Any) -> Any:
            self.tries[place] += 1
            return await work(connection)

        return await self._write_again(once, **options)


@pytest.fixture
async def nodes(make_database: Any, tmp_path: Path) -> AsyncIterator[list[Counted]]:
    """Four nodes on one database, as four web processes are."""
    dsn = make_database()
    async with AsyncExitStack() as stack:
        yield [Counted(await stack.enter_async_context(opened(dsn, tmp_path))) for _ in range(4)]


async def send_at_once(nodes: list[Counted], *files: tuple[Sender, str, Records]) -> list[Counter[str]]:
    """Send files, each to a node of its own and in another order; returns the statuses of each."""
    for one in nodes:
        one.tries.clear()
    shuffled = [
        (sender, kind, random.Random(seed).sample(records, len(records)))
        for seed, (sender, kind, records) in enumerate(files)
    ]
    answers = await asyncio.gather(
        *(
            send(one.node, sender, kind, *records)
            for one, (sender, kind, records) in zip(nodes, shuffled, strict=False)
        )
    )
    return [Counter(answer.status for answer in its) for its in answers]


def tries_of(nodes: list[Counted]) -> list[int]:
    """The most tries that any transaction of each node that had work took."""
    return [max(one.tries) for one in nodes if one.tries]


def declared(names: list[str]) -> Records:
    return [parcel(name, conveyance_reference="FLIGHT") for name in names]


def amended(names: list[str]) -> Records:
    changes = {
        "amends_version": 1,
        "amendment_reason": "express after all",
        "logistics_channel_code": "express",
    }
    return [parcel(name, conveyance_reference="FLIGHT", **changes) for name in names]


@pytest.mark.in_turn
async def test_the_same_amendments_in_any_order_take_turns(nodes: list[Counted]) -> None:
    await send(nodes[0].node, DECLARANT, "declaration", *declared(NAMES))

    statuses = await send_at_once(nodes, *[(DECLARANT, "declaration", amended(NAMES))] * 4)

    assert sum(statuses, Counter()) == {"decided": len(NAMES), "repeated": 3 * len(NAMES)}
    assert set(tries_of(nodes)) == {1}


@pytest.mark.in_turn
async def test_amended_declarations_and_their_documents_take_turns(nodes: list[Counted]) -> None:
    await send(nodes[0].node, DECLARANT, "declaration", *declared(NAMES[:150]))

    statuses = await send_at_once(
        nodes,
        (DECLARANT, "declaration", [*amended(NAMES[:150]), *declared(NAMES[150:])]),
        (PLATFORM, "order", [order(name) for name in NAMES]),
        (PROVIDER, "payment", [payment(name) for name in NAMES]),
        (CARRIER, "transport-document", [transport(name) for name in NAMES]),
    )

    assert [set(one) for one in statuses] == [{"decided"}, {"recorded"}, {"recorded"}, {"recorded"}]
    assert set(tries_of(nodes)) == {1}


@pytest.mark.in_turn
async def test_amended_orders_and_what_meets_over_them_take_turns(nodes: list[Counted]) -> None:
    await send(nodes[0].node, DECLARANT, "declaration", *declared(NAMES[:150]))
    await send(nodes[0].node, PLATFORM, "order", *(order(name) for name in NAMES))
    changed = [order(name, amends_version=1, discount_amount="4.00") for name in NAMES]

    statuses = await send_at_once(
        nodes,
        (PLATFORM, "order", changed),
        (PROVIDER, "payment", [payment(name) for name in NAMES]),
        (DECLARANT, "declaration", declared(NAMES[150:])),
        (DECLARANT, "declaration", amended(NAMES[:150])),
    )

    assert [set(one) for one in statuses] == [{"recorded"}, {"recorded"}, {"decided"}, {"decided"}]
    assert set(tries_of(nodes)) == {1}


@pytest.mark.in_turn
async def test_arrivals_of_the_same_parcels_in_any_order_take_turns(nodes: list[Counted]) -> None:
    names = NAMES[:60]
    await send(nodes[0].node, DECLARANT, "declaration", *declared(names))

    def landed(by: str) -> Records:
        return [
            {
                "reference": f"{by}-{name}",
                "arrived_at": "2026-07-02T06:41:00+02:00",
                "house_document": f"HOUSE-{name}",
            }
            for name in names
        ]

    statuses = await send_at_once(
        nodes,
        (OFFICER, "arrival", landed("OFFICE")),
        (DECLARANT, "arrival", landed("FILER")),
        (DECLARANT, "declaration", amended(names)),
    )

    assert [set(one) for one in statuses] == [{"recorded"}, {"recorded"}, {"decided"}]
    assert set(tries_of(nodes)) == {1}


@pytest.mark.in_turn
async def test_batch_that_clashes_every_time_is_tried_four_times_and_given_back(nodes: list[Counted]) -> None:
    node, tries = nodes[0].node, nodes[0].tries
    async with node.database.write_as_owner() as connection:
        await connection.execute(
            "CREATE FUNCTION give_way() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'others were first' USING ERRCODE = 'deadlock_detected'; END $$"
        )
        await connection.execute(
            "CREATE TRIGGER give_way BEFORE INSERT ON declared_consignment FOR EACH ROW"
            " WHEN (NEW.house_document = 'HOUSE-LATE') EXECUTE FUNCTION give_way()"
        )
    tries.clear()

    def submission(name: str) -> Submission:
        return Submission(DECLARANT, "declaration", lines=[json.dumps(parcel(name)).encode()])

    answers: list[list[Answer] | BaseException] = await asyncio.gather(
        *(node.batcher.submit(submission(name), 1) for name in ("A", "B", "C", "LATE")),
        return_exceptions=True,
    )

    assert [one[0].status for one in answers[:2] if isinstance(one, list)] == ["decided"] * 2
    for refused in answers[2:]:
        assert isinstance(refused, SeraiError)
        assert refused.code == "database-busy"
    assert tries == [2, 1, 2], "twice all of it, then each half"
