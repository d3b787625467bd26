"""How all parties with a role stood, month by month: worked out on a timer, read by everybody."""

import datetime as dt
from collections import defaultdict
from typing import Final

from serai.journey.processing.transaction import Processor
from serai.journey.scorecards import store
from serai.journey.scorecards.duties import duties_on, shipped_duties
from serai.journey.scorecards.role_scores import month_of, score_roles
from serai.journey.scorecards.scorecard import without_upheld
from serai.journey.validation.data_quality import store as quality_store
from serai.journey.validation.data_quality.formula import FORMULA

MONTHS_SHOWN: Final = 6
_MONTHS_ANEW: Final = 2


async def weigh_roles(processor: Processor) -> None:
    """Work out this month and the one before anew: what a dispute gave back counts within the hour."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    today = at.astimezone(dt.UTC).date()
    duties = duties_on(shipped_duties(), today)
    month_on = today.replace(day=1)
    for _ in range(_MONTHS_ANEW):
        after = (month_on + dt.timedelta(days=32)).replace(day=1)
        async with services.database.read(services.administration_id) as connection:
            parties = await store.select_month(connection, (month_on, after), at, **key)
            disputes = await quality_store.select_disputes(connection, None, **key)
        scores: dict[str, list[int]] = defaultdict(list)
        for party_id, its in parties.items():
            own = [one for one in disputes if one.party_id == party_id]
            for one in score_roles(its.roles, duties, without_upheld(its.days, own), its.documents, own):
                if one.score is not None:
                    scores[one.role].append(one.score)
        async with services.database.write() as connection:
            for role in dict.fromkeys(one.role for one in duties):
                month = month_of(role, month_on, scores[role], FORMULA.peers.count_min)
                if month is None:
                    await store.drop_role_month(connection, role, month_on, **key)
                else:
                    await store.put_role_month(connection, month, **key)
        month_on = (month_on - dt.timedelta(days=1)).replace(day=1)
