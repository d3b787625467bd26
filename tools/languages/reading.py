"""Reads pages of a running server as whoever they are for, in a language, without a browser."""

import re
import time
from email import message_from_bytes, policy
from typing import Any, Final

import httpx2
from serai.foundation.http.respond import LANGUAGE_COOKIE
from serai.foundation.id_text import format_id
from tests.browser.look_at_pages import ACCOUNT_ID, ADMINISTRATOR_ID, CARRIER_ID
from tests.browser.served_pages import Served
from tests.journey.cases.world import parcel

from tools.accessibility.pages import Looked, Who
from tools.accessibility.split_order import split_group

_NUMBER: Final = "LX473124829CN"
_POSTCODE: Final = "D02 AF30"
_TIMEOUT_S: Final = 120


class PageReader:
    """Opens pages as a person would who has no scripts; each person comes in once."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._clients: dict[Who, httpx2.Client] = {}
        self._addresses: dict[str, str] = {}

    def read(self, looked: Looked, language: str) -> str:
        """Return a page as it was sent. A form that is to be pressed comes back with its faults."""
        client = self._client(looked.who)
        client.cookies.set(LANGUAGE_COOKIE, language)
        client.headers["accept-language"] = language
        address = self._fill(looked.path)
        answer = client.get(address)
        # The first visitor of all finds the comparison being computed.
        end = time.monotonic() + _TIMEOUT_S
        while 'http-equiv="refresh"' in answer.text and time.monotonic() < end:
            time.sleep(0.5)
            answer = client.get(address)
        if looked.press:
            answer = _press(client, answer, address)
        return answer.text

    def close(self) -> None:
        """Let go of every connection."""
        for client in self._clients.values():
            client.close()

    def _client(self, who: Who) -> httpx2.Client:
        if who not in self._clients:
            client = httpx2.Client(
                base_url=self._served.address,
                headers={"accept": "text/html"},
                timeout=_TIMEOUT_S,
                follow_redirects=True,
            )
            if who in ("officer", "administrator"):
                is_officer = who == "officer"
                entered = client.get(
                    self._served.enter() if is_officer else self._served.enter_as(ADMINISTRATOR_ID)
                )
                if entered.request.url.path.startswith("/enter/"):
                    _press(client, entered, entered.request.url.path)
            if who == "declarant":
                client.headers["authorization"] = f"Bearer {self._served.filled.carrier_key}"
            if who.startswith("buyer"):
                self._fill("{tracked}")
                opened = client.get("/track")
                _press(client, opened, "/track", number=_NUMBER, postcode=_POSTCODE)
            if who == "buyer with a code":
                asked = _press(client, client.get("/track/parcel"), "/track/parcel", action="/track/code")
                code = self._read_code(asked.text)
                _press(client, asked, "/track/parcel", action="/track/confirmation", code=code)
            self._clients[who] = client
        return self._clients[who]

    def _read_code(self, page: str) -> str:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            for path in (self._served.folder / "mail").glob("*.eml"):
                text = message_from_bytes(path.read_bytes(), policy=policy.default).get_content()
                numbers = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}\b", text)
                found = re.search(r"\b(\d{8})\b", text)
                if found and any(number in page for number in numbers):
                    return found[1]
            time.sleep(0.1)
        raise AssertionError("no message came")

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
                "tracked": f"/parcels/{self._file_tracked()}",
                "flight": f"/transport-units/{flight}",
                "split_group": f"/split-shipments/{split_group(self._served, self._ask)}",
                "scorecard": f"/scorecards/{format_id(CARRIER_ID)}",
                "account": f"/administration/accounts/{format_id(ACCOUNT_ID)}",
                "party": f"/administration/parties/{format_id(CARRIER_ID)}",
            }
        return path.format(**self._addresses)

    def _file_tracked(self) -> str:
        """Return the case of a parcel whose buyer can be written to, and has asked for something."""
        consignee = {**parcel("X")["consignee"], "email": "zelda@quux.example"}
        filed = self._ask("/v1/declarations", parcel("READ", house_document=_NUMBER, consignee=consignee))
        appeal = {
            "reference": "READ",
            "reason": "这是另一个原产地",
            "decision_id": filed["decision"]["decision_id"],
        }
        self._ask(f"/v1/cases/{filed['case_id']}/appeals", appeal)
        opened = self._ask("/v1/track", {"number": _NUMBER, "postcode": _POSTCODE})
        said = {"reference": "READ", "kind": "contact", "email": "other@quux.example", "words": "是我"}
        self._ask("/v1/track/requests", {"session": opened["session"], **said})
        return str(filed["case_id"])

    def _ask(self, path: str, body: Any = None) -> Any:
        headers = {"accept": "application/json"}
        if not path.startswith("/v1/track"):
            headers["authorization"] = f"Bearer {self._served.filled.carrier_key}"
        method = "GET" if body is None else "POST"
        answer = httpx2.request(
            method, self._served.address + path, json=body, headers=headers, timeout=_TIMEOUT_S
        )
        assert answer.is_success, (path, answer.text)
        return answer.json()


def _press(
    client: httpx2.Client, page: httpx2.Response, address: str, *, action: str = "", **given: str
) -> httpx2.Response:
    """Send the last form of the page's main part, or the one with this address, filled with what is given."""
    main = page.text.partition("<main")[2].partition("</main>")[0]
    forms = re.findall(r"<form\b([^>]*)>(.*?)</form>", main, re.DOTALL)
    head, inner = next(
        (one for one in reversed(forms) if not action or f'action="{action}"' in one[0]), ("", "")
    )
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', inner))
    hidden = {
        name: fields[name]
        for name in re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"', inner)
        if name in fields
    }
    to = (re.search(r'action="([^"]*)"', head) or [None, ""])[1] or address
    if 'method="post"' not in head:
        return client.get(to, params={**hidden, **given})
    if "multipart" in head:
        return client.post(to, files={name: (None, value) for name, value in {**hidden, **given}.items()})
    return client.post(to, data={**hidden, **given})
