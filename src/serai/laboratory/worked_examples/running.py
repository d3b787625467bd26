"""Worked examples assessed by the public calculation, and every figure compared."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from serai.journey.assessment.rules import Assessment, assess
from serai.journey.screening.lists import build_lists
from serai.journey.screening.rules import screen
from serai.journey.validation.columns import read_columns
from serai.laboratory.worked_examples.case_file import Case, minor_per_minor
from serai.laboratory.worked_examples.case_keys import check_keys
from serai.laboratory.worked_examples.case_words import WAIVED, words_for
from serai.laboratory.worked_examples.documents import document_of_case
from serai.laboratory.worked_examples.figures import (
    OF_THE_LAW,
    amounts_of_charges,
    is_waived,
    item_figures,
    liable_for,
    tax_rates_ppm,
    tellings_of,
    total_figures,
)
from serai.laboratory.worked_examples.laws import (
    TAXES_OF_THE_TARIFF,
    LawOfCase,
    asked_of,
    book_of_law,
    law_of_case,
    stated_lines,
)
from serai.law.book import LawBook
from serai.law.composition import ROUNDING
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import NO_PACKS, PackFiles
from serai.law.pack import Pack
from serai.law.vague_words import VAGUE_WORDS, VagueWords, read_vague_words
from serai.model.columns import Frame, Int64s
from serai.model.frames import ABSENT

DECLARANT = "worked-example"
_BETWEEN_DEBTORS = re.compile(r" and |-and-")


@dataclass(slots=True)
class CaseResult:
    """What became of one case.

    result: passed, failed or no_law. differences: figures, codes, and who owes, relief and form in the case's
    own words. law_status: of the law it names (in_force, ended, planned, draft), of several the furthest from
    being law; None where it was not run.
    """

    id: str
    result: str
    differences: list[str] = field(default_factory=list)
    law_status: str | None = None


@dataclass(frozen=True, slots=True)
class AssessedCase:
    """A case under its law: the assessment of its one consignment, its book, and how far it is law."""

    assessment: Assessment
    book: LawBook
    law_status: str


def run_case(case: Case, files: PackFiles, *, packs: Mapping[str, Pack] = NO_PACKS) -> CaseResult:
    """Assess one case under its regime and compare every figure.

    The case names its law, so that planned law and drafts are tested too. packs: stand in for those of their
    codes in the files. Raises LawPackError, CaseFileError.
    """
    assessed = assess_case(case, files, packs=packs)
    if assessed is None:
        return CaseResult(case["id"], "no_law")
    result = compare(case, assessed.assessment, assessed.book)
    result.law_status = assessed.law_status
    return result


def assess_case(case: Case, files: PackFiles, *, packs: Mapping[str, Pack] = NO_PACKS) -> AssessedCase | None:
    """Assess one case under its regime; None where that or an overlay has no pack."""
    law = law_of_case(case, files, packs=packs)
    if law is None:
        return None
    check_keys(case)
    book = book_of_law(law)
    return AssessedCase(assess(*frames_of_case(case, law, book), book), book, law.status)


def frames_of_case(case: Case, law: LawOfCase, book: LawBook) -> tuple[Frame, Frame, Int64s]:
    """Return consignments, items and first items as `assess` takes them: of the one message of a case.

    Of the book only territories and registrations are read. Descriptions are screened, names are on no list.
    """
    columns = read_columns([document_of_case(case, law.time_zone)], [DECLARANT], 0, book)
    words = _vague_words(law.files.get(VAGUE_WORDS, b""))
    lists = build_lists((), words, read_goods_kinds(law.files))
    screened = screen(columns.consignments, columns.items, (), lists)
    return _with_context(screened.consignments, case), screened.items, columns.first_items


@lru_cache(maxsize=2)
def _vague_words(content: bytes) -> VagueWords:
    return read_vague_words(content)


def _with_context(consignments: Frame, case: Case) -> Frame:
    """Add what other documents and neighbours would give: nothing matched, and the allowances the case
    states.
    """
    given = case["input"]
    no = np.zeros(1, dtype=np.bool_)
    used = next((given["buyer"][name] for name in USED_BEFORE if name in given["buyer"]), ABSENT)
    returned = given.get("return") or {}
    return consignments.with_columns(
        has_order=no,
        has_payment=no,
        has_transport_document=no,
        is_value_contradicted=no,
        allowance_used=np.array([used], dtype=np.int64),
        same_day_value=np.array([_same_day_minor(case)], dtype=np.int64),
        **{
            column: np.array([returned.get(name, ABSENT)], dtype=np.int64)
            for column, name in _OF_RETURNS.items()
        },
        **({"is_return_unaltered": np.array([returned["original_state"]])} if returned else {}),
    )


USED_BEFORE = (
    "quota_used_minor",
    "exempt_imports_this_half_year",
    "gift_parcels_used_this_year",
    "importations_used_this_year",
    "shipments_used_this_year",
)
"""Keys under which a case states what its buyer drew before."""
_OF_RETURNS = {
    "returned_value": "customs_value_minor",
    "returned_tax": "tax_minor",
    "return_applied_days": "applied_day",
    "return_arrived_days": "arrived_day",
}
"""Words of goods that go back, and the keys under which a case states them."""


def _same_day_minor(case: Case) -> int:
    """Return the value of consignments that count together with this one, in the currency of the case."""
    given = case["input"]
    value: int = sum(given.get("aggregated_with_minor", ()))
    cents = given.get("aggregated_usd_cents", 0)
    return value + (int(cents * minor_per_minor(case, "USD")) if cents else 0)


def compare(case: Case, assessed: Assessment, book: LawBook) -> CaseResult:
    """Hold every figure of a case against an assessment of one consignment."""
    expect = case["expect"]
    number = int(assessed.consignments.numbers("law_number")[0])
    if number < 0:
        return _compare_lawless(case, assessed)
    program = book.programs[number]
    result = CaseResult(case["id"], "passed")
    totals = total_figures(assessed, program.currency)
    _compare_figures("totals", expect["totals"], totals, result)
    _compare_parts("totals", expect["totals"], amounts_of_charges(assessed, None), result)
    for place, wanted in enumerate(expect["items"]):
        _compare_item(place, wanted, assessed, result)
    _compare_rates(case, assessed, book, result)
    _compare_figures("case", {name: expect[name] for name in OF_THE_LAW if name in expect}, totals, result)
    _compare_codes(expect, assessed, result)
    _compare_words(expect, assessed, result)
    if result.differences:
        result.result = "failed"
    return result


def _compare_lawless(case: Case, assessed: Assessment) -> CaseResult:
    """Hold a case that nothing is charged in, since no law governs it, against what is said of that."""
    expect = case["expect"]
    result = CaseResult(case["id"], "passed")
    if not expect.get("finding_codes"):
        result.differences.append("no law was found for the day and place")
    found = sorted({code or "" for code in assessed.findings.words("code").texts()})
    _compare_ours("case ", {"finding_codes": found}, expect, result)
    for place, wanted in (
        ("totals", expect["totals"]),
        *((f"item {one['sequence']}", one) for one in expect["items"]),
    ):
        _compare_figures(place, wanted, {}, result)
    if result.differences:
        result.result = "failed"
    return result


def _compare_item(place: int, wanted: Mapping[str, Any], assessed: Assessment, result: CaseResult) -> None:
    name = f"item {wanted['sequence']}"
    _compare_figures(name, wanted, item_figures(assessed, place), result)
    _compare_parts(name, wanted, amounts_of_charges(assessed, place), result)
    relief = assessed.items.words("relief_code").texts()[place]
    told = WAIVED if relief in (None, "none") and is_waived(assessed, place) else relief
    if "relief" in wanted and wanted["relief"] not in (*words_for(relief), *words_for(told)):
        result.differences.append(f"{name} relief: {wanted['relief']} in the case, {told or 'none'} here")
    found: dict[str, str | list[str]] = {
        "relief_code": relief or "none",
        "rules": _rules_on_item(assessed, place),
    }
    _compare_ours(f"{name} ", found, wanted, result)


def _compare_rates(case: Case, assessed: Assessment, book: LawBook, result: CaseResult) -> None:
    """Hold the rates a case states against those of the law: a rate that a pack owns is the pack's."""
    territory = assessed.consignments.words("customs_territory_code").texts()[0] or ""
    day, tariff = int(assessed.consignments.numbers("law_on")[0]), book.reference.tariff
    for line in stated_lines(case["input"]):
        found = tariff.find_one(asked_of(line, territory, day))
        if found >= 0 and tariff.lines[found].terms() != line.terms():
            rates = (
                f"{line.ad_valorem_ppm} ppm in the case, {tariff.lines[found].ad_valorem_ppm} in the tariff"
            )
            result.differences.append(f"{line.measure} on {line.commodity_prefix}: {rates}")
    for place, item in enumerate(case["input"]["items"]):
        if "tax_rate_ppm" in item and item.get("tax_kind") not in TAXES_OF_THE_TARIFF:
            used = tax_rates_ppm(assessed, place)
            if used and item["tax_rate_ppm"] not in used:
                rates = f"{item['tax_rate_ppm']} in the case, {', '.join(map(str, used))} in the law"
                result.differences.append(f"item {item['sequence']} tax_rate_ppm: {rates}")


def _compare_figures(
    place: str, wanted: Mapping[str, Any], figures: Mapping[str, int | None], result: CaseResult
) -> None:
    """Hold figures against those of a case; null stands for what cannot be said."""
    for name, value in wanted.items():
        if name.endswith("_minor") and figures.get(name, 0) != value:
            there, here = ("unknown" if one is None else one for one in (value, figures.get(name, 0)))
            result.differences.append(f"{place} {name}: {there} in the case, {here} here")


def _compare_parts(place: str, wanted: Mapping[str, Any], amounts: Counter[int], result: CaseResult) -> None:
    """Hold the parts a case splits a figure into against single charges.

    Their names are the case's own, so that only the amount is compared: each part is one charge.
    """
    left = amounts.copy()
    for name in ("tax_parts", "charges", "fees"):
        for part, value in wanted.get(name, {}).items():
            if value == 0:
                continue
            if not left[value]:
                result.differences.append(
                    f"{place} {name} {part}: {value} in the case, no charge of that here"
                )
            left[value] -= 1


def _compare_codes(expect: Mapping[str, Any], assessed: Assessment, result: CaseResult) -> None:
    """Hold our own codes against those a case names: rules that speak, charges on the bill, who owes them,
    what is not known, the data set.
    """
    found: dict[str, str | list[str]] = {
        "rules": _applying_rules(assessed),
        "charge_rules": _charged_rules(assessed),
        "finding_codes": sorted({code or "" for code in assessed.findings.words("code").texts()}),
        "declaration_form_code": assessed.consignments.words("declaration_form_code").texts()[0] or "none",
    }
    _compare_ours("case ", found, expect, result)
    for kind, codes in (expect.get("debtor_codes") or {}).items():
        name = f"liable for {kind}"
        owing: list[str] = sorted(liable_for(assessed, kind))
        _compare_ours("case ", {name: owing}, {name: codes.split()}, result)


def _compare_ours(
    place: str, found: Mapping[str, str | list[str]], wanted: Mapping[str, Any], result: CaseResult
) -> None:
    """Hold codes, or lists of them in any order, against those a case names."""
    for name, here in found.items():
        if name in wanted:
            there = wanted[name] if isinstance(here, str) else sorted(wanted[name])
            if here != there:
                result.differences.append(f"{place}{name}: {_shown(there)} in the case, {_shown(here)} here")


def _applying_rules(assessed: Assessment) -> list[str]:
    run = assessed.runs[0].run
    return sorted(run.program.rules[number].rule_id for number, applies in run.applying if applies.any())


def _rules_on_item(assessed: Assessment, place: int) -> list[str]:
    """Return the rules of goods items that speak on one of them."""
    run = assessed.runs[0].run
    of_items = ((run.program.rules[number], applies) for number, applies in run.applying)
    return sorted(rule.rule_id for rule, applies in of_items if rule.level == "item" and applies[place])


def _charged_rules(assessed: Assessment) -> list[str]:
    """Return the charges that stand on the bill, also those that come to nothing."""
    run = assessed.runs[0].run
    numbers = assessed.charges.numbers("charge_number").tolist()
    return sorted({run.program.charges[number].charge.rule_id.removesuffix(ROUNDING) for number in numbers})


def _shown(codes: str | list[str]) -> str:
    return codes if isinstance(codes, str) else ", ".join(codes) or "none"


def _compare_words(expect: Mapping[str, Any], assessed: Assessment, result: CaseResult) -> None:
    """Hold who owes and the form, in words, against our codes: several who owe stand with "and" between."""
    form = assessed.consignments.words("declaration_form_code").texts()[0]
    if "declaration" in expect and expect["declaration"] not in words_for(form):
        result.differences.append(f"declaration: {expect['declaration']} in the case, {form or 'none'} here")
    for kind in ("duty", "tax", "fee"):
        wanted = (expect.get("liable") or {}).get(kind)
        if wanted is not None and not any(_are_named(wanted, who) for who in tellings_of(assessed, kind)):
            here = ", ".join(liable_for(assessed, kind))
            result.differences.append(f"liable for {kind}: {wanted} in the case, {here} here")


def _are_named(wanted: str, codes: Sequence[str]) -> bool:
    """Say whether words name each of several debtors, and nobody else."""
    words = _BETWEEN_DEBTORS.split(wanted) if len(codes) > 1 else [wanted]
    named = [{code for code in codes if word in words_for(code)} for word in words]
    return len(words) == len(codes) and all(named) and set().union(*named) == set(codes)


def report(results: Sequence[CaseResult]) -> dict[str, Any]:
    """Return counts and results, as `serai law test --output json` prints them."""
    counts = {
        name: sum(result.result == name for result in results) for name in ("passed", "failed", "no_law")
    }
    return {**counts, "cases": [msgspec.to_builtins(result) for result in results]}
