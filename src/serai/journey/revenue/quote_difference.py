"""Quoted charges beside assessed ones: each unit carries its part of the promise, and parts add up to the
whole. Pure.
"""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from serai.journey.revenue.quote_agreement import share_of
from serai.model.money import PLACES
from serai.model.quote import QuotedCharge, QuoteTerms

Sums = Counter[tuple[str, str, str]]
"""Minor units by due (border, sale ...), currency and role of who owes them."""


def quoted_sums(
    terms: QuoteTerms, used_before: Mapping[int, Fraction], drawn: Mapping[int, Fraction]
) -> Sums:
    """Return what was quoted for some units. used_before: units of others; by the quote's line.

    Cut down from both ends, so that the parts of all units add up to what was quoted for all of them.
    """
    units = {line.sequence_number: Fraction(line.quantity) for line in terms.lines}
    after = {one: used_before.get(one, Fraction()) + drawn.get(one, Fraction()) for one in units}
    sums: Sums = Counter()
    for charge in terms.charges:
        whole = Fraction(charge.amount) * 10 ** PLACES[charge.currency_code]
        before_share = _share(terms, units, charge, used_before)
        after_share = _share(terms, units, charge, after)
        sums[charge.due, charge.currency_code, charge.debtor] += int(whole * after_share) - int(
            whole * before_share
        )
    return sums


def _share(
    terms: QuoteTerms, units: Mapping[int, Fraction], charge: QuotedCharge, used: Mapping[int, Fraction]
) -> Fraction:
    """A charge of a goods item goes by its units, one of the consignment by the value of all goods."""
    if charge.sequence_number in units:
        return used.get(charge.sequence_number, Fraction()) / units[charge.sequence_number]
    return share_of(terms, used)
