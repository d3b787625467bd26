"""Recorded figures as people read them: money with its currency, rates in per cent, days, codes, yes and no.

Exact, never shortened.
"""

import datetime as dt
from fractions import Fraction

from serai.explanation.phrases import Phrases
from serai.explanation.record import Figure
from serai.foundation.locales import day_text, decimal_text
from serai.law.pack import Rounding
from serai.law.tariff import day_of
from serai.model.languages import DEFAULT_LANGUAGE
from serai.model.money import MICRO, PLACES, format_minor, render_exact


def render_figure(figure: Figure, phrases: Phrases) -> str:
    """Return a figure with its unit or currency: `EUR 3.00`, `23 %`, `120 g`, `1 July 2026`."""
    if not figure.is_known:
        return phrases.phrases["unknown"]
    if figure.kind == "money":
        return render_money(figure.numerator, figure.currency, phrases.language)
    if figure.kind == "mass":
        return f"{figure.numerator} g"
    if figure.kind == "date":
        return render_day(figure.numerator, phrases.language)
    return render_bare(figure, phrases)


def render_bare(figure: Figure, phrases: Phrases) -> str:
    """Return a figure as it stands in a formula: money without its currency, codes in quotes."""
    if not figure.is_known:
        return "?"
    if figure.kind == "money":
        plain = format_minor(figure.numerator, figure.currency) if figure.currency else str(figure.numerator)
        return decimal_text(plain, phrases.language)
    if figure.kind == "rate":
        return render_rate(figure.numerator, figure.denominator, phrases.language)
    if figure.kind == "flag":
        return phrases.phrases["yes" if figure.numerator else "no"]
    if figure.kind == "date":
        return day_of(figure.numerator).isoformat()
    return f"'{figure.text}'" if figure.kind == "code" else str(figure.numerator)


def render_money(amount_minor: int, currency: str | None, language: str = DEFAULT_LANGUAGE) -> str:
    """Return `EUR 14.29` for 1429 minor units; a bare 0 has no currency."""
    if not currency:
        return str(amount_minor)
    return f"{currency} {decimal_text(format_minor(amount_minor, currency), language)}"


def render_day(day: int, language: str = DEFAULT_LANGUAGE) -> str:
    """Return a day (since 1970) as `1 July 2026`."""
    return day_text(day_of(day), language)


def render_rate(numerator: int, denominator: int, language: str = DEFAULT_LANGUAGE) -> str:
    """Return a rate in per cent where that is exact, else as the fraction it is."""
    if denominator == 0:
        return f"{numerator} / 0"
    percent = Fraction(numerator, denominator) * 100
    text = render_exact(percent)
    if "/" in text:
        rate = percent / 100
        return f"{rate.numerator} / {rate.denominator}"
    return f"{decimal_text(text, language)} %"


def render_exact_money(minor: Fraction, currency: str, language: str) -> str:
    """Return an amount before rounding, in units of its currency."""
    return decimal_text(render_exact(minor / 10 ** PLACES[currency]), language)


def render_micro(micro: int, language: str) -> str:
    """Return decimal text for millionths of a unit, as it was declared."""
    return decimal_text(render_exact(Fraction(micro, MICRO)), language)


def render_rounding(rounding: Rounding, currency: str, phrases: Phrases) -> str:
    """Return mode and unit of a rounding: `half up to EUR 0.01`."""
    return phrases.render(rounding.mode, unit=render_money(rounding.unit_minor, currency, phrases.language))


def iso(day: dt.date | None) -> str | None:
    """Return a date as ISO text."""
    return None if day is None else day.isoformat()
