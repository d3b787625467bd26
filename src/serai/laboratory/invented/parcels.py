"""Invented consignments, orders and payments as documents of `serai.model.documents`, as plain dicts.

Dicts and not structs, because faulty records stay faulty: a field is missing, a country is XX, a mass
negative, a currency EURO.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack
from zlib import crc32

import msgspec
import numpy as np

from serai.laboratory.invented import rates
from serai.laboratory.invented.draws import FLIGHT_CONSIGNMENTS, Draw, Record, draws
from serai.laboratory.invented.flights import landing_of, movement_of
from serai.laboratory.invented.instants import DAY_S, HOUR_S, MINUTE_S, instant
from serai.laboratory.invented.postcodes import postcode_of
from serai.laboratory.invented.registers import scheme_of
from serai.model.documents import VENDOR

Document = dict[str, Any]

DEFAULT_WINDOW = timedelta(days=2)
_ORDER_EVERY, _COUPON_EVERY = 10, 200
_LANDED_MARGIN = timedelta(minutes=30)
_SALE_NATURES = {"B2C": 0.90, "C2C": 0.04, "gift": 0.02, "B2B": 0.03, "not-stated": 0.01}
_FREIGHT_SHARE, _WRITE_LINES = 0.35, 1_000


class Parcel(NamedTuple):
    """Documents of one drawn consignment.

    order, payment: one in ten has them, the others None. One order in twenty has a coupon; the payment is
    what lines and freight sum to, less the coupon.
    """

    consignment: Document
    order: Document | None
    payment: Document | None


class Times(TypedDict):
    """When invented parcels move. All instants aware, the first acceptance before the first landing.

    at: flights land within the twelve hours after it. first_acceptance, last_acceptance: the declarations
    are accepted in between, evenly, but no later than 30 minutes before landing; without a last one within
    two days. A window around 1 July 2026 gives both laws of the EU.
    """

    at: datetime
    first_acceptance: datetime
    last_acceptance: NotRequired[datetime]


def parcels(count: int, seed: int = 1, **times: Unpack[Times]) -> Iterator[Parcel]:
    """Give `count` parcels; the same arguments give the same parcels."""
    extra = _Extra(count, seed, times)
    for drawn in draws(count, seed):
        yield extra.parcel(drawn)


def consignments(count: int, seed: int = 1, **times: Unpack[Times]) -> Iterator[Document]:
    """Give the consignments of `parcels`."""
    return (parcel.consignment for parcel in parcels(count, seed, **times))


def write_ndjson(path: Path, documents: Iterator[Document]) -> int:
    """Write one document a line; returns how many. 100,000 consignments take some eight seconds on a core."""
    encoder, count, lines = msgspec.json.Encoder(), 0, []
    with path.open("wb") as out:
        for document in documents:
            lines.append(document)
            if len(lines) == _WRITE_LINES:
                out.write(encoder.encode_lines(lines))
                count, lines = count + len(lines), []
        out.write(encoder.encode_lines(lines))
    return count + len(lines)


def decimal_of(minor: int, currency: str) -> str:
    """Write minor units as a decimal string with the currency's places; 2 for an invented currency."""
    places = rates.PLACES.get(currency, 2)
    if places == 0:
        return str(minor)
    unit = 10**places
    return f"{'-' * (minor < 0)}{abs(minor) // unit}.{abs(minor) % unit:0{places}d}"


def kilograms_of(grams: int) -> str:
    """Write grams as decimal kilograms."""
    return f"{'-' * (grams < 0)}{abs(grams) // 1_000}.{abs(grams) % 1_000:03d}"


def declared(record: Record) -> Document:
    """Say in the words of the wire what a record of the yardstick says. Missing there is missing here.

    The yardstick's import number becomes the scheme number of the destination. Amounts and masses stay exact.
    """
    is_post = record["transportContractDocumentId"].startswith("L")
    document: Document = {
        "reference": record["functionalReferenceId"],
        "ucr": record["ucr"],
        "logistics_channel_code": "post" if is_post else "express",
        "transport_mode_code": "5" if is_post else "4",
        "house_document": record["transportContractDocumentId"],
        "master_document": record["masterTransportDocumentId"],
        "platform_id": record["platformId"],
        "seller_id": record["sellerId"],
        "goods_items": [_goods_item(item, record["sellerId"]) for item in record["goodsItems"]],
    }
    if is_post:
        document["receptacle_id"] = record["receptacleId"]
    if "consignor" in record:
        document["consignor"] = _person(record["consignor"])
        document["dispatch_country_code"] = record["consignor"]["address"]["countryCode"]
    if "consignee" in record:
        document["consignee"] = _person(record["consignee"])
        if number := record.get("importTaxId"):
            regime = rates.TAX[record["consignee"]["address"]["countryCode"]][0]
            document["scheme_kind_code"], own = scheme_of(regime, number)
            document["additional_fiscal_references"] = [{"role": VENDOR, "identification_number": own}]
    return document


class _Extra:
    """What the yardstick does not draw, from a generator of its own: the yardstick's draws stay."""

    def __init__(self, count: int, seed: int, times: Times) -> None:
        rng = np.random.default_rng([seed, 1])
        share = list(_SALE_NATURES.values())
        natures = np.array(list(_SALE_NATURES))
        self.at = times["at"]
        self.first_acceptance = times["first_acceptance"]
        self.last_acceptance = times.get("last_acceptance", self.first_acceptance + DEFAULT_WINDOW)
        self.nature = natures[rng.choice(len(natures), count, p=share)].tolist()
        self.acceptance_share = rng.random(count).tolist()
        self.shopping_s = rng.integers(2 * DAY_S, 9 * DAY_S, count).tolist()
        self.paying_s = rng.integers(5, 20 * MINUTE_S, count).tolist()
        self.exporting_s = rng.integers(4 * HOUR_S, 30 * HOUR_S, count).tolist()
        has_freight = rng.random(count) < _FREIGHT_SHARE
        self.freight_usd_cents = np.where(has_freight, rng.integers(150, 1_500, count), 0).tolist()

    def parcel(self, drawn: Draw) -> Parcel:
        k, record = drawn.serial, drawn.record
        flight = k // FLIGHT_CONSIGNMENTS
        landing = landing_of(flight, self.at)
        window = min(self.last_acceptance, landing - _LANDED_MARGIN) - self.first_acceptance
        accepted = self.first_acceptance + window * self.acceptance_share[k]
        # A seller who holds a scheme number sells to consumers; a gift under one would be a contradiction.
        nature = "B2C" if "importTaxId" in record else self.nature[k]
        purchased = accepted - timedelta(seconds=self.shopping_s[k])
        paid = purchased + timedelta(seconds=self.paying_s[k])
        consignment = declared(record) | {
            "conveyance_reference": movement_of(flight, self.at),
            "sale_nature_code": nature,
            "is_platform_sale": nature == "B2C",
            "purchased_at": instant(purchased),
            "paid_at": instant(paid),
            "exported_at": instant(accepted - timedelta(seconds=self.exporting_s[k])),
            "accepted_at": instant(accepted),
            "expected_arrival_at": instant(landing),
        }
        currency = _currency_of(record)
        if self.freight_usd_cents[k] and currency in rates.IN_EUR:
            freight = self.freight_usd_cents[k] * rates.IN_EUR["USD"] // rates.IN_EUR[currency]
            consignment["freight_amount"] = decimal_of(freight, currency)
            consignment["charges_currency_code"] = currency
        else:
            freight = 0
        if k % _ORDER_EVERY != 3 or drawn.fault is not None:
            return Parcel(consignment, None, None)
        return _with_order(consignment, record, k, freight, currency)


def _person(party: Record) -> Document:
    address = party["address"]
    return {
        "name": party["name"],
        "country_code": address["countryCode"],
        "street": address["line"],
        "city": address["cityName"],
        "postcode": postcode_of(address["countryCode"], address["postcodeId"]),
    }


def _goods_item(item: Record, seller_id: str) -> Document:
    document: Document = {"sequence_number": item["sequence"]}
    if "classificationHs6" in item:
        document["commodity_code"] = item["classificationHs6"]
    if "description" in item:
        document["description"] = item["description"]
        product = crc32(item["description"].encode()) % 10_000
        document["merchant_product_id"] = f"{seller_id}-{product:04d}"
    document["quantity"] = str(item["quantity"])
    if "invoiceAmount" in item:
        amount = item["invoiceAmount"]
        document["invoice_amount"] = decimal_of(amount["minor"], amount["currency"])
        document["invoice_currency_code"] = amount["currency"]
    document["origin_country_code"] = item["originCountry"]
    if "grossWeightGrams" in item:
        document["gross_mass_kg"] = kilograms_of(item["grossWeightGrams"])
    return document


def _currency_of(record: Record) -> str:
    amount = record["goodsItems"][-1].get("invoiceAmount")
    return str(amount["currency"]) if amount else ""


def _with_order(consignment: Document, record: Record, k: int, freight: int, currency: str) -> Parcel:
    """The order says what the shop asked; with a coupon the price paid and declared is lower."""
    amounts = [item["invoiceAmount"]["minor"] for item in record["goodsItems"]]
    coupon = max(1, sum(amounts) // 10) if k % _COUPON_EVERY == 3 else 0
    reference = f"ORD-{record['functionalReferenceId']}"
    lines = [
        {
            "sequence_number": item["sequence_number"],
            "description": item["description"],
            "quantity": item["quantity"],
            "amount": item["invoice_amount"],
            "commodity_code": item["commodity_code"],
            "merchant_product_id": item["merchant_product_id"],
        }
        for item in consignment["goods_items"]
    ]
    if coupon:  # listed price = price paid + coupon
        lines[0]["amount"] = decimal_of(amounts[0] + coupon, currency)
    buyer = {
        "name": consignment["consignee"]["name"],
        "country_code": consignment["consignee"]["country_code"],
    }
    order: Document = {
        "reference": reference,
        "currency_code": currency,
        "lines": lines,
        "purchased_at": consignment["purchased_at"],
        "platform_id": consignment["platform_id"],
        "seller_id": consignment["seller_id"],
        "ucr": consignment["ucr"],
        "buyer": buyer,
    }
    if freight:
        order["freight_amount"] = decimal_of(freight, currency)
    if coupon:
        order["discount_amount"] = decimal_of(coupon, currency)
    payment: Document = {
        "reference": f"PAY-{record['functionalReferenceId']}",
        "amount": decimal_of(sum(amounts) + freight, currency),
        "currency_code": currency,
        "paid_at": consignment["paid_at"],
        "order_references": [reference],
        "payer": buyer,
    }
    return Parcel(consignment | {"order_references": [reference]}, order, payment)
