"""The page of a case in a real Chromium, without script: why, receipt, names, change and see."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_steps import open_named, scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_three_questions_stand_on_top(
    open_signed_in: OpenSignedIn,
    served: Served,
    take_picture: TakePicture,
    size: str,
) -> None:
    page = open_signed_in("/parcels", size)
    open_named(page, served, "NAMED-2-DESK")
    wait_for_title(page, "Waiting for arrival: EUR 9.00 to pay · Serai")
    take_picture(page, f"case-{size}")

    expect(
        page.get_by_text("EUR 9.00 is due at the border from the holder of the scheme number")
    ).to_be_visible()
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
    goods = "ball point pen, blue ink; paper notebook, A5, ruled; steel keyring with letter A"
    assert page.locator("h1").inner_text() == goods
    assert page.locator(".lead").inner_text().startswith("Waiting for arrival")
    expect(page.get_by_text("3 × EUR\u00a03.00 = EUR\u00a09.00")).to_be_visible()  # noqa: RUF001 a sign of times
    bar = page.locator("#decide").get_by_role("link").all_inner_texts()
    assert bar == [
        "Release", "Ask for information or a document", "Hold", "Order an examination", "Refuse release",
        "Seize", "Take a measure", "Detain these goods for a right",
    ]  # fmt: skip
    expect(page.get_by_text("of Anvil Express, those under 4820, 7326, 9608:")).to_be_visible()
    assert not scrolls_sideways(page)


@pytest.mark.in_turn
def test_every_charge_can_be_asked_why(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/parcels")
    open_named(page, served, "NAMED-2-DESK")
    links = page.locator("#bill + .card .why-link")
    amounts = page.locator("#bill + .card tbody td[data-label='Amount'] .nowrap").all_inner_texts()

    anchors = [link.get_attribute("href") or "" for link in links.all()]

    assert len(anchors) == len(amounts) == 6
    for anchor in anchors:
        assert page.locator(anchor).count() == 1, anchor
    due = [Decimal(text.split()[1]) for text in amounts]
    assert sum(due) == Decimal("12.42")


@pytest.mark.in_turn
def test_why_opens_down_to_the_law(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/parcels", "phone")
    open_named(page, served, "NAMED-2-DESK")

    page.get_by_text("Why is the duty EUR 9.00?").click()

    steps = page.locator("details[open] .tree").first
    expect(steps.get_by_text("goods item 3").first).to_be_visible()
    expect(steps.get_by_text("Reg. (EU) 2026/382").first).to_be_visible()
    expect(page.get_by_text("exactly as recorded")).to_be_visible()


@pytest.mark.in_turn
def test_receipt_is_checked_step_by_step_and_one_byte_breaks_it(
    open_signed_in: OpenSignedIn,
    served: Served,
    take_picture: TakePicture,
) -> None:
    page = open_signed_in("/parcels", "phone")
    open_named(page, served, "NAMED-2-DESK")

    page.get_by_role("button", name="Check this receipt").click()
    wait_for_title(page, "This receipt is genuine")
    assert page.locator(".check--holds").count() == 6

    page.get_by_role("button", name="Change one byte").click()
    wait_for_title(page, "One byte changed: the receipt fails")
    take_picture(page, "receipt-phone")
    assert page.locator(".check--fails").count() == 1

    page.get_by_role("button", name="Check it as issued").click()
    wait_for_title(page, "This receipt is genuine")


@pytest.mark.in_turn
def test_other_day_other_law_and_nothing_is_stored(
    open_signed_in: OpenSignedIn,
    served: Served,
    take_picture: TakePicture,
) -> None:
    page = open_signed_in("/parcels")
    open_named(page, served, "NAMED-2-DESK")
    wait_for_title(page, "Waiting for arrival")
    address = page.url

    page.get_by_role("button", name="On 30 June 2026").click()
    wait_for_title(page, "On 30 June 2026: EUR\u00a00.00 to pay instead of EUR\u00a09.00 · Serai")
    take_picture(page, "try-desktop")
    page.goto(address)
    wait_for_title(page, "Waiting for arrival: EUR 9.00 to pay · Serai")


@pytest.mark.in_turn
def test_price_of_one_cent_more_brings_the_tariff(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/parcels", "phone")
    open_named(page, served, "NAMED-3-AT-LIMIT")
    page.get_by_text("Another day, price, destination").click()
    page.get_by_label("Price of goods item 1").fill("150.01")
    page.get_by_role("button", name="See what changes").click()

    wait_for_title(page, "At a price of EUR 150.01: ")
    assert "instead of EUR\u00a03.00" in page.title()
    assert not scrolls_sideways(page)


@pytest.mark.in_turn
def test_names_are_shown_for_a_purpose_and_the_look_is_recorded(
    open_signed_in: OpenSignedIn,
    served: Served,
) -> None:
    page = open_signed_in("/parcels", "phone")
    open_named(page, served, "NAMED-2-DESK")
    assert "Mirelan" not in page.content()

    page.get_by_text("Show names and addresses").click()
    page.get_by_label("Purpose").select_option("appeal")
    page.get_by_role("button", name="Show names").click()
    expect(page.get_by_text("Mirelan Dorvast")).to_be_visible()
    assert "Mirelan" not in page.url + page.title()


@pytest.mark.in_turn
def test_officer_reads_more_than_the_public_reason(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/parcels")
    open_named(page, served, "NAMED-6-NAME")

    expect(page.get_by_text("A control of this parcel is under way")).to_be_visible()
    expect(page.get_by_role("heading", name="For officers only")).to_be_visible()
    expect(page.get_by_text("Withheld because")).to_be_visible()

    page.get_by_role("button", name="Compare the names").click()
    expect(page.get_by_role("columnheader", name="What agrees", exact=True)).to_be_visible()
    compared = page.get_by_role("row").filter(has_text="100 %")
    expect(compared).to_be_visible()


@pytest.mark.in_turn
@pytest.mark.parametrize("options", [{"color_scheme": "dark"}, {"locale": "ar"}], ids=["dark", "arabic"])
def test_page_stands_in_dark_and_in_other_locales(
    open_signed_in: OpenSignedIn,
    served: Served,
    options: dict[str, str],
) -> None:
    page = open_signed_in("/parcels", "phone", **options)
    open_named(page, served, "NAMED-5-VAGUE")

    wait_for_title(page, "بانتظار معلومات" if options.get("locale") == "ar" else "Waiting for information")
    assert not scrolls_sideways(page)
