"""The comparison as a page shows it: bars in thousandths of the longest, curves in a box, words beside."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from serai.foundation.http.charts import WIDTH
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.wording import amount_text, count_text, share_text
from serai.foundation.locales import join_text
from serai.journey.texts.law_texts import law_texts
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


def view_world(world: World, language: str) -> WorldView:
    """Return the page of a comparison in a language."""
    words = interface_words(language)
    decided = sorted(
        ((one, one.charged) for one in world.countries if one.charged is not None),
        key=lambda pair: (-pair[1].total_minor, place_name(pair[0].country_code, language)),
    )
    longest = max((charged.total_minor for _, charged in decided), default=0)
    rows = [(_country(one, charged, longest, language), charged.total_minor) for one, charged in decided]
    curves = sorted(world.curves, key=lambda one: _order_of_curve(one, language))
    return WorldView(
        world,
        [row for row, total in rows if total],
        [
            BarRow(
                place_name(one.country_code, language),
                f"/law/{one.country_code}",
                [],
                words.gettext("not known"),
                _lacks(one, language),
            )
            for one in world.countries
            if one.charged is None
        ],
        [row for row, total in rows if not total],
        [_curve(one, language) for one in curves],
        [_curve_row(one, language) for one in curves],
        _revenue(world.shares, language),
        _shares(world.shares, lambda one: one.free_ppm, _undecided, language),
        _shares(world.shares, lambda one: one.figures.assumed_ppm, _assumed_note, language),
        [row_of(one.figures) for one in world.shares],
    )


# ---- a dress ----


def _country(one: CountryCost, charged: Charged, longest: int, language: str) -> BarRow:
    words = interface_words(language)
    burden = charged.total_minor * PPM // DRESS_PRICE_MINOR
    text = amount_text(charged.total_minor, HOME_OF_SUMS, language=language)
    parts = [
        f"{words.gettext(_PARTS[name])} {amount_text(amount, HOME_OF_SUMS, language=language)}"
        for name, amount in _parts(charged)
        if amount
    ]
    if len(parts) > 1:
        parts = [f"{', '.join(parts)}; {share_text(burden, PPM, language=language)}"]
    notes = parts or [words.gettext("nothing")]
    if one.is_assumed_tariff:
        notes.append(words.gettext("assumed"))
    return BarRow(
        place_name(one.country_code, language),
        f"/law/{one.country_code}",
        _segments(charged, longest),
        text,
        "; ".join(notes),
    )


def _lacks(one: CountryCost, language: str) -> str:
    texts = law_texts(language)
    missing = "; ".join(texts.get(text, text).rstrip(".") for text in one.missing)
    return missing or interface_words(language).gettext("the law does not say everything")


_PARTS: Final = {"duty": translatable("duty"), "tax": translatable("tax"), "fee": translatable("fee")}


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


def _curve(one: RegimeCurve, language: str) -> CurveView:
    points = [
        (price / 100, CURVE_HEIGHT - min(CURVE_HEIGHT, total * 100 / price))
        for price, total in zip(PRICES_MINOR, one.totals_minor, strict=True)
        if total is not None
    ]
    line = " ".join(f"{x:g},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:g},{CURVE_HEIGHT} {line} {points[-1][0]:g},{CURVE_HEIGHT}" if points else ""
    said = _summary_of(one, language)
    return CurveView(_name(one, language), f"/law/{one.jurisdiction}", line, area, said, bool(points))


def _summary_of(one: RegimeCurve, language: str) -> str:
    """Say in words where the limit bites, and what a dress of the highest price pays."""
    words = interface_words(language)
    if one.totals_minor[-1] is None:
        return words.gettext("not known")
    top = f"EUR\u00a0{PRICES_MINOR[-1] // 100}"
    if one.free_up_to_minor == PRICES_MINOR[-1]:
        return words.gettext("nothing up to %(amount)s") % {"amount": top}
    parts = []
    if one.free_up_to_minor:
        limit = f"EUR\u00a0{amount_text(one.free_up_to_minor, HOME_OF_SUMS, language=language)}"
        parts.append(words.gettext("free up to about %(amount)s") % {"amount": limit})
    steps = [price for price in _steps(one) if price != one.free_up_to_minor]
    if steps:
        told = [amount_text(price, HOME_OF_SUMS, language=language) for price in steps[:2]]
        parts.append(
            words.gettext("a step above about %(amount)s")
            % {"amount": f"EUR\u00a0{join_text(told, language)}"}
        )
    if not parts:
        parts.append(words.gettext("from the first cent"))
    share = share_text(one.totals_minor[-1], PRICES_MINOR[-1], language=language)
    return f"{', '.join(parts)}; {words.gettext('%(share)s at %(amount)s') % {'share': share, 'amount': top}}"


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


def _order_of_curve(one: RegimeCurve, language: str) -> tuple[int, str]:
    """First those with a limit that bites, then those that charge from the first cent, then the others."""
    if one.totals_minor[-1] is None or one.free_up_to_minor == PRICES_MINOR[-1]:
        return 2, _name(one, language)
    return (0 if _steps(one) else 1), _name(one, language)


def _curve_row(one: RegimeCurve, language: str) -> list[str]:
    cells = [_name(one, language)]
    for price in TABLE_PRICES_MINOR:
        total = one.totals_minor[PRICES_MINOR.index(price)]
        cells.append("?" if total is None else amount_text(total, HOME_OF_SUMS, language=language))
    return cells


# ---- the sample ----


def _revenue(shares: Sequence[RegimeShare], language: str) -> list[BarRow]:
    charged = [
        (one, Charged(one.figures.duty_eur_minor, one.figures.tax_eur_minor, one.figures.fee_eur_minor))
        for one in shares
    ]
    charged.sort(key=lambda pair: (-pair[1].total_minor, _name(pair[0], language)))
    longest = max((sums.total_minor for _, sums in charged), default=0)
    return [
        BarRow(
            _name(one, language),
            f"/law/{one.jurisdiction}",
            _segments(sums, longest),
            count_text((sums.total_minor + 50) // 100, language=language),
            _of_value(one, sums, language),
        )
        for one, sums in charged
    ]


def _of_value(one: RegimeShare, sums: Charged, language: str) -> str:
    if not one.figures.value_eur_minor:
        return interface_words(language).gettext("no parcel decided")
    burden = share_text(sums.total_minor, one.figures.value_eur_minor, language=language)
    return ", ".join(filter(None, (burden, _undecided(one, language))))


def _shares(
    shares: Iterable[RegimeShare],
    ppm_of: Callable[[RegimeShare], int],
    note_of: Callable[[RegimeShare, str], str],
    language: str,
) -> list[BarRow]:
    ordered = sorted(shares, key=lambda one: (-ppm_of(one), _name(one, language)))
    return [
        BarRow(
            _name(one, language),
            f"/law/{one.jurisdiction}",
            [Segment("share", 0, max(2, ppm_of(one) * WIDTH // PPM))] if ppm_of(one) else [],
            share_text(ppm_of(one), PPM, language=language),
            note_of(one, language),
        )
        for one in ordered
    ]


def _assumed_note(one: RegimeShare, language: str) -> str:
    figures, words = one.figures, interface_words(language)
    parts = [
        said % {"share": share_text(ppm, PPM, language=language)}
        for said, ppm in (
            (words.gettext("exchange rate %(share)s"), figures.invented_exchange_ppm),
            (words.gettext("tariff line %(share)s"), figures.invented_tariff_ppm),
            (words.gettext("undecided %(share)s"), figures.undecided_ppm),
        )
        if ppm
    ]
    return ", ".join(parts)


def _undecided(one: RegimeShare, language: str) -> str:
    ppm = one.figures.undecided_ppm
    said = interface_words(language).gettext("%(share)s undecided")
    return said % {"share": share_text(ppm, PPM, language=language)} if ppm else ""


def _name(one: RegimeCurve | RegimeShare, language: str) -> str:
    name, words = place_name(one.jurisdiction, language), interface_words(language)
    if not one.channel_codes:
        return name
    return words.gettext("%(law)s, by %(channel)s") % {
        "law": name,
        "channel": words.gettext(one.channel_codes[0]),
    }
