"""The law for everybody: figures in words, places, versions along time, differences."""

import datetime as dt

import pytest

from serai.law.load import decode_pack
from serai.model.errors import SeraiError
from serai.portal.law.difference_view import DifferenceView, view_days, view_packs
from serai.portal.law.index_view import LawView, view_law
from serai.portal.law.pack_view import state_on
from serai.portal.law.place_view import PlaceView, view_place
from serai.portal.law.places import countries_with_law, find_place, members_of
from serai.portal.law.timeline import WIDTH
from tests.laboratory.shipped_law import law_without_rates
from tests.law.packs import shipped_files

TODAY = dt.date(2026, 11, 25)
EVE, FLAT_DUTY = dt.date(2026, 6, 30), dt.date(2026, 7, 1)


def test_law_annulled_backwards_is_known_later_on_its_own_days() -> None:
    pack = decode_pack(shipped_files()["US-2025-ANNULLED/pack.yaml"], "US-2025-ANNULLED/pack.yaml")

    states = [
        state_on(pack, dt.date.fromisoformat(day)) for day in ("2025-08-28", "2025-11-03", "2026-03-04")
    ]

    assert states == ["not yet", "known later", "ended"]


def law_on(day: dt.date) -> LawView:
    return view_law(law_without_rates().book.packs.values(), day, TODAY, 1, "en")


def place_on(code: str, day: dt.date = TODAY) -> PlaceView:
    book = law_without_rates().book
    return view_place(find_place(book, code, day), day, TODAY, members_of(book, code, day), "en")


def differences(code: str, first: dt.date, second: dt.date) -> DifferenceView:
    return view_days(find_place(law_without_rates().book, code, second), first, second, shipped_files(), "en")


# ---- by territory and day ----


def test_a_date_alone_picks_the_law() -> None:
    def bases(day: dt.date) -> list[str]:
        union = next(one for one in law_on(day).territories if one.code == "EU")
        return [pack.code for pack in union.headlines]

    assert bases(EVE) == ["EU-2021"]
    assert bases(FLAT_DUTY) == ["EU-2026"]


def test_a_law_past_the_day_on_which_a_source_last_confirms_it_says_so() -> None:
    def since(day: dt.date) -> tuple[dt.date | None, dt.date | None]:
        union = next(one for one in law_on(day).territories if one.code == "EU")
        (pack,) = union.headlines
        return pack.verified_until, union.unconfirmed_since

    last = dt.date(2026, 8, 31)
    assert since(last) == (last, None)
    assert since(dt.date(2026, 9, 1)) == (last, last)


def test_northern_ireland_has_a_law_of_its_own() -> None:
    northern = next(one for one in law_on(TODAY).governed if one.code == "XI")

    assert [pack.code for pack in northern.headlines] == ["XI-2026"]


def test_drafts_and_plans_govern_no_place() -> None:
    egypt = next(one for one in law_on(TODAY).others if one.code == "EG")

    assert [pack.state for pack in egypt.packs] == ["draft"]
    assert not place_on("EG").in_force


def test_day_before_all_law_is_an_empty_page_not_an_error() -> None:
    view = law_on(dt.date(1991, 1, 1))

    assert view.in_force_count == 0
    assert view.governed == []


def test_next_known_change_says_what_begins() -> None:
    union = next(one for one in law_on(TODAY).territories if one.code == "EU")
    change = union.next_change(TODAY)

    assert change is not None
    assert (change[0], change[1].code) == (dt.date(2028, 7, 1), "EU-2028-PLANNED")


# ---- a place ----


def test_country_has_its_unions_law_and_its_own_over_it() -> None:
    romania = place_on("RO")

    assert romania.union == "European Union"
    assert [pack.code for pack in romania.bases] == ["EU-2026"]
    assert "RO-FEE-2026" in [pack.code for pack in romania.in_force]
    assert {pack.jurisdiction for pack in romania.packs} == {"EU", "RO"}


def test_special_territory_is_told_and_its_law_is_not_mixed_in() -> None:
    germany = place_on("DE")

    assert any("singen" in part.name and part.customs == "Switzerland" for part in germany.parts)
    assert not any(pack.jurisdiction == "CH" for pack in germany.packs)


def test_what_is_compared_is_a_limit_and_what_is_charged_is_none() -> None:
    figures = {one.name: one for one in place_on("EU").bases[0].figures}

    assert figures["low_value_limit"].is_limit
    assert figures["low_value_limit"].text == "EUR\u00a0150.00"
    assert figures["gift_limit"].is_limit
    assert not figures["flat_duty"].is_limit
    assert not figures["gift_flat_rate"].is_limit


def test_limit_of_a_shared_pack_is_found_where_another_pack_compares_it() -> None:
    names = {one.name for pack in place_on("AE").in_force for one in pack.figures if one.is_limit}

    assert {"duty_free_limit", "courier_weight_limit"} <= names


def test_rate_of_the_country_is_told_and_of_the_union_the_range() -> None:
    def vat(code: str) -> str:
        packs = [pack for pack in place_on(code).in_force if pack.code == "EU-VAT"]
        return next(one.text for one in packs[0].figures if one.name == "vat_rate")

    assert vat("DE") == "19\u00a0%"
    # The Azores have the lowest, Hungary the highest.
    assert vat("EU") == "16 % to 27 %"


def test_doubt_is_told_in_words() -> None:
    states = place_on("US").bases[0]

    assert states.is_unsure
    assert states.sureness.startswith("Partly unsure")
    assert states.open_questions


def test_unknown_place_says_where_to_look() -> None:
    with pytest.raises(SeraiError) as raised:
        find_place(law_without_rates().book, "ATLANTIS", TODAY)

    assert raised.value.code == "not-found"
    assert "/law" in raised.value.next_step


def test_every_country_with_law_has_a_name_and_a_page() -> None:
    book = law_without_rates().book
    countries = countries_with_law(book, TODAY)

    assert len(countries) > 60
    for code, name in countries:
        assert len(name) > 2, code
        assert place_on(code).bases, code


# ---- along time ----


@pytest.mark.parametrize("code", ["EU", "FR", "US", "CA", "ZA", "TH"])
def test_versions_in_a_row_follow_one_another(code: str) -> None:
    line = place_on(code).timeline

    for row in line.rows:
        ends = [bar.x + bar.width for bar in row.bars]
        assert all(0 <= bar.x < WIDTH for bar in row.bars)
        assert all(bar.x >= end - 1 for bar, end in zip(row.bars[1:], ends, strict=False))
    shown = [bar.pack.code for row in line.rows for bar in row.bars]
    assert len(shown) == len(set(shown))
    assert 0 < line.on_x < WIDTH


def test_fee_of_a_country_is_no_version_of_its_unions() -> None:
    pairs = {(change.before.code, change.after.code) for change in place_on("FR").changes}

    assert ("EU-2021", "EU-2026") in pairs
    assert not any("FR-TPC-2026" in pair for pair in pairs)


# ---- differences ----


def test_two_days_of_a_law_stand_side_by_side() -> None:
    view = differences("EU", EVE, FLAT_DUTY)

    sides = {side.name: side for one in view.compared for part in one.parts for side in part.sides}
    assert view.heads == ("30 June 2026", "1 July 2026")
    assert (sides["flat_duty"].before, sides["flat_duty"].after) == ("", "EUR 3.00")
    assert (sides["min_collect"].before, sides["min_collect"].after) == ("EUR 1.00", "")
    assert view.meanings["is_low_value"]


def test_value_that_changes_within_a_pack_is_seen_between_two_days() -> None:
    view = differences("SK", dt.date(2024, 12, 31), dt.date(2025, 1, 1))

    sides = [side for one in view.compared for part in one.parts for side in part.sides]
    assert [(side.name, side.before, side.after) for side in sides] == [("vat_rate", "20 %", "23 %")]


def test_same_day_twice_differs_in_nothing() -> None:
    assert differences("EU", TODAY, TODAY).count == 0


def test_law_that_is_new_on_the_second_day_is_told_whole() -> None:
    view = differences("RO", dt.date(2025, 12, 1), TODAY)

    titles = [one.title for one in view.compared if not one.before]
    assert any("Romania" in title for title in titles)


def test_two_packs_are_told_as_the_command_does() -> None:
    packs = law_without_rates().book.packs
    view = view_packs(packs["EU-2021"].pack, packs["EU-2026"].pack, shipped_files(), "European Union", "en")

    said = [sentence for one in view.compared for part in one.parts for sentence in part.sentences]
    assert any("`flat_duty`" in sentence and "EUR 3.00" in sentence for sentence in said)
    assert view.heads == ("EU-2021", "EU-2026")
