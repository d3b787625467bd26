"""Hits of names on lists, by consignment and decision, and the verdicts that are kept for pairs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, blobs, smallints, texts
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
BEARING_COUNT_MAX: Final = 5_000
"""Parcels that one verdict frees at once: those of the same person under way."""
Wording = tuple[str, str, bytes]
"""List, entry, and the hash of its wording."""


class StoredHit(NamedTuple):
    """A person on a document resembles an entry. decision_id: that was made with it. version: of the
    declaration. verdict_id: the act that closed it then; None: it stood against the parcel."""

    consignment_id: int
    decision_id: int
    version: int
    role: str
    list_code: str
    entry_id: str
    entry_hash: bytes
    pair_hash: bytes
    score_ppm: int
    verdict_id: int | None

    @property
    def wording(self) -> Wording:
        """Which entry, in which wording."""
        return self.list_code, self.entry_id, self.entry_hash


class StoredVerdict(NamedTuple):
    """What stands of a pair. verdict_id: the act. decided_by: the account or key of the officer."""

    pair_hash: bytes
    verdict_id: int
    code: str
    decided_at: datetime
    decided_by: str


async def insert_hits(
    connection: Connection, hits: Iterable[StoredHit], *, at: datetime, administration_id: int
) -> None:
    """Record what decisions were made with. Of one entry and role the first counts: it has the best score."""
    rows: dict[tuple[int, int, str, str, str], StoredHit] = {}
    for hit in hits:
        key = (hit.consignment_id, hit.decision_id, hit.role, hit.list_code, hit.entry_id)
        rows.setdefault(key, hit)
    if not rows:
        return
    found = list(rows.values())
    await connection.execute(
        QUERIES["insert_hits"],
        {
            "at": at,
            "administration_id": administration_id,
            "consignment_ids": bigints([one.consignment_id for one in found]),
            "decision_ids": bigints([one.decision_id for one in found]),
            "verdict_ids": bigints([one.verdict_id or 0 for one in found]),
            "scores_ppm": [one.score_ppm for one in found],
            "versions": smallints([one.version for one in found]),
            "roles": texts([one.role for one in found]),
            "list_codes": texts([one.list_code for one in found]),
            "entry_ids": texts([one.entry_id for one in found]),
            "entry_hashes": blobs([one.entry_hash for one in found]),
            "pair_hashes": blobs([one.pair_hash for one in found]),
        },
    )


async def select_hits(
    connection: Connection, versions: dict[int, int], *, administration_id: int
) -> dict[int, list[StoredHit]]:
    """Return the hits that the newest decision on each consignment was made with, of those that looked at
    names. versions: of the declarations as they stand, by consignment."""
    if not versions:
        return {}
    cursor = await connection.execute(
        QUERIES["select_hits"],
        {"consignment_ids": bigints(sorted(versions)), "administration_id": administration_id},
    )
    found: dict[int, list[StoredHit]] = {}
    for row in await cursor.fetchall():
        one = _hit(row)
        if one.version != versions[one.consignment_id]:
            continue
        known = found.setdefault(one.consignment_id, [])
        if known and known[0].decision_id != one.decision_id:
            known.clear()
        known.append(one)
    return found


async def select_bearing(connection: Connection, pair_hash: bytes, *, administration_id: int) -> list[int]:
    """Return the consignments with the same person and entry; BEARING_COUNT_MAX at most."""
    cursor = await connection.execute(
        QUERIES["select_bearing"],
        {"pair_hash": pair_hash, "administration_id": administration_id, "limit": BEARING_COUNT_MAX},
    )
    return [consignment_id for (consignment_id,) in await cursor.fetchall()]


async def select_entries(connection: Connection, *, administration_id: int) -> list[Wording]:
    """Return the wordings of entries that hits speak of."""
    cursor = await connection.execute(QUERIES["select_entries"], {"administration_id": administration_id})
    return [(list_code, entry_id, bytes(wording)) for list_code, entry_id, wording in await cursor.fetchall()]


async def select_of_entries(
    connection: Connection, wordings: Sequence[Wording], *, administration_id: int, limit: int
) -> list[int]:
    """Return consignments with hits on some wordings of entries."""
    cursor = await connection.execute(
        QUERIES["select_of_entries"],
        {
            "list_codes": texts([one for one, _, _ in wordings]),
            "entry_ids": texts([one for _, one, _ in wordings]),
            "entry_hashes": blobs([one for _, _, one in wordings]),
            "administration_id": administration_id,
            "limit": limit,
        },
    )
    return [consignment_id for (consignment_id,) in await cursor.fetchall()]


async def end_hits(
    connection: Connection, consignment_ids: Sequence[int], *, at: datetime, administration_id: int
) -> None:
    """Note that what was found of consignments holds no longer: it was looked at anew."""
    await connection.execute(
        QUERIES["end_hits"],
        {"consignment_ids": bigints(consignment_ids), "at": at, "administration_id": administration_id},
    )


async def is_my_turn(connection: Connection, *, administration_id: int) -> bool:
    """Say whether this process looks at entries that are gone, until commit."""
    cursor = await connection.execute(QUERIES["is_my_turn"], {"administration_id": administration_id})
    row = await cursor.fetchone()
    return bool(row and row[0])


async def select_verdicts(
    connection: Connection, pair_hashes: Iterable[bytes], *, administration_id: int
) -> dict[bytes, StoredVerdict]:
    """Return what stands of pairs."""
    wanted = sorted(set(pair_hashes))
    if not wanted:
        return {}
    cursor = await connection.execute(
        QUERIES["select_verdicts"], {"pair_hashes": blobs(wanted), "administration_id": administration_id}
    )
    return {bytes(row[0]): StoredVerdict(bytes(row[0]), *row[1:]) for row in await cursor.fetchall()}


async def keep_verdict(
    connection: Connection, verdict: StoredVerdict, *, consignment_id: int, administration_id: int
) -> None:
    """Keep what was said of a pair, in the place of what was said before."""
    await connection.execute(
        QUERIES["keep_verdict"],
        {
            "pair_hash": verdict.pair_hash,
            "verdict_id": verdict.verdict_id,
            "consignment_id": consignment_id,
            "at": verdict.decided_at,
            "administration_id": administration_id,
            "code": verdict.code,
            "decided_by": verdict.decided_by,
        },
    )


def _hit(row: Sequence[Any]) -> StoredHit:
    hit = StoredHit(*row)
    return hit._replace(entry_hash=bytes(hit.entry_hash), pair_hash=bytes(hit.pair_hash))
