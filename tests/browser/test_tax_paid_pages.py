"""A scheme holder sees who cites its number and is alerted; a buyer shows the proof of what was paid."""

import asyncio
import datetime as dt
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
from tests.journey.tax_paid.test_over_http import ISSUER, KID, listed, now, ordered, paid_for, token
from tests.journey.tax_paid.tokens import SIGNER

pytestmark = pytest.mark.browser
NUMBER = NAMED_SCHEME_NUMBER
TRACKED = "LX473124832CN"
MARKET, MARKET_ID = "TWICE-MARKET", 9_100_000_000


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


@pytest.mark.in_turn
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
        buyer = open_parcel(open_page, served, size, TRACKED)
        buyer.get_by_role("link", name="Proof of what was paid").click()
        wait_for_title(buyer, "Proof of what was paid")
        expect(buyer.locator(".code svg")).to_be_visible()
        looks_right(buyer, take_picture, f"track-proof-{size}")


def open_parcel(open_page: OpenPage, served: Served, size: str, number: str) -> Page:
    """Open a parcel as its buyer, by the code that was sent."""
    buyer = open_page(size, java_script_enabled=False)
    buyer.goto(f"{served.address}/track")
    buyer.get_by_label("Order or tracking number").fill(number)
    buyer.get_by_label("Postcode").fill("D02 AF30")
    buyer.get_by_role("button", name="Show my parcel").click()
    buyer.get_by_role("button", name="Send me a code").click()
    notice = buyer.get_by_role("status").locator("code").inner_text()
    buyer.get_by_label("One-time code").fill(code_in(served.folder, notice))
    buyer.get_by_role("button", name="Open").click()
    return buyer


async def add_market(served: Served) -> str:
    """Register a market that takes orders and payments, as an administrator does; return its key."""
    at, administration_id = SystemClock().now(), served.filled.administration_id
    by = ActingUser(administration_id, "operator:test", at, count(9_100_000_001).__next__)
    whose: dict[str, Any] = {"party_id": MARKET_ID, "administration_id": administration_id}
    limits: dict[str, Any] = {"pool_size_count": 1, "statement_timeout_ms": 20_000}
    database = Database(served.dsn, administration_id=administration_id, **limits)
    async with database, database.write() as connection:
        await parties.create_party(connection, **whose, name="Invented market", at=at)
        for role in ("platform", "payment_provider"):
            await parties.add_role(connection, **whose, role=role, at=at)
        scopes = frozenset({"lodging", "reading"})
        key = await parties.add_key(
            connection, **whose, key_id=MARKET_ID, scopes=scopes, at=at, expires_at=None
        )
        await registry.add_identifier(connection, by, party_id=MARKET_ID, identifier=MARKET)
    return key.text


def sold_and_released(served: Served, market: str, name: str, number: str, **changes: Any) -> None:
    """Have an order and its payment come, then the declaration; pay at the border, too; land the goods."""
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    consignee = {**parcel("X")["consignee"], "email": "zelda@quux.example"}
    document = parcel(name, house_document=number, consignee=consignee, order_references=[f"ORDER-{name}"])
    document |= {"platform_id": MARKET, **changes}
    for path, body in (("orders", ordered(name)), ("payments", paid_for(name, "30.75"))):
        sent = {"authorization": f"Bearer {market}"}
        answer = httpx2.post(f"{served.address}/v1/{path}", json=body, headers=sent, timeout=60)
        assert answer.status_code == 201, answer.text
    with httpx2.Client(base_url=served.address, headers=key, timeout=60) as carrier:
        kind = {"content-type": "application/x-ndjson"}
        line = json.dumps(document).encode() + b"\n"
        answer = carrier.post("/v1/declarations", content=line, headers=kind)
        filed = json.loads(answer.text.splitlines()[0])
        assert "decision" in filed, answer.text
        due = str(filed["decision"]["totals"]["due_at_border_amount"])
        paid = {"reference": f"PAID-{name}", "kind": "paid", "currency_code": "EUR", "amount": due}
        path = f"/v1/cases/{filed['case_id']}/payment-records"
        assert carrier.post(path, json=paid).json()["status"] == "settled"
        arrived = (now() - dt.timedelta(minutes=5)).isoformat()
        landed = {"reference": f"LANDED-{name}", "arrived_at": arrived, "house_document": number}
        assert carrier.post("/v1/arrivals", json=landed).status_code == 201


@pytest.mark.in_turn
def test_a_buyer_who_was_charged_twice_says_so_and_reads_who_gives_it_back(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        market = thread.submit(lambda: asyncio.run(add_market(served))).result()
    sold_and_released(served, market, "TWICE-1", "LX473124846CN")
    cites = {
        "scheme_kind_code": "IOSS",
        "additional_fiscal_references": [{"role": "FR5", "identification_number": "IM2760000001"}],
    }
    sold_and_released(served, market, "TWICE-2", "LX473124850CN", **cites)

    for size, number, leg, who in (
        ("phone", "LX473124846CN", "customs", "Customs gives it back to whoever paid it at the border."),
        ("desktop", "LX473124850CN", "shop", "The shop gives you back the tax that it took"),
    ):
        buyer = open_parcel(open_page, served, size, number)
        expect(buyer.locator("#charged-twice")).to_have_count(0)
        buyer.get_by_label("I was charged twice").check()
        buyer.get_by_label("Say it in a sentence or two").fill("The shop took tax, and so did the courier.")
        buyer.get_by_role("button", name="Send to an officer").click()
        told = buyer.locator("#charged-twice")
        expect(told).to_contain_text("You were charged twice")
        expect(told).to_contain_text("EUR 5.75")
        expect(told).to_contain_text(who)
        expect(told).to_contain_text("By when")
        looks_right(buyer, take_picture, f"track-charged-twice-{leg}-{size}")
