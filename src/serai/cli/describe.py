"""`serai describe --input FILE`: do descriptions name goods, which words would do, which code is meant?"""

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import open_input
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import (
    OutputOption,
    choose_output,
    print_json_end,
    print_json_part,
    print_table,
)
from serai.journey.descriptions.description import CodeCheck
from serai.laboratory.describe_file import DESCRIPTION_FORMS, DescribedLine, DescriptionForm, describe_file

_TABLE_COLUMNS = ("line", "text", "vague", "terms", "suggestions", "hs", "declared")
_NOT_READ = "description-not-read"


def describe(
    *,
    input_: Annotated[
        Path, Parameter(name="--input", allow_leading_hyphen=True, help="The file, or - for standard input.")
    ],
    format_: Annotated[
        DescriptionForm | None,
        Parameter(
            name="--format", help="Else told by the file's name: .csv, .ndjson, .jsonl; others are text."
        ),
    ] = None,
    column: Annotated[
        str | None, Parameter(help="That holds the description; else description, term, text, or the first.")
    ] = None,
    language: Annotated[
        Literal["en", "de", "fr", "es", "zh"] | None,
        Parameter(help="Of the words that are suggested; else that of each description."),
    ] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Say of each goods description whether it is vague, which words would do, and its likely codes.

    A description a line, or a column of a table; a column commodity_code is compared with what is described.
    Nothing is sent or kept, and nothing is fetched. How many there were is said on standard error. Exit code
    1 if one is vague, has a doubtful code, or could not be read.
    """
    form = format_ or DESCRIPTION_FORMS.get(input_.suffix.lower(), "text")
    chosen = choose_output(output)
    count = vague_count = doubtful_count = unread_count = printed_count = 0
    law_files = read_chosen_laws(laws)
    with open_input(input_) as source:
        for batch in describe_file(source, form, law_files=law_files, column=column, language=language):
            if chosen == "ndjson":
                sys.stdout.write("".join(map(_json_line, batch)))
            elif chosen == "json":
                print_json_part([_row(one) for one in batch], is_first=not printed_count)
            else:
                print_table([_table_row(one) for one in batch], _TABLE_COLUMNS)
            sys.stdout.flush()
            printed_count += len(batch)
            count += len(batch)
            answers = [one.answer for one in batch if one.answer]
            unread_count += len(batch) - len(answers)
            vague_count += sum(one.vague for one in answers)
            doubtful_count += sum(
                one.declared is not None and one.declared.verdict == "doubtful" for one in answers
            )
    if chosen == "json":
        print_json_end(is_empty=not printed_count)
    sys.stderr.write(
        f"{count:,} descriptions, {vague_count:,} vague, {doubtful_count:,} with a doubtful code, "
        f"{unread_count:,} not read.\n"
    )
    return 1 if vague_count or doubtful_count or unread_count else 0


def _row(one: DescribedLine) -> dict[str, Any]:
    if one.answer is None:
        return {"line": one.line, "text": one.text, "problem": _NOT_READ}
    return {"line": one.line, "text": one.text, **msgspec.structs.asdict(one.answer)}


def _json_line(one: DescribedLine) -> str:
    return f"{msgspec.json.encode(_row(one)).decode()}\n"


def _table_row(one: DescribedLine) -> dict[str, Any]:
    if one.answer is None:
        return {"line": one.line, "text": _NOT_READ}
    answer = one.answer
    return {
        "line": one.line,
        "text": one.text,
        "vague": answer.vague,
        "terms": answer.terms,
        "suggestions": answer.suggestions,
        "hs": [f"{likely.code} {likely.score:.2f}" for likely in answer.hs[:1]],
        "declared": _listed(answer.declared) if answer.declared else None,
    }


def _listed(declared: CodeCheck) -> str:
    return (
        f"{declared.verdict}, {declared.suggestion.code}?" if declared.suggestion else str(declared.verdict)
    )
