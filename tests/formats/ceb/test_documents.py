"""CEB messages to documents and back: the same values, whatever stands in them."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.ceb.check import check_message
from serai.formats.ceb.facts import NAMESPACE, editions_of
from serai.formats.ceb.mapping import answer_name, mappings
from serai.formats.ceb.message import CebMessage, Receipt
from serai.formats.ceb.read import decode_ceb, decode_receipts
from serai.formats.ceb.unread import with_unread
from serai.formats.ceb.write import encode_ceb, encode_receipts, receipt_of
from serai.formats.json_lines import canonical
from serai.formats.kept import Kept
from serai.journey.documents.personal_data import cut_people
from serai.model.documents import Consignment, Order, Remark
from serai.model.errors import SeraiError
from tests.formats.ceb.messages import GUID, SAMPLES, TRANSFER, message, needs_ceb, order

SOUND = message(order(1), order(2))
OF_DOCUMENTS = [one for one in SAMPLES if one.stem in mappings()]
OF_RECEIPTS = [one for one in SAMPLES if b"returnStatus" in one.read_bytes()]


def read(content: bytes) -> CebMessage:
    found, faults = decode_ceb(content)
    assert found is not None, faults
    return found


def leaves(content: bytes) -> list[tuple[str, str]]:
    """List what a message says, in order, but for the signature."""
    return [
        (etree.QName(one).localname, one.text)
        for one in etree.fromstring(content).iter()
        if not len(one) and one.text and one.text.strip() and etree.QName(one).namespace == NAMESPACE
    ]


def test_order_is_read_into_named_fields() -> None:
    first, second = read(SOUND).documents

    assert isinstance(first.content, Order)
    assert first.content.reference == "ORDER-1"
    assert first.content.currency_code == "CNY"
    assert first.content.purchased_at == "2026-03-01T09:30:00+08:00"
    assert first.content.lines[0].detail is not None
    assert first.content.lines[0].detail.origin_country_code == "DE"
    assert first.content.consignee is not None
    assert first.content.consignee.street == "某路1号"
    assert first.content.detail is not None
    assert first.content.detail.paid_amount == "136.2"
    assert (first.submission.act_code, first.submission.guid) == ("1", GUID.format(1))
    assert second.pointer == "/CEB311Message/Order[2]"


def test_empty_element_stands_for_the_value_that_the_schema_fixes() -> None:
    (document,) = read(message(order(1).replace("<ceb:currency>142<", "<ceb:currency><"))).documents

    assert isinstance(document.content, Order)
    assert document.content.currency_code == "CNY"


def test_fault_of_one_document_leaves_its_neighbour() -> None:
    faulty = order(1).replace("<ceb:qty>2</ceb:qty>", "")

    first, second = read(message(faulty, order(2))).documents

    assert first.content is None
    assert [(one.code, one.pointer) for one in first.findings] == [
        ("missing-field", "/CEB311Message/Order[1]/OrderList/qty")
    ]
    assert second.content is not None


def test_parts_that_a_message_lacks_are_told_beside_its_documents() -> None:
    found, faults = decode_ceb(message(order(1), transfer=""))

    assert found is not None
    assert found.documents[0].content is not None
    assert [(one.code, one.pointer) for one in faults] == [("missing-field", "/CEB311Message/BaseTransfer")]


def test_documents_beyond_the_hundred_of_a_message_are_told_not_read() -> None:
    found, faults = decode_ceb(message(*[order(1)] * 102))

    assert found is not None
    assert len(found.documents) == 100
    assert [(one.code, one.parameters["count_max"]) for one in faults] == [("too-many", "100")]


def test_unknown_elements_are_kept_told_and_written_back() -> None:
    added = order(1).replace("</ceb:OrderHead>", "<ceb:colour>red</ceb:colour></ceb:OrderHead>")
    added = added.replace("</ceb:OrderList>", "<ceb:deep><ceb:x>1</ceb:x></ceb:deep></ceb:OrderList>")

    found = read(message(added))
    (document,) = found.documents

    assert document.content is not None
    assert Kept("OrderHead/colour", "red") in document.kept
    assert {(one.code, one.severity) for one in document.findings} == {("unread-element", "advice")}
    assert leaves(encode_ceb(found)) == leaves(message(added))


def test_bar_code_too_long_for_its_field_is_kept_with_the_declaration() -> None:
    long = "X" * 20
    found = read(inventory_with("barCode", long))
    (document,) = found.documents

    assert isinstance(document.content, Consignment)
    assert document.content.goods_items[0].standard_product_id is None
    assert [(one.way, one.text) for one in document.kept] == [("InventoryList[1]/barCode", long)]
    assert leaves(encode_ceb(found)) == leaves(inventory_with("barCode", long))


def test_code_without_counterpart_is_marked_and_comes_back() -> None:
    found = read(message(order(1).replace("<ceb:unit>007<", "<ceb:unit>999<")))
    (document,) = found.documents

    assert isinstance(document.content, Order)
    assert document.content.lines[0].detail is not None
    assert document.content.lines[0].detail.quantity_unit_code == "CEB:999"
    assert [(one.code, one.parameters["value"]) for one in document.findings] == [("ceb-unknown-code", "999")]
    assert b"<ceb:unit>999<" in encode_ceb(found)


def test_mass_of_the_whole_is_shared_out_exactly() -> None:
    content = inventory_with("grossWeight", "1", rows=3)
    (document,) = read(content).documents

    assert isinstance(document.content, Consignment)
    assert [item.gross_mass_kg for item in document.content.goods_items] == ["0.33334", "0.33333", "0.33333"]
    assert "ceb-mass-of-the-whole" in [one.code for one in document.findings]


def test_mass_is_shared_out_by_the_kilograms_of_the_tariff_where_every_row_has_them() -> None:
    kilograms = {"qty1": ["3", "1"], "unit1": ["035", "035"], "grossWeight": ["4.4", ""]}
    content = generated(
        "CEB621Message", lambda step, row: kilograms.get(step.name, [plain(step)] * 2)[row], rows=2
    )
    (document,) = read(content).documents

    assert isinstance(document.content, Consignment)
    assert [item.gross_mass_kg for item in document.content.goods_items] == ["3.30000", "1.10000"]
    assert document.content.detail is not None
    assert document.content.detail.gross_mass_kg == "4.4"


def test_free_words_are_kept_with_the_buyer_and_go_to_the_vault_with_the_buyer() -> None:
    noted = order(1).replace("</ceb:OrderHead>", "<ceb:note>给张三</ceb:note></ceb:OrderHead>")
    noted = noted.replace("</ceb:OrderList>", "<ceb:note>张三的杯子</ceb:note></ceb:OrderList>")

    (document,) = read(message(noted)).documents

    assert isinstance(document.content, Order)
    assert document.content.buyer is not None
    assert document.content.buyer.remarks == [Remark("给张三"), Remark("张三的杯子", 1)]
    (cut,) = cut_people([document.content], [canonical(document.content)])
    assert "张三" not in cut.message.decode()


def test_signature_is_kept_as_it_came_and_not_written_back() -> None:
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>AA=='
    signature += "</ds:SignatureValue></ds:Signature>"
    found, faults = decode_ceb(message(order(1), transfer=TRANSFER + signature))

    assert found is not None
    assert found.signature is not None
    assert "<ds:SignatureValue>AA==</ds:SignatureValue>" in found.signature
    assert [(one.code, one.severity) for one in faults] == [("signature-not-verified", "advice")]
    assert b"SignatureValue" not in encode_ceb(found)


def test_what_a_message_cannot_hold_is_refused_by_name() -> None:
    found = read(SOUND)
    content = found.documents[0].content
    assert isinstance(content, Order)
    changed = msgspec.structs.replace(content, insurance_amount="3.00")
    document = msgspec.structs.replace(found.documents[0], content=changed)

    with pytest.raises(SeraiError, match="insurance_amount") as caught:
        encode_ceb(msgspec.structs.replace(found, documents=[document]))

    assert caught.value.code == "ceb-cannot-hold"


def test_message_that_holds_no_document_is_told() -> None:
    found, faults = decode_ceb(message(name="CEB900Message"))

    assert found is None
    assert [one.code for one in faults] == ["ceb-not-a-document"]


def test_answer_says_what_it_answers() -> None:
    (document, _) = read(SOUND).documents
    receipt = receipt_of(
        "CEB311Message",
        document,
        guid=GUID.format(5),
        status_code="120",
        issued_at="20260301093001000",
        text="stored",
    )

    content = encode_receipts(answer_name("CEB311Message"), GUID.format(6), [receipt])

    assert decode_receipts(content) == ([receipt], [])
    assert receipt.subject == {"ebpCode": "9911000001", "ebcCode": "9911000002", "orderNo": "ORDER-1"}


def test_answer_that_lacks_what_its_schema_wants_is_refused() -> None:
    receipt = Receipt(GUID.format(5), "120", "20260301093001000", "x", {"copNo": "COP-1"})

    with pytest.raises(SeraiError, match="InventoryReturn"):
        encode_receipts("CEB622Message", GUID.format(6), [receipt])


def inventory_with(name: str, text: str, rows: int = 1) -> bytes:
    return generated("CEB621Message", lambda step, _: text if step.name == name else plain(step), rows)


def plain(step: Any) -> str:
    """Give a text that the element certainly may hold."""
    known = {
        "appType": "1",
        "appStatus": "2",
        "currency": "142",
        "tradeMode": "1210",
        "ieFlag": "I",
        "appTime": "20260301093000",
    }
    known |= {"declTime": "20260301", "ieDate": "20260301", "country": "116", "payTime": "20260301093000"}
    known |= {"buyerIdType": "1", "payerIdType": "1", "orderType": "I"}
    known |= {"accountingDate": "20260301093000", "packNo": "1", "gcode": "6109100000"}
    if step.name in known:
        return known[step.name]
    if step.leaf.form.kind != "text":
        return "1"
    return "7" * max(int(step.leaf.form.characters_min), 1)


def generated(name: str, text_of: Any, rows: int = 1) -> bytes:
    """Write a message with one document, each leaf as `text_of` (step, row) says; None leaves it out."""
    edition, mapping = editions_of(name)[0], mappings()[name]
    root = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"ceb": NAMESPACE})
    root.set("guid", GUID.format(1))
    root.set("version", "1.0")
    group = etree.SubElement(root, f"{{{NAMESPACE}}}{mapping.group}")
    records = [(mapping.head or mapping.group, 0), *((mapping.rows, n) for n in range(rows) if mapping.rows)]
    for record, row in records:
        element = group if record == mapping.group else etree.SubElement(group, f"{{{NAMESPACE}}}{record}")
        for step in edition.records[str(record)].steps[:-1]:
            if step.leaf is None:
                continue
            text = str(row + 1) if step.name == "gnum" else text_of(step, row)
            if text is not None:
                etree.SubElement(element, step.tag).text = text
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Z"))
NARROW = {"reference", "orderNo", "logisticsNo", "billNo", "payTransactionId", "payNo", "voyageNo"}


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Messages of every kind with texts of any length and script that the schemas allow."""
    name = draw(st.sampled_from(sorted(mappings())))

    def text_of(step: Any, _row: int) -> str | None:
        if not step.least and draw(st.booleans()):
            return None
        sure = plain(step)
        if step.leaf.form.kind == "decimal":
            return f"{draw(st.integers(0, 10**9))}.{draw(st.integers(0, 99_999)):05d}"
        if (
            step.leaf.form.kind != "text"
            or sure != "7" * max(step.leaf.form.characters_min, 1)
            or step.leaf.form.characters_min == step.leaf.form.characters_max
        ):
            return sure
        letters = st.sampled_from("AZ09-") if step.name in NARROW or step.name.endswith("Code") else LETTERS
        most = min(step.leaf.form.characters_max, 60)
        return draw(st.text(letters, min_size=max(step.leaf.form.characters_min, 1), max_size=most))

    return generated(name, text_of, draw(st.integers(1, 3)))


@pytest.mark.in_turn
@given(messages())
@settings(max_examples=150)
def test_read_write_read_gives_the_same_documents_and_the_source_values(content: bytes) -> None:
    found = read(content)
    assert [one.findings for one in found.documents if one.content is None] == []

    written = encode_ceb(found)

    assert leaves(written) == leaves(content)
    assert read(written) == found


@needs_ceb
@pytest.mark.parametrize("sample", OF_DOCUMENTS, ids=lambda one: one.stem)
def test_sample_comes_back_with_the_same_values_and_documents(sample: Path) -> None:
    found = read(sample.read_bytes())
    assert all(one.content is not None for one in found.documents)

    written = encode_ceb(found)

    assert leaves(written) == leaves(sample.read_bytes())
    assert read(written).documents == found.documents


@needs_ceb
@pytest.mark.parametrize("sample", OF_RECEIPTS, ids=lambda one: one.stem)
def test_sample_of_answers_comes_back_with_the_same_values(sample: Path) -> None:
    content = sample.read_bytes()
    receipts, faults = decode_receipts(content)
    assert faults == []

    written = encode_receipts(sample.stem, str(etree.fromstring(content).get("guid")), receipts)

    assert leaves(written) == leaves(content)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_any_bytes_are_answered(content: bytes) -> None:
    found, faults = decode_ceb(content)

    assert found is not None or faults


@st.composite
def altered_orders(draw: st.DrawFn) -> bytes:
    """A message of three orders in which one thing of the second is spoilt."""
    spoilt = order(2)
    name, text = draw(st.sampled_from([*SPOILT]))
    begin = spoilt.index(f"<ceb:{name}>") + len(name) + 6
    spoilt = spoilt[:begin] + draw(st.just(text)) + spoilt[spoilt.index("<", begin) :]
    return message(order(1), spoilt, order(3))


SPOILT = [
    ("appType", "9"),
    ("appTime", "20261399000000"),
    ("appStatus", "7"),
    ("orderType", "Q"),
    ("orderNo", ""),
    ("orderNo", "X" * 61),
    ("buyerIdType", "5"),
    ("goodsValue", "1e3"),
    ("freight", "9" * 30),
    ("currency", "840"),
    ("qty", "-"),
    ("gnum", "1.5"),
    ("country", "12345"),
]


@given(altered_orders())
@settings(max_examples=60)
def test_reading_refuses_what_the_check_refuses_and_its_neighbours_stay(content: bytes) -> None:
    faults = {one.pointer for one in check_message(content) if one.severity == "fault"}

    first, second, third = read(content).documents

    assert faults
    assert all(pointer.startswith("/CEB311Message/Order[2]") for pointer in faults)
    assert second.content is None
    assert faults <= {one.pointer for one in second.findings}
    assert first.content is not None
    assert third.content is not None


@given(messages())
@settings(max_examples=60)
def test_what_the_check_takes_is_read(content: bytes) -> None:
    faults = [one for one in check_message(content) if one.severity == "fault"]
    documents = read(content).documents

    if not [one for one in faults if "Signature" not in one.pointer and "BaseTransfer" not in one.pointer]:
        assert [one.findings for one in documents if one.content is None] == []


def test_what_nothing_reads_is_stored_with_a_person_of_the_document() -> None:
    added = order(1).replace("</ceb:OrderHead>", "<ceb:colour>red</ceb:colour></ceb:OrderHead>")
    added = added.replace("</ceb:OrderList>", f"<ceb:x>{'y' * 1001}</ceb:x></ceb:OrderList>")
    (document,) = read(message(added)).documents

    content, findings = with_unread("CEB311Message", document)

    assert isinstance(content, Order)
    assert content.buyer is not None
    assert content.buyer.remarks == [Remark("red", element="OrderHead/colour")]
    assert [one.pointer for one in findings if one.code == "element-not-kept"] == [
        "/CEB311Message/Order/OrderList[1]/x"
    ]


@given(st.text(LETTERS, max_size=80), st.sampled_from(["customsCode", "invtNo", "copNo", "preNo", "ebpCode"]))
@settings(max_examples=40)
def test_every_document_can_be_answered_however_faulty_its_numbers(text: str, name: str) -> None:
    (document,) = read(inventory_with(name, text)).documents

    receipt = receipt_of(
        "CEB621Message",
        document,
        guid=GUID.format(5),
        status_code="100",
        issued_at="20260301093001000",
        text="x",
        numbers={"preNo": "B" * 18, "copNo": document.subject.get("copNo") or "-"},
    )

    assert decode_receipts(encode_receipts("CEB622Message", GUID.format(6), [receipt])) == ([receipt], [])
