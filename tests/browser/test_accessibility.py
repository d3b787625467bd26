"""Pages in a real Chromium against WCAG 2.2 AA: those that most people meet in English, some in Arabic, too.
Every page in every language is slow.

docs/reference/accessibility.md has the record of all languages, written by `python -m tools.accessibility`.
"""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from serai.foundation.http.guards import route_matrix
from serai.foundation.settings import Settings
from serai.model.languages import LANGUAGES
from serai.web.application import build_application
from tests.browser.chromium import FLAGS
from tests.browser.served_pages import Served
from tools.accessibility.axe import AxeMissingError, read_axe
from tools.accessibility.checks import find_faults
from tools.accessibility.looking import Looker
from tools.accessibility.pages import NO_PAGES, PAGES, Looked

pytestmark = pytest.mark.browser
WEIGHT_BYTES_MAX = 30_000
"""Of a page as it is sent: style, mark and script are asked for once and kept."""
OFTEN = {
    *(
        "home",
        "sign in, refused",
        "calculator, answer",
        "check of a message, empty",
        "upload",
        "nothing there",
    ),
    *("track, faulty", "a parcel's status", "a parcel, opened", "declare a parcel, nothing said", "queue"),
    *("arrivals", "parcels", "case", "a measure, faulty", "examinations", "risk", "money", "what is owed"),
    *("case, of its declarant", "reply", "accounts", "an organisation"),
}
IN_ARABIC = {"case", "a parcel's status", "calculator, several countries"}
FAULTY = """<!doctype html><html lang="en" dir="ltr"><head><title></title></head><body>
<div class="govuk-error-summary"><a href="#nowhere">Fault</a></div><main><h1>A page</h1>
<img src="data:,"><a href="/a" tabindex="3" style="outline: none">first</a>
<p><button style="inline-size: 10px; block-size: 10px; padding: 0; border: 0">x</button></p>
<p style="inline-size: 900px; overflow: hidden; white-space: nowrap">wide</p></main></body></html>"""


@pytest.fixture(scope="module")
def axe() -> str:
    try:
        return read_axe()
    except AxeMissingError as fault:
        if os.environ.get("SERAI_AXE") == "required":
            pytest.fail(str(fault))
        pytest.skip(f"pages are not held against axe-core: {fault}")


def _told(looker: Looker, pages: list[Looked], languages: tuple[str, ...]) -> list[str]:
    return [
        f"{seen.page}, {seen.language}: {fault.check}: {fault.says}"
        for seen in looker.look(pages, languages)
        for fault in seen.faults
    ]


@pytest.fixture
def looker(browser: Browser, chromium_path: str, served: Served, axe: str) -> Iterator[Looker]:
    looker = Looker(
        lambda: browser.browser_type.launch(executable_path=chromium_path, args=FLAGS), served, axe
    )
    yield looker
    looker.close()


@pytest.mark.in_turn
def test_pages_stand_in_nobodys_way(looker: Looker) -> None:
    assert _told(looker, [one for one in PAGES if one.name in OFTEN], ("en",)) == []
    assert [one for one in looker.weights.items() if one[1] > WEIGHT_BYTES_MAX] == []
    assert _told(looker, [one for one in PAGES if one.name in IN_ARABIC], ("ar",)) == []


@pytest.mark.slow
def test_every_page_stands_in_nobodys_way_in_any_language(looker: Looker) -> None:
    assert _told(looker, list(PAGES), tuple(LANGUAGES)) == []
    assert [one for one in looker.weights.items() if one[1] > WEIGHT_BYTES_MAX] == []


def test_what_is_wrong_with_a_page_is_found(browser: Browser, axe: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_content(FAULTY)

    found = {fault.check for fault in find_faults(page, axe, "ar", "rtl")}
    page.close()

    assert found == {"axe", "frame", "summary", "targets", "focus", "reflow"}


@pytest.mark.in_turn
def test_every_route_that_answers_with_a_page_is_looked_at() -> None:
    routes = {
        row.path
        for row in route_matrix(build_application(Settings(), ""))
        if row.method == "GET" and not row.path.startswith("/v1")
    }
    looked_at = {one.route for one in PAGES if one.route}

    assert looked_at | NO_PAGES.keys() >= routes, (
        "say in tools/accessibility/pages.py how the new page is opened"
    )
    assert looked_at | NO_PAGES.keys() <= routes, "tools/accessibility/pages.py names a page that is gone"
    assert not looked_at & NO_PAGES.keys()
