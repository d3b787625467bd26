"""Generates adverse decisions, holds each against the rule and some of them against a node, and writes
docs/reference/hearings.md: `python -m tests.journey.acts.hearing_campaign --count 100000 --stored 400`."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec

from serai.foundation.clock import SystemClock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.migrations import migrate
from serai.foundation.shipped import find_shipped
from tests.journey.acts.hearing_campaign import pure, stored
from tests.journey.acts.hearing_campaign.histories import generated
from tests.journey.acts.hearing_campaign.page import Figures, write_page
from tests.journey.processing.support import DECLARANT, opened

_FOLDER = Path("docs/reference")


def main(argv: list[str]) -> int:
    """Run both parts; 1 where anything must not be."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--count", type=int, default=100_000)
    asked.add_argument("--stored", type=int, default=400)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--figures", type=Path, default=_FOLDER / "hearings.json")
    options = asked.parse_args(argv)
    begun = time.perf_counter()
    taken, refused, faults = pure.judge(options.count, options.seed)
    pure_s = time.perf_counter() - begun
    by_rule = Figures(options.count, options.seed, round(pure_s, 1), dict(taken), dict(refused), faults)
    begun = time.perf_counter()
    taken, refused, faults = asyncio.run(play(options.stored, options.seed))
    stored_s = time.perf_counter() - begun
    on_node = Figures(options.stored, options.seed, round(stored_s, 1), dict(taken), dict(refused), faults)
    options.figures.write_bytes(msgspec.json.format(msgspec.json.encode([by_rule, on_node])) + b"\n")
    options.figures.with_suffix(".md").write_text(write_page(by_rule, on_node))
    for fault in [*by_rule.faults, *on_node.faults]:
        print(fault)  # noqa: T201 - for whoever runs it
    return 1 if by_rule.faults or on_node.faults else 0


async def play(count: int, seed: int) -> tuple[Counter[str], Counter[str], list[str]]:
    """Play histories on a node with a PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="serai-hearings-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", settings={"fsync": "off"})
        dsn = server.start()
        try:
            migrate(dsn, find_shipped("migrations"), at=SystemClock().now())
            clock = stored.CampaignClock()
            async with opened(dsn, Path(folder) / "node", clock=clock) as node:
                await stored.add_person(node, DECLARANT.party_id)
                return await stored.play(node, clock, list(generated(seed, count)))
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
