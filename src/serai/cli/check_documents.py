"""`serai check` of messages in our own forms: read, held against rules and law, a finding a row."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serai.cli.input_file import STANDARD_INPUT, choose_format, open_input
from serai.cli.law_folder import read_chosen_laws
from serai.cli.output import Output, Row, print_json_end, print_json_part, print_rows
from serai.formats.registry import FormatName
from serai.foundation.clock import SystemClock
from serai.journey.finding_messages import sentence_of
from serai.laboratory.check_file import Checked, check_file
from serai.law.library import load_book
from serai.law.vague_words import VAGUE_WORDS, read_vague_words


def check_documents(
    file: Path, wanted: FormatName | None, kind: str, laws: Path | None, output: Output
) -> int:
    """Print what is wrong with the file's messages and count them; 1 if there is a fault, else 0.

    wanted: the form; None: told by the file's name, NDJSON for standard input.
    """
    form = choose_format(file, wanted or ("ndjson" if file == STANDARD_INPUT else None), kind)
    law_files = read_chosen_laws(laws)
    book, vague_words = load_book(law_files), read_vague_words(law_files.get(VAGUE_WORDS, b""))
    at_ms = int(SystemClock().now().timestamp() * 1000)
    count = faulty_count = printed_count = 0
    with open_input(file) as source:
        for batch in check_file(source, form.name, kind, book=book, vague_words=vague_words, at_ms=at_ms):
            count += len(batch)
            faulty_count += sum(any(one.severity == "fault" for one in checked.findings) for checked in batch)
            rows = [row for checked in batch for row in _rows_of(checked)]
            if output == "table":
                _print_findings(rows)
            elif output == "ndjson":
                print_rows(rows, output)
            else:
                print_json_part(rows, is_first=not printed_count)
            printed_count += len(rows)
            sys.stdout.flush()
    if output == "json":
        print_json_end(is_empty=not printed_count)
    sys.stderr.write(f"{count:,} messages read, {faulty_count:,} with faults.\n")
    return 1 if faulty_count else 0


def _print_findings(rows: Sequence[Row]) -> None:
    """Print each finding as a few lines: where and which, what is wrong, what to do."""
    for row in rows:
        place = " ".join(filter(None, (f"line {row['line']}", row["reference"], row["pointer"])))
        sys.stdout.write(f"{place}: {row['code']} ({row['severity']})\n")
        sys.stdout.write(f"    {row['sentence']}\n    {row['remedy']}\n")


def _rows_of(checked: Checked) -> list[dict[str, Any]]:
    rows = []
    for finding in checked.findings:
        said = sentence_of(finding)
        rows.append(
            {
                "line": checked.line,
                "reference": checked.reference,
                "pointer": finding.pointer,
                "code": finding.code,
                "severity": finding.severity,
                "sentence": said.sentence,
                "remedy": said.remedy,
                "parameters": finding.parameters,
                "law_ref": finding.law_ref,
            }
        )
    return rows
