"""An officer takes a measure in a real Chromium, without script: states it, reads it once more, confirms."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_steps import open_named, scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
PARCEL = "NAMED-1-SHIRTS"


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_an_officer_holds_a_parcel_and_releases_it(
    open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture, size: str
) -> None:
    page = open_signed_in("/parcels", size)

    def take(name: str) -> None:
        take_picture(page, f"{name}-{size}")

    take_measure(page, served, "Hold", f"Wait for the invoice: {size}", take)
    held = page.locator("h1").inner_text()
    take_measure(page, served, "Release", f"The invoice is here: {size}", lambda _: None)

    expect(page.get_by_text(f"The invoice is here: {size}")).to_be_visible()
    assert page.locator("h1").inner_text() != held


def take_measure(page: Page, served: Served, label: str, words: str, take: Callable[[str], None]) -> None:
    """Take a measure on the parcel and stand on its page again. take: a picture."""
    open_named(page, served, PARCEL)
    page.get_by_role("link", name="Take a measure").click()
    wait_for_title(page, "Take a measure")
    assert not scrolls_sideways(page)
    page.get_by_role("link", name=label, exact=True).click()
    wait_for_title(page, label)
    page.get_by_label("In words, for the declarant").fill(words)
    assert not scrolls_sideways(page)
    take("measure")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    take("measure-summary")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("link", name="Take a measure")).to_be_visible()
