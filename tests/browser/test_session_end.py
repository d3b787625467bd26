"""The end of a session in a real Chromium: it is told before, and what was typed is there afterwards."""

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import open_named, scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser


def let_run_out(served: Served) -> None:
    with psycopg.connect(served.dsn, autocommit=True) as connection:
        connection.execute("UPDATE page_session SET used_at = used_at - interval '3 hours'")


def open_hold(page: Page, served: Served) -> str:
    """Open the form of a hold; return its address."""
    open_named(page, served, "NAMED-2-DESK")
    page.get_by_role("link", name="Hold", exact=True).click()
    return page.url


@pytest.mark.in_turn
def test_it_is_told_before_and_one_press_goes_on(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    page = open_page("phone")
    page.clock.install()
    page.goto(served.enter())
    page.goto(f"{served.address}/parcels")
    box = page.locator("[data-session]")
    page.clock.fast_forward("50:00")
    expect(box).to_be_hidden()
    page.clock.fast_forward("05:00")
    expect(box.get_by_role("heading", name="You will soon be signed out")).to_be_visible()
    take_picture(page, "session-end-phone")
    assert find_small_targets(page) == []

    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    page.clock.fast_forward("03:30")
    expect(box).to_be_visible()
    let_run_out(served)
    page.get_by_role("button", name="Stay signed in").click()
    expect(box).to_contain_text("Your session has ended.")
    page.goto(served.enter())
    page.goto(f"{served.address}/parcels")
    page.clock.fast_forward("56:00")
    page.get_by_role("button", name="Stay signed in").click()
    expect(box).to_be_hidden()


@pytest.mark.in_turn
def test_a_form_sent_too_late_comes_back_filled_without_script(
    open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    page = open_signed_in("/parcels", "phone")
    address = open_hold(page, served)
    reason = "The invoice names another sender, see page 2."
    page.get_by_label("In words, for the declarant").fill(reason)
    let_run_out(served)
    page.locator("main form button").last.click()

    wait_for_title(page, "Sign in")
    expect(page.get_by_text("You were signed out before your form arrived.")).to_be_visible()
    take_picture(page, "session-ended-phone")
    page.get_by_label("Name or e-mail address").fill("Officer")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in", exact=True).click()

    assert page.url == address
    expect(page.get_by_text("The form is filled as you left it.")).to_be_visible()
    take_picture(page, "form-back-phone")
    assert reason in page.locator("main form").last.inner_html()
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)
    page.locator("main form button").last.click()
    expect(page.locator("main")).to_contain_text(reason)
