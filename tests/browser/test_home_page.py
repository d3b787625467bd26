"""The first page in a real Chromium: strangers see what they can do, officers are led to their queue."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", SIZES)
def test_stranger_sees_what_can_be_done_here(
    open_page: OpenPage, served: Served, take_picture: TakePicture, size: str
) -> None:
    page = open_page(size, java_script_enabled=False)
    weighed: list[int] = []
    page.on("response", lambda answer: weighed.append(len(answer.body())))
    page.goto(served.address)
    take_picture(page, f"home-{size}")

    assert page.url.rstrip("/") == served.address
    for name in ("Track", "Calculate", "Look up the law", "Check a message"):
        expect(page.locator("main").get_by_role("link", name=name, exact=True)).to_be_visible()
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    assert not scrolls_sideways(page)
    assert sum(weighed) < 150_000
    page.set_viewport_size({"width": 320, "height": 800})
    assert not scrolls_sideways(page)


@pytest.mark.in_turn
def test_header_has_one_row_on_a_phone_and_unfolds(open_page: OpenPage, served: Served) -> None:
    page = open_page("phone", java_script_enabled=False)
    page.goto(served.address)
    bar = page.locator(".bar").bounding_box()
    assert bar is not None
    assert bar["height"] < 70

    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Law").click()
    page.wait_for_url("**/law")


@pytest.mark.in_turn
def test_first_page_leads_an_officer_to_the_queue(open_page: OpenPage, served: Served) -> None:
    page = open_page("phone", java_script_enabled=False)
    page.goto(f"{served.address}/sign-in")
    page.get_by_label("Name").fill("Officer")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/queue")

    page.goto(served.address)
    assert page.url == f"{served.address}/queue"


@pytest.mark.in_turn
def test_page_that_is_not_there_keeps_the_officer_signed_in(open_page: OpenPage, served: Served) -> None:
    page = open_page("desktop", java_script_enabled=False)
    page.goto(served.enter())
    assert page.request.get(f"{served.address}/nowhere").status == 404

    shown = page.request.get(f"{served.address}/nowhere", headers={"accept": "text/html"})
    strange = page.request.get(
        f"{served.address}/nowhere", headers={"accept": "text/html", "cookie": "serai_session=none"}
    )

    assert shown.status == strange.status == 404
    assert "Sign out" in shown.text()
    assert "Queue" in shown.text()
    assert "Sign out" not in strange.text()
