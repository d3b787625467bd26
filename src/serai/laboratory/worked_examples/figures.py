"""What an assessment came to, under the names worked examples use."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from serai.journey.assessment.rules import Assessment, sum_charges
from serai.law.composition import ROUNDING
from serai.model.columns import Int64s
from serai.model.money import MICRO


def liable_for(assessed: Assessment, kind: str) -> Sequence[str]:
    """Return who owes charges of a kind that are more than nothing; `none` when there are none."""
    return _debtors(assessed, kind, is_something=True) or ("none",)


def tellings_of(assessed: Assessment, kind: str) -> list[Sequence[str]]:
    """Return how a case may tell who owes charges of a kind.

    Where they come to nothing: nobody, whoever would owe them, or for duty whoever owes the excise, which
    cases count among the duties.
    """
    owing = _debtors(assessed, kind, is_something=True)
    if owing:
        return [owing]
    excise = _debtors(assessed, "excise", is_something=True) if kind == "duty" else ()
    return [("none",), _debtors(assessed, kind, is_something=False), excise]


def _debtors(assessed: Assessment, kind: str, *, is_something: bool) -> Sequence[str]:
    """Return who owes charges of a kind that come to something, or those that come to nothing."""
    charges = assessed.charges
    kinds, liable = charges.words("kind_code").texts(), charges.words("debtor_code").texts()
    here = ((charges.numbers("amount_minor") != 0) == is_something) & ~charges.flags("is_waived")
    found = (
        who or "none"
        for k, who, counts in zip(kinds, liable, here.tolist(), strict=True)
        if k == kind and counts
    )
    return tuple(dict.fromkeys(found))


def is_waived(assessed: Assessment, place: int) -> bool:
    """Say whether all that falls on a goods item is computed and not levied."""
    charges = assessed.charges
    here = charges.numbers("item") == place
    return bool(here.any() and charges.flags("is_waived")[here].all())


Figures = dict[str, int | None]
"""By the name worked examples use; None: it cannot be said."""


def total_figures(assessed: Assessment, currency: str) -> Figures:
    """Return the totals of a single consignment under the names worked examples use; those of charges are
    unknown where one of them is."""
    sums = _sums_of_charges(assessed, currency)
    if assessed.consignments.flags("has_unknown_charge")[0]:
        sums = dict.fromkeys(sums)
    # What goes back keeps its value on the item and is none in sum: nothing comes in.
    is_return = assessed.consignments.words("sale_nature_code").texts()[0] == "return"
    customs_values = assessed.items.numbers("customs_value_minor")
    sums["customs_value_minor"] = 0 if is_return else int(customs_values.sum())
    for figure, names in OF_THE_LAW.items():
        sums[figure] = _value_of_law(assessed, names)
    return sums


_PARTS = ("waived_minor", "refund_from_seller_minor", "border_tax_minor")
"""Sums beside those of a decision."""


def _sums_of_charges(assessed: Assessment, currency: str) -> Figures:
    columns = sum_charges(assessed.charges, [currency], 1)
    sums = Counter(dict.fromkeys(_PARTS, 0) | {name: int(column[0]) for name, column in columns.items()})
    sums["due_on_buyer_return_minor"] = sums.pop("due_at_buyer_return_minor")
    for kind, due, code, amount, is_waived in _charge_rows(assessed):
        if is_waived:
            sums["waived_minor"] += amount
        elif code != currency:
            sums[f"overlay_fee_{code}_minor"] += amount
        elif kind == "claim":
            sums["refund_from_seller_minor"] += amount
        elif kind == "tax":
            sums["border_tax_minor"] += amount if due == "border" else 0
    return dict(sums)


OF_THE_LAW = {
    "threshold_value_minor": ("threshold_value", "intrinsic_value"),
    "quota_used_after_minor": ("allowance_used_after",),
    "tax_restored_minor": ("tax_restored",),
}
"""Figures that are a definition of the law: the first name it has. `threshold_value` is in the limit's
currency.
"""


def _value_of_law(assessed: Assessment, names: Sequence[str]) -> int:
    run = assessed.runs[0].run
    value = next((run.read(name) for name in names if name in run.program.definition_of), None)
    return 0 if value is None or not value.known_flags()[0] else int(value.data[0])


def _charge_rows(assessed: Assessment) -> list[tuple[str | None, str | None, str | None, int, bool]]:
    charges = assessed.charges
    return list(
        zip(
            charges.words("kind_code").texts(),
            charges.words("due_code").texts(),
            charges.words("currency_code").texts(),
            charges.numbers("amount_minor").tolist(),
            charges.flags("is_waived").tolist(),
            strict=True,
        )
    )


def item_figures(assessed: Assessment, place: int) -> Figures:
    """Return the figures of one goods item under the names worked examples use."""
    charges = assessed.charges
    here: Int64s = charges.numbers("item") == place
    kinds = charges.words("kind_code").texts()
    here &= ~charges.flags("is_waived")
    amounts, bases = charges.numbers("amount_minor").tolist(), charges.numbers("base_minor").tolist()
    customs_value = int(assessed.items.numbers("customs_value_minor")[place])
    figures = Counter(customs_value_minor=customs_value, tax_base_minor=_untaxed_base(assessed, place))
    for row in here.nonzero()[0].tolist():
        kind = kinds[row]
        if kind == "claim":
            continue
        figures[f"{kind}_minor"] += amounts[row]
        if kind == "tax":
            figures["tax_base_minor"] = bases[row]
    return {**figures, **dict.fromkeys(_unknown_on_item(assessed, place))}


def _unknown_on_item(assessed: Assessment, place: int) -> list[str]:
    """Return the figures of a goods item that a charge unknown on it is part of."""
    run = assessed.runs[0].run
    found = []
    for compiled in run.program.charges:
        kind = compiled.charge.kind
        is_of_items = compiled.charge.level == "item" and kind != "claim"
        if is_of_items and not run.read(compiled.name).known_flags()[place]:
            found += [f"{kind}_minor", *(["tax_base_minor"] if kind == "tax" else [])]
    return found


def tax_rates_ppm(assessed: Assessment, place: int) -> list[int]:
    """Return the rates that the law used on a goods item that is taxed, in parts per million, ascending: of
    the taxes themselves, and those they are made of. None where nothing is taxed by a rate.
    """
    charges = assessed.charges
    kinds, of = charges.words("kind_code").texts(), charges.numbers("rate_denominator").tolist()
    rates, items = charges.numbers("rate_numerator").tolist(), charges.numbers("item").tolist()
    rows = [row for row, kind in enumerate(kinds) if kind == "tax" and items[row] in (place, -1) and of[row]]
    found = {rates[row] * MICRO // of[row] for row in rows}
    run = assessed.runs[0].run
    names = run.recorded() if found else ()
    for name in names:
        symbol = run.program.symbols.get(name)
        if symbol is not None and symbol.kind == "rate":
            value = run.read(name)
            number = place if len(value.data) > 1 else 0
            if value.known_flags()[number]:
                denominator = np.broadcast_to(value.denominator, len(value.data))[number]
                found.add(int(value.numbers[number]) * MICRO // int(denominator))
    return sorted(found)


def _untaxed_base(assessed: Assessment, place: int) -> int:
    """Return the base of the tax on an item that owes none: as the law defines it, else the customs value;
    nothing where the law has no tax.
    """
    run = assessed.runs[0].run
    if "tax_base" in run.program.definition_of:
        base = run.read("tax_base")
        return int(base.numbers[place]) if base.known_flags()[place] else 0
    if not any(one.charge.kind == "tax" for one in run.program.charges):
        return 0
    return int(assessed.items.numbers("customs_value_minor")[place])


def amounts_of_charges(assessed: Assessment, place: int | None) -> Counter[int]:
    """Return what single charges came to, on one item or in sum: of those that are not nothing, how many came
    to each amount. What is waived counts in one sum; bases of tax and amounts that the law defines count too.
    """
    charges, run = assessed.charges, assessed.runs[0].run
    items = charges.numbers("item")
    here = np.ones(len(items), dtype=np.bool_) if place is None else items == place
    by_rule: Counter[str] = Counter()
    bases: Counter[int] = Counter()
    for row in here.nonzero()[0].tolist():
        rule_id = run.program.charges[int(charges.numbers("charge_number")[row])].charge.rule_id
        name = "waived" if charges.flags("is_waived")[row] else rule_id.removesuffix(ROUNDING)
        by_rule[name] += int(charges.numbers("amount_minor")[row])
        if charges.words("kind_code").texts()[row] == "tax":
            bases[int(charges.numbers("base_minor")[row])] += 1
    found = Counter(by_rule.values()) + bases
    for one in run.program.definitions:
        level = "consignment" if place is None else "item"
        if one.compiled.kind == "money" and one.definition.level == level:
            value = run.read(one.definition.name)
            if value.known_flags()[place or 0]:
                found[int(value.numbers[place or 0])] += 1
    return found
