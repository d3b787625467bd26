"""EPCIS XML of versions 1.x and 2.0 as the tree that JSON gives: wrappers taken off, attributes as fields."""

from collections import Counter
from typing import Any

from serai.formats.epcis.tables import EVENT_CLASSES, EXTENDED_EVENT, FORMS, TABLES, Shape
from serai.formats.epcis.tree import Group, Leaf, LeafKind, Many, Node, Place, Prefixes, Root, named
from serai.formats.xml_document import local_name, path_step, read_xml
from serai.model.findings import Finding

_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_NUMBER_TYPES = frozenset({"int", "integer", "long", "short", "decimal", "double", "float"})
_WRAPPERS = frozenset({"extension", "baseExtension"})
"""Elements of version 1.x around what came with a later version. They say nothing themselves."""


def read_xml_tree(content: bytes) -> tuple[Root | None, list[Finding]]:
    """Read EPCIS XML. Returns the tree, or None, and what is wrong with its text or root."""
    element, findings = read_xml(content)
    if element is None:
        return None, findings
    kind, place = local_name(element), Place(None, f"/{path_step(element)}")
    if kind not in {*EVENT_CLASSES, "EPCISDocument", "EPCISQueryDocument"}:
        return None, [Finding("epcis-other-message", str(place), parameters={"root": kind[:64]})]
    findings = _find_root_faults(element, place)
    if findings:
        return None, findings
    group = _event(element, place) if kind in EVENT_CLASSES else _document(element, kind, place)
    return Root(kind, group, is_xml=True), []


def _find_root_faults(element: Any, place: Place) -> list[Finding]:
    namespace, version = _namespace(element), element.get("schemaVersion", "").strip()
    is_event = local_name(element) in EVENT_CLASSES
    if namespace not in FORMS.namespaces and not (is_event and not namespace):
        return [
            Finding(
                "epcis-wrong-namespace", str(place), parameters={"namespaces": " or ".join(FORMS.namespaces)}
            )
        ]
    allowed = FORMS.namespaces.get(namespace, [one for ones in FORMS.namespaces.values() for one in ones])
    if version and not any(version == one or version.startswith(f"{one}.") for one in allowed):
        versions = ", ".join(sorted(set(allowed)))
        return [Finding("epcis-wrong-version", f"{place}/@schemaVersion", parameters={"versions": versions})]
    return []


# ---- the document around the events ----


def _document(element: Any, kind: str, place: Place) -> Group:
    members: list[tuple[str, Node]] = [("type", Leaf(place, kind, "untyped")), *_attributes(element, place)]
    for child, path in _children(element, place):
        match _own_name(child):
            case "EPCISHeader":
                members.append(("epcisHeader", _any(child, path)))
            case "EPCISBody":
                members.append(("epcisBody", _body(child, path)))
            case _:
                members.append((_name(child), _any(child, path)))
    return Group(place, members, _prefixes(element))


def _body(element: Any, place: Place) -> Group:
    members: list[tuple[str, Node]] = []
    for child, path in _children(element, place):
        match _own_name(child):
            case "EventList":
                members.append(("eventList", _event_list(child, path)))
            case "QueryResults":
                members.append(("queryResults", _results(child, path)))
            case "Poll":
                members.append(("poll", _poll(child, path)))
            case _:
                members.append((_name(child), _any(child, path)))
    return Group(place, members, _prefixes(element))


def _results(element: Any, place: Place) -> Group:
    members: list[tuple[str, Node]] = []
    for child, path in _children(element, place):
        if _own_name(child) == "resultsBody":
            lists: list[tuple[str, Node]] = [
                ("eventList", _event_list(one, way))
                if _own_name(one) == "EventList"
                else (_name(one), _any(one, way))
                for one, way in _children(child, path)
            ]
            members.append(("resultsBody", Group(path, lists, _prefixes(child))))
        else:
            members.append((_own_name(child) or _name(child), _any(child, path)))
    return Group(place, members, _prefixes(element))


def _poll(element: Any, place: Place) -> Group:
    """Read a query: its name, and each parameter as a member of its own name."""
    members: list[tuple[str, Node]] = []
    for child, path in _children(element, place):
        if _own_name(child) != "params":
            members.append((_own_name(child) or _name(child), _any(child, path)))
            continue
        parameters: list[tuple[str, Node]] = []
        for param, way in _children(child, path):
            parts = {_own_name(part): (part, at) for part, at in _children(param, way)}
            name = (parts["name"][0].text or "").strip() if "name" in parts else ""
            parameters.append(
                (name, _parameter(*parts["value"]) if "value" in parts else Leaf(way, "", "null"))
            )
        members.append(("params", Group(path, parameters, _prefixes(child))))
    return Group(place, members, _prefixes(element))


def _parameter(element: Any, place: Place) -> Node:
    if len(element):
        return Many(place, [_leaf(child, path) for child, path in _children(element, place)])
    return _leaf(element, place)


def _event_list(element: Any, place: Place) -> Many:
    return Many(place, [_event(child, path) for child, path in _unwrapped(element, place)])


def _event(element: Any, place: Place) -> Group:
    name = _own_name(element)
    kind = name if name in EVENT_CLASSES else EXTENDED_EVENT
    group = _group(element, kind, place)
    return Group(
        place, [("type", Leaf(place, name or _name(element), "untyped")), *group.members], group.prefixes
    )


# ---- elements by their class ----


def _group(element: Any, kind: str, place: Place) -> Group:
    shape = TABLES.classes[kind]
    members: list[tuple[str, Node]] = _attributes(element, place)
    if kind in FORMS.text_fields:
        text = (element.text or "").strip()
        members += [(FORMS.text_fields[kind], Leaf(place, text, "untyped"))] if text else []
    repeated: dict[str, Many] = {}
    for child, path in _unwrapped(element, place):
        name = _own_name(child)
        if name in FORMS.repeated and name in shape.fields:
            if name not in repeated:
                repeated[name] = Many(path, [])
                members.append((name, repeated[name]))
            repeated[name].items.append(_value(child, shape.fields[name].kind, path))
        else:
            members += _members(child, name, shape, path)
    return Group(place, members, _prefixes(element))


def _members(element: Any, name: str, shape: Shape, place: Place) -> list[tuple[str, Node]]:
    """Read a child: one member, and one more for each entry of a list that does not belong there."""
    field = shape.fields.get(name)
    if field is None or name in ("type", "@context"):
        return [(_name(element), _any(element, place))]
    if element.get(f"{{{_SCHEMA_INSTANCE}}}nil") in ("true", "1"):
        return []
    if not field.is_list:
        return [(name, _value(element, field.kind, place))]
    items: list[Node] = []
    strange: list[tuple[str, Node]] = []
    for child, path in _children(element, place):
        if _own_name(child) == FORMS.items[name]:
            items.append(_value(child, field.kind, path))
        else:
            strange.append((_name(child), _any(child, path)))
    return [(name, Many(place, items)), *strange]


def _value(element: Any, kind: str, place: Place) -> Node:
    if kind in TABLES.classes:
        return _group(element, kind, place)
    if kind == "ilmd":
        members: list[tuple[str, Node]] = [
            (_name(child), _any(child, path)) for child, path in _unwrapped(element, place)
        ]
        return Group(place, members, _prefixes(element))
    return _any(element, place) if len(element) else _leaf(element, place)


def _any(element: Any, place: Place) -> Node:
    """Read an element of which no class is known: text, or a group of whatever stands in it."""
    # With a namespace, an attribute and an element say the same; without, only the sign keeps them apart.
    attributes = [
        (name if name.startswith("{") else f"@{name}", leaf) for name, leaf in _attributes(element, place)
    ]
    if not len(element) and not attributes:
        return _leaf(element, place)
    members: list[tuple[str, Node]] = [*attributes]
    text = (element.text or "").strip()
    if text:
        members.append(("#text", _leaf(element, place)))
    members += [(_name(child), _any(child, path)) for child, path in _children(element, place)]
    return Group(place, members, _prefixes(element))


def _leaf(element: Any, place: Place) -> Leaf:
    if element.get(f"{{{_SCHEMA_INSTANCE}}}nil") in ("true", "1"):
        return Leaf(place, "", "null")
    stated = element.get(f"{{{_SCHEMA_INSTANCE}}}type", "").rpartition(":")[2]
    kind: LeafKind = "number" if stated in _NUMBER_TYPES else "boolean" if stated == "boolean" else "untyped"
    return Leaf(place, (element.text or "").strip(), kind)


def _attributes(element: Any, place: Place) -> list[tuple[str, Node]]:
    return [
        (
            _attribute_name(str(name)),
            Leaf(Place(place, f"/@{str(name).rpartition('}')[2][:64]}"), str(value).strip(), "untyped"),
        )
        for name, value in element.attrib.items()
        if not str(name).startswith(f"{{{_SCHEMA_INSTANCE}}}")
    ]


def _unwrapped(element: Any, place: Place) -> list[tuple[Any, Place]]:
    """Give the children with their paths, those inside wrappers of version 1.x in the wrapper's stead."""
    children = []
    for child, path in _children(element, place):
        is_wrapper = _own_name(child) in _WRAPPERS
        children += _unwrapped(child, path) if is_wrapper else [(child, path)]
    return children


def _children(element: Any, place: Place) -> list[tuple[Any, Place]]:
    if not len(element):
        return []
    counts = Counter(child.tag for child in element)
    seen: Counter[Any] = Counter()
    children = []
    for child in element:
        seen[child.tag] += 1
        number = f"[{seen[child.tag]}]" if counts[child.tag] > 1 else ""
        children.append((child, Place(place, f"/{path_step(child)}{number}")))
    return children


def _namespace(element: Any) -> str:
    return str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


def _own_name(element: Any) -> str:
    """Give the local name of an element of EPCIS; empty: it is somebody else's."""
    namespace = _namespace(element)
    return local_name(element) if not namespace or namespace in FORMS.namespaces else ""


def _name(element: Any) -> str:
    return _own_name(element) or named(_namespace(element), local_name(element))


def _attribute_name(name: str) -> str:
    namespace, brace, local = name[1:].partition("}")
    return named(namespace, local) if brace else name


def _prefixes(element: Any) -> Prefixes:
    return _InScope(element)


class _InScope(Prefixes):
    """Prefixes of an element, looked up only when one is asked for."""

    __slots__ = ("_element",)

    def __init__(self, element: Any) -> None:
        super().__init__({})
        self._element = element

    def get(self, prefix: str) -> str | None:
        """Give the namespace of a prefix; None: it stands for none."""
        found: str | None = self._element.nsmap.get(prefix) if prefix else None
        return found
