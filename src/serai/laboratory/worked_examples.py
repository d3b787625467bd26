"""Worked examples (`serai-regime-cases/1`) into documents and lists, and their figures beside what the law
gives.

A case states rates, duty and the standing of scheme numbers as facts. Here they become what they are in
life: tariff lines, exchange rates and register entries. The calculation is the public one.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import yaml

from serai.journey.advise.columns import IMPORT_CHARGE, read_columns
from serai.journey.assess.rules import Assessment, assess, sum_charges
from serai.law.book import BASE_LAYER, NOT_LAW, LawBook, country_of
from serai.law.exchange import ExchangeRate
from serai.law.library import PackFiles, load_book, read_packs
from serai.law.load import decode_table
from serai.law.pack import Pack
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine, day_number
from serai.law.territory import Territories, Territory
from serai.model.columns import Int64s
from serai.model.documents import (
    Consignment,
    ConsignmentDetail,
    GoodsItem,
    Person,
    Procedure,
    ValuationCharge,
)
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT
from serai.model.money import MICRO, PLACES, format_minor

_POSTCODES = {
    "GB": "SW1A 1AA",
    "DE": "10115",
    "ES": "28013",
    "IT": "00184",
    "FI": "00100",
    "FR": "75001",
    "GR": "10431",
    "PT": "1100-148",
    "AT": "1010",
}
FILER = "worked-example"
_LAYERS_OF_EVERY_CASE = ("common", "duty", "tax_rates")
"""Layers a case has without naming them: what versions of one law share, duties of a customs union, rates of
tax. Fees it names as `overlays`.
"""
_FOREVER: dict[str, Any] = {"valid_from": dt.date(2000, 1, 1), "valid_to": None}
_SOURCE = "stated by the worked example"

WORDS: dict[str, tuple[str, ...]] = {
    "none": ("none",),
    "seller": ("seller", "vendor", "supplier", "registered-seller"),
    "vendor": ("vendor", "seller"),
    "supplier": ("supplier", "vendor", "seller"),
    "platform": ("platform", "marketplace"),
    "marketplace": ("marketplace", "platform"),
    "scheme_holder": ("IOSS holder (declarant)",),
    "post": ("declarant (post)",),
    "carrier": ("declarant (carrier)", "who lodges the report (carrier)", "carrier or qualified party"),
    "bonded_filer": ("filer with bond",),
    "deemed_importer": ("deemed importer",),
    "recipient": ("recipient",),
    "addressee": ("addressee",),
    "importer": ("importer",),
    "importer_via_operator": ("importer (paid by the operator, recovered)",),
    "business_buyer": ("business buyer",),
    "import_vat_debtor": ("import VAT debtor",),
    "SAC": ("self-assessed clearance (SAC)",),
    "withholding_agent": ("buyer-through-withholding-agent",),
    "buyer_via_platform": ("buyer via platform",),
    "buyer_via_courier": (
        "buyer through the courier",
        "buyer through the courier or post",
        "buyer (paid by the courier, recovered)",
        "buyer (paid by the courier or post, recovered)",
    ),
    "buyer_via_intermediary": ("buyer through the urgent-consignment intermediary",),
    "buyer_via_operator": ("buyer through the operator of electronic trade",),
    "N10": ("full import declaration (N10)",),
    "DIPS": ("simplified import declaration (DIPS)",),
    "SIMPLIFIED_COURIER": ("simplified courier or postal clearance", "simplified courier import"),
    "POSTAL_TRAFFIC": ("postal and urgent consignments declaration",),
    "PUERTA_A_PUERTA": ("postal consignment (puerta a puerta)",),
    "SIMPLIFIED_ECOMMERCE": ("simplified (e-commerce consignment)",),
    "CUSTOMS_DECLARATION": (
        "customs declaration",
        "customs declaration, per tariff line",
        "customs declaration (ICUMS)",
    ),
    "LOW_VALUE_MANIFEST": ("courier low-value manifest",),
    "IMPORT_DECLARATION": ("import declaration",),
    "NON_COMMERCIAL": ("exceptional consignment without commercial character",),
    "PERSONAL_IMPORT": ("personal import, simplified",),
    "NO_DECLARATION": ("goods for personal use, no declaration payment",),
    "PASSENGER_EXPRESS": ("passenger customs declaration for express cargo",),
    "ECOMMERCE_GOODS": ("declaration for e-commerce goods",),
    "ICR": ("inward cargo report (ICR)",),
    "IMPORT_ENTRY": ("import declaration (entry)",),
    "CBE_DUTIABLE": ("courier bill of entry, low value dutiable",),
    "CBE_GIFTS": ("courier bill of entry, gifts",),
    "PBI": ("postal bill of import",),
    "CONCESSION": ("simplified clearance (concession)",),
    "SIMPLIFIED_GIFT": ("simplified (gift, rebate item 412.10)",),
    "IMMEDIATE_RELEASE": ("immediate release (de minimis)",),
    "SGD": ("single goods declaration",),
    "SIMPLIFIED_ENTRY": ("simplified entry by courier or post",),
    "NATIONAL_DECLARATION": ("national declaration",),
}
"""The one table of words: our code to the words worked examples use for it. A code not listed stands for
itself.
"""


class CaseFileError(SeraiError):
    """A file of worked examples cannot be read."""


@dataclass(slots=True)
class CaseResult:
    """What became of one case.

    result: passed, failed or no_law. differences: figures; wording: words, listed and not counted.
    """

    id: str
    result: str
    differences: list[str] = field(default_factory=list)
    wording: list[str] = field(default_factory=list)


def read_cases(content: bytes) -> list[dict[str, Any]]:
    """Read a case file. Raises CaseFileError `case-file`."""
    try:
        data = yaml.load(content, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as fault:
        raise CaseFileError(
            "case-file",
            f"The file is not YAML: {fault}.",
            "Take the cases.yaml of a shipped pack as a template.",
        ) from fault
    if not isinstance(data, dict) or data.get("format") != "serai-regime-cases/1":
        raise CaseFileError(
            "case-file", "The file does not say `format: serai-regime-cases/1`.", "Give a case file."
        )
    return list(data["cases"])


def run_case(case: Mapping[str, Any], files: PackFiles, *, with_drafts: bool = False) -> CaseResult:
    """Assess one case under its regime and compare every figure.

    with_drafts: a regime that the case names is taken as in force though it is planned or a draft.
    """
    law = law_of_case(case, files, with_drafts=with_drafts)
    book = None if law is None else _book_of(law)
    if law is None or book is None or book.packs[case["regime"]].pack.status in NOT_LAW:
        return CaseResult(case["id"], "no_law")
    document = document_of_case(case, law.time_zone)
    columns = read_columns([document], [FILER], 0, book)
    assessed = assess(_with_context(columns.consignments, case), columns.items, columns.first_items, book)
    return compare(case, assessed, book)


def _with_context(consignments: Any, case: Mapping[str, Any]) -> Any:
    """Add what other documents and neighbours would give: nothing matched, and the allowances the case
    states.
    """
    given = case["input"]
    no = np.zeros(1, dtype=np.bool_)
    used = next((given["buyer"][name] for name in _USED_BEFORE if name in given["buyer"]), ABSENT)
    returned = given.get("return") or {}
    return consignments.with_columns(
        has_order=no,
        has_payment=no,
        has_transport_document=no,
        allowance_used=np.array([used], dtype=np.int64),
        same_day_value=np.array([_same_day_minor(case)], dtype=np.int64),
        **{
            column: np.array([returned.get(name, ABSENT)], dtype=np.int64)
            for column, name in _OF_RETURNS.items()
        },
    )


_USED_BEFORE = (
    "quota_used_minor",
    "exempt_imports_this_half_year",
    "gift_parcels_used_this_year",
    "importations_used_this_year",
    "shipments_used_this_year",
)
"""Keys under which a case states what its buyer drew before."""
_OF_RETURNS = {
    "returned_value": "customs_value_minor",
    "returned_tax": "tax_minor",
    "return_applied_days": "applied_day",
    "return_arrived_days": "arrived_day",
}
"""Words of goods that go back, and the keys under which a case states them."""


def _same_day_minor(case: Mapping[str, Any]) -> int:
    """Return the value of consignments that count together with this one, in the currency of the case."""
    given = case["input"]
    value: int = sum(given.get("aggregated_with_minor", ()))
    cents = given.get("aggregated_usd_cents", 0)
    return value + (int(cents * _minor_per_minor(case, "USD")) if cents else 0)


def _minor_per_minor(case: Mapping[str, Any], currency: str) -> Fraction:
    """Return minor units of the case's currency for one minor unit of another, at the rate the case
    states."""
    if currency == case["currency"]:
        return Fraction(1)
    rate = next(Fraction(rate["rate"]) for rate in case["input"]["rates"] if rate["currency"] == currency)
    return rate * Fraction(10) ** (PLACES[case["currency"]] - PLACES[currency])


@dataclass(frozen=True, slots=True)
class LawOfCase:
    """What is law for one case. codes: its regime, the overlays it names and the layers every case has.

    files: of these packs, and the tables without published rates, beside which the stated ones must not
    stand. time_zone: of the destination. The other fields: what the case states of tariff, rates of exchange
    and scheme numbers.
    """

    codes: list[str]
    files: PackFiles
    time_zone: str
    tariff_lines: list[TariffLine]
    exchange_rates: list[ExchangeRate]
    scheme_entries: list[SchemeEntry]


def law_of_case(case: Mapping[str, Any], files: PackFiles, *, with_drafts: bool = False) -> LawOfCase | None:
    """Return the law of a case; None when its regime has no pack.

    with_drafts: packs that are planned or a draft are given as in force. A regime that is a layer, such as
    the duty of a customs union, is given as a base law in the case's currency.
    """
    available = {path.partition("/")[0] for path in files if path.endswith("/pack.yaml")}
    if case["regime"] not in available:
        return None
    packs = {one.pack.code: one.pack for one in read_packs(files)}
    base = packs[case["regime"]]
    territory = _territory_of_case(case, files)
    places = (base.jurisdiction, territory.customs_territory_code, country_of(territory.tax_territory_code))
    codes = [base.code, *(o for o in case.get("overlays", ()) if o in packs)]
    codes += [
        code
        for code, pack in packs.items()
        if pack.jurisdiction in places and pack.layer in _LAYERS_OF_EVERY_CASE and code not in codes
    ]
    given = case["input"]
    stated = {
        path: content
        for path, content in files.items()
        if path.partition("/")[0] in (*codes, "tables") and not path.startswith("tables/exchange/")
    }
    if with_drafts:
        stated = {path: _NOT_YET_LAW.sub(b"status: in_force", text) for path, text in stated.items()}
    if base.layer != BASE_LAYER:
        path = f"{base.code}/pack.yaml"
        as_base = _LAYER.sub(b"layer: base", stated[path])
        stated[path] = _CURRENCY.sub(f"currency: {case['currency']}".encode(), as_base)
    return LawOfCase(
        codes,
        stated,
        territory.time_zone,
        _tariff_lines(given),
        _exchange_rates(case, base),
        _scheme_entries(given),
    )


_NOT_YET_LAW = re.compile(rb"^status: *(planned|draft) *$", re.MULTILINE)
_LAYER = re.compile(rb"^layer:.*$", re.MULTILINE)
_CURRENCY = re.compile(rb"^currency:.*$", re.MULTILINE)


def _territory_of_case(case: Mapping[str, Any], files: PackFiles) -> Territory:
    consignee = document_of_case(case).consignee
    day = day_number(dt.date.fromisoformat(str(case["date"])))
    territories = _territories(files[_TERRITORIES])
    found = territories.find(consignee.country_code, consignee.region_code, consignee.postcode, day)
    if found is None:
        raise CaseFileError(
            "case-file",
            f"{case['id']}: the territory of {consignee.country_code} on {case['date']} is not known.",
            f"Add the country to {_TERRITORIES}.",
        )
    return found


_TERRITORIES = "tables/territories.csv"


@lru_cache(maxsize=2)
def _territories(content: bytes) -> Territories:
    return Territories(decode_table(content, Territory, _TERRITORIES))


def book_of_case(case: Mapping[str, Any], files: PackFiles, *, with_drafts: bool = False) -> LawBook | None:
    """Return a book with the law of a case; None when its regime has no pack."""
    law = law_of_case(case, files, with_drafts=with_drafts)
    return None if law is None else _book_of(law)


def _book_of(law: LawOfCase) -> LawBook:
    return load_book(
        law.files,
        codes=law.codes,
        tariff_lines=law.tariff_lines,
        exchange_rates=law.exchange_rates,
        scheme_entries=law.scheme_entries,
    )


_MEASURES = (
    ("duty", "mfn_duty_rate_ppm"),
    ("tax", "tax_rate_ppm"),
    ("tax", "consumption_national_ppm"),
    ("simplified_duty", "simplified_duty_rate_ppm"),
    ("excise", "consumption_tax_rate_ppm"),
    ("income_tax", "income_tax_rate_ppm"),
    ("statistical_fee", "given_statistical_fee_ppm"),
)
"""Measure of the tariff, and the key under which a case states its rate."""


def _tariff_lines(given: Mapping[str, Any]) -> list[TariffLine]:
    lines = []
    for item in given["items"]:
        stated = [(measure, item[name], "") for measure, name in _MEASURES if name in item]
        if item.get("tax_kind") == "import_tax":
            # One rate instead of duty and taxes; the tax that falls otherwise stands beside it.
            stated = [row for row in stated if row[0] != "tax"]
            stated.append(("article_tax", item["tax_rate_ppm"], ""))
            stated += [("tax", item["vat_rate_ppm"], "")] if "vat_rate_ppm" in item else []
        if "duty_rate_ppm" in item:
            stated.append(("duty", item["duty_rate_ppm"], _preference_code(given, item) or ""))
            if given.get("method") == "ad_valorem" and "country_rate_ppm" not in {*item, *given}:
                stated.append(("country_duty", item["duty_rate_ppm"], ""))
        country_rate_ppm = item.get("country_rate_ppm", given.get("country_rate_ppm"))
        if country_rate_ppm is not None:
            stated.append(("country_duty", country_rate_ppm, ""))
        stated.append(("admission", 0 if "not_on_positive_list" in item["flags"] else MICRO, ""))
        lines += [
            _tariff_line(item, measure, preference, rate_ppm) for measure, rate_ppm, preference in stated
        ]
        if "duty_minor_given" in item:
            specific_micro = item["duty_minor_given"] * MICRO // item["quantity"]
            lines.append(
                _tariff_line(item, "duty", "", 0, specific_micro=specific_micro, specific_unit="piece")
            )
    return lines


def _tariff_line(
    item: Mapping[str, Any], measure: str, preference: str, rate_ppm: int, **specific: Any
) -> TariffLine:
    return TariffLine(
        measure=measure,
        commodity_prefix=item["hs"],
        origin_code=item["origin"] or "",
        preference_code=preference,
        ad_valorem_ppm=rate_ppm,
        source=_SOURCE,
        **specific,
        **_FOREVER,
    )


def _preference_code(given: Mapping[str, Any], item: Mapping[str, Any]) -> str | None:
    return "300" if given.get("preference_claim") else item.get("preference")


def _exchange_rates(case: Mapping[str, Any], base: Pack) -> list[ExchangeRate]:
    return [
        _exchange_rate(case, rate, conversion.table)
        for rate in case["input"].get("rates") or ()
        for conversion in base.conversions
        if rate.get("use") in (None, conversion.name)
    ]


def _exchange_rate(case: Mapping[str, Any], rate: Mapping[str, Any], table: str) -> ExchangeRate:
    exact = Decimal(rate["rate"])
    denominator = 10 ** max(0, -int(exact.as_tuple().exponent))
    return ExchangeRate(
        table=table,
        home=case["currency"],
        currency=rate["currency"],
        numerator=int(exact * denominator),
        denominator=denominator,
        direction="home_per_foreign",
        source=_SOURCE,
        **_FOREVER,
    )


def _scheme_entries(given: Mapping[str, Any]) -> list[SchemeEntry]:
    scheme = given.get("scheme")
    if not scheme or scheme["status"] != "valid":
        return []
    return [SchemeEntry(kind=scheme["kind"], number=scheme.get("number") or _NUMBER_NOT_STATED, **_FOREVER)]


_NUMBER_NOT_STATED = "00000000000000"


def _scheme_number(scheme: Mapping[str, Any]) -> str | None:
    """Return the number; where a case says only that the seller is registered, one that nobody has.

    Where the scheme's data did not travel with the goods, no message bears a number.
    """
    if not scheme.get("info_passed", True):
        return None
    return scheme.get("number") or (_NUMBER_NOT_STATED if scheme.get("status") == "valid" else None)


def document_of_case(case: Mapping[str, Any], time_zone: str = "UTC") -> Consignment:
    """Write the case as the message a filer would send, at noon of its day in a time zone."""
    given = _with_one_currency(case)
    transport, buyer, sale = given.get("transport") or {}, given["buyer"], given["sale"]
    scheme = given.get("scheme") or {}
    currency = given["charges_currency"]
    noon = _noon(case["date"], time_zone)
    purchase = _noon(sale.get("purchase_date") or case["date"], time_zone)
    destination = given["destination"]
    consignee = Person(
        name="Invented Recipient",
        country_code=destination,
        postcode=_POSTCODES.get(destination, "1000"),
        region_code=f"{destination}-{buyer['region']}" if buyer.get("region") else None,
        tax_number=buyer.get("vat_number"),
        identity_number=buyer.get("identity"),
    )
    return Consignment(
        reference=case["id"],
        goods_items=_goods_items(case, given, currency),
        consignor=Person(
            name="Invented Sender",
            country_code=transport.get("from")
            or next((item["origin"] for item in given["items"]), None)
            or "CN",
        ),
        consignee=consignee,
        channel_code=transport.get("operator") or "express",
        sale_nature_code=_sale_nature_code(given),
        transport_mode_code={"air": "4", "sea": "1", "road": "3", "post": "5"}.get(
            transport.get("mode", "air"), "4"
        ),
        dispatch_country_code=transport.get("from"),
        is_platform_sale=bool(sale.get("platform_sale")),
        is_duty_charged_to_buyer=bool(sale.get("duty_charged_to_buyer")),
        is_preference_claimed=bool(given.get("preference_claim")),
        scheme_kind_code=scheme.get("kind"),
        scheme_number=_scheme_number(scheme),
        freight_amount=_amount(given, "freight_minor", currency),
        insurance_amount=_amount(given, "insurance_minor", currency),
        discount_amount=_amount(given, "discount_minor", currency),
        charges_currency_code=currency,
        purchased_at=purchase,
        paid_at=purchase,
        accepted_at=noon,
        procedure=_procedure(given, sale),
        detail=_detail(case, given, sale, currency),
        amends_version=None,
    )


def _noon(day: Any, time_zone: str) -> str:
    date = dt.date.fromisoformat(str(day))
    return dt.datetime.combine(date, dt.time(12), ZoneInfo(time_zone)).isoformat()


def _with_one_currency(case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the consignment's charges in the case's currency where an excise is given in that, which could
    not stand beside them exactly.
    """
    given: Mapping[str, Any] = case["input"]
    has_excise = any(item.get(name) for item in given["items"] for name in _EXCISES)
    if not has_excise or given["charges_currency"] == case["currency"]:
        return given
    factor = _minor_per_minor(case, given["charges_currency"])
    charges = {
        name: math.floor(given[name] * factor + Fraction(1, 2))
        for name in ("freight_minor", "insurance_minor", "discount_minor")
        if name in given
    }
    return {**given, **charges, "charges_currency": case["currency"]}


_ADDITIONAL_CODES = {
    ("elects_general_tariff", True): "GENERAL-TARIFF",
    ("method", "specific"): "SPECIFIC-DUTY",
}
"""What a case says the declarant asks for, and the code that its message bears for it."""


def _procedure(given: Mapping[str, Any], sale: Mapping[str, Any]) -> Procedure | None:
    codes = [code for (name, value), code in _ADDITIONAL_CODES.items() if given.get(name) == value]
    if not codes and not sale.get("procedure"):
        return None
    return Procedure(requested_procedure_code=sale.get("procedure") or "40", additional_procedure_codes=codes)


def _detail(
    case: Mapping[str, Any], given: Mapping[str, Any], sale: Mapping[str, Any], currency: str
) -> ConsignmentDetail | None:
    """Return terms of the sale and charges of the import; a seller that charges the delivery sold it."""
    terms = "DAP" if sale.get("delivery_in_supply") else None
    charges = given.get("import_charges_minor")
    if terms is None and charges is None:
        return None
    return ConsignmentDetail(
        trade_terms_code=terms,
        charges=[]
        if charges is None
        else [ValuationCharge(IMPORT_CHARGE, _in_currency(case, charges, currency), currency)],
    )


def _sale_nature_code(given: Mapping[str, Any]) -> str:
    if "return" in given:
        return "return"
    is_gift = given.get("gift") or "gift_parcels_used_this_year" in given["buyer"]
    if is_gift or (given["items"] and all("gift" in item["flags"] for item in given["items"])):
        return "gift"
    if given["sale"].get("e_commerce_purchase") is False:
        return "C2C"
    return "B2B" if given["buyer"]["type"] == "business" else "B2C"


def _amount(given: Mapping[str, Any], name: str, currency: str) -> str | None:
    return format_minor(given[name], currency) if name in given else None


def _goods_items(case: Mapping[str, Any], given: Mapping[str, Any], currency: str) -> list[GoodsItem]:
    is_merged = given.get("declared_lines") == "merged by declarant"
    lines: dict[tuple[str, str], int] = {}
    other_excise = given.get("other_charges_minor", 0)
    items: list[GoodsItem] = []
    for item in given["items"] or [_returned_item(case)]:
        excise = sum(item.get(name, 0) for name in _EXCISES) + (other_excise if not items else 0)
        line = lines.setdefault((item["hs"], item["description"]), item["sequence"]) if is_merged else None
        items.append(
            GoodsItem(
                sequence_number=item["sequence"],
                commodity_code=item["hs"],
                description=item["description"],
                quantity=str(item["quantity"]),
                invoice_amount=format_minor(item["quantity"] * item["unit_price_minor"], item["currency"]),
                invoice_currency_code=item["currency"],
                origin_country_code=item["origin"] or "CN",
                gross_mass_kg=f"{item.get('weight_g', 100) / 1000:.3f}",
                declaration_line_number=line,
                preference_code=_preference_code(given, item),
                excise_amount=_in_currency(case, excise, currency) if excise else None,
                merchant_product_id=f"M-{item['sequence']}",
            )
        )
    return items


def _returned_item(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the goods of a case that go back, of which it states the value alone."""
    return {
        "sequence": 1,
        "hs": "999999",
        "description": "goods that go back",
        "quantity": 1,
        "unit_price_minor": case["input"]["return"]["customs_value_minor"],
        "currency": case["currency"],
        "origin": None,
        "flags": [],
    }


_EXCISES = ("excise_minor", "liquor_tax_minor", "education_tax_minor")


def _in_currency(case: Mapping[str, Any], amount_minor: int, currency: str) -> str:
    """Write an amount, which a case states in its own currency, in the currency of the charges."""
    return format_minor(round(amount_minor / _minor_per_minor(case, currency)), currency)


# ---- comparison ----


def compare(case: Mapping[str, Any], assessed: Assessment, book: LawBook) -> CaseResult:
    """Hold every figure of a case against an assessment of one consignment."""
    expect = case["expect"]
    number = int(assessed.consignments.numbers("law_number")[0])
    if number < 0:
        return CaseResult(case["id"], "failed", ["no law was found for the day and place"])
    program = book.programs[number]
    result = CaseResult(case["id"], "passed")
    totals = total_figures(assessed, program.currency)
    _compare_figures("totals", expect["totals"], totals, result)
    for place, wanted in enumerate(expect["items"]):
        figures = item_figures(assessed, place)
        _compare_figures(f"item {wanted['sequence']}", wanted, figures, result)
        relief = assessed.items.words("relief_code").texts()[place]
        if "relief" in wanted and wanted["relief"] not in _words_for(relief):
            result.wording.append(
                f"item {wanted['sequence']} relief: {wanted['relief']} in the case, {relief} here"
            )
    _compare_figures("case", {name: expect[name] for name in _OF_THE_LAW if name in expect}, totals, result)
    _compare_words(expect, assessed, result)
    if result.differences:
        result.result = "failed"
    return result


def _compare_figures(
    place: str, wanted: Mapping[str, Any], figures: Mapping[str, int], result: CaseResult
) -> None:
    for name, value in wanted.items():
        if name.endswith("_minor") and figures.get(name, 0) != value:
            result.differences.append(f"{place} {name}: {value} in the case, {figures.get(name, 0)} here")


def _compare_words(expect: Mapping[str, Any], assessed: Assessment, result: CaseResult) -> None:
    form = assessed.consignments.words("declaration_form_code").texts()[0]
    if "declaration" in expect and expect["declaration"] not in _words_for(form):
        result.wording.append(f"declaration: {expect['declaration']} in the case, {form} here")
    for kind in ("duty", "tax", "fee"):
        wanted = (expect.get("liable") or {}).get(kind)
        found = liable_for(assessed, kind)
        if wanted is not None and not any(wanted in _words_for(code) for code in found):
            result.wording.append(f"liable for {kind}: {wanted} in the case, {', '.join(found)} here")


def _words_for(code: str | None) -> tuple[str, ...]:
    return WORDS.get(code or "none", (code or "none",))


def liable_for(assessed: Assessment, kind: str) -> Sequence[str]:
    """Return who owes charges of a kind that are more than nothing; `none` when there are none."""
    charges = assessed.charges
    kinds, liable = charges.words("kind_code").texts(), charges.words("liable_code").texts()
    owed = ((charges.numbers("amount_minor") != 0) & ~charges.flags("is_waived")).tolist()
    found = dict.fromkeys(
        who or "none" for k, who, is_owed in zip(kinds, liable, owed, strict=True) if k == kind and is_owed
    )
    if not found and kind == "duty":
        # Worked examples count excise among the duties when they say who owes them.
        return liable_for(assessed, "excise")
    return tuple(found) or ("none",)


def total_figures(assessed: Assessment, currency: str) -> dict[str, int]:
    """Return the totals of a single consignment under the names worked examples use."""
    sums = {name: int(column[0]) for name, column in sum_charges(assessed.charges, [currency], 1).items()}
    sums["due_on_buyer_return_minor"] = sums.pop("due_at_buyer_return_minor")
    # What goes back keeps its value on the item and is none in sum: nothing comes in.
    is_return = assessed.consignments.words("sale_nature_code").texts()[0] == "return"
    customs_values = assessed.items.numbers("customs_value_minor")
    sums["customs_value_minor"] = 0 if is_return else int(customs_values.sum())
    for figure, names in _OF_THE_LAW.items():
        sums[figure] = _value_of_law(assessed, names)
    for kind, due, code, amount, is_waived in _charge_rows(assessed):
        if is_waived:
            sums["waived_minor"] = sums.get("waived_minor", 0) + amount
        elif code != currency:
            sums[f"overlay_fee_{code}_minor"] = sums.get(f"overlay_fee_{code}_minor", 0) + amount
        elif kind == "claim":
            sums["refund_from_seller_minor"] = sums.get("refund_from_seller_minor", 0) + amount
        elif kind == "tax" and due == "border":
            sums["border_tax_minor"] = sums.get("border_tax_minor", 0) + amount
    return sums


_OF_THE_LAW = {
    "threshold_value_minor": ("threshold_value", "intrinsic_value"),
    "quota_used_after_minor": ("allowance_used_after",),
    "tax_restored_minor": ("tax_restored",),
}
"""Figures that are a definition of the law: the first name it has. `threshold_value` is in the limit's
currency.
"""


def _value_of_law(assessed: Assessment, names: Sequence[str]) -> int:
    run = assessed.runs[0].run
    value = next((run.read(name) for name in names if name in run.program.definition_of), None)
    return 0 if value is None or not value.known_flags()[0] else int(value.data[0])


def _charge_rows(assessed: Assessment) -> list[tuple[str | None, str | None, str | None, int, bool]]:
    charges = assessed.charges
    return list(
        zip(
            charges.words("kind_code").texts(),
            charges.words("due_code").texts(),
            charges.words("currency_code").texts(),
            charges.numbers("amount_minor").tolist(),
            charges.flags("is_waived").tolist(),
            strict=True,
        )
    )


def item_figures(assessed: Assessment, place: int) -> dict[str, int]:
    """Return the figures of one goods item under the names worked examples use."""
    charges = assessed.charges
    here: Int64s = charges.numbers("item") == place
    kinds = charges.words("kind_code").texts()
    here &= ~charges.flags("is_waived")
    amounts, bases = charges.numbers("amount_minor").tolist(), charges.numbers("base_minor").tolist()
    customs_value = int(assessed.items.numbers("customs_value_minor")[place])
    figures = {"customs_value_minor": customs_value, "tax_base_minor": _untaxed_base(assessed, place)}
    for row in here.nonzero()[0].tolist():
        kind = kinds[row]
        if kind == "claim":
            continue
        figures[f"{kind}_minor"] = figures.get(f"{kind}_minor", 0) + amounts[row]
        if kind == "tax":
            figures["tax_base_minor"] = bases[row]
    return figures


def _untaxed_base(assessed: Assessment, place: int) -> int:
    """Return the base of the tax on an item that owes none: as the law defines it, else the customs value;
    nothing where the law has no tax.
    """
    run = assessed.runs[0].run
    if "tax_base" in run.program.definition_of:
        base = run.read("tax_base")
        return int(base.numbers[place]) if base.known_flags()[place] else 0
    if not any(one.charge.kind == "tax" for one in run.program.charges):
        return 0
    return int(assessed.items.numbers("customs_value_minor")[place])


def report(results: Sequence[CaseResult]) -> dict[str, Any]:
    """Return counts and results, as `serai law test --output json` prints them."""
    counts = {
        name: sum(result.result == name for result in results) for name in ("passed", "failed", "no_law")
    }
    return {**counts, "cases": [msgspec.to_builtins(result) for result in results]}
