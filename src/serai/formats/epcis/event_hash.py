"""The hash of an event by its content: the same fact has the same name, whoever wrote it and in which syntax.

GS1 Core Business Vocabulary 2.0, section 8.9. Where its text leaves room (the type of a business transaction
before or after its number, certification) we do as the two public programs do. Identifier, record time and
declaration of error do not count: a declaration of error has the hash of the event that it takes back.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import msgspec

from serai.formats.epcis.event import (
    BizTransaction,
    Destination,
    Event,
    Extension,
    Place,
    Quantity,
    SensorElement,
    SensorMetadata,
    SensorReport,
    Source,
)
from serai.formats.epcis.identifiers import canonical_identifier
from serai.formats.epcis.scalars import plain_number
from serai.formats.epcis.tables import CODES

VERSION: Final = "CBV2.0"

_LAST_SECOND: Final = "9999-12-31T23:59:59"
_VOCABULARY: Final = "https://ref.gs1.org/cbv/"
_WRITTEN: Final = {
    "bizStep": f"{_VOCABULARY}BizStep-",
    "disposition": f"{_VOCABULARY}Disp-",
    "bizTransaction-type": f"{_VOCABULARY}BTT-",
    "source-dest-type": f"{_VOCABULARY}SDT-",
    "component": f"{_VOCABULARY}Comp-",
    # The rules of CBV 2.0 still write the web vocabulary at its first address.
    "measurementType": "https://gs1.org/voc/",
    "sensorAlertType": "https://gs1.org/voc/",
}
_GROWN: Final = "https://ref.gs1.org/voc/"
_METADATA: Final = (
    ("time", "measured_at"),
    ("startTime", "from_at"),
    ("endTime", "to_at"),
    ("deviceID", "device_id"),
    ("deviceMetadata", "device_metadata"),
    ("rawData", "raw_data"),
    ("dataProcessingMethod", "processing_method"),
    ("bizRules", "biz_rules"),
)
_REPORT: Final = (
    ("type", "type_code"),
    ("exception", "exception_code"),
    ("deviceID", "device_id"),
    ("deviceMetadata", "device_metadata"),
    ("rawData", "raw_data"),
    ("dataProcessingMethod", "processing_method"),
    ("time", "measured_at"),
    ("microorganism", "microorganism"),
    ("chemicalSubstance", "chemical_substance"),
    ("value", "value"),
    ("component", "component_code"),
    ("stringValue", "string_value"),
    ("booleanValue", "boolean_value"),
    ("hexBinaryValue", "hex_binary_value"),
    ("uriValue", "uri_value"),
    ("minValue", "min_value"),
    ("maxValue", "max_value"),
    ("meanValue", "mean_value"),
    ("sDev", "standard_deviation"),
    ("percRank", "percentile_rank"),
    ("percValue", "percentile_value"),
    ("uom", "unit_code"),
    ("coordinateReferenceSystem", "coordinate_reference_system"),
)
_CODED: Final = {
    "type_code": "measurementType",
    "exception_code": "sensorAlertType",
    "component_code": "component",
}
_INSTANTS: Final = frozenset({"measured_at", "from_at", "to_at"})


def event_hash(event: Event) -> str:
    """Return the hash as `ni:///sha-256;...?ver=CBV2.0` (RFC 6920): an event identifier for one without."""
    return names_of(event).uri


class Names(msgspec.Struct, frozen=True):
    """How an event is known by its content.

    digest: SHA-256 of its canonical text. content_key: 32 bytes that are equal for the same message about the
    same fact; the digest alone would take a declaration of error for a repeat of what it takes back.
    """

    digest: bytes
    content_key: bytes

    @property
    def uri(self) -> str:
        """Return the digest as an event identifier."""
        return f"ni:///sha-256;{self.digest.hex()}?ver={VERSION}"


def names_of(event: Event) -> Names:
    """Return how an event is known by its content."""
    error = event.error_declaration
    told = (
        ""
        if error is None
        else "\n".join((error.declared_at, error.reason_code or "", *error.corrective_event_ids))
    )
    digest = hashlib.sha256(canonical_text(event).encode()).digest()
    beside = f"{event.event_id or ''}\n{error is not None}{told}"
    return Names(digest, hashlib.sha256(digest + beside.encode()).digest())


def canonical_text(event: Event) -> str:
    """Return the text that is hashed: names and values in canonical order, without anything between them."""
    return "".join(
        (
            f"eventType={event.kind}",
            f"eventTime={_instant(event.event_at)}",
            f"eventTimeZoneOffset={event.time_zone_offset}",
            *sorted(f"certificationInfo={_value(one)}" for one in event.certifications),
            _identifiers("epcList", event.epcs or ()),
            _named("parentID", event.parent_id),
            _identifiers("inputEPCList", event.input_epcs),
            _identifiers("childEPCs", event.child_epcs),
            _quantities("quantityList", event.quantities),
            _quantities("childQuantityList", event.child_quantities),
            _quantities("inputQuantityList", event.input_quantities),
            _identifiers("outputEPCList", event.output_epcs),
            _quantities("outputQuantityList", event.output_quantities),
            _named("action", event.action),
            _named("transformationID", event.transformation_id),
            _named("bizStep", _code(event.biz_step_code, "bizStep")),
            _named("disposition", _code(event.disposition_code, "disposition")),
            _persistent(event),
            _place("readPoint", event.read_point),
            _place("bizLocation", event.biz_location),
            _typed("bizTransactionList", "bizTransaction", event.biz_transactions, "bizTransaction-type"),
            _typed("sourceList", "source", event.sources, "source-dest-type"),
            _typed("destinationList", "destination", event.destinations, "source-dest-type"),
            _list("sensorElementList", map(_sensor_element, event.sensor_elements)),
            _list("ilmd", map(_extension, event.ilmd)),
            *sorted(map(_extension, event.extensions)),
        )
    )


def _list(name: str, entries: Iterable[str]) -> str:
    ordered = sorted(entries)
    return name + "".join(ordered) if ordered else ""


def _named(name: str, value: str | None) -> str:
    return "" if value is None else f"{name}={_value(value)}"


def _value(text: str) -> str:
    return canonical_identifier(text) if ":" in text else text


def _identifiers(name: str, uris: Sequence[str]) -> str:
    return _list(name, (f"epc={canonical_identifier(uri)}" for uri in uris))


def _quantities(name: str, quantities: Sequence[Quantity]) -> str:
    return _list(
        name,
        (
            "quantityElement"
            + _named("epcClass", one.epc_class)
            + _named("quantity", one.quantity)
            + _named("uom", one.unit_code)
            for one in quantities
        ),
    )


def _persistent(event: Event) -> str:
    found = event.persistent_disposition
    if found is None:
        return ""
    parts = [
        *sorted(f"set={_code(one, 'disposition')}" for one in found.set),
        *sorted(f"unset={_code(one, 'disposition')}" for one in found.unset),
    ]
    return "persistentDisposition" + "".join(parts)


def _place(name: str, place: Place | None) -> str:
    if place is None:
        return ""
    return name + _named("id", place.id) + "".join(sorted(map(_extension, place.extensions)))


def _typed(
    name: str, entry: str, parts: Sequence[BizTransaction | Source | Destination], code_list: str
) -> str:
    return _list(
        name, (_named("type", _code(one.type_code, code_list)) + _named(entry, one.id) for one in parts)
    )


def _sensor_element(element: SensorElement) -> str:
    metadata = "" if element.metadata is None else _fields("sensorMetadata", element.metadata, _METADATA)
    reports = sorted(_fields("sensorReport", one, _REPORT) for one in element.reports)
    return (
        "sensorElement" + metadata + "".join(reports) + "".join(sorted(map(_extension, element.extensions)))
    )


def _fields(name: str, part: SensorMetadata | SensorReport, order: Sequence[tuple[str, str]]) -> str:
    told = []
    for written, field in order:
        value: str | None = getattr(part, field)
        if value is None:
            continue
        if field in _INSTANTS:
            value = _instant(value)
        elif field in _CODED:
            value = _code(value, _CODED[field])
        told.append(_named(written, value))
    return name + "".join(told) + "".join(sorted(map(_extension, part.extensions)))


def _code(value: str | None, code_list: str) -> str | None:
    if value is None:
        return None
    if value in CODES[code_list]:
        return _WRITTEN[code_list] + value
    return (
        _WRITTEN[code_list] + value.removeprefix(_GROWN)
        if value.startswith(_GROWN) and code_list == "measurementType"
        else value
    )


def _extension(extension: Extension) -> str:
    text = extension.text.strip()
    value = plain_number(text) or _value(text) if text else ""
    return (
        extension.name + (f"={value}" if value else "") + "".join(sorted(map(_extension, extension.children)))
    )


def _instant(text: str) -> str:
    """Return an instant to the millisecond. text: in UTC, with the decimals it needs."""
    whole, point, decimals = text.removesuffix("Z").partition(".")
    if not point or len(decimals) <= 3:
        return f"{whole}.{decimals.ljust(3, '0')}Z"
    rounded = Decimal(f"0.{decimals}").quantize(Decimal("0.001"), ROUND_HALF_EVEN)
    if rounded < 1:
        return f"{whole}{str(rounded)[1:]}Z"
    if whole == _LAST_SECOND:
        return f"{whole}.999Z"
    following = dt.datetime.fromisoformat(whole) + dt.timedelta(seconds=1)
    return f"{following.isoformat()}.000Z"
