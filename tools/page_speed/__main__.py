"""`python -m tools.page_speed seed FOLDER --count 2000000`: fill a store. `measure FOLDER`: time its pages."""

import argparse
import asyncio
from pathlib import Path

from serai.app import running_database
from serai.foundation.clock import SystemClock
from tools.page_speed.seeding import seed, settings_of


def main() -> None:
    """Fill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("seed",))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=2_000_000)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    settings = settings_of(chosen.folder)
    with running_database(settings, SystemClock()) as dsn:
        asyncio.run(seed(settings, dsn, chosen.folder, chosen.count))


if __name__ == "__main__":
    main()
