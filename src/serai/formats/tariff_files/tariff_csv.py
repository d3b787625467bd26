"""Lines as a pack's `tariff.csv`, written one by one: a tariff may have a million."""

import csv
from typing import Any, Final, TextIO

import msgspec

from serai.law.tariff_line import TariffLine

_FIELDS: Final = msgspec.structs.fields(TariffLine)


class TariffCsvWriter:
    """Writes lines with every column, and remembers which columns some line fills.

    lines_count, measures: of what was written.
    """

    def __init__(self, target: TextIO) -> None:
        self._writer = csv.writer(target, lineterminator="\n")
        self._filled = {field.name for field in _FIELDS if field.required}
        self.lines_count = 0
        self.measures: set[str] = set()

    def add(self, line: TariffLine) -> None:
        """Write a line."""
        values = [(field, getattr(line, field.name)) for field in _FIELDS]
        self._filled.update(
            field.name for field, value in values if not field.required and value != field.default
        )
        self._writer.writerow([_cell(value) for _, value in values])
        self.lines_count += 1
        self.measures.add(line.measure)

    def shorten(self, written: TextIO, target: TextIO) -> None:
        """Copy what was written under a heading, without the columns that no line fills."""
        places = [place for place, field in enumerate(_FIELDS) if field.name in self._filled]
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow([_FIELDS[place].name for place in places])
        for row in csv.reader(written, strict=True):
            writer.writerow([row[place] for place in places])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, tuple) else str(value)
