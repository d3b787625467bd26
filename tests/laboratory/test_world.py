"""The laws side by side for everybody: figures of the one calculation, computed once, drawn as they are."""

import asyncio
import datetime as dt
from functools import cache

import pytest

from serai.foundation.http.charts import WIDTH
from serai.journey.law_in_force.state import LawState
from serai.laboratory.compare.measuring import PPM
from serai.portal.comparison.comparing import PRICES_MINOR, Charged, World, compare_world
from serai.portal.comparison.service import WorldService
from serai.portal.comparison.view import view_world
from serai.portal.law.pages import files_of
from tests.laboratory.shipped_law import law_with_rates, law_without_rates
from tests.law.packs import shipped_files

TODAY = dt.date(2026, 11, 25)


@cache
def world() -> World:
    return compare_world(shipped_files(), law_without_rates().book, TODAY, 7)


def test_dress_into_germany_pays_the_flat_duty_and_vat_on_both() -> None:
    germany = next(one for one in world().countries if one.country_code == "DE")

    # 3.00 flat; 19 % of 33.00.
    assert germany.charged == Charged(300, 627, 0)


def test_members_of_a_union_have_their_own_layers() -> None:
    charged = {one.country_code: one.charged for one in world().countries if one.law == "EU-2026"}

    assert len(charged) >= 27
    assert charged["IT"] == Charged(300, 726, 200)
    assert charged["LU"] == Charged(300, 561, 0)


def test_law_that_does_not_say_everything_says_what_is_missing() -> None:
    undecided = [one for one in world().countries if one.charged is None]

    assert undecided
    assert all(one.missing for one in undecided)


def test_limit_bites_where_the_law_has_it() -> None:
    curves = {one.law: one for one in world().curves}
    below, above = PRICES_MINOR.index(15_000), PRICES_MINOR.index(15_250)

    union = curves["EU-2026"].totals_minor
    # 3.00 and 19 % of 153.00 at the limit; above it 12 % of 152.50, and 19 % of 170.80.
    assert (union[below], union[above]) == (300 + 2_907, 1_830 + 3_245)
    assert curves["CN-POST-2019"].free_up_to_minor > 0
    assert curves["TH-2026"].free_up_to_minor == 0


def test_only_law_in_force_on_the_day_is_compared() -> None:
    laws = {one.figures.code: one.figures for one in world().shares}

    assert "EU-2026" in laws
    assert not {"EU-2021", "EU-2028-PLANNED", "EG-2026", "CN-EXPORT-2020"} & set(laws)
    assert {figures.status for figures in laws.values()} == {"in_force"}


def test_nothing_free_is_charged() -> None:
    for one in world().shares:
        assert one.free_ppm <= min(one.figures.duty_free_ppm, one.figures.tax_free_ppm), one.figures.code


def test_bars_are_as_long_as_their_figures() -> None:
    view = view_world(world(), "en")
    longest = max(one.charged.total_minor for one in world().countries if one.charged)

    for row in view.countries:
        length = sum(part.width for part in row.segments)
        assert abs(length - round(float(row.text)) * 100 * WIDTH / longest) <= WIDTH * 100 / longest + 6
    assert len(view.countries) + len(view.free_countries) + len(view.undecided) == len(world().countries)
    for row, share in zip(view.free, sorted(one.free_ppm for one in world().shares)[::-1], strict=True):
        assert sum(part.width for part in row.segments) <= max(2, share * WIDTH // PPM)


def test_curves_say_their_steps_in_words() -> None:
    said = {one.label: one.summary for one in view_world(world(), "en").curves}

    assert "a step above about EUR\u00a0150.00" in said["European Union"]
    assert said["China, by post"].startswith("free up to about EUR\u00a0")


@pytest.mark.in_turn
def test_visitors_neither_wait_nor_begin_a_second_comparison() -> None:
    async def visit() -> tuple[list[World | None], World | None, World | None]:
        service = WorldService(law_with_rates, files_of)
        first = [service.look(TODAY) for _ in range(50)]
        await service.finish()
        kept = service.look(TODAY)
        await service.finish()
        return first, kept, service.look(TODAY)

    first, kept, later = asyncio.run(visit())

    assert first == [None] * 50
    assert kept is not None
    assert later is kept


@pytest.mark.in_turn
def test_new_generation_is_compared_while_the_old_comparison_is_shown() -> None:
    async def visit() -> tuple[World | None, World | None]:
        laws = [law_with_rates()]
        service = WorldService(lambda: laws[-1], files_of)
        service.look(TODAY)
        await service.finish()
        laws.append(law_without_rates())
        old = service.look(TODAY)
        await service.finish()
        return old, service.look(TODAY)

    old, new = asyncio.run(visit())

    assert old is not None
    assert new is not None
    assert (old.generation, new.generation) == (1, 2)


def test_comparison_that_fails_is_told_and_not_begun_again_and_again() -> None:
    asked = []

    def no_files(law: LawState) -> dict[str, bytes]:
        asked.append(law.generation_id)
        return {}

    async def visit() -> tuple[World | None, bool]:
        service = WorldService(law_with_rates, no_files)
        for _ in range(3):
            service.look(TODAY)
            await service.finish()
        return service.look(TODAY), service.has_failed

    assert asyncio.run(visit()) == (None, True)
    assert asked == [1]
