"""A buyer on a phone, without script: finds the parcel, opens it by a code, disputes, appeals, sends a proof,
reads who has read; an officer answers, and puts a wrong contact right."""

import json
import re
import time
from email import message_from_bytes, policy
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import OpenSignedIn, TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import open_named, scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.journey.buyers.test_code_and_requests import png
from tests.journey.cases.world import parcel
from tests.turns import SIZES

pytestmark = pytest.mark.browser
NUMBER = "LX473124829CN"
WRONG_NUMBER = "HOUSE-4711"


@pytest.fixture(scope="module")
def filed(served: Served) -> None:
    """A parcel whose buyer can be written to, and one in which somebody else's address stands."""
    for name, number, email in (
        ("TRACKED-1", NUMBER, "zelda@quux.example"),
        ("TRACKED-2", WRONG_NUMBER, "somebody.else@quux.example"),
    ):
        file_parcel(served, name, number, email)


def file_parcel(served: Served, name: str, number: str, email: str) -> None:
    consignee = {**parcel("X")["consignee"], "email": email}
    document = parcel(name, house_document=number, consignee=consignee)
    answer = httpx2.post(
        f"{served.address}/v1/declarations",
        content=json.dumps(document).encode() + b"\n",
        headers={
            "content-type": "application/x-ndjson",
            "authorization": f"Bearer {served.filled.carrier_key}",
        },
        timeout=60,
    )
    assert answer.status_code == 200, answer.text


def code_in(folder: Path, number: str, to: str = "zelda@quux.example") -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for path in (folder / "mail").glob("*.eml"):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            text = message.get_content()
            found = re.search(r"(?<!\d)(\d{8})(?!\d)", text.replace(number, ""))
            if number in text and found:
                assert message["To"] == to
                return found[1]
        time.sleep(0.1)
    raise AssertionError("no message came")


def looks_right(page: Page, take_picture: TakePicture, name: str, size: str) -> None:
    take_picture(page, f"{name}-{size}")
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


@pytest.mark.usefixtures("filed")
@pytest.mark.parametrize("size", SIZES)
def test_a_buyer_finds_opens_and_disputes(
    open_page: OpenPage, served: Served, take_picture: TakePicture, tmp_path: Path, size: str
) -> None:
    page = open_page(size, java_script_enabled=False)
    page.goto(f"{served.address}/track")
    looks_right(page, take_picture, "track", size)
    page.get_by_label("Order or tracking number").fill(NUMBER)
    page.get_by_label("Postcode").fill("D02 AF31")
    page.get_by_role("button", name="Show my parcel").click()
    expect(page.get_by_role("alert")).to_contain_text("No parcel fits this number and this postcode.")
    looks_right(page, take_picture, "track-fault", size)
    page.get_by_label("Postcode").fill("d02af30")
    page.get_by_role("button", name="Show my parcel").click()
    wait_for_title(page, "Your parcel is on its way")
    assert page.url == f"{served.address}/track/parcel"
    looks_right(page, take_picture, "track-status", size)

    page.get_by_role("button", name="Send me a code").click()
    number = page.get_by_role("status").locator("code").inner_text()
    code = code_in(served.folder, number)
    page.get_by_label("One-time code").fill("1")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("alert")).to_contain_text("This is not the code")
    looks_right(page, take_picture, "track-code", size)
    page.get_by_label("One-time code").fill(code)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text(re.compile(r"EUR .* = EUR")).first).to_be_visible()
    looks_right(page, take_picture, "track-opened", size)

    page.get_by_label("I paid tax in the shop").check()
    page.get_by_label("Say it in a sentence or two").fill("See <b>the invoice</b>.")
    page.get_by_role("button", name="Send to an officer").click()
    expect(page.get_by_role("status")).to_contain_text("with a customs officer")
    expect(page.get_by_text("I paid tax in the shop: an officer has it.").first).to_be_visible()
    proof = tmp_path / "proof.png"
    proof.write_bytes(png(behind=b"<script>"))
    page.get_by_label("Send a proof").set_input_files(proof)
    page.get_by_role("button", name="Send the proof").click()
    expect(page.get_by_role("alert")).to_contain_text("neither a picture")
    proof.write_bytes(png())
    page.get_by_label("Send a proof").set_input_files(proof)
    page.get_by_role("button", name="Send the proof").click()
    expect(page.get_by_text("Proof sent: an officer has it.").first).to_be_visible()

    page.get_by_role("link", name="Who read my data, and why").click()
    wait_for_title(page, "Your data were read")
    looks_right(page, take_picture, "track-data", size)
    page.goto(f"{served.address}/notices/check")
    page.get_by_label("Number of the message").fill(number)
    page.get_by_role("button", name="Check").click()
    wait_for_title(page, "A message with this number is ours")
    looks_right(page, take_picture, "notice-check", size)


@pytest.mark.in_turn
@pytest.mark.usefixtures("filed")
def test_a_wrong_contact_is_put_right_by_an_officer_and_the_buyer_goes_on_in_arabic(
    open_page: OpenPage, open_signed_in: OpenSignedIn, served: Served, take_picture: TakePicture
) -> None:
    buyer = open_page("phone", java_script_enabled=False, locale="ar")
    buyer.goto(f"{served.address}/track")
    buyer.locator("#number").fill(WRONG_NUMBER)
    buyer.locator("#postcode").fill("D02AF30")
    buyer.get_by_role("button", name="اعرض طردي").click()
    buyer.get_by_text("لا يصل رمز، أو جهة الاتصال غير صحيحة").click()
    buyer.locator("#email").fill("right@quux.example")
    buyer.locator("#how").fill("My passport <b>is</b> at the office.")
    buyer.get_by_role("button", name="اسأل موظفًا").click()
    expect(buyer.get_by_role("status")).to_contain_text("شكرًا")
    looks_right(buyer, take_picture, "track-contact", "phone")

    officer = open_signed_in("/parcels", "desktop")
    open_named(officer, served, "TRACKED-2")
    expect(officer.get_by_role("table", name="What the buyer says")).to_contain_text("Another contact")
    officer.get_by_role("link", name="Read it, and answer the buyer").click()
    wait_for_title(officer, "The buyer waits for 1 answer ")
    expect(officer.get_by_text("My passport <b>is</b> at the office.")).to_be_visible()
    officer.get_by_role("button", name="Send the answer").click()
    expect(officer.get_by_role("alert")).to_contain_text("Choose an answer")
    officer.get_by_label("Accept", exact=True).check()
    officer.get_by_label("In words, for the buyer").fill("Passport seen.")
    looks_right(officer, take_picture, "buyer-answer", "desktop")
    officer.set_viewport_size({"width": 390, "height": 844})
    looks_right(officer, take_picture, "buyer-answer", "phone")
    officer.get_by_role("button", name="Send the answer").click()
    wait_for_title(officer, "The buyer waits for no answer")

    buyer.get_by_role("button", name="أرسلوا لي رمزًا").click()
    number = buyer.get_by_role("status").locator("code").inner_text()
    buyer.locator("#code").fill(code_in(served.folder, number, "right@quux.example"))
    buyer.get_by_role("button", name="افتح").click()
    expect(buyer.get_by_text("مقبول")).to_be_visible()
    expect(buyer.get_by_text("Passport seen.")).to_be_visible()
    looks_right(buyer, take_picture, "track-opened-arabic", "phone")
    buyer.get_by_label("أطعن في القرار").check()
    buyer.locator("#words").fill("The origin is another.")
    buyer.get_by_role("button", name="أرسل إلى موظف").click()
    expect(buyer.get_by_text("التظلم: هو لدى موظف.")).to_be_visible()
    expect(buyer.get_by_label("أطعن في القرار")).to_have_count(0)
