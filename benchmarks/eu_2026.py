"""The packs EU-2026 and EU-VAT written by acting_user: what one would program instead of keeping law as data.

Pydantic models read a consignment's line, whole and with its codes checked, plain Python decides it. The
content is that of the packs: values, shares, reliefs, charges with who owes them and where, reasons,
requirements, exclusions. Rates of exchange, tariff, register and code lists are handed in as tables, the same
that Serai gets. Left out, to the program's advantage: dated versions, findings that say what is missing,
screening, what only words tell, rules of flows, quality, addresses in special territories; what it cannot
price it answers with None.
"""
# mypy: ignore-errors

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from serai.model.code_lists import COUNTRY_CODES
from serai.model.money import PLACES

MICRO, PPM = 1_000_000, 1_000_000
LOW_VALUE, GIFT, GIFT_FLAT = 15_000, 4_500, 70_000
GIFT_RATE_PPM, FLAT_DUTY = 25_000, 300
PRODUCT_IDS_FROM = dt.date(2026, 11, 1)
EXCISE = ("2203", "2204", "2205", "2206", "2207", "2208", "2402", "2403", "2404")
PERFUME = ("3303",)
EXCLUDED = {
    "eu-firearms": (("9301", "9302", "9303", "9304", "9305", "9306"), {"911"}),
    "eu-cites": (("0507", "411330", "960110"), {"C400", "Y900"}),
    "eu-live-plants": (("0601", "0602"), {"N851", "C085"}),
    "eu-seeds": (("1209",), {"N851", "C085"}),
    "eu-swords": (("9307",), {"911", "WEAPON-EXEMPTION"}),
    "eu-medicines": (("3003", "3004"), {"PRESCRIPTION", "911"}),
    "eu-meat-and-milk": (
        ("02", "0401", "0402", "0403", "0404", "0405", "0406", "1601", "1602"),
        {"N853"},
    ),
}
VAT_PPM = {
    "AT": 200_000,
    "BE": 210_000,
    "DE": 190_000,
    "ES": 210_000,
    "FR": 200_000,
    "IE": 230_000,
    "IT": 220_000,
    "NL": 210_000,
    "PL": 230_000,
    "SE": 250_000,
}
ZONES = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "IE": "Europe/Dublin",
    "IT": "Europe/Rome",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "SE": "Europe/Stockholm",
}
SCHEME_NUMBER = re.compile(r"IM[0-9]{10}")
Text = Annotated[str, Field(min_length=1, max_length=512)]
Code = Annotated[str, Field(min_length=1, max_length=35)]
Reference = Annotated[str, Field(min_length=1, max_length=70)]
Amount = Annotated[Decimal, Field(ge=0)]


def known(code: str) -> str:
    """Refuse what is no country."""
    if code not in COUNTRY_CODES:
        raise ValueError("country")
    return code


Country = Annotated[str, AfterValidator(known)]
Currency = Literal[tuple(sorted(PLACES))]


class Model(BaseModel):
    """A field nobody knows is a fault."""

    model_config = ConfigDict(extra="forbid")


class Document(Model):
    """A licence or certificate."""

    type_code: Code
    reference: Text | None = None


class Person(Model):
    """Who has a role."""

    name: Text | None = None
    country_code: Country
    street: Text | None = None
    city: Text | None = None
    postcode: Code | None = None
    region_code: Code | None = None
    phone: Code | None = None
    email: Text | None = None
    identity_number: Code | None = None
    tax_number: Code | None = None


class Item(Model):
    """One line."""

    sequence_number: Annotated[int, Field(ge=1, le=9_999)]
    commodity_code: Annotated[str, Field(pattern=r"^[0-9]{6,10}$")]
    description: Text
    quantity: Amount
    quantity_unit_code: Code = "C62"
    invoice_amount: Amount
    invoice_currency_code: Currency
    origin_country_code: Country
    gross_mass_kg: Amount
    net_mass_kg: Amount | None = None
    declaration_line_number: int | None = None
    preference_code: Code | None = None
    merchant_product_id: Text | None = None
    excise_amount: Amount | None = None
    additional_documents: list[Document] = []


class FiscalReference(Model):
    """A tax number with the role of who holds it."""

    role: Literal["FR1", "FR2", "FR3", "FR4", "FR5", "FR7"]
    identification_number: Code


class Consignment(Model):
    """One declaration."""

    reference: Reference
    goods_items: Annotated[list[Item], Field(min_length=1, max_length=999)]
    consignor: Person
    consignee: Person
    logistics_channel_code: Literal["post", "express", "cargo", "bonded", "personal"]
    sale_nature_code: Literal["B2C", "B2B", "C2C", "gift", "own-goods", "return", "not-stated"] = "not-stated"
    ucr: Reference | None = None
    transport_mode_code: Code | None = None
    house_document: Reference | None = None
    master_document: Reference | None = None
    receptacle_id: Reference | None = None
    conveyance_reference: Reference | None = None
    dispatch_country_code: Country | None = None
    platform_id: Reference | None = None
    seller_id: Reference | None = None
    order_references: list[Reference] = []
    is_platform_sale: bool = False
    is_duty_charged_to_buyer: bool = False
    is_preference_claimed: bool = False
    scheme_kind_code: Code | None = None
    additional_fiscal_references: list[FiscalReference] = []
    freight_amount: Amount | None = None
    insurance_amount: Amount | None = None
    discount_amount: Amount | None = None
    charges_currency_code: Currency | None = None
    purchased_at: dt.datetime | None = None
    paid_at: dt.datetime | None = None
    exported_at: dt.datetime | None = None
    accepted_at: dt.datetime
    expected_arrival_at: dt.datetime | None = None
    buyer: Person | None = None
    additional_documents: list[Document] = []


class Tables(NamedTuple):
    """What is looked up. duty_ppm: by prefix. factors: minor units of EUR for one of a currency, as
    fractions, by (table, currency). register: first and last day (exclusive) of a scheme number's validity.
    """

    duty_ppm: dict[str, int]
    factors: dict[tuple[str, str], tuple[int, int]]
    register: dict[str, tuple[dt.date, dt.date | None]]


class Answer(NamedTuple):
    """What the law says of a goods item; amounts in euro cents."""

    relief: str
    duty: int
    vat: int
    vat_due: str
    vat_liable: str
    claim: int
    reasons: frozenset[str]


def half_up(amount: int, numerator: int, denominator: int) -> int:
    """Return the share of an amount that is not negative."""
    return (amount * numerator + denominator // 2) // denominator


def converted(amount: Decimal, currency: str, table: str, tables: Tables) -> int | None:
    """Return an amount in euro cents."""
    minor = int(amount.scaleb(PLACES[currency]))
    if currency == "EUR":
        return minor
    factor = tables.factors.get((table, currency))
    return half_up(minor, *factor) if factor else 0 if not minor else None


def shares(total: int, weights: list[int]) -> list[int]:
    """Share an amount, half up each; the last takes the rest."""
    if not total:
        return [0] * len(weights)
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    given = [half_up(total, weight, whole) for weight in weights[:-1]]
    return [*given, total - sum(given)]


def duty_ppm_of(code: str, tables: Tables) -> int | None:
    """Return the rate of the longest prefix."""
    for length in range(len(code), 1, -1):
        rate = tables.duty_ppm.get(code[:length])
        if rate is not None:
            return rate
    return None


def scheme_status(c: Consignment, day: dt.date, tables: Tables) -> str:
    """Return the standing of the number given."""
    number = next(
        (one.identification_number for one in c.additional_fiscal_references if one.role == "FR5"), None
    )
    if not number:
        return "none"
    if c.scheme_kind_code != "IOSS" or not SCHEME_NUMBER.fullmatch(number):
        return "malformed"
    span = tables.register.get(number)
    if span is None:
        return "unknown"
    return "valid" if span[0] <= day and (span[1] is None or day < span[1]) else "ended"


def read_line(line: bytes) -> Consignment:
    """Read and check a line of the file. Raises pydantic.ValidationError."""
    return Consignment.model_validate_json(line)


def decide_line(line: bytes, tables: Tables) -> str:
    """Read and decide a line of the file; return the text of the answer."""
    c = read_line(line)
    return text_of(c, decide(c, tables))


def text_of(c: Consignment, answers: list[Answer] | None) -> str:
    """Write an answer as JSON."""
    items = None
    if answers is not None:
        items = [
            one._asdict() | {"sequence_number": item.sequence_number, "reasons": sorted(one.reasons)}
            for item, one in zip(c.goods_items, answers)
        ]
    return json.dumps({"reference": c.reference, "goods_items": items})


def decide(c: Consignment, tables: Tables) -> list[Answer] | None:
    """Decide a consignment; None where a rate is lacking."""
    country, items, nature = c.consignee.country_code, c.goods_items, c.sale_nature_code
    day = c.accepted_at.astimezone(ZoneInfo(ZONES[country])).date()
    line = [converted(i.invoice_amount, i.invoice_currency_code, "eu-customs-monthly", tables) for i in items]
    at_sale = [converted(i.invoice_amount, i.invoice_currency_code, "ecb-daily", tables) for i in items]
    beside = [
        0
        if amount is None
        else converted(amount, c.charges_currency_code or "", "eu-customs-monthly", tables)
        for amount in (c.freight_amount, c.insurance_amount, c.discount_amount)
    ]
    excise = [
        0
        if i.excise_amount is None
        else converted(i.excise_amount, c.charges_currency_code or "", "eu-customs-monthly", tables)
        for i in items
    ]
    duty_ppm = [duty_ppm_of(i.commodity_code, tables) for i in items]
    if any(value is None for value in (*line, *at_sale, *beside, *excise)):
        return None
    freight, insurance, discount = (shares(amount, line) for amount in beside)
    price = [value - less for value, less in zip(line, discount)]
    value = [sum(parts) for parts in zip(price, freight, insurance)]
    intrinsic = sum(price)
    is_low = intrinsic <= LOW_VALUE
    is_excise = [i.commodity_code.startswith(EXCISE) for i in items]
    is_limited = [e or i.commodity_code.startswith(PERFUME) for e, i in zip(is_excise, items)]
    has_tax_number = bool(c.consignee.tax_number or (c.buyer and c.buyer.tax_number))
    is_distance = nature in ("B2C", "not-stated") and not has_tax_number
    status = scheme_status(c, day, tables)
    is_used = (
        status == "valid"
        and is_low
        and sum(at_sale) - sum(discount) <= LOW_VALUE
        and not any(is_excise)
        and is_distance
    )
    is_given = status != "none"
    is_flat = is_distance and is_low and (is_used or not c.is_preference_claimed)
    quantity = [int(i.quantity) for i in items]
    units = gift_units(nature, line, quantity, is_limited)
    free = [n > 0 and n == q for n, q in zip(units, quantity)]
    of_consignment = consignment_reasons(
        is_used=is_used,
        is_low=is_low,
        is_given=is_given,
        status=status,
        is_flat=is_flat,
        is_distance=is_distance,
        nature=nature,
        all_free=all(free),
    )
    form = "H7" if (is_flat and not any(is_excise)) or all(free) else "H1"
    lines_seen, answers = set(), []
    vat_ppm = VAT_PPM[country]
    for n, item in enumerate(items):
        is_gift_flat = (
            nature == "gift"
            and not free[n]
            and not is_limited[n]
            and intrinsic <= GIFT_FLAT
            and (duty_ppm[n] or 0) > 0
        )
        relief = (
            "C08"
            if free[n]
            else "1C1"
            if is_gift_flat
            else "FLAT3"
            if is_flat
            else "PREFERENCE"
            if c.is_preference_claimed
            else "none"
        )
        charged = (
            value[n] if units[n] == 0 or free[n] else half_up(value[n], quantity[n] - units[n], quantity[n])
        )
        number = item.declaration_line_number
        is_first = number is None or number not in lines_seen
        lines_seen.add(number)
        flat = duty = 0
        if relief == "FLAT3":
            flat = FLAT_DUTY if is_first else 0
        elif relief in ("none", "PREFERENCE"):
            if duty_ppm[n] is None:
                return None
            duty = half_up(charged, duty_ppm[n], PPM)
        elif relief == "1C1":
            duty = half_up(charged, GIFT_RATE_PPM, PPM)
        vat, due, liable = 0, "", ""
        if not free[n]:
            in_base = 0 if is_used and not c.is_duty_charged_to_buyer else flat
            vat = half_up(charged + duty + in_base + excise[n], vat_ppm, PPM)
            due = "sale" if is_used else "border"
            liable = (
                ("platform" if c.is_platform_sale else "seller")
                if is_used
                else "importer"
                if form == "H1" and nature != "gift"
                else "consignee"
            )
        claim = 0
        if is_given and not is_used and max(line) <= LOW_VALUE:
            claim = half_up(value[n], vat_ppm, PPM)
        reasons = of_consignment | item_reasons(
            c,
            item,
            day,
            is_flat=is_flat,
            units=units[n],
            is_free=free[n],
            is_limited=is_limited[n],
        )
        answers.append(Answer(relief, flat + duty + excise[n], vat, due, liable, claim, frozenset(reasons)))
    return answers


def gift_units(nature: str, line: list[int], quantity: list[int], is_limited: list[bool]) -> list[int]:
    """Count the whole things that fit under the limit for gifts."""
    if nature != "gift":
        return [0] * len(line)
    room, units = GIFT, []
    for value, count, limited in zip(line, quantity, is_limited):
        one = value // max(count, 1)
        fitted = max(min(room // max(one, 1), count), 0)
        room -= fitted * one
        units.append(0 if limited else fitted)
    return units


def consignment_reasons(
    *, is_used, is_low, is_given, status, is_flat, is_distance, nature, all_free
) -> set[str]:
    """Return the rules that speak of a consignment."""
    said = {
        "eu-vat-paid-at-sale": is_used,
        "eu-vat-at-import": not is_used and is_low and not all_free,
        "eu-above-limit": not is_low,
        "eu-scheme-number-not-valid": is_given and status != "valid",
        "eu-flat-duty-per-line": is_flat,
        "eu-not-a-distance-sale": is_low and not is_distance and nature != "gift",
    }
    return {rule for rule, holds in said.items() if holds}


def item_reasons(c: Consignment, item: Item, day, *, is_flat, units, is_free, is_limited) -> set[str]:
    """Return the rules that speak of a goods item."""
    is_gift = c.sale_nature_code == "gift"
    said = {
        "eu-lines-could-be-one": is_flat and len(c.goods_items) > 1 and has_twin(c, item),
        "eu-gift-relieved": units > 0,
        "eu-gift-above-limit": is_gift and not is_free and not is_limited,
        "eu-gift-small-quantities": is_gift and is_limited,
        "eu-product-identifier": is_flat and day >= PRODUCT_IDS_FROM and item.merchant_product_id is None,
    }
    found = {rule for rule, holds in said.items() if holds}
    for rule, (prefixes, opening) in EXCLUDED.items():
        if item.commodity_code.startswith(prefixes):
            documents = {one.type_code for one in (*c.additional_documents, *item.additional_documents)}
            if not documents & opening:
                found.add(rule)
    return found


def has_twin(c: Consignment, item: Item) -> bool:
    """Say whether another line has the same code to six digits and the same description."""
    text = " ".join(item.description.lower().split())
    candidates = [
        one
        for one in c.goods_items
        if one.commodity_code[:6] == item.commodity_code[:6]
        and " ".join(one.description.lower().split()) == text
    ]
    lines = {
        id(one) if one.declaration_line_number is None else one.declaration_line_number for one in candidates
    }
    return len(candidates) > 1 and len(lines) > 1
