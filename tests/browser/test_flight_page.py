"""A flight and its bags in a real Chromium: landing, totals, the way to its queue; nothing for strangers."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_flight_says_what_is_left_to_do(
    open_signed_in: OpenSignedIn, take_picture: TakePicture, size: str
) -> None:
    page = open_signed_in("/arrivals", size)
    page.get_by_role("link", name=re.compile(r"^CV1000$")).click()
    wait_for_title(page, "CV1000: ")
    take_picture(page, f"flight-{size}")

    count, whole = re.findall(r"\d+", page.title().partition(": ")[2])[:2]
    assert page.locator(".facts dt:text-is('Parcels') + dd").inner_text() == whole
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    assert not scrolls_sideways(page)
    page.set_viewport_size({"width": 320, "height": 800})
    assert not scrolls_sideways(page)

    page.get_by_role("link", name="Open its queue").click()
    wait_for_title(page, f"{count} task")


@pytest.mark.in_turn
def test_bag_leads_up_to_its_flight(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/arrivals")
    page.get_by_role("link", name=re.compile(r"^CV1000$")).click()
    table = page.get_by_role("table", name="Transport units")
    bag = table.get_by_role("row").filter(has_text="Receptacle").first
    counted = bag.locator("td[data-label='Parcels directly in it']").inner_text()

    bag.get_by_role("link").click()
    expect(page.get_by_role("navigation", name="Lies in").get_by_role("link", name="CV1000")).to_be_visible()

    assert page.locator(".facts dt:text-is('Parcels') + dd").inner_text() == counted


def test_flight_without_own_parcels_is_not_there(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/arrivals")
    address = str(page.get_by_role("link", name=re.compile(r"^CV1000$")).get_attribute("href"))

    def ask(path: str, key: str) -> tuple[int, str]:
        answer = page.request.get(
            served.address + path, headers={"authorization": f"Bearer {key}", "accept": "application/json"}
        )
        return answer.status, re.sub(r'"request_id":"[^"]*"|"instance":"[^"]*"', "", answer.text())

    own = ask(address, served.filled.carrier_key)
    strange = ask(address, served.filled.other_key)
    absent = ask("/transport-units/0000-0000-0000-00", served.filled.other_key)

    assert own[0] == 200
    assert strange == absent
    assert strange[0] == 404


@pytest.mark.in_turn
def test_a_bag_is_held_its_parcels_wait_and_go_on_when_it_is_released(
    open_signed_in: OpenSignedIn, take_picture: TakePicture
) -> None:
    page = open_signed_in("/arrivals", "phone")
    page.get_by_role("link", name=re.compile(r"^CV1000$")).click()
    table = page.get_by_role("table", name="Transport units")
    table.get_by_role("row").filter(has_text="Receptacle").first.get_by_role("link").click()
    bag, number = page.url, page.locator("h1").inner_text().partition(":")[0]
    _order(page, "Hold it and all in it: The goods were chosen for a control.", "The seal is broken")
    held = page.get_by_role("table", name="What was ordered of it").get_by_role("row").nth(1)
    expect(held).to_contain_text("stands")
    page.get_by_role("heading", name="What was ordered of it").scroll_into_view_if_needed()
    page.evaluate("window.scrollBy(0, 400)")
    take_picture(page, "bag-held-phone")
    kept = re.search(r"(\d+) of (\d+)", held.inner_text())
    page.get_by_role("link", name="All its parcels").click()
    page.locator("main table a code").first.click()
    parcel = page.url
    expect(page.get_by_text(f"An officer holds {number}, in which the goods lie.")).to_be_visible()
    assert not scrolls_sideways(page)

    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(bag)
    _order(page, "Release it: The control has ended.", "")
    expect(page.get_by_role("table", name="What was ordered of it").get_by_role("row").nth(2)).to_be_visible()
    take_picture(page, "bag-released-desktop")
    page.goto(parcel)

    assert kept is not None
    assert kept[1] == kept[2] != "0"
    expect(page.get_by_text(f"An officer holds {number}")).to_have_count(0)


def _order(page: Page, label: str, words: str) -> None:
    """Order something of the unit whose page is open, and stand on it again."""
    page.get_by_role("link", name="Hold, examine or release it").click()
    page.get_by_label("What is ordered, and why").select_option(label=label)
    page.get_by_label("In words, for officers").fill(words)
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="What was ordered of it")).to_be_visible()
