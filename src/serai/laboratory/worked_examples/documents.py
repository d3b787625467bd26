"""A worked example as the message a declarant would send."""

import datetime as dt
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from serai.journey.validation.columns import IMPORT_CHARGE
from serai.laboratory.worked_examples.case_file import Case, minor_per_minor
from serai.model.documents import (
    VENDOR,
    AdditionalDocument,
    AdditionalFiscalReference,
    Consignment,
    ConsignmentDetail,
    GoodsItem,
    Person,
    Procedure,
    ReturnedGoods,
    ValuationCharge,
)
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
NUMBER_NOT_STATED = "00000000000000"


def document_of_case(case: Case, time_zone: str = "UTC") -> Consignment:
    """Write the case as the message a declarant would send, at noon of its day in a time zone.

    Each case has a buyer of its own: what one drew on an allowance is nothing to another.
    """
    given = _with_one_currency(case)
    transport, buyer, sale = given.get("transport") or {}, given["buyer"], given["sale"]
    scheme = given.get("scheme") or {}
    currency = given["charges_currency"]
    noon = _noon(case["date"], time_zone)
    purchase = _noon(sale.get("purchase_date") or case["date"], time_zone)
    destination = given["destination"]
    consignee = Person(
        name=f"Invented Recipient {case['id']}",
        country_code=destination,
        postcode=buyer.get("postcode") or _POSTCODES.get(destination, "1000"),
        region_code=f"{destination}-{buyer['region']}" if buyer.get("region") else None,
        tax_number=buyer.get("vat_number"),
        identity_number=f"{buyer['identity']}-{case['id']}" if buyer.get("identity") else None,
    )
    return Consignment(
        reference=case["id"],
        goods_items=_goods_items(case, given, currency),
        consignor=Person(
            name="Invented Sender",
            country_code=transport.get("from")
            or next((origin_of(item) for item in given["items"]), None)
            or "CN",
        ),
        consignee=consignee,
        logistics_channel_code=transport.get("operator") or "express",
        sale_nature_code=_sale_nature_code(given),
        transport_mode_code={"air": "4", "sea": "1", "road": "3", "post": "5"}.get(
            transport.get("mode", "air"), "4"
        ),
        dispatch_country_code=transport.get("from"),
        is_platform_sale=bool(sale.get("platform_sale")),
        is_duty_charged_to_buyer=bool(sale.get("duty_charged_to_buyer")),
        is_preference_claimed=bool(given.get("preference_claim")),
        scheme_kind_code=scheme.get("kind"),
        additional_fiscal_references=_fiscal_references(scheme),
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


def _fiscal_references(scheme: Mapping[str, Any]) -> list[AdditionalFiscalReference]:
    """Return the vendor's number; where a case says only that the seller is registered, one that nobody has.

    Where the scheme's data did not travel with the goods, no message bears a number.
    """
    number = scheme.get("number") or (NUMBER_NOT_STATED if scheme.get("status") == "valid" else None)
    if not number or not scheme.get("info_passed", True):
        return []
    return [AdditionalFiscalReference(VENDOR, number)]


def _noon(day: Any, time_zone: str) -> str:
    date = dt.date.fromisoformat(str(day))
    return dt.datetime.combine(date, dt.time(12), ZoneInfo(time_zone)).isoformat()


def _with_one_currency(case: Case) -> Mapping[str, Any]:
    """Write the consignment's charges in the case's currency where an excise is given in that, which could
    not stand beside them exactly.
    """
    given: Mapping[str, Any] = case["input"]
    has_excise = any(item.get(name) for item in given["items"] for name in _EXCISES)
    if not has_excise or given["charges_currency"] == case["currency"]:
        return given
    factor = minor_per_minor(case, given["charges_currency"])
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
    codes += sale.get("additional_procedure_codes", ())
    if not codes and not sale.get("procedure"):
        return None
    return Procedure(requested_procedure_code=sale.get("procedure") or "40", additional_procedure_codes=codes)


def _detail(
    case: Case, given: Mapping[str, Any], sale: Mapping[str, Any], currency: str
) -> ConsignmentDetail | None:
    """Return terms of the sale, charges of the import, and what is said of goods that come back; a seller
    that charges the delivery sold it."""
    terms = "DAP" if sale.get("delivery_in_supply") else sale.get("trade_terms")
    charges = given.get("import_charges_minor")
    returned = given.get("returned_goods")
    if terms is None and charges is None and returned is None:
        return None
    return ConsignmentDetail(
        trade_terms_code=terms,
        returned_goods=None
        if returned is None
        else ReturnedGoods(
            export_reference=returned.get("export_reference"),
            exported_on=returned.get("exported_on"),
            state_code=returned.get("state"),
            importer_code=returned.get("importer"),
            export_relief_code=returned.get("export_relief"),
        ),
        charges=[]
        if charges is None
        else [ValuationCharge(IMPORT_CHARGE, _in_currency(case, charges, currency), currency)],
    )


def _sale_nature_code(given: Mapping[str, Any]) -> str:
    if "nature" in given["sale"]:
        return str(given["sale"]["nature"])
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


def preference_code(given: Mapping[str, Any], item: Mapping[str, Any]) -> str | None:
    """Return the preference that a case claims for an item."""
    return "300" if given.get("preference_claim") else item.get("preference")


def commodity_code_of(item: Mapping[str, Any]) -> str:
    """Return the code a message bears for an item.

    A case whose goods have none gives them one of chapter 00, which nothing is declared under; a country's
    own chapter 98 takes its place.
    """
    code: str = item["hs"]
    return f"98{code[2:]}" if code.startswith("00") else code


def origin_of(item: Mapping[str, Any]) -> str | None:
    """Return the country a message names as origin of an item.

    A case that means any country says XX, which ISO 3166 gives to none; one that sends nothing takes its
    place.
    """
    origin: str | None = item["origin"]
    return "AQ" if origin == "XX" else origin


def _goods_items(case: Case, given: Mapping[str, Any], currency: str) -> list[GoodsItem]:
    declared = given.get("declared_lines")
    lines: dict[tuple[str, str], int] = {}
    other_excise = given.get("other_charges_minor", 0)
    items: list[GoodsItem] = []
    for item in given["items"] or [_returned_item(case)]:
        excise = sum(item.get(name, 0) for name in _EXCISES) + (other_excise if not items else 0)
        is_stated = any(name in item for name in _EXCISES)
        line = item["sequence"] if declared == "kept apart by declarant" else None
        if declared == "merged by declarant":
            line = lines.setdefault((item["hs"], item["description"]), item["sequence"])
        items.append(
            GoodsItem(
                sequence_number=item["sequence"],
                commodity_code=commodity_code_of(item),
                description=item["description"],
                quantity=str(item["quantity"]),
                quantity_unit_code=item.get("quantity_unit_code", "C62"),
                invoice_amount=format_minor(_line_minor(item), item["currency"]),
                invoice_currency_code=item["currency"],
                origin_country_code=origin_of(item) or "CN",
                gross_mass_kg=f"{item.get('weight_g', 100) / 1000:.3f}",
                declaration_line_number=line,
                preference_code=preference_code(given, item),
                excise_amount=_in_currency(case, excise, currency) if excise or is_stated else None,
                supplementary_quantity=_content(item),
                supplementary_unit_code=_CONTENT_UNITS.get(item.get("net_content", {}).get("unit")),
                merchant_product_id=None if "no_product_id" in item["flags"] else f"M-{item['sequence']}",
                additional_documents=[AdditionalDocument(code) for code in item.get("documents", ())],
            )
        )
    return items


def _line_minor(item: Mapping[str, Any]) -> int:
    """Return the price of a line; a quantity that is no whole number (1.5 kg) stands as a text."""
    return int(Fraction(item["quantity"]) * item["unit_price_minor"])


_CONTENT_UNITS = {"g": "GRM", "ml": "MLT", "l": "LTR"}


def _content(item: Mapping[str, Any]) -> str | None:
    """Return what all pieces of a line hold; a case states that of one."""
    content = item.get("net_content")
    return None if content is None else str(content["amount"] * item["quantity"])


def _returned_item(case: Case) -> dict[str, Any]:
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


def _in_currency(case: Case, amount_minor: int, currency: str) -> str:
    """Write an amount, which a case states in its own currency, in the currency of the charges."""
    return format_minor(round(amount_minor / minor_per_minor(case, currency)), currency)
