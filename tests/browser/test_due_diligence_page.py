"""A score of a role disputed with a document and won, in a real Chromium; and what everybody reads of it."""

from typing import Any

import httpx2
import pytest
from playwright.sync_api import expect

from serai.foundation.id_text import format_id
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.look_at_pages import CARRIER_ID
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser

CARD = f"/scorecards/{format_id(CARRIER_ID)}"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def card_of(served: Served) -> Any:
    headers = {"authorization": f"Bearer {served.filled.carrier_key}", "accept": "application/json"}
    return httpx2.get(f"{served.address}/v1{CARD}", headers=headers, timeout=60).json()


@pytest.mark.in_turn
def test_a_scorecard_is_disputed_with_a_document_and_won(
    served: Served, open_signed_in: OpenSignedIn, take_picture: TakePicture
) -> None:
    before = card_of(served)["roles"][0]
    lost = next(one for one in before["duties"] if one["percent"] not in (None, 100))
    headers = {"authorization": f"Bearer {served.filled.carrier_key}"}
    with httpx2.Client(base_url=served.address, headers=headers, timeout=60) as client:
        form = {"code": lost["code"], "from_on": "2020-01-01", "to_on": "2019-01-01", "statement": "Wrong."}
        wrong = client.post(f"{CARD}/disputes", data=form, headers={"accept": "text/html"})
        assert (wrong.status_code, "a year behind it" in wrong.text) == (422, True)
        days = {"from_on": card_of(served)["from_on"], "to_on": card_of(served)["to_on"]}
        sent = client.post(
            f"{CARD}/disputes",
            data={**form, **days, "statement": "The numbers were in the manifest."},
            files={"document": ("manifest.pdf", PDF, "application/pdf")},
            headers={"accept": "text/html"},
        )
        assert sent.status_code == 303, sent.text

    page = open_signed_in(CARD, "desktop")
    page.locator("#roles").scroll_into_view_if_needed()
    take_picture(page, "due-diligence-card-desktop")
    with page.expect_download() as download:
        page.get_by_role("link", name="Document of the party").click()
    assert download.value.path().read_bytes() == PDF
    page.get_by_label("Yes: it counts no longer").check()
    page.locator("form[action$='/answer'] textarea").fill("The manifest has them all.")
    page.get_by_role("button", name="Answer the dispute").click()
    expect(page.get_by_text("Upheld: it counts no longer.")).to_be_visible()

    after = card_of(served)["roles"][0]
    assert next(one for one in after["duties"] if one["code"] == lost["code"])["percent"] == 100
    assert after["score"] > before["score"]

    page.context.clear_cookies()
    page.context.set_extra_http_headers(headers)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(served.address + CARD)
    page.locator("#dispute").scroll_into_view_if_needed()
    take_picture(page, "due-diligence-dispute-phone")
    assert page.get_by_label("What is disputed").locator(f"option[value='{lost['code']}']").count() == 1
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("size", SIZES)
def test_everybody_reads_definition_and_value(
    open_signed_in: OpenSignedIn, take_picture: TakePicture, size: str
) -> None:
    page = open_signed_in("/due-diligence", size)
    take_picture(page, f"due-diligence-{size}")

    expect(page.get_by_role("heading", name="Formula")).to_be_visible()
    expect(page.get_by_text("fewer than 10 parties").first).to_be_visible()
    assert not scrolls_sideways(page)
