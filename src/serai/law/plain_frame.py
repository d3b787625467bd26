"""Columns of a batch as lists of plain values, each made when it is first read."""

from typing import Any

import numpy as np

from serai.law.plain import Plain
from serai.model.columns import BitSets, Coded, Frame
from serai.model.frames import ABSENT

_UNREAD: Any = object()


class PlainFrame:
    """A frame read row by row: of small batches. None stands for what is absent."""

    __slots__ = ("_columns", "frame")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._columns: dict[str, list[Plain] | None] = {}

    def column(self, name: str) -> list[Plain] | None:
        """Return a column; None where nobody added it."""
        found = self._columns.get(name, _UNREAD)
        if found is _UNREAD:
            found = self._columns[name] = self._listed(name)
        return found  # type: ignore[no-any-return]

    def cell(self, name: str, row: int) -> Plain:
        """Return one value; None where nobody added the column."""
        column = self.column(name)
        return None if column is None else column[row]

    def _listed(self, name: str) -> list[Plain] | None:
        column = self.frame.columns.get(name)
        if column is None:
            return None
        if isinstance(column, Coded):
            return column.texts()
        assert not isinstance(column, BitSets), "no word of the vocabulary"
        if column.dtype == np.bool_:
            return column.tolist()  # type: ignore[no-any-return]
        return [None if number == ABSENT else number for number in column.tolist()]
