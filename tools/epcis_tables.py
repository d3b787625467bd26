"""Facts of EPCIS 2.0 that the checker goes by, drawn from GS1's JSON schemas into tables of our own shape.

`python -m tools.epcis_tables ../shared/reference/epcis > src/serai/formats/epcis/tables.yaml`
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

EVENTS = ("ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent")
CLASSES = (
    *EVENTS,
    "Extended-Event",
    "epcisDocument",
    "epcisQueryDocument",
    "epcisQueryDocumentBody",
    "queryResults",
    "resultsBody",
    "quantityElement",
    "bizTransaction",
    "source",
    "destination",
    "readPoint",
    "bizLocation",
    "persistentDisposition",
    "errorDeclaration",
    "sensorElement",
    "sensorMetadata",
    "sensorReport",
    "vocabulary",
    "vocabularyElement",
    "attribute",
)
CODE_LISTS = (
    "action",
    "bizStep",
    "disposition",
    "error-reason",
    "bizTransaction-type",
    "source-dest-type",
    "measurementType",
    "sensorAlertType",
    "component",
)
SCALARS = {
    "id": "uri",
    "uri": "uri",
    "eventID": "uri",
    "vocab-uri": "uri",
    "time": "time",
    "decimal": "decimal",
    "boolean": "boolean",
    "string": "string",
}
HEAD = (
    "# Made by tools/epcis_tables.py from the JSON schemas of GS1 EPCIS 2.0 (ref.gs1.org). Do not edit.\n"
    "# classes: fields by name; kind is a scalar, a code list, a pattern or another class.\n"
)


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1]) / "schema"
    sys.stdout.write(build_tables(folder))


def build_tables(folder: Path) -> str:
    """Write the tables as YAML, from `epcis-json-schema.json` and `query-schema.json` in the folder."""
    schema = json.loads((folder / "epcis-json-schema.json").read_text(encoding="utf-8"))
    query = json.loads((folder / "query-schema.json").read_text(encoding="utf-8"))
    definitions = schema["definitions"]
    tables = {
        "source": {"events": schema["$id"], "queries": query["$id"]},
        "patterns": _patterns(definitions),
        "code_lists": {name: _values(definitions[name]) for name in CODE_LISTS},
        "classes": {name: _class(name, definitions) for name in CLASSES},
        "query_parameters": _query_parameters(query["definitions"]["EPCIS-Query"]["properties"]),
        "query_families": _query_families(query["definitions"]["EPCIS-Query"]["patternProperties"]),
    }
    return HEAD + yaml.safe_dump(tables, sort_keys=False, width=110)


def _patterns(definitions: dict[str, Any]) -> dict[str, str]:
    return {
        "uom": definitions["uom"]["pattern"],
        "version": definitions["version"]["pattern"],
        "hexBinary": definitions["hexBinary"]["pattern"],
        "eventTimeZoneOffset": definitions["Event"]["properties"]["eventTimeZoneOffset"]["pattern"],
    }


def _values(definition: dict[str, Any]) -> list[str]:
    options = definition.get("anyOf", [definition])
    return next(list(option["enum"]) for option in options if "enum" in option)


def _class(name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {}
    required: set[str] = set()
    is_open = True
    for part in _parts(definitions[name], definitions):
        is_open = is_open and part.get("additionalProperties", True)
        for field, value in part.get("properties", {}).items():
            fields.setdefault(field, _field(field, value, definitions))
        for option in part.get("propertyNames", {}).get("anyOf", ()):
            for field in option.get("enum", ()):
                # Allowed by name alone, its form stated elsewhere: persistentDisposition.
                fields.setdefault(field, _field(field, {"$ref": f"#/definitions/{field}"}, definitions))
        required |= set(part.get("required", ()))
    for field in required:
        fields[field]["is_required"] = True
    return {"is_open": is_open, "fields": fields}


def _parts(definition: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the definition's own part and those it adds by allOf; alternatives are conditions, not fields."""
    parts = [definition] if "properties" in definition else []
    for part in definition.get("allOf", ()):
        name = part.get("$ref", "").rpartition("/")[2]
        parts += _parts(definitions[name] if name else part, definitions)
    return parts


def _field(name: str, value: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    target = value.get("$ref", "").rpartition("/")[2]
    if target in SCALARS or target in CODE_LISTS or target in CLASSES or target in ("uom", "hexBinary"):
        return {"kind": SCALARS.get(target, target)}
    if target and target in definitions:
        return _field(target, definitions[target], definitions)
    if name in ("@context", "ilmd", "epcisHeader", "certificationInfo", "version", "eventTimeZoneOffset"):
        return {"kind": name}
    if value.get("type") == "array":
        field = {**_field(name, value["items"], definitions), "is_list": True}
        return {**field, "is_unique": True} if value.get("uniqueItems") else field
    if value.get("properties"):
        return {"kind": "epcisBody"}
    return {"kind": "string"}


def _query_parameters(properties: dict[str, Any]) -> dict[str, str]:
    return {name: _query_kind(value) for name, value in properties.items() if name != "@context"}


def _query_kind(value: dict[str, Any]) -> str:
    if value.get("type") == "array":
        item = value["items"]
        target = item.get("$ref", "").rpartition("/")[2]
        return f"list of {SCALARS.get(target, target) or item['type']}"
    target = value.get("$ref", "").rpartition("/")[2]
    return SCALARS.get(target, target) or str(value["type"])


def _query_families(patterns: dict[str, Any]) -> dict[str, str]:
    """Give how names of parameters begin, and what ends them: a unit, type, attribute or named field."""
    families = {re.match(r"\^([A-Za-z_]+)", pattern)[1]: _ending(pattern) for pattern in patterns}  # type: ignore[index]
    return dict(sorted(families.items()))


def _ending(pattern: str) -> str:
    if "[A-Z0-9]{" in pattern:
        return "unit"
    if "ATTR" in pattern:
        return "attribute"
    return "field" if ":" in pattern else "type"


if __name__ == "__main__":
    main()
