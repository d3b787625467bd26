"""Bad input, one rule at a time: a clear finding each, with its place."""

import json
from typing import Any

import pytest

from serai.formats.epcis.check import check_message
from serai.formats.epcis.event import Message, Query
from serai.formats.epcis.read import read_message
from serai.formats.epcis.write_json import write_json
from serai.model.findings import Finding
from tests.costs import costs_at_most

CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
EVENT: dict[str, Any] = {
    "type": "ObjectEvent",
    "eventTime": "2026-07-22T06:45:00+02:00",
    "eventTimeZoneOffset": "+02:00",
    "action": "ADD",
    "epcList": ["urn:epc:id:sgtin:0614141.112345.400"],
}
XML_EVENT = (
    "<eventTime>2026-07-22T06:45:00+02:00</eventTime><eventTimeZoneOffset>+02:00</eventTimeZoneOffset>"
    "<epcList><epc>urn:epc:id:sgtin:0614141.112345.400</epc></epcList><action>ADD</action>"
)


def event(**fields: Any) -> bytes:
    made = {"@context": [CONTEXT, {"ex": "https://ns.example.com/"}], **EVENT, **fields}
    return json.dumps({name: value for name, value in made.items() if value is not None}).encode()


def document(*events: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "@context": CONTEXT,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-07-22T10:30:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    ).encode()


def xml_document(
    inside: str = f"<ObjectEvent>{XML_EVENT}</ObjectEvent>",
    namespace: str = "urn:epcglobal:epcis:xsd:2",
    version: str = "2.0",
    root: str = "EPCISDocument",
) -> bytes:
    return (
        f'<e:{root} xmlns:e="{namespace}" xmlns:ex="https://ns.example.com/" schemaVersion="{version}" '
        f'creationDate="2026-07-22T10:30:00Z"><EPCISBody><EventList>{inside}</EventList></EPCISBody></e:{root}>'
    ).encode()


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(one.code, one.pointer) for one in findings if one.severity == "fault"]


def test_plain_messages_have_no_fault() -> None:
    for content in (event(), document(EVENT), xml_document()):
        assert check_message(content) == []


def test_json_ld_may_name_its_document_and_state_what_a_sensor_s_part_is() -> None:
    sensed = {
        **EVENT,
        "sensorElementList": [
            {
                "type": "epcis:SensorElement",
                "sensorMetadata": {"type": "https://ref.gs1.org/epcis/SensorMetadata"},
                "sensorReport": [{"type": "gs1:Temperature", "value": 4, "uom": "CEL"}],
            }
        ],
    }
    content = json.loads(document(sensed))
    named = json.dumps({**content, "id": "_:document1"}).encode()
    plain = json.loads(named)
    del plain["epcisBody"]["eventList"][0]["sensorElementList"][0]["type"]
    del plain["epcisBody"]["eventList"][0]["sensorElementList"][0]["sensorMetadata"]
    typed, _ = read_message(named)
    untyped, _ = read_message(json.dumps(plain).encode())

    assert check_message(named) == []
    assert isinstance(typed, Message)
    assert isinstance(untyped, Message)
    assert typed.events[0].sensor_elements[0].reports == untyped.events[0].sensor_elements[0].reports
    assert typed.events[0].sensor_elements[0].extensions == ()


def test_a_sensor_s_part_of_another_type_keeps_it() -> None:
    made, findings = read_message(
        event(sensorElementList=[{"type": "ex:Probe", "sensorReport": [{"type": "Temperature", "value": 4}]}])
    )

    assert isinstance(made, Message)
    assert [one.code for one in findings] == ["epcis-kept-unread"]
    kept = made.events[0].sensor_elements[0].extensions
    again, _ = read_message(write_json(made).content)
    assert [one.text for one in kept] == ["ex:Probe"]
    assert isinstance(again, Message)
    assert again.events == made.events


def test_a_value_of_somebody_s_field_may_be_a_curie_of_any_prefix() -> None:
    content = event(
        **{"ex:vendor": "ex:party1", "ex:also": ["zz:1", "a:b:c"], "ilmd": {"ex:lot": {"ex:of": "zz:9"}}}
    )

    assert told(check_message(content)) == []


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (
            "<eventTimeZoneOffset>+02:00</eventTimeZoneOffset><eventTime>2026-07-22T06:45:00+02:00</eventTime>"
            "<epcList><epc>a:b</epc></epcList><action>ADD</action>",
            "ObjectEvent/eventTime",
        ),
        (
            f"{XML_EVENT}<quantityList><quantityElement><quantity>1</quantity><epcClass>a:b</epcClass>"
            "</quantityElement></quantityList>",
            "ObjectEvent/quantityList/quantityElement/epcClass",
        ),
    ],
)
def test_elements_of_xml_stand_in_the_order_of_the_schema(inside: str, expected: str) -> None:
    findings = check_message(xml_document(f"<ObjectEvent>{inside}</ObjectEvent>"))

    assert told(findings) == [("epcis-wrong-order", f"/EPCISDocument/EPCISBody/EventList/{expected}")]


def test_a_doctype_is_refused_and_said_to_be() -> None:
    content = b"<!DOCTYPE EPCISDocument>" + xml_document()

    assert told(check_message(content)) == [("doctype-refused", "")]


@pytest.mark.parametrize(
    "name", ["EQ_colour", "EXISTS_ILMD_lot", "GE_value_celsius", "LT_INNER_x", "EQ_quantity_", "HASATTR_"]
)
def test_a_parameter_that_no_query_has_is_refused(name: str) -> None:
    query = json.dumps({"@context": CONTEXT, "EQ_action": ["ADD"], name: ["1"]}).encode()

    assert told(check_message(query)) == [("epcis-parameter-unknown", f"/{name}")]


def test_a_parameter_for_a_field_of_others_says_its_namespace() -> None:
    context = [CONTEXT, {"ex": "https://ns.example.com/"}]
    query, findings = read_message(json.dumps({"@context": context, "EQ_ex:lot": ["7"]}).encode())

    assert findings == []
    assert isinstance(query, Query)
    assert query.parameters == {"EQ_https://ns.example.com/#lot": ("7",)}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"eventTime": None}, ("missing-field", "/eventTime")),
        ({"eventTime": "2026-07-22T06:45:00"}, ("not-an-instant", "/eventTime")),
        ({"eventTime": "2026-02-30T06:45:00Z"}, ("not-an-instant", "/eventTime")),
        ({"eventTime": 1}, ("wrong-type", "/eventTime")),
        ({"eventTimeZoneOffset": "+15:00"}, ("bad-pattern", "/eventTimeZoneOffset")),
        ({"action": "urn:epcglobal:cbv:ADD"}, ("epcis-code-unknown", "/action")),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:flying"}, ("epcis-code-unknown", "/bizStep")),
        ({"bizStep": "cbv:BizStep-flying"}, ("epcis-code-unknown", "/bizStep")),
        ({"epcList": ["4012345"]}, ("epcis-not-a-uri", "/epcList/0")),
        ({"epcList": ["a:b", "a:b"]}, ("epcis-entry-repeated", "/epcList/1")),
        ({"epcList": "a:b"}, ("wrong-type", "/epcList")),
        ({"epcList": None}, ("epcis-what-missing", "")),
        ({"epcList": None, "quantityList": []}, ("epcis-what-missing", "")),
        (
            {"quantityList": [{"epcClass": "a:b", "quantity": "5"}]},
            ("wrong-type", "/quantityList/0/quantity"),
        ),
        ({"quantityList": [{"epcClass": "a:b", "uom": "kg"}]}, ("bad-pattern", "/quantityList/0/uom")),
        ({"quantityList": [{"ex:a": 1, "epcClass": "a:b"}]}, ("unknown-field", "/quantityList/0/ex:a")),
        ({"bizstep": "shipping"}, ("unknown-field", "/bizstep")),
        ({"{https://ns.example.com/}a": 1}, ("unknown-field", "/{https:~1~1ns.example.com~1}a")),
        ({"@context": ["none"]}, ("epcis-not-a-uri", "/@context/0")),
        ({"other:field": 1}, ("epcis-prefix-undeclared", "/other:field")),
        ({"action": "OBSERVE", "ilmd": {"ex:lot": "1"}}, ("epcis-ilmd-not-added", "/ilmd")),
        ({"persistentDisposition": {}}, ("too-few", "/persistentDisposition")),
        ({"persistentDisposition": {"set": []}}, ("too-few", "/persistentDisposition/set")),
        ({"@context": None}, ("missing-field", "/@context")),
        (
            {"sensorElementList": [{"sensorReport": [{"value": 5}]}]},
            ("missing-field", "/sensorElementList/0/sensorReport/0/type"),
        ),
    ],
)
def test_one_fault_is_told_with_its_place(fields: dict[str, Any], expected: tuple[str, str]) -> None:
    assert told(check_message(event(**fields))) == [expected]


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (f"<ObjectEvent>{XML_EVENT}<ex:lot>1</ex:lot></ObjectEvent>", None),
        (f"<ObjectEvent>{XML_EVENT}<lot>1</lot></ObjectEvent>", ("unknown-field", "lot")),
        (f"<ObjectEvent>{XML_EVENT}{XML_EVENT}</ObjectEvent>", ("repeated-field", "eventTime[2]")),
        (f"<ObjectEvent>{XML_EVENT}<readPoint/></ObjectEvent>", ("missing-field", "readPoint/id")),
        ("<QuantityReport/>", ("epcis-unknown-event", "")),
        (
            f"<ObjectEvent>{XML_EVENT}<quantityList><epc>a:b</epc></quantityList></ObjectEvent>",
            ("unknown-field", "quantityList/epc"),
        ),
    ],
)
def test_xml_is_told_by_xpath(inside: str, expected: tuple[str, str] | None) -> None:
    found = told(check_message(xml_document(inside)))

    name = inside[1:].partition(">")[0].rstrip("/")
    place = f"/EPCISDocument/EPCISBody/EventList/{name}"
    if expected is None:
        assert found == []
    else:
        assert (expected[0], f"{place}/{expected[1]}".rstrip("/")) in found


def test_all_faults_come_at_once_each_event_for_itself() -> None:
    found = told(check_message(document({**EVENT, "action": "MOVE"}, {"type": "AggregationEvent"}, EVENT)))

    assert found == [
        ("epcis-code-unknown", "/epcisBody/eventList/0/action"),
        ("missing-field", "/epcisBody/eventList/1/eventTime"),
        ("missing-field", "/epcisBody/eventList/1/eventTimeZoneOffset"),
        ("missing-field", "/epcisBody/eventList/1/action"),
        ("epcis-what-missing", "/epcisBody/eventList/1"),
    ]


def test_an_event_id_twice_is_a_fault_unless_the_second_declares_an_error() -> None:
    first = {**EVENT, "eventID": "urn:uuid:1"}
    wrong = {**first, "errorDeclaration": {"declarationTime": "2026-07-23T00:00:00Z"}}

    assert told(check_message(document(first, first))) == [
        ("epcis-event-id-repeated", "/epcisBody/eventList/1/eventID")
    ]
    assert told(check_message(document(first, wrong))) == []


def test_fields_of_others_and_young_measures_are_advice() -> None:
    reports = [{"type": "https://ref.gs1.org/voc/Brightness", "value": 5}]

    found = check_message(event(**{"ex:colour": "red", "sensorElementList": [{"sensorReport": reports}]}))

    assert {one.code for one in found} == {"epcis-kept-unread", "epcis-code-new"}
    assert {one.severity for one in found} == {"advice"}


def test_a_wrong_check_digit_is_advice() -> None:
    found = check_message(event(epcList=["https://example.com/01/10614141123450/21/400"]))

    assert [(one.code, one.pointer, one.severity) for one in found] == [
        ("epcis-check-digit", "/epcList/0", "advice")
    ]


def test_a_query_has_known_parameters_of_their_kinds() -> None:
    query = {"eventType": ["ObjectEvent"], "GE_eventTime": "yesterday", "EQ_bizStep": "shipping", "EQ": 1}

    found = told(check_message(json.dumps(query).encode()))

    assert found == [
        ("not-an-instant", "/GE_eventTime"),
        ("wrong-type", "/EQ_bizStep"),
        ("epcis-parameter-unknown", "/EQ"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-message"),
        (event()[:-20], "truncated-json"),
        (xml_document()[:-20], "malformed-xml"),
        (b"[]", "wrong-type"),
        (b'{"a": 1}', "missing-field"),
        (b'{"type": "Foo", "@context": []}', "epcis-other-message"),
        (xml_document(root="Declaration"), "epcis-other-message"),
        (xml_document(namespace="urn:epcglobal:epcis:xsd:9"), "epcis-wrong-namespace"),
        (xml_document(version="1.2"), "epcis-wrong-version"),
        (xml_document(namespace="urn:epcglobal:epcis:xsd:1"), "epcis-wrong-version"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml_document(), "doctype-refused"),
        (xml_document("<a>" * 60 + "</a>" * 60), "too-deep"),
        (event(**{"ex:deep": json.loads("[" * 80 + "]" * 80)}), "too-deep"),
        (b'{"type": ' * 5000, "too-deep"),
        (event().replace(b'"ADD"', b'"ADD", "action": "ADD"'), "repeated-field"),
        (
            event(epcList=None, quantityList=[{"epcClass": "a:b", "quantity": 1}]).replace(
                b": 1}", b": 1e999}"
            ),
            "out-of-range",
        ),
        (xml_document().decode().encode("utf-16"), "not-utf-8"),
        (event().decode().encode("utf-16"), "not-utf-8"),
        (xml_document().replace(b"ADD", b"ADD\xff"), "not-utf-8"),
        (event(bizStep="x\x00y"), "nul-character"),
        (b"PK\x03\x04" + b"\x00" * 30, "packed-message"),
    ],
)
def test_bad_input_gives_one_clear_finding(content: bytes, code: str) -> None:
    assert code in {one.code for one in check_message(content)}


def test_a_byte_order_mark_does_no_harm() -> None:
    assert check_message(b"\xef\xbb\xbf" + event()) == []
    assert check_message(b"\xef\xbb\xbf" + xml_document()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(xml_document("<a/>" * 10**6), "too-many", id="xml"),
        pytest.param(document(*[{}] * 10**6), "more-faults", id="json"),
    ],
)
def test_a_million_empty_elements_are_answered_soon_and_briefly(content: bytes, code: str) -> None:
    with costs_at_most(cpu_s=30):
        found = check_message(content)
    assert len(found) <= 201
    assert found[-1].code == code
