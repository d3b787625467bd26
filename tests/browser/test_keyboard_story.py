"""The story of an officer who has no mouse: from sign-in through the queue and a case to its release, with
the keyboard alone. The focus is seen at each step, and no single key does anything to a case."""

from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
_FOCUSED: Final = """
() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const name = one.labels && one.labels.length ? one.labels[0].textContent : one.textContent;
  const box = one.getBoundingClientRect();
  return {
    name: (one.getAttribute("aria-label") || name || "").replace(/\\s+/g, " ").trim(),
    tag: one.tagName,
    isSeen: one.matches(":focus-visible") &&
      // The link to the content is there at all only while it has the focus.
      (one.classList.contains("govuk-skip-link") || style.boxShadow !== "none" ||
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0),
    isInView: box.bottom > 0 && box.top < window.innerHeight && box.width > 0,
  };
}
"""
_UNTIL_STILL: Final = """
() => new Promise((done) => {
  let last = -1;
  const look = () => {
    if (scrollY === last) return done();
    last = scrollY;
    setTimeout(look, 120);
  };
  look();
})
"""
_TABS_MAX: Final = 120


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has a name has the focus; it is seen at each step."""
    for _ in range(_TABS_MAX):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused["tag"] != "BODY":
            assert focused["isSeen"], f"the focus is not seen on {focused}"
            assert focused["isInView"], f"the focus is out of view on {focused}"
        if focused["name"] == name:
            return
    raise AssertionError(f"Tab never comes to {name}")


def move(page: Page, keys: str) -> None:
    """Press keys of the queue, once its script is there."""
    expect(page.get_by_role("button", name="Switch keys off")).to_be_visible()
    for key in keys:
        page.keyboard.press(key)


def enter(page: Page) -> None:
    """Press Enter on what has the focus, and stand on the page that it leads to."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def press_each(page: Page) -> None:
    """Press every key that could do something by itself."""
    page.evaluate("document.activeElement.blur()")
    for key in "abcdefghijklmnopqrstuvwxyz":
        page.keyboard.press(key)
    for key in ("Enter", "Space", "Delete", "Escape"):
        page.keyboard.press(key)
    # Space scrolls, for a while: what is focused meanwhile would be carried out of view.
    page.evaluate(_UNTIL_STILL)


@pytest.mark.in_turn
@pytest.mark.parametrize(("size", "row"), [("desktop", 0), ("phone", 2)])
def test_an_officer_works_from_sign_in_to_release_without_a_mouse(
    open_page: OpenPage, served: Served, take_picture: TakePicture, size: str, row: int
) -> None:
    page = open_page(size)
    page.goto(f"{served.address}/sign-in?next=/queue%3Fwhy%3Dreview")
    tab_to(page, "Name or e-mail address")
    page.keyboard.type("officer")
    tab_to(page, "Password")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue?why=review")

    move(page, "j" * (row + 2) + "k")
    first = page.evaluate(_FOCUSED)
    assert first["isSeen"]
    take_picture(page, f"keyboard-queue-{size}")
    page.keyboard.press("x")
    expect(page.locator("input[name=task]").nth(row)).to_be_checked()
    owner = page.locator("td[data-label='Owner']").nth(row)
    assert owner.inner_text() == "nobody", "a key selects, and no more"
    tab_to(page, "Take selected")
    enter(page)
    expect(page.get_by_text("1 task is in your hands now.")).to_be_visible()
    move(page, "j" * (row + 1) + "o")
    page.wait_for_url("**/parcels/*")
    expect(page.get_by_text("It is in your hands.")).to_be_visible()
    address = page.url
    moments = page.locator(".timeline li").count()
    press_each(page)
    assert page.url == address
    page.reload()
    assert page.locator(".timeline li").count() == moments, "no single key acts on a case"

    tab_to(page, "Release")
    take_picture(page, f"keyboard-case-{size}")
    enter(page)
    tab_to(page, "In words, for the declarant")
    page.keyboard.type("The papers agree.")
    tab_to(page, "Continue")
    enter(page)
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    press_each(page)
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    tab_to(page, "Confirm")
    take_picture(page, f"keyboard-confirm-{size}")
    enter(page)
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.get_by_text("The papers agree.").first).to_be_visible()
    assert page.locator(".timeline li").count() > moments
