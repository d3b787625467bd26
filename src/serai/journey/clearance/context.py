"""What the store knows of a batch before it is decided: cases it meets, units it flies on, allowances
drawn."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.clearance.meeting import Comer, meet
from serai.journey.clearance.rows import Row
from serai.journey.follow import store as follow_store
from serai.model.columns import Int64s
from serai.model.documents import Consignment

Connection = AsyncConnection[Any]


async def join_cases(
    connection: Connection,
    rows: Sequence[Row],
    pseudonymiser: Pseudonymiser,
    *,
    administration_id: int,
    at: datetime,
) -> set[int]:
    """Find the case of each consignment and what counts in it.

    Returns cases with earlier consignments that have more documents than before.
    """
    comers = [
        Comer(
            row.document_id,
            "consignment",
            row.sender.party_id,
            row.sender.roles,
            row.case_id,
            row.document,
            is_known=row.previous is not None,
        )
        for row in rows
    ]
    meeting = await meet(connection, comers, pseudonymiser, administration_id=administration_id, at=at)
    for row in rows:
        row.case_id = meeting.case_ids[row.document_id]
        mark_present(row, meeting.kinds.get(row.case_id, _NOTHING))
    return meeting.gained


_NOTHING: frozenset[str] = frozenset()


def mark_present(row: Row, kinds: Collection[str]) -> None:
    """Note which other documents count in the case of a consignment."""
    row.has_order = "order" in kinds
    row.has_payment = "payment" in kinds
    row.has_transport_document = "transport-document" in kinds


# ---- transport units ----

_MOVEMENT, _MASTER, _RECEPTACLE = 1, 2, 4


async def place_on_units(
    connection: Connection,
    rows: Sequence[Row],
    take_ids: Callable[[int], Int64s],
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Hang each consignment on the lowest unit it names, and learn whether that unit has arrived."""
    wanted: dict[tuple[int, str], datetime | None] = {}
    for row in rows:
        for key in _units_of(row.document):
            expected = row.document.expected_arrival_at if key[0] == _MOVEMENT else None
            if wanted.get(key) is None:
                wanted[key] = datetime.fromisoformat(expected) if expected else None
    if not wanted:
        return
    keys = sorted(wanted)
    units = await follow_store.upsert_units(
        connection,
        administration_id=administration_id,
        unit_ids=take_ids(len(keys)).tolist(),
        kinds=[kind for kind, _ in keys],
        numbers=[number for _, number in keys],
        arrivals=[wanted[key] for key in keys],
        at=at,
    )
    parents: dict[int, int] = {}
    for row in rows:
        chain = [units[key] for key in _units_of(row.document)]
        if not chain:
            continue
        row.unit_id = chain[-1].transport_unit_id
        arrived = [unit.arrived_at for unit in chain if unit.arrived_at is not None]
        # An arrival reported before anything was filed counts for what its reporter files.
        arrived += [unit.claimed_at for unit in chain if unit.claimed_by == row.sender.party_id]
        if arrived and row.arrived_at_ms is None:
            row.arrived_at_ms = int(min(arrived).timestamp() * 1000)
        for upper, lower in pairwise(chain):
            if lower.parent_id is None:
                parents[lower.transport_unit_id] = upper.transport_unit_id
    if parents:
        await follow_store.set_parents(connection, parents)


def _units_of(document: Consignment) -> list[tuple[int, str]]:
    """Return the units a declaration names, the largest first."""
    named = (
        (_MOVEMENT, document.movement_id),
        (_MASTER, document.master_document),
        (_RECEPTACLE, document.receptacle_id),
    )
    return [(kind, number) for kind, number in named if number]
