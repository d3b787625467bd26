"""A consignment's amount shared over its goods items, in the way its law apportions."""

import numpy as np

from serai.law.exact import share_largest_remainder, share_last_takes_rest
from serai.law.rows import Rows
from serai.law.values import Value, both_known


def share_out(rows: Rows, total: Value, weight: Value) -> Value:
    """Return each item's share by weight; the shares of a consignment always sum to its amount."""
    is_last_rest = rows.program.base.apportionment == "half_up_last_takes_rest"
    share = share_last_takes_rest if is_last_rest else share_largest_remainder
    totals = np.broadcast_to(total.numbers, rows.first_items.shape)
    weights = np.broadcast_to(weight.numbers, rows.owner.shape)
    shares = share(totals, weights, rows.owner, rows.first_items)
    weight_known = weight.known
    if weight_known is not None:
        # Nothing is to be shared where the total is nothing, whatever the weights are.
        weight_known = np.logical_and.reduceat(weight_known, rows.first_items) | (totals == 0)
        weight_known = weight_known[rows.owner]
    total_known = total.known
    if total_known is not None:
        total_known = np.broadcast_to(total_known, rows.first_items.shape)[rows.owner]
    return Value(shares, both_known(weight_known, total_known))
