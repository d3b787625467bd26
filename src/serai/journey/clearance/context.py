"""What the store knows of a batch before it is decided: cases it meets, units it flies on, allowances
drawn."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.vault.pseudonyms import Pseudonymiser, Purpose
from serai.journey.advise import store as advise_store
from serai.journey.clearance.rows import Row
from serai.journey.follow import store as follow_store
from serai.journey.match import store as match_store
from serai.journey.match.rules import KEY_LIFE_DAYS, Candidate, Present, keys_of, may_join
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
) -> list[Row]:
    """Find the case of each new consignment; return the rows that joined one that was there before.

    All keys are claimed in sorted order; where a key belongs to a case already, the consignment joins if it
    may, else it stays alone and the key stays where it is.
    """
    texts = [keys_of(row.document) for row in rows]
    hashes = iter(pseudonymiser.pseudonyms(Purpose.MATCH, [t.encode() for keys in texts for _, t in keys]))
    keys_by_row = [[(kind, next(hashes)) for kind, _ in keys] for keys in texts]
    keys = [key for row_keys in keys_by_row for key in row_keys]
    if not keys:
        return []
    case_ids = [row.case_id for row, row_keys in zip(rows, keys_by_row, strict=True) for _ in row_keys]
    free = await match_store.claim_keys(
        connection, keys, case_ids, administration_id=administration_id, at=at
    )
    if len(free) == len(keys):
        return []
    taken: dict[match_store.Key, list[Row]] = defaultdict(list)
    for row, row_keys in zip(rows, keys_by_row, strict=True):
        for key in row_keys:
            if (*key, row.case_id) not in free:
                taken[key].append(row)
    return await _join_taken(connection, taken, administration_id=administration_id, at=at)


async def _join_taken(
    connection: Connection, taken: dict[match_store.Key, list[Row]], *, administration_id: int, at: datetime
) -> list[Row]:
    found = await match_store.select_keys(connection, list(taken), administration_id=administration_id)
    expired = [key for key, one in found.items() if one.opened_at < at - timedelta(days=KEY_LIFE_DAYS)]
    if expired:
        owners = [taken[key][0].case_id for key in expired]
        await match_store.take_over_keys(
            connection, expired, owners, administration_id=administration_id, at=at
        )
    wanted = {key: one.case_id for key, one in found.items() if key not in set(expired)}
    await match_store.lock_cases(connection, list(wanted.values()))
    presents = await read_presents(connection, list(wanted.values()), administration_id=administration_id)
    named = await _named_parties(
        connection, [row for rows in taken.values() for row in rows], administration_id
    )
    joined: dict[int, Row] = {}
    for key, case_id in sorted(wanted.items(), key=lambda item: item[1]):
        for row in taken[key]:
            if case_id == row.case_id or row.document_id in joined:
                continue
            candidate = Candidate(
                row.sender.party_id,
                "consignment",
                row.sender.roles,
                frozenset(named.get(row.document_id, ())),
            )
            present = presents.get(case_id, [])
            if case_id in {r.case_id for r in joined.values()} or may_join(candidate, present, ()):
                row.case_id = case_id
                mark_present(row, present)
                joined[row.document_id] = row
    return list(joined.values())


def mark_present(row: Row, present: Sequence[Present]) -> None:
    """Note which other documents of its case a consignment has."""
    kinds = {one.kind for one in present}
    row.has_order = "order" in kinds
    row.has_payment = "payment" in kinds
    row.has_transport_document = "transport-document" in kinds


async def read_presents(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, list[Present]]:
    """Return the confirmed documents of cases, with the roles of their senders."""
    cursor = await connection.execute(
        match_store.QUERIES["select_presents"],
        {"case_ids": sorted(set(case_ids)), "administration_id": administration_id},
    )
    presents: dict[int, list[Present]] = defaultdict(list)
    for case_id, party_id, kind, roles in await cursor.fetchall():
        presents[case_id].append(Present(party_id, advise_store.DOCUMENT_KINDS[kind - 1], frozenset(roles)))
    return presents


async def _named_parties(
    connection: Connection, rows: Sequence[Row], administration_id: int
) -> dict[int, list[int]]:
    """Return by document the registered parties its text names."""
    names = {row.document_id: named_identifiers(row.document) for row in rows}
    wanted = sorted({name for found in names.values() for name in found})
    if not wanted:
        return {}
    known = await match_store.select_identifiers(connection, wanted, administration_id=administration_id)
    return {
        document_id: [known[name] for name in found if name in known] for document_id, found in names.items()
    }


def named_identifiers(document: Consignment) -> list[str]:
    """Return the identifiers of other parties that a declaration names."""
    firms = (document.declarant, document.importer, document.seller, document.representative)
    identifiers = [one.party_identifier for one in firms if one is not None and one.party_identifier]
    return [name for name in (document.platform_id, document.seller_id, *identifiers) if name]


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
        if arrived:
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


def absent_or(values: Sequence[int | None], absent: int) -> Int64s:
    """Return a column in which None is `absent`."""
    return np.array([absent if value is None else value for value in values], dtype=np.int64)
