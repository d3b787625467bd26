"""The tariff: longest prefix, origin, preference, dates, codes too short, and nothing invented in between."""

import datetime as dt
from typing import Any

import pytest

from serai.law.exchange import Exchange
from serai.law.library import load_book
from serai.law.program import LawPackError
from serai.law.tariff import CODE_TOO_SHORT, NO_LINE, Asked, Tariff, TariffLine, day_number
from tests.law.packs import (
    assessed,
    charges_of,
    consignment,
    findings_of,
    item,
    rate,
    shipped_book,
    shipped_files,
)

DAY = day_number(dt.date(2026, 8, 1))


def _line(prefix: str, ppm: int, **fields: Any) -> TariffLine:
    given = {"valid_from": dt.date(2020, 1, 1), "valid_to": None, "source": "Act"}
    return TariffLine(measure="duty", commodity_prefix=prefix, ad_valorem_ppm=ppm, **{**given, **fields})


def _rate(
    lines: list[TariffLine], code: str, *, origin: str = "CN", preference: str = "", day: int = DAY
) -> int:
    found = Tariff(lines).find(Asked("duty", code, origin, preference, "EU", day))
    return lines[found].ad_valorem_ppm if found >= 0 else found


def test_longest_prefix_wins() -> None:
    lines = [_line("61", 1), _line("6109", 2), _line("61091000", 3)]

    assert [_rate(lines, code) for code in ("6109100010", "610990", "6110", "62")] == [3, 2, 1, NO_LINE]


def test_line_for_the_origin_goes_before_the_one_for_any() -> None:
    lines = [_line("6109", 1), _line("6109", 2, origin_code="CN"), _line("6109", 3, territory_code="EU")]

    assert _rate(lines, "610910") == 2
    assert _rate(lines, "610910", origin="US") == 3


def test_preference_claimed_needs_its_line_and_code_100_claims_none() -> None:
    lines = [_line("6109", 9), _line("6109", 0, preference_code="300", origin_code="CH")]

    assert _rate(lines, "610910", origin="CH", preference="300") == 0
    assert _rate(lines, "610910", origin="CN", preference="300") == NO_LINE
    assert _rate(lines, "610910", origin="CN", preference="100") == 9


def test_line_holds_from_its_first_day_to_the_day_before_its_last() -> None:
    end = dt.date(2026, 7, 1)
    lines = [_line("6109", 1, valid_to=end), _line("6109", 2, valid_from=end)]

    assert _rate(lines, "610910", day=day_number(end) - 1) == 1
    assert _rate(lines, "610910", day=day_number(end)) == 2
    assert _rate(lines, "610910", day=day_number(dt.date(2019, 12, 31))) == NO_LINE


def test_short_code_is_answered_only_where_all_lines_below_agree() -> None:
    assert _rate([_line("61091000", 5), _line("61099020", 5)], "6109") == 5
    assert _rate([_line("61091000", 5), _line("61099020", 6)], "6109") == CODE_TOO_SHORT


def test_extract_answers_no_short_code_because_neighbours_may_be_missing() -> None:
    assert _rate([_line("61091000", 5, is_extract=True)], "6109") == CODE_TOO_SHORT


def test_missing_line_leaves_duty_and_tax_open_never_nothing() -> None:
    book = shipped_book()
    shoes = item(commodity_code="640211", invoice_amount="200.00")

    result = assessed(book, consignment(shoes))

    assert ("no-tariff-line", "duty_rate") in findings_of(result)
    assert charges_of(result) == []


def test_neighbour_with_a_line_is_charged_all_the_same() -> None:
    book = shipped_book()
    known = item(1, invoice_amount="200.00")
    unknown = item(2, commodity_code="640211", invoice_amount="200.00")

    result = assessed(book, consignment(known, unknown))

    assert charges_of(result) == [("duty", "border", 2400), ("tax", "border", 4256)]
    assert result.charges.numbers("item").tolist() == [0, 0]


def test_code_above_lines_that_differ_says_so() -> None:
    toys = item(commodity_code="950300", invoice_amount="200.00")

    assert ("commodity-code-too-short", "duty_rate") in findings_of(
        assessed(shipped_book(), consignment(toys))
    )


def test_compound_duty_with_minimum_is_exact_and_rounded_once() -> None:
    # 8 %, but not less than EUR 1.234567 a kilogram of net mass.
    line = _line("7013", 80_000, territory_code="EU", specific_unit="kg", minimum_micro=123_456_700)
    glass = item(commodity_code="701399", invoice_amount="160.00", net_mass_kg="20.500")

    result = assessed(shipped_book(line), consignment(glass))

    assert charges_of(result)[0] == ("duty", "border", 2531)


def test_specific_duty_without_its_unit_is_open() -> None:
    line = _line("7013", 0, territory_code="EU", specific_unit="kg", specific_micro=10**8)
    glass = item(commodity_code="701399", invoice_amount="160.00", gross_mass_kg="x")

    assert findings_of(assessed(shipped_book(line), consignment(glass)))


def test_rate_in_force_wins_over_a_later_one_that_has_ended() -> None:
    ended = rate("t", "EUR", "USD", 2, 1)
    later = type(ended)(
        **{
            **{name: getattr(ended, name) for name in ended.__struct_fields__},
            "numerator": 3,
            "valid_from": dt.date(2026, 1, 1),
            "valid_to": dt.date(2026, 2, 1),
        }
    )
    exchange = Exchange([ended, later])

    january, march = day_number(dt.date(2026, 1, 31)), day_number(dt.date(2026, 3, 1))
    assert exchange.factor("t", "EUR", "USD", january) == (3, 1)
    assert exchange.factor("t", "EUR", "USD", march) == (2, 1)
    assert exchange.factor("t", "EUR", "JPY", march) is None


def test_places_of_both_currencies_are_heeded() -> None:
    exchange = Exchange([rate("t", "EUR", "JPY", 6, 1000), rate("t", "JPY", "EUR", 165, 1)])

    assert exchange.factor("t", "EUR", "JPY", DAY) == (600, 1000)
    assert exchange.factor("t", "JPY", "EUR", DAY) == (165, 100)


def test_code_too_short_is_told_with_the_range_and_the_candidates() -> None:
    toys = item(commodity_code="950300", invoice_amount="200.00")

    findings = assessed(shipped_book(), consignment(toys)).findings

    place = findings.words("code").texts().index("commodity-code-too-short")
    assert (findings.words("detail").texts()[place] or "").startswith("0 % to ")


def test_bounds_as_a_share_of_the_value_need_no_unit_of_their_own() -> None:
    # EUR 3 a kilogram, not more than 5 % of the value.
    fields: dict[str, Any] = {"specific_unit": "kg", "specific_micro": 300_000_000, "maximum_ppm": 50_000}
    light = item(commodity_code="701399", invoice_amount="160.00", net_mass_kg="1.000")
    heavy = item(commodity_code="701399", invoice_amount="160.00", net_mass_kg="20.000")
    book = shipped_book(_line("7013", 0, territory_code="EU", **fields))

    assert charges_of(assessed(book, consignment(light)))[0] == ("duty", "border", 300)
    assert charges_of(assessed(book, consignment(heavy)))[0] == ("duty", "border", 800)


def _with_tariff(content: bytes) -> dict[str, bytes]:
    return {**shipped_files(), "GB-2021/tariff.csv": content}


HEADING = b"measure,commodity_prefix,ad_valorem_ppm,valid_from,valid_to,source\n"


def test_two_lines_for_the_same_goods_and_day_are_a_fault_with_file_and_line() -> None:
    content = HEADING + b"duty,61,1,2020-01-01,2022-01-01,A\nduty,61,2,2021-12-31,,A\n"

    with pytest.raises(LawPackError) as fault:
        load_book(_with_tariff(content))

    assert (fault.value.code, fault.value.place) == ("tariff-overlap", "GB-2021/tariff.csv:3")


def test_a_tariff_in_another_encoding_is_a_fault_with_file_and_line() -> None:
    content = HEADING + b"duty,61,1,2020-01-01,,Act\nduty,62,1,2020-01-01,,D\xe9cret\n"

    with pytest.raises(LawPackError) as fault:
        load_book(_with_tariff(content))

    assert (fault.value.code, fault.value.place) == ("table-shape", "GB-2021/tariff.csv:3")
