"""Writing many rows at once: by binary COPY, or, when a batch is small, all that it changes in one statement.

A COPY costs a turn with the server for each table, which a few rows do not repay; thousands of rows are twice
as cheap by COPY.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from pgpq import ArrowToPostgresBinaryEncoder
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.errors import InsufficientPrivilege, UniqueViolation
from psycopg.sql import SQL, Identifier

from serai.foundation.binary_arrays import Rows, bigints, texts
from serai.foundation.queries import load_queries

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))

# Encoding leaves the interpreter lock, so from here on a thread is worth its 60 us.
_THREAD_ROWS_COUNT = 1_000
_ONE_STATEMENT_ROWS_COUNT = 2_000

COPIED_ROWS_COUNT_MIN = 200
"""Fewer rows are better inserted in one statement, which takes one turn with the server where a COPY takes
three, and five in a savepoint."""


class TableBuffer:
    """Rows for several tables, and statements that change others, gathered to be written together: none
    refers to another, nor to rows that another writes.
    """

    def __init__(self) -> None:
        self._tables: list[tuple[str, Rows]] = []
        self._statements: list[tuple[str, Mapping[str, Any]]] = []

    def add(self, table: str, rows: Rows) -> None:
        """Add rows for a table."""
        if rows.count:
            self._tables.append((table, rows))

    def then(self, query: str, values: Mapping[str, Any]) -> None:
        """Add an INSERT, UPDATE or DELETE with named parameters, whose outcome nobody reads."""
        self._statements.append((query, values))

    async def write(self, connection: AsyncConnection[Any]) -> None:
        """Write everything, in the connection's transaction, and forget it."""
        tables, self._tables = self._tables, []
        statements, self._statements = self._statements, []
        if sum(rows.count for _, rows in tables) > _ONE_STATEMENT_ROWS_COUNT:
            await copy_tables(connection, tables)
            for query, given in statements:
                await change(connection, query, given)
        elif tables or statements:
            await _write_at_once(connection, tables, statements)


async def _write_at_once(
    connection: AsyncConnection[Any],
    tables: Sequence[tuple[str, Rows]],
    statements: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> None:
    shape = tuple(
        (table, tuple(rows.columns), rows.count if rows.has_lists() else None) for table, rows in tables
    )
    values = [value for _, rows in tables for value in _values(rows)]
    values += [steady(given[name]) for query, given in statements for name in _names_in(query)]
    text = _one_statement(shape, tuple(query for query, _ in statements))
    # Numbered parameters: the text, long as it is, is not read again for each batch.
    await AsyncRawCursor(connection).execute(text, values)


def _values(rows: Rows) -> list[Any]:
    if not rows.has_lists():
        arrays = rows.arrays()
        return [arrays[name] for name in rows.columns]
    return rows.cells()


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


async def copy_table(target: Target, table: str, rows: Rows) -> int:
    """Append rows to `table`, column by column name; return their number. Types must fit the columns."""
    if isinstance(target, TableBuffer):
        target.add(table, rows)
        return rows.count
    await copy_tables(target, [(table, rows)])
    return rows.count


async def copy_tables(connection: AsyncConnection[Any], tables: Sequence[tuple[str, Rows]]) -> None:
    """Append rows to several tables, of which none refers to another. Types must fit the columns."""
    copied = []
    for table, rows in tables:
        if rows.count >= COPIED_ROWS_COUNT_MIN or not rows.can_be_parameters():
            copied.append((table, rows))
        elif rows.count:
            await _write_at_once(connection, [(table, rows)])
    if not copied:
        return
    async with _as_owner(connection) as require_own:
        for table, rows in copied:
            batch = rows.record_batch()
            require_own(table, batch)
            if rows.count < _THREAD_ROWS_COUNT:
                pieces = encode_copy(batch)
            else:
                pieces = await asyncio.to_thread(encode_copy, batch)
            columns = SQL(", ").join(map(Identifier, rows.columns))
            statement = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(Identifier(table), columns)
            async with connection.cursor() as cursor, cursor.copy(statement) as copy:
                for piece in pieces:
                    await copy.write(piece)


@asynccontextmanager
async def _as_owner(connection: AsyncConnection[Any]) -> AsyncIterator[Callable[[str, Any], None]]:
    """Let COPY pass: PostgreSQL refuses every COPY into a table with row-level security to all but its owner.
    Gives what asks of each batch, by the whole column at once, what the policy asks of each row.

    That raises psycopg.errors.InsufficientPrivilege, as the policy does, for rows of another administration.
    """
    cursor = await connection.execute(_QUERIES["become_owner"])
    row = await cursor.fetchone()
    assert row is not None
    role, chosen, _ = row
    if role == "none":
        yield lambda _table, _batch: None
        return

    def require_own(table: str, batch: Any) -> None:
        ids = pc.min_max(batch.column("administration_id")).as_py()
        if ids != {"min": int(chosen), "max": int(chosen)}:
            raise InsufficientPrivilege(f"rows for {table} are not all of administration {chosen}")

    yield require_own
    # After an error the transaction, or its savepoint, is over, and the role with it.
    await connection.execute(_QUERIES["become_again"], {"role": role})


async def copy_new(connection: AsyncConnection[Any], table: str, rows: Rows) -> bool:
    """Append rows as `copy_table` if none of them is there yet, by the table's unique keys; else append none
    and return False. In a savepoint: the transaction goes on either way, and rows that others are adding are
    waited for, in the order of the batch.
    """
    try:
        async with connection.transaction():
            await copy_table(connection, table, rows)
    except UniqueViolation:
        return False
    return True


def encode_copy(batch: Any) -> tuple[bytes, bytes, bytes]:
    """Return a pyarrow RecordBatch as the bytes of PostgreSQL's binary COPY, in pieces: to join them would
    copy tens of megabytes.

    An encoder serves one COPY only; making one takes 4 us, so none is kept.
    """
    encoder = ArrowToPostgresBinaryEncoder(batch.schema)
    return encoder.write_header(), encoder.write_batch(batch), encoder.finish()
