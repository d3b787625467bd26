"""What may come back: goods of a declaration, no more of each than was declared."""

from serai.model.documents import Consignment, Return
from serai.model.findings import Finding
from serai.model.money import read_decimals


def find_return_faults(returned: Return, declared: Consignment) -> list[Finding]:
    """Return every fault of a return against the declaration it names; none: it can be kept.

    Goods are compared by sequence number, commodity code, unit and quantity. Earlier returns of the same
    goods are not looked at here.
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
        elif _micro(one.quantity) > _micro(item.quantity):
            quantity = {"value": one.quantity, "declared": item.quantity}
            found.append(Finding("returned-more-than-declared", f"{way}/quantity", parameters=quantity))
    return found


def _micro(quantity: str) -> int:
    return int(read_decimals([quantity])[0][0])


AWAITS_REFUND = Finding("return-awaits-refund", "", "advice")
"""Said of every return: it is kept with its case, and nothing is paid back by that."""
