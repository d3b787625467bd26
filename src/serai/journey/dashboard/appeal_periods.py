"""Until when decisions may be appealed against, of many consignments at once: for lists of a declarant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.appeals import LODGED, OUTCOMES, appeal_end, is_appeal_open
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.measure_rules.governing_law import governing_laws
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.processing.transaction import Processor
from serai.journey.texts.notices import select_notices
from serai.model.acts import ACT_KINDS, MEASURES, Act


class AppealPeriod(NamedTuple):
    """Of one consignment. ends_at: None: no period runs yet, since nothing proves that the decision is known.
    is_open: an appeal about it was lodged and is not decided."""

    ends_at: datetime | None
    is_open: bool


async def select_appeal_periods(
    processor: Processor,
    connection: AsyncConnection[Any],
    consignment_ids: Sequence[int],
    *,
    party_id: int,
) -> dict[int, AppealPeriod]:
    """Return by consignment until when a party may appeal against what stands on it: the newest measure of an
    officer, else the decision."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    rows = await consignment_store.select_consignments(connection, list(consignment_ids), **key)
    case_ids = sorted({row.case_id for row in rows})
    if not case_ids:
        return {}
    found = await select_standing_acts(connection, case_ids, [*MEASURES, LODGED, *OUTCOMES], **key)
    acts = [act for _, act in found]
    notices = await select_notices(connection, case_ids, party_id=party_id, **key)
    laws = await governing_laws(processor, connection, {row.basis_id for row in rows})
    rest_days = shipped_measure_rules().rest_days_of(services.country_code)
    at = services.clock.now()
    periods = {}
    for row in rows:
        against = _measure_on(acts, row)
        since = against.act_id if against is not None else row.decision_id
        # Ids rise with time: a decision with or after the measure speaks of it.
        served = [
            one.served_at
            for one in notices
            if one.event_kind is None and any(since <= number for number in one.decision_ids)
        ]
        own = [one for one in acts if one.subject_id == row.consignment_id or one.kind in OUTCOMES]
        periods[row.consignment_id] = AppealPeriod(
            appeal_end(served, laws[row.basis_id], rest_days) if served else None,
            is_appeal_open(own, format_id(since), at),
        )
    return periods


def _measure_on(acts: Sequence[Act], row: ConsignmentRow) -> Act | None:
    """Return the newest measure on a consignment that its declarant may know of."""
    own = [
        one
        for one in acts
        if one.kind in MEASURES
        and one.subject_id == row.consignment_id
        and not ACT_KINDS[one.kind].is_internal
    ]
    return own[-1] if own else None
