"""Postings of the ledger, held against the leaves of the evidence log: all within a day."""

from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.metrics import Metrics
from serai.foundation.settings import ComparisonSettings
from serai.foundation.telemetry import telemetry
from serai.journey.ledger.leaf_check import find_changed
from serai.journey.ledger.store import select_postings
from serai.journey.processing.transaction import Processor
from serai.journey.scans.rounds import advance_round, hold_round
from serai.journey.scans.store import Kind

POSTING: Final[Kind] = "posting"
"""The kind of scan. What a round has found is an alarm until the next one finds nothing."""


async def compare_postings(processor: Processor, settings: ComparisonSettings, metrics: Metrics) -> list[int]:
    """Compare the next postings of the round; return the ids of those that were changed.

    Another process that is at it is left alone: then there is nothing read.
    """
    services, limit = processor.services, settings.round_count_max

    async def turn(connection: AsyncConnection[Any]) -> tuple[int, list[int]]:
        changed: list[int] = []
        scan = await hold_round(services, connection, POSTING)
        if scan is None or scan.finished_at is not None or not limit:
            return 0, changed
        key = {"administration_id": services.administration_id}
        postings = await select_postings(connection, scan.after_id, limit=limit, **key)
        changed = await find_changed(connection, postings, **key)
        last_id = postings[-1].posting_id if len(postings) == limit else None
        await advance_round(
            services, connection, scan, last_id, read_count=len(postings), hit_count=len(changed)
        )
        return len(postings), changed

    found: list[int]
    read_count, found = await processor.write(turn)
    metrics.records_compared.inc(read_count)
    metrics.records_changed.inc(len(found))
    if found:
        telemetry().error("ledger-changed", code="ledger-changed", rows_count=len(found))
    return found
