"""Plain choices of goods, for who knows no commodity code."""

from functools import cache

import msgspec

from serai.model.documents import Code
from serai.model.languages import read_texts


class Goods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people call it, and how a declaration names it."""

    title: str
    commodity_code: Code
    description: str


@cache
def goods_choices(language: str) -> dict[str, Goods]:
    """Return the choices by name; English where there is no translation."""
    return read_texts("serai.portal.calculator", "goods", language, dict[str, Goods])
