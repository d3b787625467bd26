"""Tokens that were taken as proof, and citations of scheme numbers, in the store."""

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.model.frames import STATUSES

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


class Claim(NamedTuple):
    """A token that is to be taken as proof for a consignment."""

    use_key: bytes
    consignment_id: int
    token: str


class CitationRow(NamedTuple):
    """What a citation of a registered number came to. party_id: who declares. outcome, reason: as stored."""

    consignment_id: int
    scheme_id: int
    party_id: int
    outcome: str
    reason: str


async def claim_uses(
    connection: Connection, claims: Sequence[Claim], *, at: dt.datetime, administration_id: int
) -> set[int]:
    """Take tokens as proof; return the consignments that got theirs: of those that claim one, whoever was
    first, now or before. What an invalidated declaration has used is free again."""
    if not claims:
        return set()
    key = {"administration_id": administration_id, "at": at}
    cursor = await connection.execute(QUERIES["claim_uses"].encode(), _columns(claims) | key)
    won = {consignment_id for _, consignment_id in await cursor.fetchall()}
    rest = [one for one in claims if one.consignment_id not in won]
    if not rest:
        return won
    await connection.execute(
        QUERIES["take_over"].encode(), _columns(rest) | key | {"withdrawn": STATUSES.index("invalidated")}
    )
    owners = await select_owners(
        connection, [one.use_key for one in rest], administration_id=administration_id
    )
    return won | {one.consignment_id for one in claims if owners.get(one.use_key) == one.consignment_id}


def _columns(claims: Sequence[Claim]) -> dict[str, Any]:
    keys, consignments, tokens = zip(*claims, strict=True)
    return {"use_keys": list(keys), "consignment_ids": list(consignments), "tokens": list(tokens)}


async def select_owners(
    connection: Connection, use_keys: Sequence[bytes], *, administration_id: int
) -> dict[bytes, int]:
    """Return the consignment that each token was taken for."""
    cursor = await connection.execute(
        QUERIES["select_owners"].encode(),
        {"administration_id": administration_id, "use_keys": list(use_keys)},
    )
    return {bytes(key): consignment_id for key, consignment_id in await cursor.fetchall()}


async def select_uses(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> dict[int, str]:
    """Return the token that was taken for each consignment."""
    cursor = await connection.execute(
        QUERIES["select_uses"].encode(),
        {"administration_id": administration_id, "consignment_ids": list(consignment_ids)},
    )
    return dict(await cursor.fetchall())


async def write_citations(
    connection: Connection, citations: Iterable[CitationRow], *, at: dt.datetime, administration_id: int
) -> None:
    """Record what citations came to, in the place of what an earlier version of their declaration came to."""
    rows = list(citations)
    if not rows:
        return
    consignments, schemes, parties, outcomes, reasons = zip(*rows, strict=True)
    await connection.execute(
        QUERIES["write_citations"].encode(),
        {
            "administration_id": administration_id,
            "consignment_ids": list(consignments),
            "scheme_ids": list(schemes),
            "party_ids": list(parties),
            "outcomes": list(outcomes),
            "reasons": list(reasons),
            "at": at,
        },
    )


async def select_citation(
    connection: Connection, consignment_id: int, *, administration_id: int
) -> tuple[int, int, str] | None:
    """Return scheme, holder and outcome of the citation of a consignment; None: it cites no registered
    number."""
    cursor = await connection.execute(
        QUERIES["select_citation"].encode(),
        {"administration_id": administration_id, "consignment_id": consignment_id},
    )
    return await cursor.fetchone()


class Period(NamedTuple):
    """From an instant to another, which is not of it."""

    from_at: dt.datetime
    until_at: dt.datetime


async def select_days(
    connection: Connection, scheme_id: int, period: Period, *, administration_id: int
) -> list[tuple[dt.date, str, int]]:
    """Return how many citations of a number came to what on which day."""
    return await _of_scheme(connection, "select_days", scheme_id, period, administration_id)


async def select_refusals(
    connection: Connection, scheme_id: int, period: Period, *, administration_id: int
) -> list[tuple[str, int]]:
    """Return how many tokens were refused why."""
    return await _of_scheme(connection, "select_refusals", scheme_id, period, administration_id)


async def _of_scheme(
    connection: Connection, query: str, scheme_id: int, period: Period, administration_id: int
) -> list[Any]:
    cursor = await connection.execute(
        QUERIES[query].encode(),
        {"scheme_id": scheme_id, **period._asdict(), "administration_id": administration_id},
    )
    return await cursor.fetchall()
