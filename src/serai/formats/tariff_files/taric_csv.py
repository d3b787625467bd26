"""TARIC measures as CSV: the United Kingdom's `measures as defined` and the EU's table of duties."""

import re
from collections.abc import Iterator
from typing import Any, Final

from serai.formats.tariff_files.duty_text import Terms, read_duty
from serai.formats.tariff_files.measure import Groups, Measure, day_after, read_day, to_outcome
from serai.formats.tariff_files.outcome import Outcome, Refused, refused
from serai.formats.tariff_files.tables import TableRow, read_csv_rows

_COLUMNS: Final = {
    "commodity_code": ("commodity__code", "goods code", "goods_code", "goods nomenclature"),
    "measure_type": ("measure__type__id", "meas. type code", "measure type code"),
    "duty": ("measure__duty_expression", "duty expression"),
    "origin": ("measure__geographical_area__id", "origin code", "geographical area"),
    "valid_from": ("measure__effective_start_date", "start date"),
    "valid_to?": ("measure__effective_end_date", "end date"),
    "excluded?": ("measure__excluded_geographical_areas__ids", "excluded origins"),
    "additional_code?": ("measure__additional_code__code", "add code"),
    "order_number?": ("measure__quota__order_number", "order no."),
    "conditions?": ("measure__conditions",),
    "footnotes?": ("measure__footnotes",),
    "source?": ("measure__regulation__id", "legal base"),
}
_LISTED: Final = re.compile(r"[|;,\s]+")
_ABSENT: Final = frozenset({"", "#NA", "NULL", "None"})
_ACTION_WITH_AMOUNT: Final = re.compile(r"action:\s*0?1\b")


def read_taric_csv(content: bytes, file: str, groups: Groups) -> Iterator[Outcome]:
    """Read measures. Raises TariffFileError."""
    for row in read_csv_rows(content, file, _COLUMNS):
        try:
            yield to_outcome(_measure(row, file), groups)
        except Refused as fault:
            yield refused(row.line, _subject(row), fault)


def _subject(row: TableRow) -> str:
    return f"{row.cells.get('commodity_code', '')} {row.cells.get('measure_type', '')}"[:60].strip()


def _measure(row: TableRow, file: str) -> Measure:
    if row.fault is not None:
        raise row.fault
    cells: dict[str, Any] = {name: "" if cell in _ABSENT else cell for name, cell in row.cells.items()}
    conditions = cells.get("conditions", "")
    return Measure(
        line=row.line,
        commodity_code=cells["commodity_code"],
        type_code=cells["measure_type"],
        origin=cells["origin"],
        terms=_terms(cells["duty"]),
        valid_from=read_day(cells["valid_from"]),
        valid_to=day_after(cells.get("valid_to", "")),
        source=cells.get("source", "") or f"{file}, line {row.line}",
        excluded=_listed(cells.get("excluded", "")),
        additional_code=cells.get("additional_code", ""),
        order_number=cells.get("order_number", ""),
        conditions=conditions,
        has_duty_conditions=_ACTION_WITH_AMOUNT.search(conditions) is not None,
        footnotes=_listed(cells.get("footnotes", "")),
    )


def _terms(text: str) -> Terms | Refused:
    """A duty that cannot be read matters only if the measure is a charge."""
    try:
        return read_duty(text)
    except Refused as fault:
        return fault


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, _LISTED.split(text)))
