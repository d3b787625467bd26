"""What two packs differ in: values by day, charges, tables and rules, as data and in sentences."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from serai.foundation.shipped import find_shipped
from serai.laboratory.law_bench.diff import Difference, diff_packs, diff_tariffs
from serai.laboratory.law_bench.diff_words import meanings_of, render_difference, render_sides
from serai.law.load import decode_pack
from serai.law.pack import DatedValue, DebtorChoice, Pack, Parameter
from serai.law.tariff import TariffLine


def _pack(code: str) -> Pack:
    return decode_pack((find_shipped("laws") / code / "pack.yaml").read_bytes(), code)


@pytest.fixture(scope="module")
def common() -> Pack:
    return _pack("IL-IMPORT")


def _value(value: int, begin: str, end: str | None) -> DatedValue:
    last = None if end is None else dt.date.fromisoformat(end)
    return DatedValue(valid_from=dt.date.fromisoformat(begin), valid_to=last, value=value, source="act")


def _with_rate(pack: Pack, *values: DatedValue, **dates: Any) -> Pack:
    rate = Parameter(name="rate", kind="rate", meaning="Rate.", values=list(values))
    return msgspec.structs.replace(pack, parameters=[rate], **dates)


def test_a_pack_does_not_differ_from_itself(common: Pack) -> None:
    assert diff_packs(common, common) == []


def test_versions_that_follow_one_another_differ_from_the_first_day_of_the_later() -> None:
    found = [one for one in diff_packs(_pack("IL-2012"), _pack("IL-2025")) if one.part == "parameter"]

    assert [render_difference(one) for one in found] == [
        "Price of the goods of a personal import up to which nothing is due (`free_limit`) "
        "rises from USD 75.00 to USD 150.00, from 24 December 2025 to 24 February 2026."
    ]
    assert (found[0].before, found[0].after) == (7500, 15000)


def test_values_differ_only_on_the_days_on_which_they_do(common: Pack) -> None:
    before = _with_rate(
        common, _value(100_000, "2012-01-01", "2020-01-01"), _value(170_000, "2020-01-01", None)
    )
    after = _with_rate(
        common, _value(100_000, "2012-01-01", "2021-01-01"), _value(170_000, "2021-01-01", None)
    )

    (one,) = diff_packs(before, after)

    assert (one.valid_from, one.valid_to) == (dt.date(2020, 1, 1), dt.date(2021, 1, 1))
    assert (one.before, one.after) == (170_000, 100_000)
    assert render_difference(one).endswith(
        "falls from 17 % to 10 %, from 1 January 2020 to 31 December 2020."
    )


def test_a_day_without_a_value_is_a_difference(common: Pack) -> None:
    before = _with_rate(common, _value(100_000, "2012-01-01", None))
    after = _with_rate(common, _value(100_000, "2012-01-01", "2030-01-01"))

    (one,) = diff_packs(before, after)

    assert (one.valid_from, one.valid_to, one.after) == (dt.date(2030, 1, 1), None, None)
    assert "becomes no value instead of 10 %, from 1 January 2030" in render_difference(one)


def _changed_charge(pack: Pack, **changes: Any) -> list[Difference]:
    charges = [msgspec.structs.replace(pack.charges[0], **changes), *pack.charges[1:]]
    return diff_packs(pack, msgspec.structs.replace(pack, charges=charges))


def test_who_owes_a_charge_is_told_as_a_table_in_words(common: Pack) -> None:
    rows = [DebtorChoice(code="seller", when="is_personal"), DebtorChoice(code="buyer-via-courier")]

    (one,) = _changed_charge(common, debtor=rows)

    assert (one.part, one.name, one.field) == ("charge", "il-duty", "debtor")
    assert render_difference(one) == (
        "Charge `il-duty` (Customs duty): who owes it was buyer-via-courier and is "
        "seller or buyer-via-courier by condition."
    )
    assert render_sides(one)[1] == "seller if `is_personal`, else buyer-via-courier"
    assert meanings_of([one], (common, common)) == {"is_personal": "A personal import, not for business"}


def test_a_condition_that_changed_is_folded_away_and_stands_side_by_side(common: Pack) -> None:
    (one,) = _changed_charge(common, when="NOT is_free")

    assert (one.field, one.before, one.after) == ("when", common.charges[0].when, "NOT is_free")
    assert render_difference(one) == "Charge `il-duty` (Customs duty): the condition is another."
    assert render_sides(one) == (f"`{common.charges[0].when}`", "`NOT is_free`")


def test_rules_that_come_and_go_are_told_with_their_heart(common: Pack) -> None:
    without = msgspec.structs.replace(common, reasons=common.reasons[1:], charges=common.charges[:-1])

    gone = [render_difference(one) for one in diff_packs(common, without)]
    come = [render_difference(one) for one in diff_packs(without, common)]

    assert [sentence.split(" ")[:2] for sentence in gone] == [
        ["Charge", "`il-vat`"],
        ["Reason", "`il-within-free-limit`"],
    ]
    assert gone[0].endswith("is gone: owed by buyer-via-courier.")
    assert all(" is new" in sentence for sentence in come)
    (charge, _) = diff_packs(common, without)
    assert (
        "unless `is_free`; `COALESCE(goods_tax_rate, vat_rate)` of `customs_value" in render_sides(charge)[0]
    )


def test_another_order_of_a_table_is_a_difference(common: Pack) -> None:
    first, second, *rest = common.relief

    (one,) = diff_packs(common, msgspec.structs.replace(common, relief=[second, first, *rest]))

    assert (one.part, one.field) == ("relief", "order")
    assert render_difference(one).startswith("Relief the rows: order was duty_and_tax, duty, PREFERENCE")


def test_lines_of_the_tariff_are_told_by_prefix() -> None:
    line = TariffLine(
        measure="duty",
        commodity_prefix="610910",
        valid_from=dt.date(2020, 1, 1),
        valid_to=None,
        source="act",
        ad_valorem_ppm=120_000,
    )
    lower = msgspec.structs.replace(line, ad_valorem_ppm=65_000)
    other = msgspec.structs.replace(line, commodity_prefix="42")

    found = [render_difference(one) for one in diff_tariffs([line], [lower, other])]

    assert found == [
        "Tariff `duty 610910` becomes 6.5 % instead of 12 %, from 1 January 2020.",
        "Tariff `duty 42` is new, 12 %, from 1 January 2020.",
    ]
