"""What the store knows of a batch before it is decided: cases it meets, units it flies on, allowances
drawn."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.clearance.meeting import Claims, Comer, meet
from serai.journey.clearance.rows import Row
from serai.journey.clearance.unit_tree import MASTER, MOVEMENT, RECEPTACLE, UnitKey, hang_units
from serai.journey.follow.store import UnitRow
from serai.model.columns import Int64s

Connection = AsyncConnection[Any]


async def join_cases(
    connection: Connection,
    rows: Sequence[Row],
    pseudonymiser: Pseudonymiser,
    *,
    administration_id: int,
    at: datetime,
    claimed: Claims = frozenset(),
) -> set[int]:
    """Find the case of each consignment and what counts in it. claimed: as for `meet`.

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
    meeting = await meet(
        connection, comers, pseudonymiser, administration_id=administration_id, at=at, claimed=claimed
    )
    for row in rows:
        row.case_id = meeting.case_ids[row.document_id]
        mark_present(row, meeting.kinds.get(row.case_id, _NOTHING))
        if row.document_id in meeting.findings:
            row.advice = [*row.advice, *meeting.findings[row.document_id]]
    return meeting.gained


_NOTHING: frozenset[str] = frozenset()


def mark_present(row: Row, kinds: Collection[str]) -> None:
    """Note which other documents count in the case of a consignment."""
    row.has_order = "order" in kinds
    row.has_payment = "payment" in kinds
    row.has_transport_document = "transport-document" in kinds


# ---- transport units ----


async def place_on_units(
    connection: Connection,
    rows: Sequence[Row],
    take_ids: Callable[[int], Int64s],
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Hang each consignment on the lowest unit it names, and learn whether that unit has arrived."""
    # Thousands of consignments name a few units: everything is done once for each chain of them.
    by_chain: dict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    for row in rows:
        by_chain[_UNITS_OF(row.document)].append(row)
    wanted: dict[UnitKey, datetime | None] = {}
    for names, its_rows in by_chain.items():
        for key in _keys_of_chain(names):
            expected = its_rows[0].document.expected_arrival_at if key[0] == MOVEMENT else None
            if wanted.get(key) is None:
                wanted[key] = datetime.fromisoformat(expected) if expected else None
    if not wanted:
        return
    units = await hang_units(
        connection,
        [_keys_of_chain(names) for names in by_chain],
        wanted,
        take_ids,
        administration_id=administration_id,
        at=at,
    )
    for names, its_rows in by_chain.items():
        chain = [units[key] for key in _keys_of_chain(names)]
        if not chain:
            continue
        for row in its_rows:
            row.unit_id = chain[-1].transport_unit_id
        if any(unit.arrived_at is not None or unit.claimed_by is not None for unit in chain):
            _note_arrival(its_rows, chain)


def _note_arrival(rows: Sequence[Row], chain: Sequence[UnitRow]) -> None:
    reported = [unit.arrived_at for unit in chain if unit.arrived_at is not None]
    for row in rows:
        # An arrival reported before anything was filed counts for what its reporter files.
        own = [unit.claimed_at for unit in chain if unit.claimed_by == row.sender.party_id]
        arrived = [instant for instant in (*reported, *own) if instant is not None]
        if arrived and row.arrived_at_ms is None:
            row.arrived_at_ms = int(min(arrived).timestamp() * 1000)


_UNITS_OF = attrgetter("movement_id", "master_document", "receptacle_id")
_UNIT_KINDS = (MOVEMENT, MASTER, RECEPTACLE)


def _keys_of_chain(names: tuple[str | None, ...]) -> list[UnitKey]:
    """Return kind and number of the units of a chain, the largest first."""
    return [(kind, name) for kind, name in zip(_UNIT_KINDS, names, strict=True) if name]
