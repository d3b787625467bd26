"""Sums of batches that are a while ago made one: each batch reads the sums of its day, and alarms those of
days, which would otherwise take the longer the more came in.
"""

import datetime as dt
from typing import Any, Final

from psycopg import AsyncConnection

from serai.journey.processing.transaction import Processor
from serai.journey.selection.batch_sums import merge_sums
from serai.journey.selection.store import (
    insert_batch,
    select_batches_to_merge,
    select_rules_changed_at,
    take_batches,
)

SETTLED: Final = dt.timedelta(seconds=10)
"""So long ago a batch was decided: few are still to come between, and those wait for the next turn."""
MINUTES: Final = dt.timedelta(hours=2)
"""So long minutes are kept apart; what is older is by the hour."""
DAYS: Final = dt.timedelta(days=3)
SOME_COUNT: Final = 2_000


async def merge_batches(processor: Processor) -> bool:
    """Make batches of the same minute, or hour, one: that of the earliest. Say whether more wait."""
    services = processor.services
    at, own = services.clock.now(), {"administration_id": services.administration_id}
    async with services.database.read(services.administration_id) as connection:
        together = await select_batches_to_merge(
            connection,
            **own,
            from_on=(at - DAYS).astimezone(dt.UTC).date(),
            changed_at=await select_rules_changed_at(connection, **own),
            hours_before=(at - MINUTES).replace(minute=0, second=0, microsecond=0),
            before=at - SETTLED,
            limit=SOME_COUNT,
        )
    if not together:
        return False
    async with services.database.write() as connection:
        for batch_ids in together.values():
            await _make_one(connection, batch_ids, services.administration_id)
    return sum(map(len, together.values())) == SOME_COUNT


async def _make_one(connection: AsyncConnection[Any], batch_ids: list[int], administration_id: int) -> None:
    taken = await take_batches(connection, batch_ids, administration_id=administration_id)
    if taken:
        sums = merge_sums([one for _, one in taken.values()])
        # Of the earliest: what came since an instant never counts what came before it.
        begun_at = min(at for at, _ in taken.values())
        await insert_batch(connection, min(taken), sums, administration_id=administration_id, at=begun_at)
