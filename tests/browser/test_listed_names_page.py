"""A listed name is closed both ways in a real Chromium: another person is released, the same one is held."""

import json
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.journey.cases.world import parcel

pytestmark = pytest.mark.browser

LISTED = "Anna Maria Kowalska"


def ask(served: Served, path: str, body: Any = None, key: str | None = None) -> httpx2.Response:
    headers = {"authorization": f"Bearer {key or served.filled.carrier_key}", "accept": "application/json"}
    method = "GET" if body is None else "POST"
    return httpx2.request(method, served.address + path, json=body, headers=headers, timeout=60)


def declared(served: Served, reference: str, street: str) -> dict[str, Any]:
    consignee = {**parcel("X")["consignee"], "name": LISTED, "street": street}
    answer = ask(served, "/v1/declarations", parcel(reference, consignee=consignee))
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def lane_of(served: Served, case_id: str) -> str:
    decision = ask(served, f"/v1/cases/{case_id}/decision").json()["decision"]
    text = json.dumps(decision).casefold()
    assert not any(word in text for word in ("listed", "entry", "verdict", "score", "denied")), text
    return str(decision["lane"])


def say(page: Page, label: str, remark: str) -> None:
    page.get_by_label(label, exact=True).check()
    page.get_by_label("Remark").fill(remark)
    page.get_by_role("button", name="Record who it is").click()


@pytest.mark.in_turn
def test_a_listed_name_is_closed_both_ways(
    served: Served, open_signed_in: OpenSignedIn, take_picture: TakePicture
) -> None:
    one, other = declared(served, "NAME-ONE", "1 Quux"), declared(served, "NAME-OTHER", "7 Corge")
    again = declared(served, "NAME-AGAIN", "1 Quux")
    cases = [answer["case_id"] for answer in (one, other, again)]
    assert [lane_of(served, case) for case in cases] == ["review"] * 3

    page = open_signed_in(f"/parcels/{cases[0]}", "desktop")
    page.get_by_role("button", name="Compare the names").click()
    expect(page.get_by_role("table", name="Name and list entry")).to_be_visible()
    page.get_by_role("link", name="Record who it is").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Listed names: who is it?")
    page.get_by_role("button", name="Record who it is").click()
    expect(page.get_by_role("alert")).to_be_visible()
    say(page, "Another person: the year of birth differs", "Passport seen, born 1991")
    expect(page.get_by_text("It stands against this person's parcels no longer")).to_be_visible()
    take_picture(page, "listed-names-desktop")
    assert [lane_of(served, case) for case in cases] == ["proceed", "review", "proceed"]

    page.goto(f"{served.address}/parcels/{cases[1]}")
    page.get_by_role("link", name="Listed names: who is it?").click()
    say(page, "The same person", "Number of the passport as on the list")
    expect(page.get_by_text("Only a measure with its own legal basis follows")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    take_picture(page, "listed-names-phone")
    assert not scrolls_sideways(page)
    assert lane_of(served, cases[1]) == "review", "nothing is refused for a name"
    page.get_by_role("link", name="Hold", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    explained = ask(served, f"/v1/cases/{cases[0]}/explanation").json()
    assert explained["differences"] == [], "decided again from what is stored, it is the same decision"
    for path, body in (
        (f"/v1/cases/{cases[0]}/listed-names", None),
        (f"/v1/cases/{cases[0]}/listed-names/verdicts", {"consignment_id": "0713"}),
    ):
        for key in (served.filled.carrier_key, served.filled.other_key):
            assert ask(served, path, body, key).status_code in (403, 404)
