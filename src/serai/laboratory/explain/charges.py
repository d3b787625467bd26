"""Steps of charges: when one falls, base by rate or amount, exact product, rounding, where it is due, who owes it, whether it is collected."""

from fractions import Fraction

import msgspec
from sqlglot import exp

from serai.laboratory.explain import formula as formulas
from serai.laboratory.explain.record import Figure, RecordedCharge
from serai.laboratory.explain.steps import ChargeExplained, Step
from serai.laboratory.explain.tree import Tree, needed_of
from serai.laboratory.explain.wording import say_exact_money, say_money, say_rate, say_rounding
from serai.law.expression import Compiled
from serai.law.program import CompiledCharge, CompiledChoice


def explain_charges(tree: Tree, place: int | None) -> tuple[list[ChargeExplained], list[Step]]:
    """Return the charges of an item (or the consignment: None), and the steps of those that do not fall on it."""
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
    due = _choice(tree, f"{id_}.due", "due", one.charge.due, one.place, one.due, charge.law_ref)
    liable = _choice(
        tree, f"{id_}.liable", "liable", one.charge.liable, one.place, one.liable, charge.law_ref
    )
    children = [
        _part(tree, id_, "when", one.charge.when, one),
        *_amount_parts(tree, id_, one),
        due,
        liable,
        *_waiver(tree, id_, one),
    ]
    is_product = one.charge.amount is None
    currency = one.charge.currency
    step = Step(
        id=id_,
        kind="charge",
        name=charge.rule_id,
        meaning=charge.title,
        formula=_formula(one.charge),
        filled=_filled(tree, one),
        exact=_exact(one) if is_product else None,
        rounding=say_rounding(charge.rounding, currency, tree.phrases) if is_product else None,
        **tree.result(Figure("money", True, one.amount_minor, currency=currency)),
        law_ref=charge.law_ref,
        children=children,
    )
    return ChargeExplained(
        rule_id=charge.rule_id,
        title=charge.title,
        kind=charge.kind,
        tax_type_code=charge.tax_type_code,
        currency=currency,
        amount_minor=one.amount_minor,
        base_minor=one.base_minor,
        rate_numerator=one.rate_numerator,
        rate_denominator=one.rate_denominator,
        due_code=_code(one.charge.due, one.due),
        liable_code=_code(one.charge.liable, one.liable),
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


def _filled(tree: Tree, one: RecordedCharge) -> str:
    if one.charge.amount is not None:
        return tree.fill(formulas.parse(one.charge.amount.text), one.place, one.charge.charge.rounding)
    return f"{say_money(one.base_minor, one.charge.currency)} x {say_rate(one.rate_numerator, one.rate_denominator)}"


def _exact(one: RecordedCharge) -> str:
    """Return base x rate before rounding: the recorded base by the recorded rate."""
    return say_exact_money(
        Fraction(one.base_minor * one.rate_numerator, one.rate_denominator), one.charge.currency
    )


def _amount_parts(tree: Tree, id_: str, one: RecordedCharge) -> list[Step]:
    if one.charge.amount is not None:
        figure = Figure("money", True, one.amount_minor, currency=one.charge.currency)
        return [_part(tree, id_, "amount", one.charge.amount, one, figure)]
    assert one.charge.base is not None
    assert one.charge.rate is not None
    base = Figure("money", True, one.base_minor, currency=one.charge.base.currency)
    rate = Figure("rate", True, one.rate_numerator, one.rate_denominator)
    return [
        _part(tree, id_, "base", one.charge.base, one, base),
        _part(tree, id_, "rate", one.charge.rate, one, rate),
    ]


def _part(
    tree: Tree, id_: str, name: str, compiled: Compiled, one: RecordedCharge, figure: Figure | None = None
) -> Step:
    """Return the step of one expression of a charge; figure: as the record has it."""
    charge = one.charge.charge
    return _expression(
        tree, f"{id_}.{name}", name, compiled, one.charge, one.place, figure or None, charge.law_ref
    )


def _expression(
    tree: Tree,
    id_: str,
    name: str,
    compiled: Compiled,
    charge: CompiledCharge,
    place: int | None,
    figure: Figure | None,
    law_ref: str,
) -> Step:
    return tree.expression(
        id_,
        "condition" if name == "when" else "definition",
        name,
        tree.phrases.phrases[name],
        compiled.text,
        place,
        rounding=charge.charge.rounding,
        law_ref=law_ref,
        figure=figure,
    )


def _choice(
    tree: Tree, id_: str, name: str, choice: CompiledChoice, place: int | None, chosen: int, law_ref: str
) -> Step:
    return tree.choice(id_, name, tree.phrases.phrases[name], choice, place, chosen, law_ref=law_ref)


def _waiver(tree: Tree, id_: str, one: RecordedCharge) -> list[Step]:
    if one.charge.waived is None:
        return []
    law_ref = one.charge.charge.law_ref
    step = tree.expression(
        f"{id_}.waiver",
        "condition",
        "waiver",
        tree.phrases.phrases["waiver"],
        one.charge.waived.text,
        None,
        law_ref=law_ref,
    )
    outcome = tree.phrases.phrases["waived" if one.is_waived else "collected"]
    return [msgspec.structs.replace(step, result=outcome)]


def _not_charged(tree: Tree, compiled: CompiledCharge, place: int | None) -> Step:
    """Return why a charge does not fall, or what it waits for."""
    charge = compiled.charge
    id_ = f"{tree.scope(place)}.{charge.rule_id}"
    when = _expression(tree, f"{id_}.when", "when", compiled.when, compiled, place, None, charge.law_ref)
    children = [when]
    falls = tree.record.evaluate(compiled.when.text, charge.rounding, place)
    is_known = falls.is_known and not falls.is_true()
    if falls.is_true():
        for name, part in (("amount", compiled.amount), ("base", compiled.base), ("rate", compiled.rate)):
            if part is not None:
                part_id = f"{id_}.{name}"
                children.append(_expression(tree, part_id, name, part, compiled, place, None, charge.law_ref))
    return tree.tell(
        Step(
            id=id_,
            kind="charge",
            name=charge.rule_id,
            meaning=charge.title,
            formula=charge.when if is_known else _formula(compiled),
            result=tree.phrases.phrases["does_not_apply" if is_known else "unknown"],
            law_ref=charge.law_ref,
            is_known=is_known,
            needed=None if is_known else needed_of(children),
            children=children,
        )
    )
