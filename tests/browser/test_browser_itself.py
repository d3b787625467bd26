"""The browser that the other tests lean on: real, at both sizes, and unable to call out unseen."""

import struct
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import OpenPage, note_other_machine

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("size", "width"), [("phone", 390), ("desktop", 1280)])
def test_a_local_page_is_shown_and_pictured(
    open_page: OpenPage, tmp_path: Path, size: str, width: int
) -> None:
    file = tmp_path / "page.html"
    file.write_text("<meta name=viewport content='width=device-width'><h1>Serai</h1>", encoding="utf-8")

    page = open_page(size)
    page.goto(file.as_uri())
    picture = tmp_path / "page.png"
    page.screenshot(path=picture)

    assert page.inner_text("h1") == "Serai"
    assert page.evaluate("window.innerWidth") == width
    assert struct.unpack(">I", picture.read_bytes()[16:20]) == (width,)


def test_a_page_without_script_stays_without(open_page: OpenPage) -> None:
    page = open_page("phone", java_script_enabled=False)

    page.goto("data:text/html,<p>as sent</p><script>document.body.textContent='changed'</script>")

    assert page.inner_text("p") == "as sent"


def test_a_request_to_another_machine_is_cut_and_noted(browser: Browser) -> None:
    faults: list[str] = []
    page = browser.new_page()
    cut: list[str | None] = []
    page.on("request", lambda request: note_other_machine(request, faults))
    page.on("requestfailed", lambda request: cut.append(request.failure))
    wanted = ["http://192.0.2.1/tracker.png", "https://tracker.example/other.png"]

    page.goto("data:text/html," + "".join(f"<img src='{one}'>" for one in wanted))
    page.close()

    assert sorted(faults) == [f"wanted from another machine: {one}" for one in wanted]
    assert cut == ["net::ERR_NAME_NOT_RESOLVED"] * 2
