"""Which events a query asks for: its parameters as tests on one event (EPCIS 2.0, 8.2.7.1 and 8.2.7.2).

All parameters must hold. Those of sensors must hold for one and the same report, with what its element says
for all reports: a humidity of 9 is no answer to who asks for temperatures above 8.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from serai.formats.epcis.event import Event, Extension, Query, SensorElement, SensorReport
from serai.formats.epcis.identifiers import canonical_identifier, is_pattern, pattern_beginnings
from serai.formats.epcis.scalars import plain_number
from serai.model.findings import Finding

CONTROLS: Final = frozenset({"orderBy", "orderDirection", "eventCountLimit", "maxEventCount"})
"""Parameters that order and bound the answer, and choose no event."""

_Values = tuple[str, ...]
_Test = Callable[[Event], bool]
_SensorTest = Callable[[SensorElement, SensorReport], bool]
_COMPARE: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "EQ": lambda got, asked: got == asked,
    "GT": lambda got, asked: got > asked,
    "GE": lambda got, asked: got >= asked,
    "LT": lambda got, asked: got < asked,
    "LE": lambda got, asked: got <= asked,
}


class EventFilter(msgspec.Struct, frozen=True):
    """A query made ready.

    recorded: first (inclusive) and last (exclusive) time of record, None: any. reads_fields_of_others: some
    test looks at fields that are no standard's.
    """

    tests: tuple[_Test, ...]
    recorded: tuple[str | None, str | None] = (None, None)
    reads_fields_of_others: bool = False

    def matches(self, event: Event) -> bool:
        """Say whether the query asks for an event; its time of record is the caller's to look at."""
        return all(test(event) for test in self.tests)


def make_filter(query: Query) -> tuple[EventFilter | None, list[Finding]]:
    """Make a query ready. Returns it, or None and a finding for each parameter that is not understood."""
    tests: list[_Test] = []
    of_sensors: list[_SensorTest] = []
    findings: list[Finding] = []
    for name, values in query.parameters.items():
        if name in CONTROLS or name.endswith("_recordTime"):
            continue
        test = _test(name, values)
        sensor_test = None if test is not None else _sensor_test(name, values)
        if test is not None:
            tests.append(test)
        elif sensor_test is not None:
            of_sensors.append(sensor_test)
        else:
            findings.append(Finding("epcis-parameter-unsupported", name[:64]))
    if findings:
        return None, findings
    if of_sensors:
        tests.append(lambda event: _has_report(event, of_sensors))
    recorded = (_first(query, "GE_recordTime"), _first(query, "LT_recordTime"))
    return EventFilter(tuple(tests), recorded, any("#" in name for name in query.parameters)), []


def identifiers_of(event: Event) -> list[str]:
    """Return every EPC and class that an event is about, as sent, parents among them."""
    return [*_OF["anyEPC"](event), *_OF["anyEPCClass"](event), *_OF["parentID"](event)]


def epcs_of(event: Event) -> list[str]:
    """Return every single thing an event names, as sent: EPCs, parent, children, input and output."""
    return [*_OF["anyEPC"](event), *_OF["parentID"](event)]


def _first(query: Query, name: str) -> str | None:
    return next(iter(query.parameters.get(name, ())), None)


# ---- parameters of the event ----


def _lists(*names: str) -> Callable[[Event], list[str]]:
    def give(event: Event) -> list[str]:
        return [one for name in names for one in getattr(event, name) or ()]

    return give


def _classes(*names: str) -> Callable[[Event], list[str]]:
    def give(event: Event) -> list[str]:
        return [one.epc_class for name in names for one in getattr(event, name)]

    return give


def _one(value: str | None) -> list[str]:
    return [] if value is None else [value]


_OF: Final[dict[str, Callable[[Event], list[str]]]] = {
    "epc": _lists("epcs", "child_epcs"),
    "parentID": lambda event: _one(event.parent_id),
    "inputEPC": _lists("input_epcs"),
    "outputEPC": _lists("output_epcs"),
    "anyEPC": _lists("epcs", "child_epcs", "input_epcs", "output_epcs"),
    "epcClass": _classes("quantities", "child_quantities"),
    "inputEPCClass": _classes("input_quantities"),
    "outputEPCClass": _classes("output_quantities"),
    "anyEPCClass": _classes("quantities", "child_quantities", "input_quantities", "output_quantities"),
}
_EQUAL: Final[dict[str, Callable[[Event], list[str]]]] = {
    "eventType": lambda event: [event.kind],
    "EQ_action": lambda event: _one(event.action),
    "EQ_bizStep": lambda event: _one(event.biz_step_code),
    "EQ_disposition": lambda event: _one(event.disposition_code),
    "EQ_persistentDisposition_set": lambda event: list(
        event.persistent_disposition.set if event.persistent_disposition else ()
    ),
    "EQ_persistentDisposition_unset": lambda event: list(
        event.persistent_disposition.unset if event.persistent_disposition else ()
    ),
    "EQ_errorReason": lambda event: _one(
        event.error_declaration.reason_code if event.error_declaration else None
    ),
}
_SAME_THING: Final[dict[str, Callable[[Event], list[str]]]] = {
    "EQ_readPoint": lambda event: _one(event.read_point.id if event.read_point else None),
    "EQ_bizLocation": lambda event: _one(event.biz_location.id if event.biz_location else None),
    "EQ_transformationID": lambda event: _one(event.transformation_id),
    "EQ_eventID": lambda event: _one(event.event_id),
    "EQ_correctiveEventID": lambda event: list(
        event.error_declaration.corrective_event_ids if event.error_declaration else ()
    ),
    **{f"MATCH_{name}": give for name, give in _OF.items()},
}
# Without master data no place is known to lie within another: with descendants is the place itself.
_SAME_THING["WD_readPoint"] = _SAME_THING["EQ_readPoint"]
_SAME_THING["WD_bizLocation"] = _SAME_THING["EQ_bizLocation"]
_TYPED: Final = {
    "EQ_bizTransaction_": "biz_transactions",
    "EQ_source_": "sources",
    "EQ_destination_": "destinations",
}
_EXISTS: Final[dict[str, _Test]] = {
    "EXISTS_errorDeclaration": lambda event: event.error_declaration is not None,
    "EXISTS_sensorElementList": lambda event: bool(event.sensor_elements),
}
_TIMES: Final[dict[str, Callable[[Event], str | None]]] = {
    "eventTime": lambda event: event.event_at,
    "errorDeclaration_Time": lambda event: (
        event.error_declaration.declared_at if event.error_declaration else None
    ),
}


def _test(name: str, values: _Values) -> _Test | None:
    """Return the test of a parameter; None: it is none of an event's own."""
    if name in _EQUAL:
        give, wanted = _EQUAL[name], frozenset(values)
        return lambda event: not wanted.isdisjoint(give(event))
    if name in _SAME_THING:
        return _same_thing(_SAME_THING[name], values)
    if name in _EXISTS:
        return _EXISTS[name]
    return _typed(name, values) or _compared(name, values) or _of_extension(name, values)


def _compared(name: str, values: _Values) -> _Test | None:
    comparison, _, rest = name.partition("_")
    if rest == "quantity" and comparison in _COMPARE:
        return _quantity(comparison, values)
    if rest not in _TIMES:
        return None
    give, bound, is_least = _TIMES[rest], _sortable(values[0]), comparison == "GE"
    return lambda event: (got := give(event)) is not None and (_sortable(got) >= bound) is is_least


def _same_thing(give: Callable[[Event], list[str]], values: _Values) -> _Test:
    # The name of a class is also a pattern: it stands for itself and for all that it holds.
    wanted = frozenset(canonical_identifier(one) for one in values)
    beginnings = tuple(
        beginning for one in values if is_pattern(one) for beginning in pattern_beginnings(one)
    )

    def test(event: Event) -> bool:
        return any(
            name in wanted or name.startswith(beginnings) for name in map(canonical_identifier, give(event))
        )

    return test


def _typed(name: str, values: _Values) -> _Test | None:
    prefix = next((one for one in _TYPED if name.startswith(one)), None)
    if prefix is None:
        return None
    field, type_code = _TYPED[prefix], name.removeprefix(prefix)
    wanted = frozenset(canonical_identifier(one) for one in values)
    return lambda event: any(
        one.type_code == type_code and canonical_identifier(one.id) in wanted for one in getattr(event, field)
    )


def _quantity(comparison: str, values: _Values) -> _Test:
    compare, asked = _COMPARE[comparison], [Decimal(one) for one in values]
    lists = ("quantities", "child_quantities", "input_quantities", "output_quantities")
    return lambda event: any(
        one.quantity is not None and any(compare(Decimal(one.quantity), wanted) for wanted in asked)
        for name in lists
        for one in getattr(event, name)
    )


def _sortable(instant: str) -> str:
    # Without the Z, more decimals sort after fewer.
    return instant.removesuffix("Z")


# ---- fields of others ----


def _of_extension(name: str, values: _Values) -> _Test | None:
    """Test a field of somebody's namespace, at the top of the event or of its master data (ILMD)."""
    for prefix, give in (
        ("EQ_ILMD_", lambda event: event.ilmd),
        ("EXISTS_ILMD_", lambda event: event.ilmd),
        ("EQ_", lambda event: event.extensions),
        ("EXISTS_", lambda event: event.extensions),
    ):
        field = name.removeprefix(prefix)
        if field == name or "#" not in field or ":" not in field.partition("#")[0]:
            continue
        namespace, _, local = field.rpartition("#")
        names = {f"{{{namespace}}}{local}", f"{{{namespace}#}}{local}"}
        wanted = None if prefix.startswith("EXISTS") else frozenset(values)
        return _has_field(give, names, wanted)
    return None


def _has_field(
    give: Callable[[Event], Sequence[Extension]], names: Iterable[str], wanted: frozenset[str] | None
) -> _Test:
    known = frozenset(names)
    return lambda event: any(
        one.name in known and (wanted is None or one.text in wanted) for one in give(event)
    )


# ---- sensors ----

_SENSOR_EQUAL: Final = {
    "EQ_type": "type_code",
    "EQ_deviceID": "device_id",
    "EQ_dataProcessingMethod": "processing_method",
    "EQ_microorganism": "microorganism",
    "EQ_chemicalSubstance": "chemical_substance",
    "EQ_bizRules": "biz_rules",
    "EQ_stringValue": "string_value",
    "EQ_booleanValue": "boolean_value",
    "EQ_hexBinaryValue": "hex_binary_value",
    "EQ_uriValue": "uri_value",
}
_SENSOR_TIMES: Final = {"time": "measured_at", "startTime": "from_at", "endTime": "to_at"}
_SENSOR_NUMBERS: Final = {
    "value": "value",
    "minValue": "min_value",
    "maxValue": "max_value",
    "meanValue": "mean_value",
    "sDev": "standard_deviation",
    "percRank": "percentile_rank",
    "percValue": "percentile_value",
}


def _sensor_test(name: str, values: _Values) -> _SensorTest | None:
    if name in _SENSOR_EQUAL:
        field, wanted = _SENSOR_EQUAL[name], frozenset(canonical_identifier(one) for one in values)
        return lambda element, report: any(
            canonical_identifier(one) in wanted for one in _told(element, report, field)
        )
    comparison, _, rest = name.partition("_")
    if rest in _SENSOR_TIMES and comparison in ("GE", "LT"):
        return _sensor_time(comparison, _SENSOR_TIMES[rest], _sortable(values[0]))
    measure, _, unit_code = rest.partition("_")
    if measure in _SENSOR_NUMBERS and comparison in _COMPARE:
        return _sensor_number(comparison, _SENSOR_NUMBERS[measure], unit_code, values)
    return None


def _told(element: SensorElement, report: SensorReport, field: str) -> list[str]:
    """Return what a report says, else what its element says for all reports."""
    for part in (report, element.metadata):
        value = getattr(part, field, None)
        if value is not None:
            return [value]
    return []


def _sensor_time(comparison: str, field: str, bound: str) -> _SensorTest:
    if comparison == "GE":
        return lambda element, report: any(_sortable(one) >= bound for one in _told(element, report, field))
    return lambda element, report: any(_sortable(one) < bound for one in _told(element, report, field))


def _sensor_number(comparison: str, field: str, unit_code: str, values: _Values) -> _SensorTest | None:
    numbers = [plain_number(one) for one in values]
    if any(one is None for one in numbers):
        return None
    compare, asked = _COMPARE[comparison], [Decimal(one) for one in numbers if one is not None]

    def test(_: SensorElement, report: SensorReport) -> bool:
        text: str | None = getattr(report, field)
        if text is None or (unit_code and report.unit_code != unit_code):
            return False
        got = Decimal(text)
        return any(compare(got, wanted) for wanted in asked)

    return test


def _has_report(event: Event, tests: Sequence[_SensorTest]) -> bool:
    return any(
        all(test(element, report) for test in tests)
        for element in event.sensor_elements
        for report in element.reports
    )
