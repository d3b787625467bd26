"""What consignments owe at the border: what payments stand against."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.model.packed_detail import Detail, border_dues, unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class BorderDue(msgspec.Struct, frozen=True):
    """What a consignment owes at the border in one currency, minor units."""

    case_id: int
    consignment_id: int
    currency_code: str
    amount_minor: int


class StandingDetail(msgspec.Struct, frozen=True):
    """A consignment of a case with the newest decision on it. status: place in STATUSES."""

    case_id: int
    consignment_id: int
    basis_id: int
    detail: Detail
    party_id: int
    status: int


async def select_standing(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[StandingDetail]:
    """Return the consignments of cases, and of those merged into them, as they are decided."""
    cursor = await connection.execute(
        QUERIES["select_standing"], {"case_ids": list(case_ids), "administration_id": administration_id}
    )
    return [
        StandingDetail(root, consignment_id, basis_id, unpack_detail(detail), party_id, status)
        for root, consignment_id, basis_id, detail, party_id, status in await cursor.fetchall()
    ]


async def select_border_dues(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[BorderDue]:
    """Return what the consignments of cases owe at the border by their newest decisions."""
    rows = await select_standing(connection, case_ids, administration_id=administration_id)
    dues = border_dues(one.detail for one in rows)
    return [
        BorderDue(one.case_id, one.consignment_id, currency, amount_minor)
        for one, owed in zip(rows, dues, strict=True)
        for currency, amount_minor in owed.items()
    ]
