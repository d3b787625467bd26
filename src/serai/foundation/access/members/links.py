"""Links that are sent to an e-mail address: whoever opens one reads that address. Each counts once, and to
look at one does not use it up: programs that read mail before people do follow links."""

from datetime import timedelta
from typing import Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser
from serai.foundation.access.members import store
from serai.foundation.access.members.store import LinkKind, LinkRow
from serai.foundation.access.secrets import hash_secret, make_token
from serai.foundation.sealed_secrets import SecretSeal
from serai.model.errors import SeraiError


class Said(msgspec.Struct, frozen=True):
    """What is sealed in a link. email: to whom it went; name, country_code: of the organisation to be
    registered;
    member_role: for which somebody is invited."""

    email: str
    name: str = ""
    country_code: str = ""
    member_role: str = ""


class OpenLink(msgspec.Struct, frozen=True):
    """A link that is still good, and what was said with it."""

    row: LinkRow
    said: Said


async def make_mailed_link(
    connection: AsyncConnection,
    by: ActingUser,
    seal: SecretSeal,
    kind: LinkKind,
    said: Said,
    *,
    lasts: timedelta,
    party_id: int | None = None,
    account_id: int | None = None,
) -> str:
    """Write a link down; return the token that its address ends with, which is kept nowhere."""
    token, link_id = make_token(), by.take_id()
    values = {
        "link_id": link_id,
        "administration_id": by.administration_id,
        "link_hash": hash_secret(token),
        "kind": kind,
        "party_id": party_id,
        "account_id": account_id,
        "sealed": seal.seal(msgspec.json.encode(said).decode(), _context(link_id)),
        "at": by.at,
        "expires_at": by.at + lasts,
    }
    await store.execute(connection, "insert_mailed_link", values)
    return token


async def look_at_link(
    connection: AsyncConnection, by: ActingUser, seal: SecretSeal, token: str, *, to_use: bool = False
) -> OpenLink:
    """Return what a link is for. to_use: it is held for whoever calls until the transaction ends.

    Error: `link-used-or-expired`.
    """
    values = {"link_hash": hash_secret(token), "administration_id": by.administration_id, "at": by.at}
    query = "lock_mailed_link" if to_use else "select_mailed_link"
    row = await store.select_one(connection, query, values, LinkRow)
    if row is None:
        raise SeraiError(
            "link-used-or-expired",
            "This link works once, and it has been used or its time is over.",
            "Ask for another one where you asked for this.",
        )
    return OpenLink(row, open_said(seal, row))


async def use_link(connection: AsyncConnection, by: ActingUser, link: OpenLink) -> None:
    """Use a link up, and forget what was said with it."""
    values = {"link_id": link.row.link_id, "at": by.at}
    if not await store.execute(connection, "use_mailed_link", values):
        raise SeraiError(
            "link-used-or-expired", "This link was used a moment ago.", "Go on with what that has opened."
        )


def open_said(seal: SecretSeal, row: LinkRow) -> Said:
    """Return what was said with a link."""
    return _DECODER.decode(seal.open(row.sealed, _context(row.link_id)))


_DECODER: Final = msgspec.json.Decoder(Said)


def _context(link_id: int) -> bytes:
    return b"mailed-link:%d" % link_id
