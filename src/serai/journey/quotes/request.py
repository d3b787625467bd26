"""What is asked: a consignment of which little need be known. What is not said is assumed, and each
assumption told.
"""

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec

from serai.foundation.http.problems import InputFault
from serai.model.documents import Consignment, GoodsItem, Person, find_vendor_number
from serai.model.languages import read_texts

ASSUMED_MASS_KG: Final = "0.500"
ASSUMED_POSTCODE: Final = "0"
"""No special territory of the table begins so: the address lies in the main territory of its country."""
_ASSUMED_CHANNEL: Final = "post"
_ASSUMED_SALE: Final = "B2C"
_SENDER: Final = "Sender not stated"
_BUYER: Final = "Buyer not stated"


def _optional(kind: type[msgspec.Struct], changes: dict[str, tuple[Any, Any]]) -> list[tuple[str, Any, Any]]:
    """Return the fields of a struct, some with another type and a default: what a declaration gains
    later, a quote understands at once.
    """
    fields = []
    for field in msgspec.structs.fields(kind):
        if field.name in changes:
            fields.append((field.name, *changes[field.name]))
        elif field.default is not msgspec.NODEFAULT:
            fields.append((field.name, field.type, field.default))
        elif field.default_factory is not msgspec.NODEFAULT:
            fields.append((field.name, field.type, msgspec.field(default_factory=field.default_factory)))
        else:
            fields.append((field.name, field.type, msgspec.NODEFAULT))
    return fields


def _define(name: str, fields: list[tuple[str, Any, Any]], meaning: str) -> Any:
    return msgspec.defstruct(
        name,
        [
            (one, kind) if default is msgspec.NODEFAULT else (one, kind, default)
            for one, kind, default in fields
        ],
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
        module=__name__,
        namespace={"__doc__": meaning},
    )


QuoteItem: Any = _define(
    "QuoteItem",
    _optional(
        GoodsItem,
        {
            "sequence_number": (int | None, None),
            "quantity": (str | None, None),
            "gross_mass_kg": (str | None, None),
            "origin_country_code": (str | None, None),
        },
    ),
    "A goods item of a quote: code, description, price, currency and origin (or else the consignment's"
    " country of dispatch) are needed; every field of a declaration may be given.",
)
QuoteRequest: Any = _define(
    "QuoteRequest",
    [
        *_optional(
            Consignment,
            {
                "reference": (str, "QUOTE"),
                "goods_items": (list[QuoteItem], msgspec.NODEFAULT),
                "consignor": (Person | None, None),
                "consignee": (Person | None, None),
                "logistics_channel_code": (str | None, None),
                "sale_nature_code": (str | None, None),
            },
        ),
        ("destination_country_code", str | None, None),
        ("destination_region_code", str | None, None),
        ("destination_postcode", str | None, None),
        ("is_signed", bool, True),
    ],
    "What will this cost? Needed: goods_items, and destination_country_code (with postcode or region"
    " where a country has parts under "
    "other law) or consignee. Every other field of a declaration may be given; names and addresses"
    " are not looked at.",
)
DECODER: Final = msgspec.json.Decoder(QuoteRequest)


class Assumption(msgspec.Struct, frozen=True):
    """Something taken for granted. code: permanent word."""

    code: str
    sentence: str


@cache
def texts(language: str) -> dict[str, str]:
    """Return the sentences of quotes; English where there is no translation."""
    return read_texts("serai.journey.quotes", "assumptions", language, dict[str, str])


def complete(request: Any, at: dt.datetime, language: str) -> tuple[Consignment, list[Assumption]]:
    """Return the declaration a QuoteRequest comes to at an instant, and what was assumed for it.

    People are reduced to what the law asks of them: country, region, postcode, and that a tax or
    identity number is there. So a quote
    cannot be used to find out who is on a list.
    """
    assumed: list[Assumption] = []

    def assume(code: str, **figures: object) -> None:
        assumed.append(Assumption(code, texts(language)[code].format(**figures)))

    dispatch = request.dispatch_country_code or (request.consignor and request.consignor.country_code)
    items = [_item(item, place, dispatch, assume) for place, item in enumerate(request.goods_items, 1)]
    now = at.isoformat()
    values: dict[str, Any] = {name: getattr(request, name) for name in Consignment.__struct_fields__}
    values |= {
        "goods_items": items,
        "consignee": _consignee(request),
        "dispatch_country_code": request.dispatch_country_code,
        "purchased_at": request.purchased_at or now,
        "paid_at": request.paid_at or request.purchased_at or now,
        "expected_arrival_at": request.expected_arrival_at or request.accepted_at or now,
    }
    for name, value, code in (
        ("logistics_channel_code", _ASSUMED_CHANNEL, "channel"),
        ("sale_nature_code", _ASSUMED_SALE, "sale_nature"),
    ):
        if values[name] is None:
            values[name] = value
            assume(code)
    if values["dispatch_country_code"] is None:
        values["dispatch_country_code"] = (
            request.consignor.country_code
            if request.consignor is not None
            else items[0].origin_country_code
            if items
            else None
        )
        if request.consignor is None:
            assume("dispatch", country=values["dispatch_country_code"])
    sender_country = request.consignor.country_code if request.consignor else values["dispatch_country_code"]
    values["consignor"] = Person(name=_SENDER, country_code=sender_country or "ZZ", street="-", city="-")
    for role in ("seller", "importer", "exporter", "declarant", "representative", "payer"):
        values[role] = None
    if request.buyer is not None:
        values["buyer"] = _bare(request.buyer)
    _assume_unsaid(request, assume)
    return Consignment(**values), assumed


def place_in_request(faults: Sequence[InputFault], request: Any) -> tuple[InputFault, ...]:
    """Point at what was sent: a field that was taken over from another one has no fault of its own."""
    assumed: tuple[str, ...] = ()
    if request.consignor is None:
        assumed += ("/consignor/",)
    if request.dispatch_country_code is None:
        assumed += ("/dispatch_country_code",)
    kept = [one for one in faults if not one.pointer.startswith(assumed)] if assumed else list(faults)
    if request.consignee is None:
        kept = [
            msgspec.structs.replace(one, pointer=one.pointer.replace("/consignee/", "/destination_", 1))
            for one in kept
        ]
    # Where nothing else is at fault, a fault at a place nobody wrote is better than none.
    return tuple(kept or faults)


def _assume_unsaid(request: Any, assume: Any) -> None:
    """Tell what is taken for granted by leaving a field as it is."""
    for name, code in (
        ("freight_amount", "freight"),
        ("insurance_amount", "insurance"),
        ("discount_amount", "discount"),
    ):
        if getattr(request, name) is None:
            assume(code)
    if find_vendor_number(request.additional_fiscal_references) is None:
        assume("scheme")
    for name, code in (("is_platform_sale", "platform"), ("is_preference_claimed", "preference")):
        if not getattr(request, name):
            assume(code)
    if not any(one is not None and one.tax_number for one in (request.buyer, request.consignee)):
        assume("consumer")
    if request.purchased_at is None and request.paid_at is None:
        assume("purchased")
    if request.expected_arrival_at is None and request.accepted_at is None:
        assume("arrival")
    assume("people")


def _item(item: Any, place: int, dispatch: str | None, assume: Any) -> GoodsItem:
    values = {name: getattr(item, name) for name in GoodsItem.__struct_fields__}
    if values["origin_country_code"] is None:
        # Neither said: the empty code is a fault that is told at its place.
        values["origin_country_code"] = dispatch or ""
        if dispatch:
            assume("origin", item=place, country=dispatch)
    if values["sequence_number"] is None:
        values["sequence_number"] = place
    if values["quantity"] is None:
        values["quantity"] = "1"
        assume("quantity", item=place)
    if values["gross_mass_kg"] is None:
        values["gross_mass_kg"] = ASSUMED_MASS_KG
        assume("mass", item=place)
    return GoodsItem(**values)


def _consignee(request: Any) -> Person:
    given = request.consignee
    if request.destination_country_code is None and given is not None:
        return _bare(given)
    is_whole_country = request.destination_postcode is None and request.destination_region_code is None
    return Person(
        name=_BUYER,
        country_code=request.destination_country_code or "",
        street="-",
        city="-",
        postcode=ASSUMED_POSTCODE if is_whole_country else request.destination_postcode,
        region_code=request.destination_region_code,
        tax_number=given.tax_number if given else None,
        identity_number=given.identity_number if given else None,
    )


def _bare(person: Person) -> Person:
    return Person(
        name=_BUYER,
        country_code=person.country_code,
        street="-",
        city="-",
        postcode=person.postcode,
        region_code=person.region_code,
        tax_number=person.tax_number,
        identity_number=person.identity_number,
    )
