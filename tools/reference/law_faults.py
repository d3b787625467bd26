"""What can be wrong with law that is handed in: codes, an example that a test runs, and what to do."""

import ast
import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from serai.law.fault_kinds import FAULT_KINDS

from tools.reference.errors import sentence
from tools.reference.layout import MARK, ROOT, SOURCE, cell

EXAMPLES = ROOT / "tests" / "law" / "bad_packs.yaml"
TARIFF_FILES = SOURCE / "formats" / "tariff_files"
_EXAMPLE_LETTERS_MAX = 60
_INTRO = """Law comes in by `serai law check`, `serai law load`, `POST /v1/law-generations` and `serai tariff
import`. Each way tells every fault at once, with code, file, line, what is wrong and what to do; and until
there is none, the law in force stays in force.
"""
_FILES = """A row that cannot be taken is refused with one of these; a file that cannot be read at all is an
[error](errors/index.md).
"""


class Row(NamedTuple):
    """One code. what: one sentence or several; example: text of a file, empty where there is none."""

    code: str
    what: str
    example: str
    next_step: str


def build_pages() -> dict[str, str]:
    """Return the page."""
    packs = [
        Row(code, kind.what, _examples().get(code, ""), kind.next_step) for code, kind in FAULT_KINDS.items()
    ]
    return {
        "reference/law-faults.md": (
            f"{MARK}\n# Faults of law\n\n{_INTRO}\n## Packs and their tables\n\n{_table(packs)}\n"
            f"## Files of `serai tariff import`\n\n{_FILES}\n{_table(find_refusals())}"
        )
    }


def _table(rows: list[Row]) -> str:
    names = ("code", "what is wrong", "for example", "what to do")
    lines = [" | ".join((f"`{row.code}`", *map(cell, row[1:]))) for row in sorted(rows)]
    head = f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
    return head + "".join(f"| {line} |\n" for line in lines)


def _examples() -> dict[str, str]:
    """Return by code the first test case of it, with what it puts into a sound file where that is short."""
    found: dict[str, str] = {}
    cases: list[dict[str, Any]] = yaml.safe_load(EXAMPLES.read_text("utf-8"))["cases"]
    for case in cases:
        put = str(case.get("put", ""))
        is_short = 0 < len(put) <= _EXAMPLE_LETTERS_MAX and put.isprintable() and not re.search(r"[|`{]", put)
        for code, *_ in case["faults"]:
            found.setdefault(code, f"{case['name']}: `{put}`" if is_short else case["name"])
    return found


def find_refusals() -> list[Row]:
    """Return every `Refused(code, reason, next_step)` of the readers of tariff files."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for path in sorted(TARIFF_FILES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if read := _read_refusal(node, path):
                code, reason, next_step = read
                reasons, steps = found.setdefault(code, ([], []))
                reasons += [reason] if reason not in reasons else []
                steps += [next_step] if next_step not in steps else []
    return [Row(code, " / ".join(reasons), "", " / ".join(steps)) for code, (reasons, steps) in found.items()]


def _read_refusal(node: ast.AST, path: Path) -> tuple[str, str, str] | None:
    if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and len(node.args) == 3):
        return None
    code, reason, next_step = node.args
    if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
        return None
    constants = _constants(path)
    return code.value, _plain(sentence(reason), constants), _plain(sentence(next_step), constants)


def _constants(path: Path) -> dict[str, str]:
    """Return the texts that a module names."""
    found = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            found[ast.unparse(node.target)] = str(node.value.value)
    return found


def _plain(text: str, constants: dict[str, str]) -> str:
    """Replace values by three dots, and the name of a text by that text."""
    named = re.sub(r"\{(\w+)\}", lambda found: constants.get(found[1], "..."), text)
    return re.sub(r"\{[^{}]*\}", "...", named)
