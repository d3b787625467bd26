"""The endpoints, a page for each group, from the OpenAPI document that `serai.web.application` gives: what is
asked, a request for curl and its answer, made from the document's own examples.
"""

import json
import shlex
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from serai.web.description.groups import GROUPS, Group, group_of

from tools.reference.layout import MARK, cell
from tools.reference.served import read_description

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_SHOWN_LINES_MAX: Final = 40
_IN_PATHS: Final = {
    "reference": "PARCEL-1",
    "standard": "wco-dec",
    "kind": "exchange-rates",
    "code": "EU-2026",
    "version": "8d2f0c7751aa93b0",
    "role": "carrier",
    "path": "0/000",
    "query_name": "my-query",
    "identifier": "seller:INVENTED-SELLER-1",
}
_SHOWN_ID: Final = "0f3kq2m9x1a7c"


class Endpoint(NamedTuple):
    """One endpoint: method in capitals, path with its parameters, what the document says."""

    method: str
    path: str
    operation: dict[str, Any]


def build_pages() -> dict[str, str]:
    """Return a page for each group, and the page of them all."""
    document = read_description()
    grouped: dict[Group, list[Endpoint]] = {group: [] for group in GROUPS}
    for path, item in sorted(document["paths"].items()):
        for method in _METHODS:
            if method in item:
                grouped[group_of(path)].append(Endpoint(method.upper(), path, item[method]))
    used = {group: endpoints for group, endpoints in grouped.items() if endpoints}
    pages = {
        f"reference/endpoints/{_slug(group.title)}.md": _page(group, some) for group, some in used.items()
    }
    return {"reference/endpoints/index.md": _index(used), **pages}


def _index(grouped: dict[Group, list[Endpoint]]) -> str:
    intro = (
        "HTTP for machines, by what one does. As a machine reads it: `GET /v1/openapi/openapi.json` of a "
        "running Serai; with every field of every body: [API reference](../api.md)."
    )
    parts = [f"{MARK}\n# Endpoints\n\n{intro}\n"]
    for group, endpoints in grouped.items():
        rows = "".join(
            f"| `{one.method}` | [`{one.path}`]({_file(group)}#{_anchor(one)}) | {_does(one)} |\n"
            for one in endpoints
        )
        head = (
            f"## [{group.title}]({_file(group)})\n\n{group.says}\n\n| method | path | does |\n|---|---|---|"
        )
        parts.append(f"{head}\n{rows}")
    return "\n".join(parts)


def _page(group: Group, endpoints: list[Endpoint]) -> str:
    intro = (
        f"{group.says}\n\n`$SERAI` stands for the server's address, `$KEY` for a key of yours. The answers "
        "are examples: ids, sums and instants are yours where you ask."
    )
    return "\n".join(
        [f"{MARK}\n# {group.title}\n\n{intro}\n", *("\n".join(_section(one)) for one in endpoints)]
    )


def _section(endpoint: Endpoint) -> Iterator[str]:
    operation = endpoint.operation
    yield f"## {endpoint.method} {endpoint.path} {{ #{_anchor(endpoint)} }}\n"
    yield f"{operation.get('description') or operation.get('summary') or ''}\n"
    if parameters := operation.get("parameters"):
        yield "| parameter | in | required | meaning |\n|---|---|---|---|"
        for given in parameters:
            required = "yes" if given.get("required") else "no"
            yield f"| `{given['name']}` | {given['in']} | {required} | {cell(given.get('description', ''))} |"
        yield ""
    if forms := operation.get("requestBody", {}).get("content"):
        yield f"Body: {', '.join(f'`{name}`' for name in forms)}\n"
    yield f"```sh\n{_request(endpoint)}\n```\n"
    if answer := _answer(operation):
        yield f"```json\n{answer}\n```\n"
    yield "| status | meaning |\n|---|---|"
    for code, answered in sorted(operation.get("responses", {}).items()):
        yield f"| {code} | {cell(answered.get('description', ''))} |"
    yield ""


def _request(endpoint: Endpoint) -> str:
    words = ["curl"]
    if endpoint.method not in ("GET", "POST"):
        words.append(f"--request {endpoint.method}")
    if endpoint.operation.get("security"):
        words.append('--header "Authorization: Bearer $KEY"')
    body = _body(endpoint.operation)
    if body:
        words.append(body)
    elif endpoint.method == "POST":
        words.append("--request POST")
    return " ".join([*words, f'"$SERAI{_filled(endpoint)}"'])


def _filled(endpoint: Endpoint) -> str:
    path, query = endpoint.path, []
    for given in endpoint.operation.get("parameters", ()):
        name = given["name"]
        value = _IN_PATHS.get(name, _SHOWN_ID)
        if given["in"] == "path":
            path = path.replace(f"{{{name}}}", value)
        elif given["in"] == "query" and given.get("required"):
            query.append(f"{name}={value if name in _IN_PATHS else 'N'}")
    return path + (f"?{'&'.join(query)}" if query else "")


def _body(operation: dict[str, Any]) -> str:
    forms = operation.get("requestBody", {}).get("content", {})
    example = forms.get("application/json", {}).get("example")
    if example is not None:
        return f"--json {shlex.quote(json.dumps(example, ensure_ascii=False, indent=2))}"
    return f"--header 'Content-Type: {next(iter(forms))}' --data-binary @FILE" if forms else ""


def _answer(operation: dict[str, Any]) -> str:
    """Return the example of the first answer that is none of a problem; a long one is cut off."""
    for code, answered in sorted(operation.get("responses", {}).items()):
        example = answered.get("content", {}).get("application/json", {}).get("example")
        if code.startswith("2") and example is not None:
            lines = json.dumps(example, ensure_ascii=False, indent=2).splitlines()
            left = len(lines) - _SHOWN_LINES_MAX
            return "\n".join(lines if left <= 1 else [*lines[:_SHOWN_LINES_MAX], f"... {left} lines more"])
    return ""


def _does(endpoint: Endpoint) -> str:
    return cell(endpoint.operation.get("summary", ""))


def _file(group: Group) -> str:
    return f"{_slug(group.title)}.md"


def _anchor(endpoint: Endpoint) -> str:
    return _slug(f"{endpoint.method} {endpoint.path}")


def _slug(text: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in text).split()).lower()
