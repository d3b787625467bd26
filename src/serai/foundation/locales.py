"""Numbers, days and counts as a language writes them, by Unicode's locale data (Babel).

Digits are Western ones in every language: sums are compared with papers that have them.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

_LOCALES: Final = {"en": "en_GB", "zh": "zh_Hans_CN"}
"""Of languages whose own default is another country's than is meant."""
_MONTHS: Final = {"ar": "d MMM y", "pt": "d MMM y"}
"""How a short day is written where the locale's own has no month in letters, or too many words."""


@cache
def locale_of(language: str) -> Locale:
    """Return the locale in which a language of Serai is written."""
    return Locale.parse(_LOCALES.get(language, language))


def number_text(number: Decimal | int, language: str, *, places: int | None = None) -> str:
    """Return a number with separators: `61,290.15`, in French `61 290,15`. places: behind the point; None:
    those that the number has."""
    if places is None:
        places = -int(number.as_tuple().exponent) if isinstance(number, Decimal) else 0
    pattern = "#,##0" + (f".{'0' * places}" if places > 0 else "")
    return format_decimal(number, format=pattern, locale=locale_of(language), numbering_system="latn")


def decimal_text(text: str, language: str) -> str:
    """Return plain decimal text (`1234.50`) with the point of a language and no other separators."""
    symbol = locale_of(language).number_symbols["latn"]["decimal"]
    return text if symbol == "." else text.replace(".", symbol)


def amount_text(text: str, language: str) -> str:
    """Return plain decimal text (`1234.50`) as an amount is read: `1,234.50`."""
    return number_text(Decimal(text), language)


def day_text(day: dt.date, language: str) -> str:
    """Return `1 July 2026`."""
    return format_date(day, "long", locale=locale_of(language))


def month_text(day: dt.date, language: str) -> str:
    """Return `November 2026`, of the month a day lies in."""
    return format_skeleton("yMMMM", day, locale=locale_of(language))


def short_day_text(day: dt.date, language: str) -> str:
    """Return `25 Nov 2026`."""
    return format_date(day, _MONTHS.get(language, "medium"), locale=locale_of(language))


def day_of_year_text(day: dt.date, language: str) -> str:
    """Return `25 Nov`, where the year is plain."""
    locale = locale_of(language)
    return format_date(day, "d MMM" if language in _MONTHS else locale.datetime_skeletons["MMMd"].pattern,
                       locale=locale)  # fmt: skip


def day_and_time_text(day: str, time: str, language: str) -> str:
    """Return a day and a time of it, both in words: `25 Nov 2026, 14:02`."""
    return str(locale_of(language).datetime_formats["medium"]).format(time, day)


def territory_text(code: str, language: str) -> str | None:
    """Return the name of a country by its two letters; None: there is none."""
    name = locale_of(language).territories.get(code) if len(code) == 2 and code.isupper() else None
    return None if name is None else str(name)


def join_text(words: Sequence[str], language: str) -> str:
    """Return `pen, notebook and keyring`; nothing for no words."""
    return format_list(words, locale=locale_of(language)) if words else ""
