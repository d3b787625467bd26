"""Events as EPCIS 2.0 JSON-LD, each namespace with a prefix in the context."""

from typing import Any

import msgspec

from serai.formats.epcis.event import Event, Message
from serai.formats.epcis.tables import EVENT_CLASSES, EXTENDED_EVENT, TABLES
from serai.formats.epcis.written import VERSION, Written, name_namespaces, plain_event, split_name

GS1_CONTEXT = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


def write_json(message: Message) -> Written:
    """Write a document, results of a query, or an event alone. The header is left out and named so."""
    prefixes = name_namespaces(message)
    context = [GS1_CONTEXT, {prefix: namespace for namespace, prefix in prefixes.items()}]
    events = [_event(event, prefixes) for event in message.events]
    if message.kind not in ("EPCISDocument", "EPCISQueryDocument"):
        return Written(msgspec.json.encode({"@context": context, **events[0]}))
    document: dict[str, Any] = {"@context": context, "type": message.kind, "schemaVersion": VERSION}
    if message.created_at is not None:
        document["creationDate"] = message.created_at
    left_out = [f"epcisHeader/{one.name}" for one in message.header]
    fields = msgspec.to_builtins(message.extensions)
    # A name without a namespace is an attribute of an XML document, or one of JSON's few own fields.
    own = [
        one for one in fields if one["name"] in TABLES.classes["epcisDocument"].fields or "{" in one["name"]
    ]
    kept = {id(one) for one in own}
    left_out += [one["name"] for one in fields if id(one) not in kept]
    document |= _extensions(own, prefixes)
    document["epcisBody"] = _body(message, events)
    return Written(msgspec.json.encode(document), tuple(left_out))


def _body(message: Message, events: list[dict[str, Any]]) -> dict[str, Any]:
    if message.kind == "EPCISDocument":
        return {"eventList": events}
    results: dict[str, Any] = {"queryName": message.query_name or "SimpleEventQuery"}
    if message.subscription_id is not None:
        results["subscriptionID"] = message.subscription_id
    return {"queryResults": {**results, "resultsBody": {"eventList": events}}}


def _event(event: Event, prefixes: dict[str, str]) -> dict[str, Any]:
    kind = event.kind if event.kind in EVENT_CLASSES else EXTENDED_EVENT
    plain = plain_event(event)
    return {**_group(plain, kind, prefixes), "type": _name(event.kind, prefixes)}


def _group(plain: dict[str, Any], kind: str, prefixes: dict[str, str]) -> dict[str, Any]:
    fields = TABLES.classes[kind].fields
    group: dict[str, Any] = {}
    for name, value in plain.items():
        if name == "extensions":
            group |= _extensions(value, prefixes)
        elif name == "ilmd":
            group[name] = _extensions(value, prefixes)
        elif isinstance(value, list | tuple):
            group[name] = [_value(item, fields[name].kind, prefixes) for item in value]
        else:
            group[name] = _value(value, fields[name].kind, prefixes)
    return group


def _value(value: Any, kind: str, prefixes: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return _group(value, kind, prefixes)
    return _scalar(value, {"decimal": "number"}.get(kind, kind))


def _scalar(text: str, kind: str) -> Any:
    match kind:
        case "number":
            # The digits as they are: a float would change them.
            return msgspec.Raw(text.encode())
        case "boolean":
            return text == "true"
        case "null":
            return None
        case _:
            return text


def _extensions(extensions: list[dict[str, Any]], prefixes: dict[str, str]) -> dict[str, Any]:
    """Write fields of others; a name that stands there several times is a list."""
    found: dict[str, list[Any]] = {}
    for one in extensions:
        kind = one.get("kind", "text")
        value = (
            _extensions(one.get("children", []), prefixes)
            if kind == "group"
            else _scalar(one.get("text", ""), kind)
        )
        found.setdefault(_name(one["name"], prefixes), []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _name(name: str, prefixes: dict[str, str]) -> str:
    namespace, local = split_name(name)
    return f"{prefixes[namespace]}:{local}" if namespace else name
