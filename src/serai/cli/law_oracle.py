"""`serai law oracle`: our tax lines next to those of published customs scenarios."""

from pathlib import Path

import msgspec

from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_json, print_rows, print_table
from serai.laboratory.oracle.comparing import RESULTS, hold_against, report
from serai.laboratory.oracle.scenarios import read_scenarios


def oracle(folder: Path, /, *, laws: LawsOption = None, output: OutputOption = None) -> int:
    """Compute the tax lines of customs scenarios from their declarations and compare them line by line.

    Rates are those that each answer states; bases, order and rounding are the law's. A scenario is `matched`,
    `differs` or is `out_of_scope`, each with its reasons. Exit code 1 if one differs.

    Parameters
    ----------
    folder
        With `scenarios.csv`, `tax_lines.csv` and the requests that they name.
    """
    files = read_chosen_laws(laws)
    results = [hold_against(scenario, files) for scenario in read_scenarios(folder)]
    chosen = choose_output(output)
    if chosen == "json":
        print_json(report(results))
    elif chosen == "ndjson":
        print_rows([msgspec.to_builtins(one) for one in results], chosen)
    else:
        counts = ("matched_of_nothing", "northern", "northern_matched")
        print_table([report(results)], (*RESULTS, *counts, "lines_compared", "lines_matched", "lines_given"))
        rows = [
            {"scenario": one.scenario, "result": one.result, "why": [*one.reasons, *one.notes]}
            for one in results
        ]
        print_table([{}, *rows], ("scenario", "result", "why"))
    return 1 if any(one.result == "differs" for one in results) else 0
