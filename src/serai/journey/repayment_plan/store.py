"""Plans of repayment in the store, and what they are worked out from, copied out as files."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.queries import load_queries
from serai.journey.recording.bearing import BEARING
from serai.model.ledger import KIND_PLACES, PHASES, POSTING_KINDS

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class StoredPlan(msgspec.Struct, frozen=True):
    """A plan as stored. terms, totals: as `Terms` and `Totals` are written. lines_hash, orders_hash: SHA-256
    of its files. approved_at: None: nobody has approved it yet. lines_written_count, orders_written_count:
    how far it was carried out."""

    plan_id: int
    made_at: datetime
    made_by: str
    title: str
    terms: dict[str, Any]
    totals: dict[str, Any]
    orders_count: int
    lines_count: int
    lines_hash: bytes
    orders_hash: bytes
    approved_at: datetime | None = None
    begun_at: datetime | None = None
    lines_written_count: int = 0
    orders_written_count: int = 0
    finished_at: datetime | None = None


async def unlimit_time(connection: Connection) -> None:
    """Let this transaction take as long as it does."""
    await connection.execute(QUERIES["unlimit_time"])


async def copy_allocated(
    connection: Connection, to: Path, tax_type_code: str, *, administration_id: int
) -> None:
    """Write what payments took off charges of a tax type: CSV without a heading."""
    given = {"administration_id": administration_id, "tax_type_code": tax_type_code}
    await _copy(connection, "copy_allocated", given, to)


async def copy_acts(
    connection: Connection, to: Path, kinds: Sequence[str], *, administration_id: int
) -> None:
    """Write the acts of some kinds: CSV without a heading."""
    await _copy(connection, "copy_acts", {"administration_id": administration_id, "kinds": list(kinds)}, to)


async def copy_bearings(connection: Connection, to: Path, *, administration_id: int) -> None:
    """Write who bore payments: CSV without a heading."""
    await _copy(connection, "copy_bearings", {"administration_id": administration_id, "kind": BEARING}, to)


async def copy_repaid(
    connection: Connection, to: Path, tax_type_code: str, *, administration_id: int
) -> None:
    """Write what went back of charges of a tax type before: CSV without a heading."""
    given = {"administration_id": administration_id, "tax_type_code": tax_type_code}
    await _copy(connection, "copy_repaid", given, to)


async def _copy(connection: Connection, query: str, given: dict[str, Any], to: Path) -> None:
    async with connection.cursor() as cursor:
        with to.open("wb") as file:
            async with cursor.copy(QUERIES[query], given) as copy:
                async for block in copy:
                    file.write(block)


async def sum_revenue(
    connection: Connection, kinds: Sequence[int], tax_type_code: str, *, administration_id: int
) -> dict[tuple[str, str, str], int]:
    """Return what was assessed of a tax type as the books have it, by country, currency and phase. kinds:
    places of the accounts that it is credited to."""
    cursor = await connection.execute(
        QUERIES["sum_revenue"],
        {
            "administration_id": administration_id,
            "kinds": list(kinds),
            "tax_type_code": tax_type_code,
            "posting_kind": POSTING_KINDS.index("assessed"),
        },
    )
    return {
        (country, currency, PHASES[phase]): int(amount)
        for country, currency, phase, amount in await cursor.fetchall()
    }


async def sum_paid(connection: Connection, tax_type_code: str, *, administration_id: int) -> dict[str, int]:
    """Return what payments took off what is owed of a tax type as the books have it, by currency."""
    cursor = await connection.execute(
        QUERIES["sum_paid"],
        {
            "administration_id": administration_id,
            "kind": KIND_PLACES["amounts-payable"],
            "tax_type_code": tax_type_code,
            "posting_kind": POSTING_KINDS.index("payment"),
        },
    )
    return {currency: int(amount) for currency, amount in await cursor.fetchall()}


async def insert_plan(connection: Connection, plan: StoredPlan, *, administration_id: int) -> None:
    """Record a plan."""
    given = msgspec.structs.asdict(plan) | {
        "administration_id": administration_id,
        "terms": msgspec.json.encode(plan.terms).decode(),
        "totals": msgspec.json.encode(plan.totals).decode(),
    }
    await connection.execute(QUERIES["insert_plan"], given)


async def select_plan(connection: Connection, plan_id: int, *, administration_id: int) -> StoredPlan | None:
    """Return a plan."""
    return await _one(connection, "select_plan", plan_id=plan_id, administration_id=administration_id)


async def lock_plan(connection: Connection, plan_id: int, *, administration_id: int) -> StoredPlan | None:
    """Return a plan, held to the end of the transaction."""
    return await _one(connection, "lock_plan", plan_id=plan_id, administration_id=administration_id)


async def select_plans(
    connection: Connection, *, before_id: int, limit: int, administration_id: int
) -> list[StoredPlan]:
    """Return plans, the newest first."""
    async with connection.cursor(row_factory=class_row(StoredPlan)) as cursor:
        await cursor.execute(
            QUERIES["select_plans"],
            {"before_id": before_id, "limit": limit, "administration_id": administration_id},
        )
        return await cursor.fetchall()


async def select_unfinished(connection: Connection, *, beside: int, administration_id: int) -> int | None:
    """Return a plan that was begun and is not finished, beside one; None: there is none."""
    cursor = await connection.execute(
        QUERIES["select_unfinished"], {"plan_id": beside, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def select_changed(connection: Connection, plan: StoredPlan, *, administration_id: int) -> list[int]:
    """Return consignments of whose charges something was taken back or repaid since a plan was made."""
    cursor = await connection.execute(
        QUERIES["select_changed"],
        {
            "plan_id": plan.plan_id,
            "made_at": plan.made_at,
            "tax_type_code": plan.terms["annulled"]["tax_type_code"],
            "administration_id": administration_id,
        },
    )
    return [row[0] for row in await cursor.fetchall()]


async def approve_plan(connection: Connection, plan_id: int, *, at: datetime, administration_id: int) -> None:
    """Note that a second person has approved a plan."""
    await connection.execute(
        QUERIES["approve_plan"],
        {"plan_id": plan_id, "at": at, "administration_id": administration_id},
    )


async def note_progress(
    connection: Connection,
    plan_id: int,
    *,
    lines_written_count: int,
    orders_written_count: int,
    finished_at: datetime | None,
    at: datetime,
    administration_id: int,
) -> None:
    """Note how far a locked plan was carried out."""
    await connection.execute(
        QUERIES["note_progress"],
        {
            "plan_id": plan_id,
            "lines_written_count": lines_written_count,
            "orders_written_count": orders_written_count,
            "finished_at": finished_at,
            "at": at,
            "administration_id": administration_id,
        },
    )


async def _one(connection: Connection, query: str, **given: Any) -> StoredPlan | None:
    async with connection.cursor(row_factory=class_row(StoredPlan)) as cursor:
        await cursor.execute(QUERIES[query], given)
        return await cursor.fetchone()
