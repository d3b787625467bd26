"""Columns of a batch as Arrow arrays for binary COPY: constants, coded text, instants, numbers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from serai.model.columns import Coded, Flags, Int64s
from serai.model.frames import ABSENT

_INSTANT = pa.timestamp("us", tz="UTC")


def repeated(value: object, kind: Any, count: int) -> Any:
    """Return one value in every row."""
    return pa.repeat(pa.scalar(value, kind), count)


def int64(values: Int64s | Sequence[int]) -> Any:
    """Return bigint; ABSENT becomes null."""
    array = np.asarray(values, dtype=np.int64)
    absent = array == ABSENT
    return pa.array(array, pa.int64(), mask=absent if absent.any() else None)


def int64_lists(values: Int64s, offsets: Sequence[int]) -> Any:
    """Return bigint[]: the values from one offset to the next, a list each."""
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values, pa.int64()))


def int32(values: Int64s) -> Any:
    """Return integer."""
    return pa.array(np.asarray(values).astype(np.int32))


def int16(values: Int64s) -> Any:
    """Return smallint."""
    return pa.array(np.asarray(values).astype(np.int16))


def flags(values: Flags) -> Any:
    """Return boolean."""
    return pa.array(values)


def text(coded: Coded, *, absent: str | None = None) -> Any:
    """Return text; an absent word becomes `absent`."""
    words = pa.array([*coded.words, absent], pa.string())
    codes = np.where(coded.codes < 0, len(coded.words), coded.codes)
    return words.take(pa.array(codes))


def texts(values: Sequence[str | None]) -> Any:
    """Return text."""
    return pa.array(values, pa.string())


def blobs(values: Any) -> Any:
    """Return bytea. values: bytes or None, a sequence or an array that is so already."""
    return values if isinstance(values, pa.Array) else pa.array(values, pa.binary())


def instants(values_ms: Int64s) -> Any:
    """Return timestamptz of UTC milliseconds; ABSENT becomes null."""
    array = np.asarray(values_ms, dtype=np.int64)
    absent = array == ABSENT
    if not absent.any():
        return pa.array(array * 1000).view(_INSTANT)
    return pa.array(np.where(absent, 0, array) * 1000, _INSTANT, mask=absent)


def moments(values: Sequence[datetime | None]) -> Any:
    """Return timestamptz of instants, to the microsecond; None becomes null."""
    return pa.array(values, _INSTANT)


def days(values: Int64s) -> Any:
    """Return date of days since 1970."""
    return pa.array(np.asarray(values).astype(np.int32), pa.int32()).cast(pa.date32())


def table(**columns: Any) -> Any:
    """Return a record batch of the columns, in the order given."""
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
