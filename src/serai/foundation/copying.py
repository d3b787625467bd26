"""Writing many rows at once: by binary COPY, or, when a batch is small, all that it changes in one statement.

A COPY costs a turn with the server for each table, which a few rows do not repay; thousands of rows are twice
as cheap by COPY.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import count
from struct import Struct
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.abc import Buffer, DumperKey
from psycopg.adapt import Dumper, PyFormat
from psycopg.errors import UniqueViolation
from psycopg.pq import Format
from psycopg.sql import SQL, Identifier

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


# Encoding leaves the interpreter lock, so from here on a thread is worth its 60 us.
_THREAD_ROWS_COUNT = 1_000
_ONE_STATEMENT_ROWS_COUNT = 2_000

CLAIMED_BY_COPY_COUNT_MIN = 200
"""Fewer rows are better inserted in one statement, which takes one turn with the server where `copy_new`
takes three."""


class TableBuffer:
    """Rows for several tables, and statements that change others, gathered to be written together: none
    refers to another, nor to rows that another writes.
    """

    def __init__(self) -> None:
        self._tables: list[tuple[str, Any]] = []
        self._statements: list[tuple[str, Mapping[str, Any]]] = []

    def add(self, table: str, batch: Any) -> None:
        """Add rows for a table (a pyarrow RecordBatch)."""
        if batch.num_rows:
            self._tables.append((table, batch))

    def then(self, query: str, values: Mapping[str, Any]) -> None:
        """Add an INSERT, UPDATE or DELETE with named parameters, whose outcome nobody reads."""
        self._statements.append((query, values))

    async def write(self, connection: AsyncConnection[Any]) -> None:
        """Write everything, in the connection's transaction, and forget it."""
        tables, self._tables = self._tables, []
        statements, self._statements = self._statements, []
        if sum(batch.num_rows for _, batch in tables) > _ONE_STATEMENT_ROWS_COUNT:
            for table, batch in tables:
                await copy_table(connection, table, batch)
            for query, given in statements:
                await change(connection, query, given)
        elif tables or statements:
            shape = tuple((table, tuple(batch.schema.names), _row_count(batch)) for table, batch in tables)
            values = [value for _, batch in tables for value in _values(batch)]
            values += [steady(given[name]) for query, given in statements for name in _names_in(query)]
            text = _one_statement(shape, tuple(query for query, _ in statements))
            # Numbered parameters: the text, long as it is, is not read again for each batch.
            await AsyncRawCursor(connection).execute(text, values)


def _row_count(batch: Any) -> int | None:
    """Return how many rows go one by one: all of a table with lists in it, which cannot come as columns."""
    return batch.num_rows if any(pa.types.is_list(kind) for kind in batch.schema.types) else None


def _values(batch: Any) -> list[Any]:
    if _row_count(batch) is None:
        return [array_of(column) for column in batch.columns]
    columns = [
        [bigints(one.values.to_numpy()) for one in column]
        if pa.types.is_list(column.type)
        else column.to_pylist()
        for column in batch.columns
    ]
    return [value for row in zip(*columns, strict=True) for value in row]


_NAME = re.compile(r"%\((\w+)\)s")


@cache
def _names_in(query: str) -> tuple[str, ...]:
    """Return the parameters of a statement, each once."""
    return tuple(dict.fromkeys(_NAME.findall(query)))


@lru_cache(maxsize=500)
def _one_statement(
    shape: tuple[tuple[str, tuple[str, ...], int | None], ...], queries: tuple[str, ...]
) -> str:
    """Return the statement that inserts into all tables, from arrays, one parameter a column, or row by row,
    and does all the others; parameters are numbered in that order.
    """
    numbers, parts = count(1), []
    for table, columns, row_count in shape:
        source = _source(columns, row_count, numbers)
        names = ", ".join(Identifier(column).as_string() for column in columns)
        parts.append(f"INSERT INTO {Identifier(table).as_string()} ({names}) {source}")
    parts += [_numbered(query, numbers) for query in queries]
    listed = ", ".join(f"t{place} AS ({part}\n)" for place, part in enumerate(parts))
    return f"WITH {listed} SELECT 1"


def _numbered(query: str, numbers: Iterator[int]) -> str:
    number_of = {name: next(numbers) for name in _names_in(query)}
    return _NAME.sub(lambda found: f"${number_of[found[1]]}", query)


def _source(columns: Sequence[str], row_count: int | None, numbers: Iterator[int]) -> str:
    def row() -> str:
        return ", ".join(f"${next(numbers)}" for _ in columns)

    if row_count is None:
        return f"SELECT * FROM unnest({row()})"  # noqa: S608 - numbers of parameters
    return f"VALUES {', '.join(f'({row()})' for _ in range(row_count))}"


def steady(value: Any) -> Any:
    """Give a list of numbers or texts one type whatever is in it: the server plans a statement anew for each
    combination of types, and the client's own choice hangs on the largest number.
    """
    if not isinstance(value, list) or not value:
        return value
    kinds = set(map(type, value))
    if kinds == {int}:
        return bigints(value)
    return texts(value) if kinds == {str} else value


Target = AsyncConnection[Any] | TableBuffer
"""Where rows go: to the server at once, or into a buffer."""


def target_of(connection: AsyncConnection[Any], buffer: TableBuffer, row_count: int) -> Target:
    """Return where the first rows of a batch go: to the server at once where the batch is written table by
    table anyway, into the buffer of a small one."""
    return connection if row_count > _ONE_STATEMENT_ROWS_COUNT else buffer


async def change(target: Target, query: str, values: Mapping[str, Any]) -> None:
    """Do an INSERT, UPDATE or DELETE with named parameters, whose outcome nobody reads."""
    if isinstance(target, TableBuffer):
        target.then(query, values)
    else:
        await target.execute(query, {name: steady(value) for name, value in values.items()})


async def copy_table(target: Target, table: str, batch: Any) -> int:
    """Append a pyarrow RecordBatch to `table`, column by column name; return the number of rows.

    Arrow types must fit the columns exactly: int16 smallint, int32 integer, int64 bigint, string text, binary
    bytea, bool boolean, list of int64 bigint[], date32 date, timestamp[us, UTC] timestamptz.
    """
    if isinstance(target, TableBuffer):
        target.add(table, batch)
        return int(batch.num_rows)
    if batch.num_rows == 0:
        return 0
    if batch.num_rows < _THREAD_ROWS_COUNT:
        content = encode_copy(batch)
    else:
        content = await asyncio.to_thread(encode_copy, batch)
    columns = SQL(", ").join(map(Identifier, batch.schema.names))
    statement = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(Identifier(table), columns)
    async with target.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(content)
    return int(batch.num_rows)


async def copy_new(connection: AsyncConnection[Any], table: str, batch: Any) -> bool:
    """Append rows as `copy_table` if none of them is there yet, by the table's unique keys; else append none
    and return False. In a savepoint: the transaction goes on either way, and rows that others are adding are
    waited for, in the order of the batch.
    """
    try:
        async with connection.transaction():
            await copy_table(connection, table, batch)
    except UniqueViolation:
        return False
    return True


def encode_copy(batch: Any) -> bytes:
    """Return a pyarrow RecordBatch as the bytes of PostgreSQL's binary COPY.

    An encoder serves one COPY only; making one takes 4 us, so none is kept.
    """
    encoder = ArrowToPostgresBinaryEncoder(batch.schema)
    header = encoder.write_header()
    rows = encoder.write_batch(batch)
    return bytes(header + rows + encoder.finish())
