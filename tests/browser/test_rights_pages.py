"""Stories of rights on pages without script: a recordal is lodged and granted; a silent holder loses the
goods, its priority falls and it disputes that; goods are destroyed with the consent of both, by two officers.
"""

import asyncio
import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import psycopg
import pytest
from playwright.sync_api import Page, expect

from serai.foundation.access import parties
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways
from tests.browser.served_pages import Served
from tests.journey.recordals.holders import picture, shoe

pytestmark = pytest.mark.browser


async def register_holder(served: Served) -> str:
    at, administration_id = SystemClock().now(), served.filled.administration_id
    own: dict[str, Any] = {"party_id": 79, "administration_id": administration_id, "at": at}
    limits: dict[str, Any] = {"pool_size_count": 1, "statement_timeout_ms": 20_000}
    database = Database(served.dsn, administration_id=administration_id, **limits)
    async with database, database.write() as connection:
        await parties.create_party(connection, name="Quxzora Brands", **own)
        await parties.add_role(connection, role="rights_holder", **own)
        scopes = frozenset({"lodging", "reading"})
        return (await parties.add_key(connection, key_id=1_079, scopes=scopes, expires_at=None, **own)).text


def declare(served: Served, name: str) -> str:
    answer = httpx2.post(
        f"{served.address}/v1/declarations",
        content=json.dumps(shoe(name, "Quxzora")).encode() + b"\n",
        headers={
            "content-type": "application/x-ndjson",
            "authorization": f"Bearer {served.filled.carrier_key}",
        },
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return str(json.loads(answer.text.split("\n")[0])["case_id"])


def looks_right(page: Page, take_picture: TakePicture, name: str) -> None:
    take_picture(page, name)
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


def reload_until(page: Page, text: str) -> None:
    end = time.monotonic() + 60
    while text not in page.locator("main").inner_text():
        assert time.monotonic() < end, page.locator("main").inner_text()
        time.sleep(0.5)
        page.reload()


def detain(served: Served, officer: Page, case_id: str, take_picture: TakePicture | None = None) -> None:
    officer.goto(f"{served.address}/parcels/{case_id}")
    officer.get_by_role("link", name="Detain these goods for a right").click()
    officer.get_by_label("In words, for the declarant").fill("The label differs from the genuine one.")
    if take_picture is not None:
        expect(officer.get_by_label("Recordal", exact=True)).to_contain_text("named in the description")
        looks_right(officer, take_picture, "rights-detain-desktop")
    officer.get_by_role("button", name="Detain", exact=True).click()
    expect(officer.get_by_text("Waiting for answers")).to_be_visible()


def let_time_pass(served: Served) -> None:
    with psycopg.connect(served.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE rights_detention SET begun_at = begun_at - d, holder_told_at = holder_told_at - d, "
            "holder_due_at = holder_due_at - d, declarant_due_at = declarant_due_at - d "
            "FROM (SELECT interval '15 days') AS passed (d) WHERE ended_at IS NULL"
        )


def lodge_and_grant(holder: Page, officer: Page, served: Served, take_picture: TakePicture) -> None:
    holder.goto(f"{served.address}/recordals")
    holder.get_by_label("Reference", exact=True).fill("QUXZORA-2026")
    holder.get_by_label("Number in the register").fill("018000001")
    holder.get_by_label("Word marks", exact=True).fill("Quxzora")
    holder.get_by_label("Commodity codes that begin with").fill("6109")
    holder.get_by_label("Last day").fill((datetime.now(UTC).date() + timedelta(days=100)).isoformat())
    holder.get_by_label("Office to write to").fill("Brand protection")
    holder.get_by_label("E-mail of that office").fill("rights@holder.example")
    looks_right(holder, take_picture, "recordal-form-phone")
    holder.get_by_role("button", name="Lodge the recordal").click()
    expect(holder.get_by_text("Lodged; not decided yet")).to_be_visible()
    content = base64.b64decode(picture(400))
    holder.get_by_label("Add a picture of genuine or of false goods").set_input_files(
        {"name": "genuine.png", "mimeType": "image/png", "buffer": content}
    )
    holder.get_by_role("button", name="Add the picture").click()
    expect(holder.get_by_role("img", name="Picture 1")).to_be_visible()
    officer.goto(holder.url)
    looks_right(officer, take_picture, "recordal-desktop")
    officer.get_by_label("Grant: its marks are looked for from now on").check()
    officer.get_by_role("button", name="Decide").click()
    expect(officer.locator("main").get_by_text("In force", exact=True)).to_be_visible()
    holder.reload()
    holder.get_by_label("New last day").fill((datetime.now(UTC).date() + timedelta(days=330)).isoformat())
    looks_right(holder, take_picture, "recordal-extension-phone")
    holder.get_by_role("button", name="Ask for the extension").click()
    officer.reload()
    officer.get_by_label("Grant the extension").check()
    officer.get_by_role("button", name="Decide").click()
    expect(officer.get_by_text("; Granted")).to_be_visible()


@pytest.mark.in_turn
def test_rights_are_enforced_and_abuse_of_them_is_seen(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    with ThreadPoolExecutor(1) as thread:
        key = thread.submit(lambda: asyncio.run(register_holder(served))).result()
    holder, filer = (
        open_page("phone", java_script_enabled=False, extra_http_headers={"authorization": f"Bearer {one}"})
        for one in (key, served.filled.carrier_key)
    )
    ann, bob = (open_page(size, java_script_enabled=False) for size in ("desktop", "phone"))
    ann.goto(served.enter())
    bob.goto(f"{served.address}/enter/{served.filled.second_links.pop()}")
    lodge_and_grant(holder, ann, served, take_picture)

    lose_by_silence(holder, ann, served, take_picture)
    destroy_by_consent({"holder": holder, "filer": filer, "ann": ann, "bob": bob}, served, take_picture)


def lose_by_silence(holder: Page, ann: Page, served: Served, take_picture: TakePicture) -> None:
    """Three parcels are released since nobody answered, the priority falls, and that is disputed."""
    for number in range(3):
        detain(served, ann, declare(served, f"SILENT-{number}"), take_picture if not number else None)
    holder.goto(f"{served.address}/rights-detentions")
    reload_until(holder, "Waiting for answers")
    end = time.monotonic() + 60
    while holder.get_by_role("link", name="QUXZORA-2026").count() < 3:
        assert time.monotonic() < end
        time.sleep(0.5)
        holder.reload()
    let_time_pass(served)
    reload_until(holder, "Released: the holder did not answer in time")
    looks_right(holder, take_picture, "rights-list-phone")
    holder.get_by_role("link", name="QUXZORA-2026").first.click()
    reload_until(holder, "It is low now.")
    assert "SILENT" not in holder.content()
    looks_right(holder, take_picture, "rights-silent-phone")
    holder.get_by_label("Why was it not without ground?").fill("answer-sent-by-letter")
    holder.get_by_role("button", name="Dispute it").click()
    expect(holder.get_by_text("Waits for an officer")).to_be_visible()
    ann.goto(holder.url)
    ann.get_by_label("Uphold: it does not count").check()
    looks_right(ann, take_picture, "rights-dispute-desktop")
    ann.get_by_role("button", name="Decide").click()
    expect(ann.get_by_text("Upheld: it does not count")).to_be_visible()


def ask_for_time(holder: Page, ann: Page, take_picture: TakePicture) -> None:
    """The holder asks for more time, and an officer grants it."""
    holder.get_by_label("Working days").fill("99")
    holder.get_by_label("Why do you need more time?").fill("opinion-of-an-expert")
    holder.get_by_role("button", name="Ask for more time").click()
    expect(holder.locator(".govuk-error-summary")).to_be_visible()
    holder.get_by_label("Working days").fill("5")
    holder.get_by_label("Why do you need more time?").fill("opinion-of-an-expert")
    looks_right(holder, take_picture, "rights-time-phone")
    holder.get_by_role("button", name="Ask for more time").click()
    expect(holder.get_by_text("5; not decided yet")).to_be_visible()
    ann.reload()
    ann.get_by_label("Grant: the goods wait so much longer").check()
    looks_right(ann, take_picture, "rights-time-desktop")
    ann.get_by_role("button", name="Decide").click()
    expect(ann.get_by_text("5; Granted")).to_be_visible()
    holder.reload()


def destroy_by_consent(people: dict[str, Page], served: Served, take_picture: TakePicture) -> None:
    """Holder and declarant agree, and two officers destroy."""
    holder, filer, ann, bob = (people[name] for name in ("holder", "filer", "ann", "bob"))
    case_id = declare(served, "AGREED")
    detain(served, ann, case_id)
    holder.goto(f"{served.address}/rights-detentions")
    reload_until(holder, "Waiting for answers")
    holder.goto(ann.url)
    holder.get_by_label("They infringe our right and may be destroyed").check()
    looks_right(holder, take_picture, "rights-holder-phone")
    holder.get_by_role("button", name="Send the answer").click()
    ask_for_time(holder, ann, take_picture)
    holder.get_by_label("To begin proceedings").check()
    holder.get_by_role("button", name="Show the names").click()
    expect(holder.locator("#disclosed")).to_contain_text("Invented Sender Ltd")
    looks_right(holder, take_picture, "rights-names-phone")
    filer.goto(f"{served.address}/parcels/{case_id}")
    filer.get_by_role("link", name="Detained for a right: answer").click()
    filer.get_by_role("link", name="QUXZORA-2026").click()
    looks_right(filer, take_picture, "rights-declarant-phone")
    filer.get_by_label("Yes, I agree").check()
    filer.get_by_role("button", name="Send the answer").click()
    expect(filer.get_by_text("May be destroyed: both agree, or silence stands for it")).to_be_visible()

    ann.reload()
    detention = ann.url
    ann.get_by_role("button", name="Order the destruction").or_(
        ann.get_by_role("link", name="Order the destruction")
    ).click()
    ann.get_by_label("Reason", exact=True).select_option("intellectual-property")
    ann.get_by_label("In words, for the declarant").fill("Holder and declarant agree.")
    ann.get_by_label("Without a hearing because").select_option("consent-given")
    ann.get_by_role("button", name="Continue").click()
    ann.get_by_role("button", name="Confirm").click()
    bob.goto(f"{served.address}/proposals")
    bob.get_by_role("button", name="Approve").first.click()
    ann.goto(detention)
    reload_until(ann, "Destroyed")
    looks_right(ann, take_picture, "rights-destroyed-desktop")
