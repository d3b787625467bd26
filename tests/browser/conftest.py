"""A browser, a filled and running server, and pictures for the docs."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import ROOT, OpenPage, browser, chromium_path, open_page
from tests.browser.served_pages import Served, served

__all__ = ["browser", "chromium_path", "open_page", "served"]

TakePicture = Callable[[Page, str], None]
OpenSignedIn = Callable[..., Page]


@pytest.fixture
def open_signed_in(open_page: OpenPage, served: Served) -> OpenSignedIn:
    """Open a page as an officer: `open_signed_in("/parcels", "phone")`; scripts are off unless asked for."""

    def open_one(path: str, size: str = "desktop", **options: Any) -> Page:
        page = open_page(size, **{"java_script_enabled": False, **options})
        page.goto(served.enter())
        page.goto(served.address + path)
        return page

    return open_one


@pytest.fixture
def take_picture() -> TakePicture:
    """Take a picture of what the page shows for the docs: `take_picture(page, "case-desktop")`.

    It lies in docs/pictures; none is taken but with SERAI_PICTURES=1: tests look at pages, not at pictures.
    """
    is_wanted = os.environ.get("SERAI_PICTURES") == "1"

    def take(page: Page, name: str) -> None:
        if is_wanted:
            path = ROOT / "docs" / "pictures" / f"{name}.png"
            page.screenshot(path=path, animations="disabled", caret="hide")

    return take
