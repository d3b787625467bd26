"""Plain choices of goods, for who knows no commodity code."""

from functools import cache
from importlib.resources import files

import msgspec

from serai.model.documents import Code


class Goods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people call it, and how a declaration names it."""

    title: str
    commodity_code: Code
    description: str


@cache
def goods_choices(language: str) -> dict[str, Goods]:
    """Return the choices by name; English where there is no translation."""
    folder = files("serai.portal.calculator") / "messages"
    file = folder / f"goods-{language}.yaml"
    content = (file if file.is_file() else folder / "goods-en.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=dict[str, Goods])
