"""Write the facts of the CDS schemas (names, order, occurrence, facets) as data of our own shape.

`python -m tools.cds_facts ../shared/reference/cds > src/serai/formats/cds/facts.yaml`

Facts only: no sentence of the schemas is carried over.
"""

import sys
from pathlib import Path
from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
DECLARATION_TYPES = "wco/declaration/WCO_DS/WCO_DEC_DS_2_DMS.xsd"
SCHEMAS = (
    ("declaration", "wco/declaration/WCO_DEC_2_DMS.xsd", DECLARATION_TYPES, "Declaration"),
    ("cancellation", "wco/declaration/CANCEL.xsd", DECLARATION_TYPES, "Declaration"),
    (
        "response",
        "wco/notification/WCO_RES_2_DMS.xsd",
        "wco/notification/WCO_DS/WCO_RES_DS_2_DMS.xsd",
        "Response",
    ),
)
HEADER = """\
# Facts of the schemas of the UK's customs declaration service: WCO Data Model 3.6, DMS profile 2.
# Written by tools/cds_facts.py; do not edit.
# source: hmrc/customs-declarations 3d05836, public/api/conf/3.0/schemas (WCO_DEC_2_DMS.xsd version 2.15,
# CANCEL.xsd, WCO_RES_2_DMS.xsd and their data types)
#
# A record lists its children in order: name, least and most occurrences (* without end), then `> record` a
# group, `> schema:record` a group of another schema, or a leaf: its kind, its least and most characters or
# digits and decimals, and what else holds: `filled` not blank, `digits`, `letters`, `one-of=a,b`; `wco=`
# its number in the WCO Data Model.
"""
KINDS = {
    "CodeType": "code",
    "IDType": "id",
    "TextType": "text",
    "AmountType": "amount",
    "MeasureType": "measure",
    "QuantityType": "quantity",
    "NumericType": "number",
}
PATTERNS = {r".*[^\s].*": "filled", "([0-9])*": "digits", "([a-zA-Z])*": "letters"}


class Schema:
    """One schema file with its data types; gathers records."""

    def __init__(self, root: Any, types: Any) -> None:
        """Take the parsed files."""
        self._named = {one.get("name"): one for one in root if one.tag == f"{XS}complexType"}
        self._simple = {one.get("name"): one for one in root if one.tag == f"{XS}simpleType"}
        self._leaves = {one.get("name"): one for one in types}
        self._top = {one.get("name"): one for one in root if one.tag == f"{XS}element"}
        self.records: dict[str, list[str]] = {}

    def read(self, root: str) -> None:
        """Gather the root's record and all below it."""
        element = self._top[root]
        inner = self._named.get(element.get("type") or "")
        self._record(root, "", inner if inner is not None else element.find(f"{XS}complexType"))

    def _record(self, name: str, parent: str, complex_type: Any) -> str:
        lines = []
        for child in complex_type.find(f"{XS}sequence"):
            if not isinstance(child.tag, str) or child.tag == f"{XS}annotation":
                continue
            if child.tag != f"{XS}element":
                raise ValueError(f"{child.tag} is more than this tool knows.")
            most = child.get("maxOccurs", "1").replace("unbounded", "*")
            called, content = self._content(child, name)
            lines.append(f"{called} {child.get('minOccurs', '1')} {most} {content}")
        # A class such as Address is the same in many places, and differs in few.
        key = name
        if self.records.get(key, lines) != lines:
            key = f"{parent}.{name}"
        while self.records.get(key, lines) != lines:
            key += "'"
        self.records[key] = lines
        return key

    def _content(self, element: Any, parent: str) -> tuple[str, str]:
        reference = element.get("ref")
        if reference is not None:
            name = reference.rpartition(":")[2]
            return name, f"> declaration:{name}"
        name, inner = element.get("name"), element.find(f"{XS}complexType")
        if inner is not None:
            return name, f"> {self._record(name, parent, inner)}"
        kind = element.get("type").rpartition(":")[2]
        if kind in self._simple:
            pattern = self._simple[kind].find(f"{XS}restriction/{XS}pattern").get("value")
            return name, f"text 0..* one-of={pattern}"
        number = next((one.text.strip() for one in element.iter("{*}WCOID") if one.text), None)
        return name, _leaf(self._leaves[kind]) + (f" wco={number}" if number else "")


def _leaf(data_type: Any) -> str:
    if data_type.find(f"{XS}choice") is not None:
        return "date"
    restriction = next(data_type.iter(f"{XS}restriction"))
    kind = KINDS[restriction.get("base").rpartition(":")[2]]
    facets = [(etree.QName(one).localname, one.get("value")) for one in restriction]
    stated = dict(facets)
    if kind in {"amount", "measure", "quantity", "number"}:
        bounds = f"{stated.get('totalDigits', '*')}.{stated.get('fractionDigits', '*')}"
    else:
        least = stated.get("length", stated.get("minLength", "0"))
        bounds = f"{least}..{stated.get('length', stated.get('maxLength', '*'))}"
    values = [value for facet, value in facets if facet == "enumeration"]
    notes = [PATTERNS[value] for facet, value in facets if facet == "pattern"]
    notes += [f"one-of={','.join(values)}"] if values else []
    return " ".join([kind, bounds, *notes])


def main(folder: Path) -> str:
    """Return the file's text. folder: of the reference."""
    blocks = [HEADER, "schemas:\n"]
    for name, file, types, root in SCHEMAS:
        tree = etree.parse(folder / "xsd" / file).getroot()
        data_types = etree.parse(folder / "xsd" / types).getroot()
        schema = Schema(tree, data_types)
        schema.read(root)
        blocks.append(
            f"- name: {name}\n  root: {root}\n  namespace: {tree.get('targetNamespace')}\n"
            f"  date_namespace: {data_types.get('targetNamespace')}\n  records:\n"
        )
        for record, lines in schema.records.items():
            blocks.append(f'    "{record}":\n' + "".join(f'    - "{line}"\n' for line in lines))
    return "".join(blocks)


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1])))
