"""Scorecards in a real Chromium, without script: the list of declarants, one card, on a phone and a
desktop."""

import pytest
from playwright.sync_api import expect

from serai.foundation.id_text import format_id
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.look_at_pages import CARRIER_ID
from tests.browser.page_steps import scrolls_sideways
from tests.turns import SIZES

pytestmark = pytest.mark.browser

CARD = f"/scorecards/{format_id(CARRIER_ID)}"


@pytest.mark.parametrize("size", SIZES)
def test_a_card_says_what_to_mend_first(
    open_signed_in: OpenSignedIn, take_picture: TakePicture, size: str
) -> None:
    page = open_signed_in(CARD, size)
    take_picture(page, f"scorecard-{size}")

    assert page.get_by_role("heading", level=1).inner_text().startswith("Anvil Express: data quality ")
    assert page.locator(".grid h3").count() == 3
    expect(page.get_by_role("heading", name="Worth correcting first")).to_be_visible()
    expect(page.get_by_text("fewer than 10 are not shown")).to_be_visible()
    assert not scrolls_sideways(page)


@pytest.mark.in_turn
def test_the_list_leads_to_a_card_and_the_card_shows_its_formula(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/scorecards")
    page.get_by_role("link", name="Anvil Express").click()
    page.wait_for_url(f"**{CARD}*")

    page.get_by_text("The formula, version").click()

    shown = page.get_by_text("The description does not name goods").filter(visible=True)
    expect(shown.first).to_be_visible()
