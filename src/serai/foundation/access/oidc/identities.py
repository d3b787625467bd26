"""Which account a subject of a provider is: linked and parted by administrators, each act written down."""

from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.access.named_queries import NamedQueries
from serai.foundation.access.people import end_openings
from serai.foundation.access.sign_in import named
from serai.foundation.access.store import AccountRow
from serai.foundation.queries import load_queries
from serai.model.errors import SeraiError

NAMED: Final = NamedQueries(load_queries(Path(__file__).with_name("store.sql")))


class IdentityRow(msgspec.Struct, frozen=True):
    """A subject of an issuer that an account is."""

    issuer: str
    subject: str
    linked_at: datetime


class AccountIdRow(msgspec.Struct, frozen=True):
    """Which account it is."""

    account_id: int


async def find_account_id(
    connection: AsyncConnection, *, administration_id: int, issuer: str, subject: str
) -> int | None:
    """Return the account that a subject of an issuer is; None: no administrator has said so."""
    values = {"administration_id": administration_id, "issuer": issuer, "subject": subject}
    row = await NAMED.select_one(connection, "select_account_of_identity", values, AccountIdRow)
    return None if row is None else row.account_id


async def list_identities(
    connection: AsyncConnection, *, administration_id: int, account_id: int
) -> list[IdentityRow]:
    """Return where an account may sign in beside here."""
    values = {"administration_id": administration_id, "account_id": account_id}
    return await NAMED.select_all(connection, "select_identities", values, IdentityRow)


async def link(
    connection: AsyncConnection, by: ActingUser, account: AccountRow, *, issuer: str, subject: str
) -> None:
    """Let a subject of an issuer sign in as an account, in the place of another one of that issuer; the same
    again changes nothing. Error: `identity-taken`."""
    known = await find_account_id(
        connection, administration_id=by.administration_id, issuer=issuer, subject=subject
    )
    if known == account.account_id:
        return
    values = {
        "administration_id": by.administration_id,
        "issuer": issuer,
        "subject": subject,
        "account_id": account.account_id,
        "at": by.at,
    }
    if known is None:
        await NAMED.execute(connection, "delete_identity", values)
    if known is not None or not await NAMED.execute(connection, "insert_identity", values):
        raise SeraiError(
            "identity-taken",
            "Another account is this subject of the provider.",
            "Take it from that account first, or correct the subject.",
        )
    # The subject may be somebody's name: the record, which is only added to, does not keep it.
    await record_act(connection, by, "identity-linked", named(account), issuer)


async def part(connection: AsyncConnection, by: ActingUser, account: AccountRow, *, issuer: str) -> bool:
    """Let nobody of an issuer sign in as an account any more; its sessions end. Again is harmless, and
    False."""
    values = {
        "administration_id": by.administration_id,
        "issuer": issuer,
        "account_id": account.account_id,
    }
    is_new = bool(await NAMED.execute(connection, "delete_identity", values))
    if is_new:
        await end_openings(connection, account.account_id, by.at)
        await record_act(connection, by, "identity-parted", named(account), issuer)
    return is_new
