"""The ledger is held against the log: a posting that somebody changed by SQL is found, and nothing else."""

from collections.abc import Callable

import pytest

from serai.app import Node
from serai.foundation.settings import ComparisonSettings
from serai.journey.scans.postings import compare_postings
from serai.web.health import find_alarms
from tests.journey.acts.test_acts import pay
from tests.journey.processing.support import DECLARANT, arrival, parcel, select, send

CHANGES = {
    "amount": "UPDATE ledger_entry SET amount_minor = amount_minor + 1",
    "phase": "UPDATE ledger_entry SET phase = phase + 5",
    "kind": "UPDATE ledger_posting SET kind = 77",
    "subject": "UPDATE ledger_posting SET subject_id = subject_id + 1",
    "salt": "UPDATE ledger_posting SET salt = sha256('invented')::bytea",
    "account": "UPDATE ledger_account SET tax_type_code = tax_type_code || '1'",
    "account kind": "UPDATE ledger_account SET kind = kind + 100",
}


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """A database of one's own: rounds go over all that is stored."""
    return make_database()


async def compare(node: Node, limit: int = 1_000) -> list[int]:
    return await compare_postings(node.processor, ComparisonSettings(round_count_max=limit), node.metrics)


async def run(node: Node, *statements: str) -> None:
    async with node.database.write_as_owner() as connection:
        for one in statements:
            await connection.execute(one)


async def next_round(node: Node) -> None:
    await run(node, "UPDATE scan SET started_at = started_at - interval '2 days' WHERE kind = 'posting'")


@pytest.mark.in_turn
async def test_what_somebody_changed_in_the_books_is_found_and_an_alarm_until_it_is_put_right(
    node: Node,
) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("booked"))
    await send(node, DECLARANT, "arrival", arrival("booked"))
    await pay(node, declared.case_id, "PAY-BOOKED", "1.00")
    stored = await select(node, "SELECT count(*) FROM ledger_posting")

    assert await compare(node) == []
    assert await find_alarms(node) == []
    tables = ("ledger_posting", "ledger_entry", "ledger_account")
    await run(node, *(f"CREATE UNLOGGED TABLE kept_{one} AS SELECT * FROM {one}" for one in tables))
    for name, change in CHANGES.items():
        await run(node, change)
        await next_round(node)
        changed = await compare(node)
        alarms = [one.code for one in await find_alarms(node)]
        assert (len(changed), alarms) == (stored[0][0], ["ledger-changed"]), name
        for table in tables:
            await run(node, f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept_{table}")
    await next_round(node)
    assert await compare(node, limit=1) == []
    for _ in range(stored[0][0]):
        await compare(node, limit=1)
    assert await find_alarms(node) == []
