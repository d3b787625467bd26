"""Times when a page shows its first content on a slow network, and weighs what it fetches for that."""

from typing import Any, Final

import msgspec
from playwright.sync_api import Browser, CDPSession, Page, Request
from tests.browser.served_pages import Served

KBIT_PER_SECOND: Final = 1_440
LATENCY_MS: Final = 562
"""What Chromium's developer tools call 3G: 1.6 Mbit/s and 150 ms, as an application sees them."""
_PAGES: Final = {
    "home": "/",
    "track": "/track",
    "sign in": "/sign-in",
    "calculator": "/calculator",
    "law of a place": "/law/EU",
    "register": "/register",
}
_PAINTED: Final = """() => new Promise((done) => {
  const shown = () => performance.getEntriesByName("first-contentful-paint")[0];
  const wait = () => shown() ? done(shown().startTime) : setTimeout(wait, 20);
  wait();
})"""


class FirstContent(msgspec.Struct, frozen=True):
    """When a page showed something, milliseconds after it was asked for, and what was sent for it, bytes:
    on the first visit, and with what the browser kept of that. strange_count: requests to other addresses."""

    page: str
    first_ms: float
    first_bytes: int
    again_ms: float
    again_bytes: int
    strange_count: int


def time_first_content(browser: Browser, served: Served) -> list[FirstContent]:
    """Open each page twice, as a stranger on a phone."""
    return [_time(browser, served.address, name, path) for name, path in _PAGES.items()]


def _time(browser: Browser, address: str, name: str, path: str) -> FirstContent:
    # Without the worker that keeps pages: what is timed is the network.
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
    page = context.new_page()
    strange: list[str] = []

    def note(asked: Request) -> None:
        if not asked.url.startswith((address, "data:")):
            strange.append(asked.url)

    page.on("request", note)
    network = context.new_cdp_session(page)
    received = _slow(network)
    first_ms = _open(page, f"{address}{path}")
    first_bytes = sum(received)
    received.clear()
    again_ms = _open(page, f"{address}{path}")
    context.close()
    return FirstContent(name, first_ms, first_bytes, again_ms, sum(received), len(strange))


def _slow(network: CDPSession) -> list[int]:
    """Slow a page's network down; return where the bytes of each answer will be noted."""
    received: list[int] = []
    speed: dict[str, Any] = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": KBIT_PER_SECOND * 1000 // 8,
        "uploadThroughput": KBIT_PER_SECOND * 1000 // 8,
    }
    network.on("Network.loadingFinished", lambda done: received.append(int(done["encodedDataLength"])))
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", speed)
    return received


def _open(page: Page, url: str) -> float:
    page.goto(url, wait_until="load")
    return float(page.evaluate(_PAINTED))
