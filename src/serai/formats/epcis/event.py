"""An EPCIS event as we hold it: what, when, where, why, how. One struct for both syntaxes and all versions.

Instants are text in UTC with the decimals they need, numbers text in plain digits, codes of the Core
Business Vocabulary short (`shipping`), somebody else's codes URIs. Identifiers stay as they were sent;
`identifiers.py` says which of them are the same.
"""

from typing import Literal

import msgspec

ExtensionKind = Literal["text", "number", "boolean", "null", "group"]


class Extension(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field that is not of the standard. name: `{namespace}local`; `@name` is an attribute of XML.

    text: of a scalar. children: of a group, sorted by name, each name as often as its list had entries.
    """

    name: str
    kind: ExtensionKind = "text"
    text: str = ""
    children: "tuple[Extension, ...]" = ()


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """extensions: fields of somebody's namespace, sorted by name."""

    extensions: tuple[Extension, ...] = ()


class Quantity(_Part, frozen=True, rename={"epc_class": "epcClass", "unit_code": "uom"}):
    """So many of a class. unit_code: UN/ECE Recommendation 20; None: the objects are counted."""

    epc_class: str
    quantity: str | None = None
    unit_code: str | None = None


class BizTransaction(_Part, frozen=True, rename={"id": "bizTransaction", "type_code": "type"}):
    """A business transaction that the event belongs to, such as an order."""

    id: str
    type_code: str | None = None


class Source(_Part, frozen=True, rename={"id": "source", "type_code": "type"}):
    """Where a transfer begins: a party or place."""

    id: str
    type_code: str


class Destination(_Part, frozen=True, rename={"id": "destination", "type_code": "type"}):
    """Where a transfer ends: a party or place."""

    id: str
    type_code: str


class Place(_Part, frozen=True):
    """A read point or business location."""

    id: str


class PersistentDisposition(_Part, frozen=True):
    """Dispositions that hold until they are unset."""

    set: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()


class ErrorDeclaration(
    _Part,
    frozen=True,
    rename={
        "declared_at": "declarationTime",
        "reason_code": "reason",
        "corrective_event_ids": "correctiveEventIDs",
    },
):
    """The event was wrong; the corrective events say what is right."""

    declared_at: str
    reason_code: str | None = None
    corrective_event_ids: tuple[str, ...] = ()


class SensorMetadata(
    _Part,
    frozen=True,
    rename={
        "measured_at": "time",
        "from_at": "startTime",
        "to_at": "endTime",
        "device_id": "deviceID",
        "device_metadata": "deviceMetadata",
        "raw_data": "rawData",
        "processing_method": "dataProcessingMethod",
        "biz_rules": "bizRules",
    },
):
    """What holds for all reports of a sensor element."""

    measured_at: str | None = None
    from_at: str | None = None
    to_at: str | None = None
    device_id: str | None = None
    device_metadata: str | None = None
    raw_data: str | None = None
    processing_method: str | None = None
    biz_rules: str | None = None


class SensorReport(
    _Part,
    frozen=True,
    rename={
        "type_code": "type",
        "exception_code": "exception",
        "measured_at": "time",
        "device_id": "deviceID",
        "device_metadata": "deviceMetadata",
        "raw_data": "rawData",
        "processing_method": "dataProcessingMethod",
        "biz_rules": "bizRules",
        "microorganism": "microorganism",
        "chemical_substance": "chemicalSubstance",
        "coordinate_reference_system": "coordinateReferenceSystem",
        "component_code": "component",
        "string_value": "stringValue",
        "boolean_value": "booleanValue",
        "hex_binary_value": "hexBinaryValue",
        "uri_value": "uriValue",
        "min_value": "minValue",
        "max_value": "maxValue",
        "mean_value": "meanValue",
        "standard_deviation": "sDev",
        "percentile_rank": "percRank",
        "percentile_value": "percValue",
        "unit_code": "uom",
    },
):
    """One reading. Values are in the unit beside them; boolean_value is `true` or `false`."""

    type_code: str | None = None
    exception_code: str | None = None
    measured_at: str | None = None
    device_id: str | None = None
    device_metadata: str | None = None
    raw_data: str | None = None
    processing_method: str | None = None
    biz_rules: str | None = None
    microorganism: str | None = None
    chemical_substance: str | None = None
    coordinate_reference_system: str | None = None
    component_code: str | None = None
    value: str | None = None
    string_value: str | None = None
    boolean_value: str | None = None
    hex_binary_value: str | None = None
    uri_value: str | None = None
    min_value: str | None = None
    max_value: str | None = None
    mean_value: str | None = None
    standard_deviation: str | None = None
    percentile_rank: str | None = None
    percentile_value: str | None = None
    unit_code: str | None = None


class SensorElement(_Part, frozen=True, rename={"metadata": "sensorMetadata", "reports": "sensorReport"}):
    """Readings with what holds for all of them."""

    reports: tuple[SensorReport, ...]
    metadata: SensorMetadata | None = None


class Event(
    _Part,
    frozen=True,
    rename={
        "kind": "type",
        "event_at": "eventTime",
        "time_zone_offset": "eventTimeZoneOffset",
        "recorded_at": "recordTime",
        "event_id": "eventID",
        "error_declaration": "errorDeclaration",
        "certifications": "certificationInfo",
        "biz_step_code": "bizStep",
        "disposition_code": "disposition",
        "persistent_disposition": "persistentDisposition",
        "parent_id": "parentID",
        "epcs": "epcList",
        "quantities": "quantityList",
        "child_epcs": "childEPCs",
        "child_quantities": "childQuantityList",
        "input_epcs": "inputEPCList",
        "input_quantities": "inputQuantityList",
        "output_epcs": "outputEPCList",
        "output_quantities": "outputQuantityList",
        "transformation_id": "transformationID",
        "read_point": "readPoint",
        "biz_location": "bizLocation",
        "biz_transactions": "bizTransactionList",
        "sources": "sourceList",
        "destinations": "destinationList",
        "sensor_elements": "sensorElementList",
    },
):
    """One event. kind: one of the five of the standard, or the type of somebody else, `{namespace}name`.

    epcs None: the list was not sent; empty: it was sent without entries, which an observation of a place may.
    """

    kind: str
    event_at: str
    time_zone_offset: str
    recorded_at: str | None = None
    event_id: str | None = None
    error_declaration: ErrorDeclaration | None = None
    certifications: tuple[str, ...] = ()
    action: str | None = None
    biz_step_code: str | None = None
    disposition_code: str | None = None
    persistent_disposition: PersistentDisposition | None = None
    parent_id: str | None = None
    epcs: tuple[str, ...] | None = None
    quantities: tuple[Quantity, ...] = ()
    child_epcs: tuple[str, ...] = ()
    child_quantities: tuple[Quantity, ...] = ()
    input_epcs: tuple[str, ...] = ()
    input_quantities: tuple[Quantity, ...] = ()
    output_epcs: tuple[str, ...] = ()
    output_quantities: tuple[Quantity, ...] = ()
    transformation_id: str | None = None
    read_point: Place | None = None
    biz_location: Place | None = None
    biz_transactions: tuple[BizTransaction, ...] = ()
    sources: tuple[Source, ...] = ()
    destinations: tuple[Destination, ...] = ()
    sensor_elements: tuple[SensorElement, ...] = ()
    ilmd: tuple[Extension, ...] = ()


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Events as they came: a document, the results of a query, or one event alone.

    kind: EPCISDocument, EPCISQueryDocument, or the type of the single event. header, extensions: kept, not
    read. query_name, subscription_id: of results.
    """

    kind: str
    events: tuple[Event, ...]
    created_at: str | None = None
    query_name: str | None = None
    subscription_id: str | None = None
    header: tuple[Extension, ...] = ()
    extensions: tuple[Extension, ...] = ()


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A query for events. parameters: values by name, codes short, instants in UTC."""

    name: str
    parameters: dict[str, tuple[str, ...]]
