"""What a batch of supporting documents asks of the server, and the rows it leaves: whatever its size,
also when it changes what was decided."""

from collections import Counter
from contextvars import ContextVar
from typing import Any

import pytest
from psycopg import AsyncCursor

from serai.app import Node
from serai.journey.documents.submission import Sender
from tests.journey.processing.support import (
    DECLARANT,
    PLATFORM,
    PROVIDER,
    order,
    parcel,
    payment,
    select,
    send,
)
from tests.journey.processing.test_allowances import without_accounts

ROWS = ("match_key", "document_key", "linkage_feature", "document_link", "submission", "case_match")

IS_OURS: ContextVar[bool] = ContextVar("IS_OURS", default=False)
"""Of what is asked for by the test. The node's own work in the background asks, too."""


async def statements_of(node: Node, sender: Sender, kind: str, records: list[dict[str, Any]]) -> list[str]:
    """File documents; return what their transaction asked of the server, COPY included."""
    asked: list[str] = []
    working: list[Any] = []
    write_with_retries = node.database.write_with_retries

    async def write(work: Any, **options: Any) -> Any:
        if not IS_OURS.get():
            return await write_with_retries(work, **options)

        async def listen(connection: Any) -> Any:
            execute = connection.execute
            working.append(connection)

            async def note(query: Any, *args: Any, **kwargs: Any) -> Any:
                asked.append(query if isinstance(query, str) else query.as_string(connection))
                return await execute(query, *args, **kwargs)

            connection.execute = note
            try:
                return await work(connection)
            finally:
                del connection.execute

        return await write_with_retries(listen, **options)

    copy = AsyncCursor.copy

    def note_copy(cursor: Any, statement: Any, *args: Any, **kwargs: Any) -> Any:
        if cursor.connection in working:
            asked.append(statement.as_string(None))
        return copy(cursor, statement, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node.database, "write_with_retries", write)
        patch.setattr(AsyncCursor, "copy", note_copy)
        IS_OURS.set(True)
        answers = await send(node, sender, kind, *records)
    assert {one.status for one in answers} == {"recorded"}
    return without_accounts(asked)


async def rows(node: Node) -> Counter[str]:
    union = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in ROWS)
    return Counter(dict(await select(node, union)))


async def test_documents_that_wait_ask_as_much_whatever_their_number(node: Node) -> None:
    await statements_of(node, PLATFORM, "order", [order("warm")])
    before = await rows(node)
    few = await statements_of(node, PLATFORM, "order", [order(f"few-{n}") for n in range(2)])
    between = await rows(node)
    many = await statements_of(node, PLATFORM, "order", [order(f"many-{n}") for n in range(60)])

    assert len(few) == len(many) <= 22
    # Its UCR and its own number: a row that is held, one that it waits under, and one by its signs.
    assert between - before == Counter(match_key=4, document_key=4, linkage_feature=4, submission=2)


async def test_documents_that_change_what_was_decided_ask_as_much_whatever_their_number(node: Node) -> None:
    names = [f"declared-{n}" for n in range(42)]
    await send(node, DECLARANT, "declaration", *map(parcel, names))
    await send(node, PLATFORM, "order", *map(order, names))
    await send(node, PROVIDER, "payment", payment(names[0]))
    before = await rows(node)
    few = await statements_of(node, PROVIDER, "payment", [payment(name) for name in names[1:3]])
    between = await rows(node)
    many = await statements_of(node, PROVIDER, "payment", [payment(name) for name in names[3:]])

    assert len(few) == len(many) <= 50
    assert between - before == Counter(document_key=2, document_link=2, submission=2, case_match=2)
