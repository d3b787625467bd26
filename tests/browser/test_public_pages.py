"""Pages for everybody in a real Chromium, without script or login: law, comparison, calculator."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.laboratory.test_upload import row, sheet_of, table
from tests.turns import SIZES

pytestmark = pytest.mark.browser

DRESS = "goods_1=dress&price_1=30.00&currency_1=EUR&quantity_1=1&origin_1=CN"
TEN = "&".join(f"to={code}" for code in ("DE", "FR", "RO", "GB", "US", "BR", "JP", "CH", "AU", "KR"))
CHANGE = "/law/difference?place=EU&first=2026-06-30&second=2026-07-01"
PAGES = {
    "law": "/law",
    "law-place": "/law/EU",
    "law-country": "/law/FR",
    "law-difference": CHANGE,
    "law-difference-form": "/law/difference",
    "comparison": "/law/comparison",
    "calculator": "/calculator",
    "calculator-answer": f"/calculator?{DRESS}&to=DE",
    "calculator-countries": f"/calculator?{DRESS}&{TEN}",
    "calculator-faulty": "/calculator?goods_1=dress&price_1=thirty&quantity_1=0",
    "upload": "/upload",
    "law-faulty": "/law?on=31.12.2026",
}
PICTURES = ("law", "law-place", "law-difference", "comparison", "calculator-answer", "calculator-countries")


def open_public(open_page: OpenPage, served: Served, path: str, size: str, **options: object) -> Page:
    page = open_page(size, java_script_enabled=False, **options)
    page.goto(served.address + path)
    # The first visitor of all finds the comparison being computed; the page looks again by itself.
    expect(page).not_to_have_title("The laws are being compared · Serai", timeout=60_000)
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_whole_for_everybody(
    open_page: OpenPage, served: Served, take_picture: TakePicture, name: str, size: str
) -> None:
    page = open_public(open_page, served, PAGES[name], size)
    if name in PICTURES:
        if (name, size) == ("comparison", "phone"):
            page.locator("#dress").evaluate("one => one.scrollIntoView()")
        take_picture(page, f"{name}-{size}")

    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_stands_in_the_dark(open_page: OpenPage, served: Served, name: str) -> None:
    page = open_public(open_page, served, PAGES[name], "phone", color_scheme="dark")

    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)


# ---- law ----


def test_day_and_country_lead_to_the_law_of_that_day(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/law", "phone")
    page.get_by_label("Day").fill("2026-06-30")
    page.get_by_label("Country").select_option("DE")
    page.get_by_role("button", name="Show").click()

    wait_for_title(page, "Germany: relief from duty to EUR")
    assert page.url == f"{served.address}/law/DE?on=2026-06-30"
    expect(page.get_by_text("Relief from duty to").first).to_be_visible()


@pytest.mark.in_turn
def test_limits_sources_doubts_and_history_stand_on_a_place(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/law/US", "desktop")

    expect(page.get_by_text("Partly unsure").first).to_be_visible()
    expect(page.get_by_role("heading", name="Open questions").first).to_be_visible()
    page.get_by_text("Sources").first.click()
    assert page.locator("details[open] .sources a").first.get_attribute("href")
    page.get_by_text("As a table").click()
    rows = page.get_by_role("table", name="Versions").locator("tbody tr")
    assert rows.count() == page.locator(".version").count()
    page.locator(".changes a").first.click()
    wait_for_title(page, "United States: ")


def test_what_is_no_day_is_told_at_its_field_and_kept(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/law?on=31.12.2026", "phone")

    assert page.get_by_label("Day").input_value() == "31.12.2026"
    assert "Write year, month and day" in page.locator("#on-error").inner_text()
    page.locator(".govuk-error-summary a").click()
    assert page.url.endswith("#on")


def test_day_before_all_law_is_an_empty_page_that_leads_on(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/law?on=1990-01-01", "phone")

    assert page.title().startswith("0 laws")
    page.get_by_role("button", name="Show today").or_(page.get_by_role("link", name="Show today")).click()
    wait_for_title(page, "77 laws in force")


def test_unknown_place_says_what_to_do(open_page: OpenPage, served: Served) -> None:
    response = open_page("phone", java_script_enabled=False).request.get(
        f"{served.address}/law/ATLANTIS", headers={"accept": "text/html"}
    )

    assert response.status == 404
    assert "Choose a place on the page /law" in response.text()


def test_same_law_is_data_for_machines(open_page: OpenPage, served: Served) -> None:
    asked = open_page("phone").request
    law = asked.get(f"{served.address}/law/EU", headers={"accept": "application/json"}).json()

    assert law["in_force"][0]["code"] == "EU-2026"
    assert "EUR\u00a0150.00" in {one["text"] for one in law["in_force"][0]["figures"]}


# ---- differences ----


def test_two_days_are_chosen_and_stand_side_by_side(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/law/difference", "desktop")
    page.get_by_label("Place").select_option("EU")
    page.get_by_label("First day").fill("2026-06-30")
    page.get_by_label("Second day").fill("2026-07-01")
    page.get_by_role("button", name="Compare").click()
    wait_for_title(page, "European Union: 32 differences")

    expect(page.get_by_text("is new: EUR 3.00")).to_be_visible()
    page.get_by_text("Side by side, with conditions").first.click()
    row = page.get_by_role("row", name="Duty for each tariff subheading of a distance sale")
    assert row.get_by_role("cell").all_inner_texts() == ["not there", "EUR 3.00"]


def test_nothing_changed_is_said(open_page: OpenPage, served: Served) -> None:
    page = open_public(
        open_page, served, "/law/difference?place=JP&first=2026-11-01&second=2026-11-02", "phone"
    )

    wait_for_title(page, "Japan: nothing changed")
    expect(page.get_by_text("The law says the same on both")).to_be_visible()


def test_faulty_days_are_told_at_their_fields_and_kept(open_page: OpenPage, served: Served) -> None:
    page = open_public(
        open_page, served, "/law/difference?place=JP&first=yesterday&second=2026-02-30", "phone"
    )

    assert page.get_by_label("First day").input_value() == "yesterday"
    assert page.get_by_label("Second day").input_value() == "2026-02-30"
    assert page.get_by_label("Place").input_value() == "JP"
    assert page.locator(".govuk-error-message").count() == 2


# ---- comparison ----


@pytest.mark.in_turn
def test_charts_and_their_tables_say_the_same(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    page = open_public(open_page, served, "/law/comparison", "desktop")

    dress = page.get_by_role("row", name="Germany")
    assert dress.first.get_by_role("cell").last.inner_text() == "9.27"
    limits = page.locator("#limits")
    limits.evaluate("one => one.scrollIntoView()")
    take_picture(page, "comparison-limits-desktop")
    page.get_by_text("As a table").click()
    table = page.get_by_role("table", name="Charges on a dress by its price")
    assert table.locator("tbody tr").count() == page.locator(".curve").count()
    union = table.get_by_role("row", name="European Union")
    # 3.00 and 19 % of 33.00; the tariff from a cent above 150.00.
    assert union.locator("[data-label='EUR\u00a030.00']").inner_text() == "9.27"
    assert union.locator("[data-label='EUR\u00a0152.50']").inner_text() == "50.75"


def test_comparison_names_its_sample(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/law/comparison", "phone")

    told = page.get_by_text("Sample:").inner_text()
    assert "3,000 invented parcels from seed 1" in told
    assert page.locator(".bars tbody tr").count() > 100


# ---- calculator ----


@pytest.mark.in_turn
def test_basket_is_typed_asked_and_explained(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/calculator", "phone")
    page.get_by_label("What is it?").select_option("dress")
    page.get_by_label("Price of all pieces").fill("30.00")
    page.get_by_role("button", name="Add another goods item").click()
    second = page.get_by_role("group", name="Goods item 2")
    second.get_by_label("What is it?").select_option("pen")
    second.get_by_label("Price of all pieces").fill("2,00")
    page.get_by_label("Ireland").check()
    page.get_by_role("button", name="What will it cost?").click()
    wait_for_title(page, "Ireland: EUR")

    # 3.00 for each of two codes, 23 % of 38.00.
    assert "EUR\u00a014.74 to pay" in page.title()
    page.locator(".bill .why-link").first.click()
    expect(page.locator(":target")).to_be_visible()
    assert "name" not in page.url
    shared = page.url
    page.goto(shared)
    assert page.url == shared


def test_example_leads_to_its_answer(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, "/calculator", "phone")
    page.get_by_role("link", name="A dress of 30 euros, to Germany").click()

    wait_for_title(page, "Germany: EUR\u00a09.27 to pay")
    page.get_by_text("Why is the tax EUR 6.27?").click()
    expect(page.locator("details[open] .tree").first).to_be_visible()


@pytest.mark.in_turn
def test_faults_are_told_at_their_fields_and_nothing_typed_is_lost(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    page = open_public(open_page, served, "/calculator", "phone")
    page.get_by_label("What is it?").select_option("trainers")
    page.get_by_label("Price of all pieces").fill("thirty")
    page.get_by_label("Pieces", exact=True).fill("2")
    page.get_by_label("Postage").fill("4.50")
    page.get_by_role("button", name="What will it cost?").click()
    wait_for_title(page, "The basket cannot be calculated yet")
    take_picture(page, "calculator-faults-phone")

    fields = [one.get_attribute("href") for one in page.locator(".govuk-error-summary a").all()]
    assert set(fields) == {"#price_1", "#to"}
    assert page.get_by_label("What is it?").input_value() == "trainers"
    assert page.get_by_label("Price of all pieces").input_value() == "thirty"
    assert page.get_by_label("Pieces", exact=True).input_value() == "2"
    assert page.get_by_label("Postage").input_value() == "4.50"
    page.locator(".govuk-error-summary a").first.click()
    expect(page.locator(":target")).to_be_visible()


def test_assumed_rate_is_told_on_the_answer(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, f"/calculator?{DRESS}&to=NO", "phone")

    expect(page.get_by_text("With assumed rates")).to_be_visible()
    expect(page.get_by_role("heading", name="What is assumed")).to_be_visible()
    expect(page.get_by_text("An invented one is used").first).to_be_visible()


def test_country_in_the_comparison_leads_to_its_lines(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, f"/calculator?{DRESS}&{TEN}", "desktop")
    page.locator(".bars").get_by_role("link", name="France").click()

    wait_for_title(page, "France: EUR\u00a09.60 to pay")
    assert page.locator(".bill tbody tr").count() == 2


@pytest.mark.in_turn
def test_all_is_reached_by_keyboard(open_page: OpenPage, served: Served) -> None:
    page = open_public(open_page, served, f"/calculator?{DRESS}&to=DE", "desktop")
    reached: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("(document.activeElement.textContent || document.activeElement.name).trim()")
        )

    assert {"Skip to the content", "Calculator", "The law of Germany", "Why? EUR 3.00"} <= reached
    assert any("Why is the duty" in text for text in reached)


# ---- upload ----


@pytest.mark.parametrize("size", SIZES)
def test_an_uploaded_file_shows_its_faults_in_place_and_comes_back_with_remarks(
    open_page: OpenPage, served: Served, size: str
) -> None:
    page = open_public(open_page, served, "/upload", size)
    content = sheet_of(row("B-1"), row("B-2", invoice_amount="25,00"), row("B-3", quantity="two"))
    page.get_by_label("CSV or NDJSON").set_input_files(
        {"name": "parcels.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Check the file").click()

    wait_for_title(page, "2 of 3 consignments need correcting")
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    expect(page.get_by_text("Row 4 · B-3, quantity").first).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Download the corrected file", exact=True).click()
    given_back = table(coming.value.path().read_bytes())
    assert given_back[1]["invoice_amount"] == "25.00"
    assert given_back[2]["serai_faults"].startswith("quantity: ")
