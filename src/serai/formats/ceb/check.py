"""Whether a CEB message is what schema and rules ask for: every fault at once, each with its place."""

from collections import Counter
from typing import Any, Final

from lxml import etree

from serai.formats.ceb.facts import (
    NAMESPACE,
    SIGNATURE_NAMESPACE,
    Edition,
    Leaf,
    Part,
    Record,
    editions_of,
    message_names,
)
from serai.formats.ceb.rules import find_against_rules
from serai.formats.found import Found
from serai.formats.xml_document import local_name, read_xml
from serai.formats.xml_shape import Held, form_fault, number_fault, whole_of
from serai.model.findings import Finding

VERSION: Final = "1.0"
"""The only version of messages that the schemas name; both editions bear it."""
GUID_CHARACTERS: Final = 36

_OWN_CODES: Final = {"too-many-digits": "ceb-too-many-digits", "fixed-value": "ceb-fixed-value"}
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_WITH_ATTRIBUTES = etree.XPath(
    "//*[@*][not(ancestor-or-self::ds:Signature)]", namespaces={"ds": SIGNATURE_NAMESPACE}
)
_HAS_ATTRIBUTES_BELOW = etree.XPath("boolean(/*/descendant::*/@*)")
_LOOSE_TEXTS = etree.XPath(
    "/descendant::*[*][text()[normalize-space()]]"
    "[not(ancestor-or-self::ds:Signature or ancestor::ceb:ExtendMessage)]",
    namespaces={"ds": SIGNATURE_NAMESPACE, "ceb": NAMESPACE},
)


def check_message(content: bytes) -> list[Finding]:
    """Check one message. Returns all findings, faults first; never raises on any bytes.

    A message is right if it fits one edition of its schema; where only an earlier one fits, advice says so.
    """
    root, faults = read_xml(content)
    if root is None:
        return faults
    return check_root(root)


def check_root(root: Any) -> list[Finding]:
    """Check a message that has been read."""
    editions, faults = find_editions(root)
    if not editions:
        return faults
    found = Found()
    edition = fitting_edition(root, editions)
    if edition is None:
        for finding in explain_best(root, local_name(root), editions):
            found.add(finding)
    elif edition != editions[0]:
        found.add(
            Finding("ceb-earlier-edition", f"/{local_name(root)}", "advice", {"edition": edition.edition})
        )
    find_around(root, found)
    find_against_rules(root, found)
    return found.findings()


def find_editions(root: Any) -> tuple[tuple[Edition, ...], list[Finding]]:
    """Return the editions that know the message, newest first, or none and why."""
    name = etree.QName(root)
    path = f"/{name.localname}"
    editions = editions_of(name.localname)
    if not editions:
        parameters = {"root": name.localname[:64], "known": f"{message_names()[0]} to {message_names()[-1]}"}
        return (), [Finding("other-root", path[:200], parameters=parameters)]
    if name.namespace != NAMESPACE:
        parameters = {"namespace": (name.namespace or "")[:100], "expected": NAMESPACE}
        return (), [Finding("other-namespace", path, parameters=parameters)]
    return editions, []


def fitting_edition(root: Any, editions: tuple[Edition, ...]) -> Edition | None:
    """Return the newest edition whose structure and lengths the message has; None: it has a fault."""
    return next((one for one in editions if is_fitting(root, one.records[local_name(root)], one)), None)


def has_groups_in_order(element: Any, record: Record) -> bool:
    """Say whether an element has the children it should, in order; not whether they fit."""
    return is_fitting(element, record, None)


def is_leaf_right(text: str, leaf: Leaf | None) -> bool:
    """Say whether a text may stand in a leaf."""
    return _leaf_fault(text, leaf) is None


def is_fitting(element: Any, record: Record, edition: Edition | None) -> bool:
    """Say whether an element and all below it fit. edition: None to leave what is below groups aside."""
    steps, place, count = record.steps, 0, 0
    step = steps[0]
    for child in element:
        tag = child.tag
        if tag != step.tag:
            if count < step.least:
                return False
            place, count = place + 1, 0
            step = steps[place]
            while step.tag != tag:
                if step.least:
                    return False
                place += 1
                step = steps[place]
        count += 1
        if count > step.most:
            return False
        if step.match is not None:
            text = child.text or ""
            if len(child) or (step.match(text) is None and _leaf_fault(text, step.leaf)):
                return False
        elif (
            step.group is not None
            and edition is not None
            and not is_fitting(child, edition.records[step.group], edition)
        ):
            return False
    if count >= step.least:
        place += 1
    return all(not step.least for step in steps[place:-1])


def explain_best(
    element: Any, record: str, editions: tuple[Edition, ...], path: str | None = None
) -> list[Finding]:
    """Return the faults of an element against the edition that it comes nearest to.

    record: name of what it should be. path: where it stands, else it is the root.
    """
    tries = []
    for edition in editions:
        found = Found()
        _explain(element, edition.records[record], edition, path or f"/{record}", found)
        tries.append(found.findings())
    return min(tries, key=len)


def _explain(element: Any, record: Record, edition: Edition, path: str, found: Found) -> None:
    """Name every fault of an element and of all below it."""
    names = [local_name(child) for child in element]
    totals = Counter(names)
    held = Held(record.by_tag)
    for seen, (child, name) in enumerate(zip(element, names, strict=True)):
        if found.is_full:
            found.leave_out(len(names) - seen)
            return
        step, count = held.take(child.tag)
        below = f"{path}/{name if totals[name] == 1 else f'{name}[{count}]'}"
        if step is None:
            found.add(_unknown(child, name, below, held))
            continue
        before = held.order_fault(step)
        if before is not None:
            found.add(Finding("ceb-out-of-order", below, parameters={"field": name, "after": before.name}))
        fault = number_fault(step, count)
        if fault is not None:
            found.add(Finding(fault[0], below, parameters=fault[1]))
        _explain_content(child, step, edition, below, found)
    for missing in held.missing():
        found.add(Finding("missing-field", f"{path}/{missing.name}", parameters={"field": missing.name}))


def _unknown(child: Any, name: str, path: str, held: Held[Part]) -> Finding:
    """Say that no step takes an element; with the right name it stands in another namespace."""
    near = held.near(name)
    if near.get("did_you_mean") == name:
        given = etree.QName(child).namespace or ""
        return Finding("other-namespace", path, parameters={"namespace": given[:100], "expected": NAMESPACE})
    return Finding("unknown-field", path, parameters={"field": name[:64]} | near)


def _explain_content(child: Any, step: Part, edition: Edition, path: str, found: Found) -> None:
    if step.group is not None:
        _explain(child, edition.records[step.group], edition, path, found)
    elif step.leaf is not None and len(child):
        found.add(Finding("wrong-type", path, parameters={"expected": "text without elements"}))
    elif step.leaf is not None:
        fault = _leaf_fault(child.text or "", step.leaf)
        if fault is not None:
            found.add(Finding(fault[0], path, parameters=fault[1]))


def _leaf_fault(text: str, leaf: Leaf | None) -> tuple[str, dict[str, str]] | None:
    """Return code and parameters of what is wrong with a text; None: nothing."""
    assert leaf is not None
    if text == "" and leaf.empty_means is not None:
        return None
    fault = form_fault(text, leaf.form)
    if fault is not None:
        return _OWN_CODES.get(fault[0], fault[0]), fault[1]
    is_whole = leaf.form.kind == "whole" and leaf.form.fixed is None
    return ("out-of-range", {}) if is_whole and not _is_in_range(text) else None


def _is_in_range(text: str) -> bool:
    number = whole_of(text)
    return number is not None and _INT_MIN <= number <= _INT_MAX


def find_around(root: Any, found: Found) -> None:
    """Find what is wrong beside structure and lengths: attributes, loose text; tell of a signature."""
    path = f"/{local_name(root)}"
    guid, version = root.get("guid"), root.get("version")
    for name, value in (("guid", guid), ("version", version)):
        if value is None:
            found.add(Finding("missing-field", f"{path}/@{name}", parameters={"field": name}))
    if guid is not None and len(guid) != GUID_CHARACTERS:
        bound = "characters_min" if len(guid) < GUID_CHARACTERS else "characters_max"
        code = "too-short" if len(guid) < GUID_CHARACTERS else "too-long"
        found.add(Finding(code, f"{path}/@guid", parameters={bound: str(GUID_CHARACTERS)}))
    if version is not None and version != VERSION:
        parameters = {"found": version[:10], "expected": VERSION}
        found.add(Finding("ceb-version", f"{path}/@version", parameters=parameters))
    # Most messages have attributes at the root only, and looking whether there are others is cheap.
    for element in _WITH_ATTRIBUTES(root) if _HAS_ATTRIBUTES_BELOW(root) else [root]:
        if found.is_full:
            return
        allowed = {"guid", "version"} if element is root else set()
        for name in element.attrib:
            if name not in allowed and not name.startswith(_SCHEMA_INSTANCE):
                place = f"{_path_of(element)}/@{etree.QName(name).localname}"
                found.add(Finding("unknown-field", place, parameters={"field": name[-64:]}))
    for element in _LOOSE_TEXTS(root):
        if found.is_full:
            return
        found.add(Finding("ceb-loose-text", _path_of(element)))
    if root.find(f"{{{SIGNATURE_NAMESPACE}}}Signature") is not None:
        found.add(Finding("signature-not-verified", f"{path}/Signature", "advice"))


def _path_of(element: Any) -> str:
    """Return the XPath of an element by local names, numbered where a name stands several times."""
    parts: list[str] = []
    while element is not None:
        parent = element.getparent()
        same = [element] if parent is None else list(parent.iterchildren(element.tag))
        number = f"[{same.index(element) + 1}]" if len(same) > 1 else ""
        parts.append(f"{local_name(element)}{number}")
        element = parent
    return "/" + "/".join(reversed(parts))
