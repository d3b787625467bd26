"""What is read is written the same: read -> write -> read gives the same items and the source's values."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.upu.codes import decision_codes, natures, preloading_codes
from serai.formats.upu.facts import Element, facts, tag_of
from serai.formats.upu.message import ItemAnswer, ItemTax, UpuMessage
from serai.formats.upu.read import decode_answers, decode_upu
from serai.formats.upu.write import encode_answers, encode_consignments, encode_upu
from serai.model.check_digits import right_check_digit
from serai.model.errors import SeraiError
from tests.formats.upu.items import CUSITM, CUSRSP, NAMES, SAMPLES, first_item, read

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=30
)
TEXTS = WORDS.map(lambda text: " ".join(text.split())).filter(bool)
CODES = st.text("ABCDEFGH0123456789", min_size=1, max_size=12)
DECIMALS = st.decimals(0, 10_000, places=3, allow_nan=False).map(lambda number: f"{number:f}")
LEAVES = {
    "decimal": DECIMALS,
    "whole": st.integers(0, 9_999).map(str),
    "flag": st.sampled_from(["true", "false"]),
    "instant": st.sampled_from(
        ["2026-06-29T09:00:00Z", "2026-06-29T09:00:00.5+02:00", "2026-06-29T09:00:00"]
    ),
    "country": st.sampled_from(["CV", "DE", "KE"]),
    "currency": st.sampled_from(["EUR", "JPY", "KWD"]),
}
OWN_NAMES = st.sampled_from(["MerchantProductId", "OrderReference", "Ucr", "BatchNumber", "Colour"])


def numbers() -> st.SearchStrategy[str]:
    def sound(serial: int) -> str:
        digit = right_check_digit("s10", f"RR{serial:08d}0CV")
        return f"RR{serial:08d}{digit}CV"

    return st.integers(0, 99_999_999).map(sound)


def value_of(fact: Element) -> st.SearchStrategy[str]:
    special = {
        "Id": numbers(),
        "TypeCd": st.just("MI"),
        "NatureTypeCd": st.sampled_from(sorted(natures())),
        "EntityState": st.just("1"),
        "HS": st.from_regex(r"[0-9]{6,10}", fullmatch=True),
        "SenderIdRef": st.sampled_from(["IM3720000224", "CV77"]),
    }
    texts = TEXTS.map(lambda text: text[: fact.characters_max])
    if fact.name.endswith("OrgCd"):
        return CODES
    known = special.get(fact.name, LEAVES.get(fact.type))
    return texts.map(str.strip).filter(bool) if known is None else known


@st.composite
def elements(draw: st.DrawFn, tag: str, record: str) -> etree._Element:
    """Draw an element with all it may hold, by the facts."""
    element = etree.Element(tag)
    if record == "Strings":
        return element
    for fact in facts().records[record]:
        if fact.name in {"ExtraFieldNames", "ExtraFieldValues"} or not draw(
            st.just(True) if fact.least else st.booleans()
        ):
            continue
        for _ in range(draw(st.integers(1, 3)) if fact.most != 1 else 1):
            if fact.is_leaf:
                etree.SubElement(element, tag_of(fact)).text = draw(value_of(fact))
            else:
                element.append(draw(elements(tag_of(fact), fact.type)))
    if record in {"ContentPiece", "DeclarationData"}:
        add_extra_fields(draw, element)
    return element


def add_extra_fields(draw: st.DrawFn, element: etree._Element) -> None:
    names = draw(st.lists(OWN_NAMES, max_size=3, unique=True))
    if not names:
        return
    cds, arrays = facts().namespaces["cds"], facts().namespaces["arrays"]
    for list_name, texts in (("ExtraFieldNames", names), ("ExtraFieldValues", [draw(CODES) for _ in names])):
        group = etree.SubElement(element, f"{{{cds}}}{list_name}")
        for text in texts:
            etree.SubElement(group, f"{{{arrays}}}string").text = text


def complete(item: etree._Element) -> None:
    """Add what one element asks of another, and number the content pieces."""
    cds = facts().namespaces["cds"]
    for data in item.iter(f"{{{cds}}}Data"):
        for name, text in (("SenderName", "A"), ("RecipientName", "B"), ("PostageCurrencyCd", "EUR")):
            if data.find(f"{{{cds}}}{name}") is None:
                etree.SubElement(data, f"{{{cds}}}{name}").text = text
    for number, index in enumerate(item.iter(f"{{{cds}}}Index"), start=1):
        index.text = str(number)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    cds = facts().namespaces["cds"]
    root = etree.Element(f"{{{cds}}}ArrayOfCDSView")
    for _ in range(draw(st.integers(1, 2))):
        item = draw(elements(f"{{{cds}}}CDSView", "Item").filter(lambda one: len(one) > 1))
        if item.find(f"{{{cds}}}Declaration") is not None:
            complete(item)
            root.append(item)
    return bytes(etree.tostring(root))


@pytest.mark.in_turn
@settings(max_examples=30)
@given(messages())
def test_whatever_is_read_is_written_and_read_the_same(content: bytes) -> None:
    message, _ = decode_upu(content, "cusitm")
    assert message is not None
    sound = [item for item in message.items if not item.is_faulty]
    if not sound:
        return
    written = encode_upu(UpuMessage(name="cusitm", items=sound))
    again = read(written)

    for one, other in zip(sound, again.items, strict=True):
        assert one.consignment is not None
        assert one.consignment == other.consignment
        assert one.transport_document == other.transport_document
        assert sorted((kept.way.rpartition("/")[2], kept.text) for kept in one.kept) == sorted(
            (kept.way.rpartition("/")[2], kept.text) for kept in other.kept
        )


def texts(content: bytes) -> list[tuple[str, str]]:
    return sorted(
        (etree.QName(one).localname, (one.text or "").strip())
        for one in etree.fromstring(content).iter()
        if not len(one)
    )


@pytest.mark.parametrize("name", NAMES)
def test_samples_are_written_with_the_values_of_their_source(name: str) -> None:
    content = (SAMPLES / f"{name}.xml").read_bytes()

    written = encode_upu(read(content, name))
    assert [one for one in texts(content) if one != ("EntityState", "1")] == texts(written)


def test_what_is_kept_is_written_where_it_stood() -> None:
    item = first_item(
        ("<GrossWeight>", "<Colour>blue</Colour><InsuredValue>50</InsuredValue><GrossWeight>"),
        ("MerchantProductId<", "BatchNumber<"),
    )

    again = read(encode_upu(UpuMessage(name="cusitm", items=[item]))).items[0]
    assert {(one.way, one.text.strip()) for one in again.kept} >= {("Declaration/Data/InsuredValue", "50")}
    assert len(again.kept) == len(item.kept)


def test_what_stands_beside_the_items_is_kept_told_and_written() -> None:
    beside = CUSITM.replace(b"</ArrayOfCDSView>", b"<Seal>7</Seal></ArrayOfCDSView>")
    message, findings = decode_upu(beside, "cusitm")

    assert [one.pointer for one in findings] == ["/ArrayOfCDSView/Seal"]
    assert message is not None
    assert b"<Seal>7</Seal>" in encode_upu(message)


def test_elements_stand_in_the_order_of_the_contract() -> None:
    (data, *_) = etree.fromstring(encode_upu(read(CUSITM))).iter("{*}Data")

    names = [etree.QName(one).localname for one in data]
    assert names == sorted(names)


def test_a_declaration_from_elsewhere_can_be_told_to_customs_as_an_item() -> None:
    consignment = first_item().consignment
    assert consignment is not None

    (item,) = read(encode_consignments([consignment])).items
    assert item.consignment == consignment


def test_a_declaration_without_a_date_of_posting_cannot() -> None:
    consignment = first_item().consignment
    assert consignment is not None
    assert consignment.detail is not None
    undated = msgspec.structs.replace(consignment.detail, issued_at=None)
    with pytest.raises(SeraiError) as refused:
        encode_consignments([msgspec.structs.replace(consignment, detail=undated)])

    assert refused.value.code == "upu-cannot-hold"
    assert "PostingDt" in refused.value.message


DECISIONS = [
    *(one.code for one in decision_codes().values()),
    *(one.code for one in preloading_codes().values()),
]
TAXES = st.builds(
    ItemTax,
    type_code=CODES,
    amount=DECIMALS,
    currency_code=st.sampled_from(["EUR", "JPY"]),
    description=st.none() | TEXTS,
    commodity_code=st.none() | CODES,
    rate_percent=st.none() | DECIMALS,
    unit_count=st.none() | st.integers(1, 99),
)
ANSWERS = st.builds(
    ItemAnswer,
    item_id=numbers(),
    decision_code=st.sampled_from(DECISIONS),
    posted_at=st.none() | st.just("2026-06-29T09:00:00Z"),
    customs_code=st.none() | CODES,
    post_code=st.none() | CODES,
    reason_code=st.none() | CODES,
    reason=st.none() | TEXTS,
    cleared_at=st.none() | st.just("2026-06-30T09:00:00Z"),
    is_dutiable=st.none() | st.booleans(),
    taxes=st.lists(TAXES, max_size=3),
    total_amount=st.none() | DECIMALS,
    currency_code=st.none() | st.sampled_from(["EUR"]),
    extra_fields=st.dictionaries(CODES, TEXTS, max_size=4),
)


@settings(max_examples=60)
@given(st.lists(ANSWERS, min_size=1, max_size=3))
def test_answers_are_read_as_they_were_written(answers: list[ItemAnswer]) -> None:
    assert decode_answers(encode_answers(answers)) == (answers, [])


def test_the_sample_of_an_answer_is_read_and_written_the_same() -> None:
    answers, findings = decode_answers(CUSRSP)

    assert findings == []
    assert texts(encode_answers(answers)) == texts(CUSRSP)
