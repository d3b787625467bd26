"""Arrays for PostgreSQL in its binary form, made by NumPy: thousands of values at once without a Python
object each."""

from collections.abc import Sequence
from struct import Struct

import numpy as np
from psycopg.abc import Buffer, DumperKey
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

from serai.model.columns import Int64s

_HEAD = Struct(">iiIii")
_LENGTH = Struct(">i").pack
_INT2, _INT8, _TEXT, _BYTEA = 21, 20, 25, 17
_ARRAY_OF = {_INT2: 1005, _INT8: 1016, _TEXT: 1009, _BYTEA: 1001}


class BinaryArray:
    """A one-dimensional array without nulls, ready to send. element_oid: PostgreSQL's number of the element
    type."""

    __slots__ = ("content", "element_oid")

    def __init__(self, element_oid: int, count: int, elements: bytes) -> None:
        self.element_oid = element_oid
        self.content = (
            _HEAD.pack(1 if count else 0, 0, element_oid, count, 1)[: 20 if count else 12] + elements
        )


def bigints(values: Int64s | Sequence[int]) -> BinaryArray:
    """Return bigint[]."""
    return _numbers(np.asarray(values, dtype=np.int64), ">i8", _INT8)


def smallints(values: Int64s | Sequence[int]) -> BinaryArray:
    """Return smallint[]."""
    return _numbers(np.asarray(values, dtype=np.int64), ">i2", _INT2)


def _numbers(values: Int64s, kind: str, oid: int) -> BinaryArray:
    width = np.dtype(kind).itemsize
    cells = np.empty(len(values), dtype=np.dtype([("length", ">i4"), ("value", kind)]))
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
