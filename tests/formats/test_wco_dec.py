"""WCO DEC: our own messages and, where they lie beside the project, scenarios of the UK's customs service."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.wco_dec import DecMessage, decode_dec
from serai.formats.wco_dec_amend import amend_dec
from serai.formats.wco_dec_write import encode_dec
from serai.formats.wco_res import (
    DecResponse,
    Remark,
    ResponseFault,
    ResponseStatus,
    TaxLine,
    encode_res,
)
from serai.formats.wco_res_read import decode_res
from serai.model.documents import Consignment, DeclaredTax
from serai.model.errors import SeraiError
from tests.beside import SHARED, needs

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "examples" / "messages" / "declaration-wco-dec.xml").read_bytes()
CDS = SHARED / "reference" / "cds"
needs_cds = needs(CDS)


def original(content: bytes) -> Consignment:
    message, faults = decode_dec(content)
    assert faults == []
    assert message is not None
    assert message.consignment is not None
    return message.consignment


def places_of(content: bytes) -> list[tuple[str, str]]:
    message, faults = decode_dec(content)
    assert message is None
    return [(fault.code, fault.pointer) for fault in faults]


def test_example_is_read_and_comes_back_equal() -> None:
    consignment = original(EXAMPLE)

    assert consignment.logistics_channel_code == "post"
    assert consignment.goods_items[0].invoice_amount == "38.00"
    assert consignment.goods_items[0].additional_procedure_codes == ["1H7", "C07"]
    assert original(encode_dec(consignment)) == consignment


def test_all_faults_come_at_once_with_xpaths() -> None:
    content = EXAMPLE.replace(b"<Description>T-shirts, cotton, knitted</Description>", b"").replace(
        b"<SequenceNumeric>1<", b"<SequenceNumeric>one<"
    )
    content = content.replace(b"EXAMPLE-2026-0101<", b"two words<", 1)
    item = "/MetaData/Declaration/GoodsShipment/GovernmentAgencyGoodsItem"

    assert sorted(places_of(content)) == [
        ("bad-pattern", "/MetaData/Declaration/FunctionalReferenceID"),
        ("missing-field", f"{item}/Commodity/Description"),
        ("wrong-type", f"{item}/SequenceNumeric"),
    ]


def test_fault_in_the_second_goods_item_is_told_there() -> None:
    start, end = EXAMPLE.index(b"<GovernmentAgencyGoodsItem>"), EXAMPLE.index(b"</GovernmentAgencyGoodsItem>")
    end += len(b"</GovernmentAgencyGoodsItem>")
    second = EXAMPLE[start:end].replace(b'<GrossMassMeasure unitCode="KGM">0.3</GrossMassMeasure>', b"")

    places = places_of(EXAMPLE[:end] + second + EXAMPLE[end:])

    item = "/MetaData/Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]"
    assert ("missing-field", f"{item}/Commodity/GoodsMeasure/GrossMassMeasure") in places


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b">IMD<", b">EXD<", "EX"),
        (b">IMD<", b">COA<", "CO"),
        (b">IMD<", b">IMK<", "K"),
        (b"<CurrentCode>40<", b"<CurrentCode>51<", "51"),
    ],
)
def test_outside_scope_names_the_code(old: bytes, new: bytes, code: str) -> None:
    message, faults = decode_dec(EXAMPLE.replace(old, new))

    assert message is None
    assert [(fault.code, fault.parameters["code"]) for fault in faults] == [("procedure-not-here", code)]


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<Declaration>&b;</Declaration>"""
EXTERNAL = b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Declaration><FunctionCode>&x;</FunctionCode>
</Declaration>"""


UNSAFE = {
    "bomb": (BOMB, "doctype-refused"),
    "external entity": (EXTERNAL, "doctype-refused"),
    "bomb in utf-16": (BOMB.decode().encode("utf-16"), "not-utf-8"),
    "utf-7": (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a', "not-utf-8"),
    "latin-1 declared": (b'<?xml version="1.0" encoding="latin-1"?><a/>', "not-utf-8"),
    "latin-1": (EXAMPLE.replace(b"York<", "Zürich<".encode("latin-1")), "not-utf-8"),
    "cut off": (EXAMPLE[:500], "malformed-xml"),
    "undefined entity": (b"<Declaration>&undefined;</Declaration>", "malformed-xml"),
    "nothing": (b"", "empty-message"),
    "hundred levels": (b"<a>" * 100 + b"</a>" * 100, "too-deep"),
    "endless levels": (b"<a>" * 100_000, "too-deep"),
    "too large": (b"<a>" + b" " * 9_000_000 + b"</a>", "message-too-large"),
    "other root": (b"<a/>", "other-message"),
    "response": (b"<MetaData><Response><Declaration/></Response></MetaData>", "other-message"),
    "unknown act": (EXAMPLE.replace(b"<FunctionCode>9<", b"<FunctionCode>13<"), "unknown-act"),
    "empty declaration": (b"<Declaration/>", "missing-field"),
}


@pytest.mark.parametrize(("content", "code"), UNSAFE.values(), ids=list(UNSAFE))
def test_unsafe_or_broken_xml_is_refused_by_name(content: bytes, code: str) -> None:
    assert code in [found for found, _ in places_of(content)]


@given(st.binary(max_size=200), st.integers(0, len(EXAMPLE) - 1))
@settings(max_examples=100)
def test_random_and_damaged_messages_never_raise(junk: bytes, position: int) -> None:
    assert decode_dec(junk)[0] is None
    decode_dec(EXAMPLE[:position] + junk[:3] + EXAMPLE[position + 3 :])


texts = st.text("abcdefghij Ä 中-,.&<>'\"", min_size=1, max_size=30).map(str.strip).filter(bool)
amounts = st.decimals(0, 10**9, places=2).map(str)
BASE = original(EXAMPLE)


@given(texts, amounts, st.sampled_from(["6109100010", "61091000", "610910"]), st.booleans(), texts)
@settings(max_examples=60)
def test_what_a_declaration_can_carry_comes_back_equal(
    description: str, amount: str, commodity_code: str, is_reduced: bool, city: str
) -> None:
    tree: dict[str, Any] = msgspec.to_builtins(BASE)
    item = tree["goods_items"][0]
    item.update(description=description, invoice_amount=amount, commodity_code=commodity_code)
    if not is_reduced:
        taxes = [{"type_code": "A00", "regime_code": "300", "payment_method_code": "E"}, {"type_code": "B00"}]
        item.update(additional_procedure_codes=["000"], origin_country_code="CN", preference_code="300")
        item["detail"] = {
            "declared_taxes": taxes,
            "charges": [{"type_code": "AK", "amount": "1", "currency_code": "GBP"}],
        }
        tree.update(is_preference_claimed=True, payment_method_code="E")
    tree["consignee"]["city"] = city
    consignment = msgspec.convert(tree, Consignment)

    assert original(encode_dec(consignment)) == consignment


def test_instant_without_zone_cannot_be_written() -> None:
    consignment = msgspec.structs.replace(BASE, accepted_at="2026-07-01")

    with pytest.raises(SeraiError, match="bad-instant"):
        encode_dec(consignment)


def scenarios() -> list[dict[str, str]]:
    with (CDS / "scenarios.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def dec_schema() -> Any:
    return etree.XMLSchema(etree.parse(CDS / "xsd/wco/declaration/WCO_DEC_2_DMS.xsd"))


@needs_cds
def test_every_scenario_is_read_or_outside_scope_by_a_named_code() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for row in scenarios():
        message, faults = decode_dec((CDS / row["request_file"]).read_bytes())
        if message is not None:
            assert message.unread == [], row["scenario"]
            counts[row["set"], "read"] += 1
            assert row["declaration_type"].startswith("IM")
        else:
            assert {fault.code for fault in faults} == {"procedure-not-here"}, row["scenario"]
            assert all(fault.parameters["code"] for fault in faults)
            counts[row["set"], "outside"] += 1

    assert counts == {
        ("plain", "read"): 22,
        ("plain", "outside"): 38,
        ("oracle", "read"): 38,
        ("oracle", "outside"): 10,
    }


@needs_cds
def test_every_standard_import_of_the_scenarios_is_read() -> None:
    for row in scenarios():
        if row["procedure_codes"] == "4000+000" and row["declaration_type"] != "IMK":
            assert decode_dec((CDS / row["request_file"]).read_bytes())[0] is not None, row["scenario"]


@needs_cds
def test_scenarios_come_back_equal_and_valid() -> None:
    schema = dec_schema()
    for row in scenarios():
        message, _ = decode_dec((CDS / row["request_file"]).read_bytes())
        if message is None or message.consignment is None:
            continue
        written = encode_dec(message.consignment)
        assert original(written) == message.consignment, row["scenario"]
        schema.assertValid(etree.fromstring(written)[-1])


@needs_cds
@pytest.mark.parametrize(
    ("file", "value", "currency", "codes", "freight"),
    [
        ("TT_IM077a/TT_IM077a.xml", "103.33", "GBP", ["1H7", "C07", "F47"], "13.75"),
        ("TT_IM079a/TT_IM079a.xml", "39", "GBP", ["1H7", "C08"], "9"),
        ("TT_IM124a/Step1_TT_IM124a.xml", "140", "USD", ["1H7", "C07", "F48"], "13.75"),
    ],
)
def test_low_value_scenario_is_read_in_full(
    file: str, value: str, currency: str, codes: list[str], freight: str
) -> None:
    message, _ = decode_dec((CDS / "plain" / file).read_bytes())

    assert message is not None
    assert message.unread == []
    consignment = message.consignment
    assert consignment is not None
    item = consignment.goods_items[0]
    assert (item.invoice_amount, item.invoice_currency_code) == (value, currency)
    assert item.additional_procedure_codes == codes
    assert (consignment.freight_amount, consignment.charges_currency_code) == (freight, currency)
    assert consignment.logistics_channel_code == "post"
    assert consignment.consignee.region_code == "GB-NIR"
    assert (consignment.vendor_number == "IM5532027340") == ("F48" in codes)
    assert (consignment.sale_nature_code == "gift") == ("C08" in codes)


def later_act(file: str) -> DecMessage:
    message, faults = decode_dec((CDS / file).read_bytes())
    assert faults == []
    assert message is not None
    return message


@needs_cds
def test_later_acts_are_read() -> None:
    presented = later_act("plain/TT_IM077a/Movement_Messages/Step2_GPN.xml")
    cancelled = later_act("plain/TT_EX052a/Step3_Cancellation.xml")

    assert (presented.act, presented.mrn) == ("presentation", "25GB13GP6SYGRXAA01")
    assert presented.submitter_identifier == "XI603202734852"
    assert (cancelled.act, cancelled.reason_code) == ("cancellation", "1")


@needs_cds
def test_amendment_changes_what_it_names_and_nothing_else() -> None:
    before = (CDS / "oracle/TT_IM033b/TT_IM033b.xml").read_bytes()
    amendment = (CDS / "oracle/TT_IM033b/TT_IM033b_Amendment.xml").read_bytes()

    message, faults = amend_dec(before, amendment)

    assert faults == []
    assert message is not None
    tree: dict[str, Any] = msgspec.to_builtins(original(before))
    assert tree["goods_items"][0]["invoice_amount"] == "1000"
    tree["goods_items"][0]["invoice_amount"] = "998"
    assert msgspec.to_builtins(message.consignment) == tree


@needs_cds
def test_amendment_adds_documents_and_tax_lines_and_replaces_a_party() -> None:
    oracle = CDS / "oracle"
    added, _ = amend_dec(
        (oracle / "TT_IM016a/TT_IM016a.xml").read_bytes(),
        (oracle / "TT_IM016a/TT_IM016a_Amendment.xml").read_bytes(),
    )
    moved, _ = amend_dec(
        (oracle / "TT_IM082a/TT_IM002a.xml").read_bytes(),
        (oracle / "TT_IM082a/TT_IM002c_Complex_Multi_Amendment.xml").read_bytes(),
    )

    assert added is not None
    assert added.consignment is not None
    item = added.consignment.goods_items[0]
    assert [document.type_code for document in item.additional_documents][-2:] == ["9WKS", "955D"]
    assert item.detail is not None
    assert [tax.assessed_amount for tax in item.detail.declared_taxes] == [
        "111.22",
        "222.22",
        "333.22",
        "444.22",
    ]
    assert moved is not None
    assert moved.consignment is not None
    assert moved.consignment.consignor.name == "Detroit Cocoa Company"


@needs_cds
def test_every_other_file_of_the_scenarios_is_read_or_named() -> None:
    for path in sorted(CDS.rglob("*")):
        if path.suffix.lower() == ".xml":
            message, faults = decode_dec(path.read_bytes())
            assert (message is None) == bool(faults), path


TAXED = DecResponse(
    function="tax",
    reference="RESPONSE-1",
    issued_at="2026-07-01T10:00:00+02:00",
    declaration_reference="EXAMPLE-2026-0101",
    mrn="26GB00000000000000",
    version=1,
    statuses=[ResponseStatus("4")],
    tax_lines=[
        TaxLine(1, DeclaredTax(type_code="A00", regime_code="100", base_amount="1000.00", rate_percent="2.00",
                               assessed_amount="20.00", payable_amount="20.00", currency_code="GBP")),
        TaxLine(1, DeclaredTax(type_code="B00", base_amount="1020.00", rate_percent="20.00",
                               assessed_amount="204.00", payable_amount="204.00", currency_code="GBP")),
    ],
    remarks=[Remark(code="A2", type_code="AFB")],
    faults=[ResponseFault("SERAI", "TypeCode is missing.")],
)  # fmt: skip


def test_response_bears_its_tax_lines() -> None:
    root = etree.fromstring(encode_res(TAXED))

    assert root.xpath("//*[local-name()='TaxAssessedAmount']/text()") == ["20.00", "204.00"]
    assert root.xpath("//*[local-name()='DateTimeString']/text()") == ["20260701100000+02"]


def test_response_comes_back_equal() -> None:
    assert decode_res(encode_res(TAXED)) == (TAXED, [])


@needs_cds
def test_response_is_valid() -> None:
    schema = etree.XMLSchema(etree.parse(CDS / "xsd/wco/notification/WCO_RES_2_DMS.xsd"))

    schema.assertValid(etree.fromstring(encode_res(TAXED))[-1])
