"""Accounts of the people of an administration. How they come in: `sign_in`."""

import asyncio
from datetime import datetime, timedelta

from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.actor import ADMINISTRATION
from serai.foundation.access.passwords import hash_password
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText


def sign_in_name_of(name: str) -> str:
    """Return the name as it is kept: capitals and blanks around it make no difference."""
    return name.strip().casefold()


async def create_account(
    connection: AsyncConnection,
    *,
    account_id: int,
    administration_id: int,
    sign_in_name: str,
    password: str,
    roles: frozenset[str],
    at: datetime,
    person: str | None = None,
) -> None:
    """Create an account of the administration.

    person: whose it is; None: of a person who is known by the sign-in name.

    Errors: `sign-in-name-missing`, `password-unfit`, `account-exists`, `role-unknown`.
    """
    if not sign_in_name_of(sign_in_name):
        raise SeraiError("sign-in-name-missing", "The sign-in name is empty.", "Give a name.")
    _check_roles(roles)
    values = {
        "account_id": account_id,
        "administration_id": administration_id,
        "sign_in_name": sign_in_name_of(sign_in_name),
        "person": sign_in_name_of(person or sign_in_name),
        "password_hash": await asyncio.to_thread(hash_password, password),
        "roles": sorted(roles),
        "at": at,
    }
    if not await store.execute(connection, "insert_account", values):
        raise SeraiError("account-exists", "This sign-in name is taken.", "Choose another name.")


async def find_account(
    connection: AsyncConnection, *, administration_id: int, sign_in_name: str
) -> store.AccountRow:
    """Return an account that has not ended. Error: `account-unknown`."""
    values = {"administration_id": administration_id, "sign_in_name": sign_in_name_of(sign_in_name)}
    account = await store.select_one(connection, "select_account", values, store.AccountRow)
    if account is None:
        raise _account_unknown()
    return account


async def find_own_account(
    connection: AsyncConnection, *, administration_id: int, account_id: int
) -> store.AccountRow:
    """Return an account of the administration's own people that has not ended, by its number. Error:
    `account-unknown`."""
    values = {"account_id": account_id, "administration_id": administration_id}
    account = await store.select_one(connection, "select_account_by_id", values, store.AccountRow)
    if account is None or account.party_id is not None:
        raise _account_unknown()
    return account


async def find_any_account(
    connection: AsyncConnection, *, administration_id: int, account_id: int
) -> store.AccountRow:
    """Return an account that has not ended, by its number, also one of a person of a party. Error:
    `account-unknown`."""
    values = {"account_id": account_id, "administration_id": administration_id}
    account = await store.select_one(connection, "select_account_by_id", values, store.AccountRow)
    if account is None:
        raise _account_unknown()
    return account


async def list_openings(
    connection: AsyncConnection, *, administration_id: int, at: datetime, idles: timedelta
) -> dict[int, store.OpeningsRow]:
    """Return where accounts are signed in now, by account."""
    values = {"administration_id": administration_id, "at": at, "idle_since": at - idles}
    rows = await store.select_all(connection, "select_openings", values, store.OpeningsRow)
    return {row.account_id: row for row in rows}


async def list_accounts(connection: AsyncConnection, *, administration_id: int) -> list[store.AccountRow]:
    """Return all accounts of the administration's own people by name, those that have ended, too."""
    values = {"administration_id": administration_id}
    return await store.select_all(connection, "select_accounts", values, store.AccountRow)


async def end_account(
    connection: AsyncConnection, *, administration_id: int, sign_in_name: str, at: datetime
) -> bool:
    """End an account and with it its sessions and links. Again is harmless, and False.

    Error: `account-unknown`.
    """
    name = sign_in_name_of(sign_in_name)
    values = {"administration_id": administration_id, "sign_in_name": name, "at": at}
    ended = await store.select_one(connection, "end_account", values, store.EndedRow)
    if ended is None:
        raise _account_unknown()
    return ended.ended_at == at


async def change_password(
    connection: AsyncConnection, *, administration_id: int, sign_in_name: str, password: str, at: datetime
) -> int:
    """Give an account another password; return how many open sessions that has ended.

    Errors: `account-unknown`, `password-unfit`.
    """
    account = await find_account(connection, administration_id=administration_id, sign_in_name=sign_in_name)
    password_hash = await asyncio.to_thread(hash_password, password)
    values = {"account_id": account.account_id, "password_hash": password_hash}
    await store.execute(connection, "change_password", values)
    return await end_openings(connection, account.account_id, at)


async def change_roles(
    connection: AsyncConnection,
    *,
    administration_id: int,
    sign_in_name: str,
    roles: frozenset[str],
    at: datetime,
) -> int:
    """Give an account these roles and no others; return how many open sessions that has ended.

    Errors: `account-unknown`, `role-unknown`, `account-of-party`.
    """
    _check_roles(roles)
    account = await find_account(connection, administration_id=administration_id, sign_in_name=sign_in_name)
    if account.party_id is not None:
        raise SeraiError(
            "account-of-party",
            "This account is of a person of a party, and never has a role of the administration.",
            "Give that person an account of the administration, under another name.",
        )
    values = {"account_id": account.account_id, "roles": sorted(roles)}
    await store.execute(connection, "change_roles", values)
    return await end_openings(connection, account.account_id, at)


async def forget_second_factor(
    connection: AsyncConnection, *, administration_id: int, sign_in_name: str, at: datetime
) -> int:
    """Let an account set its authenticator app up anew, and forget its passkeys; return how many open
    sessions that has ended.

    Error: `account-unknown`.
    """
    account = await find_account(connection, administration_id=administration_id, sign_in_name=sign_in_name)
    await store.execute(connection, "forget_second_factor", {"account_id": account.account_id})
    await store.execute(connection, "forget_passkeys", {"account_id": account.account_id})
    return await end_openings(connection, account.account_id, at)


async def end_openings(connection: AsyncConnection, account_id: int, at: datetime) -> int:
    """End links and sessions of an account: whoever is in signs in anew. Returns the number of sessions."""
    values = {"account_id": account_id, "at": at}
    await store.execute(connection, "end_account_links", values)
    return await store.execute(connection, "end_account_sessions", values)


def _check_roles(roles: frozenset[str]) -> None:
    if not roles <= ADMINISTRATION:
        raise SeraiError(
            "role-unknown",
            MessageText("An account cannot have the role '{role}'.", role=min(roles - ADMINISTRATION)),
            MessageText("Roles of an account are: {listed}.", listed=", ".join(sorted(ADMINISTRATION))),
        )


def _account_unknown() -> SeraiError:
    return SeraiError("account-unknown", "There is no such account, or it has ended.", "List the accounts.")
