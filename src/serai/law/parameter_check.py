"""Checks of a pack's parameters: promised kinds, sources, ranges, dates; and what they may be at most."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from serai.law.nearest import did_you_mean
from serai.law.node import KIND_MOST
from serai.law.pack import DatedValue, Pack, Parameter
from serai.law.parameters import is_constant
from serai.law.program import LawPackError
from serai.law.tariff import day_number, day_of
from serai.law.vocabulary import WORDS, Level
from serai.law.written_values import write_value

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
        near = did_you_mean(key_name, (one.name for one in WORDS.values() if one.kind == "code"))
        message = f"`{key_name}` is no code of the vocabulary, or stands beside a second key.{near}"
        raise LawPackError("unknown-name", _place(parameter, pack), message)
    return word.level


def most_of(parameter: Parameter) -> int:
    """Return the largest value a parameter ever has; for a list or a date what its kind allows."""
    numbers = [value.value for value in parameter.values if isinstance(value.value, int)]
    return max(map(abs, numbers), default=KIND_MOST[parameter.kind])


def find_ground_faults(pack: Pack) -> Iterator[LawPackError]:
    """Find grounds and additional procedures whose source is not among the pack's: `unknown-source`."""
    for part in ("grounds", "additional_procedures"):
        for one in getattr(pack, part):
            if one.source not in pack.sources:
                near = did_you_mean(one.source, pack.sources)
                message = f"source `{one.source}` is not among the pack's sources.{near}"
                yield LawPackError("unknown-source", f"{pack.code}, {part}", message)


def find_value_faults(parameter: Parameter, pack: Pack) -> Iterator[LawPackError]:
    """Find all that is wrong with the values of a parameter: each fault names pack and parameter.

    Codes: `unknown-source`, `wrong-type`, `out-of-range`, `wrong-dates`, `overlap`.
    """
    place = _place(parameter, pack)
    if parameter.is_list != (parameter.kind == "code"):
        yield LawPackError("wrong-type", place, "a parameter of kind code is a list, and only such a one.")
        return
    for value in parameter.values:
        yield from _find_in_value(value, parameter, pack, place)
    for values in _by_key(parameter).values():
        for earlier, later in pairwise(values):
            if day_number(earlier.valid_to) > day_number(later.valid_from):
                yield LawPackError("overlap", place, f"two values are in force on {later.valid_from}.")


def find_days_without_value(parameter: Parameter, pack: Pack) -> Iterator[LawPackError]:
    """Find days on which the pack is law and a parameter has no value: `value-missing`.

    A parameter without any value is one nobody found, and a value of null says so of its days.
    """
    end = day_number(pack.valid_to)
    for key, values in _by_key(parameter).items():
        covered = day_number(pack.valid_from)
        of_key = f" for {key}" if key else ""
        for value in values:
            begin = min(day_number(value.valid_from), end)
            if begin > covered:
                yield _missing(parameter, pack, of_key, (covered, begin))
            covered = max(covered, day_number(value.valid_to))
        if covered < end:
            yield _missing(parameter, pack, of_key, (covered, end))


def _missing(parameter: Parameter, pack: Pack, of_key: str, days: tuple[int, int]) -> LawPackError:
    until = "on" if days[1] == day_number(None) else f"to {day_of(days[1])}"
    message = f"there is no value{of_key} from {day_of(days[0])} {until}, while the pack is law."
    return LawPackError("value-missing", _place(parameter, pack), message)


def _by_key(parameter: Parameter) -> dict[str | None, list[DatedValue]]:
    """Return the values of each key by their days."""
    found: dict[str | None, list[DatedValue]] = defaultdict(list)
    for value in sorted(parameter.values, key=lambda one: one.valid_from):
        found[value.key].append(value)
    return found


def _find_in_value(value: DatedValue, parameter: Parameter, pack: Pack, place: str) -> Iterator[LawPackError]:
    if value.source not in pack.sources:
        near = did_you_mean(value.source, pack.sources)
        message = f"source `{value.source}` is not among the pack's sources.{near}"
        yield LawPackError("unknown-source", place, message)
    if (value.key is None) != (parameter.by is None and parameter.by_prefix is None):
        yield LawPackError(
            "wrong-type", place, "a value has a key exactly when the parameter says `by` or `by_prefix`."
        )
    if value.valid_to is not None and value.valid_to <= value.valid_from:
        yield LawPackError("wrong-dates", place, f"a value ends on {value.valid_to}, before it begins.")
    if value.value is None:
        return
    said = str(value.value)[:80]
    expected = list if parameter.is_list else _VALUE_TYPES[parameter.kind]
    if type(value.value) is not expected:
        yield LawPackError("wrong-type", place, f"`{said}` is not the {parameter.kind} that was promised.")
    elif isinstance(value.value, str) and not _is_day(value.value):
        yield LawPackError("wrong-type", place, f"`{said}` is no day (YYYY-MM-DD).")
    most = RATE_MOST_PPM if parameter.kind == "rate" else KIND_MOST[parameter.kind]
    if isinstance(value.value, int) and not 0 <= value.value <= most:
        currency = parameter.currency or pack.currency
        said, least, top = (write_value(one, parameter.kind, currency) for one in (value.value, 0, most))
        yield LawPackError("out-of-range", place, f"{said} is not between {least} and {top}.")


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _place(parameter: Parameter, pack: Pack) -> str:
    return f"{pack.code}, parameter {parameter.name}"
