"""Amounts from one currency into another, at the published rate of the day the law names, rounded as it
says.
"""

import numpy as np

from serai.law.exact import multiply_divide
from serai.law.pack import Conversion
from serai.law.rows import Rows
from serai.law.small_arrays import all_true, distinct
from serai.law.values import Value, both_known, spread
from serai.model.columns import Coded, Flags, Int64s
from serai.model.frames import ABSENT
from serai.model.money import MICRO_PLACES, PLACES

MONEY_MOST_MINOR = 10**12
"""The largest amount a law computes with, minor units: what is above is unknown, so that sums stay in 64
bits.
"""


def convert(
    rows: Rows, name: str, micro: Int64s, currencies: Coded, conversion: Conversion, *, is_item: bool
) -> Value:
    """Convert decimal amounts (millionths of a unit) into minor units of the law's currency.

    name: of the word, under which `is_beyond` tells amounts too large. Unknown where an amount is absent,
    there is no rate for the day or the result is too large. Nothing of an unknown currency is still nothing.
    """
    home = rows.program.currency
    if currencies.words == (home,) and all_true(currencies.codes >= 0):
        value = micro // minor_step(home)
        return _within_range(rows, name, value, _where_given(micro))
    days = rows.moment_days(conversion.moment, conversion.fallback_moment)
    if is_item:
        days = spread(days, rows.owner)
    first_rows, inverse = distinct(days.numbers * (len(currencies.words) + 1) + currencies.codes + 1)
    factors, steps = [], []
    for row in first_rows:
        currency = currencies.words[currencies.codes[row]] if currencies.codes[row] >= 0 else None
        is_day_known = days.known is None or bool(days.known[row])
        factor = None
        if currency in PLACES and (currency == home or is_day_known):
            factor = rows.reference.exchange.factor(conversion.table, home, currency, int(days.data[row]))
        factors.append(factor)
        steps.append(minor_step(currency or home))
    minor = micro // np.array(steps, dtype=np.int64)[inverse]
    numerator = np.array([f[0] if f else 0 for f in factors], dtype=np.int64)[inverse]
    denominator = np.array([f[1] if f else 1 for f in factors], dtype=np.int64)[inverse]
    known = np.array([f is not None for f in factors], dtype=np.bool_)[inverse] | (micro == 0)
    rounding = conversion.rounding
    known &= micro != ABSENT
    minor = np.where(known, minor, 0)
    value = multiply_divide(minor, numerator, denominator, mode=rounding.mode, unit=rounding.unit_minor)
    if home in currencies.words:
        # Amounts in the law's own currency are not converted, so not rounded: whatever else is in the batch.
        value = np.where(currencies.codes == currencies.words.index(home), minor, value)
    return _within_range(rows, name, value, None if all_true(known) else known)


def _where_given(micro: Int64s) -> Flags | None:
    is_given = micro != ABSENT
    return None if all_true(is_given) else is_given


def _within_range(rows: Rows, name: str, value: Int64s, known: Flags | None) -> Value:
    within = np.abs(value) <= MONEY_MOST_MINOR
    if all_true(within):
        return Value(value, known)
    rows.values[f"__beyond_{name}"] = Value(~within if known is None else ~within & known)
    return Value(np.where(within, value, 0), both_known(known, within))


def is_beyond(rows: Rows, name: str) -> Flags | None:
    """Say where the amount of a word is known and too large; None says nowhere."""
    value = rows.values.get(f"__beyond_{name}")
    return None if value is None else value.flags


def minor_step(currency: str) -> int:
    """Return how many millionths of a unit one minor unit is; a currency not in ISO 4217 has no rate
    anyway.
    """
    return int(10 ** (MICRO_PLACES - PLACES.get(currency, 2)))


def in_currency(rows: Rows, amount: Value, source: str, target: str) -> Value:
    """Return an amount of currency `source` in `target`, at the first rate of the pack, half up.

    One of the two is the law's own: published rates are against it. Between two others nothing is known.
    """
    if source == target:
        return amount
    home = rows.program.currency
    conversion = rows.program.base.conversions[0]
    days = rows.moment_days(conversion.moment, conversion.fallback_moment)
    if len(amount.data) == len(rows.owner) and len(amount.data) != len(days.data):
        days = spread(days, rows.owner)
    first_rows, place = distinct(days.numbers)
    find, foreign = rows.reference.exchange.factor, target if source == home else source
    factors = [find(conversion.table, home, foreign, int(days.data[row])) for row in first_rows]
    if home not in (source, target):
        factors = [None] * len(first_rows)
    numerator = np.array([f[0] if f else 1 for f in factors], dtype=np.int64)[place]
    denominator = np.array([f[1] if f else 1 for f in factors], dtype=np.int64)[place]
    known = np.array([f is not None for f in factors], dtype=np.bool_)[place]
    if source == home:
        numerator, denominator = denominator, numerator
    data = np.broadcast_to(amount.numbers, days.data.shape)
    converted = multiply_divide(data, numerator, denominator, mode="half_up")
    return Value(converted, both_known(amount.known, both_known(days.known, known)))
