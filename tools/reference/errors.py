"""A page for each error code: what is said where, HTTP status, next step. Read from the raising code."""

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from tools.reference.layout import MARK, ROOT, SOURCE, anchor, cell, module

CODE = re.compile(r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$|^busy$")


class Place(NamedTuple):
    """One place that raises a code: file, sentence and next step, `{...}` where a value comes in."""

    path: str
    message: str
    next_step: str


def build_pages() -> dict[str, str]:
    """Return the index and a page for each code."""
    places = find_places()
    kinds = read_kinds()
    codes = sorted(places.keys() | kinds.keys())
    if not codes:
        return {}
    rows = "".join(f"| [`{code}`]({code}.md) | {cell(meaning(code, places, kinds))} |\n" for code in codes)
    intro = (
        "Serai could not do what was asked: something is wrong with the call or with the system. "
        "Remarks on somebody's data are [findings](../findings/index.md)."
        if module_has_findings()
        else "Serai could not do what was asked: something is wrong with the call or with the system."
    )
    index = f"{MARK}\n# Errors\n\n{intro}\n\n| code | meaning |\n|---|---|\n{rows}"
    return {
        "reference/errors/index.md": index,
        **{f"reference/errors/{code}.md": page(code, places[code], kinds.get(code)) for code in codes},
    }


def module_has_findings() -> bool:
    """Tell whether there are finding pages to link."""
    return any(SOURCE.rglob("messages/en.yaml"))


def find_places() -> defaultdict[str, list[Place]]:
    """Return, by code, every place of the source that raises a SeraiError or a kind of it."""
    places: defaultdict[str, list[Place]] = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (found := read_call(node, path)):
                code, place = found
                if place not in places[code]:
                    places[code].append(place)
    return places


def read_call(call: ast.Call, path: Path) -> tuple[str, Place] | None:
    """Return code and place of `...Error("code", message, next_step)`, None for any other call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    given |= dict(zip(("code", "message", "next_step"), call.args, strict=False))
    code = given.get("code")
    if not (name.endswith("Error") or name == "__init__") or not {"message", "next_step"} <= given.keys():
        return None
    if not (isinstance(code, ast.Constant) and isinstance(code.value, str) and CODE.match(code.value)):
        return None
    file = path.relative_to(ROOT).as_posix()
    return code.value, Place(file, sentence(given["message"]), sentence(given["next_step"]))


def sentence(node: ast.expr) -> str:
    """Return the text of a literal, with `{...}` where a value comes in."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(sentence(part) for part in parts)
        case ast.Call(func=ast.Name(id="MessageText") | ast.Attribute(attr="counted"), args=[*_, template]):
            return sentence(template)
        case ast.FormattedValue(value=value):
            return "{" + ast.unparse(value) + "}"
        case _:
            return "{" + ast.unparse(node) + "}"


def read_kinds() -> dict[str, tuple[int, str]]:
    """Return HTTP status and title by code, from the edge's one table."""
    problems = module("serai.foundation.http.problems")
    return {code: (kind.status, kind.title) for code, kind in problems.PROBLEMS.items()} if problems else {}


def meaning(code: str, places: dict[str, list[Place]], kinds: dict[str, tuple[int, str]]) -> str:
    """Return the shortest true words for a code."""
    return kinds[code][1] if code in kinds else places[code][0].message


def page(code: str, places: list[Place], kind: tuple[int, str] | None) -> str:
    """Return the page of one code."""
    lines = [MARK, anchor(code), ""]
    if kind:
        lines += [f"{kind[1]}. HTTP status {kind[0]}.", ""]
    if not places:
        lines += ["Said by the HTTP edge for what the framework refuses.", ""]
    for place in places:
        lines += [f"> {cell(place.message)}", ">", f"> **Next:** {cell(place.next_step)}", ""]
        lines += [f"Said in `{place.path}`.", ""]
    return "\n".join(lines)
