"""Whether an element and all below it are what a schema of `facts.yaml` allows."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from serai.formats.cds.facts import ATTRIBUTES, DATE_TEXT, NUMBERS, Leaf, Schema, Step, schemas, second_name
from serai.formats.found import Found
from serai.formats.xml_document import collapsed, local_name
from serai.model.findings import Finding

Fault = tuple[str, dict[str, str]]

_SCHEMA_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_DATE = re.compile(r"20\d{6}(?:\d{6}(?:Z|[-+]\d\d))?")
_INSTANT = re.compile(
    r"-?[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})?"
)
_CHARACTERS: Final = {
    "digits": (re.compile(r"[0-9]*"), "digits 0 to 9"),
    "letters": (re.compile(r"[a-zA-Z]*"), "letters A to Z"),
    "alphanumeric": (re.compile(r"[a-zA-Z0-9]*"), "letters A to Z and digits"),
}
_CURRENCY = re.compile(r"[A-Z]{3}")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
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
        steps = schema.records[record]
        counts: dict[str, int] = {}
        reached: Step | None = None
        for child, name, below in _numbered(element, path):
            if self._found.is_full:
                self._found.leave_out(len(element) - sum(counts.values()))
                return
            step = self._step(child, below, steps, counts, schema)
            if step is None:
                counts[name] = counts.get(name, 0) + 1
                continue
            key = step.name if steps.get(step.name) is step else second_name(name)
            counts[key] = count = counts.get(key, 0) + 1
            if reached is not None and step.place < reached.place:
                self._add("cds-out-of-order", below, {"field": name, "after": reached.name})
            else:
                reached = step
            if count == step.most + 1:
                self._too_often(step, below)
            self._content(child, step, schema, below)
        for key, step in steps.items():
            if counts.get(key, 0) < step.least:
                self._add("missing-field", f"{path}/{step.name}", {"field": step.name})

    def _step(
        self, child: Any, below: str, steps: dict[str, Step], counts: dict[str, int], schema: Schema
    ) -> Step | None:
        """Return which step a child takes; None: none, and that is told."""
        name = local_name(child)
        step = steps.get(name)
        if step is None:
            near = next((one for one in steps if one.lower() == name.lower()), None)
            self._add("unknown-field", below, {"field": name[:64]} | ({"did_you_mean": near} if near else {}))
            return None
        second = steps.get(second_name(name))
        if second is not None and second.group is not None:
            # Without namespaces the second one is told by its place.
            namespace = schemas()[second.group[0]].namespace
            is_second = etree.QName(child).namespace == namespace
            if is_second or (self._is_bare and counts.get(name, 0) >= step.most):
                return second
        return step if self._is_in(child, schema.namespace, below) else None

    def _is_in(self, child: Any, namespace: str, below: str) -> bool:
        given = etree.QName(child).namespace
        if given == namespace or (given is None and self._is_bare):
            return True
        self._add("other-namespace", below, {"namespace": (given or "")[:100], "expected": namespace})
        return False

    def _too_often(self, step: Step, below: str) -> None:
        if step.most == 1:
            self._add("repeated-field", below, {"field": step.name})
        else:
            self._add("too-many", below, {"count_max": str(step.most)})

    def _content(self, child: Any, step: Step, schema: Schema, below: str) -> None:
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
    if leaf.kind in NUMBERS:
        return _number_fault(text.strip(" \t\r\n"), leaf)
    if leaf.kind == "instant":
        return None if _INSTANT.fullmatch(text.strip(" \t\r\n")) else ("cds-not-a-date", {})
    if leaf.kind == "code":
        text = collapsed(text)
    return _length_fault(text, leaf) or _characters_fault(text, leaf)


def _length_fault(text: str, leaf: Leaf) -> Fault | None:
    if len(text) < leaf.at_least:
        return "too-short", {"characters_min": str(leaf.at_least)}
    return ("too-long", {"characters_max": str(leaf.at_most)}) if len(text) > leaf.at_most else None


def _characters_fault(text: str, leaf: Leaf) -> Fault | None:
    if leaf.values and text not in leaf.values:
        return "cds-other-value", {"expected": ", ".join(sorted(leaf.values))}
    if "filled" in leaf.notes and ("\n" in text or "\r" in text or not text.strip(" \t")):
        return "cds-blank", {}
    if leaf.pattern is not None and not leaf.pattern.fullmatch(text):
        return "cds-characters", {"allowed": "as the schema describes the reference"}
    broken = (_CHARACTERS[one] for one in leaf.notes & _CHARACTERS.keys())
    allowed = next((allowed for pattern, allowed in broken if not pattern.fullmatch(text)), None)
    return None if allowed is None else ("cds-characters", {"allowed": allowed})


def _number_fault(text: str, leaf: Leaf) -> Fault | None:
    if _NUMBER.fullmatch(text) is None:
        return "not-a-decimal", {}
    whole, _, decimals = text.lstrip("+-").partition(".")
    whole, decimals = whole.lstrip("0"), decimals.rstrip("0")
    if len(whole) + len(decimals) > leaf.digits_max or len(decimals) > leaf.decimals_max:
        bounds = {"digits_max": str(leaf.digits_max), "decimals_max": str(leaf.decimals_max)}
        return "cds-too-many-digits", bounds
    return None


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
