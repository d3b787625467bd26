"""How much of declared goods is back, and whether what is back weighs what it should. Pure."""

from collections.abc import Mapping
from typing import Final

from serai.journey.repayments.due_back import ItemBack
from serai.model.documents import Consignment, Return
from serai.model.money import read_decimals

_PPM: Final = 1_000_000


def items_back(returned: Return, declared: Consignment, before: Mapping[int, int]) -> dict[int, ItemBack]:
    """Return of each declared goods item how much is back, with this return and those before it. before:
    millionths of the unit, by sequence number."""
    now: dict[int, int] = {}
    for one in returned.goods_items:
        now[one.sequence_number] = now.get(one.sequence_number, 0) + _micro(one.quantity)
    return {
        one.sequence_number: ItemBack(
            _micro(one.quantity), before.get(one.sequence_number, 0) + now.get(one.sequence_number, 0)
        )
        for one in declared.goods_items
        if _micro(one.quantity) > 0
    }


def weighs_otherwise(returned: Return, declared: Consignment, *, tolerance_ppm: int) -> bool:
    """Say whether a goods item of a return weighs so much more or less than its part of what was declared
    that these can hardly be the same goods. What is not said to weigh anything says nothing."""
    items = {one.sequence_number: one for one in declared.goods_items}
    for one in returned.goods_items:
        item = items.get(one.sequence_number)
        if item is None or one.gross_mass_kg is None or _micro(item.quantity) == 0:
            continue
        # Both sides times the declared quantity: no division, no rounding.
        is_now = _micro(one.gross_mass_kg) * _micro(item.quantity)
        should_be = _micro(item.gross_mass_kg) * _micro(one.quantity)
        if abs(is_now - should_be) * _PPM > should_be * tolerance_ppm:
            return True
    return False


def _micro(quantity: str) -> int:
    return int(read_decimals([quantity])[0][0])
