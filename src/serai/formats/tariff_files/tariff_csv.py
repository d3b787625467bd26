"""Lines as a pack's `tariff.csv`."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from serai.law.tariff_line import TariffLine

_FIELDS: Final = msgspec.structs.fields(TariffLine)


def write_tariff_csv(lines: Sequence[TariffLine]) -> bytes:
    """Write lines in their order, with the columns that some line fills."""
    names = [
        field.name
        for field in _FIELDS
        if field.required or any(getattr(line, field.name) != field.default for line in lines)
    ]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for line in lines:
        writer.writerow([_cell(getattr(line, name)) for name in names])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value) if isinstance(value, tuple) else str(value)
