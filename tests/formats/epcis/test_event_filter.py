"""Queries as tests of one event: each parameter chooses what it says, and no text makes one fail."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serai.formats.decoded import FINDINGS_MAX
from serai.formats.epcis.event import (
    BizTransaction,
    Event,
    Extension,
    Quantity,
    SensorElement,
    SensorMetadata,
    SensorReport,
    Source,
)
from serai.formats.epcis.event_filter import make_filter
from serai.formats.epcis.tables import TABLES
from serai.formats.epcis.url_query import read_url_query

EVENT = Event(
    kind="ObjectEvent",
    event_at="2026-07-01T10:00:00.5Z",
    time_zone_offset="+00:00",
    event_id="urn:uuid:1",
    action="OBSERVE",
    biz_step_code="shipping",
    disposition_code="in_transit",
    parent_id="urn:epc:id:sscc:4012345.0000000111",
    epcs=("urn:epc:id:sgtin:0614141.112345.400",),
    quantities=(Quantity(epc_class="urn:epc:class:lgtin:4012345.012345.998877", quantity="200.5"),),
    biz_transactions=(BizTransaction(id="urn:ex:po:1", type_code="po"),),
    sources=(Source(id="urn:ex:party:1", type_code="owning_party"),),
    sensor_elements=(
        SensorElement(
            metadata=SensorMetadata(measured_at="2026-07-01T09:00:00Z", device_id="urn:ex:device:1"),
            reports=(
                SensorReport(type_code="Temperature", value="9.5", unit_code="CEL"),
                SensorReport(type_code="RelativeHumidity", value="40", unit_code="P1"),
            ),
        ),
    ),
    extensions=(Extension(name="{https://ns.example.com/#}lot", text="7"),),
)


def is_chosen(*parameters: tuple[str, str]) -> bool:
    query, findings = read_url_query(parameters)
    assert query is not None, findings
    chosen, findings = make_filter(query)
    assert chosen is not None, findings
    return chosen.matches(EVENT)


@pytest.mark.parametrize(
    ("parameters", "chosen"),
    [
        ([("eventType", "AggregationEvent|ObjectEvent")], True),
        ([("eventType", "AggregationEvent")], False),
        ([("EQ_bizStep", "arriving"), ("EQ_bizStep", "urn:epcglobal:cbv:bizstep:shipping")], True),
        ([("EQ_bizStep", "shipping"), ("EQ_action", "ADD")], False),
        ([("GE_eventTime", "2026-07-01T12:00:00.5 02:00")], True),
        ([("GE_eventTime", "2026-07-01T10:00:00.51Z")], False),
        ([("LT_eventTime", "2026-07-01T10:00:00.5Z")], False),
        ([("LT_eventTime", "2026-07-01T10:00:01Z")], True),
        ([("MATCH_epc", "https://example.org/01/10614141123459/21/400")], True),
        ([("MATCH_epc", "urn:epc:id:sscc:4012345.0000000111")], False),
        ([("MATCH_parentID", "https://id.gs1.org/00/040123450000001112")], True),
        ([("MATCH_anyEPC", "urn:epc:idpat:sgtin:0614141.112345.*")], True),
        ([("MATCH_anyEPC", "urn:epc:idpat:sgtin:0614141.112346.*")], False),
        ([("MATCH_anyEPC", "urn:epc:idpat:sgtin:0614141.*.*")], True),
        ([("MATCH_parentID", "urn:epc:idpat:sscc:0614141.*")], False),
        ([("MATCH_anyEPCClass", "urn:epc:class:lgtin:4012345.012345.998877")], True),
        ([("MATCH_anyEPCClass", "urn:epc:idpat:sgtin:4012345.012345.*")], True),
        ([("EQ_bizTransaction_po", "urn:ex:po:1")], True),
        ([("EQ_bizTransaction_inv", "urn:ex:po:1")], False),
        ([("EQ_source_owning_party", "urn:ex:party:1|urn:ex:party:2")], True),
        ([("GT_quantity", "200")], True),
        ([("LE_quantity", "200.4")], False),
        ([("EQ_eventID", "urn:uuid:1")], True),
        ([("EXISTS_errorDeclaration", "")], False),
        ([("EXISTS_sensorElementList", "")], True),
        ([("EQ_type", "Temperature"), ("GE_value_CEL", "9.5")], True),
        ([("EQ_type", "Temperature"), ("GT_value_CEL", "9.5")], False),
        ([("EQ_type", "RelativeHumidity"), ("GE_value_CEL", "9")], False),
        ([("EQ_deviceID", "urn:ex:device:1"), ("LT_time", "2026-07-01T09:00:01Z")], True),
        ([("EQ_https://ns.example.com/#lot", "7")], True),
        ([("EQ_https://ns.example.com/#lot", "8")], False),
        ([("EXISTS_https://ns.example.com/#lot", "")], True),
    ],
)
def test_a_parameter_chooses_what_it_says(parameters: list[tuple[str, str]], chosen: bool) -> None:
    assert is_chosen(*parameters) is chosen


NAMES = st.sampled_from(
    [*TABLES.query_parameters, *(f"{family}ex:X" for family in TABLES.query_families), "nonsense", ""]
) | st.text(string.printable, max_size=20)


@settings(max_examples=100)
@given(st.lists(st.tuples(NAMES, st.text(max_size=20)), max_size=4))
def test_no_query_makes_it_fail(parameters: list[tuple[str, str]]) -> None:
    query, findings = read_url_query(parameters)
    if query is None:
        assert findings
        return
    chosen, findings = make_filter(query)
    if chosen is None:
        assert findings
    else:
        assert chosen.matches(EVENT) in (True, False)


def test_hundreds_of_faulty_values_are_told_as_a_count() -> None:
    _, findings = read_url_query([("EQ_bizStep", "|" * 2 * FINDINGS_MAX)])

    assert len(findings) == FINDINGS_MAX + 1
    assert findings[-1].code == "more-faults"
