"""How much of declared goods is back, and which lines of a return weigh what those goods cannot. Pure."""

from collections.abc import Collection, Sequence
from typing import Final

from serai.journey.repayments.due_back import ItemBack
from serai.model.documents import Consignment, Return
from serai.model.money import read_decimals

_PPM: Final = 1_000_000


def items_back(
    returns: Sequence[tuple[Return, Collection[int]]], declared: Consignment
) -> dict[int, ItemBack]:
    """Return of each declared goods item how much is back by all returns of it. returns: each with the places
    of lines that may be other goods: they are in none, by whichever return they came."""
    back: dict[int, int] = {}
    for returned, wrong in returns:
        for place, one in enumerate(returned.goods_items):
            if place not in wrong:
                back[one.sequence_number] = back.get(one.sequence_number, 0) + _micro(one.quantity)
    return {
        one.sequence_number: ItemBack(_micro(one.quantity), back.get(one.sequence_number, 0))
        for one in declared.goods_items
        if _micro(one.quantity) > 0
    }


def wrong_lines(returned: Return, declared: Consignment, *, tolerance_ppm: int) -> frozenset[int]:
    """Return the places of lines of a return that weigh so much more or less than their part of what was
    declared that these can hardly be the same goods. What is not said to weigh anything says nothing."""
    items = {one.sequence_number: one for one in declared.goods_items}
    found = set()
    for place, one in enumerate(returned.goods_items):
        item = items.get(one.sequence_number)
        if item is None or one.gross_mass_kg is None or _micro(item.quantity) == 0:
            continue
        # Both sides times the declared quantity: no division, no rounding.
        is_now = _micro(one.gross_mass_kg) * _micro(item.quantity)
        should_be = _micro(item.gross_mass_kg) * _micro(one.quantity)
        if abs(is_now - should_be) * _PPM > should_be * tolerance_ppm:
            found.add(place)
    return frozenset(found)


def _micro(quantity: str) -> int:
    return int(read_decimals([quantity])[0][0])
