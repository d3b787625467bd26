"""What statements are read from: entries of a party's accounts, decisions on its consignments, and what of
payments was taken off their charges."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.model.frames import STATUSES
from serai.model.ledger import KIND_PLACES, Account
from serai.model.packed_detail import Detail, unpack_detail

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

DEFERRED: Final = ("deferred-payments", "advances", "settlements")
"""Kinds of accounts that are settled by period: what goes over them is still to be paid."""
KINDS: Final = (
    *DEFERRED,
    *("prepayments", "amounts-payable", "refunds-due", "securities", "securities-called"),
)
"""Kinds of the accounts that a statement is of."""
_OWING: Final = ("payment-due",)


class Party(NamedTuple):
    """Whose accounts."""

    party_id: int
    administration_id: int


class Between(NamedTuple):
    """From an instant until another, half-open."""

    from_at: datetime
    to_at: datetime


class AccountSum(NamedTuple):
    """What stood on an account in a phase before a period, and what decisions and payments moved in it."""

    account: Account
    phase: int
    before_minor: int
    assessed_minor: int
    paid_minor: int


class PaymentRow(NamedTuple):
    """What a payment moved on an account. act_kind, case_id: None: it was no act."""

    posting_id: int
    posted_at: datetime
    subject_id: int
    account: Account
    amount_minor: int
    act_kind: str | None
    case_id: int | None


class ConsignmentName(NamedTuple):
    """A consignment. reference: its declarant's own."""

    consignment_id: int
    case_id: int
    reference: str


class DecisionRow(NamedTuple):
    """How a consignment was decided. status: place in STATUSES."""

    decided_at: datetime
    status: int
    basis_id: int
    accepted_at: datetime | None
    is_provisional: bool
    detail: Detail


class AllocationRow(NamedTuple):
    """What of a payment was taken off a charge. is_deferred: over an account that is settled later."""

    key: ChargeKey
    posted_at: datetime
    is_deferred: bool
    amount_minor: int


async def select_sums(connection: Connection, of: Party, between: Between) -> list[AccountSum]:
    """Return what stood and moved on a party's accounts."""
    rows = await _rows(connection, "select_sums", of, kinds=_kinds(), **between._asdict())
    return [AccountSum(Account(*row[:7]), *row[7:]) for row in rows]


async def list_payments(
    connection: Connection, of: Party, between: Between, *, limit: int
) -> list[PaymentRow]:
    """Return what payments moved on a party's accounts, oldest first."""
    rows = await _rows(connection, "list_payments", of, kinds=_kinds(), limit=limit, **between._asdict())
    return [
        PaymentRow(posting_id, posted_at, subject_id, Account(*columns), amount, act_kind, case_id)
        for posting_id, posted_at, subject_id, *columns, amount, act_kind, case_id in rows
    ]


async def list_decided(
    connection: Connection, of: Party, from_at: datetime, *, after_id: int, limit: int
) -> list[ConsignmentName]:
    """Return a party's consignments of which something was decided since."""
    rows = await _rows(connection, "list_decided", of, from_at=from_at, after_id=after_id, limit=limit)
    return [ConsignmentName(*row) for row in rows]


async def list_owing(
    connection: Connection, of: Party, *, after_id: int, limit: int
) -> list[ConsignmentName]:
    """Return a party's consignments on which something may be left to pay."""
    statuses = [STATUSES.index(one) for one in _OWING]
    rows = await _rows(connection, "list_owing", of, statuses=statuses, after_id=after_id, limit=limit)
    return [ConsignmentName(*row) for row in rows]


async def select_decisions(
    connection: Connection, of: Party, consignment_ids: Sequence[int], to_at: datetime
) -> dict[int, list[DecisionRow]]:
    """Return how consignments were decided until an instant, oldest first."""
    rows = await _rows(connection, "select_decisions", of, consignment_ids=list(consignment_ids), to_at=to_at)
    found: dict[int, list[DecisionRow]] = defaultdict(list)
    for consignment_id, *columns, detail in rows:
        found[consignment_id].append(_decision(columns, detail))
    return found


async def select_allocations(
    connection: Connection, of: Party, consignment_ids: Sequence[int], to_at: datetime
) -> dict[ChargeKey, list[AllocationRow]]:
    """Return what of payments was taken off the charges of consignments until an instant."""
    rows = await _rows(
        connection,
        "select_allocations",
        of,
        consignment_ids=list(consignment_ids),
        to_at=to_at,
        deferred=[KIND_PLACES[one] for one in DEFERRED],
    )
    found: dict[ChargeKey, list[AllocationRow]] = defaultdict(list)
    for *columns, posted_at, is_deferred, amount_minor in rows:
        key = ChargeKey(*columns)
        found[key].append(AllocationRow(key, posted_at, is_deferred, amount_minor))
    return found


async def select_references(connection: Connection, of: Party, case_ids: Sequence[int]) -> dict[int, str]:
    """Return what the first consignment of each case is called."""
    return dict(await _rows(connection, "select_references", of, case_ids=list(case_ids)))


async def select_first_posted(connection: Connection, of: Party) -> datetime | None:
    """Return when something was first entered on a party's accounts; None: nothing was."""
    ((first,),) = await _rows(connection, "select_first_posted", of, kinds=_kinds())
    assert first is None or isinstance(first, datetime), "posted_at is an instant"
    return first


async def select_party_name(connection: Connection, of: Party) -> str | None:
    """Return what a party is called; None: there is none."""
    rows = await _rows(connection, "select_party_name", of)
    return str(rows[0][0]) if rows else None


def _decision(columns: Sequence[Any], detail: bytes) -> DecisionRow:
    decided_at, status, basis_id, accepted_at, is_provisional = columns
    return DecisionRow(decided_at, status, basis_id, accepted_at, is_provisional, unpack_detail(detail))


def _kinds() -> list[int]:
    return [KIND_PLACES[one] for one in KINDS]


async def _rows(connection: Connection, query: str, of: Party, **values: object) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(QUERIES[query], {**of._asdict(), **values})
    return await cursor.fetchall()
