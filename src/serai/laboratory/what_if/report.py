"""The answer of a what-if as a page of Markdown."""

from collections.abc import Iterator

from serai.laboratory.what_if.result import WhatIf
from serai.laboratory.what_if.sections import Section, sections_of


def write_report(result: WhatIf) -> str:
    """Return the page."""
    return "\n".join(
        line for place, section in enumerate(sections_of(result)) for line in _lines(section, place)
    )


def _lines(section: Section, place: int) -> Iterator[str]:
    yield f"{'#' if place == 0 else '##'} {section.title}"
    yield ""
    for sentence in section.sentences:
        # An indented sentence belongs to the one above it.
        indent = "  " if sentence.startswith(" ") else ""
        yield f"{indent}- {_plain(sentence.strip())}"
    if section.sentences:
        yield ""
    if section.rows:
        heads = list(section.rows[0])
        yield _row(heads)
        yield _row(["---"] * len(heads))
        yield from (_row(list(row.values())) for row in section.rows)
        yield ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(text: str) -> str:
    """Keep what Markdown would take for its own: a code comes from a document, and may be anything."""
    for sign in ("\\", "|", "<", "*", "_", "["):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
