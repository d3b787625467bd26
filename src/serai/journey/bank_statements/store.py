"""What was read of bank statements, and what came of each movement."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.formats.iso20022.sequence import SequencePoint
from serai.foundation.queries import load_queries
from serai.journey.bank_statements.matching import Found, Outcome

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class Booked(NamedTuple):
    """A movement and what came of it. act_id, case_id: of what it paid."""

    found: Found
    outcome: Outcome
    case_id: int | None
    act_id: int | None


class Unmatched(msgspec.Struct, frozen=True):
    """A movement that paid nothing. statement, pointer: where the bank tells of it."""

    movement_id: int
    account_number: str
    statement: str
    pointer: str
    booked_on: date | None
    amount_minor: int
    currency_code: str
    creditor_reference: str
    outcome: Outcome


async def lock_account(
    connection: Connection, number: str, *, at: datetime, administration_id: int
) -> SequencePoint | None:
    """Hold an account to the end of the transaction; return how far it has been read. None: not at all."""
    cursor = await connection.execute(
        QUERIES["lock_account"], {"number": number, "at": at, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    assert row is not None, "it is made where it is not there"
    return msgspec.convert(row[0], SequencePoint | None)


async def update_account(
    connection: Connection, number: str, point: SequencePoint, *, at: datetime, administration_id: int
) -> None:
    """Note how far an account has been read."""
    await connection.execute(
        QUERIES["update_account"],
        {
            "number": number,
            "point": msgspec.json.encode(point).decode(),
            "at": at,
            "administration_id": administration_id,
        },
    )


async def select_known(
    connection: Connection, keys: Sequence[bytes], *, administration_id: int
) -> frozenset[bytes]:
    """Return which movements are there already."""
    cursor = await connection.execute(
        QUERIES["select_known"], {"keys": list(keys), "administration_id": administration_id}
    )
    return frozenset(bytes(key) for (key,) in await cursor.fetchall())


async def insert_movements(
    connection: Connection,
    booked: Sequence[Booked],
    movement_ids: Sequence[int],
    *,
    account_number: str,
    statement: str,
    at: datetime,
    administration_id: int,
) -> None:
    """Keep movements and what came of them."""
    found = [one.found for one in booked]
    await connection.execute(
        QUERIES["insert_movements"],
        {
            "administration_id": administration_id,
            "account_number": account_number,
            "statement": statement,
            "at": at,
            "keys": [one.movement.key for one in found],
            "movement_ids": list(movement_ids),
            "act_ids": [one.act_id for one in booked],
            "case_ids": [one.case_id for one in booked],
            "amounts": [one.amount_minor for one in found],
            "days": [one.booked_on for one in found],
            "outcomes": [one.outcome for one in booked],
            "currencies": [one.movement.transaction.currency_code for one in found],
            "references": [one.reference for one in found],
            "pointers": [one.movement.transaction.pointer for one in found],
        },
    )


async def select_act_of_reference(
    connection: Connection, reference: str, amount_minor: int, *, account_number: str, administration_id: int
) -> tuple[int, int] | None:
    """Return act and case of the newest payment of an amount under a reference."""
    cursor = await connection.execute(
        QUERIES["select_act_of_reference"],
        {
            "reference": reference,
            "amount_minor": amount_minor,
            "account_number": account_number,
            "administration_id": administration_id,
        },
    )
    return await cursor.fetchone()


async def select_unmatched(
    connection: Connection, *, after_id: int, limit: int, administration_id: int
) -> list[Unmatched]:
    """Return movements that paid nothing, in the order in which they came."""
    cursor = await connection.execute(
        QUERIES["select_unmatched"],
        {"after_id": after_id, "limit": limit, "administration_id": administration_id},
    )
    return [Unmatched(*row) for row in await cursor.fetchall()]


class Waiting(NamedTuple):
    """A movement as it is held. act_id, case_id: of what it paid; None: nothing yet."""

    movement_key: bytes
    act_id: int | None
    case_id: int | None
    amount_minor: int
    currency_code: str
    account_number: str
    outcome: Outcome


async def lock_movement(
    connection: Connection, movement_id: int, *, administration_id: int
) -> Waiting | None:
    """Return a movement, held to the end of the transaction."""
    cursor = await connection.execute(
        QUERIES["lock_movement"], {"movement_id": movement_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else Waiting(bytes(row[0]), *row[1:])


async def match_movement(
    connection: Connection, movement_id: int, *, act_id: int, case_id: int, administration_id: int
) -> None:
    """Note what a held movement paid."""
    await connection.execute(
        QUERIES["match_movement"],
        {
            "movement_id": movement_id,
            "act_id": act_id,
            "case_id": case_id,
            "administration_id": administration_id,
        },
    )
