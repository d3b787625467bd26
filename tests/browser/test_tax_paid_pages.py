"""A scheme holder sees who cites its number and is alerted; a buyer shows the proof of what was paid."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from serai.foundation.access.administering import ActingUser
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from serai.foundation.id_text import format_id
from serai.foundation.jws import encode_part
from serai.journey.tax_paid.trust.service import (
    KeyTerms,
    SchemeTerms,
    register_key,
    register_scheme,
    take_list,
)
from serai.laboratory.invented.registers import NAMED_SCHEME_NUMBER
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.look_at_pages import CARRIER_ID
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.browser.test_track_page import code_in
from tests.journey.cases.world import parcel
from tests.journey.tax_paid.test_over_http import ISSUER, KID, listed, now, token
from tests.journey.tax_paid.tokens import SIGNER

pytestmark = pytest.mark.browser
NUMBER = NAMED_SCHEME_NUMBER
TRACKED = "LX473124832CN"


async def believe(served: Served) -> int:
    """Register issuer and holder, as an administrator does; return the number's number."""
    at, administration_id = SystemClock().now(), served.filled.administration_id
    by = ActingUser(administration_id, "operator:test", at, count(9_000_000_001).__next__)
    terms = KeyTerms(ISSUER, KID, encode_part(SIGNER.public_key), CARRIER_ID, None, None)
    limits: dict[str, Any] = {"pool_size_count": 1, "statement_timeout_ms": 20_000}
    database = Database(served.dsn, administration_id=administration_id, **limits)
    async with database, database.write() as connection:
        await register_key(connection, by, terms)
        held = SchemeTerms(CARRIER_ID, "IOSS", NUMBER, at.date())
        scheme, _ = await register_scheme(connection, by, held)
        await take_list(
            connection,
            listed(at),
            party_id=CARRIER_ID,
            at=at,
            administration_id=administration_id,
            administration_code="TL",
        )
    return scheme.scheme_id


def cited(name: str, **changes: Any) -> dict[str, Any]:
    return parcel(
        name,
        scheme_kind_code="IOSS",
        order_references=[f"ORDER-{name}"],
        additional_fiscal_references=[{"role": "FR5", "identification_number": NUMBER}],
        **changes,
    )


def looks_right(page: Page, take_picture: TakePicture, name: str) -> None:
    take_picture(page, name)
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


def test_a_holder_is_alerted_and_a_buyer_shows_the_proof(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        scheme = thread.submit(lambda: asyncio.run(believe(served))).result()
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    of_border: dict[str, Any] = {"administration_code": "TL", "scheme_number": NUMBER}
    consignee = {**parcel("X")["consignee"], "email": "zelda@quux.example"}
    documents = [
        cited("PAID-1", house_document=TRACKED, consignee=consignee)
        | {"tax_paid_token": token("PAID-1", **of_border)},
        cited("PAID-2") | {"tax_paid_token": token("PAID-2", 1, **of_border)},
        cited("PAID-3") | {"tax_paid_token": token("PAID-2", 1, **of_border)},
        cited("PAID-4"),
    ]
    end = now().timestamp() + 20
    # The server takes up within a second whom it believes.
    while not httpx2.get(f"{served.address}/v1/schemes", headers=key).json()["schemes"]:
        assert now().timestamp() < end
    time.sleep(1.5)
    body = b"".join(json.dumps(one).encode() + b"\n" for one in documents)
    kind = {"content-type": "application/x-ndjson"}
    filed = httpx2.post(f"{served.address}/v1/declarations", content=body, headers=key | kind, timeout=60)
    assert filed.status_code == 200, filed.text

    page = None
    for size in ("phone", "desktop"):
        page = open_page(size, java_script_enabled=False, extra_http_headers=key)
        page.goto(f"{served.address}/schemes")
        looks_right(page, take_picture, f"schemes-{size}")
        page.get_by_role("link", name=NUMBER).click()
        wait_for_title(page, f"Citations of {NUMBER}")
        expect(page.get_by_role("status")).to_contain_text("Citations that were not believed: 2.")
        looks_right(page, take_picture, f"scheme-{size}")
    assert page is not None
    page.get_by_label("From which day").fill("2026-01-01")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("before today")
    page.get_by_label("From which day").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("From which day")).to_have_value("")
    file = httpx2.get(f"{served.address}/schemes/{format_id(scheme)}/csv", headers=key)
    assert file.text.splitlines()[1].endswith(",4,2,0,1,1")
    assert NUMBER not in file.text

    for size in ("phone", "desktop"):
        buyer = open_page(size, java_script_enabled=False)
        buyer.goto(f"{served.address}/track")
        buyer.get_by_label("Order or tracking number").fill(TRACKED)
        buyer.get_by_label("Postcode").fill("D02 AF30")
        buyer.get_by_role("button", name="Show my parcel").click()
        buyer.get_by_role("button", name="Send me a code").click()
        number = buyer.get_by_role("status").locator("code").inner_text()
        buyer.get_by_label("One-time code").fill(code_in(served.folder, number))
        buyer.get_by_role("button", name="Open").click()
        buyer.get_by_role("link", name="Proof of what was paid").click()
        wait_for_title(buyer, "Proof of what was paid")
        expect(buyer.locator(".code svg")).to_be_visible()
        looks_right(buyer, take_picture, f"track-proof-{size}")
