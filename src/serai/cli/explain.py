"""`serai explain FILE`: the whole calculation of the consignments of a file, each step with its law."""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from cyclopts import Parameter

from serai.cli.decide import read_lists_folder
from serai.cli.input_file import choose_format, open_input
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import Output, OutputOption, console, print_json, print_table
from serai.explanation.sentences import sentences
from serai.explanation.side_by_side import SideBySide, side_by_side
from serai.explanation.steps import Explanation, Step
from serai.formats.registry import FormatName
from serai.journey.screening.lists import Lists
from serai.laboratory.decide_file import Setup, book_of, load_lists
from serai.laboratory.explain_file import explain_file
from serai.law.book import LawBook
from serai.model.errors import SeraiError


def explain(
    file: Path,
    /,
    *,
    at: Annotated[
        str, Parameter(help="Day on which the consignments count as accepted, such as 2026-07-01.")
    ],
    against: Annotated[
        str | None, Parameter(help="A second day: both calculations side by side, this one on the right.")
    ] = None,
    known: Annotated[
        str | None,
        Parameter(help="Law made or annulled backwards as known on this day, not on that of acceptance."),
    ] = None,
    reference: Annotated[str | None, Parameter(help="Only the consignment with this reference.")] = None,
    item: Annotated[int | None, Parameter(help="Only the goods item with this sequence number.")] = None,
    depth: Annotated[int, Parameter(help="How many levels of steps a table shows.")] = 3,
    format_: Annotated[
        FormatName | None, Parameter(name="--format", help="Else told by the file's name.")
    ] = None,
    lists: Annotated[
        Path | None, Parameter(help="Folder of lists to count with, as for `serai decide`.")
    ] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Explain how duty and tax of the consignments of a file come about: every step, its figures and its
    law.

    Nothing is stored. JSON holds every step; a table shows the first levels. Exit code 1 if something is
    missing before a calculation is complete.

    Parameters ---------- file The file, or `-` for standard input (with --format).
    """
    chosen: Output = output or ("table" if sys.stdout.isatty() else "json")
    form = choose_format(file, format_, "declaration").name
    law = _load(laws, lists, None if known is None else _read_day(known))
    first = _explain(file, form, _read_day(at), law, reference)
    if against is None:
        _print(first, chosen, depth, item)
        return 1 if any(one.needed for one in first) else 0
    second = _explain(file, form, _read_day(against), law, reference)
    shown = [(_only(a, item), _only(b, item)) for a, b in zip(first, second, strict=True)]
    pairs = [(a, b, side_by_side(a, b)) for a, b in shown]
    if chosen == "table":
        for a, b, compared in pairs:
            _print_beside(a, b, compared)
    else:
        _print_data([compared for _, _, compared in pairs], chosen)
    return 1 if any(one.needed for one in (*first, *second)) else 0


class _Law(NamedTuple):
    """What is explained by: packs with their lists, and the lists of screening."""

    book: LawBook
    lists: Lists


def _load(laws: Path | None, lists: Path | None, known_on: date | None) -> _Law:
    files = read_chosen_laws(laws)
    list_files = {} if lists is None else read_lists_folder(lists)
    book = book_of(Setup(law_files=files, list_files=list_files, law=None, at_ms=0), known_on=known_on)
    return _Law(book, load_lists(files, list_files) if list_files else Lists.empty())


def _explain(file: Path, form: FormatName, day: date, law: _Law, reference: str | None) -> list[Explanation]:
    with open_input(file) as source:
        return list(
            explain_file(source, form, accepted_on=day, book=law.book, lists=law.lists, reference=reference)
        )


def _only(explanation: Explanation, item: int | None) -> Explanation:
    return explanation if item is None else explanation.only_item(item)


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise SeraiError("at-unreadable", f"{text[:40]} is no day.", "Write it as 2026-07-01.") from fault


def _print(explanations: list[Explanation], output: Output, depth: int, item: int | None) -> None:
    if output != "table":
        _print_data([_only(one, item) for one in explanations], output)
        return
    for explanation in explanations:
        console().print(explanation.reference or "", style="bold")
        for sentence in sentences(explanation):
            sys.stdout.write(f"{sentence}\n")
        for step in _only(explanation, item).sections():
            sys.stdout.write("\n")
            _print_step(step, 0, depth)


def _print_data(values: Iterable[msgspec.Struct], output: Output) -> None:
    if output == "json":
        print_json([msgspec.to_builtins(value) for value in values])
        return
    for value in values:
        sys.stdout.write(f"{msgspec.json.encode(value).decode()}\n")


def _print_step(step: Step, level: int, depth: int) -> None:
    indent = "  " * level
    sys.stdout.write(f"{indent}{step.meaning}: {step.result}{_how(step)}{_where(step)}\n")
    if step.needed:
        sys.stdout.write(f"{indent}  Needed: {step.needed}\n")
    if level + 1 < depth:
        for child in step.children:
            _print_step(child, level + 1, depth)


def _how(step: Step) -> str:
    """Return the figures of a step, what came out before rounding, and how it was rounded."""
    if not step.filled or step.filled == step.result:
        return ""
    exact = f" = {step.exact}, {step.rounding}" if step.exact and step.rounding else ""
    return f" = {step.filled}{exact}"


def _where(step: Step) -> str:
    """Return law, publication or place in the document: the first that there is."""
    where = step.law_ref or step.pointer or step.source
    return f"  [{where}]" if where else ""


def _print_beside(a: Explanation, b: Explanation, compared: SideBySide) -> None:
    left, right = a.law_on or "a", b.law_on or "b"
    console().print(b.reference or "", style="bold")
    rows = [
        {
            "figure": row.meaning,
            left: row.a,
            right: row.b,
            "law": row.b_law_ref
            if row.a_law_ref == row.b_law_ref
            else f"{row.a_law_ref or '-'}\n{row.b_law_ref or '-'}",
        }
        for row in compared.figures
        if row.a != row.b or row.a_law_ref != row.b_law_ref
    ]
    print_table(rows, ("figure", left, right, "law"))
