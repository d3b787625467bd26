"""Risk in Chromium: an officer tries a biased rule and puts it in force; the page of risk says which rule
departs; everybody sees the fairness meter before and after, and no rule's name."""

import random
import time
from typing import Any

import httpx2
import msgspec
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.journey.processing.support import parcel

pytestmark = pytest.mark.browser
PARCELS_COUNT = 400
RULE = "from-one-country"


def lodge(served: Served, name: str, seed: int) -> None:
    """Lodge parcels from four countries in one message."""
    chance, lines = random.Random(seed), []
    for number in range(PARCELS_COUNT):
        one: dict[str, Any] = msgspec.to_builtins(parcel(f"{name}-{number}"))
        origin = chance.choices(("CN", "VN", "TR", "US"), (5, 2, 2, 1))[0]
        one["goods_items"] = [{**item, "origin_country_code": origin} for item in one["goods_items"]]
        lines.append(msgspec.json.encode(one))
    headers = {"authorization": f"Bearer {served.filled.carrier_key}", "content-type": "application/x-ndjson"}
    with httpx2.Client(base_url=served.address, timeout=120, headers=headers) as client:
        answer = client.post("/v1/declarations", content=b"\n".join(lines))
    assert answer.status_code == 200, answer.text
    assert f'"decided":{PARCELS_COUNT}' in answer.text.replace(" ", "").splitlines()[-1], answer.text[-600:]


def look(page: Page) -> None:
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)


def wait_for(page: Page, address: str, text: str) -> None:
    """Load a page until it says something: alarms are looked at every five seconds."""
    end = time.monotonic() + 30
    page.goto(address)
    while text not in page.content():
        assert time.monotonic() < end, f"{address} does not say {text}"
        time.sleep(0.5)
        page.goto(address)


@pytest.mark.in_turn
def test_a_biased_rule_is_seen_in_the_meter_and_by_which_rule(
    served: Served, open_page: OpenPage, open_signed_in: OpenSignedIn, take_picture: TakePicture
) -> None:
    officer = open_signed_in("/risk")
    expect(officer.locator("h1")).to_have_text("Risk")
    officer.fill("#inspections", "5000")
    officer.fill("#share", "100")
    officer.click("text=Save the budget")
    expect(officer.locator(".lead")).to_contain_text("Today (UTC)")
    lodge(served, "BEFORE", 1)
    public = open_page("phone", java_script_enabled=False)
    public.goto(f"{served.address}/fairness")
    expect(public.locator("h1")).to_have_text("Is selection fair?")
    look(public)
    take_picture(public, "fairness-before-phone")

    officer.fill("#rule_id", RULE)
    officer.fill("#sentence", "Goods from one country, whatever they are")
    officer.fill("#when", "origin_contry_code = 'TR'")
    officer.click("text=Put in force")
    expect(officer.locator(".govuk-error-summary")).to_contain_text("origin_country_code")
    officer.fill("#when", "origin_country_code = 'TR'")
    officer.click("text=Try on the cases of 30 days")
    expect(officer.locator("#trial")).to_contain_text("It speaks of")
    look(officer)
    take_picture(officer, "risk-trial-desktop")
    officer.click("text=Put in force")
    expect(officer.locator("main")).to_contain_text(RULE)
    time.sleep(3)  # every process follows within a second or two
    lodge(served, "AFTER", 2)

    wait_for(officer, f"{served.address}/risk", f"{RULE} departs")
    look(officer)
    assert find_small_targets(officer) == []
    take_picture(officer, "risk-alarm-desktop")
    with httpx2.Client(base_url=served.address) as client:
        told = client.get("/v1/fairness").text + client.get("/fairness").text + client.get("/readyz").text
    assert RULE not in told
    assert "selection-departs" in told
    wait_for(public, f"{served.address}/fairness", "does not explain it")
    look(public)
    take_picture(public, "fairness-after-phone")
    desktop = open_page("desktop", java_script_enabled=False)
    desktop.goto(f"{served.address}/fairness")
    look(desktop)
    take_picture(desktop, "fairness-after-desktop")
    phone = open_signed_in("/risk", "phone")
    look(phone)
    take_picture(phone, "risk-phone")

    officer.click(f"text=Withdraw {RULE}")
    expect(officer.locator("main")).to_contain_text("There is no rule yet.")
