"""Whether a bank message has the shape that its version is published in: every departure with its place.

Banks send elements of their own and texts that are too long. Such things are advice: nothing of a payment
rests on them. A fault is what leaves unknown how much came, when, or on which account.
"""

from collections import Counter
from typing import Any, Final

from lxml import etree

from serai.formats.found import Found
from serai.formats.iso20022.shapes import NAMESPACE_BEGIN, ROOTS, Part, Record, Shape, shapes
from serai.formats.xml_document import local_name, path_step
from serai.formats.xml_shape import Held, form_fault, number_fault
from serai.model.findings import Finding, Severity

DOCUMENT: Final = "Document"
_TEXT_KINDS: Final = frozenset({"s", "iban", "bic", "uuid", "country"})
_BLANKS: Final = " \t\r\n"
_CURRENCY: Final = "Ccy"
_SCHEMA_INSTANCE: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_FIELD_CHARACTERS_MAX: Final = 64
_PLANS_COUNT_MAX: Final = 1_000
_PLANNED_TAGS_MAX: Final = 60
"""Longer lists of children, such as a statement's entries, are not remembered."""


def find_shape(root: Any) -> tuple[Shape | None, list[Finding]]:
    """Return the shape that a message says it has; None: it is none of ours, and why."""
    name = etree.QName(root)
    if name.localname != DOCUMENT:
        parameters = {"root": name.localname[:_FIELD_CHARACTERS_MAX], "known": DOCUMENT}
        return None, [Finding("other-root", f"/{path_step(root)}", parameters=parameters)]
    shape = shapes().get(name.namespace or "")
    if shape is None:
        given = (name.namespace or "").removeprefix(NAMESPACE_BEGIN)[:_FIELD_CHARACTERS_MAX]
        parameters = {"message": given or "-", "known": ", ".join(_known())}
        return None, [Finding("iso20022-other-message", f"/{DOCUMENT}", parameters=parameters)]
    top = [child for child in root if local_name(child) == shape.root]
    if not top:
        return None, [Finding("missing-field", f"/{DOCUMENT}/{shape.root}", parameters={"field": shape.root})]
    return shape, []


def _known() -> list[str]:
    """Say which messages are read, and their versions."""
    versions = {
        message: [f"{one.version:02}" for one in shapes().values() if one.message == message]
        for message in ROOTS
    }
    return [f"{message}.001.{'/'.join(listed)}" for message, listed in versions.items()]


def check_shape(root: Any, shape: Shape, found: Found) -> None:
    """Add all departures of a message from its shape. root: the element `Document`."""
    place = f"/{DOCUMENT}"
    tops = list(root)
    for number, child in enumerate(tops):
        if local_name(child) != shape.root or number:
            below = f"{place}/{path_step(child)}"
            found.add(_unknown(child, below))
    top = next(child for child in tops if local_name(child) == shape.root)
    record = shape.records[shape.root]
    # Most messages are right, and seeing that costs a third of saying where they are not.
    if not _Fit(shape).fits(top, record):
        _Walk(shape, found).group(top, record, f"{place}/{shape.root}")


class _Fit:
    """Whether elements fit, without saying where they do not."""

    def __init__(self, shape: Shape) -> None:
        self._records = shape.records
        self._begin = f"{{{shape.namespace}}}"
        self._plans: dict[tuple[str, ...], tuple[Part, ...] | None] = {}

    def fits(self, element: Any, record: Record) -> bool:
        """Say whether an element and all below it have no departure."""
        parts = self._plan(record, tuple([child.tag for child in element]))
        if parts is None:
            return False
        for child, part in zip(element, parts, strict=True):
            if part.group is not None:
                if not self.fits(child, self._records[part.group]):
                    return False
            elif part.form is not None and not _is_right(child, part):
                return False
        return True

    def _plan(self, record: Record, tags: tuple[str, ...]) -> tuple[Part, ...] | None:
        """Return the parts that the children of a record are; None: they are not in order and number.

        Senders write the same elements in every entry, so what was found out once is kept.
        """
        if len(tags) > _PLANNED_TAGS_MAX:
            return self._find_plan(record, tags)
        key = (record.name, *tags)
        if key in self._plans:
            return self._plans[key]
        plan = self._find_plan(record, tags)
        if len(self._plans) < _PLANS_COUNT_MAX:
            self._plans[key] = plan
        return plan

    def _find_plan(self, record: Record, tags: tuple[str, ...]) -> tuple[Part, ...] | None:
        held = Held(record.parts)
        parts = []
        for tag in tags:
            part, count = held.take(tag.removeprefix(self._begin))
            if part is None or count > part.most or held.order_fault(part) is not None:
                return None
            parts.append(part)
        is_whole = next(held.missing(), None) is None and (not record.is_choice or len(set(tags)) == 1)
        return tuple(parts) if is_whole else None


def _is_right(child: Any, part: Part) -> bool:
    """Say whether the text of a leaf is of its form."""
    text = (child.text or "").strip(_BLANKS)
    form = part.form
    assert form is not None
    if len(child):
        return False
    if part.kind == "amount":
        return bool(text) and list(child.attrib) == [_CURRENCY]
    if part.kind == "s":
        return form.characters_min <= len(text) <= form.characters_max
    return form_fault(text, form) is None


class _Walk:
    def __init__(self, shape: Shape, found: Found) -> None:
        self._records = shape.records
        self._begin = f"{{{shape.namespace}}}"
        self._found = found

    def group(self, element: Any, record: Record, path: str) -> None:
        """Check an element that holds others."""
        names = [self._name(child) for child in element]
        totals = Counter(names)
        held = Held(record.parts)
        for seen, (child, name) in enumerate(zip(element, names, strict=True)):
            if self._found.is_full:
                self._found.leave_out(len(names) - seen)
                return
            part, count = held.take(name)
            below = f"{path}/{name}" if totals[name] == 1 else f"{path}/{name}[{count}]"
            if part is None:
                self._found.add(_unknown(child, f"{path}/{path_step(child)}", held.near(name)))
                continue
            before = held.order_fault(part)
            if before is not None and not record.is_choice:
                self._say("iso20022-out-of-order", below, "advice", field=name, after=before.name)
            if number_fault(part, count) is not None:
                self._say("repeated-field", below, "fault", field=name)
            self._content(child, part, below)
        for missing in held.missing():
            self._say("missing-field", f"{path}/{missing.name}", "fault", field=missing.name)
        if record.is_choice and sum(held.count(name) > 0 for name in record.parts) != 1:
            names_said = ", ".join(record.parts)
            self._say("iso20022-choice", path, "fault", field=path.rpartition("/")[2], names=names_said)

    def _name(self, child: Any) -> str:
        """Return a child's name; with its namespace where that is another one."""
        tag: str = child.tag
        return tag[len(self._begin) :] if tag.startswith(self._begin) else tag

    def _content(self, child: Any, part: Part, path: str) -> None:
        if part.group is not None:
            self.group(child, self._records[part.group], path)
            return
        if part.form is None:
            return
        if len(child):
            self._say("iso20022-form", path, "fault", field=part.name, allowed="text without elements")
            return
        text = (child.text or "").strip(_BLANKS)
        if part.kind == "amount":
            self._amount(child, text, path)
            return
        fault = form_fault(text, part.form)
        if fault is not None:
            severity: Severity = "advice" if part.kind in _TEXT_KINDS and text else "fault"
            self._say("iso20022-form", path, severity, field=part.name, allowed=_allowed(fault, part))

    def _amount(self, child: Any, text: str, path: str) -> None:
        # What the number says, and in which currency, is told where amounts are read.
        if child.get(_CURRENCY) is None:
            self._say("missing-field", f"{path}/@{_CURRENCY}", "fault", field=_CURRENCY)
        if not text:
            self._say("missing-field", path, "fault", field=path.rpartition("/")[2])
        for name in child.attrib:
            if name != _CURRENCY and not name.startswith(_SCHEMA_INSTANCE):
                place = f"{path}/@{etree.QName(name).localname[:_FIELD_CHARACTERS_MAX]}"
                self._say("unknown-field", place, "advice", field=name[-_FIELD_CHARACTERS_MAX:])

    def _say(self, code: str, path: str, severity: Severity, **parameters: str) -> None:
        self._found.add(Finding(code, path, severity, parameters))


def _unknown(child: Any, path: str, near: dict[str, str] | None = None) -> Finding:
    parameters = {"field": local_name(child)[:_FIELD_CHARACTERS_MAX]} | (near or {})
    return Finding("unknown-field", path, "advice", parameters)


def _allowed(fault: tuple[str, dict[str, str]], part: Part) -> str:
    """Say in words what a text may be."""
    code, parameters = fault
    form = part.form
    assert form is not None
    if code in {"characters", "other-value"}:
        return parameters.get("allowed") or parameters["expected"]
    if form.kind == "decimal":
        return f"a number of up to {form.digits_max} digits, {form.decimals_max} of them decimals"
    return f"{form.characters_min} to {form.characters_max} characters"
