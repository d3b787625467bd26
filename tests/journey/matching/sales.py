"""One sale as its four parties tell it, and what matching says of such documents."""

from typing import Any

import msgspec

from serai.journey.differences.verdicts import EVERY_KIND, Matched, match_documents
from serai.journey.matching.document_frames import Matchable, read_documents
from serai.law.load import decode_pack
from serai.law.pack import Matching
from serai.model.documents import Consignment, Order, Payment, TransportDocument
from serai.model.frames import MATCH_VERDICTS
from tests.law.packs import shipped_files

BUYER = {"name": "Zoë Müller", "country_code": "DE", "phone": "+49 30 1234567"}


def limits() -> list[Matching]:
    return decode_pack(shipped_files()["SCREENING/pack.yaml"], "SCREENING/pack.yaml").matching


def factor(currency: str, _day: int) -> tuple[int, int] | None:
    return {"EUR": (1, 1), "USD": (9, 10)}.get(currency)


def declared(name: str = "1", **changes: Any) -> Consignment:
    item = {
        "sequence_number": 1,
        "commodity_code": "61091000",
        "description": "T-shirt",
        "quantity": "2",
        "invoice_amount": "30.00",
        "invoice_currency_code": "EUR",
        "origin_country_code": "CN",
        "gross_mass_kg": "0.400",
        "quantity_unit_code": "C62",
    }
    item |= {key: changes.pop(key) for key in list(changes) if key in item}
    record = {
        "reference": f"D-{name}",
        "goods_items": [item],
        "consignor": {"name": "Seller", "country_code": "CN"},
        "consignee": BUYER,
        "logistics_channel_code": "post",
        "house_document": f"LP0000{name}0005CN",
        "order_references": [f"ORDER-2026-{name}"],
        "purchased_at": "2026-06-29T10:00:00Z",
    }
    return msgspec.convert(record | changes, Consignment)


def ordered(name: str = "1", *, amount: str = "30.00", quantity: str = "2", **changes: Any) -> Order:
    record = {
        "reference": f"ORDER-2026-{name}",
        "currency_code": "EUR",
        "lines": [{"sequence_number": 1, "description": "T-shirt", "quantity": quantity, "amount": amount}],
        "purchased_at": "2026-06-29T10:00:00Z",
        "buyer": BUYER,
    }
    return msgspec.convert(record | changes, Order)


def paid(amount: str = "30.00", name: str = "1", **changes: Any) -> Payment:
    record = {
        "reference": f"PAYMENT-88{name}",
        "amount": amount,
        "currency_code": "EUR",
        "paid_at": "2026-06-29T10:01:00Z",
        "order_references": [f"ORDER-2026-{name}"],
        "payer": BUYER,
    }
    return msgspec.convert(record | changes, Payment)


def carried(name: str = "1", **changes: Any) -> TransportDocument:
    record = {
        "reference": f"T-{name}",
        "house_document": f"LP0000{name}0005CN",
        "logistics_channel_code": "post",
        "gross_mass_kg": "0.410",
        "consignee": BUYER,
    }
    return msgspec.convert(record | changes, TransportDocument)


def match(*documents: Matchable, expected_kinds: int = EVERY_KIND) -> Matched:
    frames = read_documents(documents, [0 if isinstance(one, Consignment) else -1 for one in documents])
    return match_documents(*frames, limits(), factor, expected_kinds=expected_kinds)


def verdict_of(matched: Matched, case: int = 0) -> str:
    return MATCH_VERDICTS[int(matched.cases.numbers("verdict_number")[case])]


def said(matched: Matched) -> list[tuple[str, int]]:
    """Return code and difference in minor units of all differences, in order of code."""
    frame = matched.differences
    amounts = frame.numbers("amount_minor").tolist()
    return sorted(zip((code or "" for code in frame.words("code").texts()), amounts, strict=True))
