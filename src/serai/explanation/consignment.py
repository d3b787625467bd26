"""The explanation of one consignment of an assessed batch."""

import msgspec
import numpy as np
from sqlglot import exp

from serai.explanation import formula as formulas
from serai.explanation.charges import explain_charges
from serai.explanation.phrases import read_phrases
from serai.explanation.record import Assessed, Figure, Record, record_of
from serai.explanation.steps import (
    ChargeExplained,
    Explanation,
    ItemExplained,
    Needed,
    PackNamed,
    Step,
    Total,
)
from serai.explanation.tree import Tree, as_reference
from serai.explanation.withheld import NOTHING, withheld_names
from serai.explanation.wording import iso, render_money
from serai.explanation.words import explain_word, meaning_of
from serai.journey.assessment.rules import sum_charges
from serai.law.book import unconfirmed_since
from serai.law.counting import DRAWN_OF
from serai.law.tariff import day_of
from serai.law.vocabulary import WORDS

VALUE = "customs_value"
"""The name under which packs define the value of a goods item (as `assess` reads it)."""


def explain_consignment(
    assessment: Assessed,
    consignment_row: int,
    *,
    language: str = "en",
    shows_cumulative_allowances: bool = True,
) -> Explanation:
    """Explain one consignment of a batch.

    consignment_row: its row in the assessment. shows_cumulative_allowances: the reader may see sums to which
    others have added. Every figure is read from the run that decided it. A consignment that no law governs
    gets an explanation of what is missing. Raises SeraiError `language-unknown`.
    """
    record = record_of(assessment, consignment_row)
    phrases = read_phrases(language)
    if record is None:
        return Explanation(law=None, needed=_needed(assessment, consignment_row, None))
    withheld = NOTHING if shows_cumulative_allowances else withheld_names(record.program)
    tree = Tree(record, phrases, _scopes(record), explain_word, withheld)
    law = _law(tree)
    values = [
        tree.named(VALUE, place) if VALUE in record.definitions else None
        for place in range(record.item_count())
    ]
    thresholds = [tree.named(name, None) for name in _threshold_names(record)]
    cumulative_allowances = [tree.named(name, None) for name in _cumulative_allowance_names(record)]
    items = [_item(tree, place, value) for place, value in enumerate(values)]
    form = tree.in_full("declaration_form_code", None)
    charges, not_charged = explain_charges(tree, None)
    explanation = Explanation(
        law=law,
        packs=[
            PackNamed(pack.code, tree.phrases.of_law(pack.title), content_hash)
            for pack, content_hash in zip(record.program.packs, record.program.hashes, strict=True)
        ],
        law_on=day_of(record.law_day()).isoformat(),
        law_not_confirmed_since=iso(unconfirmed_since(record.program.packs, day_of(record.law_day()))),
        currency=record.currency,
        items=items,
        thresholds=thresholds,
        cumulative_allowances=cumulative_allowances,
        form=form,
        charges=charges,
        not_charged=not_charged,
        needed=_needed(assessment, consignment_row, tree),
    )
    return msgspec.structs.replace(
        explanation, totals=_totals(tree, assessment, consignment_row, explanation)
    )


def _scopes(record: Record) -> list[str]:
    """Return the first part of each item's ids: by its sequence number, by its place where numbers repeat."""
    numbers = record.run.items.numbers("sequence_number").tolist()
    if len(set(numbers)) < len(numbers):
        numbers = list(range(1, len(numbers) + 1))
    return [f"item-{number}" for number in numbers]


def _law(tree: Tree) -> Step:
    pack = tree.record.program.base
    return tree.tell(
        Step(
            id="consignment.law",
            kind="law",
            name=tree.record.program.code,
            meaning=tree.phrases.phrases["law"],
            result=tree.phrases.of_law(pack.title),
            source=" + ".join(one.code for one in tree.record.program.packs),
            valid_from=pack.valid_from.isoformat(),
            valid_to=None if pack.valid_to is None else pack.valid_to.isoformat(),
            children=[
                tree.named("law_date", None),
                tree.named("customs_territory_code", None),
                tree.named("tax_territory_code", None),
            ],
        )
    )


def _threshold_names(record: Record) -> list[str]:
    """Return the definitions that hold an amount of the consignment against a limit of the law."""
    names = []
    for name, found in record.definitions.items():
        tree = formulas.bare(formulas.parse(found.definition.value))
        if found.definition.level != "consignment" or not isinstance(
            tree, exp.LT | exp.LTE | exp.GT | exp.GTE
        ):
            continue
        sides = (formulas.bare(tree.this), formulas.bare(tree.expression))
        if any(isinstance(side, exp.Column) and _is_limit(record, side.name) for side in sides):
            names.append(name)
    return names


def _cumulative_allowance_names(record: Record) -> list[str]:
    """Return what stood on each cumulative allowance, what the consignment adds and, where the law says it,
    the sum."""
    return [
        name
        for word, drawn in DRAWN_OF.items()
        if drawn in record.definitions
        for name in (word, drawn, "allowance_used_after")
        if name != "allowance_used_after" or word == "allowance_used"
    ]


def _is_limit(record: Record, name: str) -> bool:
    return name in record.program.parameters and record.program.parameters[name][0].kind in (
        "money",
        "mass",
        "count",
    )


def _item(tree: Tree, place: int, value: Step | None) -> ItemExplained:
    items = tree.record.run.items
    number = int(items.numbers("sequence_number")[place])
    relief = tree.in_full("relief_code", place)
    charges, not_charged = explain_charges(tree, place)
    return ItemExplained(
        sequence_number=number,
        description=items.words("description").texts()[place] or "",
        value=value,
        relief=relief,
        charges=charges,
        not_charged=not_charged,
    )


# ---- totals ----


def _totals(tree: Tree, assessment: Assessed, consignment_row: int, explanation: Explanation) -> list[Total]:
    """Return the consignment's sums as `assess` makes them, each with the charges it is made of."""
    rows = np.flatnonzero(assessment.charges.numbers("consignment") == consignment_row)
    mine = assessment.charges.take(rows)
    here = type(mine)(mine.row_count, {**mine.columns, "consignment": np.zeros(len(rows), dtype=np.int64)})
    home = tree.record.currency
    sums = {
        name.removesuffix("_minor"): int(column[0]) for name, column in sum_charges(here, [home], 1).items()
    }
    every = explanation.all_charges()
    if assessment.consignments.flags("has_unknown_charge")[consignment_row]:
        sums = {}
    totals = [
        _total(tree, name, amount, home, [c for c in every if _counts_in(name, c, home)])
        for name, amount in sums.items()
    ]
    for name, chosen in (
        ("waived", [c for c in every if c.is_waived]),
        ("claims", [c for c in every if c.kind == "claim"]),
        (
            "other_currency",
            [c for c in every if c.currency != home and c.kind != "claim" and not c.is_waived],
        ),
    ):
        for currency in dict.fromkeys(charge.currency for charge in chosen):
            of_currency = [charge for charge in chosen if charge.currency == currency]
            amount = sum(charge.amount_minor for charge in of_currency)
            totals.append(_total(tree, name, amount, currency, of_currency))
    return totals


def _counts_in(name: str, charge: ChargeExplained, home: str) -> bool:
    if charge.is_waived or charge.currency != home:
        return False
    if name.startswith("due_at_"):
        return charge.kind != "claim" and charge.due_code == name.removeprefix("due_at_")
    return charge.kind == name


def _total(tree: Tree, name: str, amount: int, currency: str, charges: list[ChargeExplained]) -> Total:
    suffix = f".{currency}" if currency != tree.record.currency else ""
    step = Step(
        id=f"total.{name}{suffix}",
        kind="total",
        name=name,
        meaning=tree.phrases.totals[name],
        filled=" + ".join(
            render_money(charge.amount_minor, charge.currency, tree.phrases.language) for charge in charges
        )
        or None,
        **tree.result(Figure("money", True, amount, currency=currency)),
        source=tree.phrases.phrases["charge_sum"],
        children=[as_reference(charge.step) for charge in charges],
    )
    return Total(name=name, amount_minor=amount, currency=currency, step=step)


# ---- what is missing ----


def _needed(assessment: Assessed, consignment_row: int, tree: Tree | None) -> list[Needed]:
    findings = assessment.findings
    codes, words = findings.words("code").texts(), findings.words("word").texts()
    severities = findings.words("severity").texts() if "severity" in findings.columns else None
    # The pipeline has placed its findings; those of an assessment alone name a word that has a place.
    pointers = findings.words("pointer").texts() if "pointer" in findings.columns else None
    numbers = assessment.items.numbers("sequence_number")
    first = int(np.searchsorted(assessment.items.numbers("owner"), consignment_row))
    found = []
    for row in np.flatnonzero(findings.numbers("consignment") == consignment_row).tolist():
        if severities is not None and severities[row] == "advice":
            continue
        item, word = int(findings.numbers("item")[row]), words[row] or ""
        placed = WORDS[word].pointer if word in WORDS else ""
        pointer = placed if pointers is None else pointers[row] or ""
        found.append(
            Needed(
                code=codes[row] or "",
                word=word,
                meaning=_meaning_of(tree, word),
                pointer=pointer.replace("*", str(max(item - first, 0))) or None,
                sequence_number=int(numbers[item]) if item >= 0 else None,
            )
        )
    return found


def _meaning_of(tree: Tree | None, word: str) -> str:
    if tree is not None and word in tree.record.program.parameters:
        return tree.record.program.parameters[word][0].meaning
    if word not in WORDS:
        return word
    return WORDS[word].meaning if tree is None else meaning_of(tree, word)
