"""What consignments owe at the border: what payments stand against."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.model.packed_detail import border_dues, unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class BorderDue(msgspec.Struct, frozen=True):
    """What a consignment owes at the border in one currency, minor units."""

    case_id: int
    consignment_id: int
    currency_code: str
    amount_minor: int


class BorderRule(NamedTuple):
    """A rule by which a consignment owes something at the border: a charge's number in a basis."""

    basis_id: int
    charge_number: int


async def select_border_rules(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> list[BorderRule]:
    """Return by which rules the consignments of cases owe at the border, each once."""
    cursor = await connection.execute(
        QUERIES["select_standing"], {"case_ids": list(case_ids), "administration_id": administration_id}
    )
    found = {
        BorderRule(basis_id, charge.charge_number)
        for _, _, basis_id, detail in await cursor.fetchall()
        for charge in unpack_detail(detail).charges
        if charge.is_border_due
    }
    return sorted(found)


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
        for (root, consignment_id, _, _), owed in zip(rows, dues, strict=True)
        for currency, amount_minor in owed.items()
    ]
