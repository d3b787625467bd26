"""Issuers' keys, status lists and scheme holders in the store."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class IssuerKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that tokens are believed by, as stored. issuer: the only one it signs for. party_id: who sends
    its status lists; None: the administration. public_key: raw, 32 bytes. valid_to: the first instant out
    of force; None: open."""

    key_id: int
    party_id: int | None
    issuer: str
    kid: str
    public_key: bytes
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    registered_at: dt.datetime
    revoked_at: dt.datetime | None = None

    def is_in_force(self, at: dt.datetime) -> bool:
        """Say whether what it signs is believed."""
        return (
            self.valid_from <= at
            and (self.valid_to is None or at < self.valid_to)
            and self.revoked_at is None
        )


class Scheme(msgspec.Struct, frozen=True, kw_only=True):
    """A scheme number and who holds it. tokens_from: from which day on each consignment under it carries a
    token, as its holder says; None: it does not say so."""

    scheme_id: int
    party_id: int
    scheme_kind_code: str
    number: str
    tokens_from: dt.date | None
    registered_at: dt.datetime
    ended_at: dt.datetime | None = None

    def asks_token(self, on: dt.date) -> bool:
        """Say whether a consignment declared on a day has to carry a token."""
        return self.tokens_from is not None and self.tokens_from <= on


async def bump_version(connection: Connection, *, administration_id: int) -> None:
    """Make all processes read anew what is believed; holds others who change it."""
    await connection.execute(QUERIES["bump_version"].encode(), {"administration_id": administration_id})


async def select_version(connection: Connection, *, administration_id: int) -> int:
    """Return which version of what is believed stands; 0: nothing was ever registered."""
    cursor = await connection.execute(
        QUERIES["select_version"].encode(), {"administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])


async def insert_key(connection: Connection, key: IssuerKey, *, administration_id: int) -> bool:
    """Record a key; False: one of its name is there."""
    cursor = await connection.execute(
        QUERIES["insert_key"].encode(), msgspec.structs.asdict(key) | {"administration_id": administration_id}
    )
    return cursor.rowcount > 0


async def select_keys(connection: Connection, *, administration_id: int) -> list[IssuerKey]:
    """Return all keys, those that ended or were revoked too, in the order of their registration."""
    return await _select(connection, "select_keys", IssuerKey, administration_id=administration_id)


async def select_key_by_kid(connection: Connection, kid: str, *, administration_id: int) -> IssuerKey | None:
    """Return the key of a name."""
    found = await _select(
        connection, "select_key_by_kid", IssuerKey, kid=kid, administration_id=administration_id
    )
    return found[0] if found else None


async def revoke_key(connection: Connection, key_id: int, *, at: dt.datetime, administration_id: int) -> bool:
    """Believe a key no more; False: it is so already, or there is none."""
    cursor = await connection.execute(
        QUERIES["revoke_key"].encode(), {"key_id": key_id, "at": at, "administration_id": administration_id}
    )
    return cursor.rowcount > 0


async def write_list(
    connection: Connection,
    issuer: str,
    uri: str,
    content: str,
    *,
    issued_at: dt.datetime,
    at: dt.datetime,
    administration_id: int,
) -> bool:
    """Keep a status list; False: one that is as new or newer is there."""
    cursor = await connection.execute(
        QUERIES["write_list"].encode(),
        {
            "issuer": issuer,
            "uri": uri,
            "content": content,
            "issued_at": issued_at,
            "at": at,
            "administration_id": administration_id,
        },
    )
    return cursor.rowcount > 0


async def select_list(
    connection: Connection, issuer: str, uri: str, *, administration_id: int
) -> tuple[dt.datetime, str] | None:
    """Return when the list kept of an issuer and address was issued, and the list."""
    cursor = await connection.execute(
        QUERIES["select_list"].encode(),
        {"issuer": issuer, "uri": uri, "administration_id": administration_id},
    )
    return await cursor.fetchone()


async def select_lists(connection: Connection, *, administration_id: int) -> list[tuple[str, str]]:
    """Return issuer and content of each list."""
    cursor = await connection.execute(
        QUERIES["select_lists"].encode(), {"administration_id": administration_id}
    )
    return await cursor.fetchall()


async def insert_scheme(connection: Connection, scheme: Scheme, *, administration_id: int) -> bool:
    """Record who holds a number; False: somebody does."""
    cursor = await connection.execute(
        QUERIES["insert_scheme"].encode(),
        msgspec.structs.asdict(scheme) | {"administration_id": administration_id},
    )
    return cursor.rowcount > 0


async def select_schemes(
    connection: Connection,
    party_id: int | None,
    *,
    after_id: int = 0,
    limit: int | None = None,
    administration_id: int,
) -> list[Scheme]:
    """Return the numbers that a party holds, or that anybody does, in the order of registration."""
    return await _select(
        connection,
        "select_schemes",
        Scheme,
        party_id=party_id,
        after_id=after_id,
        limit=limit,
        administration_id=administration_id,
    )


async def select_scheme(
    connection: Connection, scheme_id: int, party_id: int | None = None, *, administration_id: int
) -> Scheme | None:
    """Return one; party_id: only if that party holds it."""
    found = await _select(
        connection,
        "select_scheme",
        Scheme,
        scheme_id=scheme_id,
        party_id=party_id,
        administration_id=administration_id,
    )
    return found[0] if found else None


async def select_scheme_by_number(
    connection: Connection, scheme_kind_code: str, number: str, *, administration_id: int
) -> Scheme | None:
    """Return who holds a number."""
    found = await _select(
        connection,
        "select_scheme_by_number",
        Scheme,
        scheme_kind_code=scheme_kind_code,
        number=number,
        administration_id=administration_id,
    )
    return found[0] if found else None


async def set_tokens_from(
    connection: Connection, scheme_id: int, tokens_from: dt.date | None, *, administration_id: int
) -> None:
    """Note from which day on all consignments under a number carry tokens."""
    await connection.execute(
        QUERIES["set_tokens_from"].encode(),
        {"scheme_id": scheme_id, "tokens_from": tokens_from, "administration_id": administration_id},
    )


async def _select(connection: Connection, query: str, row: type[Any], **values: Any) -> list[Any]:
    async with connection.cursor(row_factory=class_row(row)) as cursor:
        await cursor.execute(QUERIES[query].encode(), values)
        return await cursor.fetchall()
