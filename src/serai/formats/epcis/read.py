"""EPCIS messages into our structs: XML and JSON of one event give the same event."""

from typing import Any

import msgspec

from serai.formats.decoded import limit_findings
from serai.formats.epcis.check import find_faults, read_tree
from serai.formats.epcis.codes import shorten
from serai.formats.epcis.event import Event, Extension, ExtensionKind, Message, Query
from serai.formats.epcis.scalars import plain_boolean, plain_number, utc_text
from serai.formats.epcis.tables import CODES, EVENT_CLASSES, EXTENDED_EVENT, TABLES
from serai.formats.epcis.tree import (
    NODE_TYPE,
    Group,
    Leaf,
    Many,
    Node,
    Prefixes,
    Root,
    foreign_name,
    is_own_type,
)
from serai.model.findings import Finding

_BLANKS = " \t\r\n"
_SIMPLE_QUERY = "SimpleEventQuery"
_AROUND_EVENTS = frozenset(
    {
        *("type", "@context", "schemaVersion", "creationDate", "epcisHeader", "epcisBody", "eventList"),
        *("queryResults", "queryName", "subscriptionID", "resultsBody"),
    }
)
_LIST = "list of "


def read_message(content: bytes) -> tuple[Message | Query | None, list[Finding]]:
    """Read a message. Returns it with advice, or None with everything that is wrong. Never raises."""
    root, findings = read_tree(content)
    if root is None:
        return None, findings
    findings = find_faults(root)
    if any(finding.severity == "fault" for finding in findings):
        return None, limit_findings(findings)
    return _message(root), limit_findings(findings)


def _message(root: Root) -> Message | Query:
    group = root.group
    if root.kind == "query":
        return read_query(_SIMPLE_QUERY, group)
    if root.kind not in ("EPCISDocument", "EPCISQueryDocument"):
        return Message(kind=root.kind, events=(read_event(group, is_root=True),))
    body = group.get("epcisBody")
    assert isinstance(body, Group)
    poll, results = body.get("poll"), body.get("queryResults")
    if isinstance(poll, Group):
        params = poll.get("params")
        return read_query(poll.text("queryName") or "", params if isinstance(params, Group) else poll)
    around = [group, body]
    if isinstance(results, Group):
        found = results.get("resultsBody")
        assert isinstance(found, Group)
        around += [results, found]
    header = group.get("epcisHeader")
    kept = _sorted([one for part in around for one in _not_ours(part)])
    return Message(
        kind=root.kind,
        events=tuple(read_event(event) for event in around[-1].groups("eventList")),
        created_at=utc_text(group.text("creationDate") or ""),
        query_name=results.text("queryName") if isinstance(results, Group) else None,
        subscription_id=results.text("subscriptionID") if isinstance(results, Group) else None,
        header=_extensions(header) if isinstance(header, Group) else (),
        extensions=kept,
    )


def _not_ours(group: Group) -> list[Extension]:
    """Keep what stands around the events and is no field that we read."""
    return [
        one for name, node in group.members if name not in _AROUND_EVENTS for one in _extension(name, node)
    ]


def read_query(name: str, group: Group) -> Query:
    """Read the parameters of a query that `find_query_faults` found no fault in."""
    parameters = {}
    for parameter, node in group.members:
        if parameter == "@context":
            continue
        kind = TABLES.query_parameters.get(parameter, "string").removeprefix(_LIST)
        leaves = [one for one in (node.items if isinstance(node, Many) else [node]) if isinstance(one, Leaf)]
        parameters[_with_namespace(parameter, group.prefixes)] = tuple(
            _scalar(leaf, kind, group.prefixes) for leaf in leaves
        )
    return Query(name=name, parameters=parameters)


def _with_namespace(parameter: str, prefixes: Prefixes) -> str:
    """Write a parameter for a field of others with its namespace in full: `EQ_ex:lot` is `EQ_https://...#lot`."""
    family, _, local = parameter.rpartition(":")
    prefix = family.rpartition("_")[2]
    namespace = prefixes.get(prefix) if prefix else None
    if namespace is None:
        return parameter
    return f"{family.removesuffix(prefix)}{namespace.removesuffix('#')}#{local}"


def read_event(group: Group, *, is_root: bool = False) -> Event:
    """Read one event that `find_faults` found no fault in. is_root: it stands alone."""
    kind = group.text("type") or ""
    known = kind in EVENT_CLASSES
    left_out = ("@context", "schemaVersion", "creationDate") if is_root else ("@context",)
    members = [one for one in group.members if one[0] not in ("type", *left_out)]
    plain = _plain(Group(group.place, members, group.prefixes), kind if known else EXTENDED_EVENT)
    return msgspec.convert(
        {**plain, "type": kind if known or kind.startswith("{") else foreign_name(kind, group.prefixes)},
        Event,
    )


def _plain(group: Group, kind: str) -> dict[str, Any]:
    """Give a group as dict by names of EPCIS, every value in its one form, all else as extensions."""
    fields = TABLES.classes[kind].fields
    plain: dict[str, Any] = {}
    extensions: list[Extension] = []
    for name, node in group.members:
        field = fields.get(name)
        if field is None and name == "type" and isinstance(node, Leaf):
            extensions += (
                [] if is_own_type(node, kind, group.prefixes) else [Extension(NODE_TYPE, text=node.text)]
            )
        elif field is None:
            extensions += _extension(name, node)
        elif field.kind == "ilmd":
            plain[name] = _extensions(node) if isinstance(node, Group) else ()
        elif isinstance(node, Many) or field.kind == "certificationInfo":
            items = node.items if isinstance(node, Many) else [node]
            plain[name] = tuple(_value(item, field.kind, group.prefixes) for item in items)
        else:
            plain[name] = _value(node, field.kind, group.prefixes)
    return {**plain, "extensions": _sorted(extensions)} if extensions else plain


def _value(node: Node, kind: str, prefixes: Prefixes) -> Any:
    if isinstance(node, Group):
        return _plain(node, kind)
    assert isinstance(node, Leaf)
    return _scalar(node, kind, prefixes)


def _scalar(leaf: Leaf, kind: str, prefixes: Prefixes) -> str:
    text = leaf.text.strip(_BLANKS)
    if kind in CODES:
        return shorten(text, kind, prefixes) or text
    match kind:
        case "time":
            return utc_text(text) or text
        case "decimal" | "number" | "integer":
            return plain_number(text) or text
        case "boolean":
            return plain_boolean(text) or text
        case _:
            return text


# ---- fields of others ----


def _extensions(group: Group) -> tuple[Extension, ...]:
    return _sorted([one for name, node in group.members for one in _extension(name, node)])


def _extension(name: str, node: Node) -> list[Extension]:
    """Keep a field: a list as so many fields of one name, as XML writes it; a list in a list is flattened.

    JSON-LD says the same of its sets. An empty list is null, an empty object an empty text.
    """
    if isinstance(node, Many):
        return [one for item in node.items for one in _extension(name, item)] or [Extension(name, "null")]
    if isinstance(node, Group):
        children = _extensions(node)
        return [Extension(name, "group", children=children) if children else Extension(name)]
    kind: ExtensionKind = "text" if node.kind == "untyped" else node.kind
    text = node.text.strip(_BLANKS)
    match kind:
        case "number":
            return [Extension(name, kind, plain_number(text) or text)]
        case "boolean":
            return [Extension(name, kind, plain_boolean(text) or text)]
        case _:
            return [Extension(name, kind, text)]


def _sorted(extensions: list[Extension]) -> tuple[Extension, ...]:
    return tuple(sorted(extensions, key=lambda one: one.name))
