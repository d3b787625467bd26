"""A payer's month in a real Chromium, without script: what is due and by when, to read and to keep."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import psycopg
import pytest
from playwright.sync_api import Page, expect

from serai.foundation.locales import month_text
from serai.journey.payment_accounts.store import QUERIES
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.look_at_pages import CARRIER_ID
from tests.browser.page_checks import find_page_faults
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.journey.processing.support import arrival, parcel

pytestmark = pytest.mark.browser

TODAY = datetime.now(UTC).date()


@pytest.fixture
def payer(served: Served) -> Iterator[httpx2.Client]:
    """The carrier of all parcels, by program."""
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    with httpx2.Client(base_url=served.address, headers=key, timeout=60) as client:
        yield client


def save(page: Page, link: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    return Path(download.value.path()).read_bytes()


def declare(payer: httpx2.Client, reference: str) -> str:
    """Declare a parcel on which duty and tax are due at the border; return its case."""
    named = dict.fromkeys(("reference", "ucr", "house_document"), reference)
    sent = parcel("statement", **named, order_references=[])
    answer = payer.post("/v1/declarations", json=sent)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["case_id"])


def open_account(served: Served) -> None:
    """Open an account of the carrier's, as the administration does."""
    values = {
        "account_id": 4_711,
        "party_id": CARRIER_ID,
        "number": "INVENTED-ACCOUNT",
        "way": "deferred",
        "currency_code": "EUR",
        "limit_minor": 100_000,
        "opened_at": served.filled.at,
        "administration_id": served.filled.administration_id,
    }
    with psycopg.connect(served.dsn, autocommit=True) as connection:
        connection.execute(QUERIES["insert_account"], values)


def mark(payer: httpx2.Client, case_id: str, kind: str, reference: str = "ONCE") -> None:
    """Say that what a case owes was paid, or put on an account."""
    sent = {"reference": f"{reference}-{case_id}", "kind": kind, "currency_code": "EUR", "amount": "8.32"}
    account = {"account": "INVENTED-ACCOUNT"} if kind == "on-account" else {}
    answer = payer.post(f"/v1/cases/{case_id}/payment-records", json=sent | account)
    assert answer.status_code == 200, answer.text


@pytest.mark.in_turn
def test_a_carrier_reads_what_is_due_by_when_and_keeps_it(
    payer: httpx2.Client, served: Served, open_page: OpenPage, take_picture: TakePicture
) -> None:
    open_account(served)
    cases = [declare(payer, f"PARCEL-{number}") for number in (1, 2, 3)]
    landed = payer.post("/v1/arrivals", json=arrival("statement"))
    assert landed.status_code in {200, 201}, landed.text
    for number, kind in ((0, "paid"), (1, "on-account")):
        mark(payer, cases[number], kind)
    mark(payer, cases[0], "paid", reference="AGAIN")

    for size in ("phone", "desktop"):
        key = {"authorization": f"Bearer {served.filled.carrier_key}"}
        page = open_page(size, java_script_enabled=False, extra_http_headers=key)
        page.goto(f"{served.address}/statement")
        page.get_by_role("link", name=f"Statement of {month_text(TODAY, 'en')}").click()
        expect(page.get_by_role("heading", name="Your deferred account")).to_be_visible()
        expect(page.get_by_text("Pay by").first).to_be_visible()
        assert find_page_faults(page) == []
        assert not scrolls_sideways(page)
        take_picture(page, f"statement-month-{size}")
        document, table = save(page, "Download as PDF"), save(page, "Download as CSV")
        assert document.startswith(b"%PDF-")
        rows = list(csv.DictReader(io.StringIO(table.decode())))
        assert {row["row"] for row in rows} >= {"opening", "charge", "payment", "closing"}
        page.get_by_role("link", name="What is owed").last.click()
        page.get_by_role("link", name="What is to be paid now, charge by charge").click()
        expect(page.get_by_role("heading", name="Notification of debt")).to_be_visible()
        assert find_page_faults(page) == []
        assert not scrolls_sideways(page)
        take_picture(page, f"statement-notification-{size}")
        assert save(page, "Download as PDF").startswith(b"%PDF-")
