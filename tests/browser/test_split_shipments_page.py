"""An order in five parcels among fourteen, in a real Chromium: the group, its verdict, what others see."""

import json
import time
from typing import Any

import httpx2
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.journey.acts.split_shipments.fourteen import FOURTEEN, ORDERS

pytestmark = pytest.mark.browser

_PATIENCE_S = 30


def ask(served: Served, path: str, body: Any = None) -> Any:
    headers = {"authorization": f"Bearer {served.filled.carrier_key}", "accept": "application/json"}
    method = "GET" if body is None else "POST"
    answer = httpx2.request(method, served.address + path, json=body, headers=headers, timeout=60)
    assert answer.is_success, (path, answer.text)
    return answer.json()


@pytest.mark.in_turn
def test_a_group_is_looked_at_decided_and_undone(
    served: Served, open_signed_in: OpenSignedIn, take_picture: TakePicture
) -> None:
    filed = {one["reference"]: ask(served, "/v1/declarations", one) for one in FOURTEEN}
    page = open_signed_in("/split-shipments", "desktop")
    end = time.monotonic() + _PATIENCE_S
    while page.locator("tbody tr").count() < 2 and time.monotonic() < end:
        time.sleep(0.5)
        page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Groups of parcels that may be one order: 2")
    take_picture(page, "split-shipments-desktop")

    page.get_by_role("link", name="Parcels: 5").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parcels that may be one order: 5")
    expect(page.get_by_text("EUR 612.00 together, each at or below EUR 150.00")).to_be_visible()
    take_picture(page, "split-shipment-desktop")
    page.set_viewport_size({"width": 390, "height": 844})
    take_picture(page, "split-shipment-phone")
    assert not scrolls_sideways(page)

    page.get_by_role("button", name="Record what it is").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Separate orders").check()
    page.get_by_label("Reason").fill("Five gifts of five days")
    page.get_by_role("button", name="Record what it is").click()
    expect(page.get_by_text("Found to be separate orders")).to_be_visible()

    undone = {one["reference"] for one in ORDERS[0]}
    held = {one["reference"] for one in ORDERS[1]}
    for reference, answer in filed.items():
        decision = ask(served, f"/v1/cases/{answer['case_id']}/decision")["decision"]
        text = json.dumps(decision).casefold()
        assert not any(word in text for word in ("split", "one order", "group")), reference
        assert (decision["lane"] == "review") is (reference in held), reference
        if reference in held:
            assert "control-under-way" in json.dumps(decision)
            assert reference not in undone

    case = filed[ORDERS[1][0]["reference"]]["case_id"]
    page.goto(f"{served.address}/parcels/{case}")
    page.get_by_role("link", name="Open the group").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parcels that may be one order: 4")
    page.get_by_label("One order, sent in parts").check()
    page.get_by_label("Reason").fill("One invoice names all four")
    page.get_by_role("button", name="Record what it is").click()
    expect(page.get_by_text("Found to be one order")).to_be_visible()
