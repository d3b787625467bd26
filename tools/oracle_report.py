"""The page that holds our tax lines against those of published customs scenarios.

`python -m tools.oracle_report ../shared/reference/cds > docs/reference/oracle.md`
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.oracle.comparing import ScenarioResult, hold_against, report
from serai.laboratory.oracle.scenarios import read_scenarios

TEXT = """# Our tax lines next to those of the customs service

Written by `tools/oracle_report.py`; `serai law oracle DIR` gives the same with every line.

HMRC publishes scenarios of its customs declaration service: a declaration, and the tax lines that it answers.
Rates are those that the answer states, and so is an excise. From them and the declaration the shipped law of
Great Britain, or for goods to Northern Ireland that of Northern Ireland (`XI-2026`), computes each line: what
the base is, what comes into it, in which order, and how it is rounded. Base and amount are compared to the
penny, line by line. The method knows codes of procedures and charges and no scenario by its name.

| of {total} scenarios | | to Northern Ireland, {northern} | figures follow from rates, {consistent} |
|---|---|---|---|
| matched | {matched} | {northern_matched} | {consistent_matched} |
| of these, every amount is nothing | {matched_of_nothing} | {northern_matched_of_nothing} | |
| differs | {differs} | {northern_differs} | {consistent_differs} |
| out of scope | {out_of_scope} | | {consistent_out} |

Where every amount is nothing the match proves the base and no amount: those are counted apart.

{lines_compared} lines are compared, {lines_matched} of them are the same. {lines_given} more were given: an
excise, or a duty by quantity for which the answer states no rate. They prove nothing themselves; the tax that
rests on them does.

Where base and rate of a stated line come to no whole penny, it shows how the service rounds. Of such lines,
in earlier answers too, {roundings[down]} can only be cut down, {roundings[half_up]} only rounded half up,
{roundings[either]} are either and {roundings[neither]} neither. All are tax on import: the published duties
come to whole pence, and show nothing of how duty is rounded.

## Why a scenario differs

{why_differs}

## Why a scenario is out of scope

{why_out}

## What was taken otherwise than declared

{notes}

## Matched

{names}

Every amount is nothing: {names_of_nothing}
"""


def main() -> None:
    """Print the page."""
    files = read_law_files(find_shipped("laws"))
    sys.stdout.write(build_page([hold_against(one, files) for one in read_scenarios(Path(sys.argv[1]))]))


def build_page(results: Sequence[ScenarioResult]) -> str:
    """Write results as a page: counts, reasons and figures, none of the scenarios' own text."""
    facts = report(results)
    consistent = [one.result for one in results if one.is_consistent]
    return TEXT.format(
        **{name: value for name, value in facts.items() if name != "scenarios"},
        total=len(results),
        northern_differs=facts["northern"] - facts["northern_matched"],
        consistent_differs=consistent.count("differs"),
        consistent_out=consistent.count("out_of_scope"),
        why_differs="\n".join(
            f"- {one.scenario}: {'; '.join(one.reasons)}." for one in results if one.result == "differs"
        ),
        why_out=_by_reason((one.scenario, one.reasons) for one in results if one.result == "out_of_scope")
        or "None is.",
        notes=_by_reason(
            (one.scenario, one.notes) for one in results if one.result != "out_of_scope" and one.notes
        ),
        names=_names(one for one in results if one.result == "matched" and not one.is_of_nothing),
        names_of_nothing=_names(one for one in results if one.result == "matched" and one.is_of_nothing),
    )


def _names(results: Iterable[ScenarioResult]) -> str:
    return ", ".join(one.scenario for one in results) + "."


def _by_reason(pairs: Iterable[tuple[str, Sequence[str]]]) -> str:
    names: dict[str, list[str]] = defaultdict(list)
    for scenario, reasons in pairs:
        for reason in reasons:
            names[reason].append(scenario)
    return "\n".join(
        f"- {reason}, {len(found)}: {', '.join(found)}" for reason, found in sorted(names.items())
    )


if __name__ == "__main__":
    main()
