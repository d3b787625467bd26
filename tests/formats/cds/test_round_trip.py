"""Read -> model -> write -> read: the same model, and every value of the source."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.cds.check import check_message
from serai.formats.cds.facts import CHARACTERS, DATE_TEXT, NUMBERS, Leaf, schemas
from serai.formats.wco_dec import decode_dec
from serai.formats.wco_dec_write import encode_dec
from serai.formats.wco_res import (
    FUNCTIONS,
    AmendedPart,
    BankAccount,
    DecResponse,
    PointerStep,
    Remark,
    ResponseFault,
    ResponseStatus,
    TaxLine,
    encode_res,
)
from serai.formats.wco_res_read import decode_res
from serai.formats.xml_document import local_name
from serai.model.documents import Consignment, DeclaredTax
from tests.beside import SHARED, needs
from tools.cds_messages import files_of, kind_of

ROOT = Path(__file__).parents[3]
CDS = SHARED / "reference" / "cds"
OWN = (ROOT / "examples/messages/declaration-wco-dec.xml", ROOT / "examples/standards/h7-ioss.xml")

ORDER_ONLY = {
    f"{parent}/SequenceNumeric" for parent in ("Packaging", "TransportEquipment", "Seal", "Itinerary")
}
"""Numbers that say the order of their elements, and are written anew in it."""

SELECTING = {
    "IdentificationTypeCode",
    "TypeCode",
    "CategoryCode",
    "CurrentCode",
    "PreviousCode",
    "FunctionCode",
    "RoleCode",
}
"""Codes that decide what their neighbours mean. They stay; what other codes mean is tried by examples."""


COMMODITY_CODE = "145"


@cache
def samples() -> list[bytes]:
    """Return declarations that are read: ours, and those of the reference where they lie."""
    found = [path.read_bytes() for path in OWN]
    if CDS.is_dir():
        found += [path.read_bytes() for path in files_of(CDS) if kind_of(path) == "declaration"]
    return [content for content in found if decode_dec(content)[0] is not None]


def read(content: bytes) -> Consignment | None:
    message, _ = decode_dec(content)
    return message.consignment if message is not None else None


def values_of(content: bytes) -> Counter[tuple[str, str]]:
    """Count the values of a declaration by parent and name."""
    top = next(one for one in etree.fromstring(content).iter("{*}Declaration"))
    values: Counter[tuple[str, str]] = Counter()
    for one in top.iter(etree.Element):
        text = (one.text or "").strip()
        if text and not len(one):
            values[f"{local_name(one.getparent())}/{local_name(one)}", text] += 1
    return Counter({key: count for key, count in values.items() if key[0] not in ORDER_ONLY})


def leaf_of(element: Any) -> Leaf | None:
    """Return what the schema says of an element."""
    schema = schemas()["declaration"]
    way = [local_name(one) for one in reversed([element, *element.iterancestors()])]
    record = schema.root
    for name in way[way.index("Declaration") + 1 :]:
        step = schema.records[record].get(name)
        if step is None or step.group is None:
            return None if step is None else step.leaf
        record = step.group[1]
    return None


def texts_for(leaf: Leaf) -> st.SearchStrategy[str]:
    """Texts that the schema allows there, and that mean nothing by themselves."""
    if leaf.kind in NUMBERS:
        places = min(leaf.form.decimals_max, 2)
        return st.decimals(min_value=1, max_value=9_999, places=places).map(lambda number: f"{number:f}")
    # A code of ten characters comes back as the eight and two that it consists of.
    most = min(leaf.form.characters_max, 9 if leaf.wco_number == COMMODITY_CODE else 30)
    least = max(leaf.form.characters_min, 1)
    if CHARACTERS["digits"] in leaf.form.patterns:
        return st.text("123456789", min_size=least, max_size=most)
    if CHARACTERS["letters"] in leaf.form.patterns:
        return st.text("ABCDEFG", min_size=least, max_size=most)
    return st.text("abcXYZ012-/.&<é中", min_size=least, max_size=most)


def test_what_the_samples_say_comes_back() -> None:
    for content in samples():
        consignment = read(content)
        assert consignment is not None

        written = encode_dec(consignment)

        assert read(written) == consignment
        assert values_of(content) - values_of(written) == Counter()


@st.composite
def altered(draw: st.DrawFn, contents: list[bytes]) -> bytes:
    """Draw one of some declarations with other values at some places."""
    content = draw(st.sampled_from(contents))
    root = etree.fromstring(content, etree.XMLParser(remove_comments=True))
    top = next(one for one in root.iter("{*}Declaration"))
    leaves = [
        one
        for one in top.iter(etree.Element)
        if not len(one) and local_name(one) not in SELECTING | {DATE_TEXT} and leaf_of(one) is not None
    ]
    for element in draw(st.lists(st.sampled_from(leaves), max_size=8)):
        leaf = leaf_of(element)
        assert leaf is not None
        element.text = draw(texts_for(leaf))
    return bytes(etree.tostring(root))


@pytest.mark.in_turn
@given(st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much])
def test_altered_values_come_back_too(data: st.DataObject) -> None:
    content = data.draw(altered(samples()))
    consignment = read(content)
    assume(consignment is not None)
    assert consignment is not None

    written = encode_dec(consignment)

    assert read(written) == consignment
    assert values_of(content) - values_of(written) == Counter()


words = st.text("abc XYZ-é中&<", min_size=1, max_size=20).map(str.strip).filter(bool)
codes = st.text("ABC123", min_size=1, max_size=3)
amounts = st.decimals(0, 10**6, places=2).map(lambda number: f"{number:f}")
instants = st.integers(0, 365 * 86_400 - 1).map(
    lambda seconds: f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"
)
steps = st.builds(PointerStep, codes, st.none() | st.integers(1, 999), st.none() | codes)
maybe_steps = st.lists(steps, max_size=3)
taxes = st.builds(
    DeclaredTax,
    type_code=codes,
    regime_code=st.none() | codes,
    base_amount=st.none() | amounts,
    rate_percent=st.none() | amounts,
    assessed_amount=amounts,
    payable_amount=amounts,
    currency_code=st.sampled_from(["GBP", "EUR"]),
)
responses = st.builds(
    DecResponse,
    function=st.sampled_from(sorted(FUNCTIONS)),
    reference=words,
    issued_at=instants,
    declaration_reference=words,
    mrn=st.none() | words,
    version=st.none() | st.integers(1, 99),
    accepted_at=st.none() | instants,
    rejected_at=st.none() | instants,
    cancelled_at=st.none() | instants,
    statuses=st.lists(st.builds(ResponseStatus, codes, st.none() | instants), max_size=2),
    account=st.none() | st.builds(BankAccount, codes, words),
    tax_lines=st.lists(st.builds(TaxLine, st.just(1), taxes, st.none() | amounts), max_size=3),
    remarks=st.lists(
        st.builds(Remark, codes, words, st.none() | codes, st.none() | instants, maybe_steps), max_size=2
    ),
    faults=st.lists(st.builds(ResponseFault, codes, st.none() | words, maybe_steps), max_size=2),
    amended=st.lists(st.builds(AmendedPart, codes, maybe_steps), max_size=2),
)


@pytest.mark.in_turn
@given(responses)
@settings(max_examples=100)
def test_responses_come_back_equal_and_sound(response: DecResponse) -> None:
    written = encode_res(response)

    assert decode_res(written) == (response, [])
    assert [one for one in check_message(written) if one.severity == "fault"] == []


@needs(CDS)
def test_published_notifications_come_back() -> None:
    for path in files_of(CDS):
        if kind_of(path) == "notification":
            response, _ = decode_res(path.read_bytes())
            assert response is not None
            again, _ = decode_res(encode_res(response))
            assert again is not None
            assert again.tax_lines == response.tax_lines
            assert (again.function, again.remarks, again.faults) == (
                response.function, response.remarks, response.faults,
            )  # fmt: skip
