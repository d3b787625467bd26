"""What waiting documents are like, and who is like them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import bigints
from serai.foundation.copying import copy_table
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("linkage_features_store.sql"))

Connection = AsyncConnection[Any]


class LinkageFeature(NamedTuple):
    """By what a document is found: its number's signs, hashed; and the number plainly, hashed. Both propose;
    the documents themselves are compared."""

    key_hash: int
    plain_hash: int


class CandidateDocument(NamedTuple):
    """A document that has a likeness."""

    document_id: int
    case_id: int
    plain_hash: int


async def insert_linkage_features(
    connection: Connection,
    rows: Sequence[tuple[LinkageFeature, int, int]],
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Let waiting documents be found by what they are like: likeness, document and case of each."""
    table = np.array([(*linkage_feature, *ids) for linkage_feature, *ids in rows], dtype=np.int64).reshape(
        -1, 4
    )
    await copy_table(
        connection,
        "linkage_feature",
        arrow.table(
            key_hash=arrow.int64(table[:, 0]),
            plain_hash=arrow.int64(table[:, 1]),
            document_id=arrow.int64(table[:, 2]),
            case_id=arrow.int64(table[:, 3]),
            added_at=arrow.instants(np.full(len(table), int(at.timestamp() * 1000))),
            administration_id=arrow.int16(np.full(len(table), administration_id)),
        ),
    )


async def is_anybody_waiting(connection: Connection, *, administration_id: int) -> bool:
    """Say whether any document can be found by what it is like."""
    cursor = await connection.execute(QUERIES["is_anybody_waiting"], {"administration_id": administration_id})
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def select_candidates_for(
    connection: Connection, key_hashes: Sequence[int], *, count_max: int, administration_id: int, since: Any
) -> dict[int, list[CandidateDocument]]:
    """Return the documents that have a likeness, by the hash of its signs; what more than `count_max` have
    tells nothing and is left out."""
    cursor = await connection.execute(
        QUERIES["select_candidates_for"],
        {
            "key_hashes": bigints(key_hashes),
            "count_max": count_max + 1,
            "administration_id": administration_id,
            "since": since,
        },
        binary=True,
    )
    found: dict[int, list[CandidateDocument]] = {}
    for key_hash, *rest in await cursor.fetchall():
        found.setdefault(key_hash, []).append(CandidateDocument(*rest))
    return {key_hash: its for key_hash, its in found.items() if len(its) <= count_max}


class WaitingSupportingDocument(msgspec.Struct, frozen=True):
    """An order, payment or transport document that counts nowhere yet. declarant_ids: who is to declare, by
    its word."""

    document_id: int
    party_id: int
    kind: int
    case_id: int
    person_roles: int
    first_person_id: int
    declarant_ids: list[int]


async def select_waiting_supporting_documents(
    connection: Connection, document_ids: Sequence[int], *, administration_id: int
) -> list[WaitingSupportingDocument]:
    """Return those of documents that still wait."""
    cursor = await connection.execute(
        QUERIES["select_waiting_supporting_documents"],
        {"document_ids": bigints(document_ids), "administration_id": administration_id},
    )
    return [WaitingSupportingDocument(*row) for row in await cursor.fetchall()]
