"""`serai screen --input FILE --list FILE`: who of a file is on lists of denied parties, in any spelling?"""

import os
import sys
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import open_input, read_input
from serai.cli.output import OutputOption, choose_output, print_json_end, print_json_part, print_table
from serai.laboratory.screen_file import ScreenedLine, ScreenForm, read_lists, screen_file

_COLUMNS = ("line", "status", "list", "entry", "name", "score", "programmes")


def screen(
    *,
    input_: Annotated[
        Path, Parameter(name="--input", allow_leading_hyphen=True, help="The file, or - for standard input.")
    ],
    lists: Annotated[
        list[Path],
        Parameter(name="--list", help="A list of denied parties as published; several if wanted."),
    ],
    format_: Annotated[
        ScreenForm | None,
        Parameter(name="--format", help="Else by the file's name: .csv; others are NDJSON."),
    ] = None,
    workers: Annotated[int | None, Parameter(help="Processes; else one for each processor.")] = None,
    output: OutputOption = None,
) -> int:
    """Look names up on lists of denied parties, an answer a line, in the order of the file.

    A line says name and, if known, kind (person, organisation, vessel, aircraft), country, birth_year and
    identity_number. Lists: of the UN, OFAC (CSV, XML), the EU, the UK, BIS, OpenSanctions, or a plain CSV;
    OFAC's sdn.csv, alt.csv and add.csv are given each. Nothing is sent or kept. How many there were is said
    on standard error. Exit code 1 if somebody could be on a list, or a line could not be read.
    """
    form: ScreenForm = format_ or ("csv" if input_.suffix.lower() == ".csv" else "ndjson")
    chosen = choose_output(output)
    screener = read_lists({str(path): read_input(path) for path in lists})
    count = hit_count = unread_count = 0
    with open_input(input_) as source:
        for part in screen_file(
            source, form, screener, workers_count=workers or len(os.sched_getaffinity(0))
        ):
            if chosen == "ndjson":
                sys.stdout.buffer.write(b"".join(msgspec.json.encode(one) + b"\n" for one in part.answers))
                sys.stdout.buffer.flush()
            elif chosen == "json":
                print_json_part([msgspec.to_builtins(one) for one in part.answers], is_first=not count)
            else:
                print_table([row for one in part.answers for row in _rows(one)], _COLUMNS)
            count += len(part.answers)
            hit_count += part.hit_count
            unread_count += part.unread_count
    if chosen == "json":
        print_json_end(is_empty=not count)
    sys.stderr.write(
        f"{count:,} names against {len(screener.entries):,} entries, {hit_count:,} could be on a list, "
        f"{unread_count:,} not read.\n"
    )
    return 1 if hit_count or unread_count else 0


def _rows(one: ScreenedLine) -> list[dict[str, object]]:
    if not one.hits:
        return [{"line": one.line, "status": one.status, "name": one.message}]
    return [
        {
            "line": one.line,
            "status": one.status,
            "list": hit.list,
            "entry": hit.entry,
            "name": hit.name,
            "score": hit.score,
            "programmes": hit.programmes,
        }
        for hit in one.hits
    ]
