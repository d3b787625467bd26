"""Eight small stories for whoever opens the demo: invented parcels in which one thing can be seen each."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from serai.laboratory.invented.instants import instant
from serai.laboratory.invented.registers import COMMON_NAME, NAMED_SCHEME_NUMBER
from serai.model.documents import VENDOR

FLAT_DUTY_SEEN_FROM = datetime(2026, 7, 2, 8, tzinfo=UTC)
"""The stories of the flat duty are accepted now, but not before this: the law changes on 1 July 2026."""

_SHIRTS = ("610910", "knit cotton t-shirt, men's, white", "0.900")


class Document(NamedTuple):
    """What is sent. kind: names the route, as in `/v1/declarations`. content: the document."""

    kind: Literal["declaration", "order", "payment"]
    content: dict[str, Any]


class Named(NamedTuple):
    """A story. documents: to be sent in this order."""

    title: str
    what_to_see: str
    documents: tuple[Document, ...]


def named_parcels(at: datetime) -> list[Named]:
    """Give the eight stories as of an aware instant; references tell them from the mass by `NAMED-`."""
    accepted = max(at, FLAT_DUTY_SEEN_FROM)
    return [
        _five_shirts(accepted),
        _three_things(accepted),
        _around_the_limit(accepted),
        _old_law_and_new_law(),
        _vague_word(accepted),
        _common_name(accepted),
        _coupon(accepted),
        _missing_number(accepted),
    ]


def _five_shirts(accepted: datetime) -> Named:
    shirts = named_item(1, _SHIRTS, "45.00", quantity="5")
    return Named(
        "Five equal shirts",
        "One code on one line: the flat duty of EUR 3 is due once, not five times. Tax was paid by IOSS.",
        (named_consignment("1-SHIRTS", accepted, [shirts]),),
    )


def _three_things(accepted: datetime) -> Named:
    items = [
        named_item(1, ("960810", "ball point pen, blue ink", "0.020"), "4.00"),
        named_item(2, ("482010", "paper notebook, A5, ruled", "0.250"), "9.00"),
        named_item(3, ("732690", "steel keyring with letter A", "0.030"), "5.00"),
    ]
    return Named(
        "Pen, notebook and keyring",
        "Three commodity codes on three lines: the flat duty is due three times, EUR 9, on goods of EUR 18.",
        (named_consignment("2-DESK", accepted, items),),
    )


def _around_the_limit(accepted: datetime) -> Named:
    shoes = ("640411", "running shoes, textile upper, size 42", "0.800")
    return Named(
        "150.00 and 150.01",
        "One cent decides: at EUR 150.00 flat duty and IOSS, at EUR 150.01 the tariff and tax at the border.",
        (
            named_consignment("3-AT-LIMIT", accepted, [named_item(1, shoes, "150.00")]),
            named_consignment("3-ABOVE-LIMIT", accepted, [named_item(1, shoes, "150.01")]),
        ),
    )


def _old_law_and_new_law() -> Named:
    before, after = (datetime(2026, month, day, 10, tzinfo=UTC) for month, day in ((6, 30), (7, 1)))
    return Named(
        "30 June and 1 July 2026",
        "The same parcel on the last day of the old law and on the first of the new: no duty, then EUR 3.",
        (
            named_consignment("4-JUNE", before, [named_item(1, _SHIRTS, "20.00")]),
            named_consignment("4-JULY", after, [named_item(1, _SHIRTS, "20.00")]),
        ),
    )


def _vague_word(accepted: datetime) -> Named:
    return Named(
        "A vague word",
        "The description says 'gift'. The parcel is not lost: the reason says which better words would do.",
        (named_consignment("5-VAGUE", accepted, [named_item(1, ("950300", "gift", "0.400"), "24.00")]),),
    )


def _common_name(accepted: datetime) -> Named:
    toy = named_item(1, ("950300", "wooden building blocks, 40 pieces", "0.600"), "24.00")
    return Named(
        "A common name",
        "The buyer shares her name with an (invented) entry of the list: somebody looks, nothing is refused.",
        (named_consignment("6-NAME", accepted, [toy], consignee_name=COMMON_NAME.upper()),),
    )


def _coupon(accepted: datetime) -> Named:
    bag, reference = ("420222", "handbag, textile outer surface, black", "0.700"), "NAMED-ORDER-7"
    declared = named_consignment("7-COUPON", accepted, [named_item(1, bag, "145.00")])
    purchased, buyer = declared.content["purchased_at"], {"name": "Mirelan Dorvast", "country_code": "DE"}
    line = {"sequence_number": 1, "description": bag[1], "quantity": "1", "amount": "165.00"}
    order = {
        "reference": reference,
        "currency_code": "EUR",
        "lines": [line],
        "purchased_at": purchased,
        "platform_id": "PF001",
        "seller_id": "S0000001",
        "discount_amount": "20.00",
        "buyer": buyer,
    }
    payment = {
        "reference": "NAMED-PAYMENT-7",
        "amount": "145.00",
        "currency_code": "EUR",
        "paid_at": declared.content["paid_at"],
        "order_references": [reference],
        "payer": buyer,
    }
    return Named(
        "A coupon",
        "Order 165.00, coupon 20.00, paid and declared 145.00: they match, the difference is explained.",
        (
            Document("order", order),
            Document("payment", payment),
            Document("declaration", declared.content | {"order_references": [reference]}),
        ),
    )


def _missing_number(accepted: datetime) -> Named:
    item = named_item(1, ("711719", "alloy necklace, base metal", "0.060"), "18.00")
    document = named_consignment("8-NO-NUMBER", accepted, [item])
    content = {k: v for k, v in document.content.items() if k != "additional_fiscal_references"}
    return Named(
        "A missing number",
        "Sold under IOSS, says the sender, but the number lacks: tax is due at the border until it is given.",
        (Document("declaration", content),),
    )


def named_item(
    sequence_number: int, goods: tuple[str, str, str], amount: str, *, quantity: str = "1"
) -> dict[str, Any]:
    """Return a goods item. goods: commodity code, description, gross mass in kilograms. amount: of the
    whole line in euro.
    """
    commodity_code, description, gross_mass_kg = goods
    return {
        "sequence_number": sequence_number,
        "commodity_code": commodity_code,
        "description": description,
        "quantity": quantity,
        "invoice_amount": amount,
        "invoice_currency_code": "EUR",
        "origin_country_code": "CN",
        "gross_mass_kg": gross_mass_kg,
        "merchant_product_id": f"S0000001-{commodity_code}",
    }


def named_consignment(
    name: str, accepted: datetime, items: list[dict[str, Any]], *, consignee_name: str = "Mirelan Dorvast"
) -> Document:
    """Return a declaration of goods to Berlin, under a scheme. name: of its reference, behind `NAMED-`."""
    landing = accepted + timedelta(hours=4)
    purchased = accepted - timedelta(days=4)
    return Document(
        "declaration",
        {
            "reference": f"NAMED-{name}",
            "ucr": f"6CN000000001NAMED{name}",
            "logistics_channel_code": "express",
            "transport_mode_code": "4",
            "house_document": f"INVENTED{name}",
            "conveyance_reference": f"CX251/{instant(landing)[:10]}",
            "platform_id": "PF001",
            "seller_id": "S0000001",
            "sale_nature_code": "B2C",
            "is_platform_sale": True,
            "scheme_kind_code": "IOSS",
            "additional_fiscal_references": [{"role": VENDOR, "identification_number": NAMED_SCHEME_NUMBER}],
            "dispatch_country_code": "CN",
            "purchased_at": instant(purchased),
            "paid_at": instant(purchased + timedelta(minutes=2)),
            "exported_at": instant(accepted - timedelta(hours=10)),
            "accepted_at": instant(accepted),
            "expected_arrival_at": instant(landing),
            "consignor": {
                "name": "Invented Shop Ltd",
                "country_code": "CN",
                "street": "8 Harbour Road",
                "city": "Invented City",
                "postcode": "00000",
            },
            "consignee": {
                "name": consignee_name,
                "country_code": "DE",
                "street": "1 Mill Lane",
                "city": "Berlin",
                "postcode": "10115",
            },
            "goods_items": items,
        },
    )
