"""Parameters on the days of the rows: the value in force, unknown on a day for which the law gives none."""

import datetime as dt
from collections.abc import Iterable

import numpy as np

from serai.law.pack import DatedValue, Parameter
from serai.law.plain import Plain
from serai.law.program import DatedTable, Program
from serai.law.rows import Rows
from serai.law.small_arrays import all_true, places_of
from serai.law.tariff import DAY_MAX, day_number
from serai.law.values import Value
from serai.law.vocabulary import WORDS
from serai.model.columns import Flags, Int64s
from serai.model.money import MICRO

TABLES_MAX = 20_000
"""Tables of keys kept for a program; then they are forgotten, so that strangers' keys cannot fill memory."""


def read_parameter(rows: Rows, name: str) -> Value:
    """Return the value in force on each consignment's law day; one row where it is the same for all."""
    parameter, _ = rows.program.parameters[name]
    if parameter.is_list:
        table = _table_of(rows.program, parameter, None)
        return Value(*_on_law_days(rows, table), lists=lists_of(parameter))
    denominator = MICRO if parameter.kind == "rate" else 1
    if parameter.by is not None or parameter.by_prefix is not None:
        return _keyed_parameter(rows, parameter, denominator)
    return Value(*_on_law_days(rows, _table_of(rows.program, parameter, None)), denominator)


def is_constant(parameter: Parameter, begin: dt.date, end: dt.date | None) -> bool:
    """Say whether one value holds on every day from begin to end (exclusive; None is open)."""
    if len(parameter.values) != 1:
        return False
    first = parameter.values[0]
    return (
        first.key is None
        and first.value is not None
        and first.valid_from <= begin
        and day_number(first.valid_to) >= day_number(end)
    )


def _keyed_parameter(rows: Rows, parameter: Parameter, denominator: int) -> Value:
    name = parameter.by or parameter.by_prefix
    assert name is not None
    key = rows.read(name)
    days = rows.law_days if WORDS[name].level == "consignment" else rows.law_days[rows.owner]
    tables = {
        number: _on_law_days(rows, _table_of(rows.program, parameter, key.words[number]))
        for number in set(key.data.tolist())
        if number >= 0
    }
    # One place more than there are words: where no key is given nothing is known.
    data = np.zeros(len(key.words) + 1, dtype=np.int64)
    known = np.zeros(len(key.words) + 1, dtype=np.bool_)
    changing = []
    for number, (values, is_known) in tables.items():
        if len(values) == 1:
            data[number], known[number] = values[0], is_known is None or is_known[0]
        else:
            changing.append(number)
    data, known = data[key.data], known[key.data]
    for number in changing:
        here = places_of(key.data == number)
        values, is_known = _dated(_table_of(rows.program, parameter, key.words[number]), days[here])
        data[here] = values
        known[here] = True if is_known is None else is_known
    return Value(data, None if all_true(known) else known, denominator)


def parameter_on(program: Program, parameter: Parameter, word: str | None, day: int) -> Plain:
    """Return the plain value in force on a day; None where the law gives none. word: of the key, where it has
    one.
    """
    known = program.on_days
    place = (parameter.name, word, day)
    if place not in known:
        if len(known) >= TABLES_MAX:
            known.clear()
        known[place] = _plain_value(parameter, _table_of(program, parameter, word), day)
    return known[place]


def _plain_value(parameter: Parameter, table: DatedTable, day: int) -> Plain:
    number = next((int(values[0]) for begin, end, values in table.spans if begin <= day < end), None)
    if number is None:
        return None
    if parameter.is_list:
        return lists_of(parameter)[number]
    if parameter.kind == "flag":
        return bool(number)
    return (number, MICRO) if parameter.kind == "rate" else number


def lists_of(parameter: Parameter) -> tuple[tuple[str, ...], ...]:
    """Return the lists of a list parameter; a table names them by place."""
    return tuple(tuple(v.value) for v in parameter.values if isinstance(v.value, list))


def _table_of(program: Program, parameter: Parameter, word: str | None) -> DatedTable:
    """Return the parameter's values in the order of their days. word: of the key, where it has one."""
    tables = program.dated
    table = tables.get((parameter.name, word))
    if table is None:
        if len(tables) >= TABLES_MAX:
            tables.clear()
        values = parameter.values if word is None else _values_for(parameter, word)
        table = tables[parameter.name, word] = _build_table(values, is_list=parameter.is_list)
    return table


def _values_for(parameter: Parameter, word: str) -> list[DatedValue]:
    """Return the values of a key, or of the longest key a code begins with."""
    keys = {value.key for value in parameter.values}
    if parameter.by_prefix is not None:
        fitting = [key for key in keys if key is not None and word.startswith(key)]
        word = max(fitting, key=len, default="")
    return [value for value in parameter.values if value.key == word]


def _build_table(values: Iterable[DatedValue], *, is_list: bool) -> DatedTable:
    """Return begins, ends (exclusive) and numbers; of a list its place among the parameter's lists."""
    # What the law gives no value for, or nobody found, is unknown on its days.
    found = [value for value in values if value.value is not None]
    table = sorted(
        (day_number(v.valid_from), day_number(v.valid_to), place if is_list else _as_number(v.value))
        for place, v in enumerate(found)
    )
    begins, ends, numbers = (np.array([row[at] for row in table], dtype=np.int64) for at in range(3))
    nexts = [*(begin for begin, _, _ in table), DAY_MAX + 1][1:]
    # Where two would hold, the later one does.
    spans = [
        (begin, min(end, upcoming), numbers[place : place + 1])
        for place, ((begin, end, _), upcoming) in enumerate(zip(table, nexts, strict=True))
    ]
    return DatedTable(begins, ends, numbers, tuple(spans))


def _on_law_days(rows: Rows, table: DatedTable) -> tuple[Int64s, Flags | None]:
    """Return the value of each consignment's law day, and where there is one; one row for all where one value
    holds for all.
    """
    first, last = rows.law_day_span()
    for begin, end, number in table.spans:
        if begin <= first and last < end:
            return number, None
    return _dated(table, rows.law_days)


def _dated(table: DatedTable, days: Int64s) -> tuple[Int64s, Flags | None]:
    """Return the value of each day, and where there is one."""
    begins, ends, numbers, _ = table
    if not len(begins):
        return np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.bool_)
    places = np.maximum(np.searchsorted(begins, days, side="right") - 1, 0)
    known = (days >= begins[places]) & (days < ends[places])
    return numbers[places], None if all_true(known) else known


def _as_number(value: object) -> int:
    if isinstance(value, str):
        return day_number(dt.date.fromisoformat(value))
    assert isinstance(value, int)
    return int(value)
