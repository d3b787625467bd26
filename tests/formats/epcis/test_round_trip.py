"""What we write is read again as the same: any event, in both syntaxes."""

import string
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from serai.formats.epcis.check import check_message
from serai.formats.epcis.event import (
    BizTransaction,
    Destination,
    ErrorDeclaration,
    Event,
    Extension,
    Message,
    PersistentDisposition,
    Place,
    Quantity,
    SensorElement,
    SensorMetadata,
    SensorReport,
    Source,
)
from serai.formats.epcis.read import read_message
from serai.formats.epcis.tables import CODES
from serai.formats.epcis.write_json import write_json
from serai.formats.epcis.write_xml import write_xml

NAMES = st.text(string.ascii_letters, min_size=1, max_size=8)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=12
).map(lambda text: text.strip() or "x")
URIS = st.builds("urn:ex:{}".format, st.text(string.ascii_letters + string.digits + ".-é", min_size=1))
INSTANTS = (
    st.datetimes()
    .filter(lambda at: at.year > 1000)
    .map(
        lambda at: (
            f"{at:%Y-%m-%dT%H:%M:%S}" + (f".{at.microsecond:06d}".rstrip("0") if at.microsecond else "") + "Z"
        )
    )
)
NUMBERS = (
    st.decimals(-(10**9), 10**9, places=3)
    .map(lambda number: f"{number:f}".rstrip("0").rstrip("."))
    .map(lambda text: "0" if text == "-0" else text)
)


def codes(code_list: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(CODES[code_list])) | URIS


def _sorted(extensions: list[Extension]) -> tuple[Extension, ...]:
    return tuple(sorted(extensions, key=lambda one: one.name))


SCALARS = st.one_of(
    st.tuples(st.just("text"), WORDS | st.just("")),
    st.tuples(st.just("number"), NUMBERS),
    st.tuples(st.just("boolean"), st.sampled_from(["true", "false"])),
    st.tuples(st.just("null"), st.just("")),
)
NAMESPACED = st.builds("{{https://ns.example.com/{}/}}{}".format, st.sampled_from("ab"), NAMES)
LEAVES = st.builds(lambda name, value: Extension(name, *value), NAMESPACED, SCALARS)
EXTENSIONS = st.lists(
    st.recursive(
        LEAVES,
        lambda inner: st.builds(
            lambda name, children: Extension(name, "group", children=_sorted(children)),
            NAMESPACED,
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=5,
    ),
    max_size=3,
).map(_sorted)
ATTRIBUTES = st.lists(
    st.builds(Extension, NAMESPACED, st.just("text"), WORDS), max_size=2, unique_by=lambda one: one.name
).map(_sorted)

MAYBE_URI = st.none() | URIS
MAYBE_NUMBER = st.none() | NUMBERS
QUANTITIES = st.lists(
    st.builds(
        Quantity, epc_class=URIS, quantity=MAYBE_NUMBER, unit_code=st.none() | st.sampled_from(["KGM", "C62"])
    ),
    min_size=1,
    max_size=2,
).map(tuple)
EPCS = st.lists(URIS, min_size=1, max_size=3, unique=True).map(tuple)
REPORTS = st.builds(
    SensorReport,
    type_code=codes("measurementType"),
    exception_code=st.none() | codes("sensorAlertType"),
    measured_at=st.none() | INSTANTS,
    device_id=MAYBE_URI,
    component_code=st.none() | codes("component"),
    value=MAYBE_NUMBER,
    string_value=st.none() | WORDS,
    boolean_value=st.sampled_from([None, "true", "false"]),
    hex_binary_value=st.sampled_from([None, "f0A1"]),
    standard_deviation=MAYBE_NUMBER,
    unit_code=st.none() | st.just("CEL"),
    extensions=ATTRIBUTES,
)
SENSORS = st.lists(
    st.builds(
        SensorElement,
        reports=st.lists(REPORTS, min_size=1, max_size=2).map(tuple),
        metadata=st.none() | st.builds(SensorMetadata, measured_at=INSTANTS, extensions=ATTRIBUTES),
        extensions=EXTENSIONS,
    ),
    max_size=2,
).map(tuple)
COMMON: dict[str, Any] = {
    "event_at": INSTANTS,
    "time_zone_offset": st.sampled_from(["+02:00", "-14:00", "+00:00"]),
    "recorded_at": st.none() | INSTANTS,
    "error_declaration": st.none()
    | st.builds(
        ErrorDeclaration,
        declared_at=INSTANTS,
        reason_code=st.none() | codes("error-reason"),
        corrective_event_ids=st.lists(URIS, max_size=2).map(tuple),
        extensions=EXTENSIONS,
    ),
    "certifications": st.lists(URIS, max_size=2).map(tuple),
    "extensions": EXTENSIONS,
}
WHY: dict[str, Any] = {
    **COMMON,
    "biz_step_code": st.none() | codes("bizStep"),
    "disposition_code": st.none() | codes("disposition"),
    "persistent_disposition": st.none()
    | st.builds(PersistentDisposition, set=st.just(("active",)), unset=st.sampled_from([(), ("damaged",)])),
    "read_point": st.none() | st.builds(Place, id=URIS, extensions=EXTENSIONS),
    "biz_location": st.none() | st.builds(Place, id=URIS),
    "biz_transactions": st.lists(
        st.builds(BizTransaction, id=URIS, type_code=st.none() | codes("bizTransaction-type")),
        min_size=1,
        max_size=2,
    ).map(tuple),
    "sources": st.lists(st.builds(Source, id=URIS, type_code=codes("source-dest-type")), max_size=2).map(
        tuple
    ),
    "destinations": st.lists(
        st.builds(Destination, id=URIS, type_code=codes("source-dest-type")), max_size=2
    ).map(tuple),
    "sensor_elements": SENSORS,
}
ACTIONS = st.sampled_from(["ADD", "OBSERVE", "DELETE"])
EVENTS = st.one_of(
    st.builds(
        Event,
        kind=st.just("ObjectEvent"),
        action=st.just("ADD"),
        epcs=EPCS | st.just(()),
        ilmd=EXTENSIONS,
        **WHY,
    ),
    st.builds(Event, kind=st.just("ObjectEvent"), action=ACTIONS, quantities=QUANTITIES, **WHY),
    st.builds(
        Event,
        kind=st.sampled_from(["AggregationEvent", "AssociationEvent"]),
        action=ACTIONS,
        parent_id=URIS,
        child_epcs=EPCS,
        child_quantities=st.just(()) | QUANTITIES,
        **WHY,
    ),
    st.builds(Event, kind=st.just("TransactionEvent"), action=ACTIONS, epcs=EPCS, **WHY),
    st.builds(
        Event,
        kind=st.just("TransformationEvent"),
        input_epcs=EPCS,
        output_quantities=QUANTITIES,
        transformation_id=MAYBE_URI,
        **WHY,
    ),
    st.builds(Event, kind=st.just("{https://ns.example.com/a/}SealEvent"), **COMMON),
)
MESSAGES = st.one_of(
    st.builds(
        Message,
        kind=st.just("EPCISDocument"),
        events=st.lists(EVENTS, max_size=3).map(tuple),
        created_at=INSTANTS,
        extensions=EXTENSIONS,
    ),
    st.builds(
        Message,
        kind=st.just("EPCISQueryDocument"),
        events=st.lists(EVENTS, max_size=2).map(tuple),
        query_name=st.just("SimpleEventQuery"),
        subscription_id=st.none() | st.just("s-1"),
    ),
)


@pytest.mark.parametrize("write", [write_json, write_xml])
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(message=MESSAGES)
def test_what_is_written_is_read_as_the_same(write: Any, message: Message) -> None:
    written = write(message)

    again, findings = read_message(written.content)

    assert written.left_out == ()
    assert again == message, findings


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(event=EVENTS.filter(lambda one: not one.kind.startswith("{")))
def test_an_event_alone_is_read_as_the_same(event: Event) -> None:
    alone = Message(kind=event.kind, events=(event,))

    for write in (write_json, write_xml):
        assert read_message(write(alone).content)[0] == alone


@settings(max_examples=50)
@given(content=st.binary(max_size=60) | st.builds(lambda text: ("<a" + text).encode(), st.text(max_size=30)))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    assert check_message(content)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**30) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.in_turn
@settings(max_examples=50)
@given(
    event=EVENTS,
    field=st.sampled_from(
        [
            "type",
            "eventTime",
            "action",
            "epcList",
            "quantityList",
            "ilmd",
            "readPoint",
            "@context",
            "sourceList",
        ]
    )
    | st.text(max_size=6),
    value=JSON_VALUES,
)
def test_a_spoilt_field_never_breaks_the_reader(event: Event, field: str, value: Any) -> None:
    good = msgspec.json.decode(write_json(Message(kind=event.kind, events=(event,))).content)

    spoilt = msgspec.json.encode({**good, field: value})

    message, findings = read_message(spoilt)
    assert (message is None) == any(one.severity == "fault" for one in findings)
    if isinstance(message, Message):
        write_xml(message)
        again, _ = read_message(write_json(message).content)
        assert isinstance(again, Message)
        assert again.events == message.events


@pytest.mark.parametrize(
    ("namespace", "local"),
    [
        ("https://ns.example.com/#", "\u00b9"),
        ("https://n\u00df.example/#", "a"),
        ("https://ns.example.com/[x]#", "a"),
        ("https://ns.example.com/%zz#", "a"),
        ("x:\\", "a"),
    ],
)
def test_a_name_that_no_element_can_have_is_left_out_wherever_it_stands(namespace: str, local: str) -> None:
    name = f"{{{namespace}}}{local}"
    extension, outer = Extension(name, text="a"), Extension("{x:}b", children=(Extension(name, text="a"),))
    sound = Event("ObjectEvent", "2026-07-22T06:45:00Z", "+00:00", extensions=(extension, outer))
    of_its_own = Event(name, "2026-07-22T06:45:00Z", "+00:00")

    written = write_xml(Message(kind="EPCISDocument", events=(sound, of_its_own)))
    alone = write_xml(Message(kind=name, events=(of_its_own,)))

    assert (written.left_out, alone.left_out) == ((name, name, name), (name,))
    tags = [[element.tag for element in etree.fromstring(one.content).iter()] for one in (written, alone)]
    assert (tags[0][-3:], tags[1][-1]) == (["eventTime", "eventTimeZoneOffset", "{x:}b"], "EventList")


def test_a_field_called_xmlns_changes_no_names() -> None:
    children = (Extension("@xmlns", text="urn:other"), Extension("colour", text="red"))
    event = Event(
        "ObjectEvent", "2026-07-22T06:45:00Z", "+00:00", extensions=(Extension("{x:}b", children=children),)
    )

    written = write_xml(Message(kind="ObjectEvent", events=(event,)))

    assert (written.left_out, etree.fromstring(written.content)[-1][0].tag) == (("@xmlns",), "colour")


def test_what_xml_cannot_hold_is_named() -> None:
    event = Event(
        kind="ObjectEvent",
        event_at="2026-07-22T06:45:00Z",
        time_zone_offset="+00:00",
        action="ADD",
        epcs=(),
        extensions=(
            Extension("{https://ns.example.com/}two words", text="a"),
            Extension("{x:}b", text="\x01"),
        ),
    )

    written = write_xml(Message(kind="ObjectEvent", events=(event,)))

    assert written.left_out == ("{https://ns.example.com/}two words", "{x:}b")
