"""A page for each finding and reason code: what, why, remedy, appeal, source. Read from the rooms' messages.

`src/serai/**/messages/en.yaml` maps a code to `sentence`, `remedy` and, where they apply, `why`, `appeal`,
`source`. Other words of a room (of its pages, of an explanation) lie beside it as `<what>-en.yaml`.
"""

from pathlib import Path

import yaml

from tools.reference.layout import MARK, SOURCE, anchor, cell

PARTS = (
    ("why", "Why"),
    ("remedy", "What to do"),
    ("appeal", "Appeal"),
    ("source", "Source"),
)


def build_pages() -> dict[str, str]:
    """Return the index and a page for each code."""
    catalogue = read_catalogue()
    if not catalogue:
        return {}
    rows = "".join(
        f"| [`{code}`]({code}.md) | {room} | {cell(entry['sentence'])} |\n"
        for code, (room, entry) in sorted(catalogue.items())
    )
    index = (
        f"{MARK}\n# Findings\n\nRemarks on somebody's data, and reasons of decisions. "
        f"`{{...}}` is filled in for each case.\n\n| code | stage | says |\n|---|---|---|\n{rows}"
    )
    return {
        "reference/findings/index.md": index,
        **{
            f"reference/findings/{code}.md": page(code, room, entry)
            for code, (room, entry) in catalogue.items()
        },
    }


def read_catalogue() -> dict[str, tuple[str, dict[str, str]]]:
    """Return room and entry by code; a code that two rooms word, or one without remedy, is an error."""
    catalogue: dict[str, tuple[str, dict[str, str]]] = {}
    for path in sorted(SOURCE.rglob("messages/en.yaml")):
        for code, entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if code in catalogue:
                raise ValueError(f"{code} is worded by {catalogue[code][0]} and by {room_of(path)}")
            missing = {"sentence", "remedy"} - entry.keys()
            if missing:
                raise ValueError(f"{path}: {code} has no {' and no '.join(sorted(missing))}")
            catalogue[code] = (room_of(path), entry)
    return catalogue


def room_of(path: Path) -> str:
    """Return the folder that owns a catalogue."""
    return path.parent.parent.name


def page(code: str, room: str, entry: dict[str, str]) -> str:
    """Return the page of one code."""
    lines = [MARK, anchor(code), "", f"> {cell(entry['sentence'])}", "", f"Found by: {room}.", ""]
    for key, title in PARTS:
        if entry.get(key):
            lines += [f"## {title}", "", entry[key].strip(), ""]
    return "\n".join(lines)
