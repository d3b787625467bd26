"""The declared price for each kilogram beside the floor below which an officer looks at it."""

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from serai.law.pack import Pack
from serai.model.documents import GoodsItem
from serai.model.money import PLACES, format_minor

PARAMETER: Final = "screening_price_floor"
"""What packs call it: an administration keeps the name and gives its own figures (laws/SCREENING)."""


class BesideFloor(msgspec.Struct, frozen=True):
    """A price for each kilogram of gross mass beside its floor, as texts with their currency. prefix: of the
    commodity code. is_below: None: the currencies differ, so that only the calculation compares them."""

    prefix: str
    own: str
    floor: str
    is_below: bool | None


def beside_floor(item: GoodsItem, packs: Iterable[Pack], on: dt.date) -> BesideFloor | None:
    """Return the price of some goods for each kilogram beside its floor on a day of the law; None where there
    is no floor for their code, or their price or mass is not above zero."""
    found = _floor_of(item.commodity_code, packs, on)
    price, mass = Decimal(item.invoice_amount), Decimal(item.gross_mass_kg)
    if found is None or price <= 0 or mass <= 0:
        return None
    prefix, floor_minor, floor_currency = found
    currency = item.invoice_currency_code
    own = price / mass
    shown = own.quantize(Decimal(1).scaleb(-PLACES[currency]), ROUND_HALF_UP)
    is_below = None
    if currency == floor_currency:
        is_below = own < Decimal(floor_minor).scaleb(-PLACES[currency])
    floor = f"{floor_currency} {format_minor(floor_minor, floor_currency)}"
    return BesideFloor(prefix, f"{currency} {shown}", floor, is_below)


def _floor_of(code: str, packs: Iterable[Pack], on: dt.date) -> tuple[str, int, str] | None:
    """Return the longest prefix of a code that has a floor, the floor in minor units, and its currency."""
    found = [
        (one.key, one.value, parameter.currency or pack.currency)
        for pack in packs
        for parameter in pack.parameters
        if parameter.name == PARAMETER
        for one in parameter.values
        if one.key is not None
        and code.startswith(one.key)
        and one.valid_from <= on
        and (one.valid_to is None or on < one.valid_to)
    ]
    rows = [
        (key, value, currency)
        for key, value, currency in found
        if isinstance(value, int) and currency is not None
    ]
    return max(rows, key=lambda row: len(row[0]), default=None)
