"""Do the scores of what comes in lie as they did when the model came into force? Looked at now and then."""

import datetime as dt
from typing import Final

from serai.journey.processing.transaction import Processor
from serai.journey.risk_model.drift import DRIFTED, drift_of_counts, score_key_of
from serai.journey.risk_model.model import RiskModel
from serai.journey.selection.store import end_drift, select_first_scored, select_score_counts, write_drift
from serai.journey.services import Services

WEEK: Final = dt.timedelta(days=7)


async def measure_drift(processor: Processor) -> bool | None:
    """Open or end the alarm that the model drifts; chance selects more while it is open. Return whether it
    drifts; None: too little came in to say, and an alarm stays as it is.

    The last week is held against the first one under the same training. Another training, or none, ends the
    alarm: what was said of the one before says nothing of it.
    """
    services = processor.services
    at, own = services.clock.now(), {"administration_id": services.administration_id}
    model = None if processor.law.model is None else processor.law.model.model
    is_drifting, seen_count = (False, 0) if model is None else await _compare(services, model, at)
    if is_drifting is None:
        return None
    departure_id = int(services.ids.take(1)[0])
    async with services.database.write() as connection:
        if is_drifting:
            await write_drift(connection, seen_count, departure_id, **own, at=at)
        else:
            await end_drift(connection, **own, at=at)
    return is_drifting


async def _compare(services: Services, model: RiskModel, at: dt.datetime) -> tuple[bool | None, int]:
    """Return whether the scores of the last week lie otherwise, and of how many parcels they are."""
    key, own = score_key_of(model), {"administration_id": services.administration_id}
    async with services.database.read(services.administration_id) as connection:
        begun_at = await select_first_scored(connection, key, **own)
        if begun_at is None or at < begun_at + 2 * WEEK:
            return False, 0
        first = await select_score_counts(connection, key, begun_at, begun_at + WEEK, **own)
        last = await select_score_counts(connection, key, at - WEEK, at, **own)
    stability = drift_of_counts(first, last)
    return (None if stability is None else stability >= DRIFTED), sum(last)
