"""The look in a real Chromium: phone and desktop, dark, right to left, without script, by keyboard."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import OpenPage
from tests.foundation_http.conftest import Kept
from tests.turns import SIZES


@pytest.fixture
def look_page(open_page: OpenPage, kept: Kept) -> Any:
    def look(size: str, **options: Any) -> Any:
        page = open_page(size, **options)
        page.goto(f"{kept.address}/styleguide")
        return page

    return look


@pytest.mark.browser
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "options", [{}, {"color_scheme": "dark"}, {"locale": "ar"}], ids=["plain", "dark", "arabic"]
)
def test_styleguide_shows_whole_without_script(
    look_page: Any, tmp_path: Path, size: str, options: dict[str, Any]
) -> None:
    page = look_page(size, java_script_enabled=False, **options)

    picture = tmp_path / "styleguide.png"
    page.screenshot(path=picture, full_page=True)

    assert picture.stat().st_size > 50_000
    assert page.locator("h1").is_visible()
    assert page.locator("html").get_attribute("dir") == ("rtl" if options.get("locale") == "ar" else "ltr")


@pytest.mark.browser
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_nothing_scrolls_sideways(look_page: Any, size: str) -> None:
    page = look_page(size)

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_table_becomes_cards_with_column_names_on_a_phone(look_page: Any) -> None:
    phone, desktop = look_page("phone"), look_page("desktop")
    cell = ".table--cards tbody td[data-label='Pieces']"
    name = f"getComputedStyle(document.querySelector(\"{cell}\"), '::before').content"

    assert phone.evaluate(name) == '"Pieces"'
    assert desktop.evaluate(name) == "none"
    assert (
        phone.locator(".table--cards tbody tr").first.evaluate("row => getComputedStyle(row).display")
        == "block"
    )
    # Still a table to those who hear the page.
    assert phone.get_by_role("table", name="Flights that land next").get_by_role("cell").count() > 5


@pytest.mark.browser
def test_targets_are_large_enough_for_a_thumb(look_page: Any) -> None:
    page = look_page("phone")
    targets = ".menu a, .govuk-button, .quiet, .govuk-input, .govuk-select, summary"

    heights = page.evaluate(
        "targets => [...document.querySelectorAll(targets)].filter(one => one.checkVisibility())"
        ".map(one => [one.textContent.trim(), one.getBoundingClientRect().height])",
        targets,
    )

    assert len(heights) > 8
    assert [one for one in heights if one[1] < 40] == []


@pytest.mark.browser
def test_keyboard_reaches_the_content_first(look_page: Any) -> None:
    page = look_page("desktop")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.className").startswith("govuk-skip-link")
    assert page.locator(":focus").bounding_box()["height"] > 20


@pytest.mark.browser
def test_why_opens_step_by_step(look_page: Any) -> None:
    page = look_page("phone", java_script_enabled=False)
    step = page.get_by_text("Notebook")
    assert not step.is_visible()

    page.get_by_text("Goods are worth EUR 10.00 together").click()

    assert step.is_visible()


@pytest.mark.browser
def test_signing_in_works_without_script(open_page: OpenPage, kept: Kept) -> None:
    page = open_page("phone", java_script_enabled=False)
    page.goto(f"{kept.address}/enter/{kept.link_tokens[2]}")

    assert page.url == f"{kept.address}/"
    page.get_by_role("button", name="Sign out").click()
    assert page.url == f"{kept.address}/sign-in"
