"""A recall in flight, on pages without script: an officer recalls a batch, the parcel is stopped, its buyer
reads what to do, the platform answers; the recall was wrong, and everybody reads that."""

import asyncio
import io
import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from serai.foundation.access import parties, registry
from serai.foundation.access.administering import ActingUser
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from tests.browser.chromium import OpenPage
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.journey.cases.world import parcel
from tests.journey.recalls.test_suspending import balls

pytestmark = pytest.mark.browser
NUMBER, GTIN, LOT = "LX473124846CN", "4006381333931", "L2407B"


async def register_platform(served: Served) -> str:
    """Register the market on which the goods are sold; return its key."""
    at, administration_id = SystemClock().now(), served.filled.administration_id
    by = ActingUser(administration_id, "operator:test", at, count(9_000_100_001).__next__)
    own: dict[str, Any] = {"party_id": 77, "administration_id": administration_id, "at": at}
    limits: dict[str, Any] = {"pool_size_count": 1, "statement_timeout_ms": 20_000}
    database = Database(served.dsn, administration_id=administration_id, **limits)
    async with database, database.write() as connection:
        await parties.create_party(connection, name="Invented Market", **own)
        await parties.add_role(connection, role="platform", **own)
        await registry.add_identifier(connection, by, party_id=77, identifier="INVENTED-MARKET")
        scopes = frozenset({"lodging", "reading"})
        return (await parties.add_key(connection, key_id=1_077, scopes=scopes, expires_at=None, **own)).text


def lodge(served: Served) -> None:
    documents = []
    for name, number, lot in (("TOY-B", NUMBER, LOT), ("TOY-A", None, "L2407A"), ("TOY-?", None, None)):
        document = parcel(name, **({"house_document": number} if number else {}))
        document["goods_items"][0] |= {
            "commodity_code": "95030041",
            "description": "Magnetic building set, plastic",
            "standard_product_id": GTIN,
            **({"lot_number": lot} if lot else {}),
        }
        documents.append(document)
    answer = httpx2.post(
        f"{served.address}/v1/declarations",
        content=b"".join(json.dumps(one).encode() + b"\n" for one in documents),
        headers={
            "content-type": "application/x-ndjson",
            "authorization": f"Bearer {served.filled.carrier_key}",
        },
        timeout=60,
    )
    assert answer.status_code == 200, answer.text


def looks_right(page: Page, take_picture: TakePicture, name: str) -> None:
    take_picture(page, name)
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


def reload_until(page: Page, text: str) -> None:
    end = time.monotonic() + 30
    while text not in page.locator("main").inner_text():
        assert time.monotonic() < end, page.locator("main").inner_text()
        time.sleep(0.5)
        page.reload()


def track(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/track")
    page.get_by_label("Order or tracking number").fill(NUMBER)
    page.get_by_label("Postcode").fill("D02 AF30")
    page.get_by_role("button", name="Show my parcel").click()


@pytest.mark.in_turn
def test_a_batch_is_recalled_in_flight_and_the_recall_is_withdrawn(
    open_page: OpenPage, open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        key = thread.submit(lambda: asyncio.run(register_platform(served))).result()
    lodge(served)

    page = open_signed_in("/recalls", "phone")
    page.get_by_label("Reference", exact=True).fill("MAGNETS-2026-07")
    page.get_by_label("Reason", exact=True).fill("small-magnets")
    page.get_by_label("Parcels with these product numbers").check()
    page.get_by_label("Product numbers (GTIN)").fill(GTIN)
    page.get_by_label("Batches", exact=True).fill(LOT)
    page.get_by_role("button", name="Recall these goods").click()
    expect(page.get_by_role("alert")).to_contain_text("on a legal ground")
    page.get_by_label("Ground", exact=True).select_option(label="Dangerous product")
    shown = io.BytesIO()
    balls().save(shown, "PNG")
    page.get_by_label("A picture of the product").set_input_files(
        {"name": "balls.png", "mimeType": "image/png", "buffer": shown.getvalue()}
    )
    looks_right(page, take_picture, "recall-form-phone")
    page.get_by_role("button", name="Recall these goods").click()
    page.get_by_role("link", name="MAGNETS-2026-07").click()
    wait_for_title(page, "Recall MAGNETS-2026-07")
    reload_until(page, "Suspended, and still so\n1")
    reload_until(page, "Not answered yet")
    expect(page.get_by_role("row", name="TOY-B")).to_contain_text("Suspended")
    expect(page.get_by_role("row", name="TOY-?")).to_contain_text("An officer is to look")
    expect(page.get_by_role("row", name="TOY-A")).to_have_count(0)
    looks_right(page, take_picture, "recall-phone")
    desktop = open_signed_in(page.url.removeprefix(served.address))
    looks_right(desktop, take_picture, "recall-desktop")

    buyer = open_page("phone", java_script_enabled=False)
    track(buyer, served)
    expect(buyer.locator("#recall")).to_contain_text("We have stopped the parcel")
    looks_right(buyer, take_picture, "recall-buyer-phone")

    headers = {"authorization": f"Bearer {key}"}
    desktop, platform = (
        open_page(size, java_script_enabled=False, extra_http_headers=headers)
        for size in ("desktop", "phone")
    )
    for opened, size in ((desktop, "desktop"), (platform, "phone")):
        opened.goto(f"{served.address}/take-downs")
        looks_right(opened, take_picture, f"take-downs-{size}")
    platform.get_by_label("Offers removed").check()
    platform.get_by_role("button", name="Send the answer").click()
    expect(platform.get_by_text("Answered")).to_be_visible()

    page.get_by_label("Reason", exact=True).fill("wrong-batch")
    page.get_by_role("button", name="Withdraw this recall").click()
    reload_until(page, "Freed: the recall was withdrawn")
    buyer.reload()
    expect(buyer.locator("#recall")).to_contain_text("was a mistake")
    looks_right(buyer, take_picture, "recall-buyer-withdrawn-phone")
    platform.reload()
    expect(platform.get_by_text("The recall was withdrawn: nothing is to be done")).to_be_visible()
