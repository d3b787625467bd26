"""When an agency was silent for as long as its law lets it be, its suspension ends by itself: an act with its
law is recorded, and the case is decided again.

Some at a time, in the background of each process. Where one ends, another goes on.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.access.registry import find_party
from serai.journey.agency_controls import store
from serai.journey.agency_controls.agency_law import Silence, shipped_agency_rules, silences_of
from serai.journey.agency_controls.store import AgencyControl
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.linking.case_locks import lock_roots
from serai.journey.measure_rules.hearing_rules import period_end
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.measure_rules.working_days import working_days_end
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.services import Services
from serai.model.acts import Act
from serai.model.frames import FINAL_STATUSES

Connection = AsyncConnection[Any]
SOME_COUNT: Final = 100


async def follow_agencies(processor: Processor, time_zone: str) -> bool:
    """Set the clocks of parcels that are new before agencies, and end suspensions whose clock has run out;
    say whether more waits. time_zone: in which days are counted."""

    async def set_clocks(connection: Connection) -> int:
        return await _set_clocks(processor.services, connection, time_zone)

    async def end(connection: Connection) -> int:
        return await _end_some(processor, connection)

    count = await processor.write(set_clocks) + await processor.write(end)
    return bool(count >= SOME_COUNT)


async def _set_clocks(services: Services, connection: Connection, time_zone: str) -> int:
    key = {"administration_id": services.administration_id}
    found = await store.select_unset(connection, limit=SOME_COUNT, **key)
    dues = {one.control_id: clock_of(one, services.country_code, time_zone) for one in found}
    await store.set_clocks(connection, dues, **key)
    return len(found)


def clock_of(control: AgencyControl, country_code: str, time_zone: str) -> dt.datetime | None:
    """Return until when an agency may be silent; None: its silence ends nothing."""
    laws = shipped_agency_rules().laws_of(control.rules, control.opened_at)
    ends = [_end_of(one, control.opened_at, country_code, time_zone) for one in silences_of(laws)]
    return max(ends, default=None)


def _end_of(silence: Silence, opened_at: dt.datetime, country_code: str, time_zone: str) -> dt.datetime:
    rest_days = shipped_measure_rules().rest_days_of(country_code)
    if silence.counted_in == "working-days":
        return working_days_end(opened_at, silence.days, time_zone, rest_days)
    return period_end(opened_at, silence.days, time_zone, rest_days)


async def _end_some(processor: Processor, connection: Connection) -> int:
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    found = await store.select_ended(connection, at=at, limit=SOME_COUNT, **key)
    if not found:
        return 0
    roots = await lock_roots(connection, sorted({one.case_id for one in found}))
    # Under the locks once more: its agency may just have spoken.
    left = {one.control_id for one in await store.select_ended(connection, at=at, limit=SOME_COUNT, **key)}
    ending = [one for one in found if one.control_id in left]
    rows = {
        one.consignment_id: one
        for one in await consignment_store.select_consignments(
            connection, sorted({one.consignment_id for one in ending}), **key
        )
    }
    for control in ending:
        row = rows.get(control.consignment_id)
        if row is None or row.status in FINAL_STATUSES:
            await store.set_state(connection, control.control_id, "ended", at=at, **key)
            continue
        act = await _lapse(
            services, connection, control, root=roots[control.case_id], version=row.version, at=at
        )
        await redetermine(services, connection, processor.law, [control.consignment_id], at)
        await store.set_state(connection, control.control_id, "lapsed", at=at, **key)
        told = [(act.case_id, row.party_id, row.decision_id)]
        await notify_case(services, connection, "settled", told, at)
    return len(found)


async def _lapse(
    services: Services,
    connection: Connection,
    control: AgencyControl,
    *,
    root: int,
    version: int,
    at: dt.datetime,
) -> Act:
    """Record that the law has ended a suspension: the node itself acts, for the agency that was silent."""
    silences: Sequence[Silence] = silences_of(
        shipped_agency_rules().laws_of(control.rules, control.opened_at)
    )
    party = await find_party(connection, services.administration_id, control.party_id)
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=root,
        kind="agency-lapsed",
        subject_id=control.consignment_id,
        party_id=control.party_id,
        acting_user="",
        at=at,
        leaf_id=act_id,
        version=version,
        parameters={"rules": control.rules, "agency": party.name},
        law_reference="; ".join(dict.fromkeys(one.law_reference for one in silences)),
        due_at=control.due_at,
    )
    await record_act(services, connection, act)
    return act
