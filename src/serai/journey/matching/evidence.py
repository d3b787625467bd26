"""How surely two documents belong together: each thing they both say speaks for or against, in bits.

A bit doubles or halves the odds. The sum is taken as odds and given in parts per million.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from serai.journey.matching import number_relation, people
from serai.journey.matching.number_relation import NumberTable, relate_numbers
from serai.journey.matching.people import compare_people
from serai.journey.reconciliation import sale_sums
from serai.journey.reconciliation.case_sums import CARRIED, DECLARED, ORDERED, PAID, Factor, convert_minor
from serai.journey.reconciliation.days import day_of_documents
from serai.journey.reconciliation.gaps import EQUAL, ROUNDED, SMALL, UNEXPLAINED
from serai.journey.reconciliation.sale_sums import Sale, share_of
from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import ABSENT

PRIOR_BITS: Final = -20
"""Before anything is compared: one document of a million is the right one."""
NUMBER_BITS: Final = {
    number_relation.NOTHING: 0,
    number_relation.STRANGE: -12,
    number_relation.HEAD: 3,
    number_relation.TAIL: 9,
    number_relation.SWAPPED_SIGNS: 14,
    number_relation.OTHER_FIELD: 24,
    number_relation.WRITTEN_OTHERWISE: 26,
    number_relation.SAME: 30,
}
NAME_BITS: Final = {
    people.UNKNOWN: 0,
    people.STRANGERS: -10,
    people.PERHAPS: 2,
    people.SIMILAR: 10,
    people.SAME: 12,
}
PHONE_SAME_BITS, PHONE_DIFFERS_BITS = 16, -3
PLATFORM_SAME_BITS, PLATFORM_DIFFERS_BITS = 1, -12
AMOUNT_UNKNOWN, AMOUNT_DIFFERS, AMOUNT_PART, AMOUNT_NEAR, AMOUNT_FITS = range(5)
AMOUNT_BITS: Final = {
    AMOUNT_UNKNOWN: 0,
    AMOUNT_DIFFERS: -12,
    AMOUNT_PART: -2,
    AMOUNT_NEAR: 6,
    AMOUNT_FITS: 10,
}
DAYS_NEAR_BITS, DAYS_APART_BITS, DAYS_NEAR = 2, -12, 3
MASS_FITS_BITS, MASS_DIFFERS_BITS = 4, -5


class PairLimits(NamedTuple):
    """Limits of matching, an entry a pair."""

    rounding_minor: Int64s
    amount_tolerance_ppm: Int64s
    exchange_drift_ppm: Int64s
    apart_days: Int64s
    mass_tolerance_ppm: Int64s
    mass_tolerance_g: Int64s


class Weighed(NamedTuple):
    """Pairs with what speaks for them. bits: of the sum; numbers, names, amounts: the relations behind it."""

    first: Int64s
    second: Int64s
    bits: Int64s
    numbers: Int64s
    names: Int64s
    amounts: Int64s

    def where(self, rows: Int64s | Flags) -> "Weighed":
        """Return some of the pairs."""
        return Weighed(*(column[rows] for column in self))


def score_ppm_of(bits: Int64s) -> Int64s:
    """Return 2^bits / (1 + 2^bits) in parts per million, rounded down."""
    odds = np.left_shift(np.int64(1), np.clip(np.abs(bits), 0, 40))
    score: Int64s = np.where(bits >= 0, odds * 1_000_000 // (odds + 1), 1_000_000 // (odds + 1))
    return score


def weigh_pairs(
    documents: Frame,
    table: NumberTable,
    place_in_table: Int64s,
    *,
    first: Int64s,
    second: Int64s,
    limits: PairLimits,
    is_exact: Flags,
    factor: Factor,
) -> Weighed:
    """Weigh pairs of documents of two kinds. is_exact: they are known to share a number in the same field."""
    numbers = relate_numbers(table, place_in_table[first], place_in_table[second])
    numbers[is_exact] = number_relation.SAME
    names = compare_people(documents, first, second)
    amounts = _compare_amounts(documents, first, second, limits, factor)
    bits = (
        PRIOR_BITS
        + _bits(NUMBER_BITS)[numbers]
        + _bits(NAME_BITS)[names]
        + _bits(AMOUNT_BITS)[amounts]
        + _equality_bits(documents.numbers("phone_hash"), first, second, PHONE_SAME_BITS, PHONE_DIFFERS_BITS)
        + _equality_bits(
            documents.numbers("platform_hash"), first, second, PLATFORM_SAME_BITS, PLATFORM_DIFFERS_BITS
        )
        + _day_bits(documents, first, second, limits)
        + _mass_bits(documents, first, second, limits)
    )
    return Weighed(first, second, bits, numbers, names, amounts)


def _bits(table: dict[int, int]) -> Int64s:
    return np.array([table[key] for key in sorted(table)], dtype=np.int64)


def _equality_bits(values: Int64s, first: Int64s, second: Int64s, same: int, differs: int) -> Int64s:
    one, other = values[first], values[second]
    return np.where((one == 0) | (other == 0), 0, np.where(one == other, same, differs))


def _day_bits(documents: Frame, first: Int64s, second: Int64s, limits: PairLimits) -> Int64s:
    day = day_of_documents(documents)
    one, other = day[first], day[second]
    is_known = (one != ABSENT) & (other != ABSENT)
    apart = np.where(is_known, np.abs(np.where(is_known, one, 0) - np.where(is_known, other, 0)), 0)
    found = np.where(
        apart <= DAYS_NEAR, DAYS_NEAR_BITS, np.where(apart > limits.apart_days, DAYS_APART_BITS, 0)
    )
    return np.where(is_known, found, 0)


def _mass_bits(documents: Frame, first: Int64s, second: Int64s, limits: PairLimits) -> Int64s:
    one, other = documents.numbers("gross_mass_g")[first], documents.numbers("gross_mass_g")[second]
    is_known = (one != ABSENT) & (other != ABSENT)
    slack = np.maximum(
        limits.mass_tolerance_g, share_of(np.where(is_known, one, 0), limits.mass_tolerance_ppm)
    )
    fits = np.abs(np.where(is_known, one - other, 0)) <= slack
    return np.where(is_known, np.where(fits, MASS_FITS_BITS, MASS_DIFFERS_BITS), 0)


# ---- amounts ----


def _compare_amounts(
    documents: Frame, first: Int64s, second: Int64s, limits: PairLimits, factor: Factor
) -> Int64s:
    kinds = documents.numbers("kind_number")
    found = np.full(len(first), AMOUNT_UNKNOWN, dtype=np.int64)
    swapped = kinds[first] > kinds[second]
    low, high = np.where(swapped, second, first), np.where(swapped, first, second)
    for pair, compare in (
        ((ORDERED, PAID), _paid_for_order),
        ((DECLARED, ORDERED), _declared_for_order),
        ((DECLARED, PAID), _paid_for_declared),
    ):
        rows = np.flatnonzero((kinds[low] == pair[0]) & (kinds[high] == pair[1]))
        if len(rows):
            few = PairLimits(*(column[rows] for column in limits))
            found[rows] = compare(documents, low[rows], high[rows], few, factor)
    return found


def _paid_for_order(
    documents: Frame, orders: Int64s, payments: Int64s, limits: PairLimits, factor: Factor
) -> Int64s:
    sale = _sale_of(documents, orders)
    paid, is_foreign = _in_currency_of(documents, payments, orders, "paid_minor", factor)
    gap = sale_sums.explain_paid(
        sale,
        paid,
        rounding_minor=limits.rounding_minor,
        tolerance_ppm=np.where(is_foreign, limits.exchange_drift_ppm, limits.amount_tolerance_ppm),
    )
    found = _of_closing(gap.closing)
    is_part = (found == AMOUNT_DIFFERS) & (paid < sale.due_minor)
    return np.where(paid == ABSENT, AMOUNT_UNKNOWN, np.where(is_part, AMOUNT_PART, found))


def _declared_for_order(
    documents: Frame, declared: Int64s, orders: Int64s, limits: PairLimits, factor: Factor
) -> Int64s:
    sale = _sale_of(documents, orders)
    goods, is_foreign = _in_currency_of(documents, declared, orders, "goods_minor", factor)
    discount, _ = _in_currency_of(documents, declared, orders, "discount_minor", factor)
    is_known = goods != ABSENT
    goods = np.where(is_known, goods, 0) - np.where(discount == ABSENT, 0, discount)
    gap = sale_sums.explain_declared(
        sale,
        goods,
        rounding_minor=limits.rounding_minor,
        tolerance_ppm=np.where(is_foreign, limits.exchange_drift_ppm, limits.amount_tolerance_ppm),
    )
    found = _of_closing(gap.closing)
    is_part = (found == AMOUNT_DIFFERS) & (goods < sale.goods_minor)
    return np.where(is_known, np.where(is_part, AMOUNT_PART, found), AMOUNT_UNKNOWN)


def _paid_for_declared(
    documents: Frame, declared: Int64s, payments: Int64s, limits: PairLimits, factor: Factor
) -> Int64s:
    """Without the order a payment tells little: it may hold freight and tax, or lack a coupon."""
    paid, is_foreign = _in_currency_of(documents, payments, declared, "paid_minor", factor)
    goods = documents.numbers("goods_minor")[declared]
    goods = goods - _or_zero(documents.numbers("discount_minor")[declared])
    with_freight = (
        goods
        + _or_zero(documents.numbers("freight_minor")[declared])
        + _or_zero(documents.numbers("insurance_minor")[declared])
    )
    gap = np.minimum(np.abs(paid - goods), np.abs(paid - with_freight))
    tolerance = np.where(is_foreign, limits.exchange_drift_ppm, limits.amount_tolerance_ppm)
    found = np.where(gap == 0, AMOUNT_FITS, AMOUNT_PART)
    near = (gap > 0) & (gap <= np.maximum(limits.rounding_minor, share_of(goods, tolerance)))
    found[near] = AMOUNT_NEAR
    found[gap > np.abs(goods)] = AMOUNT_DIFFERS
    is_known = (paid != ABSENT) & (documents.numbers("goods_minor")[declared] != ABSENT)
    return np.where(is_known, found, AMOUNT_UNKNOWN)


def _of_closing(closing: Int64s) -> Int64s:
    table = np.zeros(4, dtype=np.int64)
    table[UNEXPLAINED], table[EQUAL], table[ROUNDED], table[SMALL] = (
        AMOUNT_DIFFERS,
        AMOUNT_FITS,
        AMOUNT_NEAR,
        AMOUNT_NEAR,
    )
    return table[closing]


def _sale_of(documents: Frame, orders: Int64s) -> Sale:
    goods, discount, freight, insurance, tax = (
        _or_zero(documents.numbers(name)[orders])
        for name in ("goods_minor", "discount_minor", "freight_minor", "insurance_minor", "tax_minor")
    )
    sale = Sale(goods, discount, freight, insurance, tax, documents.numbers("paid_minor")[orders])
    is_stated = sale.stated_paid_minor != ABSENT
    return sale._replace(stated_paid_minor=np.where(is_stated, sale.stated_paid_minor, sale.due_minor))


def _in_currency_of(
    documents: Frame, sources: Int64s, targets: Int64s, name: str, factor: Factor
) -> tuple[Int64s, Flags]:
    """Return amounts of documents in the currency of others, and which had to be converted."""
    words = documents.words("currency_code")
    amounts = documents.numbers(name)[sources].copy()
    own, other = words.codes[sources].astype(np.int64), words.codes[targets].astype(np.int64)
    is_foreign = (own != other) & (amounts != ABSENT)
    rows = np.flatnonzero(is_foreign)
    if len(rows):
        day = day_of_documents(documents)
        days = np.where(day[sources[rows]] == ABSENT, day[targets[rows]], day[sources[rows]])
        amounts[rows] = convert_minor(
            amounts[rows], words.words, sources=own[rows], targets=other[rows], days=days, factor=factor
        )
    return amounts, is_foreign


def _or_zero(values: Int64s) -> Int64s:
    return np.where(values == ABSENT, 0, values)


LINKED_KINDS: Final[Sequence[tuple[int, int]]] = (
    (DECLARED, ORDERED),
    (DECLARED, PAID),
    (DECLARED, CARRIED),
    (ORDERED, PAID),
    (ORDERED, CARRIED),
)
"""Kinds of which a pair is weighed, the lower first: payments and carriers know nothing of each other, and
two documents of one kind belong together over what is between them only."""
