"""Order and declaration held against each other: coupons counted in, so only a real difference is told."""

from collections import Counter
from collections.abc import Iterable, Sequence

from serai.model.documents import Consignment, Order
from serai.model.findings import Finding
from serai.model.money import MICRO, PLACES, read_decimals


def find_amount_difference(orders: Sequence[Order], declared: Sequence[Consignment]) -> Finding | None:
    """Compare what was ordered with what is declared of one case: goods without freight, insurance and tax.

    Orders: lines less discount. Declarations: invoice amounts less the discount they state. Nothing is said
    when currencies differ, when an order is missing that a declaration names, or when there is nothing to
    compare.
    """
    named = {reference for one in declared for reference in one.order_references}
    if not orders or not declared or named - {order.reference for order in orders}:
        return None
    ordered, invoiced = _ordered(orders), _invoiced(declared)
    if len(ordered) != 1 or ordered.keys() != invoiced.keys():
        return None
    ((currency, ordered_micro),) = ordered.items()
    if ordered_micro == invoiced[currency] or currency not in PLACES:
        return None
    value = (
        f"the order comes to {_text(ordered_micro, currency)} {currency}, "
        f"the declaration to {_text(invoiced[currency], currency)} {currency}"
    )
    return Finding("order-amount-differs", "/goods_items", "advice", {"value": value})


def _ordered(orders: Iterable[Order]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for order in orders:
        sums[order.currency_code] += _sum([line.amount for line in order.lines]) - _sum(
            [order.discount_amount]
        )
    return sums


def _invoiced(declared: Iterable[Consignment]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for one in declared:
        for item in one.goods_items:
            sums[item.invoice_currency_code] += _sum([item.invoice_amount])
        if one.discount_amount is not None and one.charges_currency_code is not None:
            sums[one.charges_currency_code] -= _sum([one.discount_amount])
    return sums


def _sum(texts: Sequence[str | None]) -> int:
    micro, _ = read_decimals(texts)
    return int(micro.sum())


def _text(micro: int, currency: str) -> str:
    """Write millionths with the places of the currency, more only where they are there."""
    whole, rest = divmod(abs(micro), MICRO)
    places = PLACES[currency]
    decimals = f"{rest:06d}".rstrip("0").ljust(places, "0")
    return f"{'-' if micro < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"
