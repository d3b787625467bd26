"""What the store knows of a batch before it is decided: cases it meets, units it flies on, allowances
drawn."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.recent_keys import RecentKeys
from serai.foundation.vault.pseudonyms import Pseudonymiser
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import UnitRow
from serai.journey.consignments.transport_unit_tree import MASTER, MOVEMENT, RECEPTACLE, UnitKey, attach_units
from serai.journey.linking.link import IncomingDocument, link_documents
from serai.journey.matching.match_keys import Claims
from serai.journey.matching.rules import TWO_CARRIERS, TWO_DECLARANTS
from serai.journey.release import store as release_store
from serai.journey.release.store import Report
from serai.model.columns import Int64s

Connection = AsyncConnection[Any]


async def join_cases(
    connection: Connection,
    rows: Sequence[Row],
    pseudonymiser: Pseudonymiser,
    *,
    administration_id: int,
    at: datetime,
    claimed: Claims | None = None,
) -> set[int]:
    """Find the case of each consignment and what counts in it. claimed: as for `link_documents`.

    Returns cases with earlier consignments that have more documents than before.
    """
    incoming = [
        IncomingDocument(
            row.document_id,
            "declaration",
            row.sender.party_id,
            row.case_id,
            row.declaration,
            is_known=row.previous is not None,
        )
        for row in rows
    ]
    linked = await link_documents(
        connection, incoming, pseudonymiser, administration_id=administration_id, at=at, claimed=claimed
    )
    for row in rows:
        row.case_id = linked.case_ids[row.document_id]
    if linked.named or linked.kinds or linked.findings or any(row.previous is not None for row in rows):
        for row in rows:
            row.named = linked.named.get(row.document_id, ())
            mark_present(row, linked.kinds.get(row.case_id, _NOTHING))
            if row.document_id in linked.findings:
                row.advice = [*row.advice, *linked.findings[row.document_id]]
    # Else all are new and alone, as rows begin.
    return linked.gained


_NOTHING: frozenset[str] = frozenset()


def mark_present(row: Row, kinds: Collection[str]) -> None:
    """Note which other documents count in the case of a consignment."""
    row.has_order = "order" in kinds
    row.has_payment = "payment" in kinds
    row.has_transport_document = "transport-document" in kinds
    row.has_two_carriers = TWO_CARRIERS in kinds
    row.has_two_declarants = TWO_DECLARANTS in kinds


# ---- transport units ----


async def place_on_units(
    connection: Connection,
    rows: Sequence[Row],
    take_ids: Callable[[int], Int64s],
    *,
    recent: RecentKeys[UnitKey],
    administration_id: int,
    at: datetime,
) -> set[int]:
    """Hang each consignment on the lowest unit it names, and learn whether that unit has arrived. recent: as
    of `attach_units`. Returns those of these units on which an order may stand."""
    # Thousands of consignments name a few units: everything is done once for each chain of them.
    by_names: dict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    for row in rows:
        by_names[_UNITS_OF(row.declaration)].append(row)
    by_chain = [(_keys_of_chain(names), its_rows) for names, its_rows in by_names.items()]
    wanted: dict[UnitKey, datetime | None] = {}
    for keys, its_rows in by_chain:
        for key in keys:
            expected = its_rows[0].declaration.expected_arrival_at if key[0] == MOVEMENT else None
            if wanted.get(key) is None:
                wanted[key] = datetime.fromisoformat(expected) if expected else None
    if not wanted:
        return set()
    units = await attach_units(
        connection,
        [keys for keys, _ in by_chain],
        wanted,
        take_ids,
        recent=recent,
        administration_id=administration_id,
        at=at,
    )
    reports: list[Report] = []
    if noted := [one.transport_unit_id for one in units.values() if one.has_reports]:
        reports = await release_store.select_reports(connection, noted)
    reporters: Reporters = set()
    if reports:
        reporters = await release_store.select_carriers_of_cases(
            connection,
            sorted({row.case_id for row in rows if row.has_transport_document}),
            administration_id=administration_id,
        )
    has_arrived = bool(reports) or any(one.arrived_at is not None for one in units.values())
    for keys, its_rows in by_chain:
        if not keys:
            continue
        unit_id = units[keys[-1]].transport_unit_id
        for row in its_rows:
            row.unit_id = unit_id
        if has_arrived:
            _note_arrival(its_rows, [units[key] for key in keys], reports, reporters)
    if reports:
        empty = {row.unit_id for row in rows if row.unit_id is not None and row.arrived_at_ms is None}
        above = {
            unit.transport_unit_id
            for keys, its_rows in by_chain
            if any(row.unit_id in empty for row in its_rows)
            for unit in (units[key] for key in keys)
        }
        await release_store.note_not_landed(connection, sorted(above))
    return {
        units[keys[-1]].transport_unit_id
        for keys, _ in by_chain
        if any(units[key].has_orders for key in keys)
    }


Reporters = set[tuple[int, int]]
"""Case and party of transport documents that count."""


def _note_arrival(
    rows: Sequence[Row], chain: Sequence[UnitRow], reports: Sequence[Report], reporters: Reporters
) -> None:
    """Note that what is filed has arrived: as an officer has said, or a party that has a part in it."""
    by_officer = [unit.arrived_at for unit in chain if unit.arrived_at is not None]
    above = {unit.transport_unit_id for unit in chain}
    its_reports = [one for one in reports if one.unit_id in above]
    if not by_officer and not its_reports:
        return
    for row in rows:
        carriers = {party_id for role, party_id in row.named if role == "carrier"}
        arrived = by_officer + [
            one.arrived_at
            for one in its_reports
            if one.party_id == row.sender.party_id
            or one.party_id in carriers
            or (row.case_id, one.party_id) in reporters
        ]
        if arrived and row.arrived_at_ms is None:
            row.arrived_at_ms = int(min(arrived).timestamp() * 1000)


_UNITS_OF = attrgetter("conveyance_reference", "master_document", "receptacle_id")
_UNIT_KINDS = (MOVEMENT, MASTER, RECEPTACLE)


def _keys_of_chain(names: tuple[str | None, ...]) -> list[UnitKey]:
    """Return kind and number of the units of a chain, the largest first."""
    return [(kind, name) for kind, name in zip(_UNIT_KINDS, names, strict=True) if name]
