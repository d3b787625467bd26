"""An officer of an agency changes what its rule asks for; a second person of the agency confirms it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count

import pytest
from playwright.sync_api import Page, expect
from psycopg import AsyncConnection

from serai.foundation.access.actor import MemberRole
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.members.organisations import add_member
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.served_pages import Served
from tests.browser.test_permit_pages import AGENCY, agency_of, looks_right

pytestmark = pytest.mark.browser
ANN, BEN = 5_001, 5_002


async def agency_with_people(served: Served) -> None:
    await agency_of(served)
    administration_id = served.filled.administration_id
    by = ActingUser(administration_id, "operator:test", datetime.now(UTC), count(9_200_000_001).__next__)
    async with await AsyncConnection.connect(served.dsn, autocommit=True) as connection:
        add = partial(add_member, connection, by, party_id=AGENCY, password_hash="-", language="en")
        for account_id, name in ((ANN, "ann"), (BEN, "ben")):
            await add(account_id=account_id, email=f"{name}@cites.example", member_role=MemberRole.MEMBER)


def propose(page: Page, day: str) -> None:
    page.get_by_label("First day").fill(day)
    page.get_by_role("button", name="Propose the change").click()


@pytest.mark.in_turn
def test_a_requirement_is_changed_by_two_people_of_its_agency(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(agency_with_people(served))).result()
    now = datetime.now(UTC)
    past, future = (str((now + timedelta(days=days)).date()) for days in (-3, 30))

    ann = open_page("phone", java_script_enabled=False)
    ann.goto(served.enter_as(ANN))
    ann.goto(f"{served.address}/agency")
    ann.get_by_role("link", name="What your rules ask for").click()
    expect(ann.get_by_text("before any change (now)")).to_be_visible()
    propose(ann, future)
    expect(ann.get_by_role("alert")).to_contain_text("State the rule")
    ann.get_by_label("Rule").select_option("eu-cites")
    ann.get_by_label("What it asks for").select_option("documents")
    ann.get_by_label("Documents, any one of them").fill("C400\nCITES-OWN")
    ann.get_by_label("Nothing up to a quantity of").fill("3")
    propose(ann, past)
    expect(ann.get_by_role("alert")).to_contain_text("today or later")
    propose(ann, future)
    expect(ann.get_by_text("Another person of your agency confirms it.")).to_be_visible()
    expect(ann.get_by_role("button", name="Confirm the change")).to_have_count(0)
    looks_right(ann, take_picture, "agency-requirements-phone")

    ben = open_page("desktop", java_script_enabled=False)
    ben.goto(served.enter_as(BEN))
    ben.goto(f"{served.address}/agency/requirements")
    changes = ben.get_by_role("table", name="What changes")
    expect(changes.get_by_role("row", name="Documents, any one of them")).to_contain_text("C400 or CITES-OWN")
    expect(changes.get_by_role("row", name="Said by")).to_contain_text("the law")
    looks_right(ben, take_picture, "agency-requirements-desktop")
    ben.get_by_role("button", name="Confirm the change").click()
    expect(ben.get_by_text("Confirm the change")).to_have_count(0)
    for _ in range(20):  # every process takes the law up within a second
        if ben.get_by_role("row", name=future).count():
            break
        ben.wait_for_timeout(500)
        ben.reload()
    expect(ben.get_by_role("row", name=future)).to_contain_text("your agency")
