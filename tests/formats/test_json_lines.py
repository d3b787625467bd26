"""JSON lines: good ones exact under any spelling, bad ones with all their faults, none of them fatal."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.decoded import FINDINGS_MAX, KINDS
from serai.formats.json_lines import LINE_BYTES_MAX, canonical, decode_lines, encode_document, encode_lines
from serai.model.documents import Arrival, Consignment, Order, Payment, TransportDocument
from serai.model.findings import Finding

EXAMPLES = Path(__file__).parents[2] / "examples" / "messages"
LINE = (EXAMPLES / "declarations.ndjson").read_bytes().splitlines()[0]


def faults_of(line: bytes) -> list[Finding]:
    decoded = decode_lines([line], Consignment)
    assert (decoded.documents[0] is None) == bool(decoded.findings[0])
    assert (decoded.documents[0] is None) == (decoded.canonical[0] is None)
    return decoded.findings[0]


def places_of(line: bytes) -> list[tuple[str, str]]:
    return [(fault.code, fault.pointer) for fault in faults_of(line)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("declaration.json", Consignment),
        ("order.json", Order),
        ("payment.json", Payment),
        ("transport-document.json", TransportDocument),
        ("arrival.json", Arrival),
    ],
)
def test_example_is_read_and_comes_back_equal(name: str, kind: Any) -> None:
    decoded = decode_lines([(EXAMPLES / name).read_bytes()], kind)

    assert decoded.findings == [[]]
    assert decode_lines([encode_document(decoded.documents[0])], kind).documents == decoded.documents  # type: ignore[arg-type]


def test_one_byte_order_mark_is_no_fault_and_thousands_are_one() -> None:
    mark = b"\xef\xbb\xbf"
    line = json.dumps({"reference": "A"}).encode()

    lines = [mark + line, mark * 2 + line, mark * 3_000 + line]
    once, twice, often = decode_lines(lines, Consignment).findings

    assert once
    assert {one.code for one in once} == {"missing-field"}
    assert [one.code for one in twice] == [one.code for one in often] == ["malformed-json"]


def test_ndjson_example_has_ten_good_lines() -> None:
    lines = (EXAMPLES / "declarations.ndjson").read_bytes().splitlines()

    decoded = decode_lines(lines, Consignment)

    assert len(lines) == 10
    assert decoded.findings == [[]] * 10
    good = [document for document in decoded.documents if document is not None]
    assert encode_lines(good).splitlines() == lines


def test_one_bad_line_does_not_touch_its_neighbours() -> None:
    decoded = decode_lines([LINE, LINE[:200], LINE], Consignment)

    assert [document is None for document in decoded.documents] == [False, True, False]
    assert [fault.code for fault in decoded.findings[1]] == ["truncated-json"]


def test_all_faults_come_at_once_each_with_its_pointer() -> None:
    document = json.loads(LINE)
    del document["logistics_channel_code"]
    document["consignee"]["shoe_size"] = "x"
    document["goods_items"][0]["sequence_number"] = 0
    document["goods_items"][1]["description"] = "x" * 513
    document["goods_items"][1]["quantity"] = 2
    document["reference"] = "two words"

    places = places_of(json.dumps(document).encode())

    assert sorted(places) == [
        ("bad-pattern", "/reference"),
        ("missing-field", "/logistics_channel_code"),
        ("out-of-range", "/goods_items/0/sequence_number"),
        ("too-long", "/goods_items/1/description"),
        ("unknown-field", "/consignee/shoe_size"),
        ("wrong-type", "/goods_items/1/quantity"),
    ]


def test_misspelt_field_gets_a_suggestion() -> None:
    faults = faults_of(LINE.replace(b'"description"', b'"descriptions"', 1))

    unknown = next(fault for fault in faults if fault.code == "unknown-field")
    assert unknown.parameters == {"field": "descriptions", "did_you_mean": "description"}


@pytest.mark.parametrize(
    "addition",
    [
        b'"logistics_channel_code":"express"',
        b'"logistics_channel_code" :"post"',
        b'"logistics_channel\\u005fcode":"post"',
        b'"ucr":null,"logistics_channel_code":"post"',
        b'"platform_id":"a\\u003ab","logistics_channel_code":"post"',
    ],
)
def test_repeated_field_is_a_fault_however_it_is_spelt(addition: bytes) -> None:
    line = LINE[:-1] + b"," + addition + b"}"

    assert ("repeated-field", "/logistics_channel_code") in places_of(line)


def test_defaults_written_out_and_colons_in_text_are_no_repeated_fields() -> None:
    document = json.loads(LINE)
    document.update(is_duty_charged_to_buyer=False, ucr=None, amendment_reason='a ":" b: \\ "x":1')

    decoded = decode_lines([json.dumps(document).encode()], Consignment)

    assert decoded.findings == [[]]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (b"1e400", "out-of-range"),
        (b"-1e400", "out-of-range"),
        (b"NaN", "out-of-range"),
        (b"Infinity", "out-of-range"),
        (b"-0", "out-of-range"),
        (b"9223372036854775808", "out-of-range"),
        pytest.param(b"9" * 5000, "out-of-range", id="five thousand digits"),
        (b"1.5", "wrong-type"),
        (b'"1"', "wrong-type"),
        (b"true", "wrong-type"),
    ],
)
def test_number_that_is_no_line_number_is_told_at_its_place(number: bytes, code: str) -> None:
    line = LINE.replace(b'"sequence_number":1', b'"sequence_number":' + number, 1)

    assert places_of(line) == [(code, "/goods_items/0/sequence_number")]


BROKEN = {
    "nothing": (b"", "empty-message"),
    "blanks": (b"  ", "empty-message"),
    "null": (b"null", "wrong-type"),
    "list": (b"[]", "wrong-type"),
    "opened only": (b"{", "truncated-json"),
    "something behind": (LINE + b"x", "malformed-json"),
    "a million lists": (b"[" * 1_000_000, "too-deep"),
    "many objects": (b'{"a":' * 100_000, "too-deep"),
    "forty lists": (b'{"consignor":' + b"[" * 40 + b"]" * 40 + b"}", "too-deep"),
    "utf-16": (LINE.decode().encode("utf-16"), "not-utf-8"),
    "utf-16 without mark": (LINE.decode().encode("utf-16-be"), "not-utf-8"),
    "latin-1": (LINE.replace(b"Berlin", "Köln".encode("latin-1")), "not-utf-8"),
    "nul": (LINE.replace(b"Berlin", b"Ber\\u0000lin"), "nul-character"),
    "surrogate": (LINE.replace(b"Berlin", b"\\ud800"), "broken-character"),
    "too large": (b'"' + b"x" * LINE_BYTES_MAX + b'"', "message-too-large"),
}


@pytest.mark.parametrize(("line", "code"), BROKEN.values(), ids=list(BROKEN))
def test_broken_message_is_named(line: bytes, code: str) -> None:
    assert code in [fault.code for fault in faults_of(line)]


def test_byte_order_mark_is_no_fault() -> None:
    assert faults_of(b"\xef\xbb\xbf" + LINE) == []


def test_junk_fills_no_reply() -> None:
    line = b"{" + b",".join(b'"k%d":1' % number for number in range(2000)) + b"}"

    faults = faults_of(line)

    assert len(faults) == FINDINGS_MAX + 1
    assert faults[-1].code == "more-faults"


def test_value_is_never_repeated_in_a_finding() -> None:
    line = LINE.replace(b'"city":"Berlin"', b'"city":{"name":"Secret Person"}')

    assert all("Secret" not in str(fault) for fault in faults_of(line))


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=30)
references = st.from_regex(r"[!-~]{1,70}", fullmatch=True)
decimals = st.decimals(0, 10**9, places=2).map(str)


@st.composite
def consignments(draw: st.DrawFn) -> dict[str, Any]:
    person = st.fixed_dictionaries({"name": texts, "country_code": st.just("DE")}, optional={"city": texts})
    item = st.fixed_dictionaries(
        {
            "sequence_number": st.integers(1, 9999),
            "commodity_code": st.just("61091000"),
            "description": texts,
            "quantity": decimals,
            "invoice_amount": decimals,
            "invoice_currency_code": st.just("EUR"),
            "origin_country_code": st.just("CN"),
            "gross_mass_kg": decimals,
        },
        optional={"quantity_unit_code": st.sampled_from(["C62", "KGM"]), "order_reference": references},
    )
    return draw(
        st.fixed_dictionaries(
            {
                "reference": references,
                "goods_items": st.lists(item, min_size=1, max_size=3),
                "consignor": person,
                "consignee": person,
                "logistics_channel_code": st.sampled_from(["post", "express"]),
            },
            optional={
                "ucr": st.none() | references,
                "is_platform_sale": st.booleans(),
                "order_references": st.lists(references, max_size=2),
            },
        )
    )


def shuffled(node: Any, random: Any) -> Any:
    if isinstance(node, dict):
        keys = list(node)
        random.shuffle(keys)
        return {key: shuffled(node[key], random) for key in keys}
    return [shuffled(value, random) for value in node] if isinstance(node, list) else node


@given(consignments(), st.randoms(use_true_random=False), st.booleans(), st.sampled_from([None, 1, 4]))
@settings(max_examples=60)
def test_same_content_has_the_same_canonical_bytes(
    document: dict[str, Any], random: Any, is_ascii: bool, indent: int | None
) -> None:
    plain = decode_lines([json.dumps(document).encode()], Consignment)
    other = json.dumps(shuffled(document, random), ensure_ascii=is_ascii, indent=indent).encode()

    again = decode_lines([other], Consignment)

    assert plain.findings == again.findings == [[]]
    assert plain.canonical == again.canonical
    read = plain.documents[0]
    assert read is not None
    assert canonical(read) == plain.canonical[0]
    assert decode_lines([canonical(read)], Consignment).documents == plain.documents


@given(st.binary(max_size=300), st.sampled_from(sorted(KINDS)))
@settings(max_examples=150)
def test_random_bytes_are_faulty_and_never_raise(line: bytes, kind: str) -> None:
    decoded = decode_lines([line], KINDS[kind])

    assert decoded.documents == [None]
    assert decoded.findings[0]


@given(st.integers(0, len(LINE) - 1), st.binary(min_size=1, max_size=3))
@settings(max_examples=150)
def test_damaged_line_is_read_or_faulty_and_never_raises(position: int, damage: bytes) -> None:
    faults_of(LINE[:position] + damage + LINE[position + 1 :])


def empty_items(count: int) -> bytes:
    return b'{"reference":"R","goods_items":[{}' + b",{}" * count + b"]}"


def unknown_fields(count: int) -> bytes:
    return b"{" + b",".join(b'"a%d":1' % number for number in range(count)) + b"}"


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("line_of", "count", "code"),
    [
        (empty_items, 1_000_000, "too-many"),
        (empty_items, 90_000, "too-many"),
        (unknown_fields, 300_000, "unknown-field"),
    ],
    ids=["a million empty items", "items within the bound", "fields nobody knows"],
)
def test_ever_more_faults_cost_as_the_line_is_long(
    line_of: Callable[[int], bytes], count: int, code: str
) -> None:
    took_s = []
    for length in (count // 10, count):
        line = line_of(length)
        before_s = time.process_time()
        findings = decode_lines([line], Consignment).findings[0]
        took_s.append(time.process_time() - before_s)

        assert code in {finding.code for finding in findings}
        assert len(findings) <= FINDINGS_MAX + 1
    # Ten times the line: a square would take a hundred times as long.
    assert took_s[1] < 30 * took_s[0] + 0.1
