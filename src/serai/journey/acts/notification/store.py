"""Rows of who was told of an act, and the reads by which it is found how somebody can be told."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.queries import load_queries

QUERIES: Final = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class Person(NamedTuple):
    """Whom a party's notices go to. address: as it signs in, which may be no e-mail address."""

    party_id: int
    address: str
    language: str | None


class Waiting(NamedTuple):
    """A party of which nothing proves that it knows of an act. means, served_at: by what it has been served
    since; None: by nothing."""

    act_id: int
    party_id: int
    case_id: int
    consignment_id: int
    event_kind: str
    told_at: datetime
    means: str | None
    served_at: datetime | None


class Told(NamedTuple):
    """That a party was told of an act. proven_by: `email`, `webhook`, `page`, `answer`, `message`, `receipt`;
    None: nothing proves it, and officers tell it in another way from due_at."""

    act_id: int
    party_id: int
    party_name: str
    told_at: datetime
    due_at: datetime
    proven_at: datetime | None
    proven_by: str | None


async def select_people(
    connection: Connection, party_ids: Collection[int], *, administration_id: int
) -> list[Person]:
    """Return the people of parties, who have been theirs longest first."""
    values = {"party_ids": bigints(sorted(party_ids)), "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_people"], values)
    return [Person(*row) for row in await cursor.fetchall()]


async def select_carriers(
    connection: Connection, party_ids: Collection[int], *, administration_id: int
) -> set[int]:
    """Return those of some parties that carry goods, as carrier or post."""
    values = {"party_ids": bigints(sorted(party_ids)), "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_carriers"], values)
    return {row[0] for row in await cursor.fetchall()}


async def select_hooked(
    connection: Connection, party_ids: Collection[int], event_kind: str, *, administration_id: int
) -> set[int]:
    """Return those of some parties whose webhooks are told of a kind of events."""
    values = {
        "party_ids": bigints(sorted(party_ids)),
        "event_kind": event_kind,
        "administration_id": administration_id,
    }
    cursor = await connection.execute(QUERIES["select_hooked"], values)
    return {row[0] for row in await cursor.fetchall()}


async def select_looks(
    connection: Connection, *, hearing: str, administration_id: int, at: datetime, limit: int
) -> list[Waiting]:
    """Return what proof is looked for now. hearing: the kind of event by which a period begins."""
    values = {"hearing": hearing, "administration_id": administration_id, "at": at, "limit": limit}
    cursor = await connection.execute(QUERIES["select_looks"], values)
    return [Waiting(*row) for row in await cursor.fetchall()]


async def select_untold(
    connection: Connection, *, administration_id: int, at: datetime, limit: int
) -> list[Waiting]:
    """Return those that officers have to tell in another way, and have not been asked to."""
    values = {"administration_id": administration_id, "at": at, "limit": limit}
    cursor = await connection.execute(QUERIES["select_untold"], values)
    return [Waiting(*row) for row in await cursor.fetchall()]


async def is_all_proven(connection: Connection, act_id: int, *, administration_id: int) -> bool:
    """Say whether all who were told of an act are proven to know."""
    values = {"act_id": act_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["is_all_proven"], values)
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def select_of_acts(
    connection: Connection, act_ids: Collection[int], *, administration_id: int
) -> list[Told]:
    """Return who was told of acts."""
    values = {"act_ids": bigints(sorted(act_ids)), "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_of_acts"], values)
    return [Told(*row) for row in await cursor.fetchall()]


async def execute(connection: Connection, query: str, **values: object) -> int:
    """Run a named query; return how many rows it touched."""
    return (await connection.execute(QUERIES[query], values)).rowcount
