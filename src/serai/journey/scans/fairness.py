"""Does a measure of selection depart from what is found, or speak of everything? Looked at now and then."""

import datetime as dt
from typing import Final

from serai.journey.processing.transaction import Processor
from serai.journey.selection.fairness import find_departures, measure_fairness
from serai.journey.selection.store import (
    forget_batches,
    select_counts,
    select_random_share,
    select_rules_changed_at,
    write_departures,
)

WINDOW: Final = dt.timedelta(days=2)
_FINDINGS_WINDOW: Final = dt.timedelta(days=90)
KEPT: Final = dt.timedelta(days=400)
"""So long sums of batches are kept."""
FLOW_MIN: Final = 200
"""Below so many parcels since rules changed, alarms stay as they are: nothing is known yet."""


async def measure_selection(processor: Processor) -> int:
    """Open and end alarms; return how many are open.

    What came since rules changed last counts, two days at most: so a new rule is measured by what it does,
    and not by what came before it.
    """
    if processor.law.risk is None:
        return 0
    services = processor.services
    at, own = services.clock.now(), {"administration_id": services.administration_id}
    async with services.database.read(services.administration_id) as connection:
        changed_at = await select_rules_changed_at(connection, **own)
        counts = await select_counts(connection, max(changed_at or at - WINDOW, at - WINDOW), **own)
        if counts.flow_count < FLOW_MIN:
            return 0
        departures = find_departures(counts)
        if departures:
            # What was found can only explain a departure. It is asked for where there is one: three months of
            # the random share are many rows.
            rows = await select_random_share(connection, at - _FINDINGS_WINDOW, **own)
            departures = find_departures(counts, measure_fairness(rows))
    ids = services.ids.take(len(departures)).tolist() if departures else []
    async with services.database.write() as connection:
        await write_departures(connection, departures, ids, **own, at=at)
        await forget_batches(connection, (at - KEPT).astimezone(dt.UTC).date(), **own)
    return len(departures)
