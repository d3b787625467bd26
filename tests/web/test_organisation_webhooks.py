"""Webhooks on a page: made, tried, gone on with and removed by managers of an organisation alone."""

import re
from collections.abc import Iterator
from html import unescape

import httpx2
import pytest
from standardwebhooks import Webhook

from serai.foundation.id_text import format_id
from tests.journey.cases.world import World, rows
from tests.journey.notifications.receiver import Receiver, running_receiver
from tests.web.test_organisation import HTML, Browser, let_in, new_browser, register

PAGE = "/organisation/webhooks"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as running:
        yield running


@pytest.fixture(scope="module")
def manager(world: World) -> Iterator[Browser]:
    with new_browser(world) as browser:
        let_in(world, browser, register(world, browser, "hooked"))
        yield browser


def add(browser: Browser, reference: str, url: str) -> httpx2.Response:
    return browser.send_form(PAGE, reference=reference, url=url)


def number_of(world: World, reference: str) -> str:
    ((number,),) = rows(world.dsn, "SELECT webhook_id FROM webhook WHERE reference = %s", reference)
    return format_id(number)


def test_an_address_is_added_its_secret_shown_once_and_a_test_event_is_signed_by_it(
    world: World, manager: Browser, receiver: Receiver
) -> None:
    made = add(manager, "warehouse", receiver.url)
    again = add(manager, "warehouse", receiver.url)
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", unescape(made.text))
    assert found
    one = f"{PAGE}/{number_of(world, 'warehouse')}"

    tried = manager.send_form(f"{one}/test", PAGE)
    receiver.status = 500
    failed = manager.send_form(f"{one}/test", PAGE)
    shown = manager.get(PAGE, headers=HTML).text

    assert again.status_code == 422
    assert "There is an address of this name" in again.text
    got = receiver.wait_for(2)[0]
    assert Webhook(found[0]).verify(got.body, got.headers)["type"] == "test"
    assert (got.message["data"]["kind"], got.message["data"]["case_id"]) == ("test", "")
    assert "Test event sent" in tried.text
    assert "HTTP 500" in failed.text
    assert "Test event not received" in failed.text
    assert shown.count("HTTP 500") == shown.count("HTTP 204") == 1
    assert "whsec_" not in shown


@pytest.mark.in_turn
def test_what_no_field_may_hold_is_told_at_it_and_what_was_typed_stays(manager: Browser) -> None:
    nameless = add(manager, "", "https://shop.example/serai")
    inside = add(manager, "inside", "https://10.0.0.1/serai")
    plain = add(manager, "plain", "ftp://shop.example")

    assert {one.status_code for one in (nameless, inside, plain)} == {422}
    assert "Enter a name for the address." in nameless.text
    assert 'value="https://shop.example/serai"' in nameless.text
    assert "Enter an https address on the public network" in inside.text
    assert 'value="plain"' in plain.text


@pytest.mark.in_turn
def test_a_secret_is_replaced_and_an_address_is_removed_from_its_own_organisation_alone(
    world: World, manager: Browser, receiver: Receiver
) -> None:
    add(manager, "short-lived", receiver.url)
    one = f"{PAGE}/{number_of(world, 'short-lived')}"
    with new_browser(world) as other:
        let_in(world, other, register(world, other, "nosy"))
        steps = ("test", "secret", "replay", "removal")
        refused = [other.send_form(f"{one}/{step}", PAGE).status_code for step in steps]
    replaced = manager.send_form(f"{one}/secret", PAGE)
    went_on = manager.send_form(f"{one}/replay", PAGE)
    removed = manager.send_form(f"{one}/removal", PAGE)
    gone = manager.send_form(f"{one}/removal", PAGE)

    assert refused == [404] * 4
    assert "whsec_" in replaced.text
    assert {went_on.status_code, removed.status_code} == {303}
    assert gone.status_code == 404
    assert rows(world.dsn, "SELECT 1 FROM webhook WHERE reference = 'short-lived'") == []


def test_the_page_tells_where_the_test_environment_is_and_is_for_managers(
    world: World, manager: Browser
) -> None:
    shown = manager.get(PAGE, headers=HTML).text
    with world.client("") as stranger, world.client("payer") as key:
        refused = stranger.get(PAGE, headers=HTML)
        of_key = key.get(PAGE, headers=HTML)

    assert "This is a test environment" in shown
    assert "/v1/declarations" in shown
    assert refused.status_code in (303, 401)
    # A key belongs to a program: it asks by the API.
    assert of_key.status_code == 404


def test_a_test_event_over_the_api_says_what_became_of_it_and_is_listed(
    world: World, receiver: Receiver
) -> None:
    with world.client("rival") as client:
        made = client.post("/v1/webhooks", json={"reference": "by-api", "url": receiver.url}).json()
        path = f"/v1/webhooks/{made['webhook']}"
        told = client.post(f"{path}/test")
        tries = client.get(f"{path}/tries").json()["tries"]
        too_many = [client.post(f"{path}/test").status_code for _ in range(6)]
    with world.client("seller") as other:
        refused = other.post(f"{path}/test")

    assert told.status_code == 200
    assert (told.json()["outcome"], told.json()["status"]) == ("taken", 204)
    assert told.json() in tries
    assert too_many[-1] == 429
    assert refused.status_code == 404
