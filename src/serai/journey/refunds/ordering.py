"""Placing refund orders: what they take is pending in the ledger from then on."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.copying import TableBuffer
from serai.journey.consignments.act_records import select_family_acts
from serai.journey.ledger import store as ledger_store
from serai.journey.ledger.posting import enter_posting
from serai.journey.ledger.posting_rules import shipped_posting_rules
from serai.journey.linking.case_locks import lock_roots
from serai.journey.recording.payment_entries import ENTERED_KINDS
from serai.journey.refunds import store
from serai.journey.refunds.orders import (
    Moved,
    NewOrder,
    Part,
    due_account,
    moved_entries,
    order_key,
)
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.ledger import KIND_PLACES, Account, Posting
from serai.model.message_text import MessageText
from serai.model.money import format_minor
from serai.model.refunds import Ground

Connection = AsyncConnection[Any]

_SOME_COUNT: Final = 500
"""Payments whose leftovers are ordered back in one transaction."""


class Placed(NamedTuple):
    """What came of orders that were to be placed. known_ids: of those that were there already."""

    order_ids: list[int]
    known_ids: list[int]


async def place_orders(
    services: Services,
    connection: Connection,
    orders: Sequence[NewOrder],
    *,
    account_number: str,
    at: datetime,
) -> Placed:
    """Place orders in the caller's transaction, those that are not there yet; what they take is pending in
    the ledger from then on.

    account_number: the administration's bank account that pays. Cases of their parts are held by the caller.
    Raises SeraiError `refund-exceeds-due`: an account has less due back than is ordered; none is placed.
    """
    if not orders:
        return Placed([], [])
    key = {"administration_id": services.administration_id}
    await store.lock_ordering(connection, **key)
    known = await store.select_known(connection, [one.order_key for one in orders], **key)
    new = list({one.order_key: one for one in orders if one.order_key not in known}.values())
    if new:
        await _check_due(connection, new, **key)
        ids = [int(one) for one in services.ids.take(len(new))]
        buffer = TableBuffer()
        store.insert_orders(buffer, new, ids, account_number=account_number, at=at, **key)
        moved = [
            Moved(due_account(one.party_id, one.number, one.currency_code), account_number, one.amount_minor)
            for one in new
        ]
        await enter_posting(
            services, connection, buffer, Posting("refund", ids[0], at, moved_entries(moved, None, "ordered"))
        )
        await buffer.write(connection)
        return Placed(ids, list(known.values()))
    return Placed([], list(known.values()))


async def _check_due(connection: Connection, orders: Sequence[NewOrder], *, administration_id: int) -> None:
    wanted: Counter[Account] = Counter()
    for one in orders:
        assert 0 <= one.interest_minor <= one.amount_minor, "interest is a part of the amount"
        wanted[due_account(one.party_id, one.number, one.currency_code)] += one.amount_minor
    due = await store.select_due_balances(connection, list(wanted), administration_id=administration_id)
    for account, amount_minor in wanted.items():
        if amount_minor > due.get(account, 0):
            currency = account.currency_code
            raise SeraiError(
                "refund-exceeds-due",
                MessageText(
                    "{ordered} {currency} were to be ordered back where {due} {currency} are due back.",
                    ordered=format_minor(amount_minor, currency),
                    due=format_minor(due.get(account, 0), currency),
                    currency=currency,
                ),
                "Order no more than is due back: see GET /v1/refunds-due.",
            )


async def order_due(
    services: Services,
    connection: Connection,
    case_ids: Sequence[int],
    *,
    account_number: str,
    at: datetime,
    ground: Ground = "overpaid",
    is_by_itself: bool = False,
) -> Placed:
    """Order back what is due in some cases, an order for each payment, in the caller's transaction. Again
    orders nothing: what is ordered is not due. Cases are held. ground: why it is due. is_by_itself: nobody
    asks for it, so that what was ordered before and came to nothing is left to a person."""
    key = {"administration_id": services.administration_id}
    locked = await lock_roots(connection, sorted(set(case_ids)))
    roots = sorted(set(locked.values()))
    acts = await select_family_acts(connection, roots, ENTERED_KINDS, **key)
    act_ids = [done.act.act_id for _, done in acts]
    entered = await ledger_store.select_entered(connection, act_ids, **key)
    ordered = await ledger_store.select_ordered_back(connection, act_ids, **key)
    orders = []
    for root, done in acts:
        if not shipped_posting_rules().payments[done.act.kind].is_paid_back:
            continue
        for entry in entered.get(done.act.act_id, ()):
            account = entry.account
            is_due = account.kind == KIND_PLACES["refunds-due"]
            back = ordered.get(done.act.act_id, _NOTHING)
            amount_minor = -entry.amount_minor - back.amount_minor if is_due else 0
            if amount_minor > 0 and not (is_by_itself and back.orders_count):
                part = Part(done.act.act_id, root, amount_minor)
                orders.append(
                    NewOrder(
                        # How many were placed before: one that was rejected can be placed again.
                        order_key=order_key("act", part.act_id, account.currency_code, back.orders_count),
                        party_id=account.party_id,
                        currency_code=account.currency_code,
                        amount_minor=amount_minor,
                        ground=ground,
                        payee=bytes.fromhex(done.act.parameters.get("payer", "")),
                        number=account.number,
                        case_id=root,
                        parts=(part,),
                    )
                )
    return await place_orders(services, connection, orders, account_number=account_number, at=at)


async def order_some_due(
    services: Services, connection: Connection, after_id: int, *, account_number: str, at: datetime
) -> int | None:
    """Order back what is due of some payments, in the order of their acts, in the caller's transaction.

    Returns the last act that was looked at; None: there is none after it. What was ordered before and came to
    nothing (the bank rejected it, an officer took it back) is left to a person: GET /v1/refunds-due tells it.
    """
    due = await store.list_due(
        connection, after_id=after_id, limit=_SOME_COUNT, administration_id=services.administration_id
    )
    cases = [one.case_id for one in due]
    if cases:
        await order_due(services, connection, cases, account_number=account_number, at=at, is_by_itself=True)
    return due[-1].act_id if due else None


_NOTHING: Final = ledger_store.OrderedBack(0, 0)
