"""Proofs in the store."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class ProofRow(msgspec.Struct, frozen=True):
    """A proof that was given out. list_index: in the status lists, all in a row. status: of the draft."""

    proof_id: int
    list_index: int
    case_id: int
    consignment_id: int
    issued_at: dt.datetime
    changed_at: dt.datetime
    status: int
    token: str


async def insert_proof(
    connection: Connection,
    *,
    proof_id: int,
    case_id: int,
    consignment_id: int,
    at: dt.datetime,
    administration_id: int,
) -> int | None:
    """Take a place in the status lists for a consignment's proof; None: it has one."""
    cursor = await connection.execute(
        QUERIES["insert_proof"].encode(),
        {
            "proof_id": proof_id,
            "case_id": case_id,
            "consignment_id": consignment_id,
            "at": at,
            "administration_id": administration_id,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def set_token(connection: Connection, proof_id: int, token: str, *, administration_id: int) -> None:
    """Write down a proof that was signed."""
    await connection.execute(
        QUERIES["set_token"].encode(),
        {"proof_id": proof_id, "token": token, "administration_id": administration_id},
    )


async def select_proof(
    connection: Connection, consignment_id: int, *, administration_id: int
) -> ProofRow | None:
    """Return the proof of a consignment."""
    async with connection.cursor(row_factory=class_row(ProofRow)) as cursor:
        await cursor.execute(
            QUERIES["select_proof"].encode(),
            {"consignment_id": consignment_id, "administration_id": administration_id},
        )
        return await cursor.fetchone()


async def set_status(
    connection: Connection, consignment_id: int, status: int, *, at: dt.datetime, administration_id: int
) -> bool:
    """Give a proof another status; False: it has it, or there is none."""
    cursor = await connection.execute(
        QUERIES["set_status"].encode(),
        {
            "consignment_id": consignment_id,
            "status": status,
            "at": at,
            "administration_id": administration_id,
        },
    )
    return cursor.rowcount > 0


async def select_statuses(
    connection: Connection, begin: int, end: int, *, administration_id: int
) -> list[tuple[int, int, dt.datetime]]:
    """Return index, status and last change of the proofs of a list."""
    cursor = await connection.execute(
        QUERIES["select_statuses"].encode(),
        {"begin": begin, "end": end, "administration_id": administration_id},
    )
    return await cursor.fetchall()
