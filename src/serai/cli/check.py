"""`serai check FILE`: all that is wrong with a file's messages, each with place, sentence and remedy."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.cli.choices import one_of
from serai.cli.input_file import InputPath, read_input
from serai.cli.law_folder import LawsOption
from serai.cli.output import Output, OutputOption, choose_output, print_json, print_rows
from serai.formats.registry import FORMATS
from serai.formats.standards import CHECKS
from serai.journey.finding_messages import sentence_of
from serai.model.errors import SeraiError
from serai.model.findings import Finding


def check(
    file: InputPath,
    /,
    *,
    format_: Annotated[
        str | None,
        one_of(
            (*FORMATS, *CHECKS),
            f"A form of ours, else told by the file's name; or a standard: {', '.join(CHECKS)}.",
            option="--format",
        ),
    ] = None,
    kind: Annotated[
        str, Parameter(help="consignment, order, payment, transport-document or arrival.")
    ] = "declaration",
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
    if format_ in CHECKS:
        return _check_standard(file, format_, edition, choose_output(output))
    # Law and columns take a second to load: a standard's message needs neither.
    from serai.cli.check_documents import check_documents  # noqa: PLC0415

    wanted = next((name for name in FORMATS if name == format_), None)
    return check_documents(file, wanted, kind, laws, choose_output(output))


def _check_standard(file: Path, standard: str, edition: str | None, output: Output) -> int:
    check = CHECKS[standard]
    if edition is not None and edition not in check.editions:
        known = f"Editions are: {', '.join(check.editions)}."
        next_step = known if check.editions else "Leave --edition out."
        message = f"There is no edition {edition} of {standard}."
        raise SeraiError("standard-edition-unknown", message, next_step)
    chosen = {"edition": edition} if edition else {}
    findings = check.find(read_input(file), **chosen)
    rows = [_row_of_standard(finding) for finding in findings]
    is_valid = all(finding.severity != "fault" for finding in findings)
    if output == "json":
        print_json({"valid": is_valid, "findings": rows})
    elif output == "ndjson":
        print_rows(rows, output)
    else:
        for row in rows:
            sys.stdout.write(f"{row['pointer']}: {row['code']} ({row['severity']})\n")
            sys.stdout.write(f"    {row['sentence']}\n    {row['remedy']}\n")
        sys.stdout.write("Valid.\n" if is_valid else "Not valid.\n")
    return 0 if is_valid else 1


def _row_of_standard(finding: Finding) -> dict[str, str]:
    said = sentence_of(finding)
    return {
        "code": finding.code,
        "pointer": finding.pointer,
        "severity": finding.severity,
        "sentence": said.sentence,
        "remedy": said.remedy,
    }
