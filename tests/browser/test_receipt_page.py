"""The page on which anybody checks a receipt, in a real Chromium without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import open_named, scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser


@pytest.mark.in_turn
def test_a_receipt_of_a_parcel_is_read_by_a_stranger_and_a_changed_one_told(
    open_signed_in: OpenSignedIn, open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    officer = open_signed_in("/parcels")
    open_named(officer, served, "NAMED-2-DESK")
    officer.get_by_role("button", name="Check this receipt").click()
    receipt = officer.locator("pre.receipt").inner_text()

    page = open_page("phone", java_script_enabled=False)
    page.goto(served.address)
    page.locator("main").get_by_role("link", name="Check a receipt").click()
    assert find_page_faults(page) == []
    page.get_by_label("Receipt", exact=True).fill(receipt)
    page.get_by_role("button", name="Check the receipt").click()
    wait_for_title(page, "This receipt is genuine")
    expect(page.get_by_text("It is a pro")).to_be_visible()
    expect(page.get_by_text("Newest checkpoint")).to_be_visible()
    take_picture(page, "receipt-check-phone")
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    assert not scrolls_sideways(page)

    desk = open_page("desktop", java_script_enabled=False)
    desk.goto(f"{served.address}/status")
    desk.locator("main").get_by_role("link", name="Check a receipt").click()
    desk.get_by_label("Receipt", exact=True).fill(receipt.replace("A", "B", 1))
    desk.get_by_role("button", name="Check the receipt").click()
    wait_for_title(desk, "This receipt is not genuine")
    expect(desk.get_by_role("heading", name="What to do")).to_be_visible()
    take_picture(desk, "receipt-check-false-desktop")
    assert find_page_faults(desk) == []
