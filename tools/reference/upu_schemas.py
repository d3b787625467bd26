"""XML schemas of ITMATT, CUSITM and CUSRSP, made from the same facts that read and check them."""

from lxml import etree
from serai.formats.upu.facts import Element, Facts, MessageName, facts

from tools.reference.layout import MARK

_XS = "http://www.w3.org/2001/XMLSchema"
_TYPES = {
    "decimal": "xs:decimal",
    "whole": "xs:long",
    "flag": "xs:boolean",
    # Clients of CDS write times without offset.
    "instant": "xs:dateTime",
}
_PATTERNS = {"country": "[A-Z]{2}", "currency": "[A-Z]{3}"}
_FOLDER = "reference/formats/upu"


def build_pages() -> dict[str, str]:
    """Return the schemas: one for each namespace, and two for that of CUSITM and CUSRSP."""
    known = facts()
    return {
        f"{_FOLDER}/cusitm.xsd": _text(_message(known, "cusitm")),
        f"{_FOLDER}/cusrsp.xsd": _text(_message(known, "cusrsp")),
        f"{_FOLDER}/itmatt.xsd": _text(_itmatt(known)),
        f"{_FOLDER}/entity.xsd": _text(_shared(known, "entity", {"EntityState": "xs:long"})),
        f"{_FOLDER}/arrays.xsd": _text(_shared(known, "arrays", {"string": "xs:string"})),
    }


def _message(known: Facts, name: MessageName) -> etree._Element:
    schema = _schema(known, "cds", {"entity": "entity.xsd", "arrays": "arrays.xsd"})
    _global(schema, known.messages[name].root, name)
    _global(schema, "CDSView", known.records[name][-1].type)
    for record in _below(known, name):
        _type(schema, known, record, "cds")
    return schema


def _itmatt(known: Facts) -> etree._Element:
    schema = _schema(known, "itmatt", {"cds": "cusitm.xsd"})
    _global(schema, known.messages["itmatt"].root, "itmatt")
    for record in ("itmatt", "Header"):
        _type(schema, known, record, "itmatt")
    return schema


def _shared(known: Facts, namespace: str, elements: dict[str, str]) -> etree._Element:
    schema = _schema(known, namespace, {})
    for name, form in elements.items():
        etree.SubElement(schema, _tag("element"), name=name, type=form)
    return schema


def _below(known: Facts, name: str) -> list[str]:
    """Return a record and all records below it, each once."""
    found, waiting = [], [name]
    while waiting:
        record = waiting.pop(0)
        if record not in found:
            found.append(record)
            waiting += [one.type for one in known.records[record] if not one.is_leaf]
    return found


def _schema(known: Facts, namespace: str, imports: dict[str, str]) -> etree._Element:
    names = {"xs": _XS, **{name: known.namespaces[name] for name in (namespace, *imports)}}
    schema = etree.Element(
        _tag("schema"),
        nsmap=names,
        targetNamespace=known.namespaces[namespace],
        elementFormDefault="qualified",
    )
    for name, file in imports.items():
        etree.SubElement(schema, _tag("import"), namespace=known.namespaces[name], schemaLocation=file)
    return schema


def _global(schema: etree._Element, name: str, record: str) -> None:
    prefix = next(prefix for prefix, uri in schema.nsmap.items() if uri == schema.get("targetNamespace"))
    etree.SubElement(schema, _tag("element"), name=name, type=f"{prefix}:{record}")


def _type(schema: etree._Element, known: Facts, record: str, namespace: str) -> None:
    kind = etree.SubElement(schema, _tag("complexType"), name=record)
    sequence = etree.SubElement(kind, _tag("sequence"))
    for one in known.records[record]:
        occurs = {"minOccurs": str(one.least), "maxOccurs": str(one.most or "unbounded")}
        if one.namespace != namespace:
            etree.SubElement(sequence, _tag("element"), ref=f"{one.namespace}:{one.name}", **occurs)
        elif not one.is_leaf:
            etree.SubElement(
                sequence,
                _tag("element"),
                name=one.name,
                type=f"{namespace}:{one.type}",
                nillable="true",
                **occurs,
            )
        else:
            _leaf(sequence, one, occurs)


def _leaf(sequence: etree._Element, one: Element, occurs: dict[str, str]) -> None:
    nillable = {"nillable": "true"} if not one.least else {}
    element = etree.SubElement(sequence, _tag("element"), name=one.name, **nillable, **occurs)
    if one.type in _TYPES:
        element.set("type", _TYPES[one.type])
        return
    kind = etree.SubElement(element, _tag("simpleType"))
    limits = etree.SubElement(kind, _tag("restriction"), base="xs:string")
    if one.fixed is not None:
        etree.SubElement(limits, _tag("enumeration"), value=one.fixed)
    elif one.type in _PATTERNS:
        etree.SubElement(limits, _tag("pattern"), value=_PATTERNS[one.type])
    else:
        if one.least:
            etree.SubElement(limits, _tag("minLength"), value="1")
        etree.SubElement(limits, _tag("maxLength"), value=str(one.characters_max))


def _tag(name: str) -> str:
    return f"{{{_XS}}}{name}"


def _text(schema: etree._Element) -> str:
    etree.indent(schema)
    return f"{MARK}\n{etree.tostring(schema, encoding='unicode')}\n"
