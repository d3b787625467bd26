"""What keys of split orders cost in bulk: processor time of the process and its PostgreSQL, batches with and
without them in turns, in one run; and what grouping costs beside.

    uv run python -m benchmarks.split_shipments        one JSON line; medians, microseconds a consignment
"""

import asyncio
import json
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import msgspec
from benchmarks.processor_time import tree_cpu_s
from serai.app import open_node, running_database
from serai.foundation.clock import SystemClock
from serai.journey.acts.split_shipments.grouping import group_parcels
from serai.journey.documents.submission import Sender, Submission
from serai.journey.recording import record
from serai.laboratory.invented.parcels import consignments
from tests.browser.look_at_pages import CARRIER_ID, fill, make_settings

BATCH_COUNT, ROUNDS_COUNT, WARM_COUNT = 5_000, 16, 2


def nothing(*_: Any, **__: Any) -> None:
    """Stand for the making of keys: there are none."""


async def measure(folder: Path) -> dict[str, float]:
    """Return the figures."""
    settings, clock = make_settings(folder), SystemClock()
    with running_database(settings, clock) as dsn:
        await fill(settings, dsn, 200, links_count=0)
        async with open_node(settings, dsn) as node:
            at = clock.now()
            made = consignments(
                BATCH_COUNT * (ROUNDS_COUNT + WARM_COUNT),
                99,
                at=at,
                first_acceptance=at - timedelta(hours=20),
            )
            lines = [msgspec.json.encode(one) for one in made]
            keyed, spent = record.build_split_keys, dict[bool, list[float]]({True: [], False: []})
            grouping, made_count = [], 0
            for number in range(ROUNDS_COUNT + WARM_COUNT):
                is_on = number % 2 == 0
                record.build_split_keys = keyed if is_on else nothing  # type: ignore[assignment]
                batch = lines[number * BATCH_COUNT : (number + 1) * BATCH_COUNT]
                sender = Sender(CARRIER_ID, frozenset({"carrier", "declarant"}))
                begun = tree_cpu_s([os.getpid()])
                await node.processor.clear([Submission(sender, "declaration", lines=batch)])
                decided = tree_cpu_s([os.getpid()])
                while await group_parcels(node.processor):
                    made_count += 1
                if number >= WARM_COUNT:
                    spent[is_on].append((decided - begun) / BATCH_COUNT * 1e6)
                    if is_on:
                        grouping.append((tree_cpu_s([os.getpid()]) - decided) / BATCH_COUNT * 1e6)
    on, off = median(spent[True]), median(spent[False])
    return {
        "without_us": round(off, 1),
        "with_us": round(on, 1),
        "adds_percent": round((on - off) / off * 100, 1),
        "grouping_us": round(median(grouping), 1),
        "batches_grouped": made_count,
        "at": time.time(),
    }


def main() -> None:
    """Print one JSON line."""
    with tempfile.TemporaryDirectory(prefix="serai-split-") as folder:
        print(json.dumps(asyncio.run(measure(Path(folder)))))


if __name__ == "__main__":
    main()
