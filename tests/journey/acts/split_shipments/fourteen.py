"""Fourteen parcels: five and four are two orders, split; five are not (neighbours, a dormitory, a household
that orders often, other goods)."""

from typing import Any, Final

from tests.journey.processing.support import parcel

_SELLER: Final = {"platform_id": "PF-1", "seller_id": "S-77"}
_ADDRESS: Final = {"country_code": "DE", "city": "Berlin", "postcode": "10115", "street": "5 Mill Lane"}


def to(name: str, who: str, amount: str, day: int, **more: Any) -> dict[str, Any]:
    """A parcel of the seller. more: changes of the address, or `code` of the goods."""
    code = more.pop("code", "61091000")
    record = parcel(
        name,
        **_SELLER,
        accepted_at=f"2026-08-{day:02d}T09:00:00Z",
        consignee={**_ADDRESS, "name": who, **more},
    )
    record["goods_items"][0] |= {"invoice_amount": amount, "commodity_code": code}
    return record


def sent(name: str, like: dict[str, Any], *, amount: str) -> dict[str, Any]:
    """One more parcel to the consignee of another."""
    record = parcel(name, **_SELLER, accepted_at=like["accepted_at"], consignee=like["consignee"])
    record["goods_items"][0] |= {"invoice_amount": amount}
    return record


_FIRST: Final = [
    to("S1", "Jana Nováková", "120.00", 3),
    to("S2", "NOVAKOVA JANA", "125.00", 3, street="Mill Ln 5"),
    to("S3", "Jana Novakova", "121.00", 4, street="Mill Lane, No. 5"),
    to("S4", "J. Jana Novákova", "123.00", 5, postcode="101 15"),
    to("S5", "Яна Новакова", "123.00", 5, city="BERLIN-MITTE"),
]
_SECOND: Final = [
    to("T1", "Otto Brandt", "90.00", 10, street="Hauptstr. 12"),
    to("T2", "Brandt, Otto", "95.00", 10, street="Hauptstraße 12"),
    to("T3", "OTTO BRANDT", "80.00", 11, street="HAUPTSTRASSE 12"),
    to("T4", "Dr. Otto Brandt", "99.00", 12, street="Hauptstr 12"),
]
_OTHERS: Final = [
    to("N1", "Jana Nováková", "140.00", 3, street="7 Mill Lane"),  # a neighbour of the same name
    to("N2", "Pavel Dvorak", "140.00", 4),  # another person of the same house: a dormitory
    to("N3", "Lena Sommer", "60.00", 3, street="9 Mill Lane"),  # a household that orders often
    to("N4", "Lena Sommer", "60.00", 5, street="9 Mill Lane"),
    to("N5", "Otto Brandt", "110.00", 11, street="Hauptstr. 12", code="85171300"),  # other goods
]
ORDERS: Final = (_FIRST, _SECOND)
FOURTEEN: Final = [*_FIRST, *_SECOND, *_OTHERS]
