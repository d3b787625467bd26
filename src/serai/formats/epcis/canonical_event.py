"""An event with its GS1 identifiers in canonical form: to match and compare, not to send on."""

from typing import Any

import msgspec

from serai.formats.epcis.event import Event
from serai.formats.epcis.identifiers import canonical_identifier
from serai.formats.epcis.tables import EVENT_CLASSES, EXTENDED_EVENT, TABLES
from serai.formats.epcis.written import plain_event


def canonical_event(event: Event) -> Event:
    """Give the event with each identifier as Digital Link on id.gs1.org; other URIs and fields stay."""
    kind = event.kind if event.kind in EVENT_CLASSES else EXTENDED_EVENT
    return msgspec.convert(_canonical(plain_event(event), kind), Event)


def _canonical(plain: dict[str, Any], kind: str) -> dict[str, Any]:
    fields = TABLES.classes[kind].fields
    return {
        name: _value(value, fields[name].kind) if name in fields else value for name, value in plain.items()
    }


def _value(value: Any, kind: str) -> Any:
    if isinstance(value, list | tuple):
        return [_value(item, kind) for item in value]
    if isinstance(value, dict):
        return _canonical(value, kind) if kind in TABLES.classes else value
    return canonical_identifier(value) if kind == "uri" and isinstance(value, str) else value
