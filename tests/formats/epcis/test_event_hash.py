"""The hash of an event: the same for the same fact, whoever writes it, and another for another fact."""

import csv
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings

from serai.formats.epcis.event import BizTransaction, ErrorDeclaration, Event, Message, Place
from serai.formats.epcis.event_hash import canonical_text, event_hash, names_of
from serai.formats.epcis.read import read_message
from serai.formats.epcis.write_json import write_json
from serai.formats.epcis.write_xml import write_xml
from tests.beside import SHARED, needs
from tests.formats.epcis.test_round_trip import EVENTS

EPCIS = SHARED / "reference" / "epcis"
EVENT = Event(
    kind="ObjectEvent",
    event_at="2020-03-04T10:00:30Z",
    time_zone_offset="+01:00",
    action="OBSERVE",
    biz_step_code="departing",
    epcs=("urn:epc:id:sscc:4012345.0000000333", "urn:epc:id:sscc:4012345.0000000111"),
    read_point=Place(id="urn:epc:id:sgln:4012345.00011.987"),
)


def test_the_text_that_is_hashed_is_in_canonical_order() -> None:
    assert canonical_text(EVENT) == (
        "eventType=ObjectEvent"
        "eventTime=2020-03-04T10:00:30.000Z"
        "eventTimeZoneOffset=+01:00"
        "epcList"
        "epc=https://id.gs1.org/00/040123450000001112"
        "epc=https://id.gs1.org/00/040123450000003338"
        "action=OBSERVE"
        "bizStep=https://ref.gs1.org/cbv/BizStep-departing"
        "readPointid=https://id.gs1.org/414/4012345000115/254/987"
    )


@needs(EPCIS)
def test_hashes_are_those_of_the_program_of_the_standard_s_authors() -> None:
    """event_hashes.csv: what epcis-event-hash-generator 1.9.3 gives for events of the reference.

    Left out are events where that program leaves the order that the standard writes: business transactions,
    sources and destinations after sensors, and namespaces that it writes otherwise.
    """
    with Path(__file__).with_name("event_hashes.csv").open(newline="", encoding="utf-8") as lines:
        expected = [(row["file"], int(row["event"]), row["sha256"]) for row in csv.DictReader(lines)]
    got = []
    for file, number, _ in expected:
        message, _ = read_message((EPCIS / file).read_bytes())
        assert isinstance(message, Message)
        got.append((file, number, names_of(message.events[number]).digest.hex()))

    assert len(expected) == 29
    assert got == expected


@pytest.mark.in_turn
@settings(max_examples=60)
@given(EVENTS)
def test_json_and_xml_have_one_hash(event: Event) -> None:
    message = Message(kind="EPCISDocument", events=(event,), created_at="2026-01-01T00:00:00Z")
    for written in (write_json(message), write_xml(message)):
        if written.left_out:
            continue
        again, _ = read_message(written.content)
        assert isinstance(again, Message)
        assert event_hash(again.events[0]) == event_hash(event)


def test_order_within_lists_and_identifiers_of_the_event_do_not_count() -> None:
    assert EVENT.epcs is not None
    turned = msgspec.structs.replace(EVENT, epcs=EVENT.epcs[::-1], event_id="urn:uuid:1", recorded_at="x")
    linked = msgspec.structs.replace(
        EVENT, epcs=("https://example.com/00/040123450000001112", *EVENT.epcs[:1])
    )

    assert event_hash(turned) == event_hash(linked) == event_hash(EVENT)


@pytest.mark.parametrize(
    "changed",
    [
        {"event_at": "2020-03-04T10:00:30.001Z"},
        {"time_zone_offset": "+02:00"},
        {"action": "ADD"},
        {"biz_step_code": "arriving"},
        {"epcs": ("urn:epc:id:sscc:4012345.0000000333",)},
        {"biz_transactions": (BizTransaction(id="urn:ex:1"),)},
        {"certifications": ("urn:ex:1",)},
    ],
)
def test_another_fact_has_another_hash(changed: dict[str, object]) -> None:
    assert event_hash(msgspec.structs.replace(EVENT, **changed)) != event_hash(EVENT)


def test_a_declaration_of_error_has_the_hash_of_its_event_and_is_no_repeat_of_it() -> None:
    error = ErrorDeclaration(declared_at="2020-03-05T00:00:00Z")
    wrong = msgspec.structs.replace(EVENT, error_declaration=error)

    assert event_hash(wrong) == event_hash(EVENT)
    assert names_of(wrong).content_key != names_of(EVENT).content_key


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("2020-03-04T10:00:30Z", "2020-03-04T10:00:30.000Z"),
        ("2020-03-04T10:00:30.1234Z", "2020-03-04T10:00:30.123Z"),
        ("2020-03-04T10:00:30.9996Z", "2020-03-04T10:00:31.000Z"),
        ("2020-12-31T23:59:59.9999Z", "2021-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.999Z"),
    ],
)
def test_instants_are_told_to_the_millisecond(sent: str, told: str) -> None:
    event = msgspec.structs.replace(EVENT, event_at=sent)

    assert f"eventTime={told}eventTimeZone" in canonical_text(event)
