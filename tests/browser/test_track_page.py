"""A buyer on a phone, without script: finds the parcel, opens it by a code, disputes, sends a proof, reads
who has read."""

import json
import re
import time
from email import message_from_bytes, policy
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.journey.buyers.test_code_and_requests import png
from tests.journey.cases.world import parcel

pytestmark = pytest.mark.browser
NUMBER = "LX473124829CN"


@pytest.fixture(scope="module")
def filed(served: Served) -> None:
    """A parcel whose buyer can be written to."""
    consignee = {**parcel("X")["consignee"], "email": "zelda@quux.example"}
    document = parcel("TRACKED-1", house_document=NUMBER, consignee=consignee)
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


def code_in(folder: Path, number: str) -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for path in folder.glob("*.eml"):
            text = message_from_bytes(path.read_bytes(), policy=policy.default).get_content()
            found = re.search(r"code is (\d{8})\.", text)
            if number in text and found:
                return found[1]
        time.sleep(0.1)
    raise AssertionError("no message came")


def looks_right(page: Page, take_picture: TakePicture, name: str, size: str) -> None:
    take_picture(page, f"{name}-{size}")
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []


@pytest.mark.usefixtures("filed")
@pytest.mark.parametrize("size", ["phone", "desktop"])
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
    code = code_in(served.folder / "mail", number)
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
