"""The list of parcels in a real Chromium, without script: search, filters, pages, cards on a phone."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_list_shows_the_newest_first(
    open_signed_in: OpenSignedIn,
    take_picture: TakePicture,
    size: str,
) -> None:
    page = open_signed_in("/parcels", size)
    take_picture(page, f"parcels-{size}")

    assert page.get_by_role("table").locator("tbody tr").count() == 25
    expect(page.get_by_role("link", name="NAMED-8-NO-NUMBER")).to_be_visible()
    assert not scrolls_sideways(page)


@pytest.mark.parametrize("number", ["NAMED-2-DESK", "INVENTED2-DESK", "6CN000000001NAMED2-DESK"])
def test_any_number_finds_the_parcel(open_signed_in: OpenSignedIn, number: str) -> None:
    page = open_signed_in("/parcels")
    page.get_by_label("Find by number").fill(number)
    page.get_by_role("button", name="Show").click()

    wait_for_title(page, "1 parcel has this number")
    assert page.get_by_role("table").locator("tbody tr").count() == 1
    expect(page.get_by_role("link", name="NAMED-2-DESK")).to_be_visible()


@pytest.mark.in_turn
def test_registration_and_case_number_find_the_parcel(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/parcels?search=NAMED-2-DESK")
    page.get_by_role("link", name="NAMED-2-DESK").click()
    wait_for_title(page, "Waiting for arrival")
    case_id = page.url.rpartition("/")[2]
    mrn = page.locator(".facts dt:text-is('MRN') + dd").inner_text()

    for number in (mrn, case_id, case_id.replace("-", "").lower()):
        page.goto(f"{served.address}/parcels?search={number}")
        expect(page.get_by_role("link", name="NAMED-2-DESK"), number).to_be_visible()


@pytest.mark.parametrize("written", ["named-2-desk", " Invented2-desk ", "6cn 000000001 NAMED2-DESK"])
def test_number_is_found_however_it_is_written(open_signed_in: OpenSignedIn, written: str) -> None:
    page = open_signed_in("/parcels")
    page.get_by_label("Find by number").fill(written)
    page.get_by_role("button", name="Show").click()

    wait_for_title(page, "1 parcel has this number")
    expect(page.get_by_role("link", name="NAMED-2-DESK")).to_be_visible()


@pytest.mark.in_turn
def test_flight_is_found_by_how_its_number_begins(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/parcels")
    page.get_by_label("Find by number").fill("cv 1000")
    page.get_by_role("button", name="Show").click()
    wait_for_title(page, "Parcels on one flight")

    page.get_by_label("Find by number").fill("CNPVG")
    page.get_by_role("button", name="Show").click()
    wait_for_title(page, "25 numbers begin like this")
    page.get_by_role("table").get_by_role("link").first.click()
    page.wait_for_url("**/transport-units/*")

    key = {"authorization": f"Bearer {served.filled.carrier_key}", "accept": "application/json"}
    told = page.request.get(f"{served.address}/parcels?search=CNPVG", headers=key).json()
    assert (told["parcels"], told["units"]) == ([], [])


def test_unknown_number_says_what_to_do(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/parcels?search=NOBODY-SENT-THIS")

    wait_for_title(page, "No parcel has this number")
    expect(page.get_by_text("What you can do")).to_be_visible()


@pytest.mark.in_turn
def test_filters_hold_together_over_pages(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/parcels")
    page.get_by_label("Lane").select_option("proceed")
    page.get_by_label("To country").fill("de")
    page.get_by_role("button", name="Show").click()
    wait_for_title(page, "Parcels in lane proceed")
    first = page.get_by_role("table").locator("tbody th").all_inner_texts()

    page.get_by_role("link", name="Earlier parcels").click()
    page.wait_for_url("**before=*")
    second = page.get_by_role("table").locator("tbody th").all_inner_texts()

    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["lane"], asked["destination"]) == (["proceed"], ["de"])
    assert not set(first) & set(second)
    assert set(page.locator("td[data-label='To']").all_inner_texts()) == {"Germany"}


@pytest.mark.in_turn
def test_filters_leave_room_for_parcels_on_a_phone(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/parcels?lane=proceed", "phone")
    lane = page.get_by_label("Lane", exact=True)
    first = page.get_by_role("table").locator("tbody tr").first.bounding_box()
    assert first is not None
    assert first["y"] + first["height"] < 844
    expect(lane).to_be_hidden()

    page.get_by_text("Lane, state and country: Proceed").click()
    lane.select_option("no-law-yet")
    page.get_by_role("button", name="Show").click()

    wait_for_title(page, "Parcels whose law is not loaded")
    assert set(page.locator("tbody .tag").all_inner_texts()) == {"No law yet"}


def test_filters_stand_open_where_there_is_room(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/parcels")

    for label in ("Lane", "State", "To country"):
        expect(page.get_by_label(label, exact=True), label).to_be_visible()
    expect(page.get_by_text("Lane, state and country")).to_be_hidden()


def test_row_becomes_a_card_on_a_phone(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/parcels", "phone")
    row = page.get_by_role("table").locator("tbody tr").first

    assert row.evaluate("row => getComputedStyle(row).display") == "block"
