"""Arrays for PostgreSQL in its binary form, made by NumPy: thousands of values at once without a Python
object each."""

from collections.abc import Sequence
from struct import Struct
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
from psycopg.abc import Buffer, DumperKey
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

from serai.model.columns import Int64s

_HEAD = Struct(">iiIii")
_LENGTH = Struct(">i").pack
_BOOL, _BYTEA, _INT8, _INT2, _INT4, _TEXT, _DATE, _TIMESTAMPTZ = 16, 17, 20, 21, 23, 25, 1082, 1184
_ARRAY_OF = {
    _BOOL: 1000,
    _BYTEA: 1001,
    _INT2: 1005,
    _INT4: 1007,
    _TEXT: 1009,
    _INT8: 1016,
    _DATE: 1182,
    _TIMESTAMPTZ: 1185,
}
_NULL = b"\xff\xff\xff\xff"
# PostgreSQL counts days and microseconds from 2000, Arrow from 1970.
_DAYS_TO_2000, _MICROSECONDS_TO_2000 = 10_957, 946_684_800_000_000


class BinaryArray:
    """A one-dimensional array, ready to send. element_oid: PostgreSQL's number of the element
    type."""

    __slots__ = ("content", "element_oid")

    def __init__(self, element_oid: int, count: int, elements: bytes, *, has_nulls: bool = False) -> None:
        self.element_oid = element_oid
        head = _HEAD.pack(1 if count else 0, has_nulls, element_oid, count, 1)
        self.content = head[: 20 if count else 12] + elements


_CELLS = {
    kind: (np.dtype(kind).itemsize, np.dtype([("length", ">i4"), ("value", kind)]))
    for kind in (">i2", ">i4", ">i8")
}


def bigints(values: Int64s | Sequence[int]) -> BinaryArray:
    """Return bigint[]."""
    return _numbers(np.asarray(values, dtype=np.int64), ">i8", _INT8)


def smallints(values: Int64s | Sequence[int]) -> BinaryArray:
    """Return smallint[]."""
    return _numbers(np.asarray(values, dtype=np.int64), ">i2", _INT2)


def _numbers(values: Int64s, kind: str, oid: int) -> BinaryArray:
    width, cell = _CELLS[kind]
    cells = np.empty(len(values), dtype=cell)
    cells["length"] = width
    cells["value"] = values
    return BinaryArray(oid, len(values), cells.tobytes())


def texts(values: Sequence[str]) -> BinaryArray:
    """Return text[]."""
    return blobs([value.encode() for value in values], _TEXT)


def blobs(values: Sequence[bytes], oid: int = _BYTEA) -> BinaryArray:
    """Return bytea[]."""
    parts = [part for value in values for part in (_LENGTH(len(value)), value)]
    return BinaryArray(oid, len(values), b"".join(parts))


_KINDS: dict[int, type] = {oid: type(f"Array{oid}", (), {}) for oid in _ARRAY_OF}


# By the number of the Arrow type: the type itself takes longer to look up than its array to make.
_FIXED = {
    pa.int16().id: (_INT2, ">i2", np.int16, 0),
    pa.int32().id: (_INT4, ">i4", np.int32, 0),
    pa.int64().id: (_INT8, ">i8", np.int64, 0),
    pa.date32().id: (_DATE, ">i4", np.int32, _DAYS_TO_2000),
    pa.timestamp("us", tz="UTC").id: (_TIMESTAMPTZ, ">i8", np.int64, _MICROSECONDS_TO_2000),
}
_TRUTHS = {None: None, False: b"\x00", True: b"\x01"}
_BOOL_ID, _STRING_ID = pa.bool_().id, pa.string().id


def array_of(column: Any) -> BinaryArray:
    """Return an Arrow array (the types of `copying.copy_table`) as a PostgreSQL array."""
    kind_number = column.type.id
    if kind_number in _FIXED:
        oid, kind, stored, begin = _FIXED[kind_number]
        # What stands in the place of a null is any number, and is not sent.
        content = column.buffers()[1] if len(column) else b""
        numbers = np.frombuffer(content, dtype=stored)[column.offset : column.offset + len(column)]
        array = _numbers(numbers - begin if begin else numbers, kind, oid)
        return array if not column.null_count else _with_nulls(array, column, np.dtype(kind).itemsize)
    return _of_blobs(column, kind_number)


def _of_blobs(column: Any, kind_number: int) -> BinaryArray:
    """Return the array of a column of truth values, texts or blobs."""
    listed = column.to_pylist()
    if kind_number == _BOOL_ID:
        oid, values = _BOOL, [_TRUTHS[v] for v in listed]
    elif kind_number == _STRING_ID:
        oid, values = _TEXT, [v if v is None else v.encode() for v in listed]
    else:
        oid, values = _BYTEA, listed
    parts = [_NULL if value is None else _LENGTH(len(value)) + value for value in values]
    return BinaryArray(oid, len(parts), b"".join(parts), has_nulls=bool(column.null_count))


def _with_nulls(array: BinaryArray, column: Any, width: int) -> BinaryArray:
    """Put the mark of a null in the place of each cell that holds none."""
    cells = np.frombuffer(array.content, dtype=np.uint8, offset=20).reshape(-1, 4 + width).copy()
    is_known = np.unpackbits(np.frombuffer(column.buffers()[0], dtype=np.uint8), bitorder="little")
    is_null = is_known[column.offset : column.offset + len(column)] == 0
    is_sent = np.ones(cells.shape, dtype=np.bool_)
    cells[is_null, :4], is_sent[is_null, 4:] = 0xFF, False
    return BinaryArray(array.element_oid, len(cells), cells[is_sent].tobytes(), has_nulls=True)


class BinaryArrayDumper(Dumper):
    """Sends a BinaryArray as it is."""

    format = Format.BINARY

    def dump(self, obj: BinaryArray) -> Buffer:
        """Return the bytes."""
        return obj.content

    def get_key(self, obj: BinaryArray, format: PyFormat) -> DumperKey:  # noqa: A002, ARG002 - psycopg's names
        """Return a key of its own for each element type."""
        return (self.cls, (_KINDS[obj.element_oid],))

    def upgrade(self, obj: BinaryArray, format: PyFormat) -> "BinaryArrayDumper":  # noqa: A002, ARG002 - psycopg's names
        """Return a dumper that names the array's type."""
        dumper = BinaryArrayDumper(self.cls)
        dumper.oid = _ARRAY_OF[obj.element_oid]
        return dumper


# For every connection, whoever opens it: a store must not depend on which pool its connection is of.
psycopg.adapters.register_dumper(BinaryArray, BinaryArrayDumper)
