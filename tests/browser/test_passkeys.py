"""Passkeys in a real browser: one is registered, signs in alone and after the password, and is removed."""

import re
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.page_checks import find_page_faults
from tests.browser.page_steps import wait_for_title
from tests.browser.served_pages import Served

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000
"""Passwords are compared behind everything else that the machine does."""
PASSWORD = "correct horse battery"


def add_authenticator(page: Page) -> tuple[Any, str]:
    """Give the browser an authenticator that knows its person, as a phone does."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})[
        "authenticatorId"
    ]


@pytest.mark.in_turn
def test_a_passkey_signs_in_alone_and_after_the_password(open_page: OpenPage, served: Served) -> None:
    # Passkeys belong to a name; an address of numbers is none.
    address = served.address.replace("127.0.0.1", "localhost")
    page = open_page("desktop")
    devtools, authenticator = add_authenticator(page)
    page.goto(served.enter().replace("127.0.0.1", "localhost"))
    page.goto(f"{address}/account")
    assert find_page_faults(page) == []
    page.get_by_label("Name of the passkey").fill("desk")
    page.locator("#passkey_password").fill("not the password")
    page.get_by_role("button", name="Register the passkey").click()
    expect(page.locator("form[data-passkey] [role=status]")).not_to_be_empty(timeout=PATIENCE_MS)
    assert devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"] == []
    page.locator("#passkey_password").fill(PASSWORD)
    page.get_by_role("button", name="Register the passkey").click()
    expect(page.get_by_text("The passkey is registered.")).to_be_visible(timeout=PATIENCE_MS)

    # Instead of the password.
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/sign-in?next=%2Faccount")
    assert find_page_faults(page) == []
    page.get_by_role("button", name="Sign in with a passkey").click()
    wait_for_title(page, "Your account")
    expect(page.get_by_text("last used").first).to_be_visible()

    # After the password, where no app was ever set up: none is offered, which would be a way around.
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/sign-in?next=%2Faccount")
    page.get_by_label("Name or e-mail address").fill("Officer")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_title(re.compile("^Use your passkey"), timeout=PATIENCE_MS)
    assert page.locator("img").count() == 0
    assert page.locator("#code").count() == 0
    assert find_page_faults(page) == []
    page.goto(f"{address}/account")
    wait_for_title(page, "Sign in")
    page.goto(f"{address}/sign-in/code?next=%2Faccount")
    with page.expect_request("**/sign-in/passkey") as sent:
        page.get_by_role("button", name="Use the passkey").click()
    wait_for_title(page, "Your account")

    _refuse_what_does_not_count(page, address, sent.value.post_data or "", served.dsn)
    _remove(page, address)


def _refuse_what_does_not_count(page: Page, address: str, body: str, dsn: str) -> None:
    # What was signed once opens nothing again, in this browser or another.
    again = page.request.post(f"{address}/sign-in/passkey", headers=_form(), data=body)
    assert again.status in {401, 403, 409}
    assert "answer=" in body

    # An authenticator whose count did not grow is a copy.
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("UPDATE passkey SET sign_count = 1000000")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("not what a passkey", timeout=PATIENCE_MS)

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("UPDATE passkey SET sign_count = 0")


def _remove(page: Page, address: str) -> None:
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto(f"{address}/account")
    page.locator("#remove-1").fill(PASSWORD)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You have no passkey yet.")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("not what a passkey", timeout=PATIENCE_MS)


def _form() -> dict[str, str]:
    return {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
