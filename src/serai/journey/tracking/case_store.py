"""What events are seen beside: the cases that their keys and units lead to, and what was decided in these."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, smallints, texts
from serai.foundation.queries import load_queries
from serai.journey.documents.store import DOCUMENT_KINDS, kind_number
from serai.journey.tracking.store import HashedKey, halves_of, join_halves

QUERIES = load_queries(Path(__file__).with_name("case_store.sql"))

Connection = AsyncConnection[Any]

_WAYBILL_KIND = kind_number("transport-document")


class DecidedRow(msgspec.Struct, frozen=True):
    """A decision with what the world knows its consignment by. lane, status: places in LANES and STATUSES."""

    decision_id: int
    case_id: int
    lane: int
    status: int
    decided_at: dt.datetime
    supersedes: int | None
    house_document: str | None
    mrn: str


class ConsignmentOfCase(msgspec.Struct, frozen=True):
    """A consignment with its declarant and house document."""

    case_id: int
    consignment_id: int
    party_id: int
    house_document: str | None


class PartRow(msgspec.Struct, frozen=True):
    """A part of a party in a case: `waybill`, `sender` of a document that counts, or the role that a
    declaration names it in. document_id: of a waybill; 0: of no one document."""

    case_id: int
    part: str
    party_id: int
    document_id: int


async def cases_of_keys(
    connection: Connection, keys: Sequence[HashedKey], *, administration_id: int
) -> list[tuple[HashedKey, int, dt.datetime]]:
    """Return the case of each key that has one, and since when the key is in use; and each that claims the
    number though another holds it, since when that is known.
    """
    if not keys:
        return []
    cursor = await connection.execute(
        QUERIES["cases_of_keys"], {**halves_of(keys), "administration_id": administration_id}
    )
    return [(join_halves(*key), case_id, opened_at) for *key, case_id, opened_at in await cursor.fetchall()]


async def families_of_cases(connection: Connection, case_ids: Iterable[int]) -> dict[int, int]:
    """Return cases and what was merged into them: by case the one that answers for it."""
    cursor = await connection.execute(QUERIES["families_of_cases"], {"case_ids": bigints(sorted(case_ids))})
    return dict(await cursor.fetchall())


async def keys_of_cases(
    connection: Connection, case_ids: Iterable[int], *, administration_id: int
) -> list[tuple[int, HashedKey, dt.datetime]]:
    """Return the keys of cases: case, key, and since when it is in use."""
    rows = await _of_cases(connection, "keys_of_cases", case_ids, administration_id)
    return [(case_id, join_halves(*key), opened_at) for case_id, *key, opened_at in rows]


async def consignments_of_cases(
    connection: Connection, case_ids: Iterable[int], *, administration_id: int
) -> list[ConsignmentOfCase]:
    """Return the consignments of cases, in the order they were declared."""
    rows = await _of_cases(connection, "consignments_of_cases", case_ids, administration_id)
    return [ConsignmentOfCase(*row) for row in rows]


async def carriage_of_cases(
    connection: Connection, case_ids: Iterable[int], *, administration_id: int
) -> list[PartRow]:
    """Return who has a part in cases beside the declarant, and by what."""
    rows = await _of_cases(connection, "carriage_of_cases", case_ids, administration_id)
    return [PartRow(*row) for row in rows]


async def select_open(
    connection: Connection,
    families: Mapping[int, int],
    sender_ids: Iterable[int],
    *,
    viewer_id: int,
    administration_id: int,
    at: dt.datetime,
) -> dict[int, set[int]]:
    """Return whose words are open to a party, by case; by 0: of these senders, those by whose mandate in
    every case. families: by case the one that answers for it."""
    cursor = await connection.execute(
        QUERIES["select_open"],
        {
            "case_ids": bigints(list(families)),
            "root_ids": bigints(list(families.values())),
            "sender_ids": bigints(sorted(sender_ids)),
            "viewer_id": viewer_id,
            "kinds": list(DOCUMENT_KINDS),
            "administration_id": administration_id,
            "at": at,
        },
    )
    found: dict[int, set[int]] = defaultdict(set)
    for case_id, party_id in await cursor.fetchall():
        found[case_id].add(party_id)
    return found


async def units_of_cases(
    connection: Connection, case_ids: Iterable[int], *, administration_id: int
) -> list[tuple[int, str]]:
    """Return case and number of the transport units that the consignments of cases lie in."""
    rows = await _of_cases(connection, "units_of_cases", case_ids, administration_id)
    return [(case_id, number) for case_id, number in rows]


async def _of_cases(
    connection: Connection, query: str, case_ids: Iterable[int], administration_id: int
) -> list[Any]:
    parameters = {
        "case_ids": bigints(sorted(case_ids)),
        "administration_id": administration_id,
        "waybill_kind": _WAYBILL_KIND,
    }
    cursor = await connection.execute(QUERIES[query], parameters)
    return await cursor.fetchall()


async def cases_of_units(
    connection: Connection,
    numbers: Sequence[str],
    *,
    unit_kinds: Sequence[int],
    administration_id: int,
    limit: int,
) -> list[tuple[str, int]]:
    """Return number and case of what lies in transport units, each unit's first so many."""
    if not numbers:
        return []
    cursor = await connection.execute(
        QUERIES["cases_of_units"],
        {
            "numbers": texts(numbers),
            "unit_kinds": smallints(unit_kinds),
            "administration_id": administration_id,
            "limit": limit,
        },
    )
    return [(number, case_id) for number, case_id in await cursor.fetchall()]


async def kinds_of_units(
    connection: Connection, numbers: Sequence[str], *, administration_id: int
) -> dict[str, int]:
    """Return the kind of transport unit that each number is known as; of several the largest."""
    cursor = await connection.execute(
        QUERIES["kinds_of_units"],
        {
            "numbers": texts(numbers),
            "unit_kinds": smallints(range(1, 6)),
            "administration_id": administration_id,
        },
    )
    return dict(await cursor.fetchall())


async def select_parts(connection: Connection, pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those pairs of party and case in which the party has a part."""
    listed = sorted(set(pairs))
    if not listed:
        return set()
    cursor = await connection.execute(
        QUERIES["select_parts"],
        {
            "party_ids": bigints([party_id for party_id, _ in listed]),
            "case_ids": bigints([case_id for _, case_id in listed]),
        },
    )
    return {(party_id, case_id) for party_id, case_id in await cursor.fetchall()}


async def select_with_roles(
    connection: Connection, party_ids: Sequence[int], roles: Iterable[str], *, administration_id: int
) -> set[int]:
    """Return those parties that have one of the roles."""
    cursor = await connection.execute(
        QUERIES["select_with_roles"],
        {
            "party_ids": bigints(party_ids),
            "roles": texts(sorted(roles)),
            "administration_id": administration_id,
        },
    )
    return {party_id for (party_id,) in await cursor.fetchall()}


async def select_decided(
    connection: Connection, query: str, parameters: Mapping[str, Any]
) -> list[DecidedRow]:
    """Return decisions by one of the queries `decided_...`."""
    cursor = await connection.execute(QUERIES[query], parameters)
    return [DecidedRow(*row) for row in await cursor.fetchall()]
