"""Writing many rows at once: by binary COPY, or, when a batch is small, all of its tables in one statement.

A COPY costs a turn with the server for each table, which a few rows do not repay; thousands of rows are twice
as cheap by COPY.
"""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any

import pyarrow as pa
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import AsyncConnection
from psycopg.errors import UniqueViolation
from psycopg.sql import SQL, Composed, Identifier

from serai.foundation.binary_arrays import array_of, bigints

# Encoding leaves the interpreter lock, so from here on a thread is worth its 60 us.
_THREAD_ROWS_COUNT = 1_000
_ONE_STATEMENT_ROWS_COUNT = 2_000

CLAIMED_BY_COPY_COUNT_MIN = 200
"""Fewer rows are better inserted in one statement, which takes one turn with the server where `copy_new`
takes three."""


class TableBuffer:
    """Rows for several tables, gathered to be written together: tables that do not refer to each other."""

    def __init__(self) -> None:
        self._tables: list[tuple[str, Any]] = []

    def add(self, table: str, batch: Any) -> None:
        """Add rows for a table (a pyarrow RecordBatch)."""
        if batch.num_rows:
            self._tables.append((table, batch))

    async def write(self, connection: AsyncConnection[Any]) -> None:
        """Write everything, in the connection's transaction, and forget it."""
        tables, self._tables = self._tables, []
        if sum(batch.num_rows for _, batch in tables) > _ONE_STATEMENT_ROWS_COUNT:
            for table, batch in tables:
                await copy_table(connection, table, batch)
        elif tables:
            shape = tuple((table, tuple(batch.schema.names), _row_count(batch)) for table, batch in tables)
            values = [value for _, batch in tables for value in _values(batch)]
            await connection.execute(_one_statement(shape), values)


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


def _cells(column: Any) -> list[Any]:
    if pa.types.is_list(column.type):
        return [bigints(one.values.to_numpy()) for one in column]
    values: list[Any] = column.to_pylist()
    return values


@cache
def _one_statement(shape: tuple[tuple[str, tuple[str, ...], int | None], ...]) -> Composed:
    """Return the statement that inserts into all tables: from arrays, one parameter a column; or row by
    row."""
    parts = [
        SQL("t{} AS (INSERT INTO {} ({}) {})").format(
            SQL(str(place)),
            Identifier(table),
            SQL(", ").join(map(Identifier, columns)),
            _source(columns, count),
        )
        for place, (table, columns, count) in enumerate(shape)
    ]
    return SQL("WITH {} SELECT 1").format(SQL(", ").join(parts))


def _source(columns: Sequence[str], count: int | None) -> Composed:
    row = SQL(", ").join(SQL("%s") for _ in columns)
    if count is None:
        return SQL("SELECT * FROM unnest({})").format(row)
    return SQL("VALUES {}").format(SQL(", ").join(SQL("({})").format(row) for _ in range(count)))


Target = AsyncConnection[Any] | TableBuffer
"""Where rows go: to the server at once, or into a buffer."""


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
