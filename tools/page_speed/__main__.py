"""Fills stores and times their pages.

`python -m tools.page_speed seed FOLDER --count 2000000` fills one; `measure SMALL LARGE` times those of two.
"""

import argparse
import asyncio
from pathlib import Path

from serai.app import running_database
from serai.foundation.clock import SystemClock

from tools.page_speed.copies import copy_days
from tools.page_speed.measuring import measure, write_report
from tools.page_speed.seeding import LOT_COUNT, read_seeded, seed, settings_of

_REPORT = Path(__file__).parents[2] / "docs" / "reference" / "page-speed.md"


def main() -> None:
    """Fill, or measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("seed", "measure"))
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=2_000_000)
    parser.add_argument("--report", type=Path, default=_REPORT)
    chosen = parser.parse_args()
    if chosen.what == "measure":
        small, large = chosen.folders
        write_report(measure(small), measure(large), chosen.report, SystemClock().now())
        return
    for folder in chosen.folders:
        folder.mkdir(parents=True, exist_ok=True)
        _fill(folder, chosen.count)


def _fill(folder: Path, count: int) -> None:
    settings = settings_of(folder)
    with running_database(settings, SystemClock()) as dsn:
        if read_seeded(folder) is None:
            asyncio.run(seed(settings, dsn, folder, min(count, LOT_COUNT)))
        copy_days(dsn, range(1, count // LOT_COUNT))


if __name__ == "__main__":
    main()
