"""A seller registers on a phone, without a script, and looks at the organisation on a desk."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.journey.notifications.receiver import running_receiver

pytestmark = pytest.mark.browser
EMAIL, PASSWORD = "zelda@lantern-shop.example", "three unrelated words"


def link_to(served: Served, email: str) -> str:
    """The link in the message to an address, once it is there."""
    end = time.monotonic() + 20
    while True:
        texts = [path.read_text() for path in (served.folder / "mail").glob("*.eml")]
        texts = [re.sub("=\n", "", text) for text in texts if f"To: {email}" in text]
        if texts:
            found = re.search(r"/confirm/[\w-]+", texts[-1])
            assert found is not None
            return found[0]
        assert time.monotonic() < end, "no message came"
        time.sleep(0.1)


def look(page: Page) -> None:
    """Hold a page against what every page must hold."""
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    assert not scrolls_sideways(page)


def add_a_webhook(phone: Page) -> None:
    """Add an address from the organisation's page, and send a test event to it."""
    with running_receiver() as receiver:
        phone.get_by_role("link", name="Webhooks and test environment").click()
        phone.get_by_label("Name of the address").fill("warehouse")
        phone.get_by_label("Address", exact=True).fill(receiver.url)
        phone.get_by_role("button", name="Add the address").click()
        expect(phone.locator("code.secret")).to_contain_text("whsec_")
        look(phone)
        phone.get_by_role("button", name="Send a test event").click()
        wait_for_title(phone, "Test event sent")
    look(phone)


@pytest.mark.in_turn
def test_a_seller_registers_on_a_phone_and_invites_somebody(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    phone = open_page("phone", java_script_enabled=False)
    phone.goto(f"{served.address}/sign-in")
    phone.get_by_role("link", name="Register your organisation").click()
    phone.get_by_label("Your e-mail address").fill("no address")
    phone.get_by_role("button", name="Send me a link").click()
    expect(phone.get_by_role("alert").get_by_role("link")).to_have_count(3)
    look(phone)
    phone.get_by_label("Name of the organisation").fill("Lantern Shop")
    phone.get_by_label("Country").select_option("CN")
    phone.get_by_label("Your e-mail address").fill(EMAIL)
    phone.get_by_role("button", name="Send me a link").click()
    wait_for_title(phone, "Look into your mailbox")
    look(phone)

    phone.goto(served.address + link_to(served, EMAIL))
    look(phone)
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_label("The same password again").fill(PASSWORD)
    phone.get_by_role("button", name="Go on").click()
    wait_for_title(phone, "Your organisation is registered")
    phone.get_by_role("main").get_by_role("link", name="Sign in").click()
    phone.get_by_label("Name or e-mail address").fill(EMAIL)
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("main").get_by_role("button", name="Sign in").click()
    wait_for_title(phone, "Lantern Shop")
    phone.get_by_label("E-mail address").fill("clerk@lantern-shop.example")
    phone.get_by_role("button", name="Send the invitation").click()
    expect(phone.get_by_role("status")).to_contain_text("a message is on its way")
    phone.get_by_label("Name of the key").fill("shop software")
    phone.get_by_label("Send declarations and other documents").check()
    phone.get_by_role("button", name="Make the key").click()
    expect(phone.locator("code.secret")).to_contain_text("serai_")
    look(phone)
    phone.goto(f"{served.address}/organisation")
    take_picture(phone, "organisation-phone")
    add_a_webhook(phone)
    take_picture(phone, "webhooks-phone")

    desk = open_page("desktop", java_script_enabled=False)
    desk.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
    desk.goto(f"{served.address}/organisation")
    look(desk)
    take_picture(desk, "organisation-desktop")
    desk.goto(f"{served.address}/organisation/webhooks")
    look(desk)
    take_picture(desk, "webhooks-desktop")
    desk.goto(f"{served.address}/account")
    look(desk)
