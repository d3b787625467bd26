"""The page of flights and the figures in a real Chromium, without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.turns import SIZES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_title_says_how_many_need_a_person(
    open_signed_in: OpenSignedIn,
    take_picture: TakePicture,
    size: str,
) -> None:
    page = open_signed_in("/arrivals", size)
    take_picture(page, f"arrivals-{size}")

    assert re.fullmatch(r"\d+ parcels in the air, \d+ need a person · Serai", page.title())
    assert not scrolls_sideways(page)


def test_lanes_sum_to_what_is_in_the_air(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/arrivals")
    in_the_air = int(page.title().split()[0])

    page.get_by_text("Lanes as a table").click()
    table = page.get_by_role("table", name="Parcels in the air by lane")
    counts = [int(cell) for cell in table.locator("tbody td:nth-child(2)").all_inner_texts()]

    assert sum(counts) == in_the_air
    assert table.locator("tfoot td").first.inner_text() == str(in_the_air)


@pytest.mark.in_turn
def test_held_parcel_is_one_click_away(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/arrivals")

    page.locator(".held a").first.click()

    wait_for_title(page, "In review")
    assert "/parcels/" in page.url


@pytest.mark.in_turn
def test_count_of_a_lane_leads_to_these_parcels(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/arrivals")
    link = page.locator("a.tag-link", has_text="review").first
    count = int(link.inner_text().split()[0])

    link.click()
    wait_for_title(page, "Parcels in lane review")

    rows = page.get_by_role("table").locator("tbody tr")
    assert rows.count() == min(count, 25)
    assert set(rows.locator(".tag").all_inner_texts()) == {"Review"}


@pytest.mark.in_turn
def test_parcels_whose_law_is_not_loaded_are_counted_apart(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/arrivals")
    link = page.get_by_role("link", name="without law").first
    count = int(link.inner_text().split()[0])

    expect(page.get_by_text("go to places whose law is not loaded")).to_be_visible()
    link.click()
    wait_for_title(page, "Parcels whose law is not loaded")

    rows = page.get_by_role("table").locator("tbody tr")
    assert rows.count() == min(count, 25)
    assert set(rows.locator(".tag").all_inner_texts()) == {"No law yet"}


@pytest.mark.in_turn
def test_eight_stories_lead_to_their_parcels(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/arrivals")
    stories = page.locator(".grid--stories > li")

    assert stories.count() == 8
    assert page.locator(".grid--stories a").count() == 10
    page.locator(".grid--stories a").first.click()
    page.get_by_text("NAMED-1-SHIRTS").wait_for()


@pytest.mark.parametrize("size", SIZES)
def test_figures_sum_what_is_charged(
    open_signed_in: OpenSignedIn,
    take_picture: TakePicture,
    size: str,
) -> None:
    page = open_signed_in("/statistics", size)
    take_picture(page, f"statistics-{size}")

    charges = page.get_by_role("table", name="Charges by type and currency")
    assert charges.get_by_text("Customs duty").count() >= 1
    assert not scrolls_sideways(page)
