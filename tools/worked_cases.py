"""How many worked examples of the regimes pass, which words differ, and in which ways each goes in.

`python -m tools.worked_cases ../shared/regimes > docs/reference/worked-cases.md`
"""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.running import CaseResult, run_case

FILES = ("cases-east-asia.yaml", "cases-europe-americas.yaml", "cases-pacific-africa-gulf.yaml")
_RESULTS = ("passed", "failed", "no_law")


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(Path(sys.argv[1])))


def build_page(folder: Path) -> str:
    """Write the figures as a page."""
    law_files = read_law_files(find_shipped("laws"))
    cases = {name: read_cases((folder / name).read_bytes()) for name in FILES}
    results = {name: [(case, run_case(case, law_files)) for case in found] for name, found in cases.items()}
    everything = [one for found in results.values() for one in found]
    return PAGE.format(
        files="\n".join(f"| {name} | {_counts(found)} |" for name, found in results.items()),
        regimes="\n".join(_by_regime(everything)),
        wording="\n".join(f"- {result.id}: {one}" for _, result in everything for one in result.wording),
    )


PAGE = """# Worked examples that pass

Made by `tools/worked_cases.py`. A worked example states a parcel, the rates of its day and every figure that
follows. One passes when every figure agrees to the minor unit. `no_law`: there is no pack of its regime. To
run them: `serai law test --cases FILE`.

| file | passed | failed | no_law |
|---|---|---|---|
{files}

| regime | passed | failed |
|---|---|---|
{regimes}

## Whichever way they come in

Each of those that pass is also written as a message, and its rates, duty and scheme numbers are put in force
as lists of the administration; a message that states one itself is refused. The charges are the same, figure
by figure, through:

- `POST /v1/consignments` as JSON, as NDJSON and as CSV
- `POST /v1/quotes`
- `serai decide`
- replay: what the server works out again from what it stored agrees with what it recorded

`tests/conformance/test_worked_cases.py` does it.

## Words that differ

Who is liable, the relief and the form of declaration are compared through one table of words to codes. What
differs fails nothing:

{wording}
"""


def _counts(found: list[tuple[dict[str, Any], CaseResult]]) -> str:
    counts = Counter(result.result for _, result in found)
    return " | ".join(str(counts[name]) for name in _RESULTS)


def _by_regime(found: list[tuple[dict[str, Any], CaseResult]]) -> list[str]:
    counts: dict[str, Counter[str]] = {}
    for case, result in found:
        counts.setdefault(case["regime"], Counter())[result.result] += 1
    with_law = {regime: one for regime, one in counts.items() if one["passed"] or one["failed"]}
    return [f"| {regime} | {one['passed']} | {one['failed']} |" for regime, one in sorted(with_law.items())]


if __name__ == "__main__":
    main()
