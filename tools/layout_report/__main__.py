"""The page of how the source is laid out, before and after.

`python -m tools.layout_report --before ROOT --after ROOT` writes docs/reference/layout.md. ROOT: a checkout;
both run with this program's interpreter and packages.
"""

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.layout_report.format_places import places_of
from tools.layout_report.source import Module, Room, Uses, count_uses, measure_rooms, read_modules

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "layout.md"
PROBE = Path(__file__).with_name("parcel_files.py")
STANDARD = "cardit"
"""The standard whose places are counted: the one that came last before the lists were made."""
TEXT = """# How the source is laid out

Written by `python -m tools.layout_report --before ROOT --after ROOT`. Before is commit {before}, after is
{after}.

| measure | goal | before | after |
|---|---|---|---|
{totals}

A room is a folder of `journey`. *Chain* is the number of modules on the longest path of imports inside a
folder, subfolders included. *Own files* lie in the folder itself, `__init__.py` not counted. *Statements* are
those of Python's syntax tree, docstrings among them. *Docstrings* is the share of public modules, classes,
functions and methods that have one. A place of a format is a file that names {standard} in code or data; its
own folder counts once.

## Files that a declaration in bulk passes

A running server on a PostgreSQL of its own takes 200 declarations in one NDJSON request, five times after one
to warm up. A file counts if one of its functions was called in each of the five, in any thread, between the
request and its answer. Files that only hold constants or types are not seen. Work beside the requests counts
when it falls into all five, so that runs differ by a few files.

| folder | before | after |
|---|---|---|
{passed}

## Rooms and folders before

{rooms_before}

## Rooms and folders after

{rooms_after}
"""
HEAD = (
    "| folder | own files | files | lines | statements | share of journey | chain | docstrings |\n"
    "|---|---|---|---|---|---|---|---|"
)


class Layout(NamedTuple):
    """What one checkout comes to. places: those of the standard. passed: files below `src/serai`."""

    commit: str
    modules: Sequence[Module]
    rooms: Sequence[Room]
    uses: Uses
    places: Sequence[str]
    passed: Sequence[str]


def main() -> None:
    """Measure two checkouts and write the page."""
    parser = argparse.ArgumentParser(prog="tools.layout_report", description=__doc__)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--after", type=Path, required=True)
    given = parser.parse_args()
    page = build_page(measure(given.before.resolve()), measure(given.after.resolve()))
    PAGE.write_text(page, encoding="utf-8")


def measure(root: Path) -> Layout:
    """Measure a checkout; starts a server of it."""
    modules = read_modules(root)
    return Layout(
        _run(["git", "rev-parse", "--short=7", "HEAD"], root).strip(),
        modules,
        measure_rooms(modules),
        count_uses(modules),
        sorted(places_of(root, STANDARD)),
        _run([sys.executable, str(PROBE)], root).split(),
    )


def build_page(before: Layout, after: Layout) -> str:
    """Return the page."""
    passed = [Counter(file.partition("/")[0] for file in one.passed) for one in (before, after)]
    return TEXT.format(
        before=before.commit,
        after=after.commit,
        standard=STANDARD.upper(),
        totals="\n".join(
            f"| {name} | {goal} | {show(before)} | {show(after)} |" for name, goal, show in _TOTALS
        ),
        passed="\n".join(
            f"| `{folder}` | {passed[0][folder]} | {passed[1][folder]} |"
            for folder in sorted(passed[0] | passed[1])
        ),
        rooms_before=_table(before.rooms),
        rooms_after=_table(after.rooms),
    )


def _table(rooms: Iterable[Room]) -> str:
    return "\n".join([HEAD, *map(_row, rooms)])


def _row(room: Room) -> str:
    share = "" if room.journey_ppm is None else _percent(room.journey_ppm)
    return (
        f"| `{room.name}` | {room.own_count} | {room.files_count} | {room.lines_count:,}"
        f" | {room.statements_count:,} | {share} | {len(room.chain)} | {_documented([room])} |"
    )


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.1f} %"


def _documented(rooms: Sequence[Room]) -> str:
    public = sum(room.public_count for room in rooms)
    return _percent(sum(room.documented_count for room in rooms) * 1_000_000 // public) if public else ""


def _journey(layout: Layout) -> list[Room]:
    return [room for room in layout.rooms if room.journey_ppm is not None]


def _sum(count: Callable[[Room], int], rooms: Iterable[Room]) -> str:
    return f"{sum(map(count, rooms)):,}"


_TOTALS: Sequence[tuple[str, str, Callable[[Layout], object]]] = (
    ("lines of `src/serai`", "", lambda one: f"{sum(module.lines_count for module in one.modules):,}"),
    ("statements in folders", "", lambda one: _sum(lambda room: room.statements_count, one.rooms)),
    ("statements in rooms", "", lambda one: _sum(lambda room: room.statements_count, _journey(one))),
    ("rooms", "", lambda one: sum(room.files_count > 0 for room in _journey(one))),
    ("largest share of a room", "15 %", lambda one: _percent(max(r.journey_ppm or 0 for r in _journey(one)))),
    ("most own files of a room", "15", lambda one: max(room.own_count for room in _journey(one))),
    ("longest chain of a room", "6", lambda one: max(len(room.chain) for room in _journey(one))),
    ("files that a declaration in bulk passes", "50", lambda one: len(one.passed)),
    ("places of a format", "8", lambda one: len(one.places)),
    ("Protocols", "", lambda one: one.uses.protocols),
    ("casts of types", "", lambda one: one.uses.casts),
    ("uses of `app.state`", "", lambda one: one.uses.app_state),
    ("docstrings", "", lambda one: _documented(one.rooms)),
)


def _run(command: Sequence[str], root: Path) -> str:
    environment = os.environ | {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    done = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    main()
