"""Guarantees in the store, and what of them is in use."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
GuaranteeKind = Literal["individual", "comprehensive", "waiver"]
"""For one operation, for any number of them (UCC 89(5)), or for any number without a guarantor (95(2))."""


class Guarantee(msgspec.Struct, frozen=True, kw_only=True):
    """A guarantee as stored. party_id: whose amounts it secures. number: the guarantee reference number.
    guarantor: who pays if that party does not; "" of a waiver. reference_amount_minor, used_minor: in all,
    and in use now, minor units. valid_to: the first instant out of force; None: open."""

    guarantee_id: int
    party_id: int
    number: str
    kind: GuaranteeKind
    guarantor: str
    currency_code: str
    reference_amount_minor: int
    valid_from: datetime
    valid_to: datetime | None
    registered_at: datetime
    revoked_at: datetime | None = None
    used_minor: int = 0

    @property
    def available_minor(self) -> int:
        """What is not in use."""
        return self.reference_amount_minor - self.used_minor

    def is_in_force(self, at: datetime) -> bool:
        """Say whether anything may be secured with it."""
        return (
            self.valid_from <= at
            and (self.valid_to is None or at < self.valid_to)
            and self.revoked_at is None
        )


def _guarantee(row: Sequence[Any]) -> Guarantee:
    names = (
        *("guarantee_id", "party_id", "number", "kind", "guarantor", "currency_code"),
        *("reference_amount_minor", "valid_from", "valid_to", "registered_at", "revoked_at", "used_minor"),
    )
    return Guarantee(**dict(zip(names, row, strict=True)))


async def insert_guarantee(
    connection: Connection, guarantee: Guarantee, *, administration_id: int
) -> Guarantee:
    """Record a guarantee under its number; return what stands under it: this or an earlier one."""
    values = msgspec.structs.asdict(guarantee) | {"administration_id": administration_id}
    await connection.execute(QUERIES["insert_guarantee"], values)
    stands = await select_guarantee(connection, guarantee.number, administration_id=administration_id)
    assert stands is not None, "just inserted, or there before"
    return stands


async def select_guarantee(
    connection: Connection, number: str, *, administration_id: int, party_id: int | None = None
) -> Guarantee | None:
    """Return a guarantee by its number. party_id: of whom it has to be; None: of any party."""
    cursor = await connection.execute(
        QUERIES["select_guarantee"],
        {"number": number, "party_id": party_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else _guarantee(row)


async def lock_guarantee(connection: Connection, number: str, *, administration_id: int) -> Guarantee | None:
    """Return a guarantee, held to the end of the transaction: what is in use of it, others have committed."""
    key = {"number": number, "administration_id": administration_id}
    await connection.execute(QUERIES["lock_guarantee"], key)
    return await select_guarantee(connection, number, administration_id=administration_id)


async def select_guarantees(
    connection: Connection, party_id: int | None, *, after_id: int, limit: int, administration_id: int
) -> list[Guarantee]:
    """Return guarantees of a party (None: of all), in the order in which they were registered."""
    cursor = await connection.execute(
        QUERIES["select_guarantees"],
        {
            "party_id": party_id,
            "after_id": after_id,
            "limit": limit,
            "administration_id": administration_id,
        },
    )
    return [_guarantee(row) for row in await cursor.fetchall()]


async def revoke_guarantee(
    connection: Connection, number: str, *, at: datetime, administration_id: int
) -> None:
    """Let nothing more be secured with a guarantee; what is stays secured."""
    await connection.execute(
        QUERIES["revoke_guarantee"], {"number": number, "at": at, "administration_id": administration_id}
    )


async def insert_reservation(
    connection: Connection,
    guarantee: Guarantee,
    *,
    reservation_id: int,
    act_id: int,
    amount_minor: int,
    at: datetime,
    administration_id: int,
) -> None:
    """Take a part of a locked guarantee for an act."""
    await connection.execute(
        QUERIES["insert_reservation"],
        {
            "reservation_id": reservation_id,
            "guarantee_id": guarantee.guarantee_id,
            "act_id": act_id,
            "amount_minor": amount_minor,
            "at": at,
            "administration_id": administration_id,
        },
    )


async def release_reservations(
    connection: Connection, act_id: int, *, reservation_id: int, at: datetime, administration_id: int
) -> None:
    """Give back what was taken for an act."""
    await connection.execute(
        QUERIES["release_reservations"],
        {
            "act_id": act_id,
            "reservation_id": reservation_id,
            "at": at,
            "administration_id": administration_id,
        },
    )
