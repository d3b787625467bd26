"""People of an administration: accounts, page sessions, one-use links."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.actor import ADMINISTRATION
from serai.foundation.access.passwords import hash_password, password_matches
from serai.foundation.access.secrets import hash_secret, make_token
from serai.model.errors import SeraiError

LINK_LASTS: Final = timedelta(hours=1)


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
) -> None:
    """Create an account of the administration.

    Errors: `sign-in-name-missing`, `password-unfit`, `account-exists`, `role-unknown`.
    """
    if not sign_in_name_of(sign_in_name):
        raise SeraiError("sign-in-name-missing", "The sign-in name is empty.", "Give a name.")
    _check_roles(roles)
    values = {
        "account_id": account_id,
        "administration_id": administration_id,
        "sign_in_name": sign_in_name_of(sign_in_name),
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


async def list_accounts(connection: AsyncConnection, *, administration_id: int) -> list[store.AccountRow]:
    """Return all accounts by name, those that have ended, too."""
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
    return await _end_openings(connection, account.account_id, at)


async def change_roles(
    connection: AsyncConnection,
    *,
    administration_id: int,
    sign_in_name: str,
    roles: frozenset[str],
    at: datetime,
) -> int:
    """Give an account these roles and no others; return how many open sessions that has ended.

    Errors: `account-unknown`, `role-unknown`.
    """
    _check_roles(roles)
    account = await find_account(connection, administration_id=administration_id, sign_in_name=sign_in_name)
    values = {"account_id": account.account_id, "roles": sorted(roles)}
    await store.execute(connection, "change_roles", values)
    return await _end_openings(connection, account.account_id, at)


async def sign_in(
    connection: AsyncConnection,
    *,
    administration_id: int,
    sign_in_name: str,
    password: str,
    at: datetime,
    lasts: timedelta,
) -> str:
    """Open a session; return its token for the cookie. Error: `sign-in-failed`, whichever was wrong."""
    values = {"administration_id": administration_id, "sign_in_name": sign_in_name_of(sign_in_name)}
    account = await store.select_one(connection, "select_account_to_sign_in", values, store.AccountRow)
    password_hash = account.password_hash if account else None
    if not await asyncio.to_thread(password_matches, password, password_hash) or account is None:
        raise SeraiError(
            "sign-in-failed",
            "This name and this password do not belong together.",
            "Check both and try again, or ask the administration for a new password.",
        )
    return await _open_session(connection, account.account_id, account.administration_id, at, lasts)


async def make_link(
    connection: AsyncConnection,
    *,
    account_id: int,
    administration_id: int,
    at: datetime,
    lasts: timedelta = LINK_LASTS,
) -> str:
    """Make a link that signs this account in once; return the token for `/enter/<token>`."""
    token = make_token()
    values = {
        "link_hash": hash_secret(token),
        "administration_id": administration_id,
        "account_id": account_id,
        "at": at,
        "expires_at": at + lasts,
    }
    await store.execute(connection, "insert_one_use_link", values)
    return token


async def enter_by_link(
    connection: AsyncConnection, *, token: str, administration_id: int, at: datetime, lasts: timedelta
) -> str:
    """Use a link of an administration up and open a session; return its token.

    Error: `link-used-or-expired`.
    """
    values = {"link_hash": hash_secret(token), "administration_id": administration_id, "at": at}
    used = await store.select_one(connection, "use_one_use_link", values, store.UsedLinkRow)
    if used is None:
        raise SeraiError(
            "link-used-or-expired",
            "This link opens the pages once, and it has been used or its time is over.",
            "Ask for a new link (the demo makes one at each start), or sign in with name and password.",
        )
    return await _open_session(connection, used.account_id, used.administration_id, at, lasts)


async def sign_out(connection: AsyncConnection, *, session_token: str, at: datetime) -> None:
    """End a session; again is harmless."""
    values = {"session_hash": hash_secret(session_token), "at": at}
    await store.execute(connection, "end_page_session", values)


async def _open_session(
    connection: AsyncConnection, account_id: int, administration_id: int, at: datetime, lasts: timedelta
) -> str:
    token = make_token()
    values = {
        "session_hash": hash_secret(token),
        "administration_id": administration_id,
        "account_id": account_id,
        "at": at,
        "expires_at": at + lasts,
    }
    await store.execute(connection, "insert_page_session", values)
    return token


async def _end_openings(connection: AsyncConnection, account_id: int, at: datetime) -> int:
    """End links and sessions of an account: whoever is in signs in anew. Returns the number of sessions."""
    values = {"account_id": account_id, "at": at}
    await store.execute(connection, "end_account_links", values)
    return await store.execute(connection, "end_account_sessions", values)


def _check_roles(roles: frozenset[str]) -> None:
    if not roles <= ADMINISTRATION:
        raise SeraiError(
            "role-unknown",
            f"An account cannot have the role '{min(roles - ADMINISTRATION)}'.",
            f"Roles of an account are: {', '.join(sorted(ADMINISTRATION))}.",
        )


def _account_unknown() -> SeraiError:
    return SeraiError("account-unknown", "There is no such account, or it has ended.", "List the accounts.")
