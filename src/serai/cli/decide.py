"""`serai decide FILE`: consignments in, decisions out; a pipe without a database."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import STANDARD_INPUT, InputPath, choose_format, open_input, unreadable
from serai.cli.instant import read_instant_ms
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import Output, OutputOption, print_table
from serai.formats.registry import FormatName
from serai.laboratory.decide_file import Decided, Setup, decide_blocks, read_blocks

_COLUMNS = ("reference", "lane", "law", "duty", "tax", "fee", "why")


def decide(
    file: InputPath,
    /,
    *,
    law: Annotated[str, Parameter(help="A base law's code, or auto for what is in force.")] = "auto",
    at: Annotated[
        str | None, Parameter(help="Now: a day (noon UTC is meant) or an instant with its offset.")
    ] = None,
    format_: Annotated[
        FormatName | None, Parameter(name="--format", help="Else told by the file's name.")
    ] = None,
    lists: Annotated[
        Path | None,
        Parameter(help="Folder of tariff*, exchange-rates*, scheme-register*, denied-parties*."),
    ] = None,
    laws: LawsOption = None,
    workers: Annotated[int | None, Parameter(help="Worker processes; without it one for each core.")] = None,
    output: OutputOption = None,
) -> int:
    """Decide the consignments of a file and print one answer for each, in the order of the file.

    Decisions are NDJSON unless a table or JSON is asked for; on a terminal a table. How many there were is
    said on standard error. Exit code 1 if a consignment could not be decided because of a fault in it.

    Parameters
    ----------
    file
        The file, or `-` for standard input (NDJSON unless --format says otherwise).
    """
    chosen: Output = output or ("table" if sys.stdout.isatty() else "ndjson")
    is_standard_input = file == STANDARD_INPUT
    form = choose_format(file, format_ or ("ndjson" if is_standard_input else None), "declaration")
    setup = Setup(
        law_files=read_chosen_laws(laws),
        list_files={} if lists is None else read_lists_folder(lists),
        law=None if law == "auto" else law,
        at_ms=read_instant_ms(at),
    )
    with open_input(file) as source:
        blocks = read_blocks(source, form.name)
        decided = decide_blocks(setup, blocks, workers_count=workers or len(os.sched_getaffinity(0)))
        rejected_count = _print_decisions(decided, chosen)
    return 1 if rejected_count else 0


def _print_decisions(parts: Iterable[Decided], output: Output) -> int:
    """Print as the parts come; return how many consignments were rejected."""
    decided_count = rejected_count = items_count = 0
    separator = b"["
    out = sys.stdout.buffer
    for part in parts:
        if output == "ndjson":
            out.write(part.answers)
        elif output == "json":
            # No answer has a line end within it: JSON escapes them.
            out.write(separator + part.answers[:-1].replace(b"\n", b",\n"))
            separator = b",\n"
        else:
            print_table([_table_row(line) for line in part.answers.splitlines()], _COLUMNS)
        out.flush()
        decided_count += part.decided_count
        rejected_count += part.rejected_count
        items_count += part.goods_items_count
    if output == "json":
        out.write(b"]\n" if separator == b",\n" else b"[]\n")
        out.flush()
    sys.stderr.write(
        f"{decided_count:,} consignments with {items_count:,} goods items decided, "
        f"{rejected_count:,} rejected for faults.\n"
    )
    return rejected_count


def _table_row(line: bytes) -> dict[str, Any]:
    answer = msgspec.json.decode(line)
    decision = answer.get("decision", {})
    totals = decision.get("totals", {})
    reasons = [one["code"] for one in decision.get("reasons", ())]
    for item in decision.get("goods_items", ()):
        reasons += [one["code"] for one in item.get("reasons", ())]
    faults = [f"{finding['code']} {finding['pointer']}" for finding in answer.get("findings", ())]
    return {
        "reference": answer["reference"],
        "lane": decision.get("lane", answer["status"]),
        "law": decision["law"][0]["code"] if "law" in decision else "",
        "duty": _with_currency(totals.get("duty_amount"), decision),
        "tax": _with_currency(totals.get("tax_amount"), decision),
        "fee": _with_currency(totals.get("fee_amount"), decision),
        "why": list(dict.fromkeys([*reasons, *faults])),
    }


def _with_currency(amount: str | None, decision: dict[str, Any]) -> str | None:
    return amount and f"{decision['currency_code']} {amount}"


def read_lists_folder(folder: Path) -> dict[str, bytes]:
    """Read the files of a folder of lists, by name. Raises SeraiError `input-unreadable`."""
    try:
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    except OSError as fault:
        raise unreadable(folder, fault) from fault
