"""A seller without a broker declares a parcel on a phone: without network, with it, and without script."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chromium import OpenPage
from tests.browser.conftest import TakePicture
from tests.browser.page_checks import find_page_faults, find_small_targets
from tests.browser.page_steps import scrolls_sideways, wait_for_title
from tests.browser.served_pages import Served
from tests.turns import SIZES

pytestmark = pytest.mark.browser
PEOPLE = {"sender": ("Invented Shop", "CN"), "buyer": ("Invented Buyer", "DE")}


def go_on(page: Page, screen: str) -> None:
    page.locator(screen).get_by_role("link", name="Continue").click()


def say_what(page: Page, words: str) -> None:
    page.get_by_label("In your own words").fill(words)
    page.get_by_label("Your number for this product").fill("SHIRT-1")
    page.locator("#what-1").get_by_role("button", name="Continue").click()


def answer_the_rest(page: Page, *, price: str = "25") -> None:
    """Answer everything after the code, a screen after the other."""
    go_on(page, "#code-1")
    page.get_by_label("Country of origin").select_option("CN")
    go_on(page, "#made-1")
    page.get_by_label("Pieces", exact=True).fill("2")
    page.get_by_label("Weight of all pieces").fill("0,35")
    go_on(page, "#pieces-1")
    page.get_by_label("Price of all pieces").fill(price)
    go_on(page, "#price-1")
    page.get_by_role("link", name="No, that is all").click()
    go_on(page, "#sale")
    for role, (name, country) in PEOPLE.items():
        for field, text in (("name", name), ("street", "Weg 1"), ("postcode", "10115"), ("city", "Berlin")):
            page.locator(f"#{role}_{field}").fill(text)
        page.locator(f"#{role}_country").select_option(country)
        go_on(page, f"#{role}")
    page.get_by_label("Tracking number").fill("RR 123 456 785 CN")


def press(page: Page, screen: str, name: str) -> None:
    page.locator(screen).get_by_role("button", name=name).click()


def test_a_seller_declares_on_a_phone_without_network_and_sends_when_it_is_back(
    open_page: OpenPage, served: Served, take_picture: TakePicture
) -> None:
    page = open_page("phone")
    page.goto(f"{served.address}/declare")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.match('/declare').then(Boolean)")
    take_picture(page, "declare-phone")
    say_what(page, "men's t-shirt, cotton, knitted")
    page.locator("#code-1 [value='610910']").wait_for()
    take_picture(page, "declare-codes-phone")

    page.context.set_offline(True)
    answer_the_rest(page)
    page.reload()
    expect(page.get_by_text("This is the parcel you had begun.")).to_be_visible()
    page.goto(f"{served.address}/declare#price-1")
    page.get_by_role("checkbox", name="Keep these goods").check()
    page.goto(f"{served.address}/declare#sender")
    page.get_by_role("checkbox", name="Keep this address").check()
    page.goto(f"{served.address}/declare#way")
    # The device says that it has a network, and has none.
    page.evaluate("Object.defineProperty(navigator, 'onLine', {get: () => true})")
    press(page, "#way", "Check your answers")
    expect(page.get_by_text("It could not be sent: there is no network yet.")).to_be_visible()
    press(page, "#way", "Check your answers")
    expect(page.get_by_text("No network. Everything is kept")).to_be_visible()
    take_picture(page, "declare-offline-phone")
    page.context.set_offline(False)

    wait_for_title(page, "Check your answers")
    expect(page.get_by_text("the buyer pays", exact=True)).to_be_visible()
    assert not scrolls_sideways(page)
    assert find_page_faults(page) == []
    take_picture(page, "declare-check-phone")
    page.get_by_label("Or your party's key").fill(served.filled.carrier_key)
    page.context.set_offline(True)
    press(page, "#send", "Send it")
    expect(page.get_by_text("is sent by itself when the network is back")).to_be_visible()
    page.context.set_offline(False)

    wait_for_title(page, "Sent: Waiting for arrival")
    take_picture(page, "declare-sent-phone")
    page.get_by_role("link", name="Declare another parcel").click()
    expect(page.get_by_label("In your own words")).to_have_value("")
    page.goto(f"{served.address}/declare#sender")
    page.locator("#saved-sender").select_option(label="Invented Shop, Berlin")
    expect(page.locator("#sender_street")).to_have_value("Weg 1")
    page.goto(f"{served.address}/declare#what-1")
    page.locator("#saved-goods-1").select_option(label="men's t-shirt, cotton, knitted (SHIRT-1)")
    take_picture(page, "declare-kept-goods-phone")
    page.locator("#what-1").get_by_role("button", name="Continue").click()
    expect(page.locator("#code-1 [value='own']")).to_be_checked()
    expect(page.locator("#own_code_1")).to_have_value("610910")
    expect(page.locator("#made_1")).to_have_value("CN")
    expect(page.locator("#weight_1")).to_have_value("0,35")


@pytest.mark.parametrize("size", SIZES)
def test_without_script_faults_stand_at_their_fields_and_nothing_typed_is_lost(
    open_page: OpenPage, served: Served, take_picture: TakePicture, size: str
) -> None:
    page = open_page(size, java_script_enabled=False)
    page.goto(f"{served.address}/declare")
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    say_what(page, "cotton t-shirt, knitted")
    expect(page.locator("#what-1")).to_be_hidden()
    answer_the_rest(page, price="much")
    press(page, "#way", "Check your answers")

    wait_for_title(page, "1 answer needs correcting")
    expect(page.locator("#price-1").get_by_text("Enter the price of all pieces")).to_be_visible()
    expect(page.get_by_label("In your own words")).to_have_value("cotton t-shirt, knitted")
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)
    take_picture(page, f"declare-fault-{size}")
    page.get_by_role("link", name="Enter the price of all pieces").click()
    page.get_by_label("Price of all pieces").fill("25")
    page.get_by_role("button", name="Check again").click()
    wait_for_title(page, "Check your answers")
    # With its cache the browser asks whether a form may be sent again; without, it does so.
    page.route("**/*", lambda route: route.continue_())
    page.go_back()
    expect(page.locator("#buyer_name")).to_have_value("Invented Buyer")
    page.go_forward()
    for _ in range(2):
        page.get_by_label("Or your party's key").fill(served.filled.carrier_key)
        press(page, "#send", "Send it")
        wait_for_title(page, "Sent: ")
        page.go_back()
    page.go_forward()
    expect(page.get_by_text("It had been sent before; this is the same answer.")).to_be_visible()
    page.get_by_role("button", name="CN 23 to print").click()
    wait_for_title(page, "CN 23: print it and sign it")
    for text in ("RR123456785CN", "cotton t-shirt, knitted", "610910", "EUR 25", "Invented Buyer"):
        expect(page.get_by_role("article").get_by_text(text).first).to_be_visible()
    assert find_page_faults(page) == []
    assert not scrolls_sideways(page)
    take_picture(page, f"cn23-{size}")
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="CN 23: print it")).to_be_hidden()


@pytest.mark.in_turn
def test_a_seller_adds_a_picture_of_the_goods_and_the_phone_makes_it_smaller(
    open_page: OpenPage, served: Served, take_picture: TakePicture, tmp_path: Path
) -> None:
    taken = tmp_path / "taken.jpg"
    Image.effect_noise((3_000, 2_000), 60).convert("RGB").save(taken, quality=95)
    key = {"authorization": f"Bearer {served.filled.carrier_key}"}
    page = open_page("phone", extra_http_headers=key)
    page.goto(f"{served.address}/parcels?search=NAMED-2-DESK")
    page.get_by_role("link", name="NAMED-2-DESK").click()
    field = page.get_by_label("Picture (JPEG, PNG or WebP")
    field.set_input_files(taken)
    for _ in range(200):
        if field.evaluate("one => one.files[0].name") == "picture.jpg":
            break
        page.wait_for_timeout(50)
    sent_bytes = field.evaluate("one => one.files[0].size")
    page.get_by_role("button", name="Add the picture").click()

    expect(page.get_by_role("rowheader", name="Picture 1")).to_be_visible()
    assert page.url.endswith("#pictures")
    assert sent_bytes < taken.stat().st_size / 2
    assert find_page_faults(page) == []
    assert find_small_targets(page) == []
    assert not scrolls_sideways(page)
    take_picture(page, "goods-picture-phone")
