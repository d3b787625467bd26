"""An agency sees the parcels that its rule keeps, on its own pages, and decides; another agency sees none."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.served_pages import Served
from tests.browser.test_permit_pages import agency_of, declare, looks_right
from tests.journey.permits.test_over_http import ivory

pytestmark = pytest.mark.browser


@pytest.mark.in_turn
def test_an_agency_keeps_hears_and_clears_on_its_pages(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        agency = {"authorization": f"Bearer {thread.submit(lambda: asyncio.run(agency_of(served))).result()}"}
    seller = {"authorization": f"Bearer {served.filled.carrier_key}"}
    answers = [declare(served, seller, ivory(f"BEFORE-{size}")) for size in ("phone", "desktop")]
    assert [one["decision"]["lane"] for one in answers] == ["await", "await"]

    for size, waits in zip(("phone", "desktop"), answers, strict=True):
        page: Page = open_page(size, java_script_enabled=False, extra_http_headers=agency)
        page.goto(f"{served.address}/agency")
        expect(page.get_by_text("waiting for you").first).to_be_visible()
        looks_right(page, take_picture, f"agency-{size}")
        page.get_by_role("link", name=waits["decision"]["mrn"]).click()
        expect(page.get_by_text("small white figurine")).to_be_visible()
        # Nothing of who sends or gets it, and no case.
        assert waits["case_id"] not in page.content()
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose what you decide")
        page.get_by_label("Your decision").select_option("refused:prohibited")
        page.get_by_label("In words").fill("It looks fresh.")
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_role("alert")).to_contain_text("must be heard first")
        page.get_by_label("Your decision").select_option("maintained:document-missing")
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_text("kept by you").first).to_be_visible()
        looks_right(page, take_picture, f"agency-parcel-{size}")
        page.get_by_label("Your decision").select_option("cleared:document-shown")
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_text("You have cleared the goods")).to_be_visible()
        expect(page.get_by_role("button", name="Decide")).to_have_count(0)
        told = httpx2.get(f"{served.address}/v1/cases/{waits['case_id']}", headers=seller).json()
        assert told["consignments"][0]["lane"] == "proceed"
