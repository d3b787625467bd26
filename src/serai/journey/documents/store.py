"""Submissions and documents: what parties have sent, under their own references, in every version."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import Rows, bigints, texts
from serai.foundation.copying import COPIED_ROWS_COUNT_MIN, Target, copy_new, copy_table
from serai.foundation.queries import load_queries
from serai.foundation.recent_keys import RecentKeys
from serai.model.columns import Int64s
from serai.model.registration_number import read_id

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

DOCUMENT_KINDS = ("declaration", "order", "payment", "transport-document", "arrival", "return")
"""Numbers stored for kinds of document are places in this tuple, counted from 1."""


def kind_number(kind: str) -> int:
    """Return the stored number of a kind of document."""
    return DOCUMENT_KINDS.index(kind) + 1


class StoredSubmission(msgspec.Struct, frozen=True):
    """What is known under a party's reference: the newest version.

    first_id: of the first version: the id of a declaration's consignment, and of the case that the document
    began, which may have become another's since (`lock_roots`).
    """

    party_id: int
    reference: str
    version: int
    document_id: int
    first_id: int


RecentReferences = RecentKeys[tuple[int, bytes]]
"""References, each with its party."""


async def claim_submissions(
    connection: Connection,
    *,
    administration_id: int,
    kind: str,
    party_ids: Sequence[int],
    references: Sequence[str],
    document_ids: Sequence[int],
    recent: RecentReferences,
) -> set[int]:
    """Claim references in bulk; return the document ids that were the first under theirs. The claim holds
    others off until commit. recent: of this kind of document; those of a large batch are added.

    Sorted, so that two batches never wait for each other; of equal references in one batch the first line
    wins. What is known is told by the reference itself, as its party wrote it; a hash only finds it.
    """
    first: dict[tuple[int, bytes], int] = {}
    for place, name in enumerate(zip(party_ids, map(str.encode, references), strict=True)):
        first.setdefault(name, place)

    def rows(places: Sequence[int], behind: Sequence[int] | None = None) -> Rows:
        return arrow.table(
            party_id=arrow.int64([party_ids[place] for place in places]),
            document_id=arrow.int64([document_ids[place] for place in places]),
            administration_id=arrow.int16(np.full(len(places), administration_id)),
            kind=arrow.int16(np.full(len(places), kind_number(kind))),
            version=arrow.int16(np.full(len(places), 1)),
            place=arrow.int16(np.array(behind or [0] * len(places), dtype=np.int64)),
            reference=arrow.texts([references[place] for place in places]),
        )

    def named(places: Sequence[int]) -> dict[str, Any]:
        return {
            "administration_id": administration_id,
            "kind": kind,
            "party_ids": [party_ids[place] for place in places],
            "references": [references[place] for place in places],
        }

    async def unknown(places: Sequence[int]) -> list[int]:
        known = await select_submissions(connection, **named(places))
        return [place for place in places if (party_ids[place], references[place]) not in known]

    # As bytes, which is how the table's collation sorts.
    places = [first[name] for name in sorted(first)]
    claimed: set[int] = set()
    if len(places) >= COPIED_ROWS_COUNT_MIN:
        likely_known = recent.among(first.keys())
        recent.add(first.keys())
        held_back = {first[name] for name in likely_known}
        new = [place for place in places if place not in held_back]
        if await copy_new(connection, "submission", rows(new)):
            claimed.update(document_ids[place] for place in new)
            places = [place for place in places if place in held_back]
        # Some are there: what is new beside them is tried once more.
        if not places:
            return claimed
        places = await unknown(places)
        if len(places) >= COPIED_ROWS_COUNT_MIN and await copy_new(connection, "submission", rows(places)):
            return claimed.union(document_ids[place] for place in places)
    if places:
        claimed |= await _insert_submissions(connection, rows(places))
    # What was not claimed is there, or the index cannot tell it from another that is.
    while left := [place for place in places if document_ids[place] not in claimed]:
        places = await unknown(left)
        if not places:
            break
        cursor = await connection.execute(QUERIES["select_places"], _named(**named(places)))
        behind = [count for (count,) in await cursor.fetchall()]
        claimed |= await _insert_submissions(connection, rows(places, behind))
    return claimed


async def _insert_submissions(connection: Connection, batch: Rows) -> set[int]:
    columns = batch.arrays()
    cursor = await connection.execute(QUERIES["claim_submissions"], columns, binary=True)
    return {document_id for (document_id,) in await cursor.fetchall()}


async def select_submissions(
    connection: Connection,
    *,
    administration_id: int,
    kind: str,
    party_ids: Sequence[int],
    references: Sequence[str],
) -> dict[tuple[int, str], StoredSubmission]:
    """Return what is known under references."""
    cursor = await connection.execute(
        QUERIES["select_submissions"], _named(administration_id, kind, party_ids, references)
    )
    return _by_name([StoredSubmission(*row) for row in await cursor.fetchall()])


async def lock_submissions(
    connection: Connection,
    *,
    administration_id: int,
    kind: str,
    party_ids: Sequence[int],
    references: Sequence[str],
) -> dict[tuple[int, str], StoredSubmission]:
    """Lock what is known under references until commit, in sorted order; return it as it stands."""
    cursor = await connection.execute(
        QUERIES["lock_submissions"], _named(administration_id, kind, party_ids, references)
    )
    return _by_name([StoredSubmission(*row) for row in await cursor.fetchall()])


def _named(
    administration_id: int, kind: str, party_ids: Sequence[int], references: Sequence[str]
) -> dict[str, Any]:
    return {
        "administration_id": administration_id,
        "kind": kind_number(kind),
        "party_ids": bigints(party_ids),
        "references": texts(references),
    }


def _by_name(submissions: Sequence[StoredSubmission]) -> dict[tuple[int, str], StoredSubmission]:
    return {(one.party_id, one.reference): one for one in submissions}


async def raise_versions(
    connection: Connection,
    *,
    administration_id: int,
    kind: str,
    party_ids: Sequence[int],
    references: Sequence[str],
    document_ids: Sequence[int],
) -> None:
    """Put amendments, each of another reference, in the place of the newest versions, which are locked."""
    cursor = await connection.execute(
        QUERIES["raise_versions"],
        {
            **_named(administration_id, kind, party_ids, references),
            "document_ids": bigints(document_ids),
        },
    )
    assert cursor.rowcount == len(references), "what is amended was found and is locked"


async def insert_documents(
    target: Target,
    *,
    administration_id: int,
    kind: str,
    document_ids: Int64s,
    party_ids: Int64s,
    versions: Int64s,
    case_ids: Int64s,
    is_confirmed: Any,
    roles: Sequence[str],
    received_at_ms: int,
    person_roles: Int64s,
    first_person_ids: Int64s,
) -> None:
    """Append documents that are no declarations; those stand on their consignments."""
    count = len(document_ids)
    await copy_table(
        target,
        "supporting_document",
        arrow.table(
            document_id=arrow.int64(document_ids),
            administration_id=arrow.int16(np.full(count, administration_id)),
            party_id=arrow.int64(party_ids),
            kind=arrow.int16(np.full(count, kind_number(kind))),
            version=arrow.int16(versions),
            case_id=arrow.int64(case_ids),
            is_confirmed=arrow.flags(is_confirmed),
            role=arrow.texts(roles),
            received_at=arrow.instants(np.full(count, received_at_ms)),
            person_roles=arrow.int16(person_roles),
            first_person_id=arrow.int64(first_person_ids),
        ),
    )


class DocumentRow(msgspec.Struct, frozen=True):
    """One document of a case."""

    document_id: int
    party_id: int
    kind: int
    version: int
    is_confirmed: bool
    role: str
    received_at: Any
    person_roles: int
    first_person_id: int


async def select_documents_of_cases(
    connection: Connection, *, administration_id: int, case_ids: Sequence[int]
) -> list[DocumentRow]:
    """Return all documents of cases, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_documents_of_case"],
        {"administration_id": administration_id, "case_ids": bigints(case_ids)},
    )
    return [DocumentRow(*row) for row in await cursor.fetchall()]


async def select_reference_of_mrn(
    connection: Connection, mrn: str, *, party_id: int, administration_id: int
) -> str | None:
    """Return the reference of a party's declaration by its registration number, or None."""
    consignment_id = read_id(mrn)
    if consignment_id is None:
        return None
    cursor = await connection.execute(
        QUERIES["select_reference_of_mrn"],
        {
            "consignment_id": consignment_id,
            "mrn": mrn,
            "party_id": party_id,
            "administration_id": administration_id,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def select_people_of_document(
    connection: Connection, document_id: int, *, administration_id: int
) -> tuple[int, int] | None:
    """Return the person roles of a document (bits), the vault id of the first person; None: no document."""
    cursor = await connection.execute(
        QUERIES["select_people_of_document"],
        {"document_id": document_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else (int(row[0]), int(row[1] or 0))


async def set_withdrawn(
    connection: Connection, document_id: int, *, administration_id: int, act_id: int
) -> None:
    """Record by which act a document that is no declaration was withdrawn."""
    await connection.execute(
        QUERIES["set_withdrawn"],
        {"document_id": document_id, "administration_id": administration_id, "act_id": act_id},
    )


class StandingRow(msgspec.Struct, frozen=True):
    """How a document that is no declaration stands: the case it was put into, whether it counts there, which
    act withdrew it."""

    case_id: int
    is_confirmed: bool
    withdrawn_by: int | None


async def select_standings(
    connection: Connection, document_ids: Sequence[int], *, administration_id: int
) -> dict[int, StandingRow]:
    """Return how documents that are no declarations stand, by id; those kept no longer are left out."""
    cursor = await connection.execute(
        QUERIES["select_standings"],
        {"document_ids": bigints(document_ids), "administration_id": administration_id},
    )
    return {document_id: StandingRow(*row) for document_id, *row in await cursor.fetchall()}
