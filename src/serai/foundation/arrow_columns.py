"""Columns of a batch for its table: constants, coded text, instants, numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from serai.foundation.binary_arrays import (
    BIGINT,
    BOOLEAN,
    DATE,
    INTEGER,
    SMALLINT,
    TIMESTAMPTZ,
    Column,
    Lists,
    Made,
    Numbers,
    Rows,
    Texts,
)
from serai.model.columns import Coded, Flags, Int64s
from serai.model.frames import ABSENT

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def int64(values: Int64s | Sequence[int]) -> Numbers:
    """Return bigint; ABSENT becomes null."""
    array = np.asarray(values, dtype=np.int64)
    return Numbers(BIGINT, array, array == ABSENT)


def int64_lists(values: Int64s, offsets: Sequence[int]) -> Lists:
    """Return bigint[]: the values from one offset to the next, a list each."""
    return Lists(values, offsets)


def int32(values: Int64s | Sequence[int]) -> Numbers:
    """Return integer; ABSENT becomes null."""
    array = np.asarray(values, dtype=np.int64)
    return Numbers(INTEGER, array, array == ABSENT)


def int16(values: Int64s | Sequence[int]) -> Numbers:
    """Return smallint; ABSENT becomes null."""
    array = np.asarray(values, dtype=np.int64)
    return Numbers(SMALLINT, array, array == ABSENT)


def flags(values: Flags) -> Numbers:
    """Return boolean."""
    return Numbers(BOOLEAN, values)


def text(coded: Coded, *, absent: str | None = None) -> Texts:
    """Return text; an absent word becomes `absent`."""
    return Texts([*coded.words, absent], np.where(coded.codes < 0, len(coded.words), coded.codes))


def texts(values: Sequence[str | None]) -> Texts:
    """Return text."""
    return Texts(values)


def blobs(values: Any) -> Texts | Made:
    """Return bytea. values: bytes or None, a sequence or an Arrow array of them."""
    return Made(values) if isinstance(values, pa.Array) else Texts(values, is_text=False)


def instants(values_ms: Int64s) -> Numbers:
    """Return timestamptz of UTC milliseconds; ABSENT becomes null."""
    array = np.asarray(values_ms, dtype=np.int64)
    absent = array == ABSENT
    return Numbers(TIMESTAMPTZ, np.where(absent, 0, array) * 1000, absent)


def moments(values: Sequence[datetime | None]) -> Numbers:
    """Return timestamptz of instants, to the microsecond; None becomes null."""
    given = [ABSENT if one is None else (one - _EPOCH) // _MICROSECOND for one in values]
    array = np.array(given, dtype=np.int64)
    return Numbers(TIMESTAMPTZ, array, array == ABSENT)


def days(values: Int64s) -> Numbers:
    """Return date of days since 1970."""
    return Numbers(DATE, np.asarray(values, dtype=np.int64))


def table(**columns: Column) -> Rows:
    """Return rows of the columns, in the order given."""
    return Rows(columns)
