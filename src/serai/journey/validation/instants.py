"""RFC 3339 instants in bulk: the common shape by columns of digits, every other by the calendar of Python."""

import datetime as dt
from collections.abc import Sequence
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from serai.model.columns import Flags, Int64s
from serai.model.frames import ABSENT
from serai.model.packed_columns import is_given, text_bounds, text_bytes

_SHAPE = "0000-00-00T00:00:00Z"
_FEW = 24
"""Below so many instants the columns cost more than the calendar."""
_SIGN_PLACES = np.array([place for place, sign in enumerate(_SHAPE) if sign != "0"])
_SIGNS = np.frombuffer(_SHAPE.encode(), dtype=np.uint8)[_SIGN_PLACES]
_DIGIT_PLACES = np.array([place for place, sign in enumerate(_SHAPE) if sign == "0"])
_DAYS_OF_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 87)
_YEARS = (1970, 9990)


def read_instant(text: str) -> int | None:
    """Return milliseconds of UTC since 1970 of an RFC 3339 instant; None where there is no offset."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None or not _YEARS[0] <= instant.year <= _YEARS[1]:
        return None
    return int(instant.timestamp() * 1000)


def read_instants(texts: Sequence[str | None]) -> tuple[Int64s, list[int]]:
    """Return milliseconds of UTC, ABSENT where there is no instant, and the rows of texts that are none."""
    instants = np.full(len(texts), ABSENT, dtype=np.int64)
    rows = [row for row, text in enumerate(texts) if text is not None]
    if len(rows) > _FEW:
        rows = _read_common(texts, rows, instants)
    faulty = []
    for row in rows:
        value = read_instant(texts[row] or "")
        if value is None:
            faulty.append(row)
        else:
            instants[row] = value
    return instants, faulty


def read_instant_array(array: Any) -> tuple[Int64s, list[int]]:
    """Read instants as `read_instants` does. array: an Arrow array of text."""
    given = np.flatnonzero(is_given(array))
    lengths = np.diff(text_bounds(array))
    if len(given) <= _FEW or not (lengths[given] == len(_SHAPE)).all():
        return read_instants(array.to_pylist())
    instants = np.full(len(array), ABSENT, dtype=np.int64)
    values, is_read = _read_shaped(text_bytes(array))
    instants[given] = np.where(is_read, values, ABSENT)
    faulty = []
    for row in given[~is_read].tolist():
        value = read_instant(array[row].as_py())
        if value is None:
            faulty.append(row)
        else:
            instants[row] = value
    return instants, faulty


def _read_common(texts: Sequence[str | None], rows: list[int], instants: Int64s) -> list[int]:
    """Read the texts of the common shape among some rows; return the rows of all others."""
    given = [text for text in texts if text is not None]
    others: list[int] = []
    if set(map(len, given)) != {len(_SHAPE)}:
        # Too short or too long, so that they would push those after them out of place.
        is_long = [len(text) == len(_SHAPE) for text in given]
        others = [row for row, fits in zip(rows, is_long, strict=True) if not fits]
        rows, given = list(compress(rows, is_long)), list(compress(given, is_long))
    joined = "".join(given)
    if not joined.isascii():
        return sorted([*others, *rows])
    places = np.array(rows, dtype=np.int64)
    values, is_read = _read_shaped(np.frombuffer(joined.encode(), dtype=np.uint8))
    instants[places[is_read]] = values[is_read]
    return sorted([*others, *places[~is_read].tolist()])


def _read_shaped(joined: npt.NDArray[np.uint8]) -> tuple[Int64s, Flags]:
    """Read texts of the common length, one after the other; say which of them had the common shape."""
    signs = joined.reshape(-1, len(_SHAPE))
    digits = signs[:, _DIGIT_PLACES].astype(np.int64) - ord("0")
    tens, ones = digits[:, 0::2], digits[:, 1::2]
    century, year_of_century, month, day, hour, minute, second = (tens * 10 + ones).T
    year = century * 100 + year_of_century
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    # Bytes that are no digits may give any number; `month` only has to be a place in the table.
    month = np.where((month >= 1) & (month <= 12), month, 0)
    is_read = (
        (signs[:, _SIGN_PLACES] == _SIGNS).all(axis=1)
        & ((digits >= 0) & (digits <= 9)).all(axis=1)
        & (year >= _YEARS[0])
        & (year <= _YEARS[1])
        & (day >= 1)
        & (day <= _DAYS_OF_MONTH[month] + (is_leap & (month == 2)))
        & (hour <= 23)
        & (minute <= 59)
        & (second <= 59)
    )
    seconds = _days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    return seconds * 1_000, is_read


def _days(year: Int64s, month: Int64s, day: Int64s) -> Int64s:
    """Return days since 1970, counting years from March so that the leap day is a year's last."""
    years = year - (month <= 2)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return years * 365 + years // 4 - years // 100 + years // 400 + day_of_year - 719_468
