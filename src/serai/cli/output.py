"""What commands print: a table for people, JSON or NDJSON for programs; the same facts in each."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from serai.foundation.http.problems import InputFaultyError
from serai.laboratory.output_file import writing_to
from serai.model.errors import SeraiError

Output = Literal["table", "json", "ndjson"]
OutputOption = Annotated[
    Output | None,
    Parameter(name="--output", help="Form of the output; a table on a terminal, otherwise JSON."),
]
Row = Mapping[str, Any]


def choose_output(wanted: Output | None) -> Output:
    """Return the form asked for; without one a table on a terminal and JSON elsewhere."""
    return wanted or ("table" if sys.stdout.isatty() else "json")


def print_rows(rows: Sequence[Row], output: Output, columns: Sequence[str] | None = None) -> None:
    """Print rows of equal fields.

    columns: the fields that a table shows, in order; without them all. JSON always holds all.
    """
    if output == "table":
        print_table(rows, columns or list(rows[0] if rows else ()))
    elif output == "json":
        print_json(list(rows))
    else:
        for row in rows:
            sys.stdout.write(f"{_json(row)}\n")


def print_facts(facts: Row, output: Output) -> None:
    """Print one thing: a table of name and value, or one JSON object."""
    if output == "table":
        print_table([{"": _words(name), " ": value} for name, value in facts.items()], ("", " "))
    elif output == "json":
        print_json(facts)
    else:
        sys.stdout.write(f"{_json(facts)}\n")


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    sys.stdout.write(f"{msgspec.json.format(_json(value), indent=2)}\n")


def print_json_part(rows: Sequence[Row], *, is_first: bool) -> None:
    """Print some of the rows of one JSON array, as `print_json` prints all; `print_json_end` closes it."""
    for number, row in enumerate(rows):
        indented = msgspec.json.format(_json(row), indent=2).replace("\n", "\n  ")
        sys.stdout.write(f"{'[' if is_first and not number else ','}\n  {indented}")


def print_json_end(*, is_empty: bool) -> None:
    """Close an array of rows."""
    sys.stdout.write("[]\n" if is_empty else "\n]\n")


def print_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Print the columns of the rows as a table whose cells break into lines rather than being cut."""
    table = Table(box=None, pad_edge=False, show_header=any(map(str.strip, columns)), header_style="bold")
    for column in columns:
        table.add_column(_words(column), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console().print(table)


def print_error(fault: SeraiError, output: Output) -> None:
    """Say on standard error what failed and what to do: a line, one for each fault, or a problem object."""
    faults = fault.faults if isinstance(fault, InputFaultyError) else ()
    if output == "table":
        sys.stderr.write(f"{fault.code}: {fault.message} {fault.next_step}\n")
        for one in faults:
            sys.stderr.write(f"{one.pointer}: {one.code}: {one.sentence} {one.remedy}\n")
    else:
        problem: dict[str, object] = {
            "code": fault.code,
            "detail": fault.message,
            "next_step": fault.next_step,
        }
        if faults:
            problem["errors"] = faults
        sys.stderr.write(f"{_json(problem)}\n")


def write_text(path: Path, text: str) -> None:
    """Write a file that was asked for beside the answer. Raises SeraiError `output-unwritable`."""
    with writing_to(path):
        path.write_text(text, encoding="utf-8")


def console() -> Console:
    """Return a console over the present standard output, which prints what it is given and no markup."""
    return Console(file=sys.stdout, markup=False, highlight=False, emoji=False)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "\n".join(map(_cell, value))
    return str(value)
