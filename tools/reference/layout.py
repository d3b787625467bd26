"""What the written pages share: where they lie, their mark, and text that is safe inside a table."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
SOURCE = ROOT / "src" / "serai"
MARK = "<!-- Written by tools/reference from the code: change the code, then `make reference`. -->"


def module(name: str) -> ModuleType | None:
    """Return a module of Serai, None where it is not built yet. A module that is there but broken raises."""
    try:
        found = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return None if found is None else importlib.import_module(name)


def cell(text: object) -> str:
    """Return text that fits into one cell of a table."""
    return " ".join(str(text).split()).replace("|", "\\|")


def anchor(code: str) -> str:
    """Return a heading that shows a code as code."""
    return f"# `{code}`"
