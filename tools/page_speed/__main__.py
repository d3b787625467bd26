"""Fills a store and times its pages: `python -m tools.page_speed seed FOLDER`, then `... measure FOLDER`."""

import argparse
import asyncio
from pathlib import Path

from serai.app import running_database
from serai.foundation.clock import SystemClock

from tools.page_speed.copies import copy_days
from tools.page_speed.seeding import LOT_COUNT, read_seeded, seed, settings_of


def main() -> None:
    """Fill, or measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("seed",))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=2_000_000)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    settings = settings_of(chosen.folder)
    with running_database(settings, SystemClock()) as dsn:
        if read_seeded(chosen.folder) is None:
            asyncio.run(seed(settings, dsn, chosen.folder))
        copy_days(dsn, range(1, chosen.count // LOT_COUNT))


if __name__ == "__main__":
    main()
