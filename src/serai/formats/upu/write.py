"""Items -> ITMATT and CUSITM; answers -> CUSRSP, in the order in which the data contract has its elements."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from serai.formats.kept import Kept
from serai.formats.upu.codes import codes, write_nature
from serai.formats.upu.consignment import DOCUMENT, LINES, PIECE, STATEMENTS
from serai.formats.upu.extra_fields import STRING, write_extra_fields
from serai.formats.upu.facts import Element, facts, record, root_tag, tag_of
from serai.formats.upu.message import Header, ItemAnswer, UpuItem, UpuMessage
from serai.formats.upu.tree import leaf_fault
from serai.model.code_lists import ORIGIN_NOT_SPECIFIED
from serai.model.documents import Consignment, GoodsItem, Person
from serai.model.errors import SeraiError

MAIL_ITEM = "MI"

_Texts = dict[str, Any]
"""Element -> text, or the texts of a record below, or a list of these."""


def encode_upu(message: UpuMessage) -> bytes:
    """Write an ITMATT or a CUSITM.

    What the messages have no element for is left out; what was kept of a message read stands where it stood.
    Raises SeraiError `upu-cannot-hold` naming what an item has not and the message needs.
    """
    root = _root(message.name)
    if message.header is not None:
        _write(_below(root, _fact(message.name, "Header")), "Header", _header_texts(message.header))
    for item in message.items:
        _write(_below(root, _fact(message.name, "CDSView")), "Item", _item_texts(item))
    for kept in message.kept:
        root.append(etree.fromstring(kept.text))
    return _bytes(root)


def encode_consignments(consignments: Sequence[Consignment], header: Header | None = None) -> bytes:
    """Write declarations as an ITMATT if there is a header, else as a CUSITM. Raises SeraiError
    `upu-cannot-hold`.
    """
    items = [
        UpuItem(
            pointer=one.reference,
            item_id=one.house_document or "",
            reference=one.reference,
            posted_at=_posted_at(one),
            consignment=one,
        )
        for one in consignments
    ]
    return encode_upu(UpuMessage(name="itmatt" if header else "cusitm", items=items, header=header))


def encode_answers(answers: Sequence[ItemAnswer]) -> bytes:
    """Write a CUSRSP. Raises SeraiError `upu-cannot-hold`."""
    root = _root("cusrsp")
    for answer in answers:
        _write(_below(root, _fact("cusrsp", "CDSView")), "AnsweredItem", _answer_texts(answer))
    return _bytes(root)


def _posted_at(consignment: Consignment) -> str:
    detail = consignment.detail
    return (detail.issued_at if detail is not None else None) or consignment.exported_at or ""


# ---- texts of an item ----


def _header_texts(header: Header) -> _Texts:
    return {
        "MessageId": header.message_id,
        "PreparedDt": header.prepared_at,
        "RecipientCd": header.recipient_code,
        "SenderCd": header.sender_code,
    }


def _item_texts(item: UpuItem) -> _Texts:
    if item.is_faulty:
        raise cannot_hold(item.pointer, "it has faults and was not read")
    act = next(one.code for one in codes().acts if one.act == item.act)
    texts: _Texts = {"EntityState": None if act == 1 else str(act)}
    if item.consignment is None:
        texts["MailObject"] = {"Id": item.item_id, "PostingDt": item.posted_at, "TypeCd": MAIL_ITEM}
    else:
        texts |= _declared(item.consignment, item)
    for kept in item.kept:
        _put_kept(texts, kept)
    return texts


def _declared(consignment: Consignment, item: UpuItem) -> _Texts:
    detail = consignment.detail
    said = {one.type_code: one.code for one in (detail.statements if detail is not None else []) if one.code}
    of_record: dict[str, _Texts] = {"MailObject": {}, "Declaration": {}, "Data": {}}
    for name, element, type_code in STATEMENTS:
        of_record[name][element] = said.get(type_code)
    mail: _Texts = {
        "Id": item.item_id,
        "PostingDt": item.posted_at,
        "TypeCd": MAIL_ITEM,
        "LocalId": detail.filer_document_number if detail is not None else None,
        **of_record["MailObject"],
    }
    data: _Texts = {
        "ContentPieces": {PIECE: [_piece(one) for one in consignment.goods_items]},
        "Documents": {DOCUMENT: documents}
        if (
            documents := [
                {"Id": one.reference, "Name": one.reason, "Type": one.type_code}
                for one in consignment.additional_documents
            ]
        )
        else None,
        "GrossWeight": _gross_mass(consignment),
        "NatureTypeCd": write_nature(
            consignment.sale_nature_code, detail.transaction_nature_code if detail is not None else None
        ),
        "Postage": consignment.freight_amount,
        "PostageCurrencyCd": consignment.charges_currency_code,
        **_person("Recipient", consignment.consignee, consignment.consignee.tax_number),
        **_person(
            "Sender", consignment.consignor, consignment.vendor_number or consignment.consignor.tax_number
        ),
        **of_record["Data"],
        **write_extra_fields(
            "Data",
            {
                "order_references": next(iter(consignment.order_references), None),
                "platform_id": consignment.platform_id,
                "seller_id": consignment.seller_id,
                "ucr": consignment.ucr,
            },
        ),
    }
    return {"MailObject": mail, "Declaration": {**of_record["Declaration"], "Data": data}}


def _gross_mass(consignment: Consignment) -> str | None:
    detail = consignment.detail
    if detail is not None and detail.gross_mass_kg is not None:
        return detail.gross_mass_kg
    masses = [one.gross_mass_kg for one in consignment.goods_items]
    return _sum(masses)


def _sum(masses: Sequence[str]) -> str | None:
    try:
        return f"{sum((Decimal(one) for one in masses), Decimal(0)):f}"
    except InvalidOperation:
        return None


def _person(side: str, person: Person, reference: str | None) -> _Texts:
    lines = (person.street or "").split(LINES, 1)
    return {
        f"{side}Name": person.name or person.party_identifier,
        f"{side}AddressLine1": lines[0] or None,
        f"{side}AddressLine2": lines[1] if len(lines) > 1 else None,
        f"{side}City": person.city,
        f"{side}State": person.region_code,
        f"{side}ZIP": person.postcode,
        f"{side}CountryCd": person.country_code,
        f"{side}Telephone": person.phone,
        f"{side}Email": person.email,
        f"{side}IdRef": reference,
    }


def _piece(item: GoodsItem) -> _Texts:
    origin = item.origin_country_code
    return {
        "Amount": item.invoice_amount,
        "CurrencyCd": item.invoice_currency_code,
        "Description": item.description,
        "HS": item.commodity_code,
        "Index": str(item.sequence_number),
        "NetWeight": item.net_mass_kg or item.gross_mass_kg,
        "Number": item.quantity,
        "OrigCountryCd": None if origin == ORIGIN_NOT_SPECIFIED else origin,
        **write_extra_fields("ContentPiece", {"merchant_product_id": item.merchant_product_id}),
    }


# ---- texts of an answer ----


def _answer_texts(answer: ItemAnswer) -> _Texts:
    dutiable = answer.is_dutiable
    data: _Texts = {
        "ClearanceDt": answer.cleared_at,
        "DecisionCd": answer.decision_code,
        "DecisionReasonCd": answer.reason_code,
        "DecisionReasonNm": answer.reason,
        "Dutiable": None if dutiable is None else str(dutiable).lower(),
        "ExtraFieldNames": {"string": list(answer.extra_fields)} if answer.extra_fields else None,
        "ExtraFieldValues": {"string": list(answer.extra_fields.values())} if answer.extra_fields else None,
        "Taxes": {
            "Response.ResponseData.Tax": [
                {
                    "Amount": one.amount,
                    "CurrencyCd": one.currency_code,
                    "Description": one.description,
                    "HS": one.commodity_code,
                    "Number": None if one.unit_count is None else str(one.unit_count),
                    "Rate": one.rate_percent,
                    "Type": one.type_code,
                }
                for one in answer.taxes
            ]
        }
        if answer.taxes
        else None,
        "TotalFee": answer.total_amount,
        "TotalFeeCurrencyCd": answer.currency_code,
    }
    return {
        "MailObject": {"Id": answer.item_id, "PostingDt": answer.posted_at or "", "TypeCd": MAIL_ITEM},
        "Response": {
            "CustOrganizationCd": answer.customs_code,
            "PostOrganizationCd": answer.post_code,
            "Data": data,
        },
    }


# ---- XML ----


def _root(name: str) -> Any:
    names = facts().namespaces
    prefixes = {None: names["cds"], "e": names["entity"], "a": names["arrays"]}
    if name == "itmatt":
        prefixes = {"itm": names["itmatt"], **prefixes}
    return etree.Element(root_tag("itmatt" if name == "itmatt" else "cusitm"), nsmap=prefixes)


def _fact(record_name: str, name: str) -> Element:
    return next(one for one in record(record_name).values() if one.name == name)


def _below(parent: Any, fact: Element) -> Any:
    return etree.SubElement(parent, tag_of(fact))


def _write(element: Any, record_name: str, texts: Mapping[str, Any]) -> None:
    """Write the elements of a record in their order; what is kept and unknown comes last."""
    for fact in record(record_name).values():
        given = texts.get(fact.name)
        values = given if isinstance(given, list) else [given]
        written = 0
        for value in values:
            if value is None or (value == "" and fact.most == 1):
                continue
            written += 1
            if isinstance(value, dict):
                _write(_below(element, fact), fact.type, value)
            else:
                _below(element, fact).text = _checked(str(value), fact)
        if written < fact.least:
            raise cannot_hold(fact.name, "the message needs it and the document has none")
    for text in texts.get(_UNKNOWN, []):
        element.append(etree.fromstring(text))


_UNKNOWN = " unknown"
"""Where unknown elements wait among the texts of a record: no element has a blank in its name."""


def _checked(text: str, fact: Element) -> str:
    fault = leaf_fault(text, fact)
    if fault is not None and fault.severity == "fault":
        raise cannot_hold(fact.name, fault.code)
    return text


def _put_kept(texts: _Texts, kept: Kept) -> None:
    """Put a kept element back where it stood."""
    *parents, name = kept.way.split("/")
    place: _Texts = texts
    for step in parents:
        bare, _, number = step.partition("[")
        below = place.get(bare)
        if below is None:
            below = place[bare] = {}
        place = below[int(number.rstrip("]") or 1) - 1] if isinstance(below, list) else below
    if kept.is_xml:
        place.setdefault(_UNKNOWN, []).append(kept.text)
        return
    bare = name.partition("[")[0]
    if bare == STRING:
        place.setdefault(bare, []).append(kept.text)
    else:
        place[bare] = kept.text


def _bytes(root: Any) -> bytes:
    etree.cleanup_namespaces(root, keep_ns_prefixes=["e", "a"])
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def cannot_hold(what: str, why: str) -> SeraiError:
    """Say that a message cannot be written."""
    return SeraiError(
        "upu-cannot-hold",
        f"A message to a post or to customs cannot be written: {what[:100]}: {why}.",
        "Add what is named to the document, or send it as JSON.",
    )
