"""Examined import declarations as a table (CSV): its columns mapped to the roles and measures of the model.

The mapping of the Korean customs benchmark (Seondong/Customs-Declaration-Datasets, synthetic). Another
administration's table is read by the same mapping if its columns bear these names. Parties are not read: in
the benchmark they were drawn apart from goods and outcomes, and examined goods alone do not say what a party
usually sends. Declarations (`declarations.py`) do.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.rows import (
    Float64s,
    RiskRows,
    UInt64s,
    hash_column,
    hash_prefixes,
    join_keys,
    state_absent,
)
from serai.model.columns import Coded, Int64s, encode_words
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

BYTES_MAX: Final = 512 * 1024 * 1024
_CODED: Final = {
    "treatment": "Tax Type",
    "rate": "Tax Rate",
    "origin_mark": "Country of Origin Indicator",
    "transport_mode": "Mode of Transport",
}
_COUNTRIES: Final = {"origin": "Country of Origin", "dispatch": "Country of Departure"}
_DIGITS: Final = {"chapter": 2, "heading": 4, "subheading": 6}
_GROUP: Final = ("HS6 Code", "Country of Departure", "Country of Origin", "Tax Rate", "Tax Type")
_NUMBERS: Final = ("Tax Rate", "Net Mass", "Item Price")
_NEEDED: Final = (*_GROUP, "Net Mass", "Item Price", "Date", "Fraud")
_SMALLEST: Final = 0.01


class CustomsTable(NamedTuple):
    """A table as read. raw: each column's text, by its name in the table."""

    examined: Examined
    raw: dict[str, Coded]


def read_customs_table(path: Path) -> CustomsTable:
    """Read a table, packed with gzip or not. Raises SeraiError `risk-table` with what is wrong."""
    header, rows = _rows_of(path)
    missing = [name for name in _NEEDED if name not in header]
    if missing:
        raise _faulty(MessageText("{file} lacks the column {name}.", file=path.name, name=missing[0]))
    raw = {
        name: encode_words([one or None for one in column])
        for name, column in zip(header, zip(*rows, strict=True), strict=True)
    }
    numbers = {name: _numbers(path, name, raw[name]) for name in _NUMBERS}
    keys: dict[str, UInt64s] = {
        role: hash_prefixes("goods", raw["HS6 Code"], digits) for role, digits in _DIGITS.items()
    }
    keys |= {role: hash_column("country", raw[name]) for role, name in _COUNTRIES.items()}
    keys |= {role: hash_column(role, raw[name]) for role, name in _CODED.items() if name in raw}
    # One country's customs declares in one currency; the table does not name it.
    keys["currency"] = hash_column("currency", encode_words(["KRW"] * len(rows)))
    mass, price = (np.log(np.maximum(numbers[name], _SMALLEST)) for name in ("Net Mass", "Item Price"))
    measures = {
        "log_mass": mass,
        "log_price": price,
        "log_price_per_kg": price - mass,
        "rate_percent": numbers["Tax Rate"],
    }
    examined = Examined(
        RiskRows(len(rows), keys, measures),
        _outcomes(path, raw["Fraud"]),
        group_of(raw, numbers["Net Mass"]),
        _days(path, raw["Date"]),
    )
    return CustomsTable(examined, raw)


def group_of(raw: dict[str, Coded], net_mass_kg: Float64s) -> UInt64s:
    """Return the signature of each row: subheading, departure, origin, rate and type of tax, rounded mass."""
    mass = encode_words([str(one) for one in np.rint(net_mass_kg).astype(np.int64).tolist()])
    keys = [hash_column(f"group:{name}", state_absent(raw[name])) for name in _GROUP]
    return join_keys([*keys, hash_column("group:mass", mass)])


def _rows_of(path: Path) -> tuple[list[str], list[Sequence[str]]]:
    try:
        with path.open("rb") as packed:
            is_packed = packed.read(2) == b"\x1f\x8b"
            packed.seek(0)
            source = gzip.GzipFile(fileobj=packed) if is_packed else packed
            content = source.read(BYTES_MAX + 1)
        if len(content) > BYTES_MAX:
            raise _faulty(MessageText("{file} holds no examined goods that can be read.", file=path.name))
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        header = next(reader, [])
        rows: list[Sequence[str]] = list(reader)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as fault:
        raise _faulty(
            MessageText("{file} holds no examined goods that can be read.", file=path.name)
        ) from fault
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise _faulty(
                MessageText("{file}, row {row}: it has more or fewer columns.", file=path.name, row=number)
            )
    if not rows:
        raise _faulty(MessageText("{file} holds no examined goods that can be read.", file=path.name))
    return header, rows


def _numbers(path: Path, name: str, column: Coded) -> Float64s:
    """Return the numbers of a column; NaN where a cell is empty."""
    try:
        values = np.array([*map(float, column.words), np.nan])
    except ValueError as fault:
        raise _unfit(path, name) from fault
    return values[column.codes]


def _outcomes(path: Path, column: Coded) -> Float64s:
    if not set(column.words) <= {"0", "1"} or (column.codes < 0).any():
        raise _unfit(path, "Fraud")
    return np.array([float(word) for word in column.words])[column.codes]


def _days(path: Path, column: Coded) -> Int64s:
    if (column.codes < 0).any():
        raise _unfit(path, "Date")
    try:
        return np.array(column.words, dtype="datetime64[D]").astype(np.int64)[column.codes]
    except ValueError as fault:
        raise _unfit(path, "Date") from fault


def _unfit(path: Path, name: str) -> SeraiError:
    return _faulty(
        MessageText("{file}, column {name}: a cell is not of its kind.", file=path.name, name=name)
    )


def _faulty(message: MessageText) -> SeraiError:
    return SeraiError(
        "risk-table", message, "Correct the table; its columns are those of the customs benchmark."
    )
