"""Checking messages of the customs declaration service: our verdict, beside that of the schemas."""

import copy
import random
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.cds.check import check_message
from serai.formats.cds.facts import schemas
from serai.formats.cds.schema import find_schema_faults
from serai.formats.found import Found
from serai.formats.wco_dec import decode_dec
from serai.formats.wco_res import NOTIFICATIONS, DecResponse, encode_res
from serai.journey.finding_messages import sentence_of
from serai.model.findings import Finding
from tests.beside import SHARED, needs
from tests.costs import costs_at_most
from tools.cds_facts import main as write_facts
from tools.cds_messages import build_page, files_of, kind_of

ROOT = Path(__file__).parents[3]
CDS = SHARED / "reference" / "cds"
needs_cds = needs(CDS)
DEC = (ROOT / "examples" / "messages" / "declaration-wco-dec.xml").read_bytes()
RES = encode_res(DecResponse("accepted", "R1", "2026-07-01T10:00:00Z", "LRN1", mrn="26GB1", version=1))
MEMBER = "/MetaData/Declaration"


def faults(content: bytes) -> list[Finding]:
    return [one for one in check_message(content) if one.severity == "fault"]


def codes(content: bytes) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in faults(content)]


def test_our_own_messages_have_no_finding() -> None:
    assert check_message(DEC) == []
    assert check_message(RES) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        (b"<FunctionCode>9<", b"<FunctionCode>99<", "cds-other-value", "FunctionCode"),
        (b"<TypeCode>IMD<", b"<TypeKode>IMD<", "malformed-xml", ""),
        (b"<Description>", b"<Description/><Description>", "repeated-field", "Commodity/Description[2]"),
        (b'currencyID="GBP"', b'currencyID="pounds"', "cds-characters", "@currencyID"),
        (b"<SequenceNumeric>1<", b"<SequenceNumeric>123456<", "cds-too-many-digits", "SequenceNumeric"),
        (b"<SequenceNumeric>1<", b"<SequenceNumeric>1e400<", "not-a-decimal", "SequenceNumeric"),
        (b"<GoodsShipment>", b"<GoodsShipment>loose", "cds-loose-text", "GoodsShipment"),
        (b"<GoodsShipment>", b'<GoodsShipment colour="red">', "unknown-field", "GoodsShipment/@colour"),
        (b"<Commodity>", b"<Colour>red</Colour><Commodity>", "unknown-field", "Colour"),
        (b"<Commodity>", b'<Commodity xmlns="urn:x">', "other-namespace", "Commodity"),
        (b"DEC-DMS:2", b"DEC-DMS:9", "other-namespace", MEMBER),
        (b">3.6<", b">2.0<", "cds-version", "WCODataModelVersionCode"),
        (b">DEC<", b">RES<", "cds-other-type", "WCOTypeName"),
    ],
)
def test_one_change_gives_the_one_fault_it_is(old: bytes, new: bytes, code: str, place: str) -> None:
    assert old in DEC

    found = codes(DEC.replace(old, new, 1))

    assert code in [one for one, _ in found]
    assert any(pointer.endswith(place) for one, pointer in found if one == code)


_AMOUNT = re.compile(rb"<CustomsValueAmount.*?</CustomsValueAmount>")
_GROSS = re.compile(rb"<GrossMassMeasure.*?</GrossMassMeasure>")


def said_elsewhere(content: bytes) -> list[str]:
    assert faults(content) == []
    return [one.parameters["code"] for one in check_message(content) if one.code == "procedure-not-here"]


def test_an_item_of_unit_price_needs_no_amount_and_is_decided_elsewhere() -> None:
    plain = _AMOUNT.sub(b"", DEC)
    additional = (
        b"</GovernmentProcedure><GovernmentProcedure><CurrentCode>%b</CurrentCode></GovernmentProcedure>"
    )

    assert {code for code, _ in codes(plain)} == {"missing-field"}
    for code in ("E01", "E02"):
        content = plain.replace(b"</GovernmentProcedure>", additional % code.encode(), 1)
        assert said_elsewhere(content) == [code]
        assert [one.code for one in decode_dec(content)[1]] == ["procedure-not-here"]


@pytest.mark.parametrize("letter", "BCEF")
def test_a_simplified_declaration_needs_neither_gross_mass_nor_amount(letter: str) -> None:
    simplified = DEC.replace(b"<TypeCode>IMD<", b"<TypeCode>IM%b<" % letter.encode(), 1)

    assert said_elsewhere(_GROSS.sub(b"", simplified)) == [letter]
    assert said_elsewhere(_AMOUNT.sub(b"", simplified)) == [letter]
    assert check_message(simplified) == []
    assert {code for code, _ in codes(_GROSS.sub(b"", DEC))} == {"missing-field"}


def test_goods_that_are_not_packed_are_no_package() -> None:
    packing = b"<Packaging><SequenceNumeric>1</SequenceNumeric><MarksNumbersID>none</MarksNumbersID>"
    packing += b"<QuantityQuantity>0</QuantityQuantity><TypeCode>NE</TypeCode></Packaging>"
    content = DEC.replace(b"</GovernmentAgencyGoodsItem>", packing + b"</GovernmentAgencyGoodsItem>", 1)

    message, found = decode_dec(content)
    assert [one for one in faults(content) if one.code != "cds-order"] == []
    assert message is not None, found
    assert message.consignment is not None
    detail = message.consignment.goods_items[0].detail
    assert detail is not None
    assert [(one.type_code, one.count) for one in detail.packages] == [("NE", 0)]


@pytest.mark.parametrize(("code", "name"), [("14", "DMSCPI"), ("15", "DMSCPR"), ("18", "DMSGER")])
def test_each_notification_of_the_service_is_known(code: str, name: str) -> None:
    content = RES.replace(b"<FunctionCode>01<", b"<FunctionCode>%b<" % code.encode())

    assert faults(content) == []
    assert NOTIFICATIONS[code] == name


def test_goods_items_of_one_number_are_told() -> None:
    start = DEC.index(b"<GovernmentAgencyGoodsItem>")
    end = DEC.index(b"</GovernmentAgencyGoodsItem>") + len(b"</GovernmentAgencyGoodsItem>")
    item = f"{MEMBER}/GoodsShipment/GovernmentAgencyGoodsItem"

    found = codes(DEC[:end] + DEC[start:end] + DEC[end:])

    assert found == [("sequence-number-repeated", f"{item}[2]/SequenceNumeric")]


def test_a_byte_order_mark_is_no_fault() -> None:
    assert check_message(b"\xef\xbb\xbf" + DEC) == []


def test_a_notification_without_namespace_is_advice() -> None:
    bare = b"<MetaData><Response><FunctionCode>01</FunctionCode><Declaration/></Response></MetaData>"

    assert [(one.code, one.severity) for one in check_message(bare)] == [("cds-without-namespace", "advice")]


MOVEMENT = b"""<inv:inventoryLinkingMovementRequest xmlns:inv="http://gov.uk/customs/inventoryLinking/v1">
<inv:messageCode>EAL</inv:messageCode><inv:ucrBlock><inv:ucr>1GB150454489082-1101R12</inv:ucr>
<inv:ucrType>D</inv:ucrType></inv:ucrBlock><inv:goodsLocation>GBAUCBRLHRXAD</inv:goodsLocation>
<inv:goodsArrivalDateTime>2022-01-11T10:30:00</inv:goodsArrivalDateTime>
</inv:inventoryLinkingMovementRequest>"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"EAL", b"EAL", set()),
        (b">EAL<", b">XYZ<", {"cds-other-value"}),
        (b"1GB150454489082-1101R12", b"not a ucr", {"cds-characters"}),
        (b"T10:30:00", b" noon", {"cds-not-a-date"}),
        (b"<inv:ucrType>D</inv:ucrType>", b"", {"missing-field"}),
    ],
)
def test_movement_messages_are_checked(old: bytes, new: bytes, expected: set[str]) -> None:
    assert {code for code, _ in codes(MOVEMENT.replace(old, new, 1))} == expected


def bad_input(message: bytes, name: bytes) -> dict[str, tuple[bytes, str]]:
    return {
        "cut off": (message[: len(message) // 2], "malformed-xml"),
        "nothing": (b"", "empty-message"),
        "text": (b"Sample steps\n************\n", "not-xml"),
        "wrong root": (b"<Invoice/>", "other-root"),
        "wrong root inside": (message.replace(name, b"Invoice"), "missing-field"),
        "wrong namespace": (message.replace(b"-DMS:2", b"-DMS:8"), "other-namespace"),
        "wrong version": (message.replace(b">3.6<", b">1.0<"), "cds-version"),
        "the same reference twice": (
            message.replace(
                b"<FunctionalReferenceID>",
                b"<FunctionalReferenceID>X</FunctionalReferenceID><FunctionalReferenceID>",
                1,
            ),
            "repeated-field",
        ),
        "doctype": (b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + message[message.index(b"<md:") :], "doctype-refused"),
        "deep": (b"<a>" * 100 + b"</a>" * 100, "too-deep"),
        "huge number": (
            message.replace(b"<VersionID>1<", b"<VersionID>" + b"9" * 400 + b"<").replace(
                b"<SequenceNumeric>1<", b"<SequenceNumeric>" + b"9" * 400 + b"<"
            ),
            "too-long" if name == b"Response" else "cds-too-many-digits",
        ),
        "two encodings": (message + "Zürich".encode("latin-1"), "not-utf-8"),
        "other encoding declared behind a byte order mark": (
            b"\xef\xbb\xbf<?xml version='1.0' encoding='latin-1'?>" + message[message.index(b"<md:") :],
            "not-utf-8",
        ),
        "utf-16": (message.decode().encode("utf-16"), "not-utf-8"),
        "zip": (b"PK\x03\x04" + message, "packed-message"),
        "gzip": (b"\x1f\x8b" + message, "packed-message"),
    }


BAD = {
    f"{kind}: {name}": case
    for kind, message, root in (("DEC", DEC, b"Declaration"), ("RES", RES, b"Response"))
    for name, case in bad_input(message, root).items()
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=list(BAD))
def test_bad_input_is_refused_by_name(content: bytes, code: str) -> None:
    assert code in [one for one, _ in codes(content)]


@pytest.mark.in_turn
@pytest.mark.parametrize("name", ["GovernmentAgencyGoodsItem", "Colour"])
def test_a_million_empty_elements_are_answered_with_few_findings(name: str) -> None:
    count = 1_000_000 if name == "Colour" else 270_000  # Up to the bytes that are read at all.
    shipment = b"<GoodsShipment>" + f"<{name}/>".encode() * count

    with costs_at_most(cpu_s=10):
        found = check_message(DEC.replace(b"<GoodsShipment>", shipment))

    assert len(found) < 250
    assert found[-1].code in {"more-faults", "message-too-large"}


@given(st.binary(max_size=300), st.integers(0, len(DEC) - 1), st.sampled_from([DEC, RES, MOVEMENT]))
@settings(max_examples=150)
def test_any_bytes_are_answered(junk: bytes, position: int, message: bytes) -> None:
    check_message(junk)
    check_message(message[:position] + junk[:4] + message[position + 4 :])


def test_every_finding_has_its_sentence() -> None:
    for content, _ in BAD.values():
        for finding in check_message(content):
            said = sentence_of(finding)
            assert said.sentence, finding
            assert "{" not in said.sentence, finding


# ---- beside the reference ----


@needs_cds
def test_every_file_of_the_reference_gets_its_verdict() -> None:
    counts: Counter[str] = Counter()
    for path in files_of(CDS):
        found = faults(path.read_bytes())
        kind = kind_of(path)
        assert bool(found) == (kind == "text"), (path, found[:3])
        counts[kind] += 1

    assert counts == {
        "declaration": 110,
        "later act": 8,
        "notification": 244,
        "movement": 16,
        "query": 4,
        "text": 14,
    }


@needs_cds
def test_the_page_and_the_facts_are_what_the_tools_write() -> None:
    page = (ROOT / "docs/reference/formats/cds.md").read_text(encoding="utf-8")
    facts = (ROOT / "src/serai/formats/cds/facts.yaml").read_text(encoding="utf-8")

    assert build_page(CDS) == page
    assert write_facts(CDS) == facts


XSDS = {
    "declaration": "xsd/wco/declaration/WCO_DEC_2_DMS.xsd",
    "cancellation": "xsd/wco/declaration/CANCEL.xsd",
    "response": "xsd/wco/notification/WCO_RES_2_DMS.xsd",
}
TEXTS = ["", "x" * 600, "9" * 40, "-1", "1.5", "1e3", "  ", "two words", " GB", "gb", "ÄÖ", "20260101",
         "20261301000000Z", "20260101 ", "1\n2", "0", "+5", ".5", "5.", "00001", "0.0000001"]  # fmt: skip
NAMES = ["Colour", "ID", "Name", "TypeCode", "Address", "Declaration"]


@cache
def xsd(kind: str) -> Any:
    return etree.XMLSchema(etree.parse(CDS / XSDS[kind]))


@cache
def tops() -> list[tuple[str, bytes]]:
    """Return declarations and responses of the samples in their namespaces."""
    return [found for path in files_of(CDS) if path.suffix != ".txt" for found in _top_of(path)]


def _top_of(path: Path) -> Iterator[tuple[str, bytes]]:
    root = etree.parse(path, etree.XMLParser(remove_comments=True)).getroot()
    top = next((one for one in root.iter("{*}Response", "{*}Declaration")), None)
    if top is None or kind_of(path) in {"movement", "query"}:
        return
    top = etree.fromstring(etree.tostring(top))
    if etree.QName(top).localname == "Declaration":
        is_cancellation = top.findtext("{*}TypeCode") == "INV"
        yield "cancellation" if is_cancellation else "declaration", etree.tostring(top)
        return
    response, declaration = schemas()["response"], schemas()["declaration"]
    seconds = top.findall("{*}Declaration")[1:]
    for one in top.iter():
        if one.text and not len(one):
            one.text = one.text.strip()  # Some copies were indented.
        if etree.QName(one).namespace is None:
            is_date = one.tag == "DateTimeString"
            one.tag = f"{{{response.date_namespace if is_date else response.namespace}}}{one.tag}"
    for one in (inner for second in seconds for inner in second.iter()):
        one.tag = f"{{{declaration.namespace}}}{etree.QName(one).localname}"
    yield "response", etree.tostring(top)


def alter(chance: random.Random, top: Any) -> None:
    """Change one thing in a message."""
    element = chance.choice(list(top.iter()))
    match chance.randrange(9):
        case 0 if element is not top:
            element.getparent().remove(element)
        case 1 if element is not top:
            element.addnext(copy.deepcopy(element))
        case 2 if not len(element):
            element.text = chance.choice(TEXTS)
        case 3 if element is not top and element.getnext() is not None:
            element.getnext().addnext(element)
        case 4:
            element.tag = f"{{{etree.QName(element).namespace}}}{chance.choice(NAMES)}"
        case 5:
            name = chance.choice(["currencyID", "unitCode", "listID", "languageID", "formatCode", "colour"])
            element.set(name, chance.choice(["GBP", "gbp", "KGM", "", "TOOLONG", "304", "999"]))
        case 6:
            element.tag = f"{{urn:x}}{etree.QName(element).localname}"
        case 7 if len(element):
            element.text = "loose"
        case 8 if not len(element):
            etree.SubElement(element, element.tag)


@pytest.mark.in_turn
@needs_cds
def test_altered_samples_are_judged_as_by_the_schemas() -> None:
    chance = random.Random(20261125)
    verdicts: Counter[tuple[bool, bool]] = Counter()
    for _ in range(3_000):
        kind, content = chance.choice(tops())
        top = etree.fromstring(content)
        alter(chance, top)
        top = etree.fromstring(etree.tostring(top))
        schema, found = schemas()[kind], Found()
        find_schema_faults(top, schema, "", found)
        is_root = top.tag == f"{{{schema.namespace}}}{schema.root}"
        ours, theirs = is_root and not found.findings(), bool(xsd(kind).validate(top))
        assert ours == theirs, (kind, xsd(kind).error_log[:2], found.findings()[:3])
        verdicts[theirs, ours] += 1

    assert min(verdicts.values()) > 500
