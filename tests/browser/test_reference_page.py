"""The reference of the API at `/docs`, in a real Chromium: it shows the routes, and asks no other host."""

import pytest

from tests.browser.chromium import OpenPage
from tests.browser.served_pages import Served

# To draw some hundred routes takes the browser half a minute.
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_reference_shows_routes_with_bodies_and_fetches_nothing_from_elsewhere(
    open_page: OpenPage, served: Served
) -> None:
    page = open_page("desktop")
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda fault: faults.append(str(fault)))

    page.goto(served.address + "/docs")

    shown = ""
    for _ in range(60):
        shown = page.evaluate("document.querySelector('rapi-doc').shadowRoot.textContent")
        if "Lodge declarations and submit" in shown:
            break
        page.wait_for_timeout(500)
    assert "Lodge declarations and submit" in shown
    assert "/v1/declarations" in shown
    assert [url for url in asked if not url.startswith((served.address, "data:", "blob:"))] == []
    assert faults == []
