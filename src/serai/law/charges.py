"""Charges on the rows of a program: what each came to, where it is due and who owes it."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from serai.law.arithmetic import within_product
from serai.law.exact import multiply_divide
from serai.law.node import ITEMS_MAX, PRODUCT_MOST, Compiled
from serai.law.pack import Charge
from serai.law.program import DUE_CODES, CompiledCharge, CompiledChoice
from serai.law.rows import Rows
from serai.law.small_arrays import all_true, any_true, places_of
from serai.law.values import Value, both_known
from serai.model.columns import Flags, Int32s, Int64s


@dataclass(frozen=True, slots=True)
class ChargeRows:
    """What one charge came to. rows: of items (or consignments, by the charge's level) it falls on.

    base_minor, rate_*: null (0 / 0) where the charge is an amount. due, debtor: the choice's row; -1
    undecided.
    """

    charge: CompiledCharge
    rows: Int64s
    base_minor: Int64s
    rate_numerator: Int64s
    rate_denominator: Int64s
    amount_minor: Int64s
    due: Int32s
    debtor: Int32s
    is_waived: Flags


class Blame(Protocol):
    """Notes that an expression could not be answered on some rows of a level."""

    def __call__(self, compiled: Compiled, level: str, unknown: Int64s, rule_id: str) -> None:
        """Note it."""
        ...


def choose(
    rows: Rows, choice: CompiledChoice, level: str
) -> tuple[Int32s, tuple[tuple[Compiled, Int64s], ...]]:
    """Return for each row the first row of the choice that holds, and which conditions were in doubt where.

    -1: none holds, or an unknown condition stood before any that holds: then nothing is decided.
    """
    if choice.is_fixed:
        return np.zeros(rows.count(level), dtype=np.int32), ()
    chosen = np.full(rows.count(level), -1, dtype=np.int32)
    is_open = np.ones(len(chosen), dtype=np.bool_)
    doubts = []
    for number, (_, condition, _) in enumerate(choice.rows):
        if not any_true(is_open):
            break
        value = condition.evaluate(rows)
        if value.known is None and len(value.data) == 1 and bool(value.data[0]):
            chosen[is_open] = number
            break
        if value.known is None and not any_true(value.flags):
            continue
        value = rows.stretch(value, condition.level, level)
        if value.known is not None:
            doubt = places_of(is_open & ~value.known)
            if len(doubt):
                doubts.append((condition, doubt))
                is_open[doubt] = False
        here = is_open & value.holds()
        chosen[here] = number
        is_open &= ~here
    return chosen, tuple(doubts)


def compute_charge(rows: Rows, compiled: CompiledCharge, blame: Blame) -> tuple[ChargeRows | None, Value]:
    """Return the rows a charge falls on (None: on none) and its amount on every row of its level.

    The amount is unknown, not nothing, where whether or how much cannot be said: what rests on it is
    unknown too.
    """
    level, rule_id = compiled.charge.level, compiled.charge.rule_id
    when = rows.whole(compiled.when, level)
    unknown = None if when.known is None else ~when.known
    if unknown is not None and any_true(unknown):
        blame(compiled.when, level, places_of(unknown), rule_id)
    places = places_of(when.holds())
    full = np.zeros(len(when.data), dtype=np.int64)
    if not len(places):
        return None, Value(full, when.known)
    base, rate, amount = _amounts(rows, compiled, places, blame)
    if amount.known is not None and not all_true(amount.known):
        unknown = np.zeros(len(full), dtype=np.bool_) if unknown is None else unknown
        unknown[places[~amount.known]] = True
        keep = places_of(amount.known)
        places, base, amount = places[keep], base[keep], Value(amount.data[keep])
        rate = (rate[0][keep], rate[1][keep])
    most = PRODUCT_MOST if level == "item" else PRODUCT_MOST * ITEMS_MAX
    within_product(amount.numbers, most)
    full[places] = amount.numbers
    due, debtor = (
        _choose_at(rows, choice, compiled.charge, places, blame) for choice in (compiled.due, compiled.debtor)
    )
    waived = np.zeros(len(places), dtype=np.bool_)
    charged = ChargeRows(compiled, places, base, rate[0], rate[1], amount.numbers, due, debtor, waived)
    return charged, Value(full, None if unknown is None else ~unknown)


def _amounts(
    rows: Rows, compiled: CompiledCharge, places: Int64s, blame: Blame
) -> tuple[Int64s, tuple[Int64s, Int64s], Value]:
    """Return base, rate (numerator, denominator) and amount on the places."""
    if compiled.amount is not None:
        zero = np.zeros(len(places), dtype=np.int64)
        on = (
            zero
            if compiled.base is None
            else _at(rows, compiled.base, compiled.charge, places, blame).numbers
        )
        return on, (zero, zero), _at(rows, compiled.amount, compiled.charge, places, blame)
    assert compiled.base is not None
    assert compiled.rate is not None
    base = _at(rows, compiled.base, compiled.charge, places, blame)
    rate = _at(rows, compiled.rate, compiled.charge, places, blame)
    numerator = rate.numbers
    denominator = _of_each(rate.denominator, len(places))
    rounding = compiled.charge.rounding
    known = both_known(base.known, rate.known)
    product = multiply_divide(
        base.numbers, numerator, denominator, mode=rounding.mode, unit=rounding.unit_minor
    )
    return base.numbers, (numerator, denominator), Value(product, known)


def _of_each(denominator: Int64s | int, count: int) -> Int64s:
    if isinstance(denominator, int) or denominator.ndim == 0:
        return np.full(count, int(denominator), dtype=np.int64)
    return denominator if len(denominator) == count else denominator.repeat(count)


def _at(rows: Rows, compiled: Compiled, charge: Charge, places: Int64s, blame: Blame) -> Value:
    value = rows.whole(compiled, charge.level)
    known = None if value.known is None else value.known[places]
    denominator = value.denominator
    if isinstance(denominator, np.ndarray) and denominator.size > 1:
        denominator = denominator[places]
    if known is not None and not all_true(known):
        blame(compiled, charge.level, places[~known], charge.rule_id)
    return Value(value.data[places], known, denominator)


def _choose_at(rows: Rows, choice: CompiledChoice, charge: Charge, places: Int64s, blame: Blame) -> Int32s:
    chosen, doubts = choose(rows, choice, charge.level)
    for condition, doubt in doubts:
        asked = np.intersect1d(doubt, places, assume_unique=True)
        if len(asked):
            blame(condition, charge.level, asked, charge.rule_id)
    return chosen[places]


def sum_due_at_border(rows: Rows, charges: list[ChargeRows]) -> Value:
    """Return what is due at the border for each consignment, in the law's currency; unknown where a charge
    is.
    """
    total = np.zeros(rows.count("consignment"), dtype=np.int64)
    for charged in charges:
        if charged.charge.charge.kind == "claim" or charged.charge.currency != rows.program.currency:
            continue
        codes = np.array([*(DUE_CODES.index(code) for code, _, _ in charged.charge.due.rows), -1])
        at_border = np.where(codes[charged.due] == 0, charged.amount_minor, 0)
        is_item = charged.charge.charge.level == "item"
        np.add.at(total, rows.owner[charged.rows] if is_item else charged.rows, at_border)
    return Value(total, all_charges_known(rows))


def all_charges_known(rows: Rows) -> Flags | None:
    """Say of which consignments every charge can be said, claims left out; None: of all."""
    known: Flags | None = None
    for compiled in rows.program.charges:
        own = rows.values[compiled.name].known
        if own is not None and compiled.charge.kind != "claim":
            is_item = compiled.charge.level == "item"
            known = both_known(known, np.logical_and.reduceat(own, rows.first_items) if is_item else own)
    return known


def waive(rows: Rows, charges: list[ChargeRows]) -> list[ChargeRows]:
    """Mark charges the law does not collect, once all are known: the limit is tested on the consignment's
    sum.
    """
    if not any(charged.charge.waived for charged in charges):
        return charges
    rows.values["due_at_border"] = sum_due_at_border(rows, charges)
    return [_waived(rows, charged) for charged in charges]


def _waived(rows: Rows, charged: ChargeRows) -> ChargeRows:
    if charged.charge.waived is None:
        return charged
    holds = rows.whole(charged.charge.waived, "consignment").holds()
    is_item = charged.charge.charge.level == "item"
    return replace(charged, is_waived=holds[rows.owner[charged.rows] if is_item else charged.rows])
