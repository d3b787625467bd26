"""The EPCIS messages of the reference: each gets its labelled verdict, for the reason its name tells."""

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree

from serai.formats.epcis.canonical_event import canonical_event
from serai.formats.epcis.event import Message
from serai.formats.epcis.read import read_message
from serai.formats.epcis.scalars import utc_text
from serai.formats.epcis.tree import is_uri
from serai.formats.epcis.write_json import write_json
from serai.formats.epcis.write_xml import write_xml
from tests.beside import SHARED, needs
from tools.epcis_report import Verdict, build_page, read_verdicts
from tools.epcis_tables import build_tables

ROOT = Path(__file__).parents[3]
EPCIS = SHARED / "reference" / "epcis"

pytestmark = needs(EPCIS)

REASONS: dict[str, set[tuple[str, str]]] = {
    "Combination_of_events_with_missing_mandatory_fields.json": {
        ("missing-field", "action"),
        ("missing-field", "eventTimeZoneOffset"),
    },
    "Combination_of_non_standard_bizStep_and_disposition.json": {
        ("epcis-code-unknown", "bizStep"),
        ("epcis-code-unknown", "disposition"),
    },
    "EPCISDocument_without_context.json": {("missing-field", "@context")},
    "ObjectEvent_with_ilmd_field_without_namespace.json": {("epcis-no-namespace", "materialType")},
    "ObjectEvent_with_invalid_action.json": {("epcis-code-unknown", "action")},
    "ObjectEvent_with_non_standard_bizStep.json": {("epcis-code-unknown", "bizStep")},
    "ObjectEvent_with_non_standard_bizStep_in_second_event.json": {("epcis-code-unknown", "bizStep")},
    "ObjectEvent_with_unknown_field_in_quantityList.json": {("unknown-field", "weight")},
    "ObjectEvent_without_action_and_eventTime.json": {
        ("missing-field", "action"),
        ("missing-field", "eventTime"),
        ("missing-field", "eventTimeZoneOffset"),
    },
    "ObjectEvent_bare_event_without_action.xml": {("missing-field", "action")},
    "ObjectEvent_with_invalid_action.xml": {("epcis-code-unknown", "action")},
    "ObjectEvent_with_near_miss_action.xml": {("epcis-code-unknown", "action")},
    "ObjectEvent_with_unknown_element.xml": {("unknown-field", "madeUpField")},
    "ObjectEvent_without_eventTime.xml": {("missing-field", "eventTime")},
    "Query_without_queryName.xml": {("missing-field", "queryName")},
}
"""By file: codes and last step of their places."""

OTHER_DATA = {
    "Capture/Documents/Combination_of_different_event.json": "the declarations of error state other times",
    "Query/Combination_of_different_event.json": "the declarations of error state other times",
    "Capture/Events/TransformationEvent.json": "the declarations of error state other times",
    "Capture/Events/TransactionEvent.json": "an empty field of the XML is missing in the JSON",
    "Query/Queries/SimpleEventQuery.json": "a query, which holds no events",
    "Capture/Documents/JumbledFieldsOrder.json": "elements of the XML are jumbled, which its schema forbids",
    "Query/JumbledFieldsOrder.json": "elements of the XML are jumbled, which its schema forbids",
}
"""Pairs whose two files do not hold the same events."""


@cache
def verdicts() -> list[Verdict]:
    return read_verdicts(EPCIS)


def test_every_file_gets_its_labelled_verdict_but_xml_whose_elements_are_jumbled() -> None:
    other = [one for one in verdicts() if one.expected != one.got]

    assert len(verdicts()) == 89
    assert [one.file for one in other if "Jumbled" not in one.file or not one.file.endswith(".xml")] == []
    assert {fault.code for one in other for fault in one.faults} == {"epcis-wrong-order"}


def test_invalid_files_are_refused_for_the_labelled_reason_and_no_other() -> None:
    found = {
        Path(one.file).name: {(fault.code, fault.pointer.rpartition("/")[2]) for fault in one.faults}
        for one in verdicts()
        if one.expected == "invalid"
    }

    assert found == REASONS


def test_events_come_back_the_same_after_being_written() -> None:
    assert {one.written for one in verdicts() if one.expected == "valid"} == {"same", ""}


def pairs() -> list[tuple[Path, Path]]:
    sets = EPCIS / "events/2.0/EPCIS"
    found = []
    for path in sorted((sets / "JSON").rglob("*.json")):
        twin = sets / "XML" / path.relative_to(sets / "JSON").with_suffix(".xml")
        if twin.is_file() and "Invalid" not in path.parts:
            found.append((path, twin))
    return found


def events_of(path: Path) -> list[str]:
    message, _ = read_message(path.read_bytes())
    return (
        sorted(repr(canonical_event(one)) for one in message.events) if isinstance(message, Message) else []
    )


def test_json_and_xml_of_one_event_are_the_same_event() -> None:
    found = pairs()
    differing = {
        str(path.relative_to(EPCIS / "events/2.0/EPCIS/JSON"))
        for path, twin in found
        if not events_of(path) or events_of(path) != events_of(twin)
    }

    assert len(found) == 29
    assert differing == OTHER_DATA.keys()


def test_our_verdict_is_no_milder_than_the_schema() -> None:
    schema: dict[str, Any] = json.loads((EPCIS / "schema/epcis-json-schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    refused = {
        one.file
        for one in verdicts()
        if one.file.endswith(".json") and "/Queries/" not in one.file
        if not validator.is_valid(json.loads((EPCIS / one.file).read_bytes()))
    }

    # The schema wants a type of every sensor report; the reference calls an alarm without one valid.
    milder = {one.file for one in verdicts() if one.got == "valid"} & refused
    assert {Path(file).stem for file in milder} == {"SensorData_with_combined_events"}


VALUES: list[Any] = [
    *(None, True, 5, "", "x", "ex:y", [], {}, ["x"], [5], {"id": "a:b"}, "2026-01-01T00:00:00Z"),
    *("ADD", "DELETE", "cbv:BizStep-shipping", "urn:epcglobal:cbv:disp:zzz"),
]
NAMES = ["foo", "ext9:foo", "type", "id", "ilmd", "uom", "set", "action", "eventID"]
SPOILT_COUNT = 600


def places_in(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in members:
        yield (*path, step)
        yield from places_in(child, (*path, step))


def spoil(message: Any, chance: random.Random) -> tuple[Any, ...]:
    """Take something out of a message, put something else in its stead or beside it. Gives the place."""
    path = chance.choice(list(places_in(message)))
    parent = message
    for step in path[:-1]:
        parent = parent[step]
    value = copy.deepcopy(chance.choice(VALUES))
    match chance.choice(["take", "put", "add"]):
        case "take":
            del parent[path[-1]]
        case "put":
            parent[path[-1]] = value
        case _ if isinstance(parent, dict):
            parent[chance.choice(NAMES)] = value
        case _:
            parent.append(value)
    return path


@pytest.mark.in_turn
def test_spoilt_messages_are_judged_no_milder_than_by_the_schema() -> None:
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("uri")(lambda text: not isinstance(text, str) or is_uri(text))
    formats.checks("date-time")(lambda text: not isinstance(text, str) or utc_text(text) is not None)
    schema: dict[str, Any] = json.loads((EPCIS / "schema/epcis-json-schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema, format_checker=formats)
    files = [EPCIS / one.file for one in verdicts() if one.file.endswith(".json") and one.got == "valid"]
    good = [json.loads(path.read_bytes()) for path in files if path.stat().st_size < 9000]
    seeds = [message for message in good if "type" in message and validator.is_valid(message)]
    chance = random.Random(20)
    milder, refused_count = [], 0
    for _ in range(SPOILT_COUNT):
        message = copy.deepcopy(chance.choice(seeds))
        path = spoil(message, chance)
        is_refused = not validator.is_valid(message)
        refused_count += is_refused
        read, findings = read_message(json.dumps(message).encode())
        # The list of measures grows without the schema, so a new one is advice here.
        is_young = any(one.code == "epcis-code-new" for one in findings)
        if is_refused and read is not None and not is_young:
            milder.append(path)

    assert refused_count > SPOILT_COUNT // 4
    assert milder == []


def spoil_xml(root: Any, chance: random.Random) -> None:
    """Take an element out, name it otherwise, move it elsewhere, or empty it."""
    element = chance.choice(list(root.iter())[1:])
    match chance.choice(["take", "name", "move", "empty", "attribute"]):
        case "take":
            element.getparent().remove(element)
        case "name":
            element.tag = chance.choice(["epcList", "EPCISBody", "Poll", "extension", "action", "{x:}y"])
        case "move":
            target = chance.choice([one for one in root.iter() if element not in one.iterancestors()])
            if target is not element:
                target.append(element)
        case "empty":
            element.clear()
        case _:
            element.set(chance.choice(["type", "value", "schemaVersion", "{x:}y"]), "x")


@pytest.mark.in_turn
def test_spoilt_xml_is_read_or_refused_and_never_breaks_the_reader() -> None:
    files = [EPCIS / one.file for one in verdicts() if one.file.endswith(".xml")]
    seeds = [path.read_bytes() for path in files if path.stat().st_size < 12000]
    chance = random.Random(21)
    refused_count = 0
    for _ in range(SPOILT_COUNT):
        root = etree.fromstring(chance.choice(seeds), etree.XMLParser(remove_comments=True))
        spoil_xml(root, chance)
        message, findings = read_message(etree.tostring(root))
        assert (message is None) == any(one.severity == "fault" for one in findings)
        refused_count += message is None
        if isinstance(message, Message):
            again, _ = read_message(write_xml(message).content)
            assert isinstance(again, Message)
            assert again.events == message.events

    assert refused_count > SPOILT_COUNT // 4


def test_what_we_write_passes_the_schema() -> None:
    schema: dict[str, Any] = json.loads((EPCIS / "schema/epcis-json-schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    for one in verdicts():
        message, _ = read_message((EPCIS / one.file).read_bytes())
        if isinstance(message, Message) and "SensorData_with_combined" not in one.file:
            assert list(validator.iter_errors(json.loads(write_json(message).content))) == [], one.file


def test_the_page_is_what_the_tool_writes() -> None:
    """Stale: `python -m tools.epcis_report ../shared/reference/epcis > docs/reference/formats/epcis.md`."""
    assert (ROOT / "docs/reference/formats/epcis.md").read_text(encoding="utf-8") == build_page(EPCIS)


def test_the_tables_are_what_the_tool_draws_from_the_schemas() -> None:
    """Stale: `python -m tools.epcis_tables ../shared/reference/epcis > (its place in src)`."""
    tables = ROOT / "src/serai/formats/epcis/tables.yaml"
    assert tables.read_text(encoding="utf-8") == build_tables(EPCIS / "schema")
