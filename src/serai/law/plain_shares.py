"""A consignment's amount shared over its goods items in whole numbers: `apportionment` for one of them."""

from serai.law.plain import divide_plain


def share_plain(total: int | None, weights: list[int | None], *, is_last_rest: bool) -> list[int | None]:
    """Return each item's share by weight; the shares sum to the total.

    Unknown where the total is, or a weight while there is something to share.
    """
    if total is None or (total != 0 and None in weights):
        return [None] * len(weights)
    given = [weight or 0 for weight in weights]
    if not sum(given):
        given = [1] * len(given)
    shares = _last_takes_rest(total, given) if is_last_rest else _largest_remainder(total, given)
    return list(shares)


def _last_takes_rest(total: int, weights: list[int]) -> list[int]:
    whole = sum(weights)
    shares = [divide_plain(total, weight, whole, mode="half_up") for weight in weights[:-1]]
    return [*shares, total - sum(shares)]


def _largest_remainder(total: int, weights: list[int]) -> list[int]:
    whole = sum(weights)
    shares = [divide_plain(total, weight, whole, mode="down") for weight in weights]
    left_over = total - sum(shares)
    remainders = [total * weight - share * whole for weight, share in zip(weights, shares, strict=True)]
    for place in sorted(range(len(weights)), key=lambda item: -remainders[item])[: max(left_over, 0)]:
        shares[place] += 1
    return shares
