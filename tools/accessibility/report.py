"""The record of a look at every page, as a page of the reference."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from serai.model.languages import LANGUAGES

from tools.accessibility.axe import AXE_VERSION, ROOT
from tools.accessibility.checks import AXE_TAGS, CHECKS
from tools.accessibility.looking import Seen
from tools.accessibility.pages import NO_PAGES, PAGES

REPORT: Final = ROOT / "docs" / "reference" / "accessibility.md"


class Record(msgspec.Struct):
    """What was seen so far. on: the days of the oldest and of the newest look."""

    chromium: str
    on: tuple[dt.date, dt.date]
    seen: list[Seen]


def keep(seen: Sequence[Seen], chromium: str, at: dt.datetime, path: Path = REPORT) -> None:
    """Write what was looked at and what was found; what was looked at before and not now stays."""
    file = path.with_suffix(".json")
    names = {one.name for one in PAGES}
    kept = msgspec.json.decode(file.read_bytes(), type=Record) if file.exists() else None
    now = {one.key for one in seen}
    before = [one for one in kept.seen if one.key not in now and one.page in names] if kept else []
    first = kept.on[0] if kept is not None and before else at.date()
    record = Record(chromium, (first, at.date()), sorted((*before, *seen), key=lambda one: one.key))
    file.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=0) + b"\n")
    path.write_text(render_report(record), encoding="utf-8")


def render_report(record: Record) -> str:
    """Return the page."""
    seen, (first, last) = record.seen, record.on
    days = f"{last:%-d %B %Y}" if first == last else f"{first:%-d %B} to {last:%-d %B %Y}"
    faults = sum(len(one.faults) for one in seen)
    by_page = {one.name: one for one in PAGES}
    lines = [
        "# Accessibility",
        "",
        f"Written by `python -m tools.accessibility` on {days}: {len(by_page)} pages and states of"
        f" pages in {len(LANGUAGES)} languages, {len(seen)} of {len(by_page) * len(LANGUAGES)} so far,"
        f" in Chromium {record.chromium}"
        f" with axe-core {AXE_VERSION} ({', '.join(AXE_TAGS)}). Found: {faults or 'nothing'}.",
        "",
        "Each page is drawn 1280 pixels wide by a running server with invented parcels, as whoever it is for,"
        " and held against these:",
        "",
        "| check | holds | found |",
        "|---|---|---|",
    ]
    for check, holds in CHECKS.items():
        found = sum(fault.check == check for one in seen for fault in one.faults)
        lines.append(f"| `{check}` | {holds} | {found} |")
    lines += ["", "## Pages", "", "| page | route | as | languages | found |", "|---|---|---|---|---|"]
    for name, page in by_page.items():
        own = [one for one in seen if one.page == name]
        route = f"`{page.route}`" if page.route else "none"
        lines.append(
            f"| {name} | {route} | {page.who} | {len(own)} | {sum(len(one.faults) for one in own)} |"
        )
    if faults:
        lines += ["", "## What was found", "", "| page | language | check | what |", "|---|---|---|---|"]
        for one in seen:
            for fault in one.faults:
                says = fault.says.replace("|", "\\|").replace("\n", " ")
                lines.append(f"| {one.page} | `{one.language}` | `{fault.check}` | `{says}` |")
    lines += ["", "## Not looked at here", "", "| route | why |", "|---|---|"]
    lines += [f"| `{route}` | {why} |" for route, why in NO_PAGES.items()]
    lines += [
        "",
        "A tool finds a part of what stands in people's way. Nobody who uses a screen reader has tried these"
        " pages yet. To run it again: `make accessibility` (brings axe-core by npm, some minutes). The quick"
        " tests look at each page in English and some in Arabic: `tests/browser/test_accessibility.py`.",
        "",
    ]
    return "\n".join(lines)
