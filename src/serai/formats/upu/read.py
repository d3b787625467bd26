"""ITMATT and CUSITM -> their items, CUSRSP -> the answers; each by itself, whatever the others lack."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import msgspec
from lxml import etree

from serai.formats.kept import Kept
from serai.formats.packed import find_packed
from serai.formats.placed import PlacedGroup, place_of, read_document
from serai.formats.upu.codes import acts, natures
from serai.formats.upu.consignment import (
    PIECE,
    consignment_fields,
    instant_at,
    reference_of,
    transport_fields,
)
from serai.formats.upu.extra_fields import keep_extra_fields
from serai.formats.upu.facts import MessageName, record, root_tag
from serai.formats.upu.message import Header, ItemAnswer, ItemTax, UpuItem, UpuMessage
from serai.formats.upu.remarks import Remarks
from serai.formats.upu.tree import Node, is_instant, sure_node, walk
from serai.formats.xml_document import local_name, read_xml
from serai.model.check_digits import find_check_digit, verify_number
from serai.model.code_lists import COUNTRY_CODES
from serai.model.documents import Consignment, TransportDocument
from serai.model.findings import Finding

ITEMS_MAX = 5_000
"""Of one message: as many as are decided at once."""
ELEMENTS_MAX = 20_000
"""Of one item: 999 content pieces have fewer."""

_ITEM = "CDSView"


def decode_upu(content: bytes, name: MessageName) -> tuple[UpuMessage | None, list[Finding]]:
    """Read an ITMATT or a CUSITM. Returns it and the findings on the message as such; those of an item stand
    in it. None: it cannot be read at all. Never raises.
    """
    root, faults = read_root(content, name)
    if root is None:
        return None, faults
    found, kept = Remarks(), list[Kept]()
    place = f"/{local_name(root)}"
    header = _header(root, name, place, found, kept)
    items = [_item(element, pointer) for element, pointer in _item_elements(root, name, place)]
    if not items:
        found.add(Finding("missing-field", f"{place}/{_ITEM}", parameters={"field": _ITEM}))
    return UpuMessage(name=name, items=_without_twins(items), header=header, kept=kept), found.findings()


class ItemPlaces:
    """Places in one ITMATT or CUSITM that pointers into its items' documents mean.

    The message is parsed when the first place is asked for, and once: most items are advised nothing.
    """

    def __init__(self, content: bytes, name: MessageName) -> None:
        """Keep the message. content: as it came."""
        self._content, self._name = content, name

    def in_declaration(self, item_pointer: str, pointer: str) -> str:
        """Return the XPath of what a JSON pointer into an item's declaration means; what is none stays."""
        return self._place(item_pointer, pointer, consignment_fields)

    def in_transport_document(self, item_pointer: str, pointer: str) -> str:
        """Return the XPath of what a JSON pointer into an item's transport document means, likewise."""
        return self._place(item_pointer, pointer, transport_fields)

    def _place(self, item_pointer: str, pointer: str, fields_of: Callable[[Node], PlacedGroup]) -> str:
        element = self._elements.get(item_pointer)
        if element is None or pointer.startswith("/".join(item_pointer.split("/", 2)[:2])):
            return pointer
        return place_of(fields_of(walk(element, "Item", item_pointer, Remarks(), [])), pointer)

    @cached_property
    def _elements(self) -> dict[str, Any]:
        root, _ = read_root(self._content, self._name)
        if root is None:
            return {}
        found = _item_elements(root, self._name, f"/{local_name(root)}")
        return {place: element for element, place in found}


def decode_answers(content: bytes) -> tuple[list[ItemAnswer], list[Finding]]:
    """Read a CUSRSP. Returns the answers to its items that have no fault, and all findings. Never raises."""
    root, findings = read_root(content, "cusrsp")
    if root is None:
        return [], findings
    place, found, answers = f"/{local_name(root)}", Remarks(), []
    for element, pointer in _item_elements(root, "cusrsp", place):
        own, node = Remarks(), None
        if _is_small(element, pointer, own):
            node = walk(element, "AnsweredItem", pointer, own, [])
        told = own.findings()
        for finding in told:
            found.add(finding)
        if node is not None and all(finding.severity != "fault" for finding in told):
            answers.append(_answer(node))
    if len(root) == 0:
        found.add(Finding("missing-field", f"{place}/{_ITEM}", parameters={"field": _ITEM}))
    return answers, found.findings()


def read_root(content: bytes, name: MessageName) -> tuple[Any | None, list[Finding]]:
    """Read the XML of a message. Returns its root, or None and why not."""
    packed = find_packed(content)
    if packed is not None:
        return None, [packed]
    root, faults = read_xml(content)
    if root is None:
        return None, faults
    if root.tag != root_tag(name):
        return None, [_wrong_root(root, name)]
    if len(root) > ITEMS_MAX:
        place = f"/{local_name(root)}"
        return None, [Finding("too-many", place, parameters={"count_max": str(ITEMS_MAX)})]
    return root, []


def _wrong_root(root: Any, name: MessageName) -> Finding:
    tag, expected = etree.QName(root), etree.QName(root_tag(name))
    place = f"/{tag.localname}"[:200]
    if tag.localname == expected.localname:
        parameters = {"namespace": (tag.namespace or "")[:100], "expected": expected.namespace or ""}
        return Finding("other-namespace", place, parameters=parameters)
    return Finding("other-root", place, parameters={"root": tag.localname[:64], "known": expected.localname})


def _item_elements(root: Any, name: MessageName, place: str) -> list[tuple[Any, str]]:
    tag = next(tag for tag, fact in record(name).items() if fact.name == _ITEM)
    elements = root.findall(tag)
    numbered = enumerate(elements, start=1)
    return [
        (element, f"{place}/{_ITEM}" + (f"[{number}]" if len(elements) > 1 else ""))
        for number, element in numbered
    ]


def _header(root: Any, name: MessageName, place: str, found: Remarks, kept: list[Kept]) -> Header | None:
    """Read what stands beside the items."""
    header: Header | None = None
    header_fact = next((fact for fact in record(name).values() if fact.name == "Header"), None)
    counts = 0
    for child in root:
        fact = record(name).get(child.tag)
        below = f"{place}/{local_name(child)}"
        if fact is None:
            kept.append(
                Kept(
                    local_name(child), etree.tostring(child, encoding="unicode", with_tail=False), is_xml=True
                )
            )
            found.add(Finding("unread-element", below, "advice", {"element": local_name(child)[:64]}))
        elif fact is header_fact:
            counts += 1
            if counts > 1:
                found.add(Finding("repeated-field", below, parameters={"field": "Header"}))
                continue
            header = _read_header(walk(child, "Header", below, found, kept))
    if header_fact is not None and not counts:
        found.add(Finding("missing-field", f"{place}/Header", parameters={"field": "Header"}))
    return header


def _read_header(node: Node) -> Header:
    return Header(
        message_id=str(node.text("MessageId") or ""),
        prepared_at=str(node.text("PreparedDt") or ""),
        recipient_code=str(node.text("RecipientCd") or ""),
        sender_code=str(node.text("SenderCd") or ""),
    )


def _item(element: Any, pointer: str) -> UpuItem:
    found, kept = Remarks(), list[Kept]()
    if not _is_small(element, pointer, found):
        return UpuItem(pointer=pointer, item_id="", reference="", findings=found.findings())
    node = walk(element, "Item", pointer, found, kept)
    act = node.text("EntityState")
    known = acts().get(act) if act is not None else "declare"
    if known is None:
        found.add(Finding("upu-act-unknown", f"{pointer}/EntityState", parameters={"value": str(act)[:20]}))
    is_cancelled = known == "cancel"
    _find_in_item(node, found, is_cancelled=is_cancelled)
    _keep_extras(node, len(pointer) + 1, kept, found)
    mail = node.node("MailObject")
    item_id = str((mail and mail.text("Id")) or "")
    posted = instant_at(mail.text("PostingDt")) if mail is not None else None
    findings = found.findings()
    if is_cancelled:
        # What is cancelled need not be declared, and so not soundly.
        findings = [one for one in findings if not one.pointer.startswith(f"{pointer}/Declaration")]
    consignment, transport = None, None
    if not is_cancelled and all(one.severity != "fault" for one in findings):
        consignment, faults = read_document(consignment_fields(node), Consignment)
        if consignment is not None:
            transport, faults = read_document(transport_fields(node), TransportDocument)
        findings = [*faults, *findings]
    return UpuItem(
        pointer=pointer,
        item_id=item_id,
        reference=reference_of(item_id, posted) if item_id and posted and is_instant(posted) else "",
        posted_at=str(posted or ""),
        act=known or "declare",
        consignment=consignment if transport is not None else None,
        transport_document=transport,
        kept=kept,
        findings=findings,
    )


def _is_small(element: Any, pointer: str, found: Remarks) -> bool:
    """Say whether an item has no more elements than are read; else find it."""
    if sum(1 for _ in element.iter()) <= ELEMENTS_MAX:
        return True
    found.add(Finding("too-many", pointer, parameters={"count_max": str(ELEMENTS_MAX)}))
    return False


def _find_in_item(item: Node, found: Remarks, *, is_cancelled: bool) -> None:
    """Find what one element says about another."""
    declaration, mail = item.node("Declaration"), item.node("MailObject")
    number = mail.text("Id") if mail is not None else None
    if number is not None:
        fault = find_check_digit("s10", number, number.place)
        if fault is not None:
            found.add(fault)
        elif verify_number("s10", number) == "sound" and number[-2:] not in COUNTRY_CODES:
            found.add(Finding("unknown-country", number.place, "advice", {"value": number[-2:]}))
    if declaration is None:
        if not is_cancelled:
            place = f"{item.place}/Declaration"
            found.add(Finding("missing-field", place, parameters={"field": "Declaration"}))
        return
    data = declaration.node("Data")
    if data is None:
        return
    for side in ("Sender", "Recipient"):
        if not any(data.text(f"{side}{name}") for name in ("Name", "FirstName", "LastName")):
            name = f"{side}Name"
            found.add(Finding("missing-field", f"{data.place}/{name}", parameters={"field": name}))
    if data.text("Postage") is not None and data.text("PostageCurrencyCd") is None:
        name = "PostageCurrencyCd"
        found.add(Finding("missing-field", f"{data.place}/{name}", parameters={"field": name}))
    nature = data.text("NatureTypeCd")
    if nature is not None and nature not in natures():
        known = ", ".join(f"{one.code} {one.word}" for one in natures().values())
        found.add(
            Finding("upu-code-unknown", nature.place, "advice", {"value": str(nature)[:35], "known": known})
        )


def _keep_extras(item: Node, way_begins: int, kept: list[Kept], found: Remarks) -> None:
    declaration = item.node("Declaration")
    data = declaration.node("Data") if declaration is not None else None
    if data is None:
        return
    keep_extra_fields(data, "Data", way_begins, kept, found)
    pieces = data.node("ContentPieces")
    for piece in pieces.nodes.get(PIECE, []) if pieces is not None else []:
        keep_extra_fields(piece, "ContentPiece", way_begins, kept, found)


def _without_twins(items: list[UpuItem]) -> list[UpuItem]:
    """Refuse the second of two items with one number: nobody knows which of them is meant."""
    first: dict[str, str] = {}
    told = []
    for item in items:
        known = first.setdefault(item.reference, item.pointer) if item.reference else item.pointer
        if known != item.pointer:
            fault = Finding("upu-item-repeated", item.pointer, parameters={"first": known})
            told.append(
                msgspec.structs.replace(
                    item, consignment=None, transport_document=None, findings=[fault, *item.findings]
                )
            )
        else:
            told.append(item)
    return told


def _answer(node: Node) -> ItemAnswer:
    mail, response = sure_node(node.node("MailObject")), sure_node(node.node("Response"))
    data = sure_node(response.node("Data"))

    def text(name: str, of: Node = data) -> str | None:
        found = of.text(name)
        return None if found is None else str(found)

    dutiable = text("Dutiable")
    taxes = data.node("Taxes")
    return ItemAnswer(
        item_id=text("Id", mail) or "",
        posted_at=text("PostingDt", mail),
        customs_code=text("CustOrganizationCd", response),
        post_code=text("PostOrganizationCd", response),
        decision_code=text("DecisionCd") or "",
        reason_code=text("DecisionReasonCd"),
        reason=text("DecisionReasonNm"),
        cleared_at=text("ClearanceDt"),
        is_dutiable=None if dutiable is None else dutiable in {"true", "1"},
        taxes=[_tax(one) for one in (taxes.nodes.get("Response.ResponseData.Tax", []) if taxes else [])],
        total_amount=text("TotalFee"),
        currency_code=text("TotalFeeCurrencyCd"),
        extra_fields=_extra_fields(data),
    )


def _tax(node: Node) -> ItemTax:
    def text(name: str) -> str | None:
        found = node.text(name)
        return None if found is None else str(found)

    number = text("Number")
    return ItemTax(
        type_code=text("Type") or "",
        amount=text("Amount") or "",
        currency_code=text("CurrencyCd") or "",
        description=text("Description"),
        commodity_code=text("HS"),
        rate_percent=text("Rate"),
        unit_count=None if number is None else int(number),
    )


def _extra_fields(data: Node) -> dict[str, str]:
    return dict(zip(_strings(data, "ExtraFieldNames"), _strings(data, "ExtraFieldValues"), strict=False))


def _strings(data: Node, name: str) -> list[str]:
    found = data.node(name)
    return [str(one) for one in found.texts.get("string", [])] if found is not None else []
