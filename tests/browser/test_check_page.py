"""The page on which anybody has a message checked, in a real Chromium without script."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import ROOT, OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser
EXAMPLES = ROOT / "examples"


def faulty_parcel() -> str:
    document = json.loads((EXAMPLES / "messages/declaration.json").read_bytes())
    document["goods_items"][0]["origin_country_code"] = "XX"
    document["goods_items"][1]["invoice_amount"] = "-19.90"
    return json.dumps(document, indent=2)


def open_check(open_page: OpenPage, served: Served, size: str, **options: object) -> Page:
    page = open_page(size, java_script_enabled=False, **options)
    page.goto(f"{served.address}/check")
    return page


@pytest.mark.parametrize("size", SIZES)
def test_a_pasted_message_shows_its_faults_in_place(
    open_page: OpenPage, served: Served, take_picture: TakePicture, size: str
) -> None:
    page = open_check(open_page, served, size)
    assert find_page_faults(page) == []
    page.get_by_label("Check it as").select_option("json")
    page.get_by_label("Message", exact=True).fill(faulty_parcel())
    page.get_by_role("button", name="Check the message").click()

    wait_for_title(page, "2 faults in the message")
    faulty = page.locator(".message__faulty").filter(has_text='"XX"')
    expect(faulty.get_by_text("XX is not a country code.")).to_be_visible()
    take_picture(page, f"check-{size}")
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


@pytest.mark.in_turn
def test_a_file_is_checked_as_a_standard_in_the_dark(open_page: OpenPage, served: Served) -> None:
    page = open_check(open_page, served, "phone", color_scheme="dark")
    page.get_by_label("Check it as").select_option("ceb")
    page.get_by_label("Or a file").set_input_files(EXAMPLES / "standards/ceb-order.xml")
    page.get_by_role("button", name="Check the message").click()

    wait_for_title(page, "The message is valid")
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)
