"""Parameters on the days of the rows: the value in force, unknown on a day for which the law gives none."""

import datetime as dt

import numpy as np

from serai.law.pack import DatedValue, Parameter
from serai.law.rows import Rows
from serai.law.tariff import day_number
from serai.law.values import Value
from serai.law.vocabulary import WORDS
from serai.model.columns import Flags, Int64s
from serai.model.money import MICRO


def read_parameter(rows: Rows, parameter: Parameter) -> Value:
    """Return the value in force on each consignment's law day; one row for all where it never changes."""
    if parameter.is_list:
        return _list_parameter(rows, parameter)
    denominator = MICRO if parameter.kind == "rate" else 1
    if parameter.by is not None or parameter.by_prefix is not None:
        return _keyed_parameter(rows, parameter, denominator)
    if is_constant(parameter, rows.program.base.valid_from, rows.program.base.valid_to):
        return Value(np.array([_as_number(parameter.values[0].value)], dtype=np.int64), None, denominator)
    data, known = _dated(parameter.values, rows.law_days)
    return Value(data, known, denominator)


def is_constant(parameter: Parameter, begin: dt.date, end: dt.date | None) -> bool:
    """Say whether one value holds on every day from begin to end (exclusive; None is open)."""
    first = parameter.values[0]
    return (
        len(parameter.values) == 1
        and first.key is None
        and first.valid_from <= begin
        and day_number(first.valid_to) >= day_number(end)
    )


def _keyed_parameter(rows: Rows, parameter: Parameter, denominator: int) -> Value:
    name = parameter.by or parameter.by_prefix
    assert name is not None
    key = rows.read(name)
    days = rows.law_days if WORDS[name].level == "consignment" else rows.law_days[rows.owner]
    data = np.zeros(len(days), dtype=np.int64)
    known = np.zeros(len(days), dtype=np.bool_)
    for number, word in enumerate(key.words):
        here = np.flatnonzero(key.data == number)
        if len(here):
            values, is_known = _dated(_values_for(parameter, word), days[here])
            data[here] = values
            known[here] = True if is_known is None else is_known
    return Value(data, None if known.all() else known, denominator)


def _values_for(parameter: Parameter, word: str) -> list[DatedValue]:
    """Return the values of a key, or of the longest key a code begins with."""
    keys = {value.key for value in parameter.values}
    if parameter.by_prefix is not None:
        fitting = [key for key in keys if key is not None and word.startswith(key)]
        word = max(fitting, key=len, default="")
    return [value for value in parameter.values if value.key == word]


def _list_parameter(rows: Rows, parameter: Parameter) -> Value:
    """Return which of the parameter's lists is in force: its place, with the lists beside."""
    lists = tuple(tuple(v.value) for v in parameter.values if isinstance(v.value, list))
    if is_constant(parameter, rows.program.base.valid_from, rows.program.base.valid_to):
        return Value(np.zeros(1, dtype=np.int64), lists=lists)
    numbered = [
        DatedValue(valid_from=v.valid_from, valid_to=v.valid_to, value=number, source=v.source)
        for number, v in enumerate(parameter.values)
    ]
    return Value(*_dated(numbered, rows.law_days), lists=lists)


def _dated(values: list[DatedValue], days: Int64s) -> tuple[Int64s, Flags | None]:
    """Return the value of each day, and where there is one."""
    if not values:
        return np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=np.bool_)
    table = sorted((day_number(v.valid_from), day_number(v.valid_to), _as_number(v.value)) for v in values)
    begins, ends, numbers = (np.array(column, dtype=np.int64) for column in zip(*table, strict=True))
    place = np.maximum(np.searchsorted(begins, days, side="right") - 1, 0)
    known = (days >= begins[place]) & (days < ends[place])
    return numbers[place], None if known.all() else known


def _as_number(value: object) -> int:
    if isinstance(value, str):
        return day_number(dt.date.fromisoformat(value))
    assert isinstance(value, int)
    return int(value)
