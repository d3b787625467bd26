"""Pages in Arabic in a real Chromium: from right to left, sums, codes and numbers as papers have them."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import open_named, scrolls_sideways
from tests.browser.served_pages import Served
from tests.browser.test_public_pages import DRESS, open_public, pytestmark

__all__ = ["pytestmark"]

# Where two texts that stand in one node begin, in pixels from the left.
STARTS = """([node, first, second]) => {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const places = [first, second].map(one => text.data.indexOf(one));
    if (places.every(one => one >= 0)) return places.map((place, which) => {
      const range = document.createRange();
      range.setStart(text, place);
      range.setEnd(text, place + [first, second][which].length);
      return range.getBoundingClientRect().left;
    });
  }
  return null;
}"""


def _starts(page: Page, selector: str, first: str, second: str) -> tuple[float, float]:
    node = page.locator(selector).first.element_handle()
    found = page.evaluate(STARTS, [node, first, second])
    assert found is not None, f"{first} and {second} do not stand together in {selector}"
    return found[0], found[1]


def test_answer_of_the_calculator_reads_from_the_right_and_its_sums_from_the_left(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    page = open_public(open_page, served, f"/calculator?{DRESS}&to=DE", "phone", locale="ar")
    take_picture(page, "calculator-arabic-phone")

    html = page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("ar", "rtl")
    expect(page.get_by_role("heading", level=1)).to_contain_text("ألمانيا")
    currency, amount = _starts(page, ".big", "EUR", "9.27")
    assert currency < amount
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    brand = page.locator(".masthead").bounding_box()
    assert brand is not None
    assert brand["x"] > 390 / 2, "the mark stands where lines begin"


@pytest.mark.in_turn
def test_case_in_arabic_isolates_what_is_written_from_left_to_right(
    open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    page = open_signed_in("/parcels", "desktop", locale="ar")
    open_named(page, served, "NAMED-2-DESK")
    take_picture(page, "case-arabic-desktop")

    expect(page.locator(".lead")).to_contain_text("بانتظار الوصول")
    currency, amount = _starts(page, ".big", "EUR", "9.00")
    assert currency < amount
    expect(page.get_by_text("هذه الصفحة ترجمة آلية")).to_be_visible()
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []


@pytest.mark.in_turn
def test_language_is_chosen_on_the_page_without_script(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/calculator", "desktop", locale="en-GB")

    page.get_by_role("link", name="العربية").click()

    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.url.endswith("/calculator")
    page.get_by_role("link", name="Kiswahili").click()
    expect(page.locator("html")).to_have_attribute("lang", "sw")


@pytest.mark.in_turn
def test_figures_of_a_day_and_the_law_of_a_place_are_read_from_the_right(
    open_page: OpenPage, open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    statistics = open_signed_in("/statistics", "desktop", locale="ar")
    take_picture(statistics, "statistics-arabic-desktop")
    law = open_public(open_page, served, "/law/EU", "phone", locale="ar")
    take_picture(law, "law-arabic-phone")

    expect(statistics.get_by_role("heading", level=1)).to_contain_text("بلا شخص")
    expect(law.get_by_role("heading", level=1)).to_contain_text("الاتحاد الأوروبي")
    for page in (statistics, law):
        assert not scrolls_sideways(page)
        assert find_page_faults(page) == []
