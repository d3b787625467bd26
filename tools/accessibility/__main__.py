"""Looks at every page in every language and writes docs/reference/accessibility.md.

`python -m tools.accessibility` takes some minutes; `--languages en ar` and `--pages NAME` look at fewer: the
record keeps what was seen of the others. `python -m tools.accessibility bring` fetches axe-core.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright
from serai.app import running_database
from serai.foundation.clock import SystemClock
from serai.model.languages import LANGUAGES
from serai.web.application import build_application
from tests.browser.chromium import FLAGS
from tests.browser.look_at_pages import fill, make_settings, serving
from tests.browser.served_pages import PARCELS_COUNT, Served

from tools.accessibility.axe import ROOT, AxeMissingError, bring_axe, read_axe
from tools.accessibility.looking import Looker, Seen
from tools.accessibility.pages import PAGES
from tools.accessibility.report import keep

_KEEP_EACH = 20


def main() -> int:
    """Bring axe-core, or look at pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("bring", "look"), nargs="?", default="look")
    parser.add_argument("--languages", nargs="*", default=list(LANGUAGES))
    parser.add_argument("--pages", nargs="*", default=[])
    chosen = parser.parse_args()
    try:
        bring_axe()
    except AxeMissingError as fault:
        _say(str(fault))
        return 2
    if chosen.what == "bring":
        return 0
    pages = [one for one in PAGES if not chosen.pages or one.name in chosen.pages]
    with served_pages(PARCELS_COUNT) as served, sync_playwright() as playwright:
        launch = partial(playwright.chromium.launch, executable_path=find_chromium(), args=FLAGS)
        browser = launch()
        version = browser.version
        browser.close()
        seen = []
        looker = Looker(
            lambda: playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS),
            served,
            read_axe(),
        )
        for one in looker.look(pages, chosen.languages):
            seen.append(one)
            _tell(one)
            if len(seen) % _KEEP_EACH == 0:
                keep(seen, version, SystemClock().now())
        looker.close()
    keep(seen, version, SystemClock().now())
    return 1 if any(one.faults for one in seen) else 0


def _tell(seen: Seen) -> None:
    _say(f"{seen.language} {seen.page}: {len(seen.faults) or 'nothing'}")
    for fault in seen.faults:
        _say(f"    {fault.check}: {fault.says}")


@contextmanager
def served_pages(parcels_count: int) -> Iterator[Served]:
    """Serve the pages of a node with some invented parcels."""
    folder = Path(tempfile.mkdtemp(prefix="serai-accessibility-"))
    settings = make_settings(folder)
    try:
        with running_database(settings, SystemClock()) as dsn:
            filled = asyncio.run(fill(settings, dsn, parcels_count))
            with serving(build_application(settings, dsn)) as address:
                yield Served(address, filled, folder, dsn)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_chromium() -> str:
    """Return the path of the browser that the tests drive."""
    command = [sys.executable, str(ROOT / "tools" / "find_chromium.py"), "--no-fetch"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
