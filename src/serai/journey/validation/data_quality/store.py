"""What the store keeps of data quality (days of declarants, sketches of what is usual, scores, disputes),
and the learner that brings what was seen to it now and then.
"""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.copying import Target, change
from serai.foundation.database import Database
from serai.foundation.queries import load_queries
from serai.journey.validation.data_quality.day_sums import DayRow
from serai.journey.validation.data_quality.reference_values import (
    MASS,
    PRICE,
    Key,
    ReferenceValues,
    Sketches,
    join_counted,
    keep_counted,
    sketch_items,
    spreads_of,
)
from serai.model.columns import Frame

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
_MEASURES: Final = (PRICE, MASS)
"""Places of measures as stored."""


async def add_days(
    target: Target, rows: Sequence[DayRow], *, administration_id: int, node_id: int, day_on: dt.date
) -> None:
    """Add to the days of declarants, in the batch's transaction."""
    if not rows:
        return
    columns = list(zip(*rows, strict=True))
    names = (
        "party_ids", "channels", "codes", "fields", "messages", "refused", "items", "persons", "lost",
        "asked", "rounds",
    )  # fmt: skip
    await change(
        target,
        QUERIES["add_days"],
        {"administration_id": administration_id, "node_id": node_id, "day_on": day_on}
        | {name: list(column) for name, column in zip(names, columns, strict=True)},
    )


async def add_reference_values(connection: Connection, sketches: Sketches, *, administration_id: int) -> None:
    """Add counted goods items to the sketches."""
    await connection.execute(
        QUERIES["add_reference_values"],
        {
            "administration_id": administration_id,
            "measures": [_MEASURES.index(key.measure) for key, _ in sketches],
            "headings": [key.heading for key, _ in sketches],
            "units": [key.unit_code for key, _ in sketches],
            "currencies": [key.currency_code for key, _ in sketches],
            "bins": [place for _, place in sketches],
            "counts": list(sketches.values()),
        },
    )


async def select_reference_values(
    connection: Connection, *, administration_id: int
) -> list[tuple[Key, int, int]]:
    """Return all sketches: key, bin, items."""
    cursor = await connection.execute(
        QUERIES["select_reference_values"], {"administration_id": administration_id}, prepare=False
    )
    return [
        (Key(_MEASURES[measure], heading, unit, currency), place, count)
        for measure, heading, unit, currency, place, count in await cursor.fetchall()
    ]


async def select_scores(
    connection: Connection, document_ids: Sequence[int], *, administration_id: int
) -> Mapping[int, tuple[int, int]]:
    """Return score and failed checks (bits) of messages that were scored."""
    cursor = await connection.execute(
        QUERIES["select_scores"],
        {"document_ids": list(document_ids), "administration_id": administration_id},
    )
    return {document_id: (score, bits) for document_id, score, bits in await cursor.fetchall()}


# ---- scorecards ----

Window = tuple[dt.date, dt.date]
"""First day, and first day after."""


class DaySum(msgspec.Struct, frozen=True):
    """A row of a declarant's day, its processes together; what the columns mean the migration says."""

    day_on: dt.date
    logistics_channel_code: str
    code: str
    field: str
    message_count: int
    refused_count: int
    item_count: int
    person_count: int
    lost_milli: int
    asked_points: int
    round_count: int


class DeclarantSum(msgspec.Struct, frozen=True):
    """A declarant in one channel over a window."""

    party_id: int
    name: str
    logistics_channel_code: str
    roles: list[str]
    message_count: int
    refused_count: int
    lost_milli: int
    asked_points: int
    item_count: int
    round_count: int


class DisputeRow(msgspec.Struct, frozen=True):
    """A dispute and its answer; is_upheld: None as long as nobody answered. statement_id, answer_id: under
    which the vault holds what was said. statement, answer: what was said before the vault held it."""

    dispute_id: int
    party_id: int
    code: str
    from_on: dt.date
    to_on: dt.date
    opened_at: dt.datetime
    is_upheld: bool | None = None
    answered_at: dt.datetime | None = None
    has_document: bool = False
    statement_id: int | None = None
    answer_id: int | None = None
    statement: str | None = None
    answer: str | None = None


async def select_days(
    connection: Connection, party_id: int, window: Window, *, administration_id: int
) -> list[DaySum]:
    """Return a declarant's days."""
    cursor = await connection.execute(
        QUERIES["select_days"],
        {
            "party_id": party_id,
            "from_on": window[0],
            "to_on": window[1],
            "administration_id": administration_id,
        },
    )
    return [DaySum(*row) for row in await cursor.fetchall()]


async def select_declarants(
    connection: Connection, window: Window, at: dt.datetime, *, administration_id: int
) -> list[DeclarantSum]:
    """Return every declarant of a window by channel, with the roles it has at an instant."""
    cursor = await connection.execute(
        QUERIES["select_parties"],
        {"from_on": window[0], "to_on": window[1], "at": at, "administration_id": administration_id},
    )
    return [DeclarantSum(*row) for row in await cursor.fetchall()]


async def select_name(connection: Connection, party_id: int, *, administration_id: int) -> str | None:
    """Return the name of a party; None where there is none."""
    cursor = await connection.execute(
        QUERIES["select_name"], {"party_id": party_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def insert_dispute(
    connection: Connection,
    *,
    administration_id: int,
    dispute_id: int,
    party_id: int,
    code: str,
    from_on: dt.date,
    to_on: dt.date,
    statement_id: int,
    has_document: bool,
    at: dt.datetime,
) -> None:
    """Record that a party disputes its score. has_document: it has sent one, which lies in the vault."""
    await connection.execute(
        QUERIES["insert_dispute"],
        {
            "dispute_id": dispute_id,
            "administration_id": administration_id,
            "party_id": party_id,
            "code": code,
            "from_on": from_on,
            "to_on": to_on,
            "statement_id": statement_id,
            "has_document": has_document,
            "at": at,
        },
    )


async def insert_dispute_answer(
    connection: Connection,
    *,
    administration_id: int,
    party_id: int,
    dispute_id: int,
    is_upheld: bool,
    statement_id: int,
    answered_by: str,
    at: dt.datetime,
) -> bool:
    """Record the answer; False where there is no such dispute or it was answered before."""
    cursor = await connection.execute(
        QUERIES["insert_dispute_answer"],
        {
            "dispute_id": dispute_id,
            "administration_id": administration_id,
            "party_id": party_id,
            "is_upheld": is_upheld,
            "statement_id": statement_id,
            "answered_by": answered_by,
            "at": at,
        },
    )
    return cursor.rowcount == 1


async def select_disputes(
    connection: Connection, party_id: int | None, *, administration_id: int
) -> list[DisputeRow]:
    """Return disputes, the newest first. party_id: None for those of all."""
    cursor = await connection.execute(
        QUERIES["select_disputes"], {"party_id": party_id, "administration_id": administration_id}
    )
    return [DisputeRow(*row) for row in await cursor.fetchall()]


_COUNTED_TOGETHER_COUNT_MIN = 2_000


@dataclass(slots=True)
class Learner:
    """What one process has seen and not stored yet, and what is usual by all that was stored.

    reference_values: replaced whole, never changed. A crash loses what was seen since the last bringing; a
    median does not feel it.
    """

    reference_values: ReferenceValues = field(default_factory=ReferenceValues.none)
    seen: Counter[tuple[Key, int]] = field(default_factory=Counter)
    waiting: list[Frame] = field(default_factory=list)

    async def see(self, items: Frame) -> None:
        """Remember accepted goods items. A few wait and are counted with those of later batches: counting
        costs more a batch than an item."""
        self.waiting.append(keep_counted(items))
        if sum(frame.row_count for frame in self.waiting) >= _COUNTED_TOGETHER_COUNT_MIN:
            await self._count()

    async def _count(self) -> None:
        waiting, self.waiting = self.waiting, []
        if waiting:
            self.seen.update(await asyncio.to_thread(sketch_items, join_counted(waiting)))

    async def learn(self, database: Database, administration_id: int) -> None:
        """Bring what was seen, and take up what all processes have. What could not be brought stays."""
        await self._count()
        seen, self.seen = self.seen, Counter()
        try:
            if seen:
                async with database.write() as connection:
                    await add_reference_values(connection, seen, administration_id=administration_id)
        except BaseException:
            self.seen.update(seen)
            raise
        async with database.read(administration_id) as connection:
            rows = await select_reference_values(connection, administration_id=administration_id)
        self.reference_values = await asyncio.to_thread(spreads_of, rows)
