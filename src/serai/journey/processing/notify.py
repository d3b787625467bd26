"""Telling everybody in a case what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.journey.consignments import store as consignment_store
from serai.journey.linking.case_locks import lock_roots
from serai.journey.matching import store as matching_store
from serai.journey.services import Services


async def notify_case(
    services: Services,
    connection: AsyncConnection[Any],
    kind: str,
    happened: Sequence[tuple[int, int, int]],
    at: datetime,
) -> None:
    """Append an event to the feed of everybody in each case. happened: case, declarant, decision (0:
    none)."""
    if not happened:
        return
    roots = await lock_roots(connection, [case_id for case_id, _, _ in happened])
    parties = await matching_store.select_parties(connection, sorted(set(roots.values())))
    told = [
        (party_id, roots[case_id], decision_id)
        for case_id, declarant, decision_id in happened
        for party_id in sorted(parties.get(roots[case_id], set()) | {declarant})
    ]
    party_ids, case_ids, decision_ids = (
        np.array(column, dtype=np.int64) for column in zip(*told, strict=True)
    )
    await consignment_store.insert_events(
        connection,
        administration_id=services.administration_id,
        event_ids=services.ids.take(len(told)),
        party_ids=party_ids,
        case_ids=case_ids,
        kind=kind,
        decision_ids=decision_ids,
        at_ms=int(at.timestamp() * 1000),
    )
