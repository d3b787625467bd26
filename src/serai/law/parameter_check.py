"""Checks of a pack's parameters: promised kinds, sources, ranges, dates; and what they may be at most."""

import datetime as dt
from collections import defaultdict

from serai.law.node import KIND_MOST
from serai.law.pack import DatedValue, Pack, Parameter
from serai.law.parameters import is_constant
from serai.law.program import LawPackError
from serai.law.tariff import day_number
from serai.law.vocabulary import WORDS, Level

RATE_MOST_PPM = 10_000_000
_VALUE_TYPES: dict[str, type] = {
    "money": int,
    "rate": int,
    "count": int,
    "mass": int,
    "date": str,
    "flag": bool,
}


def level_of(parameter: Parameter, pack: Pack, base: Pack) -> Level | None:
    """Return the level at which a parameter differs; None: it is one value for all that the base law governs.

    Raises LawPackError `unknown-name` for a key that is no code of the vocabulary.
    """
    key_name = parameter.by or parameter.by_prefix
    if key_name is None:
        return None if is_constant(parameter, base.valid_from, base.valid_to) else "consignment"
    word = WORDS.get(key_name)
    if word is None or word.kind != "code" or None not in (parameter.by, parameter.by_prefix):
        message = f"`{key_name}` is no code of the vocabulary, or stands beside a second key."
        raise LawPackError("unknown-name", _place(parameter, pack), message)
    return word.level


def most_of(parameter: Parameter) -> int:
    """Return the largest value a parameter ever has; for a list or a date what its kind allows."""
    numbers = [value.value for value in parameter.values if isinstance(value.value, int)]
    return max(map(abs, numbers), default=KIND_MOST[parameter.kind])


def check_grounds(pack: Pack) -> None:
    """Check that the sources of what is no value are the pack's. Raises LawPackError `unknown-source`."""
    for ground in pack.grounds:
        if ground.source not in pack.sources:
            place = f"{pack.code}, grounds"
            raise LawPackError(
                "unknown-source", place, f"source `{ground.source}` is not among the pack's sources."
            )


def check_values(parameter: Parameter, pack: Pack) -> None:
    """Check every value of a parameter.

    Raises LawPackError naming pack and parameter: `unknown-source`, `wrong-type`, `out-of-range`,
    `wrong-dates`, `overlap`.
    """
    place = _place(parameter, pack)
    if parameter.is_list != (parameter.kind == "code"):
        raise LawPackError("wrong-type", place, "a parameter of kind code is a list, and only such a one.")
    for value in parameter.values:
        _check_value(value, parameter, pack, place)
    spans: dict[str | None, list[DatedValue]] = defaultdict(list)
    for value in sorted(parameter.values, key=lambda v: v.valid_from):
        earlier = spans[value.key]
        if earlier and day_number(earlier[-1].valid_to) > day_number(value.valid_from):
            raise LawPackError("overlap", place, f"two values are in force on {value.valid_from}.")
        earlier.append(value)


def _check_value(value: DatedValue, parameter: Parameter, pack: Pack, place: str) -> None:
    if value.source not in pack.sources:
        raise LawPackError(
            "unknown-source", place, f"source `{value.source}` is not among the pack's sources."
        )
    if (value.key is None) != (parameter.by is None and parameter.by_prefix is None):
        raise LawPackError(
            "wrong-type", place, "a value has a key exactly when the parameter says `by` or `by_prefix`."
        )
    expected = list if parameter.is_list else _VALUE_TYPES[parameter.kind]
    if type(value.value) is not expected:
        raise LawPackError(
            "wrong-type", place, f"`{value.value}` is not the {parameter.kind} that was promised."
        )
    if value.valid_to is not None and value.valid_to <= value.valid_from:
        raise LawPackError("wrong-dates", place, f"a value ends on {value.valid_to}, before it begins.")
    if isinstance(value.value, str) and not _is_day(value.value):
        raise LawPackError("wrong-type", place, f"`{value.value}` is no day (YYYY-MM-DD).")
    most = RATE_MOST_PPM if parameter.kind == "rate" else KIND_MOST[parameter.kind]
    if isinstance(value.value, int) and not 0 <= value.value <= most:
        unit = " ppm (1000 %)" if parameter.kind == "rate" else ""
        raise LawPackError("out-of-range", place, f"{value.value} is not between 0 and {most}{unit}.")


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _place(parameter: Parameter, pack: Pack) -> str:
    return f"{pack.code}, parameter {parameter.name}"
