"""An administrator adds a party, a key and an office; the key files a parcel, whose page names the office."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import psycopg
import pytest
from playwright.sync_api import Page, expect

from serai.foundation.access import people
from serai.foundation.access.sign_in import make_link
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_steps import wait_for_title
from tests.browser.served_pages import Served
from tests.browser.test_organisation_page import look
from tests.journey.cases.world import parcel

pytestmark = pytest.mark.browser
ADMINISTRATOR = 790


async def _make_link(dsn: str, administration_id: int) -> str:
    at = datetime.now(UTC)
    async with await psycopg.AsyncConnection.connect(dsn) as connection:
        await people.create_account(
            connection,
            account_id=ADMINISTRATOR,
            administration_id=administration_id,
            sign_in_name="Administrator",
            password="three unrelated words",
            roles=frozenset({"admin", "officer"}),
            at=at,
        )
        return await make_link(
            connection, account_id=ADMINISTRATOR, administration_id=administration_id, at=at
        )


@pytest.mark.in_turn
def test_an_administrator_adds_a_party_a_key_and_an_office(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        link = thread.submit(
            lambda: asyncio.run(_make_link(served.dsn, served.filled.administration_id))
        ).result()
    phone = open_page("phone", java_script_enabled=False)
    phone.goto(f"{served.address}/enter/{link}")
    phone.goto(f"{served.address}/administration")
    look(phone)
    take_picture(phone, "administration-phone")
    phone.get_by_role("link", name="Parties and keys").click()
    phone.get_by_role("button", name="Add the party").click()
    expect(phone.get_by_role("alert").get_by_role("link")).to_have_count(3)
    phone.wait_for_load_state()
    look(phone)
    phone.get_by_label("Name", exact=True).fill("Lantern Express")
    phone.get_by_label("Your reference").fill("LANTERN-1")
    phone.get_by_label("post", exact=True).check()
    phone.get_by_role("button", name="Add the party").click()
    wait_for_title(phone, "Lantern Express")
    phone.get_by_label("Name of the key").fill("lodging software")
    phone.get_by_label("Send declarations and other documents").check()
    phone.get_by_label("Read cases, lists and events").check()
    phone.get_by_role("button", name="Make the key").click()
    key = phone.locator("code.secret").inner_text()
    phone.wait_for_load_state()
    look(phone)

    desk = open_page("desktop", java_script_enabled=False)
    desk.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
    desk.goto(f"{served.address}/administration/offices")
    for label, text in (
        ("Your reference", "POST-1"),
        ("Name", "Post Office of Customs"),
        ("Address", "Invented Street 1, Exampletown"),
        ("Opening hours", "Monday to Friday, 8 to 16"),
        ("Telephone, e-mail or page", "post@customs.example"),
    ):
        desk.get_by_label(label, exact=True).fill(text)
    desk.get_by_role("button", name="Save the office").click()
    expect(desk.locator("#offices")).to_contain_text("Post Office of Customs")
    desk.wait_for_load_state()
    look(desk)
    take_picture(desk, "administration-offices-desktop")
    phone.goto(re.sub("/keys$", "", phone.url))
    take_picture(phone, "administration-party-phone")

    numbers = {"ucr": "UCR-ADMIN", "house_document": "HOUSE-ADMIN", "order_references": ["O-ADMIN"]}
    filed = httpx2.post(
        f"{served.address}/v1/declarations",
        json=parcel("ADMINISTERED-1", **numbers),
        headers={"authorization": f"Bearer {key}"},
        timeout=60,
    )
    assert filed.status_code == 201, filed.text
    desk.goto(f"{served.address}/parcels/{filed.json()['case_id']}")
    expect(desk.get_by_role("main")).to_contain_text("Post Office of Customs")
    _manage_accounts(desk, served, take_picture)
    for name in ("settings", "law"):
        desk.goto(f"{served.address}/administration/{name}")
        look(desk)
        take_picture(desk, f"administration-{name}-desktop")


def _manage_accounts(desk: Page, served: Served, take_picture: TakePicture) -> None:
    """Make an account for an officer, lock it and let it in again."""
    desk.goto(f"{served.address}/administration")
    desk.get_by_role("link", name="Accounts").click()
    desk.get_by_role("button", name="Make the account").click()
    expect(desk.get_by_role("alert").get_by_role("link")).to_have_count(2)
    desk.get_by_label("Name to sign in with").fill("imani")
    desk.get_by_label("officer", exact=True).check()
    desk.get_by_role("button", name="Make the account").click()
    expect(desk.locator("code.secret")).to_be_visible()
    desk.wait_for_load_state()
    look(desk)
    desk.get_by_role("link", name="imani").click()
    wait_for_title(desk, "imani")
    desk.get_by_role("button", name="Lock", exact=True).click()
    wait_for_title(desk, "imani: locked")
    look(desk)
    take_picture(desk, "administration-account-desktop")
    desk.get_by_role("button", name="Unlock").click()
    expect(desk.get_by_role("button", name="Lock", exact=True)).to_be_visible()
