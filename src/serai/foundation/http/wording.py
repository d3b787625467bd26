"""Numbers, sums and times as people read them, in their language; used as filters in templates."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from serai.foundation.http.interface_words import interface_words
from serai.foundation.locales import day_and_time_text, day_of_year_text, number_text, short_day_text
from serai.model.languages import DEFAULT_LANGUAGE
from serai.model.money import PLACES

_NARROW_SPACE: Final = "\u202f"
_NO_BREAK_SPACE: Final = "\u00a0"


def money_text(amount_minor: int, currency: str, *, language: str = DEFAULT_LANGUAGE) -> str:
    """`1429, "EUR"` reads `EUR 14.29`; places by ISO 4217, the code before, as customs papers have it."""
    return f"{currency}{_NO_BREAK_SPACE}{amount_text(amount_minor, currency, language=language)}"


def amount_text(amount_minor: int, currency: str, *, language: str = DEFAULT_LANGUAGE) -> str:
    """`6129015, "EUR"` reads `61,290.15`, without the code: for a column whose head names the currency."""
    places = PLACES.get(currency, 2)
    sign = "\u2212" if amount_minor < 0 else ""
    return sign + number_text(Decimal(abs(amount_minor)).scaleb(-places), language, places=places)


def count_text(count: int, *, language: str = DEFAULT_LANGUAGE) -> str:
    """`100014` reads `100,014`."""
    return number_text(count, language)


def share_text(part: int, whole: int, *, language: str = DEFAULT_LANGUAGE) -> str:
    """Per cent, one place under ten and next to all; never rounded up to 100 % nor down to 0 %."""
    permille = (2000 * part + whole) // (2 * whole) if whole else 0
    if part and not permille:
        return f"<{_NARROW_SPACE}{_percent(Decimal('0.1'), language)}"
    if part < whole:
        permille = min(permille, 999)
    if 100 <= permille < 990:
        permille = (permille + 5) // 10 * 10
    return _percent(Decimal(permille).scaleb(-1) if permille % 10 else Decimal(permille // 10), language)


def rate_text(rate_ppm: int, *, language: str = DEFAULT_LANGUAGE) -> str:
    """`125000` reads `12.5 %`, all places that there are."""
    sign = "\u2212" if rate_ppm < 0 else ""
    whole, part = divmod(abs(rate_ppm), 10_000)
    places = f".{part:04d}".rstrip("0") if part else ""
    return sign + _percent(Decimal(f"{whole}{places}"), language)


def _percent(number: Decimal, language: str) -> str:
    return f"{number_text(number, language)}{_NARROW_SPACE}%"


def time_left_text(until: datetime, at: datetime, *, language: str = DEFAULT_LANGUAGE) -> str:
    """`3 h 12 min`, `2 days 4 h`, `48 s`; what lies behind reads `41 min ago`."""
    left = until - at
    rendered = duration_text(abs(left), language=language)
    if left >= timedelta(0):
        return rendered
    return interface_words(language).gettext("%(duration)s ago") % {"duration": rendered}


def duration_text(duration: timedelta, *, language: str = DEFAULT_LANGUAGE) -> str:
    """The two largest units of a duration."""
    seconds = int(duration.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    words = interface_words(language)
    in_hours = words.gettext("%(count)s h")
    in_minutes = words.gettext("%(count)s min")
    if days:
        said = words.ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
        parts = [said, *([in_hours % {"count": hours}] if hours else [])]
    elif hours:
        parts = [in_hours % {"count": hours}, in_minutes % {"count": f"{minutes:02d}"}]
    elif minutes:
        parts = [in_minutes % {"count": minutes}]
    else:
        parts = [words.gettext("%(count)s s") % {"count": seconds}]
    return " ".join(one.replace(" ", _NO_BREAK_SPACE) for one in parts)


def local_time_text(at: datetime, time_zone: str, *, language: str = DEFAULT_LANGUAGE) -> str:
    """`25 Nov 2026, 14:02 (Dublin)`: a time always says where it is local."""
    local = at.astimezone(ZoneInfo(time_zone))
    day = short_day_text(local.date(), language).replace(" ", _NO_BREAK_SPACE)
    return f"{day_and_time_text(day, f'{local:%H:%M}', language)} ({place_text(time_zone)})"


def clock_text(at: datetime, time_zone: str) -> str:
    """`14:02 (Dublin)`: the time alone, where the day is plain."""
    return f"{at.astimezone(ZoneInfo(time_zone)):%H:%M}{_NO_BREAK_SPACE}({place_text(time_zone)})"


def day_clock_text(at: datetime, time_zone: str, *, language: str = DEFAULT_LANGUAGE) -> str:
    """`25 Nov, 14:02`: for a column whose head says where its times are local."""
    local = at.astimezone(ZoneInfo(time_zone))
    day = day_of_year_text(local.date(), language)
    return day_and_time_text(day, f"{local:%H:%M}", language).replace(" ", _NO_BREAK_SPACE)


def marked_code(text: str) -> Markup:
    """Mark what a text says in the words of the code: names with lines in them, and expressions of such
    names."""
    parts, end = [], 0
    for found in _EXPRESSION.finditer(text):
        parts += [escape(text[end : found.start()]), Markup("<code>"), escape(found[0]), Markup("</code>")]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


_NAME: Final = r"/?(?:\w+/)*[A-Za-z]\w*_\w+(?:\((?:[^()]|\([^()]*\))*\))?"
_VALUE: Final = rf"(?:\([^()]*\)|(?:NOT |\()*(?:{_NAME}|'[^']*'|\d+)\)?)"
_EXPRESSION: Final = re.compile(rf"(?:\bNOT )?{_NAME}(?: (?:AND|OR|IN|=|<>|<=|>=|<|>) {_VALUE})*")
"""A name of the vocabulary, called or not, and what is joined to it."""


def place_text(time_zone: str) -> str:
    """`Dublin`: where a time zone is local."""
    return time_zone.rpartition("/")[2].replace("_", " ")
