"""One page of all endpoints, from the OpenAPI document that `serai.web.application.build_openapi()` gives."""

from typing import Any

from tools.reference.layout import MARK, cell, module

METHODS = ("get", "post", "put", "patch", "delete")


def build_pages() -> dict[str, str]:
    """Return the page of endpoints."""
    app = module("serai.web.application")
    if app is None:
        return {}
    document = app.build_openapi()
    operations = [
        (method.upper(), path, item[method])
        for path, item in sorted(document["paths"].items())
        for method in METHODS
        if method in item
    ]
    rows = "".join(
        f"| `{method}` | [`{path}`](#{slug(method, path)}) | {cell(operation.get('summary', ''))} |\n"
        for method, path, operation in operations
    )
    sections = "\n".join(section(method, path, operation) for method, path, operation in operations)
    intro = "The same as a machine reads it: `GET /v1/openapi/openapi.json` of a running Serai."
    head = f"{MARK}\n# Endpoints\n\n{intro}\n\n| method | path | does |\n|---|---|---|\n{rows}"
    return {"reference/endpoints.md": f"{head}\n{sections}"}


def slug(method: str, path: str) -> str:
    """Return the name of a section within the page."""
    words = "".join(letter if letter.isalnum() else " " for letter in path).split()
    return "-".join([method.lower(), *words]).lower()


def section(method: str, path: str, operation: dict[str, Any]) -> str:
    """Return what there is to know about one endpoint."""
    lines = [f"## {method} {path} {{ #{slug(method, path)} }}", ""]
    lines += [operation.get("description") or operation.get("summary") or "", ""]
    if operation.get("parameters"):
        lines += ["| parameter | in | required | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{given['name']}` | {given['in']} | {'yes' if given.get('required') else 'no'} "
            f"| {cell(given.get('description', ''))} |"
            for given in operation["parameters"]
        ]
        lines.append("")
    if "requestBody" in operation:
        forms = ", ".join(f"`{name}`" for name in operation["requestBody"].get("content", {}))
        lines += [f"Body: {forms}", ""]
    answers = operation.get("responses", {})
    lines += ["| status | meaning |", "|---|---|"]
    lines += [
        f"| {code} | {cell(answer.get('description', ''))} |" for code, answer in sorted(answers.items())
    ]
    return "\n".join([*lines, ""])
