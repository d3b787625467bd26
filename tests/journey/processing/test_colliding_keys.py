"""Match keys whose first halves collide: a hash proposes, and nothing more. The database is real; the hash is
shortened where it is built."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from serai.app import Node
from serai.model.columns import Int64s
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OTHER_DECLARANT,
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

SENDERS = {
    "declaration": (DECLARANT, parcel),
    "order": (PLATFORM, order),
    "payment": (PROVIDER, payment),
    "transport-document": (CARRIER, transport),
}
CASES = """
WITH root AS (SELECT case_id, coalesce(merged_into, case_id) AS root_id FROM every_case)
SELECT array_agg(DISTINCT reference), array_agg(DISTINCT kind ORDER BY kind)
FROM (SELECT root_id, reference FROM consignment JOIN root USING (case_id)) AS declared
JOIN (SELECT root_id, kind FROM document JOIN root USING (case_id) WHERE is_confirmed) AS counting
    USING (root_id)
GROUP BY root_id ORDER BY 1
"""
"""What was declared in each case, and the kinds of document that count in it."""
DECISIONS = """
SELECT count(*) FROM decision AS one
WHERE NOT EXISTS (SELECT FROM decision AS newer WHERE newer.supersedes = one.decision_id)
"""
LOOSE = "SELECT count(*) FROM document WHERE NOT is_confirmed"
HOLDERS = "SELECT count(*), count(DISTINCT key_hash) FROM match_key"


def to_one(key_hashes: Int64s) -> Int64s:
    """All keys collide."""
    return key_hashes * 0


def to_few(key_hashes: Int64s) -> Int64s:
    """Keys collide by dozens."""
    return key_hashes & 7


def to_hundreds(key_hashes: Int64s) -> Int64s:
    """So few collide that a chunk is claimed by COPY, and so many that it always meets some."""
    return key_hashes & 1023


@pytest.fixture(params=[to_one, to_few])
async def node(request: Any, make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Node]:
    async with opened(make_database(), tmp_path, request.param) as one:
        yield one


@pytest.mark.in_turn
async def test_documents_of_other_numbers_do_not_meet(node: Node) -> None:
    names = [f"n{number}" for number in range(6)]
    tasks = [(kind, name) for kind in SENDERS for name in names]
    random.Random(7).shuffle(tasks)

    for kind, name in tasks:
        sender, make = SENDERS[kind]
        await send(node, sender, kind, make(name))

    assert await select(node, CASES) == [([f"D-{name}"], [1, 2, 3, 4]) for name in names]
    assert await select(node, LOOSE) == [(0,)]
    assert await select(node, DECISIONS) == [(6,)]
    held, distinct = (await select(node, HOLDERS))[0]
    assert held == distinct <= 8, "the index keeps one row of those that collide"


async def test_declarations_of_one_file_that_collide_stay_apart(node: Node) -> None:
    answers = await send(node, DECLARANT, "declaration", *(parcel(f"f{number}") for number in range(5)))

    assert len({one.case_id for one in answers}) == 5
    assert [one.status for one in answers] == ["decided"] * 5


async def test_reference_of_another_party_is_not_repeated(node: Node) -> None:
    (first,) = await send(node, DECLARANT, "declaration", parcel("r"))
    (other,) = await send(node, OTHER_DECLARANT, "declaration", parcel("r"))
    (again,) = await send(node, DECLARANT, "declaration", parcel("r"))

    assert (first.status, other.status, again.status) == ("decided", "decided", "repeated")
    assert first.case_id != other.case_id
    # Decided anew in between: two declarants claim its numbers.
    assert (again.case_id, again.document_id) == (first.case_id, first.document_id)


async def test_number_that_came_back_is_its_own_also_where_another_holds_the_row(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("old"), parcel("older"))
    await select(node, "UPDATE match_key SET opened_s = opened_s - 400 * 86400 RETURNING 1")
    for table in ("document_key", "linkage_feature"):
        await select(node, f"UPDATE {table} SET added_at = added_at - interval '400 days' RETURNING 1")

    (declared,) = await send(node, DECLARANT, "declaration", parcel("new"))
    (paid,) = await send(node, PLATFORM, "order", order("new"))
    await send(node, PLATFORM, "order", order("old"))

    assert paid.case_id == declared.case_id
    assert await select(node, LOOSE) == [(1,)], "the old number has had its life"


@pytest.mark.in_turn
async def test_chunk_claimed_by_copy_that_meets_collisions_stays_apart(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    count = 150
    first, second = ([f"{letter}{number}" for number in range(count)] for letter in "ce")
    async with opened(make_database(), tmp_path, to_hundreds) as node:
        await send(node, PLATFORM, "order", *map(order, first))
        declared = await send(node, DECLARANT, "declaration", *map(parcel, first))
        more = await send(node, DECLARANT, "declaration", *map(parcel, second))

        assert len({one.case_id for one in [*declared, *more]}) == 2 * count
        assert await select(node, CASES) == [([f"D-{name}"], [1, 2]) for name in sorted(first)] + [
            ([f"D-{name}"], [1]) for name in sorted(second)
        ]


SAME_HEAD = """
CREATE OR REPLACE FUNCTION reference_head(party_id bigint, kind smallint, reference text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 7
"""


@pytest.mark.in_turn
@pytest.mark.parametrize("count", [3, 220])
async def test_references_that_the_index_cannot_tell_apart_stay_apart(
    make_database: Callable[[], str], tmp_path: Path, count: int
) -> None:
    dsn = make_database()
    async with opened(dsn, tmp_path) as node:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(SAME_HEAD)
        # Their last seven signs are the same in threes, and of two parties.
        names = [f"{'xyz'[n % 3]}-{n // 3:07}" for n in range(count)]

        made = await send(node, DECLARANT, "declaration", *(parcel(name) for name in names))
        others = await send(node, OTHER_DECLARANT, "declaration", *(parcel(name) for name in names[:2]))
        again = await send(node, DECLARANT, "declaration", *(parcel(name) for name in names))
        (more,) = await send(node, DECLARANT, "declaration", parcel("w-0000000"))
        other_price = parcel(names[0])
        other_price["goods_items"][0]["invoice_amount"] = "77.00"
        (reused,) = await send(node, DECLARANT, "declaration", other_price)
        (amended,) = await send(
            node, DECLARANT, "declaration", other_price | {"amends_version": 1, "amendment_reason": "price"}
        )

        assert {one.status for one in (*made, *others, more)} == {"decided"}
        assert len({one.document_id for one in (*made, *others, more)}) == count + 3
        assert [one.status for one in again] == ["repeated"] * count
        assert [one.document_id for one in again] == [one.document_id for one in made]
        assert (reused.status, amended.status, amended.version) == ("refused", "decided", 2)
        assert amended.case_id == made[0].case_id
        found = await select(
            node, "SELECT party_id, array_agg(reference) FROM submission WHERE version = 2 GROUP BY 1"
        )
        assert found == [(DECLARANT.party_id, [f"D-{names[0]}"])]


@pytest.mark.in_turn
async def test_two_processes_that_claim_references_the_index_cannot_tell_apart_take_each_once(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    dsn = make_database()
    async with opened(dsn, tmp_path) as node, opened(dsn, tmp_path) as other:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(SAME_HEAD)
        names = [f"{'uvwxyz'[n % 6]}-{n // 6:07}" for n in range(30)]

        answers = await asyncio.gather(*(
            send(process, DECLARANT, "declaration", *map(parcel, part))
            for process, part in (
                (node, names[:20]), (other, names[10:]), (other, names[::-1]), (node, names[5:25]),
            )
        ))  # fmt: skip

        statuses = [one.status for batch in answers for one in batch]
        assert (statuses.count("decided"), set(statuses)) == (30, {"decided", "repeated"})
        counted = "SELECT count(*), count(DISTINCT reference) FROM submission"
        assert await select(node, counted) == [(30, 30)]
