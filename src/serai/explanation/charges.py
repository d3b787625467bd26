"""Steps of charges: when one falls, base by rate or amount, exact product, rounding, where it is due, who
owes it, whether it is collected.
"""

from dataclasses import replace
from fractions import Fraction

import msgspec
from sqlglot import exp

from serai.explanation import formula as formulas
from serai.explanation.record import Figure, RecordedCharge
from serai.explanation.steps import ChargeExplained, Step, StepKind
from serai.explanation.tree import Spot, Tree, needed_of
from serai.explanation.wording import render_exact_money, render_money, render_rate, render_rounding
from serai.law.expression import Compiled
from serai.law.program import CompiledCharge, CompiledChoice
from serai.model.money import percent_text


def explain_charges(tree: Tree, place: int | None) -> tuple[list[ChargeExplained], list[Step]]:
    """Return the charges of an item (or the consignment: None), and the steps of those that do not fall on
    it.
    """
    level = "consignment" if place is None else "item"
    charged, not_charged = [], []
    for compiled in tree.record.program.charges:
        if compiled.charge.level != level:
            continue
        recorded = tree.record.charge_of(compiled.name, place)
        tree.in_charge, tree.charge_number = compiled.charge.rule_id, compiled.number
        tree.record.show_tax_base_before(compiled.number)
        if recorded is None:
            not_charged.append(_not_charged(tree, compiled, place))
        else:
            charged.append(_charged(tree, recorded))
    return charged, not_charged


def _charged(tree: Tree, one: RecordedCharge) -> ChargeExplained:
    charge = one.charge.charge
    id_ = f"{tree.scope(one.place)}.{charge.rule_id}"
    spot = Spot(id_, one.place, charge.law_ref, charge.rounding)
    children = [
        *_conditions(tree, spot, one.charge),
        *_amount_parts(tree, spot, one),
        _choice(tree, spot, "due", one.charge.due, one.due),
        _choice(tree, spot, "debtor", one.charge.debtor, one.debtor),
        *_waiver(tree, spot, one),
    ]
    is_product = one.charge.amount is None
    currency = one.charge.currency
    step = Step(
        id=id_,
        kind="charge",
        name=charge.rule_id,
        meaning=tree.phrases.of_law(charge.title),
        formula=_formula(one.charge),
        filled=_filled(tree, spot, one),
        exact=_exact(one, tree.phrases.language) if is_product else None,
        rounding=render_rounding(charge.rounding, currency, tree.phrases) if is_product else None,
        **tree.result(Figure("money", True, one.amount_minor, currency=currency)),
        law_ref=charge.law_ref,
        children=children,
    )
    return ChargeExplained(
        rule_id=charge.rule_id,
        title=tree.phrases.of_law(charge.title),
        kind=charge.kind,
        tax_type_code=charge.tax_type_code,
        currency=currency,
        amount_minor=one.amount_minor,
        base_minor=one.base_minor,
        rate_percent=percent_text(one.rate_numerator, one.rate_denominator) if one.rate_denominator else None,
        rate_numerator=one.rate_numerator,
        rate_denominator=one.rate_denominator,
        due_code=_code(one.charge.due, one.due),
        debtor_code=_code(one.charge.debtor, one.debtor),
        is_waived=one.is_waived,
        step=tree.tell(step),
    )


def _code(choice: CompiledChoice, number: int) -> str | None:
    return choice.rows[number][0] if number >= 0 else None


def _formula(compiled: CompiledCharge) -> str:
    if compiled.amount is not None:
        return compiled.amount.text
    assert compiled.base is not None
    assert compiled.rate is not None
    return f"{_in_brackets(compiled.base)} x {_in_brackets(compiled.rate)}"


def _in_brackets(compiled: Compiled) -> str:
    tree = formulas.bare(formulas.parse(compiled.text))
    return compiled.text if isinstance(tree, exp.Column | exp.Coalesce) else f"({compiled.text})"


def _filled(tree: Tree, spot: Spot, one: RecordedCharge) -> str:
    if one.charge.amount is not None:
        return tree.fill(formulas.parse(one.charge.amount.text), spot)
    language = tree.phrases.language
    rate = render_rate(one.rate_numerator, one.rate_denominator, language)
    return f"{render_money(one.base_minor, one.charge.currency, language)} x {rate}"


def _exact(one: RecordedCharge, language: str) -> str:
    """Return base x rate before rounding: the recorded base by the recorded rate."""
    return render_exact_money(
        Fraction(one.base_minor * one.rate_numerator, one.rate_denominator), one.charge.currency, language
    )


def _amount_parts(tree: Tree, spot: Spot, one: RecordedCharge) -> list[Step]:
    if one.charge.amount is not None:
        figure = Figure("money", True, one.amount_minor, currency=one.charge.currency)
        return [_part(tree, spot, "amount", one.charge.amount, figure)]
    assert one.charge.base is not None
    assert one.charge.rate is not None
    base = Figure("money", True, one.base_minor, currency=one.charge.base.currency)
    rate = Figure("rate", True, one.rate_numerator, one.rate_denominator)
    return [
        _part(tree, spot, "base", one.charge.base, base),
        _part(tree, spot, "rate", one.charge.rate, rate),
    ]


def _part(tree: Tree, spot: Spot, name: str, compiled: Compiled, figure: Figure | None = None) -> Step:
    """Return the step of one expression of a charge; figure: as the record has it."""
    part = replace(spot, id=f"{spot.id}.{name}")
    kind: StepKind = "condition" if name == "when" else "definition"
    return tree.expression(part, kind, name, tree.phrases.phrases[name], compiled.text, figure=figure)


def _conditions(tree: Tree, spot: Spot, compiled: CompiledCharge) -> list[Step]:
    """Return when a charge falls, and each exception to it."""
    charge = compiled.charge
    is_guarded = compiled.when.text != charge.condition
    if not charge.unless or is_guarded:
        return [_part(tree, spot, "when", compiled.when)]
    part = replace(spot, id=f"{spot.id}.when")
    exceptions = tree.exceptions(spot, charge.unless)
    if charge.when.upper() == "TRUE":
        return exceptions
    return [
        tree.expression(part, "condition", "when", tree.phrases.phrases["when"], charge.when),
        *exceptions,
    ]


def _choice(tree: Tree, spot: Spot, name: str, choice: CompiledChoice, chosen: int) -> Step:
    part = replace(spot, id=f"{spot.id}.{name}")
    return tree.choice(part, name, tree.phrases.phrases[name], choice, chosen)


def _waiver(tree: Tree, spot: Spot, one: RecordedCharge) -> list[Step]:
    if one.charge.waived is None:
        return []
    part = Spot(f"{spot.id}.waiver", None, spot.law_ref)
    meaning = tree.phrases.phrases["waiver"]
    step = tree.expression(part, "condition", "waiver", meaning, one.charge.waived.text)
    if not step.is_known:
        return [step]
    outcome = tree.phrases.phrases["waived" if one.is_waived else "collected"]
    return [msgspec.structs.replace(step, result=outcome)]


def _not_charged(tree: Tree, compiled: CompiledCharge, place: int | None) -> Step:
    """Return why a charge does not fall, or what it waits for."""
    charge = compiled.charge
    spot = Spot(f"{tree.scope(place)}.{charge.rule_id}", place, charge.law_ref, charge.rounding)
    children = _conditions(tree, spot, compiled)
    falls = tree.record.evaluate(compiled.when.text, charge.rounding, place)
    is_known = falls.is_known and not falls.is_true()
    if falls.is_true():
        parts = (("amount", compiled.amount), ("base", compiled.base), ("rate", compiled.rate))
        children += [_part(tree, spot, name, part) for name, part in parts if part is not None]
    return tree.tell(
        Step(
            id=spot.id,
            kind="charge",
            name=charge.rule_id,
            meaning=tree.phrases.of_law(charge.title),
            formula=charge.condition if is_known else _formula(compiled),
            result=tree.phrases.phrases["does_not_apply" if is_known else "unknown"],
            law_ref=charge.law_ref,
            is_known=is_known,
            needed=None if is_known else needed_of(children),
            children=children,
        )
    )
