"""What each rule of the law in force that keeps goods brought in the last month, counted now and then.

A prohibition that keeps goods costs somebody time as an officer's rule does: its hits, false holds and hours
of delay are told beside theirs, and one without hits for months asks whether it is needed.
"""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.database import Database
from serai.foundation.ids import first_id_at
from serai.foundation.queries import load_queries
from serai.journey.assessment.store import select_basis
from serai.law.book import LawBook
from serai.model.packed_columns import read_bits

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
Connection = AsyncConnection[Any]
COUNTED_DAYS: Final = 30
_EVERY: Final = dt.timedelta(minutes=50)


class LawRuleYield(NamedTuple):
    """What a rule of law brought from counted_from to counted_at. first_counted_at: since when its hits are
    looked for; last_hit_at: the newest; None: none yet. going_on_count: of the kept ones, those that go on
    by now. false_holds_count: nothing was found, or an officer released the goods without an examination.
    delay_s: how long goods were kept in all, seconds."""

    rule_id: str
    counted_from: dt.datetime
    counted_at: dt.datetime
    first_counted_at: dt.datetime
    last_hit_at: dt.datetime | None
    kept_count: int
    going_on_count: int
    examined_count: int
    found_count: int
    false_holds_count: int
    delay_s: int


class _Sums:
    """Sums of one rule over the sets of reasons that name it."""

    def __init__(self) -> None:
        self.counts = [0] * 6
        self.last_hit_at: dt.datetime | None = None

    def add(self, counts: Iterable[int], last_hit_at: dt.datetime) -> None:
        self.counts = [one + more for one, more in zip(self.counts, counts, strict=True)]
        self.last_hit_at = max(last_hit_at, self.last_hit_at or last_hit_at)


def keeping_rules(book: LawBook) -> frozenset[str]:
    """Return the rules of the law in force that keep goods from going on: reasons, what is required, what is
    forbidden or only let in with a document."""
    packs = [loaded.pack for loaded in book.packs.values()]
    return frozenset(
        [one.rule_id for pack in packs for one in pack.reasons if one.lane != "proceed"]
        + [one.rule_id for pack in packs for one in pack.requirements if one.lane != "proceed"]
        + [one.rule_id for pack in packs for one in pack.exclusions]
    )


async def count_law_rules(database: Database, administration_id: int, book: LawBook, at: dt.datetime) -> bool:
    """Count what each rule of law kept; says whether it was this process's turn."""
    key = {"administration_id": administration_id}
    from_at = at - dt.timedelta(days=COUNTED_DAYS)
    async with database.write() as connection:
        cursor = await connection.execute(QUERIES["take_turn"], {"before": at - _EVERY, **key})
        row = await cursor.fetchone()
        if row is None or not row[0]:
            return False
        since = {"from_at": from_at, "first_id": first_id_at(from_at)}
        cursor = await connection.execute(QUERIES["count_kept"], {"at": at, **since, **key})
        kept = await cursor.fetchall()
        bases = await select_basis(connection, sorted({one[0] for one in kept}))
        sums = {rule_id: _Sums() for rule_id in keeping_rules(book)}
        for basis_id, reasons, *counts, last_hit_at in kept:
            bits = read_bits(reasons)
            for place, rule_id in enumerate(bases[basis_id].reason_set):
                if bits >> place & 1 and rule_id in sums:
                    sums[rule_id].add(counts, last_hit_at)
        await _write(connection, sums, from_at=from_at, at=at, **key)
    return True


async def _write(connection: Connection, sums: dict[str, _Sums], **values: Any) -> None:
    rule_ids = sorted(sums)
    columns = ("kept_counts", "going_on_counts", "examined_counts", "found_counts", "false_holds_counts")
    lists = {
        name: [sums[one].counts[place] for one in rule_ids]
        for place, name in enumerate((*columns, "delays_s"))
    }
    last_hits_at = [sums[one].last_hit_at for one in rule_ids]
    await connection.execute(
        QUERIES["write_yields"], {"rule_ids": rule_ids, "last_hits_at": last_hits_at, **lists, **values}
    )


async def read_law_rule_yields(
    connection: Connection, at: dt.datetime, *, administration_id: int
) -> list[LawRuleYield]:
    """Return what each rule of law brought, those that kept most first."""
    cursor = await connection.execute(
        QUERIES["select_yields"], {"at": at, "administration_id": administration_id}
    )
    return [LawRuleYield(*row) for row in await cursor.fetchall()]
