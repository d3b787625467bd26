"""An officer takes a measure in a real Chromium, without script: states it, reads it once more, confirms."""

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_steps import open_named, scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
PARCEL = "NAMED-1-SHIRTS"


def test_an_officer_holds_a_parcel_on_a_phone_and_releases_it_at_a_desk(
    open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    steps = {"phone": ("Hold", "Wait for the invoice."), "desktop": ("Release", "The invoice is here.")}
    titles = set()
    for size, (label, words) in steps.items():
        page = open_signed_in("/parcels", size)
        take_measure(page, served, label, words, partial(_take_at, take_picture, size))
        expect(page.get_by_text(f"{label}: {words}")).to_be_visible()
        titles.add(page.title())

    assert len(titles) == len(steps)


def _take_at(take_picture: TakePicture, size: str, page: Page, name: str) -> None:
    take_picture(page, f"{name}-{size}")


def take_measure(
    page: Page, served: Served, label: str, words: str, take: Callable[[Page, str], None]
) -> None:
    """Take a measure on the parcel and stand on its page again. take: a picture."""
    open_named(page, served, PARCEL)
    page.get_by_role("link", name="Take a measure").click()
    wait_for_title(page, "Take a measure")
    assert not scrolls_sideways(page)
    page.get_by_role("link", name=label, exact=True).click()
    wait_for_title(page, label)
    page.get_by_label("In words, for the declarant").fill(words)
    assert not scrolls_sideways(page)
    take(page, "measure")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    take(page, "measure-summary")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("link", name="Take a measure")).to_be_visible()
