"""What an author likely meant by a value that is not written as a pack writes it."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from serai.law.written_values import G_A_KG, PPM_A_PERCENT, write_decimal, write_money, write_value
from serai.model.money import PLACES

_LOOSE = re.compile(r"(?P<before>[^0-9.,+-]*)(?P<number>[-+]?[0-9][0-9.,' ]*)(?P<after>.*)", re.DOTALL)
_DAY = re.compile(r"([0-9]{1,2})[./ ]([0-9]{1,2})[./ ]([0-9]{4})")
_SAID_MAX = 80
_PPM_LEAST = 1_000
"""A bare whole number from here on was meant as parts per million, below it as per cent."""
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "Fr.": "CHF", "kr": "NOK"}
_PER_CENT = {
    **dict.fromkeys(("%", "percent", "per cent", "pct"), Decimal(1)),
    "‰": Decimal("0.1"),
    "ppm": Decimal("0.0001"),
}


def say_slip(said: Any, kind: str, home: Any) -> str:
    """Say that a value is not written as its kind is, and what was likely meant. home: the currency of the
    parameter or the pack, where one is said.
    """
    meant = _meant_amounts(said, home) if kind == "money" else _MEANT[kind](said)
    text = f"`{str(said)[:_SAID_MAX]}` is not how a pack writes {_KINDS[kind]}"
    asked = " or ".join(f"`{one}`" for one in dict.fromkeys(meant))
    return f"{text}. Did you mean {asked}?" if asked else f"{text}: {_EXAMPLES[kind]}."


_KINDS = {"rate": "a rate", "money": "an amount", "mass": "a mass", "date": "a day"}
_EXAMPLES = {
    "rate": "`20 %`, `2.5 %`",
    "money": "`150.00 EUR`, `10000 JPY`",
    "mass": "`2 kg`, `500 g`",
    "date": "`2026-07-01`",
}


def _meant_rates(said: Any) -> Iterator[str]:
    number, unit = _number_and_rest(said)
    if number is None or abs(number) >= Decimal(10) ** 9:
        return
    if unit in _PER_CENT:
        percent = number * _PER_CENT[unit]
        if percent * PPM_A_PERCENT == int(percent * PPM_A_PERCENT):
            yield f"{write_decimal(percent)} %"
    elif unit == "" and number == int(number) and number >= _PPM_LEAST:
        yield f"{write_decimal(number / PPM_A_PERCENT)} %"
    elif unit == "":
        if 0 < abs(number) < 1:
            yield f"{write_decimal(number * 100)} %"
        yield f"{write_decimal(number)} %"


def _meant_amounts(said: Any, home: Any) -> Iterator[str]:
    number, unit = _number_and_rest(said)
    if number is None or abs(number) >= Decimal(10) ** 15:
        return
    currency = _SIGNS.get(unit) or next(iter(_close_currencies(unit, home)), None)
    if unit == "":
        currency = home if home in PLACES else None
        if currency and isinstance(said, int):
            yield write_money(number.scaleb(-PLACES[currency]), currency)
    if currency and number == round(number, PLACES[currency]):
        yield write_money(number, currency)


def _close_currencies(unit: str, home: Any) -> list[str]:
    """Return what a currency was meant to be, the pack's own first."""
    own = [home] if home in PLACES else []
    return get_close_matches(unit.upper(), own) or get_close_matches(unit.upper(), PLACES, n=1)


def _meant_masses(said: Any) -> Iterator[str]:
    number, unit = _number_and_rest(said)
    if number is None or abs(number) >= Decimal(10) ** 9:
        return
    unit = {"kilo": "kg", "kgs": "kg", "kilogram": "kg", "kilograms": "kg", "gram": "g", "grams": "g"}.get(
        unit.lower(), unit.lower()
    )
    if unit in ("kg", "g", ""):
        grams = number * (G_A_KG if unit == "kg" else 1)
        if grams == int(grams):
            yield write_value(int(grams), "mass", None)
        if unit == "":
            yield f"{write_decimal(number)} kg"


def _meant_days(said: Any) -> Iterator[str]:
    text = str(said).strip()
    match = _DAY.fullmatch(text)
    parts = (match[3], match[2], match[1]) if match else tuple(text[:10].split("-"))
    try:
        yield dt.date(*map(int, parts)).isoformat()
    except (ValueError, TypeError):
        return


def _number_and_rest(said: Any) -> tuple[Decimal | None, str]:
    """Return a number however it is written, and the unit or currency before or after it."""
    if isinstance(said, bool):
        return None, ""
    match = _LOOSE.fullmatch(str(said).strip())
    if match is None or len(str(said)) > _SAID_MAX:
        return None, ""
    digits = match["number"].replace(" ", "").replace("'", "").rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0 and (isinstance(said, float) or len(digits) - last - 1 != _PLACES_OF_THOUSANDS):
        digits = digits[:last].replace(".", "").replace(",", "") + "." + digits[last + 1 :]
    else:
        digits = digits.replace(".", "").replace(",", "")
    try:
        return Decimal(digits), (match["before"].strip() + match["after"].strip())
    except InvalidOperation:
        return None, ""


_PLACES_OF_THOUSANDS = 3


_MEANT: dict[str, Callable[[Any], Iterator[str]]] = {
    "rate": _meant_rates,
    "mass": _meant_masses,
    "date": _meant_days,
}
