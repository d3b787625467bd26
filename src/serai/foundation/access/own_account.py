"""What people change of their own account: the password, and where they are signed in. Whoever changes how
one signs in shows the password first, and each try counts as one to sign in."""

import asyncio
from datetime import datetime

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access import store
from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.passwords import hash_password
from serai.foundation.access.people import end_openings
from serai.foundation.access.secrets import hash_secret
from serai.foundation.access.sign_in import SignIn, named


class OpenSession(msgspec.Struct, frozen=True):
    """Where somebody is signed in. used_at: to about a minute; is_this: the one that asks."""

    opened_at: datetime
    used_at: datetime
    is_this: bool


async def change_own_password(
    sign_in: SignIn, by: ActingUser, account_id: int, *, old: str, new: str, network: str
) -> None:
    """Change a password by the old one; all sessions end, this one among them.

    Errors: `sign-in-failed`, `sign-in-locked`, `password-unfit`, `busy`.
    """
    account = await sign_in.show_password(account_id, old, network, by.at)
    password_hash = await asyncio.to_thread(hash_password, new)
    async with sign_in.database.write() as connection:
        values = {"account_id": account_id, "password_hash": password_hash}
        await store.execute(connection, "change_password", values)
        await end_openings(connection, account_id, by.at)
        await record_act(connection, by, "account-password-changed", named(account), "by its person")


async def list_sessions(
    connection: AsyncConnection, account_id: int, *, administration_id: int, at: datetime, this: str
) -> list[OpenSession]:
    """Return the open sessions of an account, the newest first. this: the token of the one that asks."""
    values = {"account_id": account_id, "administration_id": administration_id, "at": at}
    rows = await store.select_all(connection, "select_sessions_of_account", values, store.OpenSessionRow)
    own = hash_secret(this)
    return [OpenSession(row.created_at, row.used_at, row.session_hash == own) for row in rows]


async def end_other_sessions(
    connection: AsyncConnection, account_id: int, *, administration_id: int, at: datetime, this: str
) -> int:
    """Sign out everywhere else; return how many sessions that has ended."""
    values = {
        "account_id": account_id,
        "administration_id": administration_id,
        "at": at,
        "session_hash": hash_secret(this),
    }
    return await store.execute(connection, "end_other_sessions", values)
