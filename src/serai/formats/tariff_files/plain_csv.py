"""A tariff as CSV that anyone can write: the columns of `tariff.csv`, and `duty` in words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_origin

import msgspec

from serai.formats.tariff_files.duty_text import read_duty
from serai.formats.tariff_files.outcome import Outcome, Refused, TariffFileError, refused
from serai.formats.tariff_files.tables import read_csv_rows
from serai.law.tariff_line import TariffLine

_FIELDS: Final = {field.name: field for field in msgspec.structs.fields(TariffLine)}
_COLUMNS: Final = {"measure": (), "commodity_prefix": ("commodity_code",), "valid_from": (), "source": ()}


def read_plain_csv(content: bytes, file: str) -> Iterator[Outcome]:
    """Read lines. Raises TariffFileError, also for a heading that is not known."""
    is_first = True
    for row in read_csv_rows(content, file, _COLUMNS):
        if is_first:
            _check_headings(row.cells, file)
            is_first = False
        subject = f"{row.cells.get('commodity_prefix', '')} {row.cells.get('measure', '')}"[:60].strip()
        try:
            if row.fault is not None:
                raise row.fault
            line, currency = _line(row.cells)
        except Refused as fault:
            yield refused(row.line, subject, fault)
        else:
            yield Outcome(line=row.line, outcome="taken", subject=subject, lines=(line,), currency=currency)


def _check_headings(cells: Mapping[str, Any], file: str) -> None:
    unknown = [name for name in cells if name not in _FIELDS and name != "duty"]
    if unknown:
        raise TariffFileError(
            "tariff-column-unknown",
            f"{file}:1: no column is called {', '.join(unknown)[:200]}.",
            f"Columns are duty, {', '.join(_FIELDS)}.",
        )


def _line(cells: Mapping[str, Any]) -> tuple[TariffLine, str]:
    """Return the line, and the currency its duty names, if it does."""
    given: dict[str, Any] = {name: cell for name, cell in cells.items() if cell}
    for name in given.keys() & _FIELDS.keys():
        if get_origin(_FIELDS[name].type) is tuple:
            given[name] = given[name].split()
    given.setdefault("valid_to", None)
    currency = ""
    if "duty" in given:
        read = read_duty(given.pop("duty"))
        currency, terms = read.currency, read.fields()
        twice = sorted(name for name in terms.keys() & given.keys())
        if twice:
            raise Refused("duty-twice", f"`duty` and {', '.join(twice)} say it twice.", "Keep one of them.")
        given.update(terms)
    try:
        line = msgspec.convert(given, TariffLine, strict=False)
    except msgspec.ValidationError as fault:
        raise Refused("row-malformed", f"{fault}.", "Correct the cell; numbers are whole.") from fault
    if line.valid_to is not None and line.valid_to <= line.valid_from:
        raise Refused("validity-empty", "The row ends before it begins.", "Correct its dates.")
    return line, currency
