"""How a pack writes its values: rates as `20 %`, amounts as `150.00 EUR`, masses as `2 kg`, days as dates.

Read into the whole numbers that programs compute with; what is written otherwise is refused with what was
likely meant.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from serai.law.pack_shape import Path
from serai.law.value_slips import say_slip
from serai.law.written_values import G_A_KG, PPM_A_PERCENT
from serai.model.money import PLACES

_RATE = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,4})?) %")
_MONEY = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,4})?) ([A-Z]{3})")
_MASS = re.compile(r"(-?[0-9]{1,20}(?:\.[0-9]{1,3})?) (kg|g)")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NotationFault(NamedTuple):
    """A value that is not written as its kind is. path: to the value in the pack's data."""

    path: Path
    message: str


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
            currency = parameter.get("currency") or home
            written, value["value"] = value["value"], _read_one(value["value"], kind, said)
            if value["value"] is None:
                place = (*path, "values", number, "value")
                faults.append(NotationFault(place, say_slip(written, str(kind), currency)))
        faults += _read_currency(parameter, path, said, home)
    return faults


def _parameters_of(data: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(data, dict):
        for number, parameter in enumerate(_maps_in(data.get("parameters"))):
            if parameter is not None:
                yield ("parameters", number), parameter


def _maps_in(rows: Any) -> list[dict[str, Any] | None]:
    """Return the maps of a list in their places, null for what is none."""
    return [row if isinstance(row, dict) else None for row in rows] if isinstance(rows, list) else []


def _read_one(said: Any, kind: Any, currencies: set[str]) -> Any:
    """Return a value as programs have it, None: it is not written so; adds the currency it names."""
    if kind == "money":
        return _read_money(said, currencies)
    read = _READ.get(kind) if isinstance(kind, str) else None
    return said if read is None else read(said)


def _read_rate(said: Any) -> int | None:
    match = _RATE.fullmatch(said) if isinstance(said, str) else None
    if match is None:
        return None
    return int(Decimal(match[1]) * PPM_A_PERCENT)


def _read_money(said: Any, currencies: set[str]) -> int | None:
    match = _MONEY.fullmatch(said) if isinstance(said, str) else None
    if match is None or match[2] not in PLACES:
        return None
    amount = Decimal(match[1])
    if -int(amount.as_tuple().exponent) != PLACES[match[2]]:
        return None
    currencies.add(match[2])
    return int(amount.scaleb(PLACES[match[2]]))


def _read_mass(said: Any) -> int | None:
    match = _MASS.fullmatch(said) if isinstance(said, str) else None
    if match is None or (match[2] == "g" and "." in match[1]):
        return None
    return int(Decimal(match[1]) * (G_A_KG if match[2] == "kg" else 1))


def _read_day(said: Any) -> str | None:
    if isinstance(said, dt.date) and not isinstance(said, dt.datetime):
        return said.isoformat()
    if isinstance(said, str) and _ISO_DAY.fullmatch(said):
        return said  # Whether there is such a day is looked at with the other values.
    return None


_READ: dict[str, Callable[[Any], Any]] = {"rate": _read_rate, "mass": _read_mass, "date": _read_day}


def _read_currency(
    parameter: dict[str, Any], path: Path, said: set[str], home: Any
) -> Iterator[NotationFault]:
    """Say in the parameter which currency its amounts named, where it is not the pack's own."""
    if not said:
        return
    if "currency" in parameter:
        yield NotationFault((*path, "currency"), "the amounts say their currency: leave `currency` out.")
    elif len(said) > 1:
        both = " and ".join(sorted(said))
        yield NotationFault((*path, "values"), f"the amounts of one parameter are in {both}: make two of it.")
    elif said != {home}:
        (parameter["currency"],) = said
