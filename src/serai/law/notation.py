"""How a pack writes its values: rates as `20 %`, amounts as `150.00 EUR`, masses as `2 kg`, days as dates.

Read into the whole numbers that programs compute with, and written back; what is written otherwise is refused
with what was likely meant.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, NamedTuple

from serai.law.pack_shape import Path
from serai.model.money import PLACES

_RATE = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,4})?) %")
_MONEY = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,4})?) ([A-Z]{3})")
_MASS = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,3})?) (kg|g)")
_LOOSE = re.compile(r"(?P<before>[^0-9.,+-]*)(?P<number>[-+]?[0-9][0-9.,' ]*)(?P<after>.*)", re.DOTALL)
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = re.compile(r"([0-9]{1,2})[./ ]([0-9]{1,2})[./ ]([0-9]{4})")
_PPM_A_PERCENT = 10_000
_G_A_KG = 1_000
_SAID_MAX = 80
_PPM_LEAST = 1_000
"""A bare whole number from here on was meant as parts per million, below it as per cent."""
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "Fr.": "CHF", "kr": "NOK"}
_PER_CENT = {
    **dict.fromkeys(("%", "percent", "per cent", "pct"), Decimal(1)),
    "‰": Decimal("0.1"),
    "ppm": Decimal("0.0001"),
}


class NotationFault(NamedTuple):
    """A value that is not written as its kind is. path: to the value in the pack's data."""

    path: Path
    message: str


class _SlipError(Exception):
    """Not the notation. meant: what the author likely meant, as a pack writes it; none: nothing is near."""

    def __init__(self, *meant: str) -> None:
        super().__init__()
        self.meant = meant


def read_values(data: Any) -> list[NotationFault]:
    """Put the numbers that programs compute with in the place of the values of a pack's parameters.

    data: a pack as YAML gives it, changed in place: rates become parts per million, amounts minor units of
    the parameter's `currency`, masses grams, days ISO text. What has not the form of a pack stays as it is.
    Returns what is written otherwise; such a value becomes null.
    """
    faults: list[NotationFault] = []
    home = data.get("currency") if isinstance(data, dict) else None
    for path, parameter in _parameters_of(data):
        kind = parameter.get("kind")
        said: set[str] = set()
        for number, value in enumerate(_maps_in(parameter.get("values"))):
            if value is None or value.get("value") is None:
                continue
            try:
                value["value"] = _read_one(value["value"], kind, parameter.get("currency") or home, said)
            except _SlipError as slip:
                place = (*path, "values", number, "value")
                faults.append(NotationFault(place, _say(value["value"], str(kind), slip.meant)))
                value["value"] = None
        faults += _read_currency(parameter, path, said, home)
    return faults


def write_value(value: Any, kind: str, currency: str | None) -> str:
    """Return a value of a parameter as a pack writes it. Lists stand with blanks between, null is `null`."""
    if isinstance(value, list):
        return " ".join(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if kind == "rate":
        return f"{_plain(Decimal(value) / _PPM_A_PERCENT)} %"
    if kind == "money" and currency is not None:
        return _money(Decimal(value).scaleb(-PLACES[currency]), currency)
    if kind == "mass":
        return f"{_plain(Decimal(value) / _G_A_KG)} kg" if abs(value) >= _G_A_KG else f"{value} g"
    return str(value)


# ---- reading ----


def _parameters_of(data: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(data, dict):
        for number, parameter in enumerate(_maps_in(data.get("parameters"))):
            if parameter is not None:
                yield ("parameters", number), parameter


def _maps_in(rows: Any) -> list[dict[str, Any] | None]:
    """Return the maps of a list in their places, null for what is none."""
    return [row if isinstance(row, dict) else None for row in rows] if isinstance(rows, list) else []


def _read_one(said: Any, kind: Any, currency: Any, currencies: set[str]) -> Any:
    """Return a value as programs have it; adds the currency it names. Raises _SlipError."""
    if type(said) is int:
        return said
    if kind == "money":
        return _read_money(said, currency, currencies)
    read = _READ.get(kind) if isinstance(kind, str) else None
    return said if read is None else read(said)


def _read_rate(said: Any) -> int:
    match = _RATE.fullmatch(said) if isinstance(said, str) else None
    if match is None:
        raise _SlipError(*_meant_rates(said))
    return int(Decimal(match[1]) * _PPM_A_PERCENT)


def _read_money(said: Any, home: Any, currencies: set[str]) -> int:
    match = _MONEY.fullmatch(said) if isinstance(said, str) else None
    if match is None or match[2] not in PLACES:
        raise _SlipError(*_meant_amounts(said, home))
    amount = Decimal(match[1])
    if -int(amount.as_tuple().exponent) != PLACES[match[2]]:
        raise _SlipError(*_meant_amounts(said, home))
    currencies.add(match[2])
    return int(amount.scaleb(PLACES[match[2]]))


def _read_mass(said: Any) -> int:
    match = _MASS.fullmatch(said) if isinstance(said, str) else None
    if match is None or (match[2] == "g" and "." in match[1]):
        raise _SlipError(*_meant_masses(said))
    return int(Decimal(match[1]) * (_G_A_KG if match[2] == "kg" else 1))


def _read_day(said: Any) -> str:
    if isinstance(said, dt.date) and not isinstance(said, dt.datetime):
        return said.isoformat()
    if isinstance(said, str) and _ISO_DAY.fullmatch(said):
        return said  # Whether there is such a day is looked at with the other values.
    raise _SlipError(*_meant_days(said))


_READ: dict[str, Callable[[Any], Any]] = {"rate": _read_rate, "mass": _read_mass, "date": _read_day}


def _read_currency(
    parameter: dict[str, Any], path: Path, said: set[str], home: Any
) -> Iterator[NotationFault]:
    """Say in the parameter which currency its amounts named, where it is not the pack's own."""
    if not said:
        return
    if "currency" in parameter and said != {parameter["currency"]}:
        yield NotationFault((*path, "currency"), "the amounts say their currency: leave `currency` out.")
    elif len(said) > 1:
        both = " and ".join(sorted(said))
        yield NotationFault((*path, "values"), f"the amounts of one parameter are in {both}: make two of it.")
    elif said != {home}:
        (parameter["currency"],) = said


# ---- what was meant ----


def _say(said: Any, kind: str, meant: tuple[str, ...]) -> str:
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
        if percent * _PPM_A_PERCENT == int(percent * _PPM_A_PERCENT):
            yield f"{_plain(percent)} %"
    elif unit == "" and number == int(number) and number >= _PPM_LEAST:
        yield f"{_plain(number / _PPM_A_PERCENT)} %"
    elif unit == "":
        if 0 < abs(number) < 1:
            yield f"{_plain(number * 100)} %"
        yield f"{_plain(number)} %"


def _meant_amounts(said: Any, home: Any) -> Iterator[str]:
    number, unit = _number_and_rest(said)
    if number is None or abs(number) >= Decimal(10) ** 15:
        return
    currency = _SIGNS.get(unit) or next(iter(_close_currencies(unit, home)), None)
    if unit == "":
        currency = home if home in PLACES else None
        if currency and isinstance(said, int):
            yield _money(number.scaleb(-PLACES[currency]), currency)
    if currency and number == round(number, PLACES[currency]):
        yield _money(number, currency)


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
        grams = number * (_G_A_KG if unit == "kg" else 1)
        if grams == int(grams):
            yield write_value(int(grams), "mass", None)
        if unit == "":
            yield f"{_plain(number)} kg"


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


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount:.{PLACES[currency]}f} {currency}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
