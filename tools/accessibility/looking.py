"""Opens each page as whoever it is for, in each language, and looks at it."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from email import message_from_bytes, policy
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response
from serai.foundation.http.respond import LANGUAGE_COOKIE
from serai.foundation.id_text import format_id
from serai.model.languages import direction_of
from tests.browser.look_at_pages import ACCOUNT_ID, ADMINISTRATOR_ID, CARRIER_ID
from tests.browser.served_pages import Served
from tests.journey.cases.world import parcel

from tools.accessibility.checks import Fault, find_faults
from tools.accessibility.pages import Looked, Who
from tools.accessibility.registering import sign_a_manager_in
from tools.accessibility.split_order import split_group

_NUMBER: Final = "LX473124829CN"
_POSTCODE: Final = "D02 AF30"
_PATIENCE_MS: Final = 120_000
"""A machine that is busy with other things stands still for longer than a page takes."""
_SIZE: Final[Any] = {"width": 1280, "height": 900}


class Seen(msgspec.Struct, frozen=True):
    """A page in a language, and what is wrong with it."""

    page: str
    language: str
    faults: list[Fault]

    @property
    def key(self) -> tuple[str, str]:
        """What is looked at once."""
        return self.page, self.language


class Looker:
    """Looks at the pages of one running server with one browser.

    launch: starts a browser; once more where one ends itself. axe: the script of axe-core. weights: bytes of
    each page, by name, as they were sent.
    """

    def __init__(self, launch: Callable[[], Browser], served: Served, axe: str) -> None:
        self._launch = launch
        self._browser = launch()
        self._served = served
        self._axe = axe
        self._states: dict[str, Any] = {}
        self._addresses: dict[str, str] = {}
        self._tracked = ""
        self.weights: dict[str, int] = {}

    def look(self, pages: Iterable[Looked], languages: Iterable[str]) -> Iterator[Seen]:
        """Look at each page in each language."""
        listed = list(pages)
        for language in languages:
            by_who: dict[Who, list[Looked]] = {}
            for one in listed:
                by_who.setdefault(one.who, []).append(one)
            for who, own in by_who.items():
                yield from self._look_as(who, own, language)

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()

    def _look_as(self, who: Who, pages: Iterable[Looked], language: str) -> Iterator[Seen]:
        context = self._context(who, language)
        for one in pages:
            try:
                seen = self._look_at(context, one, language)
            except Error:
                if self._browser.is_connected():
                    raise
                # Chromium has ended itself, which no page of ours asks for: the page is opened in another.
                self._browser = self._launch()
                context = self._context(who, language)
                seen = self._look_at(context, one, language)
            yield seen
        context.close()

    def _look_at(self, context: BrowserContext, looked: Looked, language: str) -> Seen:
        page = context.new_page()
        status = self._open(page, looked)
        faults = find_faults(page, self._axe, language, direction_of(language))
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            faults.append(Fault("frame", f"answered with {status}"))
        page.close()
        return Seen(looked.name, language, faults)

    def _open(self, page: Page, looked: Looked) -> int:
        """Open the page in its state; return the status of the last answer."""
        answers: list[Response] = []
        page.on("response", lambda one: answers.append(one) if one.request.is_navigation_request() else None)
        page.goto(self._served.address + self._fill(looked.path))
        # The first visitor of all finds the comparison being computed; the page looks again by itself.
        page.wait_for_function("!document.querySelector('meta[http-equiv=refresh]')", timeout=120_000)
        if looked.press:
            page.locator(looked.press).last.click()
            page.wait_for_load_state()
        self.weights[looked.name] = answers[-1].request.sizes()["responseBodySize"]
        return answers[-1].status

    def _context(self, who: Who, language: str) -> BrowserContext:
        """Return a new window of whoever it is; each comes in once."""
        # The account of a manager keeps the language in which it was registered.
        key = f"{who} {language}" if who == "manager" else who
        if key not in self._states:
            self._states[key] = self._enter(who, language)
        headers = {"authorization": f"Bearer {self._served.filled.carrier_key}"} if who == "declarant" else {}
        if who == "declarant":
            headers["accept-language"] = language
        context = self._browser.new_context(
            viewport=_SIZE,
            reduced_motion="reduce",
            storage_state=self._states[key],
            extra_http_headers=headers,
        )
        context.set_default_timeout(_PATIENCE_MS)
        # Sent to the browser once, not with each page.
        context.add_init_script(self._axe)
        context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": self._served.address}])
        return context

    def _enter(self, who: Who, language: str) -> Any:
        context = self._browser.new_context()
        context.set_default_timeout(_PATIENCE_MS)
        try:
            page = context.new_page()
            if who == "officer":
                page.goto(self._served.enter())
            if who == "administrator":
                page.goto(self._served.enter_as(ADMINISTRATOR_ID))
            if who == "manager":
                context.add_cookies(self._cookies_of_a_manager(language))
            if who.startswith("buyer"):
                self._tracked_case()
                page.goto(f"{self._served.address}/track")
                page.locator("#number").fill(_NUMBER)
                page.locator("#postcode").fill(_POSTCODE)
                page.locator("main button").last.click()
                page.wait_for_url("**/track/parcel")
            if who == "buyer with a code":
                page.locator("form[action='/track/code'] button").click()
                number = page.get_by_role("status").locator("code").inner_text()
                page.locator("#code").fill(_read_code(self._served.folder, number))
                page.locator("form[action='/track/confirmation'] button").click()
                page.wait_for_url("**/track/parcel")
            return context.storage_state()
        finally:
            context.close()

    def _cookies_of_a_manager(self, language: str) -> Any:
        address, headers = self._served.address, {"accept": "text/html", "accept-language": language}
        with httpx2.Client(base_url=address, headers=headers, timeout=60) as client:
            sign_a_manager_in(self._served, client)
            return [{"name": name, "value": value, "url": address} for name, value in client.cookies.items()]

    def _tracked_case(self) -> str:
        """Return the case of a parcel whose buyer can be written to, and has asked for something."""
        if not self._tracked:
            consignee = {**parcel("X")["consignee"], "email": "zelda@quux.example"}
            document = parcel("LOOKED-AT", house_document=_NUMBER, consignee=consignee)
            filed = self._ask("/v1/declarations", document)
            self._tracked = str(filed["case_id"])
            appeal = {"reference": "LOOKED", "reason": "The origin is another."}
            appeal["decision_id"] = filed["decision"]["decision_id"]
            self._ask(f"/v1/cases/{self._tracked}/appeals", appeal)
            opened = self._ask("/v1/track", {"number": _NUMBER, "postcode": _POSTCODE})
            said = {
                "reference": "LOOKED",
                "kind": "contact",
                "email": "other@quux.example",
                "words": "It is me.",
            }
            self._ask("/v1/track/requests", {"session": opened["session"], **said})
        return self._tracked

    def _fill(self, path: str) -> str:
        if "{" not in path:
            return path
        if not self._addresses:
            case = self._ask("/parcels?search=NAMED-2-DESK")["parcels"][0]["case_id"]
            flight = self._ask("/arrivals")["flights"][0]["movement_id"]
            self._addresses = {
                "case": f"/parcels/{case}",
                "risk_case": f"/risk/cases/{case}",
                "listed": f"/parcels/{case}/listed-names",
                "tracked": f"/parcels/{self._tracked_case()}",
                "flight": f"/transport-units/{flight}",
                "split_group": f"/split-shipments/{split_group(self._served, self._ask)}",
                "scorecard": f"/scorecards/{format_id(CARRIER_ID)}",
                "account": f"/administration/accounts/{format_id(ACCOUNT_ID)}",
                "party": f"/administration/parties/{format_id(CARRIER_ID)}",
            }
        return path.format(**self._addresses)

    def _ask(self, path: str, body: Any = None) -> Any:
        headers = {"accept": "application/json"}
        if not path.startswith("/v1/track"):
            headers["authorization"] = f"Bearer {self._served.filled.carrier_key}"
        method = "GET" if body is None else "POST"
        answer = httpx2.request(method, self._served.address + path, json=body, headers=headers, timeout=60)
        assert answer.is_success, (path, answer.text)
        return answer.json()


def _read_code(folder: Path, number: str, *, patience_s: float = 30) -> str:
    """Return the one-time code in the message with this number, in the folder of a node's data."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        for path in (folder / "mail").glob("*.eml"):
            text = message_from_bytes(path.read_bytes(), policy=policy.default).get_content()
            found = re.search(r"\b(\d{8})\b", text.replace(number, ""))
            if number in text and found:
                return found[1]
        time.sleep(0.1)
    raise AssertionError("no message came")
