"""The officers' queue in a real Chromium: order, filters, hands, keys, counts that live, a list as a file."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser


def owners_of(page: Page) -> list[str]:
    return page.locator("td[data-label='Owner']").all_inner_texts()


@pytest.mark.parametrize("size", SIZES)
def test_queue_lists_what_needs_a_person(
    open_signed_in: OpenSignedIn, take_picture: TakePicture, size: str
) -> None:
    page = open_signed_in("/queue", size)
    take_picture(page, f"queue-{size}")

    assert re.match(r"\d+ tasks need a person", page.title())
    landings = page.locator("td[data-label='Lands in']").all_inner_texts()
    assert len(landings) == min(25, int(page.title().split()[0]))
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    assert not scrolls_sideways(page)
    page.set_viewport_size({"width": 320, "height": 800})
    assert not scrolls_sideways(page)


@pytest.mark.in_turn
def test_soonest_landing_comes_first_over_all_pages(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/queue")
    expected = int(page.title().split()[0])
    seen: list[str] = []
    flights: list[str] = []
    while True:
        seen += page.locator("input[name=task]").evaluate_all("all => all.map(one => one.value)")
        flights += page.locator("td[data-label='Lands in'] a").all_inner_texts()
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        page.goto(page.url.partition("?")[0] + str(following.get_attribute("href")).removeprefix("/queue"))

    assert len(seen) == len(set(seen)) == expected
    assert list(dict.fromkeys(flights)) == [
        one for place, one in enumerate(flights) if flights[:place].count(one) == 0
    ]
    runs = [one for place, one in enumerate(flights) if place == 0 or flights[place - 1] != one]
    assert len(runs) == len(set(runs))


@pytest.mark.in_turn
def test_filters_show_their_share_and_hold_in_the_list(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/queue")
    market = page.get_by_label("Market")
    text = market.locator("option").nth(1).inner_text()
    country, count = re.fullmatch(r"(.*) \((\d+)\)", text).groups()  # type: ignore[union-attr]

    market.select_option(index=1)
    page.get_by_role("button", name="Show", exact=True).click()
    wait_for_title(page, f"{count} task")

    shown = page.locator("form[data-keys] tbody th").all_inner_texts()
    assert shown
    assert all(f"to {country}" in one for one in shown)


def test_reason_of_the_list_finds_its_parcels(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/queue")
    reason = page.get_by_label("Reason")
    count = reason.locator("option").nth(1).inner_text().rpartition("(")[2].rstrip(")")

    reason.select_option(index=1)
    page.get_by_role("button", name="Show", exact=True).click()

    wait_for_title(page, f"{count} task")


@pytest.mark.in_turn
def test_task_is_taken_once_and_given_back(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/queue")
    second = open_signed_in("/queue")
    for one in (page, second):
        one.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Take selected").click()
    expect(page.get_by_text("1 task is in your hands now.")).to_be_visible()
    assert owners_of(page)[0] == "you"

    second.get_by_role("button", name="Take selected").click()
    expect(second.get_by_text("1 was taken or done by somebody else before.")).to_be_visible()

    page.goto(f"{served.address}/queue?owner=mine")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Give back selected").click()
    expect(page.get_by_text("1 task is given back.")).to_be_visible()
    assert "owner=mine" in page.url
    expect(page.get_by_role("heading", level=1)).to_have_text("No task matches")


@pytest.mark.in_turn
def test_a_supervisor_assigns_and_sees_who_has_what_in_hand(
    open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    page = open_signed_in("/queue?owner=nobody")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Assign selected to").select_option("second")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Assigned: 1 of 1 tasks.")).to_be_visible()

    page.goto(f"{served.address}/queue")
    page.get_by_role("link", name="Who has what in hand").click()
    row = page.get_by_role("row").filter(has_text="second")
    assert row.locator("td").first.inner_text() == "1"
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)
    take_picture(page, "hands-desktop")
    row.get_by_role("link", name="second").click()
    wait_for_title(page, "1 task needs a person")
    assert owners_of(page) == ["second"]
    page.goto(f"{served.address}/queue/hands")
    listed = page.request.get(f"{served.address}/queue/hands/csv")
    assert "second,1," in listed.text()

    # Back to where it was: filters count what is in others' hands, too.
    page.get_by_role("link", name="second").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Assign selected to").select_option("officer")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Assigned: 1 of 1 tasks.")).to_be_visible()
    page.goto(f"{served.address}/queue?owner=mine")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Give back selected").click()
    expect(page.get_by_text("1 task is given back.")).to_be_visible()


@pytest.mark.in_turn
def test_view_is_saved_opened_and_removed(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/queue?why=review&owner=all")
    page.get_by_text("Save these filters as a view").click()
    page.get_by_label("Name of the view").fill("<b>Reviews</b>")
    page.get_by_role("button", name="Save view").click()

    link = page.get_by_role("link", name="<b>Reviews</b>")
    expect(link).to_have_attribute("href", "/queue?why=review&owner=all")

    page.get_by_text("Save these filters as a view").click()
    page.get_by_role("button", name="Remove view").click()
    expect(page.get_by_role("link", name="<b>Reviews</b>")).to_have_count(0)


@pytest.mark.in_turn
def test_keys_move_open_and_select_but_act_on_nothing(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/queue", java_script_enabled=True)
    links = page.locator("a[data-row]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox").first).to_be_checked()
    assert owners_of(page)[0] == "nobody"

    page.get_by_role("button", name="Switch keys off").click()
    links.nth(0).focus()
    page.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    page.get_by_role("button", name="Switch keys on").click()
    links.nth(0).focus()
    page.keyboard.press("o")
    page.wait_for_url("**/parcels/*")


def test_count_lives_on_an_open_page(open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/queue", java_script_enabled=True)
    page.clock.install()
    page.reload()
    with page.expect_response("**/queue/count") as answered:
        page.clock.fast_forward(16_000)

    assert answered.value.status == 200
    assert "<html" not in answered.value.text()
    expect(page.locator("[data-poll]")).to_contain_text("Counted at")


def test_list_is_a_file_with_every_task(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/queue")
    answer = page.request.get(f"{served.address}/queue/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text())))

    assert len(rows) == int(page.title().split()[0])
    assert all(row["reference"] and row["reason"] and row["flight"] for row in rows)


@pytest.mark.in_turn
def test_strange_filters_are_told_and_break_nothing(open_signed_in: OpenSignedIn, served: Served) -> None:
    page = open_signed_in("/queue")
    for query in (
        "why=unknown",
        "flight=x",
        "after=9" * 9,
        "after=1.2.3",
        "market=%00%00",
        "rule=" + "x" * 99,
    ):
        assert page.request.get(f"{served.address}/queue?{query}").status == 400, query
    for query in ("rule=no-such-rule", "market=QQ", "filer=0000-0000-0000-00", "done=took-1-of-<b>"):
        assert page.request.get(f"{served.address}/queue?{query}").status == 200, query


def test_queue_is_for_officers(served: Served, open_signed_in: OpenSignedIn) -> None:
    page = open_signed_in("/law")
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    for path in ("/queue", "/queue/count", "/queue/csv"):
        assert page.request.get(f"{served.address}{path}", headers=key).status == 403, path
    for path in ("/queue/take", "/queue/give-back", "/queue/views"):
        assert page.request.post(f"{served.address}{path}", headers=key, data="{}").status == 403, path
