"""What the checker says of each EPCIS message of the reference, beside the verdict it is labelled with.

`python -m tools.epcis_report ../shared/reference/epcis > docs/reference/formats/epcis.md`
"""

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from serai.formats.epcis.check import check_message
from serai.formats.epcis.event import Message
from serai.formats.epcis.read import read_message
from serai.formats.epcis.write_json import write_json
from serai.formats.epcis.write_xml import write_xml
from serai.model.findings import Finding

INTRODUCTION = Path(__file__).with_suffix(".md")


class Verdict(NamedTuple):
    """One file: its label, what we say, the faults, how many pieces of advice, and how writing it went."""

    file: str
    expected: str
    got: str
    faults: list[Finding]
    advice_count: int
    written: str


def read_verdicts(folder: Path) -> list[Verdict]:
    """Check every file of the index and write it again."""
    with (folder / "index.csv").open(encoding="utf-8", newline="") as lines:
        return [_verdict(folder, row["file"], row["label"]) for row in csv.DictReader(lines)]


def _verdict(folder: Path, file: str, label: str) -> Verdict:
    content = (folder / file).read_bytes()
    findings = check_message(content)
    faults = [one for one in findings if one.severity == "fault"]
    got = "invalid" if faults else "valid"
    return Verdict(file, label, got, faults, len(findings) - len(faults), _written(content))


def _written(content: bytes) -> str:
    """Say whether the events come back the same after being written as JSON and as XML."""
    message, _ = read_message(content)
    if not isinstance(message, Message):
        return ""
    for write in (write_json, write_xml):
        again, _ = read_message(write(message).content)
        if not isinstance(again, Message) or again.events != message.events:
            return "differs"
    return "same"


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(Path(sys.argv[1])))


def build_page(folder: Path) -> str:
    """Write the page."""
    verdicts = read_verdicts(folder)
    right = sum(one.expected == one.got for one in verdicts)
    counts = Counter(one.written for one in verdicts)
    invalid = [one for one in verdicts if one.expected == "invalid"]
    return "\n".join(
        [
            INTRODUCTION.read_text(encoding="utf-8").rstrip(),
            "",
            "## The reference messages",
            "",
            "Made by `tools/epcis_report.py` from the test messages of OpenEPCIS (Apache-2.0).",
            f"{len(verdicts)} files, {len(invalid)} of them labelled invalid: "
            f"**{right} get their verdict**. Of the {len(verdicts) - counts['']} that hold events and are",
            f"valid, {counts['same']} give the same events after being written as JSON and as XML and read",
            "again. Labelled valid and refused are XML files whose elements are jumbled: the schema has an",
            "order.",
            "",
            "### Labelled invalid, with everything we find",
            "",
            "| file | got | finding | place |",
            "|---|---|---|---|",
            *(_row(one, fault) for one in invalid for fault in one.faults),
            "",
            "### All files",
            "",
            "| file | expected | got | faults | advice | written and read again |",
            "|---|---|---|---|---|---|",
            *(
                f"| {_short(one.file)} | {one.expected} | {one.got} | {len(one.faults)} | {one.advice_count} "
                f"| {one.written} |"
                for one in verdicts
            ),
            "",
        ]
    )


def _row(verdict: Verdict, fault: Finding) -> str:
    page = f"[`{fault.code}`](../findings/{fault.code}.md)"
    return f"| {_short(verdict.file)} | {verdict.got} | {page} | `{fault.pointer}` |"


def _short(file: str) -> str:
    return file.removeprefix("events/").replace("/EPCIS/", "/")


if __name__ == "__main__":
    main()
