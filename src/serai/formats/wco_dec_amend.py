"""An original WCO declaration and an amendment -> the declaration as amended.

An amendment names places and says what stands there now; the rest stays as it was.
"""

import copy
from typing import Any

from lxml import etree

from serai.formats.wco_dec import DecMessage, decode_dec
from serai.formats.wco_dec_pointers import AmendedPlace, Step
from serai.formats.xml_document import local_name, read_xml
from serai.model.findings import Finding


def amend_dec(original: bytes, amendment: bytes) -> tuple[DecMessage | None, list[Finding]]:
    """Read the declaration that results when every change of `amendment` is made to `original`, in order.

    Returns it as an original, or None and the faults of whichever of the two messages has them.
    """
    message, faults = decode_dec(amendment)
    if message is None:
        return None, faults
    if message.act != "amendment":
        parameters = {"function_code": message.function_code, "type_code": message.type_code}
        return None, [Finding("unknown-act", "/Declaration/TypeCode", parameters=parameters)]
    root, faults = read_xml(original)
    payload, _ = read_xml(amendment)
    target, source = _declaration_of(root), _declaration_of(payload)
    if target is None:
        return None, faults or [Finding("other-message", "/", parameters={"root": "?"})]
    for place in message.amended_places:
        _amend(target, source, place)
    return decode_dec(bytes(etree.tostring(root, encoding="UTF-8")))


def _declaration_of(root: Any) -> Any | None:
    if root is None:
        return None
    return next((element for element in root.iter() if local_name(element) == "Declaration"), None)


def _amend(target: Any, source: Any, place: AmendedPlace) -> None:
    if place.leaf is not None:
        _set_leaf(_grow(target, place.steps[1:]), place.leaf, place)
        return
    *way, last = place.steps[1:] or [Step("Declaration")]
    new = _follow(source, [*way, last])
    parent = _grow(target, way)
    old = _sibling(parent, last)
    if old is not None:
        parent.remove(old)
    if new is not None:
        parent.append(copy.deepcopy(new))


def _set_leaf(parent: Any, name: str, place: AmendedPlace) -> None:
    leaf = _sibling(parent, Step(name))
    if place.value is None:
        if leaf is not None:
            parent.remove(leaf)
        return
    if leaf is None:
        leaf = etree.SubElement(parent, _named_like(parent, name))
    leaf.text = place.value
    if place.unit is not None:
        leaf.set("currencyID" if name.endswith("Amount") else "unitCode", place.unit)


def _grow(element: Any, steps: list[Step]) -> Any:
    """Go down the steps and add what is not there yet. Order does not matter: readers go by name."""
    for step in steps:
        found = _sibling(element, step)
        element = etree.SubElement(element, _named_like(element, step.name)) if found is None else found
    return element


def _follow(element: Any, steps: list[Step]) -> Any | None:
    for step in steps:
        if element is None:
            return None
        element = _sibling(element, step)
    return element


def _sibling(parent: Any, step: Step) -> Any | None:
    siblings = [child for child in parent if local_name(child) == step.name]
    for sibling in siblings:
        number = next((child.text for child in sibling if local_name(child) == "SequenceNumeric"), None)
        if number is not None and number.strip() == str(step.position):
            return sibling
    return siblings[step.position - 1] if step.position <= len(siblings) else None


def _named_like(parent: Any, name: str) -> str:
    namespace = etree.QName(parent).namespace
    return f"{{{namespace}}}{name}" if namespace else name
