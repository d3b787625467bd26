"""One filled and running server for the tests of the pages in a browser."""

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.look_at_pages import Filled, build_pages, fill, make_settings, serving

PARCELS_COUNT = 600


class Served(msgspec.Struct):
    """A running server and what it was filled with."""

    address: str
    filled: Filled

    def enter(self) -> str:
        """An address that signs an officer in, once."""
        return f"{self.address}/enter/{self.filled.links.pop()}"


OpenSignedIn = Callable[..., Page]


@pytest.fixture(scope="module")
def served(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("node")
    settings = make_settings(folder)
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        filled = thread.submit(lambda: asyncio.run(fill(settings, database, PARCELS_COUNT))).result()
    with serving(build_pages(settings, database)) as address:
        yield Served(address, filled)


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Closed with its module: Playwright's event loop would be in the way of later tests that wait."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_signed_in(open_page: Any, served: Served) -> OpenSignedIn:
    """Open a page as an officer: `open_signed_in("/parcels", "phone")`; scripts are off unless asked for."""

    def open_one(path: str, size: str = "desktop", **options: Any) -> Page:
        page: Page = open_page(size, **{"java_script_enabled": False, **options})
        page.goto(served.enter())
        page.goto(served.address + path)
        return page

    return open_one


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def open_named(page: Page, served: Served, reference: str) -> None:
    """Find a named parcel by its reference, as a person would, and open it."""
    page.goto(f"{served.address}/parcels")
    page.get_by_label("Find by number").fill(reference)
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name=reference).click()


def wait_for_title(page: Page, beginning: str) -> None:
    """Wait until the page that a click leads to is there, by the beginning of its title."""
    expect(page).to_have_title(re.compile("^" + re.escape(beginning)))
