"""Events as EPCIS 2.0 XML, elements in the order of the schema."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from lxml import etree

from serai.formats.epcis.codes import written
from serai.formats.epcis.event import Event, Message
from serai.formats.epcis.tables import CODES, EVENT_CLASSES, EXTENDED_EVENT, FORMS, TABLES
from serai.formats.epcis.written import VERSION, Written, name_namespaces, plain_event

_EPCIS = "urn:epcglobal:epcis:xsd:2"
_QUERY = "urn:epcglobal:epcis-query:xsd:2"
_SCHEMA = "http://www.w3.org/2001/XMLSchema"
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {"number": "xsd:decimal", "boolean": "xsd:boolean"}


def write_xml(message: Message) -> Written:
    """Write a document, results of a query, or an event alone.

    Left out and named so: the header, names that XML cannot hold (an event whose type has one, too: alone, it
    is a document without events), and characters that it forbids.
    """
    return _Writer(message).write()


class _Writer:
    """Writes one message, remembering what XML cannot hold."""

    def __init__(self, message: Message) -> None:
        self._message = message
        self._left_out = [f"EPCISHeader/{one.name}" for one in message.header]
        prefixes = {
            prefix: namespace
            for namespace, prefix in name_namespaces(message).items()
            if _is_name(f"{{{namespace}}}a")
        }
        self._prefixes = {"epcis": _EPCIS, "xsi": _SCHEMA_INSTANCE, "xsd": _SCHEMA, **prefixes}

    def write(self) -> Written:
        message = self._message
        if message.kind in ("EPCISDocument", "EPCISQueryDocument"):
            root = self._document(message.kind)
        elif _is_name(message.events[0].kind):
            root = self._event(message.events[0])
        else:
            root = self._document("EPCISDocument")
        content = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
        return Written(content, tuple(self._left_out))

    def _document(self, kind: str) -> Any:
        message = self._message
        is_query = kind == "EPCISQueryDocument"
        namespace = _QUERY if is_query else _EPCIS
        root = etree.Element(f"{{{namespace}}}{kind}", nsmap=self._prefixes | {"epcisq": _QUERY})
        root.set("schemaVersion", VERSION)
        if message.created_at is not None:
            root.set("creationDate", message.created_at)
        body = etree.SubElement(root, "EPCISBody")
        if is_query:
            results = etree.SubElement(body, f"{{{_QUERY}}}QueryResults")
            self._add_text(results, "queryName", message.query_name or "SimpleEventQuery")
            if message.subscription_id is not None:
                self._add_text(results, "subscriptionID", message.subscription_id)
            body = etree.SubElement(results, "resultsBody")
        events = etree.SubElement(body, "EventList")
        for event in message.events:
            if _is_name(event.kind):
                events.append(self._event(event))
            else:
                self._left_out.append(event.kind)
        for extension in msgspec.to_builtins(message.extensions):
            if extension["name"].startswith("{"):
                self._add_extension(root, extension)
            else:
                self._left_out.append(extension["name"])
        return root

    def _event(self, event: Event) -> Any:
        kind = event.kind if event.kind in EVENT_CLASSES else EXTENDED_EVENT
        element = etree.Element(event.kind, nsmap=self._prefixes)
        plain = plain_event(event)
        del plain["type"]
        self._add_members(element, plain, kind, FORMS.written_order.get(kind, FORMS.written_order["default"]))
        return element

    def _add_group(self, parent: Any, name: str, plain: dict[str, Any], kind: str) -> None:
        element = etree.SubElement(parent, name)
        self._add_members(element, plain, kind, FORMS.element_order.get(kind, ()))

    def _add_members(self, element: Any, plain: dict[str, Any], kind: str, order: Sequence[str]) -> None:
        names = [name for name in order if name in plain]
        for name in [*names, *(name for name in plain if name not in names)]:
            self._add_member(element, name, plain[name], kind)

    def _add_member(self, element: Any, name: str, value: Any, kind: str) -> None:
        if name == "extensions":
            for extension in value:
                is_attribute = kind in FORMS.attribute_classes
                (self._set_extension if is_attribute else self._add_extension)(element, extension)
            return
        if name == "ilmd":
            ilmd = etree.SubElement(element, name)
            for extension in value:
                self._add_extension(ilmd, extension)
            return
        field_kind = TABLES.classes[kind].fields[name].kind
        if kind in FORMS.text_fields and name == FORMS.text_fields[kind]:
            element.text = self._allowed(value, name)
        elif kind in FORMS.attribute_classes or kind in FORMS.text_fields:
            text = self._allowed(_scalar(value, field_kind), name)
            if text is not None:
                element.set(name, text)
        elif name in FORMS.repeated:
            for item in value:
                self._add_value(element, name, item, field_kind)
        elif isinstance(value, list | tuple):
            entries = etree.SubElement(element, name)
            for item in value:
                self._add_value(entries, FORMS.items[name], item, field_kind)
        else:
            self._add_value(element, name, value, field_kind)

    def _add_value(self, parent: Any, name: str, value: Any, kind: str) -> None:
        if isinstance(value, dict):
            self._add_group(parent, name, value, kind)
        else:
            self._add_text(parent, name, _scalar(value, kind))

    def _add_text(self, parent: Any, name: str, text: str) -> None:
        allowed = self._allowed(text, name)
        if allowed is not None:
            etree.SubElement(parent, name).text = allowed

    def _allowed(self, text: str, name: str) -> str | None:
        if _NOT_XML.search(text):
            self._left_out.append(name)
            return None
        return text

    # ---- fields of others ----

    def _set_extension(self, element: Any, extension: dict[str, Any]) -> None:
        """Write a field as an attribute, the only form that a sensor report has room for."""
        text = self._allowed(extension.get("text", ""), extension["name"])
        is_plain = extension.get("kind", "text") == "text" and element.get(extension["name"]) is None
        if not is_plain or not _is_attribute_name(extension["name"]):
            self._left_out.append(extension["name"])
        elif text is not None:
            element.set(extension["name"], text)

    def _add_extension(self, parent: Any, extension: dict[str, Any]) -> None:
        name, kind = extension["name"], extension.get("kind", "text")
        text = self._allowed(extension.get("text", ""), name)
        if text is None:
            return
        if name == "#text":
            parent.text = text
            _set_type(parent, kind)
        elif name.startswith("@") and _is_attribute_name(name[1:]) and kind == "text":
            parent.set(name[1:], text)
        elif not _is_name(name):
            self._left_out.append(name)
        else:
            element = etree.SubElement(parent, name)
            element.text = text or None
            _set_type(element, kind)
            for child in extension.get("children", ()):
                self._add_extension(element, child)


def _set_type(element: Any, kind: str) -> None:
    """Say that a text is a number or boolean, or that there is none."""
    if kind in _TYPES:
        element.set(f"{{{_SCHEMA_INSTANCE}}}type", _TYPES[kind])
    elif kind == "null":
        element.set(f"{{{_SCHEMA_INSTANCE}}}nil", "true")


def _is_name(name: str) -> bool:
    """Say whether an element can have this name: the library asks more of a namespace than XML does."""
    try:
        etree.Element(name)
    except ValueError:
        return False
    return True


def _is_attribute_name(name: str) -> bool:
    """Say whether an attribute can: one called `xmlns` would give other names a namespace."""
    return name != "xmlns" and _is_name(name)


def _scalar(text: str, kind: str) -> str:
    return written(text, kind) if kind in CODES and FORMS.code_forms[kind] else text
