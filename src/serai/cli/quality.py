"""`serai quality FILE`: the data-quality score of each declaration, with what costs it points."""

import sys
from typing import Any

from serai.cli.input_file import STANDARD_INPUT, InputPath, choose_format, open_input
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_json_end, print_json_part, print_rows
from serai.formats.registry import FormatName
from serai.foundation.clock import SystemClock
from serai.laboratory.check_file import Checked, check_file
from serai.law.library import load_book
from serai.law.vague_words import VAGUE_WORDS, read_vague_words

_COLUMNS = ("line", "reference", "score", "costs")


def quality(
    file: InputPath,
    /,
    *,
    format_: FormatName | None = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Score the declarations of a file by the open formula, and say what costs each of them points.

    A declaration with a fault has no score, as it would not be taken. What is usual for a heading the server
    learns from what it takes; here it is not asked. The mean is said on standard error. Exit code 1 if a
    declaration has no score.

    Parameters
    ----------
    file
        The file, or `-` for standard input (NDJSON unless --format says otherwise).
    format_
        Else told by the file's name.
    """
    form = choose_format(file, format_ or ("ndjson" if file == STANDARD_INPUT else None), "declaration")
    law_files = read_chosen_laws(laws)
    book, vague_words = load_book(law_files), read_vague_words(law_files.get(VAGUE_WORDS, b""))
    at_ms = int(SystemClock().now().timestamp() * 1000)
    chosen = choose_output(output)
    scores: list[int] = []
    printed_count = 0
    with open_input(file) as source:
        batches = check_file(
            source, form.name, "declaration", book=book, vague_words=vague_words, at_ms=at_ms
        )
        for batch in batches:
            rows = [_row_of(checked) for checked in batch]
            scores += [checked.quality.score for checked in batch if checked.quality is not None]
            if chosen == "json":
                print_json_part(rows, is_first=not printed_count)
            else:
                print_rows(rows, chosen, _COLUMNS)
            printed_count += len(rows)
            sys.stdout.flush()
    if chosen == "json":
        print_json_end(is_empty=not printed_count)
    mean = f", mean score {sum(scores) // len(scores)} of 100" if scores else ""
    sys.stderr.write(f"{printed_count:,} declarations read, {len(scores):,} scored{mean}.\n")
    return 0 if len(scores) == printed_count else 1


def _row_of(checked: Checked) -> dict[str, Any]:
    scored = checked.quality
    faults = sorted({one.code for one in checked.findings if one.severity == "fault"})
    lost = scored.lost if scored else []
    return {
        "line": checked.line,
        "reference": checked.reference,
        "score": scored.score if scored else None,
        "asked_points": scored.asked_points if scored else None,
        "parts": scored.parts if scored else None,
        "lost": [{"code": one.code, "field": one.field, "points": one.points} for one in lost],
        "faults": faults,
        "costs": "\n".join(f"{one.points:g} {one.code}" for one in lost) or ", ".join(faults),
    }
