"""A real Chromium for the tests marked `browser`: pages at phone and desktop width.

`make test` says which Chromium it found (SERAI_CHROMIUM); run by hand, pytest looks for one itself. Without
one the tests are skipped with a reason, or fail where SERAI_BROWSER=required (the gate).
A folder whose tests need it names the fixtures in its conftest.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.open_browser import open_browser

ROOT = Path(__file__).parents[2]
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Cut by the browser itself: a route of Playwright's would ask here for each request, and keep no cache.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE [::1]",
]

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of a Chromium that starts."""
    path = os.environ.get("SERAI_CHROMIUM")
    if path is None:
        command = [sys.executable, str(ROOT / "tools" / "find_chromium.py"), "--no-fetch"]
        path = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    if path:
        return path
    if os.environ.get("SERAI_BROWSER") == "required":
        pytest.fail("no Chromium that starts, and SERAI_BROWSER=required")
    pytest.skip("browser tests are left out: no Chromium that starts was found")


@pytest.fixture
def browser(chromium_path: str) -> Browser:
    """The open browser; each page gets a context of its own, with no cookies."""
    return open_browser(chromium_path, FLAGS)


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Open an empty page: `open_page("phone")` (390x844) or `open_page("desktop")` (1280x900).

    Further words go to Playwright's `new_context`, such as `java_script_enabled=False`, `locale="ar"`,
    `color_scheme="dark"`. The test fails at its end when a page wrote an error to the console, threw, or
    wanted something from another machine (such requests are cut).
    """
    faults: list[str] = []
    contexts = []

    def open_one(size: str = "desktop", **options: Any) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            is_mobile=size == "phone",
            **{"reduced_motion": "reduce", **options},
        )
        contexts.append(context)
        context.on("request", lambda request: note_other_machine(request, faults))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("console", lambda line: note_console(line, faults))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not faults


def note_console(line: ConsoleMessage, faults: list[str]) -> None:
    """Note what the page wrote to the console as an error; a form sent back with its faults is none, nor one
    that comes back since something stands against it, nor a sign-in that is refused."""
    is_of_signing_in = urlsplit(line.location["url"]).path.startswith(("/sign-in", "/account/passkeys"))
    is_refused = is_of_signing_in and "status of 401" in line.text
    is_sent_back = "status of 422" in line.text or "status of 409" in line.text
    if line.type == "error" and not is_sent_back and not is_refused:
        faults.append(f"console: {line.text}")


def note_other_machine(request: Request, faults: list[str]) -> None:
    """Note a request that goes anywhere but to loopback; the browser, started with `FLAGS`, cuts it."""
    address = urlsplit(request.url)
    if address.scheme not in {"data", "blob", "file", "about"} and address.hostname not in LOOPBACK:
        faults.append(f"wanted from another machine: {request.url}")
