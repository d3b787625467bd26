"""In how many places a standard of messages is named: what must be touched to add one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.languages.check import TRANSLATED


def places_of(root: Path, name: str) -> Iterator[str]:
    """Give what must be touched for a standard: files that name it in code or data, its own folders once.

    Prose, and pages that are written from the code, are left out: nothing depends on them. Translations go
    with the English catalogue, whose check asks for them.
    """
    word = re.compile(rf"(?<![a-z]){name}(?![a-z])", re.IGNORECASE)
    own = [
        folder
        for folder in ("src/serai/formats", "conformance", "tests/formats")
        if (root / folder / name).is_dir()
    ]
    yield from (f"{folder}/{name}" for folder in own)
    if any(path.stem.startswith(name) for path in (root / "examples/standards").glob("*")):
        yield "examples/standards"
    for path in (*root.glob("src/**/*.py"), *root.glob("src/**/*.yaml")):
        place = path.relative_to(root).as_posix()
        if path.parent.name == "messages" and path.stem.rpartition("-")[2] in TRANSLATED:
            continue
        if not any(place.startswith(f"{folder}/{name}/") for folder in own) and any(
            word.search(text) for text in _texts_of(path)
        ):
            yield place


def _texts_of(path: Path) -> Iterator[str]:
    """Give the names and texts of a file that its program works with."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        yield from (line.partition("#")[0].partition(":")[0] for line in text.splitlines())
        return
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
