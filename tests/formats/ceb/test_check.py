"""Checking CEB messages: our verdict, place by place, and against the schemas themselves where they lie."""

import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.ceb.check import check_message
from serai.formats.ceb.facts import editions_of, message_names
from serai.journey.finding_messages import sentence_of
from serai.model.findings import Finding
from tests.costs import costs_at_most
from tests.formats.ceb.messages import CEB, LINE, SAMPLES, message, needs_ceb, order

SOUND = message(order(1), order(2))
MUTATIONS_PER_SAMPLE = 40


def faults(content: bytes) -> list[Finding]:
    return [one for one in check_message(content) if one.severity == "fault"]


def codes(content: bytes) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in check_message(content)]


def test_sound_message_has_no_finding() -> None:
    assert check_message(SOUND) == []


def test_every_fault_is_told_at_its_place_at_once() -> None:
    second = order(2).replace("<ceb:freight>10</ceb:freight>", "").replace("ORDER-2", "O" * 61)
    second = second.replace("<ceb:qty>2<", "<ceb:qty>two<").replace("<ceb:appType>1<", "<ceb:appType>7<")

    found = codes(message(order(1), second))

    head, line = "/CEB311Message/Order[2]/OrderHead", "/CEB311Message/Order[2]/OrderList"
    assert sorted(found) == sorted(
        [
            ("missing-field", f"{head}/freight"),
            ("too-long", f"{head}/orderNo"),
            ("not-a-decimal", f"{line}/qty"),
            ("ceb-other-value", f"{head}/appType"),
            ("ceb-total-differs", f"{head}/acturalPaid"),
        ]
    )


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("<ceb:gnum>1<", "<ceb:gnum>99999999999<", "ceb-too-many-digits", "Order/OrderList/gnum"),
        ("<ceb:gnum>1<", "<ceb:gnum>2147483648<", "out-of-range", "Order/OrderList/gnum"),
        ("<ceb:qty>2<", f"<ceb:qty>{'9' * 400}<", "ceb-too-many-digits", "Order/OrderList/qty"),
        ("<ceb:qty>2<", "<ceb:qty>2.123456<", "ceb-too-many-digits", "Order/OrderList/qty"),
        ("<ceb:qty>2<", "<ceb:qty>2e1<", "not-a-decimal", "Order/OrderList/qty"),
        (
            "<ceb:unit>007</ceb:unit>",
            "<ceb:unit>007<ceb:x/></ceb:unit>",
            "wrong-type",
            "Order/OrderList/unit",
        ),
        ("<ceb:unit>007</ceb:unit>", "<ceb:Unit>007</ceb:Unit>", "unknown-field", "Order/OrderList/Unit"),
        ("<ceb:unit>007</ceb:unit>", "<unit>007</unit>", "other-namespace", "Order/OrderList/unit"),
        (
            "<ceb:appType>1</ceb:appType>",
            "<ceb:appType>1</ceb:appType><ceb:appType>1</ceb:appType>",
            "repeated-field",
            "Order/OrderHead/appType[2]",
        ),
        (
            "<ceb:appTime>20260301093000<",
            "<ceb:appTime>20260230093000<",
            "ceb-not-a-time",
            "Order/OrderHead/appTime",
        ),
        ("<ceb:OrderHead>", '<ceb:OrderHead colour="red">', "unknown-field", "Order/OrderHead/@colour"),
        ("<ceb:OrderHead>", "<ceb:OrderHead>loose", "ceb-loose-text", "Order/OrderHead"),
        ('version="1.0" xmlns', 'version="2.0" xmlns', "ceb-version", "@version"),
        ('guid="0A', 'guid="', "too-short", "@guid"),
        (LINE, LINE * 100, "too-many", "Order/OrderList[100]"),
        (LINE, "", "missing-field", "Order/OrderList"),
        ("<ceb:itemNo>SKU-1</ceb:itemNo>", "", "", ""),
    ],
)
def test_one_change_gives_the_one_fault_it_is(old: str, new: str, code: str, place: str) -> None:
    content = message(order(1)).decode()
    assert old in content

    found = [(one.code, one.pointer) for one in faults(content.replace(old, new, 1).encode())]

    assert ((code, f"/CEB311Message/{place}") in found) if code else found == []


def test_noughts_before_a_number_say_nothing_however_many_they_are() -> None:
    assert codes(message(order(1).replace("<ceb:gnum>1<", f"<ceb:gnum>{'0' * 5_000}1<"))) == []


def test_elements_in_another_order_are_told() -> None:
    swapped = order(1).replace(
        "<ceb:qty>2</ceb:qty><ceb:price>60</ceb:price>", "<ceb:price>60</ceb:price><ceb:qty>2</ceb:qty>"
    )

    found = faults(message(swapped))

    assert [(one.code, one.pointer) for one in found] == [
        ("ceb-out-of-order", "/CEB311Message/Order/OrderList/qty")
    ]


NAMESPACED = b'<CEB311Message xmlns="urn:other" guid="x" version="1.0"/>'
UNSAFE = {
    "cut off": (SOUND[:900], "malformed-xml"),
    "nothing": (b"", "empty-message"),
    "wrong root": (b"<Declaration/>", "other-root"),
    "group as root": (b'<Order xmlns="http://www.chinaport.gov.cn/ceb"/>', "other-root"),
    "slash in name": (b"<CEB311Message.Order/>", "other-root"),
    "wrong namespace": (NAMESPACED, "other-namespace"),
    "doctype": (b"<!DOCTYPE a><CEB311Message/>", "doctype-refused"),
    "deep": (b"<CEB311Message>" * 200, "malformed-xml"),
    "very deep": (b"<a>" * 5_000 + b"</a>" * 5_000, "too-deep"),
    "two encodings": (SOUND + "Zürich".encode("latin-1"), "not-utf-8"),
    "utf-16": (SOUND.decode().encode("utf-16"), "not-utf-8"),
    "empty message": (message(), "missing-field"),
}


@pytest.mark.parametrize(("content", "code"), UNSAFE.values(), ids=list(UNSAFE))
def test_unsafe_or_broken_messages_are_refused_by_name(content: bytes, code: str) -> None:
    assert code in [one.code for one in faults(content)]


def test_byte_order_mark_is_no_fault() -> None:
    assert check_message(b"\xef\xbb\xbf" + SOUND) == []


def test_a_million_empty_elements_are_answered_with_few_findings() -> None:
    content = message("<ceb:a/>" * 900_000)

    with costs_at_most(cpu_s=20):
        found = check_message(content)

    assert len(found) < 250
    assert found[-1].code in {"more-faults", "too-many"}


def test_every_finding_has_its_sentence() -> None:
    for content in (
        SOUND.replace(b"<ceb:qty>2<", b"<ceb:qty><"),
        *(content for content, _ in UNSAFE.values()),
    ):
        for one in check_message(content):
            assert sentence_of(one).sentence != f"Finding {one.code}."
            assert "not stated" not in sentence_of(one).sentence


def test_no_record_names_a_child_twice() -> None:
    for name in message_names():
        for edition in editions_of(name):
            for record in edition.records.values():
                tags = [step.tag for step in record.steps]
                assert len(set(tags)) == len(tags)


@given(st.binary(max_size=400))
@settings(max_examples=100)
def test_any_bytes_give_an_answer(content: bytes) -> None:
    assert check_message(content)


@needs_ceb
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.stem)
def test_sample_has_no_fault(sample: Path) -> None:
    assert faults(sample.read_bytes()) == []


@cache
def schema_of(edition: str, direction: str) -> Any:
    return etree.XMLSchema(etree.parse(CEB / edition / "xsd" / f"{direction}.xsd"))


@needs_ceb
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: one.stem)
def test_verdict_on_altered_samples_is_that_of_the_schemas(sample: Path) -> None:
    """A message is right if one edition says so; rules of ours beyond the schemas are left out."""
    chance = random.Random(sample.stem)
    verdicts = set()
    for _ in range(MUTATIONS_PER_SAMPLE):
        root = altered(etree.fromstring(sample.read_bytes()), chance)
        content = etree.tostring(root)
        editions = {(one.edition, one.direction) for one in editions_of(sample.stem)}
        expected = any(schema_of(*one).validate(etree.fromstring(content)) for one in editions)
        own = [one for one in faults(content) if one.code not in {"ceb-other-value", "ceb-not-a-time"}]

        assert (own == []) == expected, (own[:3], re.sub(rb"<ds:Signature.*", b"", content)[:3000])
        verdicts.add(expected)
    assert verdicts == {True, False}


def altered(root: Any, chance: random.Random) -> Any:
    """Change one thing at random: remove, repeat, rename, move, lengthen, empty, garble."""
    own = [one for one in root.iter() if "xmldsig" not in one.tag and one is not root]
    one = chance.choice(own)
    parent = one.getparent()
    act = chance.randrange(8)
    if act == 0:
        parent.remove(one)
    elif act == 1:
        parent.insert(parent.index(one), etree.fromstring(etree.tostring(one)))
    elif act == 2:
        one.tag = f"{one.tag}X"
    elif act == 3:
        parent.insert(chance.randrange(len(parent)), one)
    elif act == 4 and not len(one):
        one.text = (one.text or "") + "9" * chance.choice((1, 5, 20, 300))
    elif act == 5 and not len(one):
        one.text = None
    elif act == 6 and not len(one):
        one.text = chance.choice(
            (" 1 ", "+1", "-1.50", "1.", ".5", "1e3", "00012.100000", "NaN", "一二三", "a  b", "")
        )
    elif not len(one):
        one.text = (one.text or "")[:-1]
    return root
