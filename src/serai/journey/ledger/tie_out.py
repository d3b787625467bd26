"""The ledger held against what is stored of consignments: account by account, to the minor unit."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from serai.journey.ledger.assessed import Standing, moved_entries
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.ledger.store import QUERIES, select_balances
from serai.model.ledger import Account
from serai.model.packed_detail import unpack_detail

Connection = AsyncConnection[Any]

_PAGE_COUNT = 5_000


class Difference(NamedTuple):
    """An account whose balance is not what it should be in one phase, minor units."""

    account: Account
    phase: int
    balance_minor: int
    expected_minor: int


class TiedOut(NamedTuple):
    """What was held against what. balances_count: of accounts that are not at nothing."""

    consignments_count: int
    balances_count: int
    differences: list[Difference]


async def tie_out(connection: Connection, *, administration_id: int) -> TiedOut:
    """Find the accounts of assessment whose balances are not what the charges of all stored consignments,
    less what of payments was taken off them, come to. Reads every consignment, some thousand at a time, and
    in one snapshot: else what is decided meanwhile differs."""
    rules = shipped_posting_rules()
    expected: Counter[tuple[Account, int]] = Counter()
    consignments_count = 0
    async for standing in _all_standing(connection, administration_id):
        consignments_count += len(standing)
        for entry in moved_entries([], standing, rules):
            expected[entry.account, entry.phase] += entry.amount_minor
    kinds = {place for sides in rules.assessed if sides is not None for place in sides.places}
    balances: Counter[tuple[Account, int]] = Counter()
    for one in await select_balances(connection, administration_id=administration_id):
        if one.account.kind in kinds:
            balances[one.account, one.phase] += one.amount_minor
    cursor = await connection.execute(
        QUERIES["select_allocated_by_account"], {"administration_id": administration_id}
    )
    for kind, *columns, phase, amount_minor in await cursor.fetchall():
        expected[Account(kind, *columns), phase] += amount_minor
    differences = [
        Difference(account, phase, balances[account, phase], expected[account, phase])
        for account, phase in sorted(balances.keys() | expected.keys())
        if balances[account, phase] != expected[account, phase]
    ]
    return TiedOut(consignments_count, len(+balances) + len(-balances), differences)


async def _all_standing(connection: Connection, administration_id: int) -> AsyncIterator[list[Standing]]:
    after = -1
    while True:
        cursor = await connection.execute(
            QUERIES["list_standing"],
            {"administration_id": administration_id, "after": after, "limit": _PAGE_COUNT},
        )
        rows = await cursor.fetchall()
        if not rows:
            return
        yield [
            Standing(party_id, country, status, unpack_detail(detail).charges)
            for _, party_id, country, status, detail in rows
        ]
        after = rows[-1][0]
