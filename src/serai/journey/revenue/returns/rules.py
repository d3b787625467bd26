"""What may come back: goods of a declaration, no more of each than was declared."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from serai.model.documents import Consignment, Return
from serai.model.findings import Finding
from serai.model.money import read_decimals


def come_back(returns: Iterable[Return]) -> Counter[int]:
    """Return how much of each goods item has come back by some returns: millionths by sequence number."""
    back: Counter[int] = Counter()
    for one in returns:
        for item in one.goods_items:
            back[item.sequence_number] += _micro(item.quantity)
    return back


def find_return_faults(returned: Return, declared: Consignment, back: Mapping[int, int]) -> list[Finding]:
    """Return every fault of a return against the declaration it names; none: it can be kept.

    Goods are compared by sequence number, commodity code, unit and quantity. back: what has come back by
    other returns, of `come_back`.
    """
    items = {item.sequence_number: item for item in declared.goods_items}
    found = []
    for place, one in enumerate(returned.goods_items):
        way, item = f"/goods_items/{place}", items.get(one.sequence_number)
        if item is None:
            number = {"value": str(one.sequence_number)}
            found.append(Finding("returned-item-not-declared", f"{way}/sequence_number", parameters=number))
            continue
        if one.commodity_code != item.commodity_code:
            code = {"value": one.commodity_code, "declared": item.commodity_code}
            found.append(Finding("returned-other-goods", f"{way}/commodity_code", parameters=code))
        if one.quantity_unit_code != item.quantity_unit_code:
            unit = {"value": one.quantity_unit_code, "declared": item.quantity_unit_code}
            found.append(Finding("returned-in-other-unit", f"{way}/quantity_unit_code", parameters=unit))
        elif _micro(one.quantity) + back.get(one.sequence_number, 0) > _micro(item.quantity):
            quantity = {"value": one.quantity, "declared": item.quantity}
            if earlier := back.get(one.sequence_number):
                quantity["earlier"] = f"{Decimal(earlier).scaleb(-6).normalize():f}"
            found.append(Finding("returned-more-than-declared", f"{way}/quantity", parameters=quantity))
    return found


def _micro(quantity: str) -> int:
    return int(read_decimals([quantity])[0][0])


AWAITS_REFUND = Finding("return-awaits-refund", "", "advice")
"""Said of every return: it is kept with its case, and nothing is paid back by that."""
