"""Stories of officers in a real Chromium, without script: a price is raised, the declarant appeals and wins;
goods are seized in few steps; two persons confiscate."""

from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults
from tests.browser.page_steps import open_named, scrolls_sideways
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
APPEALED, SEIZED, ASKED, WITHDRAWN = "NAMED-3-AT-LIMIT", "NAMED-1-SHIRTS", "NAMED-2-DESK", "NAMED-8-NO-NUMBER"
REFUSED = "NAMED-3-ABOVE-LIMIT"


@pytest.fixture
def people(open_page: OpenPage, served: Served) -> dict[str, Page]:
    """Two officers, and whoever declared, each at a window of their own."""
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    found = {
        "ann": open_page("desktop", java_script_enabled=False),
        "bob": open_page("phone", java_script_enabled=False),
        "filer": open_page("phone", java_script_enabled=False, extra_http_headers=key),
    }
    found["ann"].goto(served.enter())
    found["bob"].goto(f"{served.address}/enter/{served.filled.second_links.pop()}")
    return found


@pytest.mark.in_turn
def test_a_price_is_raised_the_declarant_appeals_and_the_charges_change_back(
    people: dict[str, Page], served: Served, take_picture: TakePicture
) -> None:
    ann, bob, filer = people["ann"], people["bob"], people["filer"]
    open_named(ann, served, APPEALED)
    address, before = ann.url, ann.locator(".big").inner_text()
    _measure(ann, "Determine the price", {"Currency": "EUR", "Amount": "400.00"}, "Sold at 400 elsewhere")
    raised = ann.locator(".big").inner_text()

    filer.goto(address)
    filer.get_by_role("link", name="Answer customs, or appeal").click()
    taken = filer.locator("section").filter(has_text="A measure was taken")
    taken.get_by_label("Why it is wrong").fill("The invoice shows what was paid.")
    assert find_page_faults(filer) == []
    taken.get_by_role("button", name="Appeal").click()
    filer.get_by_role("link", name="Appeals").click()
    expect(filer.get_by_text("To be decided by")).to_be_visible()
    assert not scrolls_sideways(filer)
    take_picture(filer, "appeal-filer-phone")

    ann.goto(address)
    ann.get_by_role("link", name="Appeals").click()
    ann.get_by_label("The administration's view").fill("The price was taken from an offer.")
    ann.get_by_role("button", name="State the view").click()
    expect(ann.get_by_text("another officer decides this appeal")).to_be_visible()
    bob.goto(ann.url)
    bob.get_by_label("Allow the appeal").check()
    bob.locator("form").filter(has_text="Propose").get_by_label("Reasons in words").fill("The invoice holds.")
    assert find_page_faults(bob) == []
    assert not scrolls_sideways(bob)
    take_picture(bob, "appeal-outcome-phone")
    bob.get_by_role("button", name="Propose the outcome").click()
    expect(bob.get_by_role("button", name="Approve")).to_have_count(0)  # nobody approves their own
    ann.goto(f"{served.address}/proposals")
    ann.get_by_role("button", name="Approve").click()
    ann.goto(address + "/appeals")
    take_picture(ann, "appeal-allowed-desktop")

    expect(ann.get_by_text("The appeal is allowed")).to_be_visible()
    ann.goto(address)
    assert before != raised
    assert ann.locator(".big").inner_text() == before


@pytest.mark.in_turn
def test_goods_are_seized_in_four_steps_and_confiscated_by_two(
    people: dict[str, Page], served: Served, take_picture: TakePicture
) -> None:
    ann, bob = people["ann"], people["bob"]
    # One number, typed once: by it the case is found.
    open_named(ann, served, SEIZED)
    address = ann.url
    steps = 0
    for role, name in (("link", "Seize"), ("button", "Continue"), ("button", "Confirm")):
        ann.get_by_role(role, name=name, exact=True).click()  # type: ignore[arg-type]
        steps += 1
    expect(ann.locator(".lead").get_by_text("Seized")).to_be_visible()
    take_picture(ann, "seized-desktop")
    ann.get_by_role("link", name="Take a measure").click()
    ann.get_by_role("link", name="Confiscate", exact=True).click()
    ann.get_by_label("In words, for the declarant").fill("Forbidden by the list")
    ann.get_by_label("Without a hearing because").select_option("fraud-investigation")
    ann.get_by_role("button", name="Continue").click()
    ann.get_by_role("button", name="Confirm").click()
    expect(ann.get_by_role("button", name="Approve")).to_have_count(0)
    bob.goto(f"{served.address}/proposals")
    bob.get_by_role("button", name="Approve").first.click()
    bob.goto(address)

    assert steps + 1 <= 5
    expect(bob.locator(".lead").get_by_text("Confiscated")).to_be_visible()


def _measure(page: Page, label: str, fields: dict[str, str], words: str) -> None:
    """Take a measure without a hearing, for once, and stand on the case again."""
    page.get_by_role("link", name="Take a measure").click()
    page.get_by_role("link", name=label, exact=True).click()
    for name, value in fields.items():
        page.get_by_label(name, exact=True).fill(value)
    page.get_by_label("In words, for the declarant").fill(words)
    page.get_by_label("Without a hearing because").select_option("fraud-investigation")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()


def look_at_statement(filer: Page, take_picture: TakePicture) -> None:
    """See what is owed and held, and stand on the home again."""
    filer.get_by_role("link", name="What is owed").click()
    expect(filer.get_by_role("heading", name="What is held")).to_be_visible()
    assert find_page_faults(filer) == []
    assert not scrolls_sideways(filer)
    take_picture(filer, "statement-phone")
    filer.go_back()


@pytest.mark.in_turn
def test_an_officer_asks_for_a_document_the_seller_uploads_it_and_the_parcel_goes(
    people: dict[str, Page], served: Served, take_picture: TakePicture, tmp_path: Path
) -> None:
    ann, filer = people["ann"], people["filer"]
    picture, script = tmp_path / "invoice.png", tmp_path / "script.png"
    script.write_bytes(b"<script>alert(1)</script>")
    open_named(ann, served, ASKED)
    address = ann.url
    ann.screenshot(path=picture)
    ann.get_by_role("link", name="Take a measure").click()
    ann.get_by_role("link", name="Ask for information or a document", exact=True).click()
    ann.get_by_label("In words, for the declarant").fill("Send the invoice, please.")
    ann.get_by_role("button", name="Continue").click()
    ann.get_by_role("button", name="Confirm").click()

    filer.goto(served.address)
    assert filer.title().startswith("Waiting for you: ")
    assert find_page_faults(filer) == []
    assert not scrolls_sideways(filer)
    take_picture(filer, "waiting-for-you-phone")
    look_at_statement(filer, take_picture)
    asked_row = filer.get_by_role("row").filter(has_text=ASKED).filter(has_text="Answer customs")
    asked_row.get_by_role("link", name="Answer customs").click()
    expect(filer.get_by_text("Send the invoice, please.")).to_be_visible()
    asked = filer.locator("section").filter(has_text="An officer asks")
    asked.get_by_label("Or send the document").set_input_files(script)
    asked.get_by_role("button", name="Send the document", exact=True).click()
    expect(asked.get_by_text("neither a picture (JPEG, PNG) nor a plain PDF")).to_be_visible()
    assert find_page_faults(filer) == []
    assert not scrolls_sideways(filer)
    asked.scroll_into_view_if_needed()
    take_picture(filer, "document-refused-phone")
    asked.get_by_label("Or send the document").set_input_files(picture)
    asked.get_by_role("button", name="Send the document", exact=True).click()
    expect(filer.get_by_role("link", name="Keep the document as a file")).to_have_count(0)

    ann.goto(address)
    given = ann.get_by_role("heading", name="Documents that you asked for")
    given.scroll_into_view_if_needed()
    take_picture(ann, "document-given-desktop")
    with ann.expect_download() as loaded:
        ann.get_by_role("link", name="Keep the document as a file").click()
    assert loaded.value.path().read_bytes() == picture.read_bytes()
    ann.get_by_role("link", name="Release", exact=True).click()
    ann.get_by_label("In words, for the declarant").fill("The invoice holds.")
    ann.get_by_role("button", name="Continue").click()
    ann.get_by_role("button", name="Confirm").click()
    expect(ann.get_by_role("heading", name="Your decision")).to_be_visible()
    filer.goto(address)
    expect(filer.get_by_text("The invoice holds.")).to_be_visible()
    filer.goto(f"{address}/reply")
    expect(filer.get_by_text("An officer asks")).to_have_count(0)


@pytest.mark.in_turn
def test_a_release_is_refused_once_the_declarant_was_heard(
    people: dict[str, Page], served: Served, take_picture: TakePicture
) -> None:
    ann, filer = people["ann"], people["filer"]
    open_named(ann, served, REFUSED)
    address = ann.url
    ann.get_by_role("link", name="Refuse release", exact=True).click()
    ann.get_by_label("In words, for the declarant").fill("These shoes are on the list of forbidden goods.")
    ann.get_by_label("What is done now").select_option(label="The declarant is told and heard first")
    take_picture(ann, "refusal-heard-first-desktop")
    ann.get_by_role("button", name="Continue").click()
    expect(ann.get_by_text("The declarant is heard")).to_be_visible()
    ann.get_by_role("button", name="Confirm").click()

    filer.goto(f"{address}/reply")
    hearing = filer.locator("section").filter(has_text="you are heard first")
    expect(hearing.get_by_text("These shoes are on the list of forbidden goods.")).to_be_visible()
    assert find_page_faults(filer) == []
    assert not scrolls_sideways(filer)
    take_picture(filer, "hearing-filer-phone")
    hearing.get_by_role("button", name="I have read this").click()

    _refuse(ann, address)
    expect(ann.get_by_role("alert")).to_contain_text("The period of the hearing runs until")
    take_picture(ann, "refusal-too-early-desktop")
    _end_periods(served)
    _refuse(ann, address)
    expect(ann.get_by_role("heading", name="Your decision")).to_be_visible()
    expect(ann.locator(".lead").get_by_text("Refused").first).to_be_visible()

    filer.goto(address)
    reason = filer.locator(".reason").filter(has_text="An officer has refused release of the goods.")
    expect(reason.get_by_text("What to do")).to_be_visible()
    expect(reason.get_by_text("Appeal", exact=True)).to_be_visible()
    assert find_page_faults(filer) == []
    reason.scroll_into_view_if_needed()
    take_picture(filer, "refused-filer-phone")
    filer.get_by_role("link", name="Answer customs, or appeal").click()
    taken = filer.locator("section").filter(has_text="A measure was taken")
    expect(taken.get_by_role("button", name="Appeal")).to_be_visible()


def _refuse(page: Page, address: str) -> None:
    """Refuse release after the hearing that was opened about it."""
    page.goto(address)
    page.get_by_role("link", name="Refuse release", exact=True).click()
    page.get_by_label("In words, for the declarant").fill("These shoes are on the list of forbidden goods.")
    page.get_by_label("Hearing that was held").select_option(index=1)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Confirm").click()


def _end_periods(served: Served) -> None:
    """Let a month go by for what waits: periods of hearings end."""
    with psycopg.connect(served.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE act SET due_at = at WHERE kind = 'hearing-notified' AND due_at IS NOT NULL"
        )


@pytest.mark.in_turn
def test_a_seller_invalidates_a_declaration_after_saying_that_it_is_sure(
    people: dict[str, Page], served: Served, take_picture: TakePicture
) -> None:
    filer = people["filer"]
    open_named(filer, served, WITHDRAWN)
    filer.get_by_role("link", name="Invalidate the declaration").click()
    filer.get_by_label("Why?").fill("It was declared twice.")
    filer.get_by_role("button", name="Invalidate the declaration").click()
    expect(filer.get_by_label("Why?")).to_have_value("It was declared twice.")
    assert find_page_faults(filer) == []
    assert not scrolls_sideways(filer)
    take_picture(filer, "invalidation-phone")
    filer.get_by_label("I am sure").check()
    filer.get_by_role("button", name="Invalidate the declaration").click()

    expect(filer.get_by_role("link", name="Invalidate the declaration")).to_have_count(0)
    expect(filer.locator(".lane, .tag, main").first).to_contain_text("nvalidated")
