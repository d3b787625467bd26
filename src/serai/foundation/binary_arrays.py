"""Rows on their way to PostgreSQL, by column: thousands of values at once without a Python object each.

They become what they are sent as when they are: arrays in its binary form, or an Arrow batch for COPY.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
import psycopg
import pyarrow as pa
from psycopg.abc import Buffer, DumperKey
from psycopg.adapt import Dumper, PyFormat
from psycopg.pq import Format

from serai.model.columns import Flags, Int64s

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
    for kind in (">u1", ">i2", ">i4", ">i8")
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


class Stored(NamedTuple):
    """How numbers of a type are kept. cell: by PostgreSQL; begin: its zero, by Arrow's; dtype: by Arrow."""

    oid: int
    cell: str
    begin: int
    dtype: str
    arrow_type: Any


BIGINT = Stored(_INT8, ">i8", 0, "int64", pa.int64())
INTEGER = Stored(_INT4, ">i4", 0, "int32", pa.int32())
SMALLINT = Stored(_INT2, ">i2", 0, "int16", pa.int16())
BOOLEAN = Stored(_BOOL, ">u1", 0, "bool", pa.bool_())
DATE = Stored(_DATE, ">i4", _DAYS_TO_2000, "int32", pa.date32())
TIMESTAMPTZ = Stored(_TIMESTAMPTZ, ">i8", _MICROSECONDS_TO_2000, "int64", pa.timestamp("us", tz="UTC"))


_WHOLE = (BIGINT, INTEGER, SMALLINT)
_ALL_STORED = (BIGINT, INTEGER, SMALLINT, BOOLEAN, DATE, TIMESTAMPTZ)


class Numbers:
    """A column of numbers on its way to the server: truth values, days since 1970 and microseconds since then
    are some, too. absent: where there is null; None: nowhere."""

    __slots__ = ("absent", "stored", "values")

    def __init__(self, stored: Stored, values: Any, absent: Flags | None = None) -> None:
        self.stored, self.values = stored, values
        self.absent = absent if absent is not None and absent.any() else None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: Int64s) -> "Numbers":
        """Return the rows asked for."""
        return Numbers(self.stored, self.values[rows], None if self.absent is None else self.absent[rows])

    def arrow(self) -> Any:
        """Return an Arrow array."""
        values = self.values if self.absent is None else np.where(self.absent, 0, self.values)
        array = pa.array(values.astype(self.stored.dtype, copy=False), mask=self.absent)
        kind = self.stored.arrow_type
        return array if array.type == kind else array.view(kind)

    def array(self) -> BinaryArray:
        """Return a PostgreSQL array."""
        begin, cell, oid = self.stored.begin, self.stored.cell, self.stored.oid
        values = self.values - begin if begin else self.values
        if self.absent is None:
            return _numbers(values, cell, oid)
        width, dtype = _CELLS[cell]
        cells = np.empty(len(values), dtype=dtype)
        cells["length"] = np.where(self.absent, -1, width)
        cells["value"] = np.where(self.absent, 0, values)
        is_sent = np.ones((len(values), 4 + width), dtype=np.bool_)
        is_sent[self.absent, 4:] = False
        sent = cells.view(np.uint8).reshape(is_sent.shape)[is_sent]
        return BinaryArray(oid, len(values), sent.tobytes(), has_nulls=True)


class Texts:
    """A column of texts or blobs on its way to the server: row i has `words[codes[i]]`; None is null."""

    __slots__ = ("codes", "oid", "words")

    def __init__(
        self, words: Sequence[str | bytes | None], codes: Any = None, *, is_text: bool = True
    ) -> None:
        self.words, self.codes = words, codes
        self.oid = _TEXT if is_text else _BYTEA

    def __len__(self) -> int:
        return len(self.words if self.codes is None else self.codes)

    def take(self, rows: Int64s) -> "Texts":
        """Return the rows asked for."""
        codes = rows if self.codes is None else self.codes[rows]
        return Texts(self.words, codes, is_text=self.oid == _TEXT)

    def arrow(self) -> Any:
        """Return an Arrow array."""
        words = pa.array(self.words, pa.string() if self.oid == _TEXT else pa.binary())
        return words if self.codes is None else words.take(pa.array(self.codes))

    def array(self) -> BinaryArray:
        """Return a PostgreSQL array."""
        cells = list(map(_cell_of, self.words))
        if self.codes is not None:
            cells = [cells[code] for code in self.codes.tolist()]
        return BinaryArray(self.oid, len(cells), b"".join(cells), has_nulls=_NULL in cells)


class Made:
    """A column that is an Arrow array already, as what was computed as one."""

    __slots__ = ("made",)

    def __init__(self, made: Any) -> None:
        self.made = made

    def __len__(self) -> int:
        return len(self.made)

    def take(self, rows: Int64s) -> "Made":
        """Return the rows asked for."""
        return Made(self.made.take(pa.array(rows)))

    def arrow(self) -> Any:
        """Return the Arrow array."""
        return self.made

    def array(self) -> BinaryArray:
        """Return a PostgreSQL array."""
        return self.plain().array()

    def plain(self) -> Numbers | Texts:
        """Return the same column, not of Arrow."""
        kind = self.made.type
        stored = next((one for one in _ALL_STORED if one.arrow_type == kind), None)
        if stored is None:
            return Texts(self.made.to_pylist(), is_text=pa.types.is_string(kind))
        numbers = (
            self.made.fill_null(False) if stored is BOOLEAN else self.made.view(stored.dtype).fill_null(0)
        )
        absent = self.made.is_null().to_numpy(zero_copy_only=False)
        return Numbers(stored, numbers.to_numpy(zero_copy_only=False).astype(np.int64), absent)


class Lists:
    """A column of lists of whole numbers on its way to the server (bigint[]): row i has the values from
    offset i to the next."""

    __slots__ = ("offsets", "values")

    def __init__(self, values: Int64s, offsets: Sequence[int]) -> None:
        self.values, self.offsets = values, offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: Int64s) -> "Lists":
        """Return the rows asked for."""
        its = [self.values[self.offsets[row] : self.offsets[row + 1]] for row in rows.tolist()]
        return Lists(np.concatenate([self.values[:0], *its]), [0, *accumulate(map(len, its))])

    def arrow(self) -> Any:
        """Return an Arrow array."""
        return pa.ListArray.from_arrays(pa.array(self.offsets, pa.int32()), pa.array(self.values, pa.int64()))

    def cells(self) -> list[BinaryArray]:
        """Return a PostgreSQL array a row."""
        return [bigints(self.values[begin:end]) for begin, end in pairwise(self.offsets)]


Column = Numbers | Texts | Made | Lists


def _cell_of(word: str | bytes | None) -> bytes:
    if word is None:
        return _NULL
    content = word.encode() if isinstance(word, str) else word
    return _LENGTH(len(content)) + content


class Rows:
    """Rows for a table: columns of equal length by name. They become what they are sent as when they are."""

    __slots__ = ("columns", "count")

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = columns
        self.count = len(next(iter(columns.values())))

    def take(self, rows: Int64s) -> "Rows":
        """Return the rows asked for."""
        return Rows({name: column.take(rows) for name, column in self.columns.items()})

    def has_lists(self) -> bool:
        """Say whether a column holds lists, which cannot come as an array of them."""
        return any(type(one) is Lists for one in self.columns.values())

    def can_be_parameters(self) -> bool:
        """Say whether they can be inserted: what Arrow holds nested comes by COPY alone."""
        made = [one.made.type for one in self.columns.values() if type(one) is Made]
        return not any(map(pa.types.is_nested, made))

    def record_batch(self) -> Any:
        """Return them for COPY (a pyarrow RecordBatch)."""
        return pa.RecordBatch.from_arrays(
            [column.arrow() for column in self.columns.values()], names=list(self.columns)
        )

    def cells(self) -> list[Any]:
        """Return them as parameters, one a cell, row by row: lists cannot come as an array of them."""
        columns = [
            one.cells()
            if isinstance(one, Lists)
            else one.values.tolist()
            if isinstance(one, Numbers) and one.absent is None and one.stored in _WHOLE
            else one.arrow().to_pylist()
            for one in self.columns.values()
        ]
        return [value for row in zip(*columns, strict=True) for value in row]

    def arrays(self) -> dict[str, BinaryArray]:
        """Return them as parameters, a PostgreSQL array a column."""
        arrays: dict[str, BinaryArray] = {}
        # Columns of one width are written together: a call of NumPy costs more than some rows.
        by_width: dict[str, dict[str, Numbers]] = {}
        for name, column in self.columns.items():
            assert not isinstance(column, Lists), "rows with lists are sent cell by cell"
            if type(column) is Numbers and column.absent is None:
                by_width.setdefault(column.stored.cell, {})[name] = column
            else:
                arrays[name] = column.array()
        for cell, columns in by_width.items():
            arrays.update(zip(columns, _arrays_of_width(list(columns.values()), cell), strict=True))
        return arrays


def _arrays_of_width(columns: Sequence[Numbers], cell: str) -> list[BinaryArray]:
    """Return the arrays of columns of one width without nulls."""
    width, dtype = _CELLS[cell]
    count = len(columns[0])
    values = np.array([one.values for one in columns])
    begins = [one.stored.begin for one in columns]
    if any(begins):
        values -= np.array(begins)[:, None]
    cells = np.empty(values.shape, dtype=dtype)
    cells["length"] = width
    cells["value"] = values
    content, size = cells.tobytes(), count * (4 + width)
    return [
        BinaryArray(one.stored.oid, count, content[place * size : (place + 1) * size])
        for place, one in enumerate(columns)
    ]


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
