"""Worked examples (`serai-regime-cases/1`) into documents and lists, and their figures beside what the law gives.

A case states rates, duty and the standing of scheme numbers as facts. Here they become what they are in life: tariff lines, exchange rates and
register entries. The calculation is the public one.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import yaml

from serai.journey.advise.columns import read_columns
from serai.journey.assess.rules import Assessment, assess, sum_charges
from serai.law.book import LawBook
from serai.law.exchange import ExchangeRate
from serai.law.library import PackFiles, load_book, read_packs
from serai.law.pack import Pack
from serai.law.registration import SchemeEntry
from serai.law.tariff import TariffLine
from serai.model.columns import Int64s
from serai.model.documents import Consignment, GoodsItem, Person
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT
from serai.model.money import format_minor

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
_FOREVER = {"valid_from": dt.date(2000, 1, 1), "valid_to": None}
_SOURCE = "stated by the worked example"

WORDS: dict[str, tuple[str, ...]] = {
    "none": ("none",),
    "seller": ("seller", "vendor", "supplier"),
    "vendor": ("vendor", "seller"),
    "platform": ("platform", "marketplace"),
    "marketplace": ("marketplace", "platform"),
    "scheme_holder": ("IOSS holder (declarant)",),
    "post": ("declarant (post)",),
    "carrier": ("declarant (carrier)",),
    "recipient": ("recipient",),
    "importer": ("importer",),
    "business_buyer": ("business buyer",),
    "import_vat_debtor": ("import VAT debtor",),
    "SAC": ("self-assessed clearance (SAC)",),
    "N10": ("full import declaration (N10)",),
}
"""The one table of words: our code to the words worked examples use for it. A code not listed stands for itself."""


class CaseFileError(SeraiError):
    """A file of worked examples cannot be read."""


@dataclass(slots=True)
class CaseResult:
    """What became of one case. result: passed, failed or no_law. differences: figures; wording: words, listed and not counted."""

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
            "case-file", f"The file is not YAML: {fault}.", "See ../shared/regimes/README.md for the format."
        ) from fault
    if not isinstance(data, dict) or data.get("format") != "serai-regime-cases/1":
        raise CaseFileError(
            "case-file", "The file does not say `format: serai-regime-cases/1`.", "Give a case file."
        )
    return list(data["cases"])


def run_case(case: Mapping[str, Any], files: PackFiles) -> CaseResult:
    """Assess one case under its regime and compare every figure."""
    book = book_of_case(case, files)
    if book is None:
        return CaseResult(case["id"], "no_law")
    document = document_of_case(case)
    columns = read_columns([document], [FILER], 0, book)
    assessed = assess(_stand_alone(columns.consignments), columns.items, columns.first_items, book)
    return compare(case, assessed, book)


FILER = "worked-example"


def _stand_alone(consignments: Any) -> Any:
    """A worked example has no neighbours: nothing was matched, and no allowance was read."""
    count = consignments.row_count
    no = np.zeros(count, dtype=np.bool_)
    return consignments.with_columns(has_order=no, has_payment=no, has_transport_document=no)


def book_of_case(case: Mapping[str, Any], files: PackFiles) -> LawBook | None:
    """Return a book with the case's regime, the overlays it names and the layers every case has; None when the regime has no pack."""
    available = {path.partition("/")[0] for path in files if path.endswith("/pack.yaml")}
    if case["regime"] not in available:
        return None
    packs = {one.pack.code: one.pack for one in read_packs(files)}
    base = packs[case["regime"]]
    codes = [base.code, *(o for o in case.get("overlays", ()) if o in packs)]
    codes += [
        code
        for code, pack in packs.items()
        if pack.jurisdiction == base.jurisdiction and pack.layer == "tax_rates"
    ]
    given = case["input"]
    return load_book(
        files,
        codes=codes,
        tariff_lines=_tariff_lines(given),
        exchange_rates=_exchange_rates(case, base),
        scheme_entries=_scheme_entries(given),
    )


def _tariff_lines(given: Mapping[str, Any]) -> list[TariffLine]:
    preference = "300" if given.get("preference_claim") else ""
    lines = []
    for item in given["items"]:
        for measure, name, code in (("duty", "duty_rate_ppm", preference), ("tax", "tax_rate_ppm", "")):
            if name in item:
                lines.append(
                    TariffLine(
                        measure=measure,
                        commodity_prefix=item["hs"],
                        origin_code=item["origin"] or "",
                        preference_code=code,
                        ad_valorem_ppm=item[name],
                        source=_SOURCE,
                        **_FOREVER,
                    )
                )
    return lines


def _exchange_rates(case: Mapping[str, Any], base: Pack) -> list[ExchangeRate]:
    rates = []
    for rate in case["input"].get("rates") or ():
        exact = Decimal(rate["rate"])
        denominator = 10 ** max(0, -int(exact.as_tuple().exponent))
        for conversion in base.conversions:
            if rate.get("use") in (None, conversion.name):
                rates.append(
                    ExchangeRate(
                        table=conversion.table,
                        home=case["currency"],
                        currency=rate["currency"],
                        numerator=int(exact * denominator),
                        denominator=denominator,
                        direction="home_per_foreign",
                        source=_SOURCE,
                        **_FOREVER,
                    )
                )
    return rates


def _scheme_entries(given: Mapping[str, Any]) -> list[SchemeEntry]:
    scheme = given.get("scheme")
    if not scheme or scheme["status"] != "valid":
        return []
    return [SchemeEntry(kind=scheme["kind"], number=scheme["number"], **_FOREVER)]


def document_of_case(case: Mapping[str, Any]) -> Consignment:
    """Write the case as the message a filer would send."""
    given = case["input"]
    transport, buyer, sale = given.get("transport") or {}, given["buyer"], given["sale"]
    scheme = given.get("scheme") or {}
    currency = given["charges_currency"]
    noon = f"{case['date']}T12:00:00+00:00"
    purchase = f"{sale['purchase_date']}T12:00:00+00:00" if sale.get("purchase_date") else noon
    destination = given["destination"]
    consignee = Person(
        name="Invented Recipient",
        country_code=destination,
        postcode=_POSTCODES.get(destination, "1000"),
        region_code=buyer.get("region"),
        tax_number=buyer.get("vat_number"),
        identity_number=buyer.get("identity"),
    )
    return Consignment(
        reference=case["id"],
        goods_items=_goods_items(given, currency),
        consignor=Person(
            name="Invented Sender", country_code=transport.get("from") or given["items"][0]["origin"] or "CN"
        ),
        consignee=consignee,
        channel_code=transport.get("operator") or "express",
        sale_nature_code="gift" if given.get("gift") else "B2B" if buyer["type"] == "business" else "B2C",
        transport_mode_code={"air": "4", "sea": "1", "road": "3"}.get(transport.get("mode", "air"), "4"),
        dispatch_country_code=transport.get("from"),
        is_platform_sale=bool(sale.get("platform_sale")),
        is_duty_charged_to_buyer=bool(sale.get("duty_charged_to_buyer")),
        is_preference_claimed=bool(given.get("preference_claim")),
        scheme_kind_code=scheme.get("kind"),
        scheme_number=scheme.get("number"),
        freight_amount=_amount(given, "freight_minor", currency),
        insurance_amount=_amount(given, "insurance_minor", currency),
        discount_amount=_amount(given, "discount_minor", currency),
        charges_currency_code=currency,
        purchased_at=purchase,
        paid_at=purchase,
        accepted_at=noon,
        amends_version=None,
    )


def _amount(given: Mapping[str, Any], name: str, currency: str) -> str | None:
    return format_minor(given[name], currency) if name in given else None


def _goods_items(given: Mapping[str, Any], currency: str) -> list[GoodsItem]:
    is_merged = given.get("declared_lines") == "merged by declarant"
    lines: dict[tuple[str, str], int] = {}
    other_excise = given.get("other_charges_minor", 0)
    items = []
    for item in given["items"]:
        excise = item.get("excise_minor", 0) + (other_excise if not items else 0)
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
                preference_code="300" if given.get("preference_claim") else None,
                excise_amount=format_minor(excise, currency) if excise else None,
                merchant_product_id=f"M-{item['sequence']}",
            )
        )
    return items


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
    if "threshold_value_minor" in expect:
        _compare_figures("case", {"threshold_value_minor": expect["threshold_value_minor"]}, totals, result)
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
    amounts = charges.numbers("amount_minor").tolist()
    found = dict.fromkeys(
        who or "none" for k, who, amount in zip(kinds, liable, amounts, strict=True) if k == kind and amount
    )
    return tuple(found) or ("none",)


def total_figures(assessed: Assessment, currency: str) -> dict[str, int]:
    """Return the totals of a single consignment under the names worked examples use."""
    sums = {name: int(column[0]) for name, column in sum_charges(assessed.charges, [currency], 1).items()}
    sums["due_on_buyer_return_minor"] = sums.pop("due_at_buyer_return_minor")
    sums["customs_value_minor"] = int(assessed.items.numbers("customs_value_minor").sum())
    threshold = int(assessed.consignments.numbers("threshold_value_minor")[0])
    sums["threshold_value_minor"] = 0 if threshold == ABSENT else threshold
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
    amounts, bases = charges.numbers("amount_minor").tolist(), charges.numbers("base_minor").tolist()
    customs_value = int(assessed.items.numbers("customs_value_minor")[place])
    figures = {"customs_value_minor": customs_value, "tax_base_minor": customs_value}
    for row in here.nonzero()[0].tolist():
        kind = kinds[row]
        if kind == "claim":
            continue
        figures[f"{kind}_minor"] = figures.get(f"{kind}_minor", 0) + amounts[row]
        if kind == "tax":
            figures["tax_base_minor"] = bases[row]
    return figures


def report(results: Sequence[CaseResult]) -> dict[str, Any]:
    """Return counts and results, as `serai law test --output json` prints them."""
    counts = {
        name: sum(result.result == name for result in results) for name in ("passed", "failed", "no_law")
    }
    return {**counts, "cases": [msgspec.to_builtins(result) for result in results]}
