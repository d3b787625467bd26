"""Payment records: paid, on account or secured; and the charges they stand against."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.model.packed_detail import border_dues, unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

MARK_KINDS = ("paid", "on-account", "secured")


class Mark(msgspec.Struct, frozen=True):
    """A payment record as stored. amount_minor: minor units of currency_code."""

    mark_id: int
    case_id: int
    kind: str
    currency_code: str
    amount_minor: int


async def insert_mark(
    connection: Connection, mark: Mark, *, administration_id: int, party_id: int, reference: str, at: Any
) -> Mark:
    """Record a mark under its party's reference; return what stands under it: this one, or an earlier one."""
    parameters = msgspec.structs.asdict(mark) | {
        "administration_id": administration_id,
        "party_id": party_id,
        "reference": reference,
        "at": at,
    }
    await connection.execute(QUERIES["insert_mark"], parameters)
    cursor = await connection.execute(QUERIES["select_mark"], parameters)
    row = await cursor.fetchone()
    assert row is not None, "just inserted, or there before"
    return Mark(*row)


async def select_marks(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, dict[str, int]]:
    """Return by case and currency what is settled, minor units; cases without a mark are left out."""
    cursor = await connection.execute(
        QUERIES["select_marks"], {"case_ids": list(case_ids), "administration_id": administration_id}
    )
    marks: dict[int, dict[str, int]] = defaultdict(dict)
    for case_id, currency, amount_minor in await cursor.fetchall():
        marks[case_id][currency] = amount_minor
    return dict(marks)


class BorderDue(msgspec.Struct, frozen=True):
    """What a consignment owes at the border in one currency, minor units."""

    case_id: int
    consignment_id: int
    currency_code: str
    amount_minor: int


async def select_border_dues(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[BorderDue]:
    """Return what the consignments of cases owe at the border by their newest decisions."""
    cursor = await connection.execute(
        QUERIES["select_standing"], {"case_ids": list(case_ids), "administration_id": administration_id}
    )
    rows = await cursor.fetchall()
    dues = border_dues(unpack_detail(detail) for *_, detail in rows)
    return [
        BorderDue(root, consignment_id, currency, amount_minor)
        for (root, consignment_id, _), owed in zip(rows, dues, strict=True)
        for currency, amount_minor in owed.items()
    ]
