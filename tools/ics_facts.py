"""The facts of the ICS schemas (elements, occurrence, types) as tables of our own shape.

`python -m tools.ics_facts ../shared/reference/ics` writes `elements.csv` and `types.csv` beside the checker.
Taken over are names, occurrence, lengths, patterns, listed values and the numbers of rules; no text.
"""

import csv
import sys
from pathlib import Path
from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
DOC = "{http://ics.dgtaxud.ec/doc}"
TARGET = Path(__file__).parents[1] / "src/serai/formats/ics"
MESSAGES = ("CC313A", "CC315A")
ELEMENT_COLUMNS = ("message", "path", "min_count", "min_count_old", "max_count", "type", "named", "rules")
TYPE_COLUMNS = (
    "type",
    "kind",
    "length_min",
    "length_max",
    "digits_max",
    "decimals_max",
    "patterns",
    "values",
)
KINDS = {"token": "token", "string": "string", "decimal": "decimal"}


class Schemas:
    """The schema files of one message, by the local name of what they define."""

    def __init__(self, folder: Path, message: str, edition: str) -> None:
        """Read the message's own schema and those it draws on; its own definitions come first."""
        own = f"{message}-v11-2{edition}.xsd"
        self.defined: dict[tuple[str, str], Any] = {}
        for name in (own, "complex_types_ics-v11-2.xsd", "simple_types-v11-2.xsd", "tcl-v11-2.xsd"):
            for node in etree.parse(folder / name).getroot():
                if isinstance(node.tag, str) and node.get("name"):
                    self.defined.setdefault((node.tag.removeprefix(XS), node.get("name")), node)

    def rows(self, message: str) -> list[dict[str, str]]:
        """List every element below the message in the order of the schema."""
        return self._below(self.defined["complexType", f"{message}Type"], message, "")

    def _below(self, complex_type: Any, message: str, path: str) -> list[dict[str, str]]:
        rows = []
        for element in self._elements(complex_type.find(f"{XS}sequence")):
            here = f"{path}/{element.get('name')}"
            type_name = element.get("type").rpartition(":")[2]
            inner = self.defined.get(("complexType", type_name))
            rows.append(
                {
                    "message": message,
                    "path": here,
                    "min_count": element.get("minOccurs", "1"),
                    "max_count": element.get("maxOccurs", "1").replace("unbounded", ""),
                    "type": "" if inner is not None else type_name,
                    "named": next((d.get("value") for d in element.iter(f"{DOC}description")), "").lower(),
                    "rules": " ".join(d.get("name") for d in element.iter(f"{DOC}rule", f"{DOC}condition")),
                }
            )
            if inner is not None:
                rows += self._below(inner, message, here)
        return rows

    def _elements(self, sequence: Any) -> list[Any]:
        found = []
        for node in sequence:
            if node.tag == f"{XS}group":
                group = self.defined["group", node.get("ref").rpartition(":")[2]]
                found += self._elements(group.find(f"{XS}sequence"))
            elif node.tag == f"{XS}element":
                found.append(node)
            elif isinstance(node.tag, str) and node.tag != f"{XS}annotation":
                raise ValueError(f"{node.tag} is more than this tool knows.")
        return found

    def type_row(self, name: str) -> dict[str, str]:
        """Gather the facets of a simple type from itself and all it restricts."""
        row = dict.fromkeys(TYPE_COLUMNS, "") | {"type": name}
        patterns: list[str] = []
        base = name
        while ("simpleType", base) in self.defined and row["kind"] == "":
            restriction = self.defined["simpleType", base].find(f"{XS}restriction")
            here = {"patterns": [], "values": []}  # type: dict[str, list[str]]
            for facet in restriction:
                if isinstance(facet.tag, str):
                    _take(facet.tag.removeprefix(XS), facet.get("value"), row, here)
            # Patterns of one step are alternatives, those of different steps all hold.
            patterns += ["|".join(here["patterns"])] if here["patterns"] else []
            row["values"] = row["values"] or " ".join(here["values"])
            prefix, _, base = restriction.get("base").rpartition(":")
            row["kind"] = KINDS[base] if prefix == "xs" else ""
        row["patterns"] = "\n".join(patterns)
        return row


def _take(facet: str, value: str, row: dict[str, str], here: dict[str, list[str]]) -> None:
    if facet == "pattern":
        here["patterns"].append(value)
    elif facet == "enumeration":
        here["values"].append(value)
    elif facet == "length":
        row["length_min"], row["length_max"] = row["length_min"] or value, row["length_max"] or value
    else:
        column = {
            "minLength": "length_min",
            "maxLength": "length_max",
            "totalDigits": "digits_max",
            "fractionDigits": "decimals_max",
        }[facet]
        row[column] = row[column] or value


def main() -> None:
    """Write both tables."""
    folder = Path(sys.argv[1]) / "xsd"
    elements: list[dict[str, str]] = []
    types: dict[str, dict[str, str]] = {}
    for message in MESSAGES:
        schemas, old = Schemas(folder, message, "-New"), Schemas(folder, message, "")
        for row, before in zip(schemas.rows(message), old.rows(message), strict=True):
            elements.append(row | {"min_count_old": before["min_count"]})
            assert row["path"] == before["path"]
            assert row["type"] == before["type"]
            if row["type"]:
                types.setdefault(row["type"], schemas.type_row(row["type"]))
    _write("elements.csv", ELEMENT_COLUMNS, elements)
    _write("types.csv", TYPE_COLUMNS, [types[name] for name in sorted(types)])


def _write(name: str, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
