"""The declared price for each kilogram beside the floor of its code, as the shipped screening has it."""

import datetime as dt
from typing import Any

from serai.law.load import decode_pack
from serai.model.documents import GoodsItem
from serai.portal.case.price_floor import beside_floor
from tests.law.packs import shipped_files

NAME = "SCREENING/pack.yaml"
PACK = decode_pack(shipped_files()[NAME], NAME)
ON = dt.date(2026, 7, 1)


def goods(code: str, amount: str, mass_kg: str, currency: str = "EUR") -> GoodsItem:
    said: dict[str, Any] = {"sequence_number": 1, "description": "shoes", "quantity": "1"}
    return GoodsItem(
        **said,
        commodity_code=code,
        invoice_amount=amount,
        invoice_currency_code=currency,
        origin_country_code="CN",
        gross_mass_kg=mass_kg,
    )


def test_the_floor_of_the_longest_prefix_counts() -> None:
    of_heading = beside_floor(goods("33041000", "3.00", "2"), [PACK], ON)
    of_chapter = beside_floor(goods("33051000", "3.00", "2"), [PACK], ON)

    assert of_heading is not None
    assert of_chapter is not None
    assert (of_heading.prefix, of_heading.floor, of_heading.own, of_heading.is_below) == (
        "3304", "EUR 2.00", "EUR 1.50", True,
    )  # fmt: skip
    assert (of_chapter.prefix, of_chapter.floor, of_chapter.is_below) == ("33", "EUR 1.50", False)


def test_a_price_in_another_currency_is_shown_and_not_compared() -> None:
    found = beside_floor(goods("64039900", "100", "3", "JPY"), [PACK], ON)

    assert found is not None
    assert (found.own, found.floor, found.is_below) == ("JPY 33", "EUR 1.50", None)


def test_without_floor_price_mass_or_day_there_is_nothing_beside() -> None:
    assert beside_floor(goods("97011000", "3.00", "2"), [PACK], ON) is None
    assert beside_floor(goods("64039900", "0", "2"), [PACK], ON) is None
    assert beside_floor(goods("64039900", "3.00", "0"), [PACK], ON) is None
    assert beside_floor(goods("64039900", "3.00", "2"), [PACK], dt.date(1999, 12, 31)) is None
    assert beside_floor(goods("64039900", "3.00", "2"), [], ON) is None
