"""Telling everybody in a case what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.journey.clearance.again import lock_roots
from serai.journey.clearance.equipment import Equipment
from serai.journey.follow import store as follow_store
from serai.journey.match import store as match_store


async def tell_case(
    equipment: Equipment,
    connection: AsyncConnection[Any],
    kind: str,
    happened: Sequence[tuple[int, int, int]],
    at: datetime,
) -> None:
    """Append an event to the feed of everybody in each case. happened: case, filer, decision (0: none)."""
    if not happened:
        return
    roots = await lock_roots(connection, [case_id for case_id, _, _ in happened])
    parties = await match_store.select_parties(connection, sorted(set(roots.values())))
    told = [
        (party_id, roots[case_id], decision_id)
        for case_id, filer, decision_id in happened
        for party_id in sorted(parties.get(roots[case_id], set()) | {filer})
    ]
    party_ids, case_ids, decision_ids = (
        np.array(column, dtype=np.int64) for column in zip(*told, strict=True)
    )
    await follow_store.insert_events(
        connection,
        administration_id=equipment.administration_id,
        event_ids=equipment.ids.take(len(told)),
        party_ids=party_ids,
        case_ids=case_ids,
        kind=kind,
        decision_ids=decision_ids,
        at_ms=int(at.timestamp() * 1000),
    )
