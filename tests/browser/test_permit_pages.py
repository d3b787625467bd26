"""An agency issues a permit on its page; a parcel without one waits, one is named, and the parcel goes on."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.foundation.access.administering import ActingUser
from serai.foundation.database import Database
from serai.foundation.jws import encode_part
from serai.journey.permits.agencies import AgencyKeyTerms, register_key, register_remit
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.journey.permits.test_over_http import ivory, of_test, signed
from tests.journey.tax_paid.tokens import SIGNER

pytestmark = pytest.mark.browser
AGENCY = 4_711


async def agency_of(served: Served) -> str:
    """Register an agency with its rule and key, as an administrator does; return its API key."""
    at, administration_id = datetime.now(UTC), served.filled.administration_id
    own: dict[str, Any] = {"party_id": AGENCY, "administration_id": administration_id}
    async with await AsyncConnection.connect(served.dsn, autocommit=True) as connection:
        await parties.create_party(connection, name="Invented CITES Authority", at=at, **own)
        await parties.add_role(connection, role="agency", at=at, **own)
        scopes = frozenset({"lodging", "reading"})
        key = await parties.add_key(connection, key_id=4_712, scopes=scopes, at=at, expires_at=None, **own)
    by = ActingUser(administration_id, "operator:test", at, count(9_000_000_101).__next__)
    limits: dict[str, Any] = {"pool_size_count": 1, "statement_timeout_ms": 20_000}
    database = Database(served.dsn, administration_id=administration_id, **limits)
    terms = AgencyKeyTerms(AGENCY, "cites-1", encode_part(SIGNER.public_key), None, None)
    async with database, database.write() as connection:
        known = frozenset({"eu-cites"})
        await register_remit(connection, by, party_id=AGENCY, rule_id="eu-cites", known_rules=known)
        await register_key(connection, by, terms)
    return key.text


def looks_right(page: Page, take_picture: TakePicture, name: str) -> None:
    take_picture(page, name)
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


def declare(served: Served, key: dict[str, str], declared: dict[str, Any]) -> dict[str, Any]:
    kind = {"content-type": "application/x-ndjson"}
    content = json.dumps(declared).encode()
    filed = httpx2.post(f"{served.address}/v1/declarations", content=content, headers=key | kind, timeout=60)
    answer: dict[str, Any] = json.loads(filed.text.splitlines()[0])
    return answer


def state_terms(page: Page) -> None:
    """Fill in what an ivory permit of ten pieces says, and issue it."""
    today = datetime.now(UTC).date()
    page.get_by_label("Document").fill("C400")
    page.get_by_label("Commodity codes that begin with").fill("9601")
    page.get_by_label("Quantity at most").fill("10")
    page.get_by_label("Unit").fill("C62")
    page.get_by_label("First day").fill(str(today - timedelta(days=2)))
    page.get_by_label("Last day").fill(str(today + timedelta(days=30)))
    page.get_by_role("button", name="Issue the permit").click()


@pytest.mark.in_turn
def test_a_permit_is_issued_named_and_written_off(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        agency = {"authorization": f"Bearer {thread.submit(lambda: asyncio.run(agency_of(served))).result()}"}
    seller = {"authorization": f"Bearer {served.filled.carrier_key}"}
    answers = [declare(served, seller, ivory(f"IVORY-{size}")) for size in ("phone", "desktop")]
    assert [one["decision"]["lane"] for one in answers] == ["await", "await"]

    page = mine = None
    for size, waits in zip(("phone", "desktop"), answers, strict=True):
        page = open_page(size, java_script_enabled=False, extra_http_headers=agency)
        page.goto(f"{served.address}/permits")
        page.get_by_label("Number", exact=True).fill(f"C-{size}")
        page.get_by_role("button", name="Issue the permit").click()
        expect(page.get_by_role("alert")).to_contain_text("both days")
        state_terms(page)
        expect(page.get_by_text("10 / 10 C62").last).to_be_visible()

        mine = open_page(size, java_script_enabled=False, extra_http_headers=seller)
        mine.goto(f"{served.address}/parcels/{waits['case_id']}")
        mine.get_by_role("link", name="Name a permit").click()
        mine.get_by_label("Document").fill("C400")
        mine.get_by_label("Number of the permit").fill("C-NONE")
        mine.get_by_role("button", name="Name the permit").click()
        expect(mine.get_by_role("alert")).to_contain_text("does not cover these goods")
        looks_right(mine, take_picture, f"permit-name-{size}")
        mine.get_by_label("Number of the permit").fill(f"C-{size}")
        mine.get_by_role("button", name="Name the permit").click()
        mine.wait_for_url(f"{served.address}/parcels/{waits['case_id']}")
        expect(mine.get_by_role("link", name="Name a permit")).to_have_count(0)

        page.goto(f"{served.address}/permits")
        expect(page.get_by_text("9 / 10 C62").last).to_be_visible()
        looks_right(page, take_picture, f"permits-{size}")
        page.get_by_role("link", name=f"C-{size}").click()
        expect(page.get_by_text("9 / 10 C62")).to_be_visible()
        looks_right(page, take_picture, f"permit-{size}")
    assert mine is not None
    assert page is not None
    # What an agency signed is brought by anybody; what it did not sign is not.
    mine.goto(f"{served.address}/permits")
    mine.get_by_label("The permit as the agency signed it").fill("e30.e30." + "A" * 86)
    mine.get_by_role("button", name="Bring the permit").click()
    expect(mine.get_by_role("alert")).to_be_visible()
    code = httpx2.get(f"{served.address}/v1/permits", headers=seller).json()
    assert code == {"permits": [], "next_after": None}
    forged = signed(of_test("X", "ELSEWHERE"))
    mine.get_by_label("The permit as the agency signed it").fill(forged)
    mine.get_by_role("button", name="Bring the permit").click()
    expect(mine.get_by_role("alert")).to_contain_text("another administration")
    page.get_by_role("button", name="Revoke this permit").click()
    expect(page.get_by_text("revoked").first).to_be_visible()
