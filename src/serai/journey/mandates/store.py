"""Mandates in the store. Nothing of one is ever changed but that it was revoked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, texts
from serai.foundation.queries import load_queries
from serai.journey.mandates.rules import Representation

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class Mandate(msgspec.Struct, frozen=True):
    """A mandate as stored. document_kinds, acts, accounts: what it covers; has_custody: the grantee may hold
    the goods. valid_to: the first instant it no longer counts; None: open."""

    mandate_id: int
    grantor_id: int
    grantee_id: int
    grantor_name: str
    grantee_name: str
    reference: str
    document_kinds: list[str]
    acts: list[str]
    accounts: list[str]
    has_custody: bool
    representation_code: Representation
    valid_from: datetime
    valid_to: datetime | None
    granted_at: datetime
    revoked_at: datetime | None = None


async def insert_mandate(connection: Connection, mandate: Mandate, *, administration_id: int) -> Mandate:
    """Record a mandate under its grantor's reference; return what stands under it: this or an earlier one."""
    values = msgspec.structs.asdict(mandate) | {"administration_id": administration_id}
    await connection.execute(QUERIES["insert_mandate"], values)
    cursor = await connection.execute(QUERIES["select_by_reference"], values)
    row = await cursor.fetchone()
    assert row is not None, "just inserted, or there before"
    return Mandate(*row)


async def select_mandate(
    connection: Connection, mandate_id: int, *, party_id: int, administration_id: int
) -> Mandate | None:
    """Return a mandate if the party has granted it or was granted it."""
    cursor = await connection.execute(
        QUERIES["select_mandate"],
        {"mandate_id": mandate_id, "party_id": party_id, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else Mandate(*row)


async def select_mandates(
    connection: Connection, *, party_id: int, administration_id: int, after_id: int, limit: int
) -> list[Mandate]:
    """Return the mandates a party has granted or was granted, a page of them."""
    cursor = await connection.execute(
        QUERIES["select_mandates"],
        {
            "party_id": party_id,
            "administration_id": administration_id,
            "after_id": after_id,
            "limit": limit,
        },
    )
    return [Mandate(*row) for row in await cursor.fetchall()]


async def revoke_mandate(
    connection: Connection, mandate_id: int, *, grantor_id: int, administration_id: int, at: datetime
) -> None:
    """Revoke a mandate from an instant on; again changes nothing."""
    await connection.execute(
        QUERIES["revoke_mandate"],
        {
            "mandate_id": mandate_id,
            "grantor_id": grantor_id,
            "administration_id": administration_id,
            "at": at,
        },
    )


async def select_party_of_identifier(
    connection: Connection, identifier: str, *, administration_id: int
) -> int | None:
    """Return the party that is registered under an identifier, or None."""
    cursor = await connection.execute(
        QUERIES["select_party_of_identifier"],
        {"identifier": identifier, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def select_covered(
    connection: Connection, grantee_ids: Sequence[int], *, administration_id: int, at: datetime
) -> set[tuple[int, int, str]]:
    """Return grantor, grantee and kind of document or act of the grantees' mandates in force."""
    cursor = await connection.execute(
        QUERIES["select_covered"],
        {"grantee_ids": list(grantee_ids), "administration_id": administration_id, "at": at},
    )
    return {(grantor_id, grantee_id, kind) for grantor_id, grantee_id, kind in await cursor.fetchall()}


async def select_of_parties(
    connection: Connection, party_ids: Sequence[int], *, administration_id: int, at: datetime
) -> set[tuple[int, int, str]]:
    """Return grantor, grantee and kind of document or act of the mandates in force that parties have granted
    or were granted."""
    cursor = await connection.execute(
        QUERIES["select_of_parties"],
        {"party_ids": list(party_ids), "administration_id": administration_id, "at": at},
    )
    return {(grantor_id, grantee_id, kind) for grantor_id, grantee_id, kind in await cursor.fetchall()}


async def select_payment_mandates(
    connection: Connection,
    grantor_ids: Sequence[int],
    grantee_id: int,
    *,
    administration_id: int,
    at: datetime,
) -> list[tuple[int, list[str]]]:
    """Return for whom of these a party may say what was paid, and over which of their accounts."""
    cursor = await connection.execute(
        QUERIES["select_payment_mandates"],
        {
            "grantor_ids": list(grantor_ids),
            "grantee_id": grantee_id,
            "administration_id": administration_id,
            "at": at,
        },
    )
    return [(int(grantor_id), list(accounts)) for grantor_id, accounts in await cursor.fetchall()]


async def select_representatives(
    connection: Connection, grantor_ids: Sequence[int], *, administration_id: int, at: datetime
) -> dict[int, set[int]]:
    """Return who may declare in the names of parties; a party that has appointed nobody is left out."""
    cursor = await connection.execute(
        QUERIES["select_representatives"],
        {"grantor_ids": list(grantor_ids), "administration_id": administration_id, "at": at},
    )
    found: dict[int, set[int]] = defaultdict(set)
    for grantor_id, grantee_id in await cursor.fetchall():
        found[grantor_id].add(grantee_id)
    return dict(found)


class CustodyRow(NamedTuple):
    """A mandate with custody. valid_to: when it ended, or was revoked; None: it is open."""

    grantor_id: int
    grantee_id: int
    valid_from: datetime
    valid_to: datetime | None


async def select_custody(
    connection: Connection, grantor_ids: Iterable[int], *, administration_id: int
) -> list[CustodyRow]:
    """Return who may hold goods for parties, whenever."""
    cursor = await connection.execute(
        QUERIES["select_custody"],
        {"grantor_ids": bigints(sorted(grantor_ids)), "administration_id": administration_id},
    )
    return [CustodyRow(*row) for row in await cursor.fetchall()]


async def select_parties_of_identifiers(
    connection: Connection, identifiers: Iterable[str], *, administration_id: int
) -> dict[str, int]:
    """Return the party that is registered under each identifier; those of nobody are left out."""
    cursor = await connection.execute(
        QUERIES["select_parties_of_identifiers"],
        {"identifiers": texts(sorted(identifiers)), "administration_id": administration_id},
    )
    return dict(await cursor.fetchall())


class Unreached(NamedTuple):
    """A mandate in force by which its grantee's waiting documents are yet to be let in."""

    mandate_id: int
    grantor_id: int
    grantee_id: int
    document_kinds: list[str]


async def select_unreached(
    connection: Connection, *, administration_id: int, at: datetime
) -> list[Unreached]:
    """Return mandates that count now and whose grantees' waiting documents were not looked at since."""
    cursor = await connection.execute(
        QUERIES["select_unreached"], {"administration_id": administration_id, "at": at}
    )
    return [Unreached(*row) for row in await cursor.fetchall()]


async def note_reached(connection: Connection, mandate_id: int) -> None:
    """Note that what waited for a mandate has been looked at."""
    await connection.execute(QUERIES["note_reached"], {"mandate_id": mandate_id})
