"""One measure on many cases in a real Chromium, without script: chosen in the queue, a sample opened,
confirmed, and what became of each case."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
CHOSEN_COUNT = 5


def filter_by_a_reason(page: Page) -> None:
    """Show the tasks of the reason that most of them have."""
    page.get_by_label("Reason", exact=True).select_option(index=1)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("button", name="One measure on the selected")).to_be_visible()


def check_page(page: Page) -> None:
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)


@pytest.mark.in_turn
def test_many_cases_are_asked_at_once_after_a_sample_was_opened(
    open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    page = open_signed_in("/queue")
    expect(page.get_by_text("Filter by one reason to take one measure on many cases.")).to_be_visible()
    filter_by_a_reason(page)
    boxes = page.get_by_role("checkbox")
    for place in range(CHOSEN_COUNT):
        boxes.nth(place).check()
    page.get_by_role("button", name="One measure on the selected").click()

    expect(page.locator(".facts")).to_contain_text("100 at once")
    first = page.get_by_label("Measure, and why").locator("option").nth(1).inner_text()
    page.get_by_label("Measure, and why").select_option(index=1)
    page.get_by_label("In words, for the declarant").fill("What are the goods?")
    check_page(page)
    take_picture(page, "bulk-choose-desktop")
    page.get_by_label("Measure, and why").select_option(index=0)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a measure and its reason.")
    page.get_by_label("Measure, and why").select_option(index=1)
    page.get_by_role("button", name="Continue").click()
    wait_for_title(page, f"Open the sample, then confirm for {CHOSEN_COUNT} cases")
    expect(page.locator(".facts")).to_contain_text(first.partition(":")[0])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("3 cases of the sample were not opened.")
    expect(page.locator(".facts")).to_contain_text("What are the goods?")

    sample = [
        one.split()[-1] for one in page.get_by_role("button", name=re.compile("^Open ")).all_inner_texts()
    ]
    for reference in sample:
        with page.context.expect_page() as opened:
            page.get_by_role("button", name=f"Open {reference}").click()
        expect(opened.value.get_by_role("heading", name="Your decision")).to_be_visible()
        assert reference in opened.value.locator(".lead").first.inner_text()
        opened.value.close()
    page.get_by_text("Show the cases").click()
    links = page.locator("details .tags a")
    outside = next(one for one in links.all() if one.inner_text() not in sample)
    reference, address = outside.inner_text(), str(outside.get_attribute("href"))
    hold_by_another(open_signed_in, address)
    stated = page.evaluate("Object.fromEntries(new FormData(document.getElementById('bulk')))")
    check_page(page)
    take_picture(page, "bulk-sample-desktop")

    page.get_by_role("button", name="Confirm").click()
    wait_for_title(page, f"Done on {CHOSEN_COUNT - 1} of {CHOSEN_COUNT} cases")
    refused = page.get_by_role("row").filter(has_text=reference)
    expect(refused).to_contain_text("not done")
    expect(refused).to_contain_text("does not stand any more")
    check_page(page)
    take_picture(page, "bulk-result-desktop")
    twice = page.request.post(f"{served.address}/bulk-acts", form=stated)
    assert f"Done on {CHOSEN_COUNT - 1} of {CHOSEN_COUNT} cases" in twice.text(), (
        "sent twice, it is done once"
    )

    page.get_by_role("link", name=sample[0]).click()
    expect(page.get_by_text("What are the goods?")).to_be_visible()


def hold_by_another(open_signed_in: OpenSignedIn, address: str) -> None:
    """Hold a case from another window, as another officer does meanwhile."""
    other = open_signed_in(address)
    other.get_by_role("link", name="Hold", exact=True).click()
    other.get_by_role("button", name="Continue").click()
    other.get_by_role("button", name="Confirm").click()
    expect(other.locator(".timeline li").filter(has_text="Hold")).to_be_visible()


@pytest.mark.in_turn
def test_a_refusal_of_many_states_each_cases_own_facts(
    open_signed_in: OpenSignedIn, take_picture: TakePicture
) -> None:
    page = open_signed_in("/queue", "phone")
    page.get_by_text("Filters", exact=True).click()
    filter_by_a_reason(page)
    boxes = page.get_by_role("checkbox")
    for place in (-1, -2):  # the other test chooses from the beginning, and what is refused is not held
        boxes.nth(place).check()
    page.get_by_role("button", name="One measure on the selected").click()
    label = page.get_by_label("Measure, and why").locator("option", has_text="Refuse release").first
    page.get_by_label("Measure, and why").select_option(value=str(label.get_attribute("value")))
    page.get_by_role("button", name="Continue").click()

    facts = page.get_by_label("What was found in it")
    expect(facts).to_have_count(2)
    for place in range(2):
        facts.nth(place).fill("It is on the list.")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("these are missing or the same")
    expect(facts.nth(1)).to_have_value("It is on the list.")
    check_page(page)
    page.evaluate("document.querySelector('fieldset').scrollIntoView()")
    take_picture(page, "bulk-facts-phone")
    facts.nth(0).fill("A blade of 12 cm.")
    page.get_by_label("Heard").nth(0).select_option(index=1)
    page.get_by_role("button", name="Continue").click()

    wait_for_title(page, "Open the sample, then confirm for 2 cases")
    for one in page.get_by_role("button", name=re.compile("^Open ")).all():
        with page.context.expect_page() as opened:
            one.click()
        opened.value.close()
    page.get_by_role("button", name="Confirm").click()
    wait_for_title(page, "Done on 1 of 2 cases")
    expect(page.get_by_role("row").filter(has_text="not done")).to_contain_text("heard")


@pytest.mark.in_turn
def test_all_of_a_filter_are_as_many_as_the_role_allows(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/queue")
    filter_by_a_reason(page)
    found = int(page.title().split()[0].replace(",", ""))
    page.get_by_role("link", name="One measure on all of these").click()

    expect(page.locator(".facts")).to_contain_text(f"of {found} in the queue")
    page.get_by_text("Show the cases").click()
    assert 0 < page.locator("details .tags a").count() <= min(found, 100)

    page.goto(f"{served.address}/bulk-acts")
    assert page.url.endswith("/queue"), "without a reason one begins at the queue"
    page.goto(f"{served.address}/bulk-acts?rule=no-such-rule")
    expect(page.get_by_text("No case of the queue can be chosen for this reason.")).to_be_visible()


@pytest.mark.in_turn
def test_many_cases_are_for_officers_and_strange_forms_break_nothing(
    open_signed_in: OpenSignedIn, served: Served
) -> None:
    page = open_signed_in("/law")
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    assert page.request.get(f"{served.address}/bulk-acts", headers=key).status == 403
    assert page.request.post(f"{served.address}/bulk-acts", headers=key, data="{}").status == 403
    page.goto(f"{served.address}/bulk-acts?rule=screening-vague-description&owner=all")
    token = page.locator("input[name=form_token]").first.get_attribute("value")
    for fields, status in (
        ({"cases": "x:y", "rule": "r", "what": "hold control"}, 400),
        ({"cases": "", "rule": "r", "what": "hold control"}, 409),
        ({"cases": "0000-0000-0000-00:0000-0000-0000-00", "rule": "r", "what": "pillage x"}, 409),
        ({"cases": "0000-0000-0000-00:0000-0000-0000-00", "bulk": "0000-0000-0000-00"}, 422),
        ({"cases": "x" * 50_000, "rule": "r"}, 400),
        ({"task": "x" * 50_000, "back": "rule=r"}, 400),
    ):
        answer = page.request.post(f"{served.address}/bulk-acts", form={"form_token": str(token), **fields})
        assert answer.status == status, (fields.get("what"), answer.text()[:200])
