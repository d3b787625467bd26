"""Drives one whole filing on a phone: sign in, every question, the check, and sending it."""

from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

from tools.declaration_time.person import Effort, Person

KBIT_PER_SECOND: Final = 400
LATENCY_MS: Final = 400
EMAIL, PASSWORD = "wanjiru@basket-shop.example", "three unrelated words"
_BYTES_PER_SECOND: Final = KBIT_PER_SECOND * 1000 // 8
_WHAT: Final = "woven basket, sisal"
_SENDER: Final = {
    "name": "Wanjiru Baskets",
    "street": "Biashara Street 12",
    "postcode": "00100",
    "city": "Nairobi",
}
_BUYER: Final = {
    "name": "Aoife Example",
    "street": "14 Invented Road",
    "postcode": "D02 AF30",
    "city": "Dublin",
}


def drive(browser: Browser, address: str) -> tuple[Effort, Effort]:
    """File a first parcel, and a second one with goods and addresses that the device kept."""
    # The worker fetches the form once more behind the first answers: it would be waited for by nobody.
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, service_workers="block"
    )
    page = context.new_page()
    first = _begin(context, page)
    _sign_in(first, page, address)
    _file(first, page, "RR123456785KE", is_first=True)
    second = _begin(context, page)
    second.wait_for(
        "another form",
        lambda: page.get_by_role("link", name="Declare another parcel").click(),
        page.locator("#what-1 h2"),
    )
    _file(second, page, "RR223344557KE", is_first=False)
    context.close()
    return first.effort(), second.effort()


def _begin(context: BrowserContext, page: Page) -> Person:
    network: Any = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": _BYTES_PER_SECOND,
            "uploadThroughput": _BYTES_PER_SECOND,
        },
    )
    return Person(page, network)


def _sign_in(person: Person, page: Page, address: str) -> None:
    name = page.get_by_label("Name or e-mail address")
    person.wait_for(
        "the page to sign in", lambda: page.goto(f"{address}/sign-in?next=/declare"), name, taps=0
    )
    person.read(page.get_by_role("main"))
    person.type(name, EMAIL)
    person.type(page.get_by_label("Password"), PASSWORD)
    button = page.get_by_role("main").get_by_role("button", name="Sign in", exact=True)
    person.wait_for("signed in, the form", button.click, page.locator("#what-1 h2"))


def _file(person: Person, page: Page, number: str, *, is_first: bool) -> None:
    _goods(person, page, is_first=is_first)
    for role, values in (("sender", _SENDER), ("buyer", _BUYER)):
        _somebody(person, page, role, values, is_first=is_first)
    person.read(page.locator("#way"))
    person.type(page.get_by_label("Tracking number"), number)
    check = page.locator("#way").get_by_role("button", name="Check your answers")
    person.wait_for(
        "the check of all answers", check.click, page.get_by_role("heading", name="Your answers", exact=True)
    )
    person.read(page.get_by_role("main"))
    send = page.locator("#send").get_by_role("button", name="Send it")
    person.wait_for("the decision", send.click, page.get_by_role("heading", name="Your receipt", exact=True))
    person.read(page.locator(".grid"))


def _goods(person: Person, page: Page, *, is_first: bool) -> None:
    person.read(page.locator("#what-1"))
    if is_first:
        person.type(page.get_by_label("In your own words"), _WHAT)
        person.type(page.get_by_label("Your number for this product"), "BASKET-1")
    else:
        person.choose(page.locator("#saved-goods-1"), "0")
    propose = page.locator("#what-1").get_by_role("button", name="Continue")
    person.wait_for(
        "the proposed codes", propose.click, page.locator("#code-1 [data-proposals] .choice").first
    )
    person.read(page.locator("#code-1"))
    _go_on(person, page, "#code-1")
    person.read(page.locator("#made-1"))
    if is_first:
        person.choose(page.get_by_label("Country of origin"), "KE")
    _go_on(person, page, "#made-1")
    person.read(page.locator("#pieces-1"))
    if is_first:
        person.type(page.get_by_label("Pieces", exact=True), "2")
        person.type(page.get_by_label("Weight of all pieces"), "0.9")
    _go_on(person, page, "#pieces-1")
    person.read(page.locator("#price-1"))
    if is_first:
        person.type(page.get_by_label("Price of all pieces"), "48")
        person.tap(page.get_by_role("checkbox", name="Keep these goods"))
    _go_on(person, page, "#price-1")
    person.read(page.locator("#more"))
    person.tap(page.get_by_role("link", name="No, that is all"))
    person.read(page.locator("#sale"))
    _go_on(person, page, "#sale")


def _somebody(person: Person, page: Page, role: str, values: dict[str, str], *, is_first: bool) -> None:
    person.read(page.locator(f"#{role}"))
    if role == "sender" and not is_first:
        person.choose(page.locator("#saved-sender"), "0")
    else:
        for name, text in values.items():
            person.type(page.locator(f"#{role}_{name}"), text)
        person.choose(page.locator(f"#{role}_country"), "KE" if role == "sender" else "IE")
    if role == "sender" and is_first:
        person.tap(page.locator("#sender").get_by_role("checkbox", name="Keep this address"))
    _go_on(person, page, f"#{role}")


def _go_on(person: Person, page: Page, screen: str) -> None:
    person.tap(page.locator(screen).get_by_role("link", name="Continue"))
