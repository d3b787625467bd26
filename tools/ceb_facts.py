"""Write the facts of the CEB schemas (names, order, occurrence, facets) as data of our own shape.

`python -m tools.ceb_facts ../shared/reference/ceb > src/serai/formats/ceb/facts.yaml`

Facts only: no sentence of the schemas is carried over.
"""

import sys
from pathlib import Path
from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
EDITIONS = ("2022-05", "2018")
"""Newest first."""
DIRECTIONS = ("import", "export")
HEADER = """\
# Facts of the schemas of China's cross-border e-commerce messages (CEB).
# Written by tools/ceb_facts.py; do not edit.
# source: China E-port Data Centre, unified import and export system for cross-border e-commerce, XML schemas
# import.xsd and export.xsd, editions of 2022-05 and of 2018.
#
# A record lists its children in order: name, least and most occurrences (* without end), then
#   `> record` a group, `any` content of two parties' own, `signature` XML Signature, or a leaf:
#   `s 1..60` text of 1 to 60 characters (`collapse`: after white space is collapsed),
#   `fixed=x` no other text is allowed, and none means x; `default=x`: none means x,
#   `d 19.5` decimal of at most 19 digits, 5 of them behind the point, `i 9` whole number of at most 9 digits.
# Of the edition of 2018 only those records are listed that differ.
"""
INT_DIGITS_MAX = 10
"""A whole number of the schemas is one of 32 bits."""

Records = dict[str, list[str]]


def main(folder: Path) -> str:
    """Return the file's text. folder: of the schemas, with a folder per edition."""
    blocks = [HEADER, "schemas:\n"]
    for direction in DIRECTIONS:
        newest: Records = {}
        for edition in EDITIONS:
            records = _read(etree.parse(folder / edition / "xsd" / f"{direction}.xsd").getroot())
            messages = [name for name in records if name.startswith("CEB") and "/" not in name]
            listed = {name: lines for name, lines in records.items() if newest.get(name) != lines}
            newest = newest or records
            blocks.append(_block(edition, direction, messages, listed))
    return "".join(blocks)


def _block(edition: str, direction: str, messages: list[str], records: Records) -> str:
    body = "".join(
        f"    {name}:\n" + "".join(f"    - {line}\n" for line in lines) for name, lines in records.items()
    )
    head = f'- edition: "{edition}"\n  direction: {direction}\n'
    return f"{head}  messages: [{', '.join(messages)}]\n  records:\n{body}"


def _read(root: Any) -> Records:
    named = {one.get("name"): one for one in root if one.tag == f"{XS}element"}
    records: Records = {}
    for name in sorted(one for one in named if one.startswith("CEB")):
        _add_record(name, named[name], named, records)
    return records


def _add_record(key: str, element: Any, named: dict[str, Any], records: Records) -> None:
    """Add an element with children, and those below it that have children."""
    records[key] = []
    for child in element.findall(f"{XS}complexType/{XS}sequence/{XS}element"):
        prefix, _, reference = (child.get("ref") or "").rpartition(":")
        declared = named[reference] if prefix == "ceb" else child
        name = reference or child.get("name")
        content = "signature" if prefix == "ds" else _leaf(declared)
        if declared.find(f"{XS}complexType") is not None:
            # Groups that are named only here differ from message to message.
            group = name if reference else f"{key}/{name}"
            content = f"> {group}"
            if group not in records:
                _add_record(group, declared, named, records)
        most = child.get("maxOccurs", "1").replace("unbounded", "*")
        records[key].append(f"{name} {child.get('minOccurs', '1')} {most} {content}")


def _leaf(element: Any) -> str:
    """Return type, bounds, and the text that an empty element stands for."""
    stated = "".join(f" {name}={element.get(name)}" for name in ("fixed", "default") if element.get(name))
    return f"{_type(element)}{stated}"


def _type(element: Any) -> str:
    if element.get("type") == "xs:int":
        return f"i {INT_DIGITS_MAX}"
    restriction = element.find(f"{XS}simpleType/{XS}restriction")
    if restriction is None:
        return "any"
    facets = {etree.QName(one).localname: one.get("value") for one in restriction}
    base = restriction.get("base")
    if base == "xs:decimal":
        return f"d {facets['totalDigits']}.{facets['fractionDigits']}"
    if base == "xs:int":
        return f"i {facets.get('totalDigits', INT_DIGITS_MAX)}"
    least = facets.get("length", facets.get("minLength", "0"))
    most = facets.get("length", facets.get("maxLength", "*"))
    collapse = " collapse" if facets.get("whiteSpace") == "collapse" else ""
    return f"s {least}..{most}{collapse}"


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1])))
