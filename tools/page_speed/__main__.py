"""Fills stores and times their pages.

`python -m tools.page_speed seed FOLDER --count 2000000` fills one; `measure SMALL LARGE` times those of two.
`network` times pages on a slow network, and a filing beside readers of pages.
"""

import argparse
import asyncio
from pathlib import Path

from playwright.sync_api import sync_playwright
from serai.app import running_database
from serai.foundation.clock import SystemClock
from tests.browser.chromium import FLAGS

from tools.accessibility.__main__ import find_chromium, served_pages
from tools.page_speed.beside_readers import time_beside_readers
from tools.page_speed.copies import copy_days
from tools.page_speed.first_content import time_first_content
from tools.page_speed.measuring import measure, write_report
from tools.page_speed.network_report import write_network_report
from tools.page_speed.seeding import LOT_COUNT, read_seeded, seed, settings_of

_REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def main() -> None:
    """Fill, or measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("seed", "measure", "network"))
    parser.add_argument("folders", type=Path, nargs="*")
    parser.add_argument("--count", type=int, default=2_000_000)
    chosen = parser.parse_args()
    if chosen.what == "measure":
        small, large = chosen.folders
        write_report(measure(small), measure(large), _REFERENCE / "page-speed.md", SystemClock().now())
        return
    if chosen.what == "network":
        _time_network()
        return
    for folder in chosen.folders:
        folder.mkdir(parents=True, exist_ok=True)
        _fill(folder, chosen.count)


def _time_network() -> None:
    beside = time_beside_readers()
    with served_pages(2_000) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        first = time_first_content(browser, served)
        browser.close()
    write_network_report(first, beside, _REFERENCE / "page-network.md", SystemClock().now())


def _fill(folder: Path, count: int) -> None:
    settings = settings_of(folder)
    with running_database(settings, SystemClock()) as dsn:
        if read_seeded(folder) is None:
            asyncio.run(seed(settings, dsn, folder, min(count, LOT_COUNT)))
        copy_days(dsn, range(1, count // LOT_COUNT))


if __name__ == "__main__":
    main()
