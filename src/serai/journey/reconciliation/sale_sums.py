"""The two comparisons of a sale: what was paid against what was due, what was declared against what was
ordered. The same for one order, payment and declaration, and for the sums over all of a case."""

from typing import Final, NamedTuple

import numpy as np

from serai.journey.reconciliation.gaps import Gap, close_gaps
from serai.model.columns import Int64s

PAID_PARTS: Final = ("freight", "insurance", "tax", "subsidy", "coupon")
DECLARED_PARTS: Final = ("coupon", "freight", "insurance", "tax")


class Sale(NamedTuple):
    """Sums of orders in minor units; what is not stated is 0, stated_paid_minor then that of no subsidy."""

    goods_minor: Int64s
    discount_minor: Int64s
    freight_minor: Int64s
    insurance_minor: Int64s
    tax_minor: Int64s
    stated_paid_minor: Int64s

    @property
    def due_minor(self) -> Int64s:
        """What the buyer owes for it all."""
        return (
            self.goods_minor
            - self.discount_minor
            + self.freight_minor
            + self.insurance_minor
            + self.tax_minor
        )

    @property
    def subsidy_minor(self) -> Int64s:
        """What somebody else pays of it, by the order's own word."""
        subsidy: Int64s = np.maximum(self.due_minor - self.stated_paid_minor, 0)
        return subsidy


def explain_paid(sale: Sale, paid_minor: Int64s, *, rounding_minor: Int64s, tolerance_ppm: Int64s) -> Gap:
    """Explain paid less due: freight, insurance or tax paid elsewhere, a subsidy, a coupon not redeemed."""
    due = sale.due_minor
    return close_gaps(
        paid_minor - due,
        (
            -sale.freight_minor,
            -sale.insurance_minor,
            -sale.tax_minor,
            -sale.subsidy_minor,
            sale.discount_minor,
        ),
        rounding_minor=rounding_minor,
        tolerance_minor=share_of(due, tolerance_ppm),
    )


def explain_declared(
    sale: Sale, declared_minor: Int64s, *, rounding_minor: Int64s, tolerance_ppm: Int64s
) -> Gap:
    """Explain declared less ordered goods: a coupon taken off, or freight, insurance or tax in the price."""
    return close_gaps(
        declared_minor - sale.goods_minor,
        (-sale.discount_minor, sale.freight_minor, sale.insurance_minor, sale.tax_minor),
        rounding_minor=rounding_minor,
        tolerance_minor=share_of(sale.goods_minor, tolerance_ppm),
    )


def share_of(amount_minor: Int64s, share_ppm: Int64s) -> Int64s:
    """Return a share of amounts, rounded down; exact up to 10^18 minor units."""
    whole, rest = np.divmod(np.abs(amount_minor), 1_000_000)
    return whole * share_ppm + rest * share_ppm // 1_000_000
