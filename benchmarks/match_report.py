"""The page on matching from what `serai bench --match --output json` printed.

uv run serai bench --match --output json > docs/reference/matching.json
uv run python benchmarks/match_report.py
"""

import json
from pathlib import Path
from typing import Any

# ruff: noqa: E501, the lines of a page
DOCS = Path(__file__).parents[1] / "docs" / "reference"

TEXT = """# Matching

Written by benchmarks/match_report.py from matching.json, which `serai bench --match --output json` printed on
{machine}, commit {commit}.

Orders, payments, transport documents and declarations of one sale find each other over exact numbers first;
where something is missing or contradicts, over whatever else they render: numbers written otherwise, people,
telephones, amounts, days, mass. The result is a verdict (matched, matched with reasons, mismatch, waiting), a
score, and the differences by name. What each name means and what mends it: [findings](findings/index.md). How
far documents may differ is law: `matching` in a pack, by channel and day; what holds where a law says nothing
stands in `laws/SCREENING/pack.yaml`.

## How right

{cases:,} invented cases, {documents:,} documents, of which one case in twenty is disturbed: {disturbed:,} in one
way, {twice:,} of them in two. Seed and sizes of the disturbances ({unseen}) are others than those the matcher was
built with, and some lie beyond its limits on purpose: a rate further off than the limit is a difference that it
must call a contradiction, and is counted as wrong here. Names, numbers and sales are invented, so the figures say
how the matcher does against these disturbances, not how often they happen.

| of {pairs:,} pairs of documents | precision | recall | recall of disturbed cases | wrong | missed |
|---|---|---|---|---|---|
| Serai | {precision} | {recall} | {recall_disturbed} | {wrong:,} | {missed:,} |
| exact keys alone | {exact_precision} | {exact_recall} | {exact_recall_disturbed} | {exact_wrong:,} | {exact_missed:,} |

Exact keys do well on plain cases, which are most; and they name nothing. {fuzzy}

The disturbed case is put together, and exactly the right difference named, nothing more and nothing less:
**{named}**; of those disturbed twice {named_twice}. Of {plain:,} plain cases {plain_right} have no word said of
them; of {misleading:,} made to mislead (one buyer, one price, one day, neighbouring numbers) {misleading_right}.
{possible:,} pairs were too much alike to be joined and are offered to a person.

| disturbance | difference to be named | cases | put together | named right |
|---|---|---|---|---|
{table}

This is matching in bulk, where all documents are there. As they come in one by one, a better one may still be on
its way: then only an equal number joins, as written, in another field or written otherwise, and what is less sure
is shown to officers ([why do my documents not match?](../how-to/why-do-documents-not-match.md)).

What is not met: a number with one wrong sign near its end, where neighbours of one buyer look the same; names of
which two scripts give other readings (Japanese, Korean). What is named wrong: amounts where two explanations fit to
the cent, such as a subsidy as high as the freight.

## How fast

Processor time of one process, from columns in memory to verdicts; the machine is shared.

| cases | documents | seconds | µs a case | cases a second | peak memory | of which the documents |
|---|---|---|---|---|---|---|
{sizes}

A case costs more in the largest set because its columns no longer fit the processor's cache. Bringing a document
into columns (amounts read, names taken apart, everything hashed under the key of the node) takes
{reading} µs beside. Names never stand in a column: only pseudonyms of their parts do.

## Measure it yourself

```console shown
$ serai bench --match --quick
$ serai bench --match
```

The quick one takes less than a minute, the other some minutes, most of them to invent the cases. It ends with
an error where precision is below 0.999, recall below 0.97, or fewer than 0.95 of the differences are named right.
"""

FUZZY = """On {cases:,} cases rapidfuzz alone (each document with the declaration whose text is most alike, at the
limit of {limit} that suits it best) has precision {precision} and recall {recall}, {recall_disturbed} of disturbed
cases, where Serai has {own_precision}, {own_recall} and {own_recall_disturbed}; it compares everything with
everything, {us:,} µs a case here and some {hours:,} hours for a million."""


def main() -> None:
    """Write the page."""
    figures = json.loads((DOCS / "matching.json").read_bytes())
    (DOCS / "matching.md").write_text(page_of(figures))


def page_of(figures: dict[str, Any]) -> str:
    """Return the page for the figures of a run."""
    largest = figures["sizes"][-1]
    exact = largest["exact_keys"]
    return TEXT.format(
        machine=figures["machine"],
        commit=figures["commit"],
        cases=largest["cases"],
        documents=largest["documents"],
        disturbed=largest["disturbed_cases"],
        twice=largest["cases_disturbed_twice"],
        unseen=_unseen(figures["unseen_sizes"]),
        pairs=largest["pairs"],
        precision=_share(largest["precision"]),
        recall=_share(largest["recall"]),
        recall_disturbed=_share(largest["recall_of_disturbed"]),
        wrong=largest["wrong_pairs"],
        missed=largest["missed_pairs"],
        exact_precision=_share(exact["precision"]),
        exact_recall=_share(exact["recall"]),
        exact_recall_disturbed=_share(exact["recall_of_disturbed"]),
        exact_wrong=exact["wrong_pairs"],
        exact_missed=exact["missed_pairs"],
        fuzzy=_fuzzy(figures["rapidfuzz"]),
        named=_share(largest["named_right"], 4),
        named_twice=_share(largest["named_right_of_twice"], 4),
        plain=largest["plain_cases"],
        plain_right=_share(largest["plain_without_a_word"]),
        misleading=largest["misleading_cases"],
        misleading_right=_share(largest["misleading_right"]),
        possible=largest["possible_pairs"],
        table="\n".join(
            f"| {one['disturbance']} | `{one['difference']}` | {one['cases']:,} | "
            f"{_share(one['together'], 4)} | {_share(one['named_right'], 4)} |"
            for one in largest["by_disturbance"]
        ),
        sizes="\n".join(
            f"| {one['cases']:,} | {one['documents']:,} | {one['seconds']} | {one['us_per_case']} | "
            f"{one['cases_per_s']:,} | {one['peak_memory_mib']:,} MiB | {one['cases_memory_mib']:,} MiB |"
            for one in figures["sizes"]
        ),
        reading=figures["reading_us_per_document"],
    )


def _unseen(sizes: dict[str, list[int]]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {low} to {high}" for name, (low, high) in sizes.items())


def _fuzzy(figures: dict[str, Any]) -> str:
    if "missing" in figures:
        return f"rapidfuzz was not compared: {figures['missing']}."
    best, own = figures["best"], figures["serai_on_the_same"]
    return FUZZY.format(
        cases=figures["cases"],
        limit=best["limit"],
        precision=_share(best["precision"]),
        recall=_share(best["recall"]),
        recall_disturbed=_share(best["recall_of_disturbed"]),
        own_precision=_share(own["precision"]),
        own_recall=_share(own["recall"]),
        own_recall_disturbed=_share(own["recall_of_disturbed"]),
        us=round(figures["us_per_case"]),
        hours=figures["hours_for_a_million"],
    )


def _share(value: float, places: int = 6) -> str:
    return f"{value:.{places}f}"


if __name__ == "__main__":
    main()
