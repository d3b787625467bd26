"""What waiting documents are like, who is like them, and pairs that are offered to a person."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, blobs
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("likeness_store.sql"))

Connection = AsyncConnection[Any]


class Likeness(NamedTuple):
    """By what a document is found: its number's signs, hashed; and the number plainly, hashed."""

    key_hash: bytes
    plain_hash: int


class Alike(NamedTuple):
    """A document that has a likeness. plain_hash: None of one that was kept before it was asked for."""

    document_id: int
    case_id: int
    plain_hash: int | None


async def insert_likeness(
    connection: Connection,
    rows: Sequence[tuple[Likeness, int, int]],
    *,
    administration_id: int,
    at: Any,
) -> None:
    """Let waiting documents be found by what they are like: likeness, document and case of each."""
    await connection.execute(
        QUERIES["insert_likeness"],
        {
            "administration_id": administration_id,
            "key_hashes": blobs([likeness.key_hash for likeness, _, _ in rows]),
            "plain_hashes": bigints([likeness.plain_hash for likeness, _, _ in rows]),
            "document_ids": bigints([document_id for _, document_id, _ in rows]),
            "case_ids": bigints([case_id for _, _, case_id in rows]),
            "at": at,
        },
    )


async def is_anybody_waiting(connection: Connection, *, administration_id: int) -> bool:
    """Say whether any document can be found by what it is like."""
    cursor = await connection.execute(QUERIES["is_anybody_waiting"], {"administration_id": administration_id})
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def select_alike(
    connection: Connection, key_hashes: Sequence[bytes], *, count_max: int, administration_id: int, since: Any
) -> dict[bytes, list[Alike]]:
    """Return the documents that have a likeness, by the hash of its signs; what more than `count_max` have
    tells nothing and is left out."""
    cursor = await connection.execute(
        QUERIES["select_alike"],
        {
            "key_hashes": blobs(key_hashes),
            "count_max": count_max + 1,
            "administration_id": administration_id,
            "since": since,
        },
        binary=True,
    )
    found: dict[bytes, list[Alike]] = {}
    for key_hash, *rest in await cursor.fetchall():
        found.setdefault(bytes(key_hash), []).append(Alike(*rest))
    return {key_hash: its for key_hash, its in found.items() if len(its) <= count_max}


class WaitingPaper(msgspec.Struct, frozen=True):
    """An order, payment or transport document that counts nowhere yet."""

    document_id: int
    party_id: int
    kind: int
    case_id: int
    person_roles: int
    first_person_id: int


async def select_waiting_papers(
    connection: Connection, document_ids: Sequence[int], *, administration_id: int
) -> list[WaitingPaper]:
    """Return those of documents that still wait."""
    cursor = await connection.execute(
        QUERIES["select_waiting_papers"],
        {"document_ids": bigints(document_ids), "administration_id": administration_id},
    )
    return [WaitingPaper(*row) for row in await cursor.fetchall()]


async def insert_possible(
    connection: Connection,
    rows: Sequence[tuple[int, int, int, int]],
    *,
    administration_id: int,
    at: Any,
) -> None:
    """Offer pairs of cases to a person: case, other case, document and score of each."""
    case_ids, others, document_ids, scores = (bigints([row[place] for row in rows]) for place in range(4))
    await connection.execute(
        QUERIES["insert_possible"],
        {
            "administration_id": administration_id,
            "case_ids": case_ids,
            "other_case_ids": others,
            "document_ids": document_ids,
            "scores_ppm": scores,
            "at": at,
        },
    )
