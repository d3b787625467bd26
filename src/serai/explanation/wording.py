"""Recorded figures as people read them: money with its currency, rates in per cent, days, codes, yes and no.

Exact, never shortened.
"""

import datetime as dt
from fractions import Fraction

from serai.explanation.phrases import Phrases
from serai.explanation.record import Figure
from serai.law.pack import Rounding
from serai.law.tariff import day_of
from serai.model.money import MICRO, PLACES, format_minor, render_exact


def render_figure(figure: Figure, phrases: Phrases) -> str:
    """Return a figure with its unit or currency: `EUR 3.00`, `23 %`, `120 g`, `1 July 2026`."""
    if not figure.is_known:
        return phrases.phrases["unknown"]
    if figure.kind == "money":
        return render_money(figure.numerator, figure.currency)
    if figure.kind == "mass":
        return f"{figure.numerator} g"
    if figure.kind == "date":
        return render_day(figure.numerator)
    return render_bare(figure, phrases)


def render_bare(figure: Figure, phrases: Phrases) -> str:
    """Return a figure as it stands in a formula: money without its currency, codes in quotes."""
    if not figure.is_known:
        return "?"
    if figure.kind == "money":
        return format_minor(figure.numerator, figure.currency) if figure.currency else str(figure.numerator)
    if figure.kind == "rate":
        return render_rate(figure.numerator, figure.denominator)
    if figure.kind == "flag":
        return phrases.phrases["yes" if figure.numerator else "no"]
    if figure.kind == "date":
        return day_of(figure.numerator).isoformat()
    return f"'{figure.text}'" if figure.kind == "code" else str(figure.numerator)


def render_money(amount_minor: int, currency: str | None) -> str:
    """Return `EUR 14.29` for 1429 minor units; a bare 0 has no currency."""
    return f"{currency} {format_minor(amount_minor, currency)}" if currency else str(amount_minor)


def render_day(day: int) -> str:
    """Return a day (since 1970) as `1 July 2026`."""
    date = day_of(day)
    return f"{date.day} {date:%B %Y}"


def render_rate(numerator: int, denominator: int) -> str:
    """Return a rate in per cent where that is exact, else as the fraction it is."""
    if denominator == 0:
        return f"{numerator} / 0"
    percent = Fraction(numerator, denominator) * 100
    text = render_exact(percent)
    if "/" in text:
        rate = percent / 100
        return f"{rate.numerator} / {rate.denominator}"
    return f"{text} %"


def render_exact_money(minor: Fraction, currency: str) -> str:
    """Return an amount before rounding, in units of its currency."""
    return render_exact(minor / 10 ** PLACES[currency])


def render_micro(micro: int) -> str:
    """Return decimal text for millionths of a unit, as it was declared."""
    return render_exact(Fraction(micro, MICRO))


def render_rounding(rounding: Rounding, currency: str, phrases: Phrases) -> str:
    """Return mode and unit of a rounding: `half up to EUR 0.01`."""
    return phrases.render(rounding.mode, unit=render_money(rounding.unit_minor, currency))


def iso(day: dt.date | None) -> str | None:
    """Return a date as ISO text."""
    return None if day is None else day.isoformat()
