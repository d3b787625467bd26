"""Whether an element and all below it are what a schema of `facts.yaml` allows."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from serai.formats.cds.facts import ATTRIBUTES, DATE_TEXT, Leaf, Part, Schema, schemas, second_name
from serai.formats.found import Found
from serai.formats.xml_document import local_name
from serai.formats.xml_shape import Held, collapsed, form_fault, number_fault
from serai.model.findings import Finding

Fault = tuple[str, dict[str, str]]

_SCHEMA_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_DATE = re.compile(r"20\d{6}(?:\d{6}(?:Z|[-+]\d\d))?")
_INSTANT = re.compile(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?"
)
_CURRENCY = re.compile(r"[A-Z]{3}")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_OWN_CODES: Final = {
    "too-many-digits": "cds-too-many-digits",
    "other-value": "cds-other-value",
    "characters": "cds-characters",
}
_DATE_FORMATS: Final = frozenset({"102", "304"})
_UNIT_CHARACTERS_MAX: Final = 5


def find_schema_faults(root: Any, schema: Schema, path: str, found: Found, *, is_bare: bool = False) -> None:
    """Add all that the schema does not allow below an element.

    path: where it stands. is_bare: the names stand in no namespace, as published notifications do.
    """
    _Walk(found, is_bare=is_bare).group(root, schema, schema.root, path)


class _Walk:
    def __init__(self, found: Found, *, is_bare: bool) -> None:
        self._found = found
        self._is_bare = is_bare

    def group(self, element: Any, schema: Schema, record: str, path: str) -> None:
        """Check an element that holds others."""
        self._own(element, path, frozenset())
        if _is_loose(element):
            self._add("cds-loose-text", path, {})
        held = Held(schema.records[record])
        for seen, (child, name, below) in enumerate(_numbered(element, path)):
            if self._found.is_full:
                self._found.leave_out(len(element) - seen)
                return
            key, is_its_own = self._key(child, name, below, held, schema)
            step, count = held.take(key)
            if step is None or not is_its_own:
                continue
            before = held.order_fault(step)
            if before is not None:
                self._add("cds-out-of-order", below, {"field": name, "after": before.name})
            fault = number_fault(step, count)
            if fault is not None:
                self._add(fault[0], below, fault[1])
            self._content(child, step, schema, below)
        for missing in held.missing():
            self._add("missing-field", f"{path}/{missing.name}", {"field": missing.name})

    def _key(self, child: Any, name: str, below: str, held: Held[Part], schema: Schema) -> tuple[str, bool]:
        """Return by what a child is told, and whether it is one of the record; that it is none is told."""
        step = held.step(name)
        if step is None:
            self._add("unknown-field", below, {"field": name[:64]} | held.near(name))
            return name, False
        second = held.step(second_name(name))
        if second is not None and second.group is not None:
            # Without namespaces the second one is told by its place.
            namespace = schemas()[second.group[0]].namespace
            is_second = etree.QName(child).namespace == namespace
            if is_second or (self._is_bare and held.count(name) >= step.most):
                return second_name(name), True
        return name, self._is_in(child, schema.namespace, below)

    def _is_in(self, child: Any, namespace: str, below: str) -> bool:
        given = etree.QName(child).namespace
        if given == namespace or (given is None and self._is_bare):
            return True
        self._add("other-namespace", below, {"namespace": (given or "")[:100], "expected": namespace})
        return False

    def _content(self, child: Any, step: Part, schema: Schema, below: str) -> None:
        if step.group is not None:
            self.group(child, schemas()[step.group[0]], step.group[1], below)
            return
        leaf = step.leaf
        assert leaf is not None
        if leaf.kind == "any":
            return
        if leaf.kind == "date":
            self._date(child, schema, below)
            return
        self._own(child, below, ATTRIBUTES.get(leaf.kind, frozenset()))
        if len(child):
            self._add("wrong-type", below, {"expected": "text without elements"})
            return
        # Published copies of notifications were indented: white space around their texts is not theirs.
        text = (child.text or "").strip() if self._is_bare else child.text or ""
        fault = leaf_fault(text, leaf)
        if fault is not None:
            self._add(fault[0], below, fault[1])

    def _date(self, element: Any, schema: Schema, path: str) -> None:
        self._own(element, path, frozenset())
        if _is_loose(element):
            self._add("cds-loose-text", path, {})
        texts = [child for child in element if local_name(child) == DATE_TEXT]
        below = f"{path}/{DATE_TEXT}"
        if not texts:
            self._add("missing-field", below, {"field": DATE_TEXT})
        for other, name, place in _numbered(element, path):
            if name != DATE_TEXT:
                self._add("unknown-field", place, {"field": name[:64]})
            elif other is not texts[0]:
                self._add("repeated-field", place, {"field": DATE_TEXT})
        if not texts or not self._is_in(texts[0], schema.date_namespace, below):
            return
        self._own(texts[0], below, ATTRIBUTES["date"])
        if len(texts[0]):
            self._add("wrong-type", below, {"expected": "text without elements"})
        # Published copies of notifications were indented and lost attributes; on the wire both are faults.
        severity = "advice" if self._is_bare else "fault"
        text = texts[0].text or ""
        if texts[0].get("formatCode") is None:
            self._add("missing-field", f"{below}/@formatCode", {"field": "formatCode"}, severity)
        if not _DATE.fullmatch(text.strip()):
            self._add("cds-not-a-date", below, {})
        elif text != text.strip():
            self._add("cds-not-a-date", below, {}, severity)

    def _own(self, element: Any, path: str, allowed: frozenset[str]) -> None:
        """Check the attributes of an element."""
        for name, value in element.attrib.items():
            if name.startswith(_SCHEMA_INSTANCE):
                continue
            place = f"{path}/@{etree.QName(name).localname}"
            if name not in allowed:
                self._add("unknown-field", place, {"field": name[-64:]})
            elif fault := _attribute_fault(name, value):
                self._add(fault[0], place, fault[1])

    def _add(self, code: str, path: str, parameters: dict[str, str], severity: str = "fault") -> None:
        self._found.add(Finding(code, path, severity, parameters))  # type: ignore[arg-type]


def _numbered(element: Any, path: str) -> Iterator[tuple[Any, str, str]]:
    """Give each child with its name and its path, numbered where a name stands several times."""
    names = [local_name(child) for child in element]
    totals = Counter(names)
    counts: dict[str, int] = {}
    for child, name in zip(element, names, strict=True):
        counts[name] = number = counts.get(name, 0) + 1
        yield child, name, f"{path}/{name}" if totals[name] == 1 else f"{path}/{name}[{number}]"


def _is_loose(element: Any) -> bool:
    texts = [element.text, *(child.tail for child in element)]
    return any(text and text.strip(" \t\r\n") for text in texts)


def leaf_fault(text: str, leaf: Leaf) -> Fault | None:
    """Return code and parameters of what is wrong with a text; None: nothing."""
    if leaf.kind == "instant":
        return None if _is_instant(text.strip(" \t\r\n")) else ("cds-not-a-date", {})
    if leaf.form.is_collapsed:
        text = collapsed(text)
    fault = form_fault(text, leaf.form)
    is_blank = leaf.is_filled and ("\n" in text or "\r" in text or not text.strip(" \t"))
    if is_blank and (fault is None or fault[0] == "characters"):
        return "cds-blank", {}
    return None if fault is None else (_OWN_CODES.get(fault[0], fault[0]), fault[1])


def _is_instant(text: str) -> bool:
    """Say whether a text is an xs:dateTime of a day and an hour that there are; midnight may be 24:00:00."""
    if not _INSTANT.fullmatch(text):
        return False
    try:
        return bool(dt.datetime.fromisoformat(text.replace("T24:00:00", "T00:00:00")))
    except ValueError:
        return False


def _attribute_fault(name: str, value: str) -> Fault | None:
    if name == "currencyID" and not _CURRENCY.fullmatch(value):
        return "cds-characters", {"allowed": "three letters A to Z"}
    if name == "languageID" and not _LANGUAGE.fullmatch(value):
        return "cds-characters", {"allowed": "a language tag such as en"}
    if name == "unitCode" and not 1 <= len(value) <= _UNIT_CHARACTERS_MAX:
        return "cds-characters", {"allowed": "one to five characters"}
    if name == "formatCode" and value not in _DATE_FORMATS:
        return "cds-other-value", {"expected": ", ".join(sorted(_DATE_FORMATS))}
    return None
