"""Six ways in which what is owed is collected, on the pages of whoever declares, pays, and governs: in a real
Chromium, without script, to the cent."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, expect

from serai.foundation.database import Database
from serai.journey.repayment_plan.store import StoredPlan, insert_plan
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults
from tests.browser.page_steps import scrolls_sideways
from tests.journey.cases.world import SCHEME_NUMBER, World
from tests.journey.cases.world import parcel as under_scheme
from tests.scenarios.test_collection_models import (
    DUE,
    ask,
    declare,
    open_account,
    pay_in,
    put_on,
    ties_out,
    world,
)

__all__ = ["ties_out", "world"]
pytestmark = pytest.mark.browser
MONTH = f"{datetime.now(UTC):%Y-%m}"
SIZES = ("phone", "desktop")
Open = Callable[[str, str], Page]


@pytest.fixture
def opened(world: World, open_page: OpenPage) -> Open:
    """Opens a page as a party sees it, at the size of a phone; it has no fault and fits."""
    pages: dict[str, Page] = {}

    def open_it(party: str, path: str) -> Page:
        if party not in pages:
            key = {"authorization": f"Bearer {world.keys[party]}"}
            pages[party] = open_page("phone", java_script_enabled=False, extra_http_headers=key)
        page = pages[party]
        page.goto(f"{world.address}{path}")
        assert find_page_faults(page) == []
        assert not scrolls_sideways(page)
        return page

    return open_it


def main_of(page: Page) -> Any:
    return expect(page.locator("main"))


def owes(opened: Open, party: str, case: str) -> None:
    """Its page says what is owed, and that the parcel waits for it."""
    page = opened(party, f"/parcels/{case}")
    main_of(page).to_contain_text("8.32")
    main_of(page).to_contain_text("How to pay")


def goes(opened: Open, party: str, case: str) -> None:
    """Its page says that the parcel is released and asks for nothing more."""
    page = opened(party, f"/parcels/{case}")
    main_of(page).to_contain_text("Released")
    main_of(page).not_to_contain_text("How to pay")


def month_says(opened: Open, party: str, *words: str) -> None:
    page = opened(party, f"/statement/{MONTH}")
    for one in words:
        main_of(page).to_contain_text(one)


def walk_accounts(world: World, opened: Open) -> None:
    """Accounts of the declarant's own, and the return of a scheme."""
    # A deferred account, settled by its statement.
    deferred = open_account(world, "post", "DPO-PAGE", "deferred", "10.00")
    case = declare(world, "page-deferred")
    owes(opened, "post", case)
    assert put_on(world, "post", case, "DPO-PAGE")["status"] == "settled"
    goes(opened, "post", case)
    month_says(opened, "post", "Your deferred account", "Put on account", "8.32")
    assert pay_in(world, deferred, DUE, "PAGE-DPO") == {"account-paid": 1}
    month_says(opened, "post", "Payment received")

    # A prepaid account: not before there is money on it.
    prepaid = open_account(world, "post", "PRE-PAGE", "prepaid")
    case = declare(world, "page-prepaid")
    assert put_on(world, "post", case, "PRE-PAGE") == (409, "payment-account-exhausted")
    owes(opened, "post", case)
    assert pay_in(world, prepaid, "20.00", "PAGE-PRE") == {"account-paid": 1}
    assert put_on(world, "post", case, "PRE-PAGE")["status"] == "settled"
    goes(opened, "post", case)
    month_says(opened, "post", "Your prepaid account")

    # Charged at sale: it comes with the return of a scheme, and the border asks for the rest.
    returns = open_account(world, "platform", "RETURN-PAGE", "scheme")
    cited = {"role": "FR5", "identification_number": SCHEME_NUMBER}
    sent = under_scheme("D-page-sale", scheme_kind_code="IOSS", additional_fiscal_references=[cited])
    _, declared = ask(world, "post", "/v1/declarations", sent)
    at_sale = declared["decision"]["totals"]["due_at_sale_amount"]
    main_of(opened("post", f"/parcels/{declared['case_id']}")).to_contain_text(at_sale)
    assert pay_in(world, returns, at_sale, "PAGE-RETURN") == {"account-paid": 1}

    assert put_on(world, "platform", declared["case_id"], "RETURN-PAGE") == (422, "payment-account-closed")


def walk_who_pays_for_others(world: World, opened: Open) -> None:
    """A carrier, a platform and a buyer pay what a declarant owes."""
    # A carrier advances, and recovers from the buyer.
    open_account(world, "rival", "ADV-PAGE", "advance", "50.00")
    case = declare(world, "page-advanced", by="rival")
    owes(opened, "rival", case)
    paid = put_on(world, "rival", case, "ADV-PAGE")
    borne = {
        "reference": "PAGE-BORNE", "payment": paid["act_id"], "bearer_name": "Invented Person 1",
        "bearer_postcode": "10115", "bearer_country_code": "DE", "currency_code": "EUR", "amount": DUE,
        "fee_amount": "6.00",
    }  # fmt: skip
    assert ask(world, "rival", f"/v1/cases/{case}/bearing-declarations", borne)[0] == 201
    goes(opened, "rival", case)
    month_says(opened, "rival", "8.32")
    main_of(opened("rival", f"/statement/{MONTH}")).not_to_contain_text("14.32")

    # A platform settles what its sale owes.
    open_account(world, "platform", "SET-PAGE", "settlement", "50.00")
    case = declare(world, "page-settled")
    owes(opened, "post", case)
    assert put_on(world, "platform", case, "SET-PAGE")["status"] == "settled"
    goes(opened, "post", case)
    goes(opened, "platform", case)
    month_says(opened, "platform", "8.32")

    # A buyer pays by the reference that the page shows.
    case = declare(world, "page-reference")
    owes(opened, "post", case)
    shown = opened("post", f"/parcels/{case}").locator("dt:has-text('Payment reference') + dd").inner_text()
    assert pay_in(world, shown, DUE, "PAGE-REF") == {"paid": 1}
    goes(opened, "post", case)


@pytest.mark.slow
def test_six_models_on_the_pages_of_payers_declarants_and_officers(
    world: World, opened: Open, open_page: OpenPage, take_picture: TakePicture
) -> None:
    walk_accounts(world, opened)
    walk_who_pays_for_others(world, opened)
    for size in SIZES:
        pages = {}
        for party in ("officer", "post"):
            key = {"authorization": f"Bearer {world.keys[party]}"}
            pages[party] = open_page(size, java_script_enabled=False, extra_http_headers=key)
        pages["officer"].goto(f"{world.address}/money")
        for words in ("Deferred", "Prepaid", "Advance", "Settlement", "Return of a scheme"):
            main_of(pages["officer"]).to_contain_text(words)
        for words in ("Bank transfer", "Deferred account", "Settled by a platform"):
            main_of(pages["officer"]).to_contain_text(words)
        take_picture(pages["officer"], f"collection-money-{size}")
        pages["post"].goto(f"{world.address}/statement/{MONTH}")
        take_picture(pages["post"], f"collection-payer-{size}")
        for page in pages.values():
            assert find_page_faults(page) == []
            assert not scrolls_sideways(page)


WAY = {"currency_code": "EUR", "lines_count": 3, "amount_minor": 900, "interest_minor": 17}
TOTALS: dict[str, Any] = {
    "charges": [],
    "orders": [],
    "elsewhere": [],
    "ways": [
        {"way": "paid", "recipient_kind": "party", **WAY},
        {"way": "payment-received", "recipient_kind": "bank-account", **WAY},
        {"way": "payment-received", "recipient_kind": "party", **WAY, "amount_minor": 334},
    ],
}


def keep_plan(world: World) -> None:
    """A plan that waits for a second person, as `serai repay --plan` leaves it."""
    at, title = datetime.now(UTC), "Flat duty annulled"
    plan = StoredPlan(4_711, at, "operator:test", title, {}, TOTALS, 8, 9, b"a", b"b")

    async def keep() -> None:
        pool = Database(world.dsn, pool_size_count=1, statement_timeout_ms=60_000)
        async with pool as database, database.write() as connection:
            await insert_plan(connection, plan, administration_id=1)

    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        thread.submit(lambda: asyncio.run(keep())).result()


@pytest.mark.in_turn
def test_what_goes_back_on_the_pages_of_who_is_paid_and_of_the_administration(
    world: World, opened: Open, open_page: OpenPage, take_picture: TakePicture
) -> None:
    main_of(opened("post", "/statement")).not_to_contain_text("Refunds to you")
    case = declare(world, "page-overpaid")
    paid = put_on(world, "post", case, None, "10.00", kind="paid")
    assert paid["status"] == "settled", paid
    orders = ask(world, "officer", "/v1/refund-orders", {"cases": [case]})[1]["orders"]
    assert [one["amount"] for one in orders] == ["1.68"]
    keep_plan(world)
    (plan,) = ask(world, "officer", "/v1/repayment-plans")[1]["plans"]
    told = {one["recipient_kind"]: (one["amount"], one["interest_amount"]) for one in plan["sums"]}
    assert (plan["state"], told) == ("waits", {"bank-account": ("9.00", "0.17"), "party": ("12.34", "0.34")})

    main_of(opened("post", "/statement")).to_contain_text("Refunds to you")
    main_of(opened("post", "/statement")).to_contain_text("Say to which account you are paid back")
    main_of(opened("rival", "/statement")).not_to_contain_text("1.68")
    for size in SIZES:
        key = {"authorization": f"Bearer {world.keys['officer']}"}
        page = open_page(size, java_script_enabled=False, extra_http_headers=key)
        page.goto(f"{world.address}/money#refunds")
        for words in ("Wait for the next batch", "post", "1.68", "Overpaid", "Flat duty annulled", "12.34"):
            main_of(page).to_contain_text(words)
        main_of(page).to_contain_text("Waits for a second person")
        assert find_page_faults(page) == []
        assert not scrolls_sideways(page)
        take_picture(page, f"money-refunds-{size}")
        key = {"authorization": f"Bearer {world.keys['post']}"}
        page = open_page(size, java_script_enabled=False, extra_http_headers=key)
        page.goto(f"{world.address}/statement#refunds")
        take_picture(page, f"statement-refunds-{size}")
    with httpx2.Client(base_url=world.address, timeout=60) as client:
        headers = {"authorization": f"Bearer {world.keys['post']}", "accept-language": "ru"}
        said = client.get("/statement", headers=headers | {"accept": "text/html"}).text
    assert "Поручение дано" in said
