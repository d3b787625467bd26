"""Which pages are looked at, as whom, and in which state: each route that answers with a page, and forms sent
back with their faults."""

from typing import Final, Literal

import msgspec

Who = Literal["stranger", "officer", "administrator", "declarant", "manager", "buyer", "buyer with a code"]


class Looked(msgspec.Struct, frozen=True):
    """One page in one state.

    path: its address; names in braces are found in the store. route: as the application knows it. press: the
    button by whose pressing, with nothing filled in, the form comes back with its faults: a CSS selector.
    """

    name: str
    route: str
    path: str
    who: Who = "stranger"
    press: str = ""


_DRESS: Final = "goods_1=dress&price_1=30.00&currency_1=EUR&quantity_1=1&origin_1=CN"
PAGES: Final = (
    Looked("home", "/", "/"),
    Looked("sign in", "/sign-in", "/sign-in"),
    Looked("sign in, refused", "/sign-in", "/sign-in", press="main button"),
    Looked("law", "/law", "/law"),
    Looked("law, faulty day", "/law", "/law?on=31.12.2026"),
    Looked("law of a place", "/law/{code}", "/law/EU"),
    Looked("comparison of laws", "/law/comparison", "/law/comparison"),
    Looked("law of two days, form", "/law/difference", "/law/difference"),
    Looked(
        "law of two days", "/law/difference", "/law/difference?place=EU&first=2026-06-30&second=2026-07-01"
    ),
    Looked("calculator", "/calculator", "/calculator"),
    Looked("calculator, answer", "/calculator", f"/calculator?{_DRESS}&to=DE"),
    Looked("calculator, several countries", "/calculator", f"/calculator?{_DRESS}&to=DE&to=US&to=BR"),
    Looked("calculator, faulty", "/calculator", "/calculator?goods_1=dress&price_1=thirty&quantity_1=0"),
    Looked("check of a message", "/check", "/check"),
    Looked("check of a message, empty", "/check", "/check", press="main button"),
    Looked("check of a receipt", "/receipts/check", "/receipts/check"),
    Looked("check of a receipt, empty", "/receipts/check", "/receipts/check", press="main button"),
    Looked("upload", "/upload", "/upload"),
    Looked("upload, no file", "/upload", "/upload", press="main button"),
    Looked("fairness meter", "/fairness", "/fairness"),
    Looked("release times", "/release-times", "/release-times"),
    Looked("service status", "/status", "/status"),
    Looked("problems", "/problems", "/problems"),
    Looked("a problem", "/problems/{code}", "/problems/reference-reused"),
    Looked("nothing there", "", "/nowhere"),
    Looked("track", "/track", "/track"),
    Looked("track, faulty", "/track", "/track", press="main button"),
    Looked("a parcel's status", "/track/parcel", "/track/parcel", "buyer"),
    Looked("a parcel, opened", "/track/parcel", "/track/parcel", "buyer with a code"),
    Looked("who read my data", "/track/data", "/track/data", "buyer with a code"),
    Looked("check of a notice", "/notices/check", "/notices/check"),
    Looked("registration", "/register", "/register"),
    Looked("registration, faulty", "/register", "/register", press="main button"),
    Looked("a forgotten password", "/password", "/password"),
    Looked("declare a parcel", "/declare", "/declare"),
    Looked("declare a parcel, nothing said", "/declare", "/declare", press="main button"),
    Looked("own account", "/account", "/account", "officer"),
    Looked("a form that was kept, none", "/kept-form", "/kept-form", "officer"),
    Looked("queue", "/queue", "/queue", "officer"),
    Looked("who has what in hand", "/queue/hands", "/queue/hands", "officer"),
    Looked("arrivals", "/arrivals", "/arrivals", "officer"),
    Looked("flight", "/transport-units/{unit_id}", "{flight}", "officer"),
    Looked("measure on a flight", "/transport-units/{unit_id}/act", "{flight}/act", "officer"),
    Looked("one measure on many cases", "/bulk-acts", "/bulk-acts?rule=parameter-not-known", "officer"),
    Looked(
        "one measure on many cases, nothing said",
        "/bulk-acts",
        "/bulk-acts?rule=parameter-not-known",
        "officer",
        "main form button",
    ),
    Looked("parcels", "/parcels", "/parcels", "officer"),
    Looked("case", "/parcels/{case_id}", "{case}", "officer"),
    Looked("measures", "/parcels/{case_id}/act", "{case}/act", "officer"),
    Looked("a measure", "/parcels/{case_id}/act", "{case}/act?kind=hold", "officer"),
    Looked("a measure, faulty", "/parcels/{case_id}/act", "{case}/act?kind=hold", "officer", "main button"),
    Looked("what a buyer says", "/parcels/{case_id}/buyer", "{tracked}/buyer", "officer"),
    Looked("case whose buyer has spoken", "/parcels/{case_id}", "{tracked}", "officer"),
    Looked("appeals", "/parcels/{case_id}/appeals", "{tracked}/appeals", "officer"),
    Looked("examinations", "/parcels/{case_id}/examinations", "{case}/examinations", "officer"),
    Looked("case, of its declarant", "/parcels/{case_id}", "{case}", "declarant"),
    Looked("repayment", "/parcels/{case_id}/repayments", "{case}/repayments", "declarant"),
    Looked("reply", "/parcels/{case_id}/reply", "{case}/reply", "declarant"),
    Looked("invalidation", "/parcels/{case_id}/invalidation", "{case}/invalidation", "declarant"),
    Looked(
        "invalidation, faulty",
        "/parcels/{case_id}/invalidation",
        "{case}/invalidation",
        "declarant",
        "main form button",
    ),
    Looked("statistics", "/statistics", "/statistics", "officer"),
    Looked("scorecards", "/scorecards", "/scorecards", "officer"),
    Looked("scorecard", "/scorecards/{party}", "{scorecard}", "officer"),
    Looked("due diligence", "/due-diligence", "/due-diligence", "officer"),
    Looked("recalls", "/recalls", "/recalls", "officer"),
    Looked("listed names", "/parcels/{case_id}/listed-names", "{listed}", "officer"),
    Looked("split shipments", "/split-shipments", "/split-shipments", "officer"),
    Looked("split shipment", "/split-shipments/{group_id}", "{split_group}", "officer"),
    Looked("offers to take down", "/take-downs", "/take-downs", "officer"),
    Looked("proposals", "/proposals", "/proposals", "officer"),
    Looked("risk", "/risk", "/risk", "officer"),
    Looked("why a parcel is looked at", "/risk/cases/{case_id}", "{risk_case}", "officer"),
    Looked("money", "/money", "/money", "officer"),
    Looked("scheme numbers", "/schemes", "/schemes", "officer"),
    Looked("permits", "/permits", "/permits", "officer"),
    Looked("naming a permit", "/parcels/{case_id}/permits", "{case}/permits", "declarant"),
    Looked("what is owed", "/statement", "/statement", "declarant"),
    Looked("statement of a month", "/statement/{period}", "/statement/2026-12", "declarant"),
    Looked("notification of debt", "/statement/notification", "/statement/notification", "declarant"),
    Looked("administration", "/administration", "/administration", "administrator"),
    Looked("accounts", "/administration/accounts", "/administration/accounts", "administrator"),
    Looked("an account", "/administration/accounts/{account}", "{account}", "administrator"),
    Looked("law and lists", "/administration/law", "/administration/law", "administrator"),
    Looked("customs offices", "/administration/offices", "/administration/offices", "administrator"),
    Looked("parties and keys", "/administration/parties", "/administration/parties", "administrator"),
    Looked("a party", "/administration/parties/{party}", "{party}", "administrator"),
    Looked("settings", "/administration/settings", "/administration/settings", "administrator"),
    Looked("an organisation", "/organisation", "/organisation", "manager"),
    Looked("webhooks", "/organisation/webhooks", "/organisation/webhooks", "manager"),
)
NO_PAGES: Final = {
    "/.well-known/jwks.json": "keys, for machines",
    "/.well-known/oauth-authorization-server": "data, for machines",
    "/confirm/{token}": "led to by a link in a message, once: tests/browser/test_organisation_page.py",
    "/statement/{period}/csv": "a file",
    "/statement/{period}/pdf": "a file",
    "/statement/notification/pdf": "a file",
    "/schemes/{scheme}": "of holders of scheme numbers: tests/browser/test_tax_paid_pages.py",
    "/track/proof": "of whoever paid: tests/browser/test_tax_paid_pages.py",
    "/schemes/{scheme}/csv": "a file",
    "/agency": "of agencies: tests/browser/test_agency_pages.py",
    "/agency/{parcel}": "of agencies: tests/browser/test_agency_pages.py",
    "/permits/{number}": "of agencies: tests/browser/test_permit_pages.py",
    "/declare/check": "leads back to the form",
    "/declare/send": "leads back to the form",
    "/upload/correction": "leads back to the form",
    "/upload/filing": "leads back to the form",
    "/declare/worker.js": "a script that browsers fetch",
    "/docs": "the viewer of the API's description, which is not ours (RapiDoc)",
    "/enter/{token}": "leads on",
    "/healthz": "for machines",
    "/language/{language}": "leads on",
    "/law/difference/{before}/{after}": "leads on to the page of two days",
    "/log/checkpoint": "text, for machines",
    "/log/consistency": "data, for machines",
    "/log/key": "text, for machines",
    "/log/tile/{path}": "bytes, for machines",
    "/metrics": "text, for machines",
    "/queue/count": "a piece of the queue's page",
    "/queue/csv": "a table to download",
    "/queue/hands/csv": "a table to download",
    "/arrivals/csv": "a table to download",
    "/parcels/csv": "a table to download",
    "/proposals/csv": "a table to download",
    "/recalls/csv": "a table to download",
    "/recalls/{recall_id}": "needs a recall that has found something: tests/browser/test_recall_page.py",
    "/scorecards/csv": "a table to download",
    "/readyz": "for machines",
    "/sign-in/at/{provider}": "leads on, to a provider",
    "/sign-in/at/{provider}/back": "leads on, from a provider",
    "/sign-in/code": "asked of accounts with a second factor: tests/foundation_http/test_look_in_browser.py",
    "/static/{name}": "files",
}
"""Routes of GET outside `/v1` that are not looked at here, and why."""
