"""The index of decision records."""

import re
from pathlib import Path

from tools.reference.layout import DOCS, MARK, cell

TITLE = re.compile(r"^# (\d+)\. (.+)$", re.MULTILINE)
STATUS = re.compile(r"Status: ([^.(\n]+)")


def build_pages() -> dict[str, str]:
    """Return the index: number, what was decided, its status."""
    rows = "".join(row(path) for path in sorted((DOCS / "decisions").glob("[0-9]*.md")))
    text = "What was decided, why, and what it costs: eight lines each. A record is replaced, not edited."
    head = f"{MARK}\n# Decisions\n\n{text}\n\n| no. | decision | status |\n|---|---|---|\n"
    return {"decisions/index.md": head + rows}


def row(path: Path) -> str:
    """Return the line of one record; a record without title or status is said so by tests/docs."""
    text = path.read_text(encoding="utf-8")
    title, status = TITLE.search(text), STATUS.search(text)
    words = (title[1], title[2]) if title else (path.stem[:4], path.stem)
    return f"| {int(words[0])} | [{cell(words[1])}]({path.name}) | {cell(status[1]) if status else '?'} |\n"
