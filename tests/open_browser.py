"""The browser that stays open while one test after another needs it: to start one costs three seconds.

While it is open Playwright's loop runs in this thread, and no test may start another: what needs no browser
closes it first.
"""

from collections.abc import Callable, Sequence
from typing import Any

from playwright.sync_api import Browser, sync_playwright

_open: list[tuple[Browser, Callable[..., Any]]] = []


def open_browser(path: str, flags: Sequence[str]) -> Browser:
    """Return the browser that is open, or start one."""
    if not _open:
        manager = sync_playwright()
        playwright = manager.__enter__()
        _open.append((playwright.chromium.launch(executable_path=path, args=flags), manager.__exit__))
    browser, _ = _open[0]
    return browser


def close_browser() -> None:
    """Close the browser and end Playwright's loop, if they are there."""
    while _open:
        browser, leave = _open.pop()
        browser.close()
        leave(None, None, None)
