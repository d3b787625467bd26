"""Payment accounts in the store, and what moved on each."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.payment_accounts.ways import AccountWay

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class PaymentAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as stored. party_id: whose it is. limit_minor: the most that may stand open on it; 0: it is
    paid in before. open_minor: what stands open now; below zero, what lies on it. Minor units."""

    account_id: int
    party_id: int
    number: str
    way: AccountWay
    currency_code: str
    limit_minor: int
    opened_at: datetime
    closed_at: datetime | None = None
    open_minor: int = 0

    @property
    def available_minor(self) -> int:
        """What may still be put on it."""
        return self.limit_minor - self.open_minor


class Moved(msgspec.Struct, frozen=True):
    """A movement. subject_id: the act, or the posting of what the bank says. amount_minor: above zero, put on
    the account; below, paid in or taken back."""

    movement_id: int
    subject_id: int
    case_id: int | None
    amount_minor: int
    moved_at: datetime


def _account(row: Sequence[Any]) -> PaymentAccount:
    names = PaymentAccount.__struct_fields__
    return PaymentAccount(**dict(zip(names, row, strict=True)))


async def insert_account(
    connection: Connection, account: PaymentAccount, *, administration_id: int
) -> PaymentAccount:
    """Record an account under its number; return what stands under it: this or an earlier one."""
    values = msgspec.structs.asdict(account) | {"administration_id": administration_id}
    await connection.execute(QUERIES["insert_account"], values)
    stands = await select_account(connection, account.number, administration_id=administration_id)
    assert stands is not None, "just inserted, or there before"
    return stands


async def select_account(
    connection: Connection, number: str, *, administration_id: int, party_id: int | None = None
) -> PaymentAccount | None:
    """Return an account by its number. party_id: of whom it has to be; None: of any party."""
    cursor = await connection.execute(
        QUERIES["select_account"],
        {"number": number, "party_id": party_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else _account(row)


async def lock_account(
    connection: Connection, number: str, *, administration_id: int
) -> PaymentAccount | None:
    """Return an account, held to the end of the transaction: what stands on it, others have committed."""
    key = {"number": number, "administration_id": administration_id}
    await connection.execute(QUERIES["lock_account"], key)
    return await select_account(connection, number, administration_id=administration_id)


async def select_accounts(
    connection: Connection, party_id: int | None, *, after_id: int, limit: int, administration_id: int
) -> list[PaymentAccount]:
    """Return accounts of a party (None: of all), in the order in which they were opened."""
    cursor = await connection.execute(
        QUERIES["select_accounts"],
        {
            "party_id": party_id,
            "after_id": after_id,
            "limit": limit,
            "administration_id": administration_id,
        },
    )
    return [_account(row) for row in await cursor.fetchall()]


async def select_accounts_of_ids(
    connection: Connection, account_ids: Sequence[int], *, administration_id: int
) -> dict[int, PaymentAccount]:
    """Return accounts by id; of ids that are none, nothing."""
    if not account_ids:
        return {}
    cursor = await connection.execute(
        QUERIES["select_accounts_of_ids"],
        {"account_ids": list(account_ids), "administration_id": administration_id},
    )
    return {row[0]: _account(row) for row in await cursor.fetchall()}


async def close_account(connection: Connection, number: str, *, at: datetime, administration_id: int) -> None:
    """Let nothing more be put on an account; what stands open stays so, and is paid in as before."""
    await connection.execute(
        QUERIES["close_account"], {"number": number, "at": at, "administration_id": administration_id}
    )


async def insert_movement(
    connection: Connection,
    account: PaymentAccount,
    moved: Moved,
    *,
    administration_id: int,
) -> None:
    """Append a movement of a locked account."""
    await connection.execute(
        QUERIES["insert_movement"],
        {
            **msgspec.structs.asdict(moved),
            "account_id": account.account_id,
            "at": moved.moved_at,
            "administration_id": administration_id,
        },
    )


async def take_back_movements(
    connection: Connection, subject_id: int, *, movement_id: int, at: datetime, administration_id: int
) -> None:
    """Take back what was put on an account by an act."""
    await connection.execute(
        QUERIES["take_back_movements"],
        {
            "subject_id": subject_id,
            "movement_id": movement_id,
            "at": at,
            "administration_id": administration_id,
        },
    )


async def select_statement(
    connection: Connection, account: PaymentAccount, begin: datetime, end: datetime
) -> tuple[int, list[Moved]]:
    """Return what stood open when a period began, and what moved in it, oldest first. end: exclusive."""
    values = {"account_id": account.account_id, "begin": begin, "end": end}
    opening = await (await connection.execute(QUERIES["sum_before"], values)).fetchone()
    assert opening is not None, "a sum has a row"
    cursor = await connection.execute(QUERIES["select_movements"], values)
    return int(opening[0]), [Moved(*row) for row in await cursor.fetchall()]
