"""Who is told of recalled goods: platforms are asked to take offers down until a day, and told when that day
has passed and when a recall was wrong. By the feed of events, which webhooks read, and on their page."""

import datetime as dt
from collections.abc import Mapping
from typing import Final

import numpy as np

from serai.journey.consignments import store as consignment_store
from serai.journey.linking.case_locks import resolve_cases
from serai.journey.matching import store as matching_store
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.measure_rules.working_days import working_days_end
from serai.journey.processing.transaction import Processor
from serai.journey.recall_rules.grounds import find_ground
from serai.journey.recall_rules.in_force import SURENESSES
from serai.journey.recalls import store
from serai.journey.recalls.store import Connection, RecallRow
from serai.journey.services import Services

TAKE_DOWN: Final = "recall-take-down"
OVERDUE: Final = "recall-take-down-overdue"
WITHDRAWN: Final = "recall-withdrawn"
_SOME_COUNT: Final = 500


async def tell_found(processor: Processor, row: RecallRow, time_zone: str) -> None:
    """Tell platforms what a recall has found of theirs, or that it was wrong, as far as they do not know."""

    async def work(connection: Connection) -> int:
        return await _tell_some(processor.services, connection, row, time_zone)

    while await processor.write(work):
        pass


async def _tell_some(services: Services, connection: Connection, row: RecallRow, time_zone: str) -> int:
    at, key = services.clock.now(), {"administration_id": services.administration_id}
    found = await store.select_to_tell(connection, row.recall_id, limit=_SOME_COUNT, **key)
    if not found:
        return 0
    certain = [one for one in found if one.sureness == SURENESSES["certain"]]
    roots = await resolve_cases(connection, [one.case_id for one in certain]) if certain else {}
    parties = await matching_store.select_parties(connection, sorted(set(roots.values()))) if roots else {}
    platforms = (
        await store.select_platforms(connection, set().union(*parties.values()), **key) if parties else set()
    )
    asked = {party_id: case_id for case_id, some in parties.items() for party_id in some & platforms}
    if asked and row.withdrawn_at is None:
        due_at = take_down_due_at(services, row.ground_code, at, time_zone)
        new = await store.insert_take_downs(connection, row.recall_id, asked, at=at, due_at=due_at, **key)
        await _insert_events(services, connection, TAKE_DOWN, new, at)
    elif asked:
        await _insert_events(services, connection, WITHDRAWN, asked, at)
    ids = [one.consignment_id for one in found]
    await store.set_told(connection, row.recall_id, ids, at=at, **key)
    return len(found)


def take_down_due_at(
    services: Services, ground_code: str | None, at: dt.datetime, time_zone: str
) -> dt.datetime:
    """Return until when a platform answers that is asked now."""
    ground = find_ground(ground_code or "", services.country_code, at)
    rest_days = shipped_measure_rules().rest_days_of(services.country_code)
    return working_days_end(at, ground.take_down.working_days, time_zone, rest_days)


async def tell_overdue(processor: Processor) -> None:
    """Tell platforms, and whose recall it is, that an answer is late; each once."""
    services = processor.services

    async def work(connection: Connection) -> None:
        at, key = services.clock.now(), {"administration_id": services.administration_id}
        for recall_id, party_id, case_id, owner_id in await store.select_overdue(
            connection, at=at, limit=_SOME_COUNT, **key
        ):
            for told_id in sorted({party_id, owner_id}):
                await _insert_events(services, connection, OVERDUE, {told_id: case_id}, at)
            named = {"recall_id": recall_id, "party_id": party_id, **key}
            await store.execute(connection, "set_overdue_told", at=at, **named)

    await processor.write(work)


async def _insert_events(
    services: Services, connection: Connection, kind: str, asked: Mapping[int, int], at: dt.datetime
) -> None:
    """Append an event to the feed of each party. asked: by party the case that it is about."""
    if not asked:
        return
    await consignment_store.insert_events(
        connection,
        administration_id=services.administration_id,
        event_ids=services.ids.take(len(asked)),
        party_ids=np.array(list(asked), dtype=np.int64),
        case_ids=np.array(list(asked.values()), dtype=np.int64),
        kind=kind,
        decision_ids=np.zeros(len(asked), dtype=np.int64),
        at_ms=int(at.timestamp() * 1000),
    )
