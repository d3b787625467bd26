"""Refund orders, their batches and their payees' accounts, as they are kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.copying import TableBuffer
from serai.foundation.queries import load_queries
from serai.journey.ledger import store as ledger_store
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.refunds.orders import NewOrder, RefundOrder, due_account
from serai.model.ledger import KIND_PLACES, Account
from serai.model.refunds import ENDED_PLACES, GROUNDS, STATUSES, Status

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]

list_repaid = ledger_store.list_repaid

_GROUND_PLACES: Final = {one: place for place, one in enumerate(GROUNDS)}


class DuePayment(NamedTuple):
    """What of a payment is left over and not ordered back. party_id, number: as the ledger tells who paid;
    payee: pseudonym of the bank account that paid; b"": the party itself."""

    act_id: int
    case_id: int
    party_id: int
    currency_code: str
    number: str
    amount_minor: int
    paid_at: datetime
    payee: bytes


class Batch(NamedTuple):
    """Orders that went to the bank together. account_number: the administration's own."""

    batch_id: int
    account_number: str
    currency_code: str
    sum_minor: int
    orders_count: int
    made_at: datetime
    execution_on: date


class KnownAccount(NamedTuple):
    """That a payee has said to which account it is paid. refused_at: since when banks will not have it."""

    payee_account_id: int
    given_at: datetime
    refused_at: datetime | None


async def lock_ordering(connection: Connection, *, administration_id: int) -> None:
    """Hold the right to place orders to the end of the transaction."""
    await connection.execute(QUERIES["lock_ordering"], {"administration_id": administration_id})


async def select_known(
    connection: Connection, keys: Sequence[bytes], *, administration_id: int
) -> dict[bytes, int]:
    """Return which keys have an order already, and which."""
    cursor = await connection.execute(
        QUERIES["select_known"], {"keys": list(keys), "administration_id": administration_id}
    )
    return {bytes(key): order_id for key, order_id in await cursor.fetchall()}


async def select_due_balances(
    connection: Connection, accounts: Sequence[Account], *, administration_id: int
) -> dict[Account, int]:
    """Return what is due back on accounts of the kind refunds-due, less what is ordered: minor units."""
    cursor = await connection.execute(
        QUERIES["select_due_balances"],
        {
            "party_ids": [one.party_id for one in accounts],
            "currencies": [one.currency_code for one in accounts],
            "numbers": [one.number for one in accounts],
            "kind": KIND_PLACES["refunds-due"],
            "administration_id": administration_id,
        },
    )
    return {
        due_account(party_id, number, currency_code): amount_minor
        for party_id, currency_code, number, amount_minor in await cursor.fetchall()
    }


async def list_due(
    connection: Connection, *, after_id: int, limit: int, administration_id: int
) -> list[DuePayment]:
    """Return payments of which something is due back, in the order of their acts."""
    cursor = await connection.execute(
        QUERIES["list_due"],
        {
            "after": after_id,
            "limit": limit,
            "kind": KIND_PLACES["refunds-due"],
            "ended": ENDED_PLACES,
            "kinds": [kind for kind, one in shipped_posting_rules().payments.items() if one.is_paid_back],
            "administration_id": administration_id,
        },
    )
    rows = [[*columns, bytes.fromhex(payee or "")] for *columns, payee in await cursor.fetchall()]
    return [DuePayment(*row) for row in rows]


def insert_orders(
    buffer: TableBuffer,
    orders: Sequence[NewOrder],
    ids: Sequence[int],
    *,
    account_number: str,
    at: datetime,
    administration_id: int,
) -> None:
    """Append orders and their parts."""
    count = len(orders)
    moments = arrow.moments([at] * count)
    buffer.add(
        "refund_order",
        arrow.table(
            refund_order_id=arrow.int64(ids),
            party_id=arrow.int64([one.party_id for one in orders]),
            case_id=arrow.int64([one.case_id for one in orders]),
            amount_minor=arrow.int64([one.amount_minor for one in orders]),
            interest_minor=arrow.int64([one.interest_minor for one in orders]),
            plan_id=arrow.int64([one.plan_id for one in orders]),
            ordered_at=moments,
            changed_at=moments,
            administration_id=arrow.int16([administration_id] * count),
            ground=arrow.int16([_GROUND_PLACES[one.ground] for one in orders]),
            status=arrow.int16([0] * count),
            currency_code=arrow.texts([one.currency_code for one in orders]),
            number=arrow.texts([one.number for one in orders]),
            law_reference=arrow.texts([one.law_reference for one in orders]),
            account_number=arrow.texts([account_number] * count),
            reason_code=arrow.texts([""] * count),
            order_key=arrow.blobs([one.order_key for one in orders]),
            payee=arrow.blobs([one.payee for one in orders]),
        ),
    )
    parts = [(order_id, part) for order_id, one in zip(ids, orders, strict=True) for part in one.parts]
    if parts:
        buffer.add(
            "refund_part",
            arrow.table(
                refund_order_id=arrow.int64([order_id for order_id, _ in parts]),
                act_id=arrow.int64([part.act_id for _, part in parts]),
                case_id=arrow.int64([part.case_id for _, part in parts]),
                amount_minor=arrow.int64([part.amount_minor for _, part in parts]),
                administration_id=arrow.int16([administration_id] * len(parts)),
            ),
        )


def insert_repaid(
    buffer: TableBuffer,
    repaid: Sequence[tuple[int, ChargeKey, int]],
    *,
    administration_id: int,
) -> None:
    """Append what of charges was given back: source, charge, minor units (below zero: taken back)."""
    count = len(repaid)
    keys = [key for _, key, _ in repaid]
    buffer.add(
        "charge_repayment",
        arrow.table(
            source_id=arrow.int64([source_id for source_id, _, _ in repaid]),
            consignment_id=arrow.int64([one.consignment_id for one in keys]),
            amount_minor=arrow.int64([amount for _, _, amount in repaid]),
            administration_id=arrow.int16([administration_id] * count),
            sequence_number=arrow.int16([one.sequence_number for one in keys]),
            tax_type_code=arrow.texts([one.tax_type_code for one in keys]),
            debtor_code=arrow.texts([one.debtor_code for one in keys]),
            currency_code=arrow.texts([one.currency_code for one in keys]),
        ),
    )


async def list_orders(
    connection: Connection,
    *,
    party_id: int | None = None,
    case_ids: Sequence[int] | None = None,
    status: Status | None = None,
    after_id: int = -1,
    limit: int,
    administration_id: int,
) -> list[RefundOrder]:
    """Return orders in the order in which they were placed; None: of all parties, cases, statuses."""
    cursor = await connection.execute(
        QUERIES["list_orders"],
        {
            "party_id": party_id,
            "case_ids": None if case_ids is None else list(case_ids),
            "status": None if status is None else STATUSES.index(status),
            "after": after_id,
            "limit": limit,
            "administration_id": administration_id,
        },
    )
    return [_order(row) for row in await cursor.fetchall()]


async def list_waiting_and_back(
    connection: Connection, *, limit: int, administration_id: int
) -> tuple[list[RefundOrder], list[RefundOrder]]:
    """Return orders that wait for a batch, oldest first, and those that banks sent back, newest first."""
    found = []
    for name in ("list_oldest_waiting", "list_came_back"):
        cursor = await connection.execute(
            QUERIES[name], {"limit": limit, "administration_id": administration_id}
        )
        found.append([_order(row) for row in await cursor.fetchall()])
    return found[0], found[1]


async def list_newest_of_party(
    connection: Connection, party_id: int, *, limit: int, administration_id: int
) -> list[RefundOrder]:
    """Return the newest orders that pay a party itself back."""
    cursor = await connection.execute(
        QUERIES["list_newest_of_party"],
        {"party_id": party_id, "limit": limit, "administration_id": administration_id},
    )
    return [_order(row) for row in await cursor.fetchall()]


async def lock_orders(
    connection: Connection, ids: Iterable[int], *, administration_id: int
) -> list[RefundOrder]:
    """Hold orders to the end of the transaction; those that are not there are left out."""
    cursor = await connection.execute(
        QUERIES["lock_orders"], {"ids": sorted(set(ids)), "administration_id": administration_id}
    )
    return [_order(row) for row in await cursor.fetchall()]


async def select_of_batch(
    connection: Connection, batch_id: int, *, administration_id: int
) -> list[RefundOrder]:
    """Return the orders of a batch."""
    cursor = await connection.execute(
        QUERIES["select_of_batch"], {"batch_id": batch_id, "administration_id": administration_id}
    )
    return [_order(row) for row in await cursor.fetchall()]


async def select_waiting(
    connection: Connection,
    *,
    account_number: str,
    currency_code: str,
    after_id: int = -1,
    limit: int,
    administration_id: int,
) -> dict[int, int]:
    """Return orders that can go to the bank, each with its payee's account."""
    cursor = await connection.execute(
        QUERIES["select_waiting"],
        {
            "account_number": account_number,
            "currency_code": currency_code,
            "after": after_id,
            "limit": limit,
            "administration_id": administration_id,
        },
    )
    return dict(await cursor.fetchall())


async def count_without_account(
    connection: Connection, *, account_number: str, currency_code: str, administration_id: int
) -> int:
    """Return how many orders wait for their payee to say to which account."""
    cursor = await connection.execute(
        QUERIES["count_without_account"],
        {
            "account_number": account_number,
            "currency_code": currency_code,
            "administration_id": administration_id,
        },
    )
    row = await cursor.fetchone()
    assert row is not None, "a count is a row"
    return int(row[0])


async def select_payee_accounts(
    connection: Connection, batch_id: int, *, administration_id: int
) -> dict[int, int]:
    """Return to which account each order of a batch goes."""
    cursor = await connection.execute(
        QUERIES["select_payee_accounts"], {"batch_id": batch_id, "administration_id": administration_id}
    )
    return dict(await cursor.fetchall())


async def select_cases_of(connection: Connection, ids: Sequence[int], *, administration_id: int) -> list[int]:
    """Return the cases of orders; those of several cases, or of none, are left out."""
    cursor = await connection.execute(
        QUERIES["select_cases_of"], {"ids": list(ids), "administration_id": administration_id}
    )
    return [case_id for (case_id,) in await cursor.fetchall()]


async def select_orders_of_act(connection: Connection, act_id: int, *, administration_id: int) -> list[int]:
    """Return orders that wait and give back this payment."""
    cursor = await connection.execute(
        QUERIES["select_orders_of_act"], {"act_id": act_id, "administration_id": administration_id}
    )
    return [order_id for (order_id,) in await cursor.fetchall()]


async def send_orders(
    connection: Connection,
    account_ids: Mapping[int, int],
    batch_id: int,
    *,
    at: datetime,
    administration_id: int,
) -> None:
    """Note in which batch held orders go to the bank, and to which account."""
    await connection.execute(
        QUERIES["send_orders"],
        {
            "ids": list(account_ids),
            "account_ids": list(account_ids.values()),
            "batch_id": batch_id,
            "at": at,
            "administration_id": administration_id,
        },
    )


async def move_orders(
    connection: Connection,
    ids: Sequence[int],
    status: Status,
    *,
    reason_code: str,
    at: datetime,
    administration_id: int,
) -> None:
    """Note how held orders now stand."""
    await connection.execute(
        QUERIES["move_orders"],
        {
            "ids": list(ids),
            "status": STATUSES.index(status),
            "reason_code": reason_code,
            "at": at,
            "administration_id": administration_id,
        },
    )


async def select_account_days(
    connection: Connection, ids: Sequence[int], *, administration_id: int
) -> dict[int, datetime]:
    """Return by order when its payee last said to which account it is paid."""
    return await _select_days(connection, "select_account_days", ids, administration_id)


async def select_payment_days(
    connection: Connection, ids: Sequence[int], *, administration_id: int
) -> dict[int, datetime]:
    """Return by order when what it gives back was paid."""
    return await _select_days(connection, "select_payment_days", ids, administration_id)


async def _select_days(
    connection: Connection, query: str, ids: Sequence[int], administration_id: int
) -> dict[int, datetime]:
    cursor = await connection.execute(
        QUERIES[query], {"ids": list(ids), "administration_id": administration_id}
    )
    return dict(await cursor.fetchall())


async def add_interest(
    connection: Connection, orders: Sequence[RefundOrder], *, administration_id: int
) -> None:
    """Keep the interest of held orders that had none, as they now stand."""
    await connection.execute(
        QUERIES["add_interest"],
        {
            "ids": [one.refund_order_id for one in orders],
            "interests": [one.interest_minor for one in orders],
            "whys": [one.interest_why for one in orders],
            "references": [one.law_reference for one in orders],
            "administration_id": administration_id,
        },
    )


async def insert_batch(connection: Connection, batch: Batch, *, administration_id: int) -> None:
    """Keep a batch."""
    await connection.execute(
        QUERIES["insert_batch"], batch._asdict() | {"administration_id": administration_id}
    )


async def list_batches(
    connection: Connection, *, before_id: int, limit: int, administration_id: int
) -> list[Batch]:
    """Return batches, the newest first."""
    cursor = await connection.execute(
        QUERIES["list_batches"],
        {"before": before_id, "limit": limit, "administration_id": administration_id},
    )
    return [Batch(*row) for row in await cursor.fetchall()]


async def select_batch(connection: Connection, batch_id: int, *, administration_id: int) -> Batch | None:
    """Return a batch; None: there is none of this id."""
    cursor = await connection.execute(
        QUERIES["select_batch"], {"batch_id": batch_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else Batch(*row)


async def put_account(
    connection: Connection,
    party_id: int,
    payee: bytes,
    payee_account_id: int,
    *,
    at: datetime,
    administration_id: int,
) -> None:
    """Note to which account a payee is paid from now on."""
    await connection.execute(
        QUERIES["put_account"],
        {
            "party_id": party_id,
            "payee": payee,
            "payee_account_id": payee_account_id,
            "at": at,
            "administration_id": administration_id,
        },
    )


async def select_account(
    connection: Connection, party_id: int, payee: bytes, *, administration_id: int
) -> KnownAccount | None:
    """Return what is known of a payee's account; None: nothing. Closed to readers."""
    cursor = await connection.execute(
        QUERIES["select_account"],
        {"party_id": party_id, "payee": payee, "administration_id": administration_id},
    )
    row = await cursor.fetchone()
    return None if row is None else KnownAccount(*row)


async def select_known_payees(
    connection: Connection, party_id: int, payees: Sequence[tuple[int, bytes]], *, administration_id: int
) -> frozenset[tuple[int, bytes]]:
    """Return of which payees an account is known. payees: each with party_id, of which all are."""
    if not payees:
        return frozenset()
    cursor = await connection.execute(
        QUERIES["select_known_payees"],
        {
            "party_id": party_id,
            "payees": [payee for _, payee in payees],
            "administration_id": administration_id,
        },
    )
    return frozenset((party_id, bytes(payee)) for (payee,) in await cursor.fetchall())


async def refuse_accounts(
    connection: Connection, ids: Sequence[int], *, at: datetime, administration_id: int
) -> None:
    """Note that banks will not have the accounts of some orders."""
    await connection.execute(
        QUERIES["refuse_accounts"], {"ids": list(ids), "at": at, "administration_id": administration_id}
    )


async def refuse_erased(
    connection: Connection, ids: Sequence[int], *, at: datetime, administration_id: int
) -> None:
    """Note that the accounts of waiting orders were erased: their payees are asked anew."""
    if ids:
        await connection.execute(
            QUERIES["refuse_erased"], {"ids": list(ids), "at": at, "administration_id": administration_id}
        )


def _order(row: tuple[Any, ...]) -> RefundOrder:
    order_id, party_id, payee, number, case_id, amount, interest, currency, ground, status, *rest = row
    return RefundOrder(
        order_id,
        party_id,
        bytes(payee),
        number,
        case_id,
        amount,
        interest,
        currency,
        GROUNDS[ground],
        STATUSES[status],
        *rest,
    )
