"""What a person does and sees on a page."""

import re

from playwright.sync_api import Page, expect

from tests.browser.served_pages import Served


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def open_named(page: Page, served: Served, reference: str) -> None:
    """Find a named parcel by its reference, as a person would, and open it."""
    page.goto(f"{served.address}/parcels")
    page.locator("#search").fill(reference)
    page.locator("form[role=search] button").click()
    page.get_by_role("link", name=reference).click()


def wait_for_title(page: Page, beginning: str) -> None:
    """Wait until the page that a click leads to is there, by the beginning of its title."""
    expect(page).to_have_title(re.compile("^" + re.escape(beginning).replace(r"\ ", r"\s")))
