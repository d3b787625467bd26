"""The field reference: every field of every message, from the structs and the catalogue of fields."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from serai.model.fields import describe_field
from serai.web.description.bodies import PATHS
from serai.web.description.components import REF

from tools.reference.layout import MARK, cell
from tools.reference.served import read_description

_TITLES = {
    "declaration": "Consignment",
    "order": "Order",
    "payment": "Payment",
    "transport-document": "TransportDocument",
    "arrival": "Arrival",
    "return": "Return",
}
_INTRO = """Made from the structs that the server reads with. Amounts, masses and quantities are decimal
strings, instants RFC 3339; an unknown field is a fault. List: where the codes of the field stand."""


def build_pages() -> dict[str, str]:
    """Return a page for each kind of document, one for all answers, and an index."""
    schemas = read_description()["components"]["schemas"]
    pages: dict[str, str] = {}
    shown: set[str] = set()
    for kind, struct in _TITLES.items():
        names = list(_reached(struct, schemas))
        shown.update(names)
        head = f"{MARK}\n# Fields: {kind}\n\n{_INTRO}\n\nSent to `POST {PATHS[kind]}`.\n"
        pages[f"reference/fields/{kind}.md"] = "\n".join([head, *(_section(one, schemas) for one in names)])
    rest = sorted(schemas.keys() - shown, key=lambda name: (_short(name), name))
    head = f"{MARK}\n# Fields: questions and answers\n\nAll other structs of the wire, by name.\n"
    pages["reference/fields/answers.md"] = "\n".join([head, *(_section(one, schemas) for one in rest)])
    rows = "".join(f"| [{kind}]({kind}.md) | `POST {PATHS[kind]}` |\n" for kind in _TITLES)
    pages["reference/fields/index.md"] = (
        f"{MARK}\n# Fields\n\nEvery field of every message: type, unit, list, meaning, example.\n\n"
        f"| page | sent to |\n|---|---|\n{rows}| [questions and answers](answers.md) | all other routes |\n"
    )
    return pages


def _reached(struct: str, schemas: Mapping[str, Any]) -> Iterator[str]:
    """Give a struct and those inside it, each once, in the order of its fields."""
    names = [struct]
    for name in names:
        yield name
        names += [one for one in dict.fromkeys(_refs(schemas[name])) if one not in names]


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, one in schema.items():
            if key == "$ref":
                yield one.removeprefix(REF)
            else:
                yield from _refs(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _refs(one)


def _section(name: str, schemas: Mapping[str, Any]) -> str:
    schema = schemas[name]
    lines = [f"## {_short(name)}", "", " ".join(schema.get("description", "").split()), ""]
    lines += [
        "| field | type | required | meaning | unit | list | example |",
        "|---|---|---|---|---|---|---|",
    ]
    required = set(schema.get("required", ()))
    for field, one in schema.get("properties", {}).items():
        text = describe_field(_short(name), field)
        example = one.get("examples", [None])[0]
        lines.append(
            f"| `{field}` | {cell(_type(one))} | {'yes' if field in required else 'no'} "
            f"| {cell(text.says if text else '')} | {cell((text and text.unit) or '')} "
            f"| {cell(_list(one, text.code_list if text else None))} "
            f"| {'' if example is None else '`' + cell(msgspec.json.encode(example).decode()) + '`'} |"
        )
    return "\n".join([*lines, ""])


def _list(schema: Mapping[str, Any], code_list: str | None) -> str:
    codes = next((one["enum"] for one in (schema, *schema.get("anyOf", ())) if "enum" in one), None)
    return code_list or "" if codes is None else ", ".join(f"`{code}`" for code in codes)


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f"[{_short(schema['$ref'])}](#{_short(schema['$ref']).lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if "enum" in schema:
        return "code"
    kind = str(schema.get("format") or schema.get("type", "any"))
    bounds = [
        f"{word} {schema[key]}"
        for key, word in (("minLength", "from"), ("maxLength", "to"), ("minimum", "from"), ("maximum", "to"))
        if key in schema
    ]
    return f"{kind} ({', '.join(bounds)})" if bounds else kind


def _short(name: str) -> str:
    return name.removeprefix(REF).rpartition(".")[2]
