"""How well the readers judge messages of others, in halves that a hash makes.

`python -m tools.halves ../shared/reference > docs/reference/halves.md`. Who changes a reader looks at
messages of the first half alone, and measures on the second.
"""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from serai.formats.cds.check import check_message as check_cds
from serai.formats.ceb.check import check_message as check_ceb
from serai.model.findings import Finding

from tools.cds_messages import files_of
from tools.epcis_report import read_verdicts
from tools.ics_report import is_as_expected, read_cases

FIRST, SECOND = "first", "second"
SETS: dict[str, Callable[[Path], Iterator[tuple[str, bool]]]] = {
    "EPCIS, labelled valid or invalid": lambda folder: _epcis(folder / "epcis"),
    "ICS, the errors that rules and schema raise": lambda folder: _ics(folder / "ics"),
    "CEB, published as valid": lambda folder: _ceb(folder / "ceb"),
    "CDS, published as sent or received": lambda folder: _cds(folder / "cds"),
}


def half_of(name: str) -> str:
    """Say in which half a message is, by the name that its set gives it."""
    return FIRST if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else SECOND


def _epcis(folder: Path) -> Iterator[tuple[str, bool]]:
    for one in read_verdicts(folder):
        yield one.file, one.expected == one.got


def _ics(folder: Path) -> Iterator[tuple[str, bool]]:
    for case in read_cases(folder):
        yield case.id, is_as_expected(case)


def _ceb(folder: Path) -> Iterator[tuple[str, bool]]:
    for path in sorted((folder / "2018" / "samples").rglob("*.xml")):
        yield path.name, _is_sound(check_ceb(path.read_bytes()))


def _cds(folder: Path) -> Iterator[tuple[str, bool]]:
    for path in files_of(folder):
        if path.suffix.lower() == ".xml":
            yield path.relative_to(folder).as_posix(), _is_sound(check_cds(path.read_bytes()))


def _is_sound(findings: Iterable[Finding]) -> bool:
    return all(one.severity != "fault" for one in findings)


def build_page(folder: Path) -> str:
    """Write the page."""
    rows = []
    for title, judge in SETS.items():
        total: Counter[str] = Counter()
        right: Counter[str] = Counter()
        for name, is_right in judge(folder):
            total[half_of(name)] += 1
            right[half_of(name)] += is_right
        figures = " | ".join(
            f"{total[half]:,} | {right[half]:,} | {right[half] / total[half]:.3f}" for half in (FIRST, SECOND)
        )
        rows.append(f"| {title} | {figures} |")
    return "\n".join(
        [
            "<!-- Written by `python -m tools.halves ../shared/reference`: change the code, then run it. -->",
            "# Halves",
            "",
            "Messages of others, judged in two halves by a hash of their names. The rules are stated from",
            "the standards and nothing is fitted to messages, but both halves were at hand while the readers",
            "were written: neither is unseen. A rule that fits one half alone would show here. Descriptions,",
            "whose weights are trained, have texts that were held out: [Descriptions](descriptions.md).",
            "",
            "| set | first half | right | share | second half | right | share |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            "EPCIS that is judged otherwise is XML whose elements are jumbled, which the schema forbids.",
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(build_page(Path(sys.argv[1])))
