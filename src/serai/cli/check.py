"""`serai check FILE`: all that is wrong with a file's messages, each with place, sentence and remedy."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from serai.cli.input_file import STANDARD_INPUT, InputPath, choose_format, open_input, read_input
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import (
    Output,
    OutputOption,
    Row,
    choose_output,
    print_json,
    print_json_end,
    print_json_part,
    print_rows,
)
from serai.formats.checkers import CHECKERS, StandardName
from serai.formats.registry import FORMATS, FormatName
from serai.foundation.clock import SystemClock
from serai.journey.clearance.sentences import sentence_of
from serai.laboratory.check_file import Checked, check_file
from serai.law.library import load_book
from serai.law.vague_words import VAGUE_WORDS, read_vague_words
from serai.model.errors import SeraiError
from serai.model.findings import Finding


def check(
    file: InputPath,
    /,
    *,
    format_: Annotated[
        FormatName | StandardName | None,
        Parameter(
            name="--format",
            help=f"A form of ours, else told by the file's name; or a standard: {', '.join(CHECKERS)}.",
        ),
    ] = None,
    kind: Annotated[
        str, Parameter(help="consignment, order, payment, transport-document or arrival.")
    ] = "consignment",
    edition: Annotated[
        str | None, Parameter(help="Of a standard whose messages do not name theirs (ics: old, new).")
    ] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Say everything that is wrong with the messages of a file, all at once; nothing is sent or kept.

    A fault keeps a message out, advice says what could be better. How many messages there were is said on
    standard error. Exit code 1 if there is a fault. Of a standard the file is one message; JSON is one object
    that says whether it is valid, and codes are the standard's own numbers where it has some.

    Parameters
    ----------
    file
        The file, or `-` for standard input (NDJSON unless --format says otherwise).
    """
    standard = next((name for name in CHECKERS if name == format_), None)
    if standard is not None:
        return _check_standard(file, standard, edition, choose_output(output))
    wanted = next((name for name in FORMATS if name == format_), None)
    form = choose_format(file, wanted or ("ndjson" if file == STANDARD_INPUT else None), kind)
    law_files = read_chosen_laws(laws)
    book, vague_words = load_book(law_files), read_vague_words(law_files.get(VAGUE_WORDS, b""))
    at_ms = int(SystemClock().now().timestamp() * 1000)
    chosen = choose_output(output)
    count = faulty_count = printed_count = 0
    with open_input(file) as source:
        for batch in check_file(source, form.name, kind, book=book, vague_words=vague_words, at_ms=at_ms):
            count += len(batch)
            faulty_count += sum(any(one.severity == "fault" for one in checked.findings) for checked in batch)
            rows = [row for checked in batch for row in _rows_of(checked)]
            if chosen == "table":
                _print_findings(rows)
            elif chosen == "ndjson":
                print_rows(rows, chosen)
            else:
                print_json_part(rows, is_first=not printed_count)
            printed_count += len(rows)
            sys.stdout.flush()
    if chosen == "json":
        print_json_end(is_empty=not printed_count)
    sys.stderr.write(f"{count:,} messages read, {faulty_count:,} with faults.\n")
    return 1 if faulty_count else 0


def _check_standard(file: Path, standard: StandardName, edition: str | None, output: Output) -> int:
    checker = CHECKERS[standard]
    if edition is not None and edition not in checker.editions:
        known = f"Editions are: {', '.join(checker.editions)}."
        next_step = known if checker.editions else "Leave --edition out."
        message = f"There is no edition {edition} of {standard}."
        raise SeraiError("standard-edition-unknown", message, next_step)
    chosen = {"edition": edition} if edition else {}
    findings = checker.check_message(read_input(file), **chosen)
    rows = [_row_of_standard(finding) for finding in findings]
    is_valid = all(finding.severity != "fault" for finding in findings)
    if output == "json":
        print_json({"valid": is_valid, "findings": rows})
    elif output == "ndjson":
        print_rows(rows, output)
    else:
        for row in rows:
            sys.stdout.write(f"{row['pointer']}: {row['code']} ({row['severity']})\n")
            sys.stdout.write(f"    {row['message']}\n    {row['remedy']}\n")
        sys.stdout.write("Valid.\n" if is_valid else "Not valid.\n")
    return 0 if is_valid else 1


def _row_of_standard(finding: Finding) -> dict[str, str]:
    said = sentence_of(finding)
    return {
        "code": finding.code,
        "pointer": finding.pointer,
        "severity": finding.severity,
        "message": said.sentence,
        "remedy": said.remedy,
    }


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
