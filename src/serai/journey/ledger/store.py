"""Accounts, postings and their entries: appended to by what is done, summed when somebody reads."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import TableBuffer
from serai.foundation.ids import IdSource
from serai.foundation.known_ids import KnownIds
from serai.foundation.queries import load_queries
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.model.ledger import POSTING_KINDS, Account, Entry, Posting, PostingKind
from serai.model.refunds import ENDED_PLACES

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
AccountIds = KnownIds[tuple[int, Account]]
"""By administration and account."""

_PAGE: Final = 500


class Balance(NamedTuple):
    """What stands on an account in one phase (place in PHASES): debits positive, minor units."""

    account: Account
    phase: int
    amount_minor: int


class OrderedBack(NamedTuple):
    """What of a payment was ordered back and not given up, minor units; and how many orders there were."""

    amount_minor: int
    orders_count: int


class StoredPosting(NamedTuple):
    """A posting as it was entered. salt: of its commitment in the log."""

    posting_id: int
    posting: Posting
    salt: bytes


async def open_accounts(
    connection: Connection,
    known: AccountIds,
    accounts: Sequence[Account],
    *,
    ids: IdSource,
    administration_id: int,
    at: datetime,
) -> dict[Account, int]:
    """Return the ids of accounts, those opened that are not there yet, in the caller's transaction.

    Only what others have committed is remembered: what this transaction opens may come to nothing. (In a
    transaction of their own they would need a second connection, and as many who each hold one and wait for
    another would wait for ever.)
    """
    # In one order everywhere: who opens the same at once waits, and no two for each other.
    missing = sorted(one for _, one in known.missing((administration_id, one) for one in accounts))
    found = {}
    if missing:
        proposed = ids.take(len(missing)).tolist()
        wanted: dict[str, Any] = {
            "administration_id": administration_id,
            "party_ids": [one.party_id for one in missing],
            "kinds": [one.kind for one in missing],
            "currencies": [one.currency_code for one in missing],
            "debtors": [one.debtor_code for one in missing],
            "tax_types": [one.tax_type_code for one in missing],
            "countries": [one.country_code for one in missing],
            "numbers": [one.number for one in missing],
        }
        await connection.execute(QUERIES["open_accounts"], wanted | {"account_ids": proposed, "at": at})
        cursor = await connection.execute(QUERIES["select_accounts"], wanted)
        found = {Account(*columns): account_id for account_id, *columns in await cursor.fetchall()}
        for account, account_id in found.items():
            if account_id not in proposed:
                known.add((administration_id, account), account_id)
    return {one: found[one] if one in found else known.of((administration_id, one)) for one in accounts}


def insert_postings(
    buffer: TableBuffer,
    account_ids: Mapping[Account, int],
    postings: Mapping[int, Posting],
    *,
    salts: Sequence[bytes],
    administration_id: int,
) -> None:
    """Append postings, by id, and their entries. account_ids: of their accounts; salts: of their commitments,
    in their order."""
    count = len(postings)
    lines = [(posting_id, entry) for posting_id, one in postings.items() for entry in one.entries]
    at_ms = [int(one.at.timestamp() * 1000) for one in postings.values()]
    buffer.add(
        "ledger_posting",
        arrow.table(
            posting_id=arrow.int64(list(postings)),
            subject_id=arrow.int64([one.subject_id for one in postings.values()]),
            posted_at=arrow.instants(np.array(at_ms, dtype=np.int64)),
            administration_id=arrow.int16([administration_id] * count),
            kind=arrow.int16([POSTING_KINDS.index(one.kind) for one in postings.values()]),
            salt=arrow.blobs(list(salts)),
        ),
    )
    buffer.add(
        "ledger_entry",
        arrow.table(
            posting_id=arrow.int64([posting_id for posting_id, _ in lines]),
            account_id=arrow.int64([account_ids[entry.account] for _, entry in lines]),
            amount_minor=arrow.int64([entry.amount_minor for _, entry in lines]),
            administration_id=arrow.int16([administration_id] * len(lines)),
            phase=arrow.int16([entry.phase for _, entry in lines]),
        ),
    )


class Allocation(NamedTuple):
    """What of a payment (the act) is taken off a charge in addition, minor units; below zero: taken back."""

    posting_id: int
    act_id: int
    key: ChargeKey
    amount_minor: int


def insert_allocations(
    buffer: TableBuffer, allocations: Sequence[Allocation], *, administration_id: int
) -> None:
    """Append what of payments is taken off which charge."""
    keys = [one.key for one in allocations]
    buffer.add(
        "payment_allocation",
        arrow.table(
            posting_id=arrow.int64([one.posting_id for one in allocations]),
            act_id=arrow.int64([one.act_id for one in allocations]),
            consignment_id=arrow.int64([one.consignment_id for one in keys]),
            amount_minor=arrow.int64([one.amount_minor for one in allocations]),
            administration_id=arrow.int16([administration_id] * len(keys)),
            sequence_number=arrow.int16([one.sequence_number for one in keys]),
            tax_type_code=arrow.texts([one.tax_type_code for one in keys]),
            debtor_code=arrow.texts([one.debtor_code for one in keys]),
            currency_code=arrow.texts([one.currency_code for one in keys]),
        ),
    )


async def select_entered(
    connection: Connection, act_ids: Sequence[int], *, administration_id: int
) -> dict[int, list[Entry]]:
    """Return what was entered of acts, by act, summed by account and phase."""
    cursor = await connection.execute(
        QUERIES["select_entered"], {"act_ids": list(act_ids), "administration_id": administration_id}
    )
    entered: dict[int, list[Entry]] = defaultdict(list)
    for act_id, *columns, phase, amount_minor in await cursor.fetchall():
        entered[act_id].append(Entry(Account(*columns), phase, amount_minor))
    return entered


async def select_allocated(
    connection: Connection, act_ids: Sequence[int], *, administration_id: int
) -> dict[int, dict[ChargeKey, int]]:
    """Return what of acts was taken off which charge, by act, minor units."""
    cursor = await connection.execute(
        QUERIES["select_allocated"], {"act_ids": list(act_ids), "administration_id": administration_id}
    )
    allocated: dict[int, dict[ChargeKey, int]] = defaultdict(dict)
    for act_id, *key, amount_minor in await cursor.fetchall():
        allocated[act_id][ChargeKey(*key)] = amount_minor
    return allocated


async def select_ordered_back(
    connection: Connection, act_ids: Sequence[int], *, administration_id: int
) -> dict[int, OrderedBack]:
    """Return what of acts was ordered back, by act; those of which nothing was are left out."""
    cursor = await connection.execute(
        QUERIES["select_ordered_back"],
        {"act_ids": list(act_ids), "ended": ENDED_PLACES, "administration_id": administration_id},
    )
    return {act_id: OrderedBack(*rest) for act_id, *rest in await cursor.fetchall()}


async def list_repaid(
    connection: Connection,
    *,
    consignment_ids: Sequence[int] | None = None,
    after_id: int = -1,
    limit: int = 1_000_000,
    administration_id: int,
) -> dict[ChargeKey, int]:
    """Return what of charges was given back, by plans and by acts of repayment, in the order of consignments
    beyond after_id. consignment_ids None: of all. Where limit cuts, it may cut within a consignment."""
    cursor = await connection.execute(
        QUERIES["list_repaid"],
        {
            "consignment_ids": None if consignment_ids is None else list(consignment_ids),
            "after": after_id,
            "limit": limit,
            "administration_id": administration_id,
        },
    )
    return {ChargeKey(*key): amount_minor for *key, amount_minor in await cursor.fetchall()}


async def select_repaid(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> dict[ChargeKey, int]:
    """Return what of the charges of some consignments was given back."""
    return await list_repaid(connection, consignment_ids=consignment_ids, administration_id=administration_id)


async def select_balances(connection: Connection, *, administration_id: int) -> list[Balance]:
    """Return what stands on each account, by phase; those that come to nothing are left out."""
    cursor = await connection.execute(QUERIES["select_balances"], {"administration_id": administration_id})
    return [Balance(Account(*row[:7]), row[7], row[8]) for row in await cursor.fetchall()]


async def list_postings(connection: Connection, *, administration_id: int) -> AsyncIterator[StoredPosting]:
    """Yield all postings, oldest first, some hundred read at a time."""
    after_id = -1
    while found := await select_postings(
        connection, after_id, limit=_PAGE, administration_id=administration_id
    ):
        for one in found:
            yield one
        after_id = found[-1].posting_id


async def select_postings(
    connection: Connection, after_id: int, *, limit: int, administration_id: int
) -> list[StoredPosting]:
    """Return the postings after one, in the order of their ids."""
    cursor = await connection.execute(
        QUERIES["select_postings"],
        {"administration_id": administration_id, "after_id": after_id, "limit": limit},
    )
    found = []
    for posting_id, lines in groupby(await cursor.fetchall(), key=itemgetter(0)):
        held = list(lines)
        _, kind, subject_id, at, salt = held[0][:5]
        entries = [Entry(Account(*one[5:12]), one[12], one[13]) for one in held]
        word: PostingKind = POSTING_KINDS[kind] if 0 <= kind < len(POSTING_KINDS) else "unknown"
        found.append(StoredPosting(posting_id, Posting(word, subject_id, at, entries), salt))
    return found
