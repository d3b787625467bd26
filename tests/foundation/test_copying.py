"""What a small batch changes goes in one statement; a large one by COPY; both leave the same."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import TableBuffer, change

_INCREASE = """-- Adds to what is there.
UPDATE total SET amount = total.amount + added.amount, note = coalesce(%(note)s, note)
FROM unnest(%(names)s::text[], %(amounts)s::bigint[]) AS added (name, amount)
WHERE total.name = added.name AND added.name = ANY(%(names)s::text[])"""


@pytest.fixture
async def connection(database: str) -> AsyncIterator[AsyncConnection[Any]]:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        await connection.execute(
            "CREATE TEMP TABLE thing (id bigint, name text, small smallint, at timestamptz)"
        )
        await connection.execute("CREATE TEMP TABLE total (name text, amount bigint, note text)")
        await connection.execute("INSERT INTO total VALUES ('a', 1, 'old'), ('b', 2, 'old')")
        yield connection
        await connection.rollback()


def _things(count: int) -> Any:
    numbers = np.arange(count, dtype=np.int64)
    return arrow.table(
        id=arrow.int64(numbers - 5),
        name=arrow.texts([None if n % 3 == 0 else f"n{n}" for n in range(count)]),
        small=arrow.int16(numbers % 7),
        at=arrow.instants(numbers * 1_000),
    )


@pytest.mark.parametrize("count", [0, 1, 20, 2_500])
async def test_rows_and_changes_are_written_together(connection: AsyncConnection[Any], count: int) -> None:
    buffer = TableBuffer()
    buffer.add("thing", _things(count))
    buffer.then(_INCREASE, {"names": ["a", "b"], "amounts": [10, 2**40], "note": None})
    buffer.then("DELETE FROM thing WHERE id = %(id)s", {"id": 10**9})

    await buffer.write(connection)
    await buffer.write(connection)

    cursor = await connection.execute("SELECT * FROM total ORDER BY name")
    assert await cursor.fetchall() == [("a", 11, "old"), ("b", 2 + 2**40, "old")]
    cursor = await connection.execute(
        "SELECT id, name, small, extract(epoch FROM at)::int FROM thing ORDER BY id"
    )
    expected = [(n - 5, None if n % 3 == 0 else f"n{n}", n % 7, n) for n in range(count)]
    assert await cursor.fetchall() == expected


async def test_a_slice_with_nulls_is_written_as_it_is(connection: AsyncConnection[Any]) -> None:
    buffer = TableBuffer()
    numbers = np.array([1, 2, -(2**63), 4], dtype=np.int64)
    table = arrow.table(id=arrow.int64(numbers), at=arrow.instants(numbers))
    buffer.add("thing", table.take(np.arange(1, 4)))

    await buffer.write(connection)

    cursor = await connection.execute("SELECT id, extract(epoch FROM at) * 1000 FROM thing")
    assert await cursor.fetchall() == [(2, 2), (None, None), (4, 4)]


async def test_a_change_has_one_type_whatever_the_numbers_are(connection: AsyncConnection[Any]) -> None:
    for amount in (1, 2**20, 2**40):
        values = {"names": ["a"], "amounts": [amount], "note": "new"}
        for _ in range(6):
            await change(connection, _INCREASE, values)

    cursor = await connection.execute(
        "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%Adds to what is there%'"
        " AND statement NOT LIKE '%pg_prepared%'"
    )
    assert await cursor.fetchone() == (1,)
