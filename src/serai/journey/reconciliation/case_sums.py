"""What the documents of each case come to, kind by kind: counts, sums in money, mass, pieces, first days."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from serai.journey.reconciliation.days import day_of_documents
from serai.journey.reconciliation.sale_sums import Sale
from serai.model.columns import Coded, Flags, Frame, Int64s
from serai.model.frames import ABSENT

DECLARED, ORDERED, PAID, CARRIED = 1, 2, 3, 4
"""Kinds of document, as `kind_number`."""
KINDS_COUNT: Final = 4

Factor = Callable[[str, int], tuple[int, int] | None]
"""Numerator and denominator that turn minor units of a currency on a day into minor units of one that is the
same for all; None without a rate."""


class CaseSums(NamedTuple):
    """Sums of cases. Of money ABSENT: not all documents of the kind state it.

    counts: cases by kind (0 not used). currencies: code of the kind's currency by kind, -1 none, -2 several:
    what was paid or declared in several is summed in the currency of the order, ABSENT without a rate.
    days: the first of each kind, ABSENT none stated. declared_sale: of the orders that the declarations are
    about, as is the quantity ordered; sale: of all that were paid for.
    """

    counts: Int64s
    currencies: Int64s
    days: Int64s
    sale: Sale
    declared_sale: Sale
    is_sale_known: Flags
    paid_minor: Int64s
    declared_minor: Int64s
    freight_declared_minor: Int64s
    is_declared_known: Flags
    mass_g: Int64s
    packages: Int64s
    quantity_micro: Int64s
    quantity_units: Int64s


def sum_cases(
    documents: Frame, case_of: Int64s, case_count: int, factor: Factor, *, is_undeclared: Flags
) -> CaseSums:
    """Sum the documents of cases. case_of: place of the case of each document, from 0. is_undeclared: orders
    that no declaration of their case is about."""
    kinds = documents.numbers("kind_number")
    slot = case_of * (KINDS_COUNT + 1) + kinds
    shape = (case_count, KINDS_COUNT + 1)
    size = case_count * (KINDS_COUNT + 1)
    counts = np.bincount(slot, minlength=size)
    rows_of = {kind: np.flatnonzero(kinds == kind) for kind in (DECLARED, ORDERED, PAID, CARRIED)}
    orders, payments, declared = rows_of[ORDERED], rows_of[PAID], rows_of[DECLARED]
    its_orders = orders[~is_undeclared[orders]]

    def total(name: str, rows: Int64s) -> Int64s:
        values = documents.numbers(name)[rows]
        sums = np.zeros(case_count, dtype=np.int64)
        np.add.at(sums, case_of[rows], np.where(values == ABSENT, 0, values))
        return sums

    def is_stated(name: str, rows: Int64s) -> Flags:
        missing = rows[documents.numbers(name)[rows] == ABSENT]
        flags = np.ones(case_count, dtype=np.bool_)
        flags[case_of[missing]] = False
        return flags

    def of_two_kinds(name: str) -> Int64s:
        table = np.full((case_count, KINDS_COUNT + 1), ABSENT, dtype=np.int64)
        for kind, rows in ((DECLARED, declared), (CARRIED, rows_of[CARRIED]), (ORDERED, its_orders)):
            is_known = is_stated(name, rows) & (counts.reshape(shape)[:, kind] > 0)
            table[:, kind] = np.where(is_known, total(name, rows), ABSENT)
        return table

    def sale_of(orders: Int64s) -> Sale:
        names = ("goods", "discount", "freight", "insurance", "tax", "paid")
        return Sale(*(total(f"{name}_minor", orders) for name in names))

    sale = sale_of(orders)
    declared_sale = sale if len(its_orders) == len(orders) else sale_of(its_orders)
    currencies = _currencies(documents.words("currency_code"), slot, size, rows_of).reshape(shape)

    def in_order_currency(sums: Int64s, kind: int, names: tuple[str, ...], signs: tuple[int, ...]) -> Int64s:
        """Sum anew what documents of one kind say in several currencies, each at the rate of its day."""
        mixed = (currencies[:, kind] < -1) & (currencies[:, ORDERED] >= 0)
        if not mixed.any():
            return sums
        rows = rows_of[kind][mixed[case_of[rows_of[kind]]]]
        values = np.zeros(len(rows), dtype=np.int64)
        for name, sign in zip(names, signs, strict=True):
            of_rows = documents.numbers(name)[rows]
            values += sign * np.where(of_rows == ABSENT, 0, of_rows)
        converted = convert_minor(
            values,
            documents.words("currency_code").words,
            sources=documents.words("currency_code").codes[rows].astype(np.int64),
            targets=currencies[case_of[rows], ORDERED],
            days=_days_or_first(documents, rows, first_days[case_of[rows], ORDERED]),
            factor=factor,
        )
        found = np.where(mixed, 0, sums)
        np.add.at(found, case_of[rows], np.where(converted == ABSENT, 0, converted))
        found[case_of[rows[converted == ABSENT]]] = ABSENT
        return found

    first_days = _first_days(documents, slot, size).reshape(shape)
    states_paid = is_stated("paid_minor", orders)
    sale = sale._replace(stated_paid_minor=np.where(states_paid, sale.stated_paid_minor, sale.due_minor))
    return CaseSums(
        counts.reshape(shape),
        currencies,
        first_days,
        sale,
        declared_sale,
        is_stated("goods_minor", orders),
        in_order_currency(total("paid_minor", payments), PAID, ("paid_minor",), (1,)),
        in_order_currency(
            total("goods_minor", declared) - total("discount_minor", declared),
            DECLARED,
            ("goods_minor", "discount_minor"),
            (1, -1),
        ),
        total("freight_minor", declared) + total("insurance_minor", declared),
        is_stated("goods_minor", declared),
        of_two_kinds("gross_mass_g"),
        of_two_kinds("package_count"),
        of_two_kinds("quantity_micro"),
        _currencies(documents.words("quantity_unit_code"), slot, size, rows_of).reshape(shape),
    )


def _currencies(words: Coded, slot: Int64s, size: int, rows_of: dict[int, Int64s]) -> Int64s:
    """Return the word that all documents of a case's kind have: -1 none, -2 several."""
    low = np.full(size, len(words.words), dtype=np.int64)
    high = np.full(size, -1, dtype=np.int64)
    codes = words.codes.astype(np.int64)
    for rows in rows_of.values():
        np.minimum.at(low, slot[rows], codes[rows])
        np.maximum.at(high, slot[rows], codes[rows])
    return np.where(low == high, high, np.where(high < 0, -1, -2))


def _first_days(documents: Frame, slot: Int64s, size: int) -> Int64s:
    day = day_of_documents(documents)
    rows = np.flatnonzero(day != ABSENT)
    first = np.full(size, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, slot[rows], day[rows])
    return np.where(first == np.iinfo(np.int64).max, ABSENT, first)


def _days_or_first(documents: Frame, rows: Int64s, first: Int64s) -> Int64s:
    days = day_of_documents(documents)[rows]
    return np.where(days == ABSENT, first, days)


def convert_minor(
    amounts: Int64s,
    currency_words: tuple[str, ...],
    *,
    sources: Int64s,
    targets: Int64s,
    days: Int64s,
    factor: Factor,
) -> Int64s:
    """Turn amounts into another currency at the day's rates, half up; ABSENT where one of them has no rate.

    For the few sums of two currencies: one by one, in integers of any size.
    """
    found = np.full(len(amounts), ABSENT, dtype=np.int64)
    rows = zip(amounts.tolist(), sources.tolist(), targets.tolist(), days.tolist(), strict=True)
    for place, (amount, source, target, day) in enumerate(rows):
        one = factor(currency_words[source], day) if source >= 0 else None
        other = factor(currency_words[target], day) if target >= 0 else None
        if one is not None and other is not None:
            top, bottom = one[0] * other[1], one[1] * other[0]
            found[place] = (2 * amount * top + bottom) // (2 * bottom)
    return found
