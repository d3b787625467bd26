"""The worked examples of the regimes: how many pass, by which ways they go, and which we doubt, with why.

`python -m tools.law_cases ../shared/regimes > docs/reference/law-cases.md`. What we doubt is in
`tools/law_cases.yaml`.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.worked_examples.case_file import read_cases
from serai.laboratory.worked_examples.running import CaseResult, run_case
from serai.law.book import NOT_LAW

FILES = ("cases-east-asia.yaml", "cases-europe-americas.yaml", "cases-pacific-africa-gulf.yaml")
DOUBTS = Path(__file__).with_name("law_cases.yaml")
_RESULTS = ("passed", "failed", "no_law")

Kind = Literal["wrong", "doubt", "incomplete", "bench-only"]


class Doubt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What we hold against some cases.

    says: what they say. argument: why not. instead: what we believe right. here: what our pack does.
    sources: text references and addresses, as Markdown.
    """

    kind: Kind
    cases: list[str]
    says: str
    argument: str
    instead: str | None = None
    here: str | None = None
    sources: list[str] = []


def main() -> None:
    """Print the page."""
    sys.stdout.write(build_page(Path(sys.argv[1])))


def read_doubts() -> list[Doubt]:
    """Read what we hold against cases."""
    return msgspec.yaml.decode(DOUBTS.read_bytes(), type=list[Doubt])


def build_page(folder: Path) -> str:
    """Write the page. folder: the regimes' case files."""
    law_files = read_law_files(find_shipped("laws"))
    results = {
        name: [(case, run_case(case, law_files)) for case in read_cases((folder / name).read_bytes())]
        for name in FILES
    }
    everything = [one for found in results.values() for one in found]
    doubts = read_doubts()
    return PAGE.format(
        count=len(everything),
        files="\n".join(f"| {name} | {_counts(found)} |" for name, found in results.items()),
        regimes="\n".join(_by_regime(everything)),
        wrong=_tell_all(doubts, "wrong"),
        doubt=_tell_all(doubts, "doubt"),
        incomplete=_tell_all(doubts, "incomplete"),
        bench_only=_tell_all(doubts, "bench-only"),
    )


PAGE = """# Worked examples

Made by `tools/law_cases.py`. A worked example states a parcel, the rates of its day and every figure that
follows. One passes when every figure agrees to the minor unit, and who owes, the relief and the form are what
it says. A rate that a pack owns is the pack's, whatever the example says of it. To run them:
`serai law test --cases FILE`.

## Which pass

`no_law`: there is no pack of its regime. A case names its law, so that planned law and drafts are tested too;
a date never picks them.

| file | passed | failed | no_law |
|---|---|---|---|
{files}

| regime | law | passed | failed |
|---|---|---|---|
{regimes}

## Whichever way they come in

These {count}, and with them all cases that the packs bring, are also written as messages.
All packs are in force together as they are shipped, so that place, channel and date alone pick the law;
a few cases have a law set of their own, since they are about planned law, a draft, or a law without
what overlies it. Rates, duty and scheme numbers are put in force as lists of the administration; a
message that states one itself is refused. What a buyer drew before, and what else came that day, comes
in as parcels before. Every case is lodged as NDJSON; all cases of the European Union, Great Britain and
Australia, and one of each other law, go every other way too. The charges are the same, figure by
figure, through:

- `POST /v1/declarations` as JSON, as NDJSON and as CSV where a row can hold the message
- `POST /v1/quotes` and `serai decide`, where the law does not count what else the buyer got
- replay: what the server works out again from what it stored agrees with what it recorded

`tests/conformance/test_worked_cases.py` does it. Only the bench can give these to the law:

{bench_only}

## Which we believe wrong

They pass all the same: a pack gives the figures of the case, and what it holds against them is written next
to it. Nothing was edited away.

{wrong}

## Which we doubt

{doubt}

## Which leave something out

{incomplete}
"""


def _tell_all(doubts: Iterable[Doubt], kind: Kind) -> str:
    return "\n".join(_tell(one) for one in doubts if one.kind == kind)


def _tell(doubt: Doubt) -> str:
    lines = [f"**{', '.join(doubt.cases)}.** {doubt.says} {doubt.argument}"]
    lines += [f"*Instead:* {doubt.instead}"] if doubt.instead else []
    lines += [f"*Here:* {doubt.here}"] if doubt.here else []
    lines += [f"*Sources:* {'; '.join(doubt.sources)}."] if doubt.sources else []
    return "\n".join(f"{'-' if number == 0 else ' '} {line}" for number, line in enumerate(lines))


def _counts(found: Sequence[tuple[dict[str, Any], CaseResult]]) -> str:
    counts = Counter(result.result for _, result in found)
    return " | ".join(str(counts[name]) for name in _RESULTS)


def _by_regime(found: Iterable[tuple[dict[str, Any], CaseResult]]) -> list[str]:
    counts: dict[str, Counter[str]] = {}
    statuses: dict[str, str] = {}
    for case, result in found:
        counts.setdefault(case["regime"], Counter())[result.result] += 1
        statuses[case["regime"]] = result.law_status if result.law_status in NOT_LAW else ""
    return [
        f"| {regime} | {statuses[regime]} | {one['passed']} | {one['failed']} |"
        for regime, one in sorted(counts.items())
    ]


if __name__ == "__main__":
    main()
