"""Deciding consignments again on what was found of names: after a verdict, or by a list that changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_locks import lock_roots
from serai.journey.name_verdicts import store
from serai.journey.name_verdicts.store import StoredHit
from serai.journey.processing.redetermine import redetermine
from serai.journey.recording.controls.listed_names import closing_verdicts
from serai.journey.services import Services

Connection = AsyncConnection[Any]
Hits = Mapping[int, Sequence[StoredHit]]
"""What was found, by consignment; nothing: nobody on it resembles an entry any more."""


async def decide_on_hits(
    services: Services, connection: Connection, law: LawState, hits: Hits, at: datetime
) -> None:
    """Decide consignments again on what was found of the names on them, in the caller's transaction; it takes
    the place of what was found before. What is released or withdrawn stays as it is.

    A hit that no verdict closes stands against its parcel.
    """
    key = {"administration_id": services.administration_id}
    listed = {
        consignment_id: any(one.verdict_id is None for one in found) for consignment_id, found in hits.items()
    }
    ids = sorted(hits)
    await redetermine(services, connection, law, ids, at, listed=listed)
    await store.end_hits(connection, ids, at=at, **key)
    rows = await consignment_store.select_consignments(connection, ids, **key)
    standing = [
        one._replace(decision_id=row.decision_id, version=row.version)
        for row in rows
        for one in hits[row.consignment_id]
    ]
    await store.insert_hits(connection, standing, at=at, **key)


async def lock_consignments(
    services: Services, connection: Connection, consignment_ids: Sequence[int]
) -> dict[int, ConsignmentRow]:
    """Lock the cases of consignments, in the order of all; return these as they stand."""
    key = {"administration_id": services.administration_id}
    rows = await consignment_store.select_consignments(connection, consignment_ids, **key)
    await lock_roots(connection, [one.case_id for one in rows])
    rows = await consignment_store.select_consignments(connection, consignment_ids, **key)
    return {one.consignment_id: one for one in rows}


async def decide_on_verdict(
    services: Services, connection: Connection, law: LawState, pair_hash: bytes, at: datetime
) -> None:
    """Decide all consignments under way again on which a person and an entry stand of which an officer has
    said something, in the caller's transaction."""
    key = {"administration_id": services.administration_id}
    bearing = await store.select_bearing(connection, pair_hash, **key)
    rows = await lock_consignments(services, connection, bearing)
    hits = await store.select_hits(connection, {one: row.version for one, row in rows.items()}, **key)
    closed = await closing_verdicts(
        services, connection, [one.pair_hash for found in hits.values() for one in found]
    )
    await decide_on_hits(
        services,
        connection,
        law,
        {
            consignment_id: [one._replace(verdict_id=closed.get(one.pair_hash)) for one in found]
            for consignment_id, found in hits.items()
        },
        at,
    )
