"""The comparison as a page shows it: bars in thousandths of the longest, curves in a box, words beside."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from serai.foundation.http.charts import WIDTH
from serai.foundation.http.wording import amount_text, share_text
from serai.laboratory.compare.assumed_rates import HOME_OF_SUMS
from serai.laboratory.compare.measuring import PPM
from serai.laboratory.compare.table import row_of
from serai.portal.comparison.comparing import (
    DRESS_PRICE_MINOR,
    PRICES_MINOR,
    Charged,
    CountryCost,
    RegimeCurve,
    RegimeShare,
    World,
)
from serai.portal.law.places import place_name

CURVE_HEIGHT: Final = 110
"""Of a curve's box: so many per cent of the price; its width is the highest price in euro."""
_STEP_PPM: Final = 20_000
"""A rise of the charges by this share of the price, from one price to the next, is a step of the law."""
TABLE_PRICES_MINOR: Final = (1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 15_250, 20_000, 30_000)


class Segment(msgspec.Struct, frozen=True):
    """A part of a bar, in thousandths of the width. key: duty, tax, fee or share."""

    key: str
    x: int
    width: int


class BarRow(msgspec.Struct, frozen=True):
    """A bar with its words. href: where the label leads; note: told in a lower voice."""

    label: str
    href: str
    segments: list[Segment]
    text: str
    note: str


class CurveView(msgspec.Struct, frozen=True):
    """A small chart. line: points of a polyline in its box; summary: where the limit bites, in words."""

    label: str
    href: str
    line: str
    area: str
    summary: str
    is_decided: bool


class WorldView(msgspec.Struct, frozen=True):
    """The page. countries: a dress into each where something is charged, dearest first; free_countries: where
    nothing is; undecided: where the law does not say all.
    """

    world: World
    countries: list[BarRow]
    undecided: list[BarRow]
    free_countries: list[BarRow]
    curves: list[CurveView]
    curve_table: list[list[str]]
    revenue: list[BarRow]
    free: list[BarRow]
    assumed: list[BarRow]
    table: list[dict[str, str | list[str]]]


def view_world(world: World) -> WorldView:
    """Return the page of a comparison."""
    decided = sorted(
        ((one, one.charged) for one in world.countries if one.charged is not None),
        key=lambda pair: (-pair[1].total_minor, place_name(pair[0].country_code)),
    )
    longest = max((charged.total_minor for _, charged in decided), default=0)
    rows = [(_country(one, charged, longest), charged.total_minor) for one, charged in decided]
    curves = sorted(world.curves, key=_order_of_curve)
    return WorldView(
        world,
        [row for row, total in rows if total],
        [
            BarRow(place_name(one.country_code), f"/law/{one.country_code}", [], "not known", _lacks(one))
            for one in world.countries
            if one.charged is None
        ],
        [row for row, total in rows if not total],
        [_curve(one) for one in curves],
        [_curve_row(one) for one in curves],
        _revenue(world.shares),
        _shares(world.shares, lambda one: one.free_ppm, _no_note),
        _shares(world.shares, lambda one: one.figures.assumed_ppm, _assumed_note),
        [row_of(one.figures) for one in world.shares],
    )


# ---- a dress ----


def _country(one: CountryCost, charged: Charged, longest: int) -> BarRow:
    burden = charged.total_minor * PPM // DRESS_PRICE_MINOR
    text = amount_text(charged.total_minor, HOME_OF_SUMS)
    parts = [f"{name} {amount_text(amount, HOME_OF_SUMS)}" for name, amount in _parts(charged) if amount]
    note = f"{', '.join(parts)}; {share_text(burden, PPM)}" if len(parts) > 1 else "".join(parts) or "nothing"
    if one.is_assumed_tariff:
        note += "; assumed"
    return BarRow(
        place_name(one.country_code), f"/law/{one.country_code}", _segments(charged, longest), text, note
    )


def _lacks(one: CountryCost) -> str:
    return "; ".join(text.rstrip(".") for text in one.missing) or "the law does not say everything"


def _parts(charged: Charged) -> tuple[tuple[str, int], ...]:
    return ("duty", charged.duty_minor), ("tax", charged.tax_minor), ("fee", charged.fee_minor)


def _segments(charged: Charged, longest: int) -> list[Segment]:
    segments, before = [], 0
    for key, amount in _parts(charged):
        x, end = (place * WIDTH // longest if longest else 0 for place in (before, before + amount))
        if amount:
            segments.append(Segment(key, x, max(2, end - x)))
        before += amount
    return segments


# ---- limits ----


def _curve(one: RegimeCurve) -> CurveView:
    points = [
        (price / 100, CURVE_HEIGHT - min(CURVE_HEIGHT, total * 100 / price))
        for price, total in zip(PRICES_MINOR, one.totals_minor, strict=True)
        if total is not None
    ]
    line = " ".join(f"{x:g},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:g},{CURVE_HEIGHT} {line} {points[-1][0]:g},{CURVE_HEIGHT}" if points else ""
    return CurveView(_name(one), f"/law/{one.jurisdiction}", line, area, _summary_of(one), bool(points))


def _summary_of(one: RegimeCurve) -> str:
    """Say in words where the limit bites, and what a dress of the highest price pays."""
    if one.totals_minor[-1] is None:
        return "not known"
    top = f"EUR\u00a0{PRICES_MINOR[-1] // 100}"
    if one.free_up_to_minor == PRICES_MINOR[-1]:
        return f"nothing up to {top}"
    parts = []
    if one.free_up_to_minor:
        parts.append(f"free up to about EUR\u00a0{amount_text(one.free_up_to_minor, HOME_OF_SUMS)}")
    steps = [price for price in _steps(one) if price != one.free_up_to_minor]
    if steps:
        told = " and ".join(amount_text(price, HOME_OF_SUMS) for price in steps[:2])
        parts.append(f"a step above about EUR\u00a0{told}")
    if not parts:
        parts.append("from the first cent")
    return f"{', '.join(parts)}; {share_text(one.totals_minor[-1], PRICES_MINOR[-1])} at {top}"


def _steps(one: RegimeCurve) -> list[int]:
    """Return the prices behind which the share that is charged rises at once."""
    points = [
        (price, total * PPM // price)
        for price, total in zip(PRICES_MINOR, one.totals_minor, strict=True)
        if total is not None
    ]
    rises = [after - before >= _STEP_PPM for (_, before), (_, after) in pairwise(points)]
    # A slope rises from price to price; only its foot is a step.
    return [
        price
        for (price, _), rises_here, rose_before in zip(points, rises, [False, *rises], strict=False)
        if rises_here and not rose_before
    ]


def _order_of_curve(one: RegimeCurve) -> tuple[int, str]:
    """First those with a limit that bites, then those that charge from the first cent, then the others."""
    if one.totals_minor[-1] is None or one.free_up_to_minor == PRICES_MINOR[-1]:
        return 2, _name(one)
    return (0 if _steps(one) else 1), _name(one)


def _curve_row(one: RegimeCurve) -> list[str]:
    cells = [_name(one)]
    for price in TABLE_PRICES_MINOR:
        total = one.totals_minor[PRICES_MINOR.index(price)]
        cells.append("?" if total is None else amount_text(total, HOME_OF_SUMS))
    return cells


# ---- the sample ----


def _revenue(shares: Sequence[RegimeShare]) -> list[BarRow]:
    charged = [
        (one, Charged(one.figures.duty_eur_minor, one.figures.tax_eur_minor, one.figures.fee_eur_minor))
        for one in shares
    ]
    charged.sort(key=lambda pair: (-pair[1].total_minor, _name(pair[0])))
    longest = max((sums.total_minor for _, sums in charged), default=0)
    return [
        BarRow(
            _name(one),
            f"/law/{one.jurisdiction}",
            _segments(sums, longest),
            f"{(sums.total_minor + 50) // 100:,}",
            _of_value(one, sums),
        )
        for one, sums in charged
    ]


def _of_value(one: RegimeShare, sums: Charged) -> str:
    if not one.figures.value_eur_minor:
        return "no parcel decided"
    burden = share_text(sums.total_minor, one.figures.value_eur_minor)
    return f"{burden}{_undecided(one)}"


def _shares(
    shares: Iterable[RegimeShare],
    ppm_of: Callable[[RegimeShare], int],
    note_of: Callable[[RegimeShare], str],
) -> list[BarRow]:
    ordered = sorted(shares, key=lambda one: (-ppm_of(one), _name(one)))
    return [
        BarRow(
            _name(one),
            f"/law/{one.jurisdiction}",
            [Segment("share", 0, max(2, ppm_of(one) * WIDTH // PPM))] if ppm_of(one) else [],
            share_text(ppm_of(one), PPM),
            note_of(one),
        )
        for one in ordered
    ]


def _no_note(one: RegimeShare) -> str:
    return _undecided(one).removeprefix(", ")


def _assumed_note(one: RegimeShare) -> str:
    figures = one.figures
    parts = [
        f"{name} {share_text(ppm, PPM)}"
        for name, ppm in (
            ("exchange rate", figures.invented_exchange_ppm),
            ("tariff line", figures.invented_tariff_ppm),
            ("undecided", figures.undecided_ppm),
        )
        if ppm
    ]
    return ", ".join(parts)


def _undecided(one: RegimeShare) -> str:
    ppm = one.figures.undecided_ppm
    return f", {share_text(ppm, PPM)} undecided" if ppm else ""


def _name(one: RegimeCurve | RegimeShare) -> str:
    name = place_name(one.jurisdiction)
    return f"{name}, by {one.channel_codes[0]}" if one.channel_codes else name
