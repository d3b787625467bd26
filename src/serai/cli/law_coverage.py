"""`serai law coverage`: which rules of the law the worked examples reached, and which none did."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import read_input
from serai.cli.law_codes import choose_codes
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_json, print_rows, print_table
from serai.laboratory.law_bench.coverage import PackCoverage, cover_packs


def coverage(
    codes: Annotated[list[str] | None, Parameter(help="Packs; without one all.")] = None,
    /,
    *,
    cases: Annotated[
        list[Path] | None,
        Parameter(consume_multiple=True, help="Case files; without one the packs' own cases.yaml."),
    ] = None,
    least: Annotated[int, Parameter(help="Percent of rules that must be reached in all.")] = 0,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Say which rules the worked examples reached, and list with file and line what no example reached.

    Counted: dated values that a calculation read, charges that fell on something, rows of tables that gave
    the answer, reasons, requirements and exclusions that spoke, measures of the tariff that were found.
    Drafts and planned law are taken as in force. Exit code 1 below `--least`.
    """
    files = read_chosen_laws(laws)
    contents = None if cases is None else [read_input(path) for path in cases]
    covered = cover_packs(files, choose_codes(files, codes), contents)
    rules, reached = sum(len(one.rules) for one in covered), sum(one.reached_count for one in covered)
    percent = round(100 * reached / rules, 1) if rules else 100.0
    chosen = choose_output(output)
    if chosen == "json":
        print_json(
            {"rules": rules, "reached": reached, "percent": percent, "packs": [_row(one) for one in covered]}
        )
    elif chosen == "ndjson":
        print_rows([_row(one) for one in covered], chosen)
    else:
        _print_table(covered, f"{percent} %")
    return 1 if percent < least else 0


def _row(one: PackCoverage) -> dict[str, Any]:
    return {
        "code": one.code,
        "cases_count": one.cases_count,
        "rules_count": len(one.rules),
        "reached_count": one.reached_count,
        "rules": msgspec.to_builtins(one.rules),
    }


def _print_table(covered: Sequence[PackCoverage], percent: str) -> None:
    rows = [
        {
            "pack": one.code,
            "cases": one.cases_count,
            "rules": len(one.rules),
            "reached": one.reached_count,
            "share": f"{round(100 * one.reached_count / len(one.rules), 1)} %" if one.rules else None,
        }
        for one in covered
    ]
    print_table([*rows, {"pack": "all", "share": percent}], ("pack", "cases", "rules", "reached", "share"))
    unreached = [
        {"no case reached": rule.kind, "rule": rule.name, "where": f"{rule.file}:{rule.line}"}
        for one in covered
        for rule in one.unreached
    ]
    if unreached:
        print_table([{}, *unreached], ("no case reached", "rule", "where"))
