"""`serai law mutate`: would the worked examples notice if the law were written a little differently?"""

import os
from typing import Annotated

import msgspec
from cyclopts import Parameter

from serai.cli.law_codes import choose_codes
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_json, print_rows, print_table
from serai.laboratory.law_bench.mutation import PackScore, score_packs

_LEAST_PERCENT = 90


def mutate(
    codes: Annotated[list[str] | None, Parameter(help="Packs; without one all.")] = None,
    /,
    *,
    least: Annotated[int, Parameter(help="Percent of changes that must be noticed in all.")] = _LEAST_PERCENT,
    laws: LawsOption = None,
    workers: Annotated[int | None, Parameter(help="Worker processes; without it one for each core.")] = None,
    output: OutputOption = None,
) -> int:
    """Change a pack a little, in one place at a time, and see whether a worked example fails.

    Changed are values, days, comparisons, limbs of conditions, debtors, reliefs, forms and exclusions.

    What nobody notices is listed: a case at that edge is missing. Exit code 1 below `--least`.
    """
    files = read_chosen_laws(laws)
    chosen = choose_output(output)
    scores = []
    workers_count = workers or len(os.sched_getaffinity(0))
    for score in score_packs(files, choose_codes(files, codes), workers_count=workers_count):
        scores.append(score)
        if chosen == "ndjson":
            print_rows([_row(score)], chosen)
    mutants, noticed = sum(s.mutant_count for s in scores), sum(s.noticed_count for s in scores)
    percent = round(100 * noticed / mutants, 1) if mutants else 100.0
    if chosen == "json":
        print_json(
            {"mutants": mutants, "noticed": noticed, "percent": percent, "packs": [_row(s) for s in scores]}
        )
    elif chosen == "table":
        _print_table(scores, percent)
    return 1 if percent < least else 0


def _row(score: PackScore) -> dict[str, object]:
    facts: dict[str, object] = msgspec.to_builtins(score)
    return facts | {
        "mutant_count": score.mutant_count,
        "noticed_count": score.noticed_count,
        "score": score.score,
    }


def _print_table(scores: list[PackScore], percent: float) -> None:
    rows = [
        {
            "pack": s.code,
            "cases": s.cases_count,
            "changes": s.mutant_count,
            "noticed": s.noticed_count,
            "score": s.score,
        }
        for s in scores
    ]
    print_table(
        [*rows, {"pack": "all", "score": f"{percent} %"}], ("pack", "cases", "changes", "noticed", "score")
    )
    survivors = [
        {"pack": s.code, "not noticed": one.place, "change": one.change}
        for s in scores
        for one in s.survivors
    ]
    if survivors:
        print_table([{}, *survivors], ("pack", "not noticed", "change"))
