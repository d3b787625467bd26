"""Orders that documents of a case speak of and others of it do not: no sum over the case covers them."""

from typing import NamedTuple

import numpy as np

from serai.journey.matching.candidates import mix
from serai.journey.matching.document_frames import ORDER
from serai.journey.matching.grouping import are_among
from serai.journey.reconciliation.case_sums import DECLARED, ORDERED, PAID
from serai.model.columns import Flags, Frame, Int64s


class OrdersElsewhere(NamedTuple):
    """paid_count: by case, the orders that a payment covers of which one is not in the case; 0: none does.
    is_undeclared: by document, an order that no declaration of its case names, though they name others of it
    and none besides."""

    paid_count: Int64s
    is_undeclared: Flags


def find_orders_elsewhere(
    documents: Frame, numbers: Frame, case_of: Int64s, case_count: int
) -> OrdersElsewhere:
    """Find payments that cover more than the orders of their case (where none is in it: than its declarations
    name), and orders whose parcel is not in it.

    Numbers are compared without case, punctuation and zeros before them. A number that is met in no other way
    may be mistyped: a payment that names one order is for that of its case, and declarations that name an
    order which is not there may mean each.
    """
    in_field = np.flatnonzero(numbers.numbers("field_number") == ORDER)
    owners = numbers.numbers("document")[in_field]
    cases = case_of[owners]
    named = mix(numbers.numbers("plain")[in_field], cases)
    kinds = documents.numbers("kind_number")[owners]
    ordered, declared, paid = (np.flatnonzero(kinds == kind) for kind in (ORDERED, DECLARED, PAID))

    def of_cases(rows: Int64s) -> Flags:
        flags = np.zeros(case_count, dtype=np.bool_)
        flags[cases[rows]] = True
        return flags

    def is_met(rows: Int64s, others: Int64s) -> Flags:
        return are_among(named[rows], named[others])

    has_order = of_cases(ordered)
    is_there = np.where(has_order[cases[paid]], is_met(paid, ordered), is_met(paid, declared))
    names_count = np.bincount(owners[paid], minlength=documents.row_count)
    beyond = paid[~is_there & (names_count[owners[paid]] > 1)]
    paid_count = np.zeros(case_count, dtype=np.int64)
    np.maximum.at(paid_count, cases[beyond], names_count[owners[beyond]])
    says_which = of_cases(declared) & ~of_cases(declared[~is_met(declared, ordered)])
    is_undeclared = np.zeros(documents.row_count, dtype=np.bool_)
    is_undeclared[owners[ordered[~is_met(ordered, declared) & says_which[cases[ordered]]]]] = True
    return OrdersElsewhere(paid_count, is_undeclared)
