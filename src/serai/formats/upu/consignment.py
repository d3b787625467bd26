"""An item's record -> the fields of our consignment and transport document, each with its place.

What the record does not say and we need is taken from where it says the same thing:

- reference: the item's number and the year of posting, for an S10 number comes back after a year.
- gross mass of a content piece: its share of the item's, by net mass, exact in sum.
- origin not stated: QU, not specified (Regulation (EU) 2020/1470, annex I).
- scheme: where the sender's customs reference has the form of a scheme's number.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from serai.formats.placed import PlacedGroup, PlacedNumber, PlacedText
from serai.formats.upu.codes import natures, scheme_of
from serai.formats.upu.extra_fields import read_extra_fields
from serai.formats.upu.tree import Node, is_local_time, sure_node
from serai.model.code_lists import ORIGIN_NOT_SPECIFIED
from serai.model.documents import VENDOR

POST, MAIL = "post", "5"
"""Our channel; UN/ECE Recommendation 19."""

STATEMENTS: tuple[tuple[str, str, str], ...] = (
    ("MailObject", "OrigPostOrgCd", "UPU-ORIGIN-POST"),
    ("MailObject", "DestPostOrgCd", "UPU-DESTINATION-POST"),
    ("MailObject", "MailCategoryCd", "UPU-MAIL-CATEGORY"),
    ("MailObject", "MailClassCd", "UPU-MAIL-CLASS"),
    ("Declaration", "CustOrganizationCd", "UPU-CUSTOMS"),
    ("Declaration", "PostOrganizationCd", "UPU-POST"),
    ("Data", "HandlingClassCd", "UPU-HANDLING-CLASS"),
    ("Data", "TransportMode", "UPU-TRANSPORT-MODE"),
    ("Data", "TransportDate", "UPU-TRANSPORT-DATE"),
)
"""Record, element, and type of the statement that says it: what customs' own documents have no field for."""

PIECE = "Declaration.DeclarationData.ContentPiece"
DOCUMENT = "Declaration.DeclarationData.Document"
LINES = "\n"
"""Between the lines of an address."""

DESCRIPTION_CHARACTERS_MAX = 512
"""Of a transport document."""

_SHARE = Decimal("0.001")
_CONSIGNMENT_PLACES = {
    "reference": "/MailObject/Id",
    "house_document": "/MailObject/Id",
    "goods_items": "/Declaration/Data/ContentPieces",
}


def reference_of(item_id: str, posted_at: str) -> str:
    """Return what an item's declaration is called."""
    return f"{item_id}-{posted_at[:4]}"


def instant_at(text: PlacedText | None) -> PlacedText | None:
    """Read an instant; one without offset is taken as UTC."""
    return PlacedText(f"{text}Z", text.place) if text is not None and is_local_time(text) else text


def consignment_fields(item: Node) -> PlacedGroup:
    """Lay out the consignment of an item that has all its records."""
    mail, data = _records(item)
    number, posted = _sure(mail.text("Id")), _sure(instant_at(mail.text("PostingDt")))
    reference = data.text("SenderIdRef")
    scheme = scheme_of(reference) if reference is not None else None
    nature = _sure(data.text("NatureTypeCd"))
    known = natures().get(nature)
    extra = read_extra_fields(data, "Data")
    return PlacedGroup(
        item.place,
        _CONSIGNMENT_PLACES,
        {
            "reference": PlacedText(reference_of(number, posted), number.place),
            "house_document": number,
            "logistics_channel_code": POST,
            "transport_mode_code": MAIL,
            "sale_nature_code": known.sale_nature_code if known is not None else "not-stated",
            "dispatch_country_code": data.text("SenderCountryCd"),
            "consignor": _person(data, "Sender", tax_number=None if scheme else reference),
            "consignee": _person(data, "Recipient", tax_number=data.text("RecipientIdRef")),
            "scheme_kind_code": PlacedText(scheme, reference.place) if scheme and reference else None,
            "additional_fiscal_references": [
                PlacedGroup(
                    reference.place,
                    {},
                    {"role": PlacedText(VENDOR, reference.place), "identification_number": reference},
                )
            ]
            if scheme and reference
            else None,
            "freight_amount": data.text("Postage"),
            "charges_currency_code": data.text("PostageCurrencyCd"),
            "ucr": extra.get("ucr"),
            "platform_id": extra.get("platform_id"),
            "seller_id": extra.get("seller_id"),
            "order_references": [extra["order_references"]] if "order_references" in extra else None,
            "goods_items": _goods_items(data),
            "additional_documents": _documents(data),
            "detail": PlacedGroup(
                item.place,
                {},
                {
                    "issued_at": posted,
                    "gross_mass_kg": data.text("GrossWeight"),
                    "transaction_nature_code": nature,
                    "filer_document_number": mail.text("LocalId"),
                    "statements": _statements(item),
                },
            ),
        },
    )


def transport_fields(item: Node) -> PlacedGroup:
    """Lay out the transport document of the same item: the post is its carrier."""
    mail, data = _records(item)
    number, posted = _sure(mail.text("Id")), _sure(instant_at(mail.text("PostingDt")))
    return PlacedGroup(
        item.place,
        _CONSIGNMENT_PLACES,
        {
            "reference": PlacedText(reference_of(number, posted), number.place),
            "house_document": number,
            "logistics_channel_code": POST,
            "transport_mode_code": MAIL,
            "gross_mass_kg": data.text("GrossWeight"),
            "packages": [PlacedGroup(item.place, {}, {"count": 1})],
            "description": _description(data),
            "scheduled_departure_at": instant_at(data.text("TransportDate")),
            "consignor": _person(data, "Sender"),
            "consignee": _person(data, "Recipient"),
            "detail": PlacedGroup(
                item.place,
                {},
                {
                    "freight_amount": data.text("Postage"),
                    "currency_code": data.text("PostageCurrencyCd"),
                    "carrier_id": mail.text("OrigPostOrgCd"),
                },
            ),
        },
    )


def _records(item: Node) -> tuple[Node, Node]:
    mail = sure_node(item.node("MailObject"))
    return mail, sure_node(sure_node(item.node("Declaration")).node("Data"))


def _sure(text: PlacedText | None) -> PlacedText:
    assert text is not None, "the facts ask for it"
    return text


def _person(data: Node, side: str, tax_number: PlacedText | None = None) -> PlacedGroup:
    def text(name: str) -> PlacedText | None:
        return data.text(f"{side}{name}")

    return PlacedGroup(
        data.place,
        {"name": f"/{side}Name", "country_code": f"/{side}CountryCd"},
        {
            "name": text("Name") or _joined([text("FirstName"), text("LastName")], " "),
            "street": _joined([text("AddressLine1"), text("AddressLine2")], LINES),
            "city": text("City"),
            "region_code": text("State"),
            "postcode": text("ZIP"),
            "country_code": text("CountryCd"),
            "phone": text("Telephone"),
            "email": text("Email"),
            "tax_number": tax_number,
        },
    )


def _joined(parts: Sequence[PlacedText | None], between: str) -> PlacedText | None:
    given = [one for one in parts if one is not None]
    return PlacedText(between.join(given), given[0].place) if given else None


def _goods_items(data: Node) -> list[PlacedGroup]:
    pieces = sure_node(data.node("ContentPieces")).nodes.get(PIECE, [])
    gross = share_out(_sure(data.text("GrossWeight")), [_sure(piece.text("NetWeight")) for piece in pieces])
    return [_goods_item(piece, number, gross[number - 1]) for number, piece in enumerate(pieces, start=1)]


def _goods_item(piece: Node, number: int, gross_mass_kg: str) -> PlacedGroup:
    index = piece.text("Index")
    return PlacedGroup(
        piece.place,
        {},
        {
            "sequence_number": PlacedNumber(int(index), index.place)
            if index is not None
            else PlacedNumber(number, piece.place),
            "commodity_code": piece.text("HS"),
            "description": piece.text("Description"),
            "quantity": piece.text("Number"),
            "invoice_amount": piece.text("Amount"),
            "invoice_currency_code": piece.text("CurrencyCd"),
            "origin_country_code": piece.text("OrigCountryCd")
            or PlacedText(ORIGIN_NOT_SPECIFIED, piece.place),
            "net_mass_kg": piece.text("NetWeight"),
            "gross_mass_kg": PlacedText(gross_mass_kg, piece.place),
            **read_extra_fields(piece, "ContentPiece"),
        },
    )


def _description(data: Node) -> PlacedText:
    """Name all contents, as much of them as a transport document holds."""
    pieces = sure_node(data.node("ContentPieces")).nodes.get(PIECE, [])
    texts = [_sure(piece.text("Description")) for piece in pieces]
    return PlacedText("; ".join(texts)[:DESCRIPTION_CHARACTERS_MAX], texts[0].place)


def share_out(whole: str, parts: Sequence[str]) -> list[str]:
    """Share a mass out by others, to the gram and exact in sum; what is left over goes to the first.

    whole, parts: decimal. One part has all of it; parts of nothing share evenly.
    """
    if len(parts) == 1:
        return [whole]
    total, weights = Decimal(whole), [max(Decimal(part), Decimal(0)) for part in parts]
    if not sum(weights):
        weights = [Decimal(1)] * len(parts)
    shares = [(total * weight / sum(weights)).quantize(_SHARE, ROUND_DOWN) for weight in weights]
    shares[0] += total - sum(shares)
    return [f"{share:f}" for share in shares]


def _documents(data: Node) -> list[PlacedGroup]:
    group = data.node("Documents")
    return [
        PlacedGroup(
            one.place,
            {},
            {"type_code": one.text("Type"), "reference": one.text("Id"), "reason": one.text("Name")},
        )
        for one in (group.nodes.get(DOCUMENT, []) if group is not None else [])
    ]


def _statements(item: Node) -> list[PlacedGroup]:
    mail, data = _records(item)
    records: dict[str, Node] = {
        "MailObject": mail,
        "Declaration": sure_node(item.node("Declaration")),
        "Data": data,
    }
    found: list[PlacedGroup] = []
    for record, name, type_code in STATEMENTS:
        text = records[record].text(name)
        if text is not None:
            said: dict[str, Any] = {"code": text, "type_code": PlacedText(type_code, text.place)}
            found.append(PlacedGroup(text.place, {}, said))
    return found
