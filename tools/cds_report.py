"""Count how many of the reference's customs scenarios are read and which code puts the others outside scope.

`python tools/cds_report.py ../shared/reference/cds > docs/reference/cds-scenarios.md`
"""

import csv
import sys
from collections import Counter
from pathlib import Path

from serai.formats.wco_dec import decode_dec
from serai.formats.wco_dec_scope import OTHER_DECLARATION_TYPES, OTHER_DIRECTIONS, OTHER_PROCEDURES

MEANINGS = {**OTHER_PROCEDURES, **OTHER_DECLARATION_TYPES, **OTHER_DIRECTIONS}
SETS = ("plain", "oracle")


def main() -> None:
    """Print the page."""
    folder = Path(sys.argv[1])
    counts: Counter[tuple[str, str]] = Counter()
    named: dict[str, list[str]] = {}
    unread = 0
    with (folder / "scenarios.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            message, faults = decode_dec((folder / row["request_file"]).read_bytes())
            verdict = "read" if message else faults[0].parameters.get("code", "fault: " + faults[0].code)
            counts[row["set"], verdict] += 1
            named.setdefault(verdict, []).append(row["scenario"])
            unread += len(message.unread) if message else 0
    acts: Counter[str] = Counter()
    for path in sorted(folder.rglob("*")):
        message = decode_dec(path.read_bytes())[0] if path.suffix.lower() == ".xml" else None
        if message is not None and message.act != "original":
            acts[message.act] += 1
    sys.stdout.write(page(counts, named, unread, acts))


def page(
    counts: Counter[tuple[str, str]], named: dict[str, list[str]], unread: int, acts: Counter[str]
) -> str:
    """Write the figures as a page."""
    totals = {name: sum(count for (of, _), count in counts.items() if of == name) for name in SETS}
    rows = [
        f"| {verdict} | {MEANINGS.get(verdict, '')} | " + _cells(counts, verdict)
        for verdict in sorted(named, key=lambda verdict: (verdict != "read", verdict))
    ]
    lists = [f"- {verdict}: {', '.join(sorted(named[verdict]))}" for verdict in sorted(named)]
    later = ", ".join(f"{count} x {act}" for act, count in sorted(acts.items()))
    return "\n".join(
        [
            "# Customs scenarios that we read",
            "",
            "Made by `tools/cds_report.py` from the declarations that HMRC publishes with its customs",
            "declaration service. *read*: every element with text has a field in our documents. Otherwise",
            "the code that makes the declaration something other than an import into free circulation.",
            "",
            f"| code | meaning | plain, of {totals['plain']} | with tax lines, of {totals['oracle']} |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Elements of the read declarations that no field holds: {unread}. Later acts: {later}.",
            "TT_IM077a announces an amendment inside its presentation notice; the published file holds none.",
            "",
            *lists,
            "",
        ]
    )


def _cells(counts: Counter[tuple[str, str]], verdict: str) -> str:
    return " | ".join(str(counts[of, verdict]) for of in SETS) + " |"


if __name__ == "__main__":
    main()
