"""A message read event by event says the same as one read whole, and lets the sound events through."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.epcis.event import Message
from serai.formats.epcis.read import read_message
from serai.formats.epcis.read_apart import read_events_apart
from tests.beside import SHARED, needs
from tests.costs import costs_at_most
from tests.formats.epcis.test_check import EVENT, document, xml_document

EPCIS = SHARED / "reference" / "epcis" / "events"


@needs(EPCIS)
def test_every_message_of_the_reference_gives_the_events_of_the_whole() -> None:
    compared = 0
    for path in sorted(EPCIS.rglob("*.[jx][sm]*")):
        whole, findings = read_message(path.read_bytes())
        parts, around, _ = read_events_apart(path.read_bytes())
        faults = [*around, *(one for part in parts for one in part.findings)]
        if isinstance(whole, Message):
            assert tuple(part.event for part in parts) == whole.events, path
            compared += 1
        else:
            assert any(one.severity == "fault" for one in faults), path
            assert {one.pointer for one in findings if one.severity == "fault"} <= {
                one.pointer for one in faults
            }, path
    assert compared == 69


def test_a_faulty_event_does_not_take_its_neighbours_with_it() -> None:
    parts, around, _ = read_events_apart(document(EVENT, {**EVENT, "action": "MOVE"}, EVENT))

    assert around == []
    assert [part.event is not None for part in parts] == [True, False, True]
    assert [one.pointer for one in parts[1].findings] == ["/epcisBody/eventList/1/action"]


def test_faults_around_the_events_are_told_apart() -> None:
    content = json.loads(document(EVENT))
    del content["schemaVersion"]

    parts, around, _ = read_events_apart(json.dumps(content).encode())

    assert [one.code for one in around] == ["missing-field"]
    assert parts[0].event is not None


@pytest.mark.parametrize(
    "content", [b'{"EQ_bizStep": ["shipping"]}', b"", b"[]", b"null", b"<a/>", xml_document("")[:60]]
)
def test_what_holds_no_events_is_a_fault(content: bytes) -> None:
    parts, around, _ = read_events_apart(content)

    assert parts == []
    assert any(one.severity == "fault" for one in around)


@pytest.mark.in_turn
def test_a_message_of_too_many_events_is_counted_and_not_read() -> None:
    with costs_at_most(cpu_s=5):
        parts, around, count = read_events_apart(xml_document("<a/>" * 100_000))

    assert (parts, around, count) == ([], [], 100_000)


@settings(max_examples=150)
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "eventTime", "epcList", "action", "readPoint", "id", "x:y", "ilmd"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ).map(lambda tree: json.dumps({**EVENT, "x": tree}).encode())
    | st.dictionaries(
        st.sampled_from([*EVENT, "sensorElementList", "sourceList", "ilmd", "errorDeclaration"]),
        st.none() | st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=2),
    ).map(lambda fields: document({**EVENT, **fields}))
)
def test_no_bytes_make_it_fail(content: bytes) -> None:
    parts, around, _ = read_events_apart(content)

    assert parts or around
    for part in parts:
        assert part.event is not None or part.findings


def test_the_same_fault_has_the_same_place_as_in_the_whole() -> None:
    fields: dict[str, Any] = {**EVENT, "bizStep": "flying"}
    _, whole = read_message(document(EVENT, fields))
    parts, _, _ = read_events_apart(document(EVENT, fields))

    assert [one.pointer for one in whole] == [one.pointer for one in parts[1].findings]
