"""How the numbers of two documents stand to each other."""

from typing import Final, NamedTuple

import numpy as np

from serai.journey.matching.numbers import FORMS
from serai.model.columns import Flags, Frame, Int64s

NOTHING, STRANGE, HEAD, TAIL, SWAPPED_SIGNS, OTHER_FIELD, WRITTEN_OTHERWISE, SAME = range(8)
"""Nothing to compare; no likeness; the first half is equal, as of neighbours; the second half, as neighbours
never have it; two signs changed places; equal in another field; equal but for how it is written; equal."""

SLOTS_COUNT: Final = 6
"""Numbers of a document that are compared; what lists more is met over exact numbers alone."""
_CHUNK_COUNT = 200_000


class NumberTable(NamedTuple):
    """The first numbers of each document beside each other: arrays of documents by slots; 0 is none."""

    fields: Int64s
    forms: tuple[Int64s, ...]


def number_table(numbers: Frame, documents: Int64s, row_count: int) -> NumberTable:
    """Lay out the numbers of some documents (rows, ascending). row_count: of all documents."""
    place_of = np.full(row_count, -1, dtype=np.int64)
    place_of[documents] = np.arange(len(documents))
    owners = place_of[numbers.numbers("document")]
    rows = np.flatnonzero(owners >= 0)
    owners = owners[rows]
    starts = np.searchsorted(owners, np.arange(len(documents)))
    slots = np.arange(len(owners)) - starts[owners]
    fits = slots < SLOTS_COUNT
    rows, owners, slots = rows[fits], owners[fits], slots[fits]

    def lay_out(name: str) -> Int64s:
        table = np.zeros((len(documents), SLOTS_COUNT), dtype=np.int64)
        table[owners, slots] = numbers.numbers(name)[rows]
        return table

    return NumberTable(lay_out("field_number"), tuple(lay_out(form) for form in FORMS))


def relate_numbers(table: NumberTable, first: Int64s, second: Int64s, *, field: int | None = None) -> Int64s:
    """Return the closest relation between numbers of pairs of places in the table.

    field: only numbers that this field of one of the two holds are compared, and STRANGE is said where both
    have it. None: all numbers; STRANGE where both have any field in common.
    """
    found = np.empty(len(first), dtype=np.int64)
    for begin in range(0, len(first), _CHUNK_COUNT):
        rows = slice(begin, begin + _CHUNK_COUNT)
        found[rows] = _relate(table, first[rows], second[rows], field)
    return found


def _relate(table: NumberTable, first: Int64s, second: Int64s, field: int | None) -> Int64s:
    fields = table.fields[first][:, :, None], table.fields[second][:, None, :]
    may_compare = (fields[0] > 0) & (fields[1] > 0)
    is_same_field = may_compare & (fields[0] == fields[1])
    if field is not None:
        may_compare &= (fields[0] == field) | (fields[1] == field)
        is_same_field &= fields[0] == field
    exact, plain, digits, head, tail = (
        _equal(form[first], form[second], may_compare) for form in table.forms
    )
    found = np.where(_any(is_same_field), STRANGE, NOTHING)
    found[_any(head & is_same_field)] = HEAD
    found[_any(tail & is_same_field)] = TAIL
    found[_any(digits & is_same_field)] = SWAPPED_SIGNS
    found[_any(plain)] = OTHER_FIELD
    found[_any(plain & is_same_field)] = WRITTEN_OTHERWISE
    found[_any(exact & is_same_field)] = SAME
    return found


def _equal(one: Int64s, other: Int64s, may_compare: Flags) -> Flags:
    flags: Flags = may_compare & (one[:, :, None] == other[:, None, :]) & (one[:, :, None] != 0)
    return flags


def _any(table: Flags) -> Flags:
    flags: Flags = np.asarray(table.any(axis=(1, 2)))
    return flags
