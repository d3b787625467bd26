"""The page of mutation scores: how many small changes of each law pack some worked example notices.

`python -m tools.mutation_score` writes docs/reference/mutation-score.md. Rows whose files are as they were
are kept; `--all` works all of them out again.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from serai.foundation.shipped import find_shipped, read_law_files
from serai.laboratory.law_bench.mutants import KINDS, Kind
from serai.laboratory.law_bench.mutation import PackScore, score_packs
from serai.laboratory.law_bench.ready_cases import ReadyCases
from serai.law.library import PackFiles

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "mutation-score.md"
HASH_LETTERS = 12
WHY: Mapping[tuple[str, str, str], str] = {
    (
        "IN-IMPORT",
        "parameter collection_minimum",
        "+1",
    ): "Duties of India are whole rupees: none lies between 100.00 and 100.01, and the limit is the same.",
    (
        "CO-IMPORT",
        "parameter agreement_countries",
        "from 2021-09-14: valid_from -1 day",
    ): "Before that day the list is not asked.",
    (
        "EU-2026",
        "charges eu-duty-flat when",
        "declaration_form_code = 'H7' AND is_first_of_subheading -> is_first_of_subheading",
    ): "The first goods item of a subheading is the first of its whole code too; the act names both counts.",
    (
        "AR-2024",
        "relief ar-franchise-400 when",
        "is_franchise AND is_wholly_relieved -> is_wholly_relieved",
    ): "Goods without a price are refused before; only a discount of the whole price would tell them apart.",
    (
        "AR-POST-2024",
        "relief ar-postal-franchise when",
        "is_franchise AND is_wholly_relieved -> is_wholly_relieved",
    ): "Goods without a price are refused before; only a discount of the whole price would tell them apart.",
    (
        "AR-POST-2024",
        "reasons ar-postal-within-franchise when",
        "is_franchise AND BOOL_AND(is_wholly_relieved) -> BOOL_AND(is_wholly_relieved)",
    ): "Goods without a price are refused before; only a discount of the whole price would tell them apart.",
    (
        "EU-2018",
        "charges eu-vat is_waived_when",
        "tax_territory_code = 'DE' AND due_at_border < min_charges_collected"
        " -> due_at_border < min_charges_collected",
    ): "Rates stand for Germany and Ireland alone, and Ireland waives more VAT than that.",
    (
        "EU-2028-PLANNED",
        "definitions is_scheme_used value",
        "is_distance_sale AND scheme_status_code = 'valid' AND scheme_kind_code = 'IOSS'"
        " AND NOT BOOL_OR(is_excise)"
        " -> is_distance_sale AND scheme_status_code = 'valid' AND NOT BOOL_OR(is_excise)",
    ): "IOSS is the only registration of this law: a number of another kind is never valid.",
    (
        "EU-2028-PLANNED",
        "definitions is_bucket_open value",
        "is_distance_sale AND NOT is_excise AND NOT is_preference_claimed"
        " AND NOT HAS_ANY_CODE(additional_procedure_codes, general_tariff_codes)"
        " AND (has_specific_duty OR duty_rate > 0) -> is_distance_sale AND NOT is_preference_claimed"
        " AND NOT HAS_ANY_CODE(additional_procedure_codes, general_tariff_codes)"
        " AND (has_specific_duty OR duty_rate > 0)",
    ): "No heading under excise stands in a bucket.",
    (
        "MX-2025-08",
        "definitions is_other_treaty_free value",
        "is_preference_claimed AND NOT is_tmec AND threshold_value <= other_treaty_limit"
        " -> is_preference_claimed AND threshold_value <= other_treaty_limit",
    ): "Goods under T-MEC of so small a value are free as such before.",
    (
        "GH-IMPORT",
        "parameter covid_levy_rate",
        "from 2026-01-01: valid_from +1 day",
    ): "The levy has ended: no law reads its rate on that day.",
    (
        "NZ-2026",
        "debtor of nz-high-value-levy",
        "row 1: importer -> carrier",
    ): "Its amount is not known, so nobody is said to owe it.",
    (
        "XI-2026",
        "requirements xi-code-six-digits when",
        "NOT is_from_union AND NOT is_in_carrier_scheme -> NOT is_in_carrier_scheme",
    ): "The form of worked examples gives all goods a code.",
    (
        "XI-2026",
        "requirements xi-code-six-digits when",
        "NOT is_from_union AND NOT is_in_carrier_scheme -> NOT is_from_union",
    ): "The form of worked examples gives all goods a code.",
    (
        "ZA-IMPORT",
        "parameter concession_limit",
        "from 2025-02-01: valid_from +1 day",
    ): "The concession has ended: no law reads its limit on that day.",
    (
        "ZA-IMPORT",
        "parameter flat_rate",
        "from 2025-02-01: valid_from +1 day",
    ): "The concession has ended: no law reads its rate on that day.",
}
"""Why nothing could notice a change, by pack, place and change; one that is not here lacks an example."""
MEANINGS: Mapping[Kind, str] = {
    "value": "an amount, count, mass one unit more or less; a rate half a point more; a text of a list out",
    "comparison": "`<` to `<=`, `=` to `<>`, one text of `IN` left out, each edge of `BETWEEN` moved inwards",
    "limb": "one limb of an `AND` left out, a `NOT` elsewhere",
    "day": "the first or last day of a pack or of a value, one day later and earlier",
    "suspension": "a suspension left out, its first or last day moved",
    "debtor": "who owes a charge: the next one of the pack's",
    "relief": "one relief left out, two that follow each other exchanged",
    "form": "a form of declaration: the next one of the pack's; one left out",
    "exclusion": "an exclusion left out, one of its headings, a document that opens it",
}
UNKNOWN_WHY = "An example at this edge is missing."
_NOTHING = "-"


class Row(NamedTuple):
    """One pack on the page. files_hash: of what the score rests on; by_kind: changes and how many of them are
    noticed, in the order of KINDS; same_count: exchanges proved to be no other law; survivors: place and
    change.
    """

    code: str
    cases_count: int
    mutant_count: int
    noticed_count: int
    files_hash: str
    by_kind: tuple[tuple[int, int], ...] = ()
    same_count: int = 0
    survivors: tuple[tuple[str, str], ...] = ()


def main() -> None:
    """Write the page."""
    files = read_law_files(find_shipped("laws"))
    kept = [] if "--all" in sys.argv[1:] or not PAGE.exists() else read_page(PAGE.read_text("utf-8"))
    PAGE.write_text(write_page(find_rows(files, kept)), "utf-8")


def find_rows(files: PackFiles, kept: Iterable[Row] = ()) -> list[Row]:
    """Return the rows of all packs by code. kept: not scored again where their files are as they were."""
    hashes = hashes_of(files)
    rows = {row.code: row for row in kept if hashes.get(row.code) == row.files_hash}
    stale = [code for code in hashes if code not in rows]
    for score in score_packs(files, stale, workers_count=len(os.sched_getaffinity(0))):
        rows[score.code] = row_of(score, hashes[score.code])
    return [rows[code] for code in sorted(rows)]


def hashes_of(files: PackFiles) -> dict[str, str]:
    """Return for each pack the beginning of the SHA-256 of the files its score rests on."""
    cases = ReadyCases(files)
    codes = sorted(path.partition("/")[0] for path in files if path.endswith("/pack.yaml"))
    return {code: _hash_of(cases.files_behind(code), files) for code in codes}


def _hash_of(paths: Sequence[str], files: PackFiles) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return whole.hexdigest()[:HASH_LETTERS]


def row_of(score: PackScore, files_hash: str) -> Row:
    """Return the row of a score."""
    survivors = tuple((one.place, one.change) for one in score.survivors)
    by_kind = tuple((score.mutants[kind], score.noticed[kind]) for kind in KINDS)
    counts = score.cases_count, score.mutant_count, score.noticed_count
    return Row(score.code, *counts, files_hash, by_kind, score.same, survivors)


# ---- the page ----


def write_page(rows: Sequence[Row]) -> str:
    """Write the rows as a page."""
    mutants, noticed = sum(row.mutant_count for row in rows), sum(row.noticed_count for row in rows)
    with_changes = [row for row in rows if row.mutant_count]
    least = min(with_changes, key=lambda row: row.noticed_count / row.mutant_count)
    return TEXT.format(
        packs=len(rows),
        mutants=mutants,
        noticed=noticed,
        percent=_percent(noticed, mutants),
        least=least.code,
        least_percent=_percent(least.noticed_count, least.mutant_count),
        kinds="\n".join(_kind_rows(rows)),
        same=sum(row.same_count for row in rows),
        columns=" | ".join(KINDS),
        rules="|".join("---" for _ in KINDS),
        rows="\n".join(map(_table_row, rows)),
        survivors="\n".join(_survivor_rows(rows)) or "Nothing survives.",
    )


def read_page(text: str) -> list[Row]:
    """Read the rows of a page back."""
    survivors: dict[str, list[tuple[str, str]]] = {}
    for code, place, change in re.findall(r"^\| (\S+) \| (.+?) \| `(.+)` \| .+ \|$", text, re.MULTILINE):
        survivors.setdefault(code, []).append((place, change))
    pattern = r"^\| (\S+) \| (\d+) \| (\d+) \| (\d+) \| \S+(?: %)? \| (.+) \| (\d+) \| `([0-9a-f]+)` \|$"
    return [
        Row(
            code,
            int(cases),
            int(mutants),
            int(noticed),
            files_hash,
            _read_kinds(kinds),
            int(same),
            tuple(survivors.get(code, ())),
        )
        for code, cases, mutants, noticed, kinds, same, files_hash in re.findall(pattern, text, re.MULTILINE)
    ]


def _read_kinds(cells: str) -> tuple[tuple[int, int], ...]:
    """Read `noticed/made` of each kind back."""
    pairs = (cell.strip().partition("/") for cell in cells.split("|"))
    return tuple((int(made or 0), int(noticed) if made else 0) for noticed, _, made in pairs)


def _kind_rows(rows: Sequence[Row]) -> Iterable[str]:
    for place, kind in enumerate(KINDS):
        made, noticed = (sum(row.by_kind[place][part] for row in rows) for part in (0, 1))
        yield f"| {kind} | {MEANINGS[kind]} | {made} | {noticed} | {_percent(noticed, made)} |"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def _table_row(row: Row) -> str:
    share = _percent(row.noticed_count, row.mutant_count) if row.mutant_count else _NOTHING
    counts = f"{row.cases_count} | {row.mutant_count} | {row.noticed_count}"
    kinds = " | ".join(f"{noticed}/{made}" if made else _NOTHING for made, noticed in row.by_kind)
    return f"| {row.code} | {counts} | {share} | {kinds} | {row.same_count} | `{row.files_hash}` |"


def _survivor_rows(rows: Sequence[Row]) -> Iterable[str]:
    found = [(row.code, *one) for row in rows for one in row.survivors]
    if found:
        yield "| pack | place | change | why |\n|---|---|---|---|"
    for code, place, change in found:
        yield f"| {code} | {place} | `{change}` | {WHY.get((code, place, change), UNKNOWN_WHY)} |"


TEXT = """# Mutation score of the law packs

Written by `python -m tools.mutation_score`. A worked example proves something about a law only if it would
fail were the law written otherwise. So each pack is changed a little, in one place at a time, and the worked
examples are run: a change is *noticed* when one of them fails.
`serai law mutate` does the same with packs of your own ([Test a law](../how-to/test-a-law.md)).

Of {packs} packs {mutants} changes were made and {noticed} noticed: **{percent}**. The lowest score of a pack
is {least_percent} ({least}).

## What is changed

| kind | change | made | noticed | |
|---|---|---|---|---|
{kinds}

- Each value of a parameter is changed by itself: each key (a rate of one country) and each span of days. The
  unit of an amount is a minor unit of the currency, or what the law converts every amount to (whole dollars
  in Taiwan).
- Where one version follows another, the end of the first and the begin of the second are one day and moved
  together. What was law before the first version of a base and after the last no pack says: those days are
  left out. A layer is moved where a law lies under it on that day. A day on which the pack is suspended
  either way, or the parameter has the same value either way, is no other law.
- A change that is no law at all (it does not load) is not counted.
- Nor are exchanges of two reliefs that exclude each other: a truth table over all that their conditions ask,
  with unknown as a third value, proves that each order chooses the same relief ({same} exchanges; *same*
  in the table below). A relief that is never reached is counted: it is a row too many.

Not changed are texts, sources and lines of a tariff. `serai law test` holds the rates that cases state
against the tariff's.

## By pack

*Cases* are the worked examples that pass and that the pack governs, also those of other packs: what several
versions of a law share is proved by theirs. A kind stands as *noticed/made*. *Files* is the beginning of the
SHA-256 of the packs, tariffs and examples the score rests on: when it differs from theirs, the page is stale.

| pack | cases | changes | noticed | score | {columns} | same | files |
|---|---|---|---|---|{rules}|---|---|
{rows}

## What survives, and why

{survivors}
"""


if __name__ == "__main__":
    main()
