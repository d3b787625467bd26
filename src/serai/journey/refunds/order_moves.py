"""Moving refund orders: each step enters what it changes in the ledger. What an order that ends without money
was to give back counts as paid again, so its case is decided anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import AsyncConnection

from serai.foundation.copying import TableBuffer
from serai.journey.documents.not_found import not_found
from serai.journey.ledger.posting import enter_posting
from serai.journey.linking.case_locks import lock_roots
from serai.journey.matching import store as matching_store
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.recording.payment_entries import enter_payments
from serai.journey.refunds import store
from serai.journey.refunds.orders import RefundOrder, moved_entries, moved_of
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN
from serai.model.ledger import Posting
from serai.model.refunds import ENDED_WITHOUT_MONEY, MOVES, Status

Connection = AsyncConnection[Any]

WITHDRAWN_BY_OFFICER: Final = "withdrawn"
NO_LONGER_DUE: Final = "no-longer-due"


async def move_orders(
    processor: Processor,
    connection: Connection,
    ids: Sequence[int],
    status: Status,
    *,
    reason_code: str = "",
    at: datetime,
) -> list[RefundOrder]:
    """Move orders that may move so, in the caller's transaction, and enter it; return those that moved, as
    they stood. The others are left as they are."""
    services = processor.services
    cases = await _hold_cases(services, connection, ids) if status in ENDED_WITHOUT_MONEY else {}
    moved = await _move(services, connection, ids, status, reason_code=reason_code, at=at)
    roots = sorted({cases[one.case_id] for one in moved if one.case_id in cases})
    if roots:
        await _count_as_paid(processor, connection, roots, at)
    return moved


async def _hold_cases(services: Services, connection: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Hold the cases of orders, as whoever places these does: before the orders. Return the survivor of
    each."""
    cases = await store.select_cases_of(connection, ids, administration_id=services.administration_id)
    return await lock_roots(connection, cases)


async def _count_as_paid(
    processor: Processor, connection: Connection, roots: Sequence[int], at: datetime
) -> None:
    """Decide held cases anew in which payments count whole again, and enter what these pay."""
    services = processor.services
    declared = await matching_store.select_declared(
        connection, roots, withdrawn=WITHDRAWN, administration_id=services.administration_id
    )
    ids = sorted({one.consignment_id for one in declared})
    await redetermine(services, connection, processor.law, ids, at)
    await enter_payments(services, connection, roots, at)


async def withdraw_undue(services: Services, connection: Connection, act_id: int, *, at: datetime) -> None:
    """Withdraw orders that wait and give back a payment that was taken back, in the transaction that takes it
    back: nothing of it is due. What went to the bank already stays as it is."""
    waiting = await store.select_orders_of_act(
        connection, act_id, administration_id=services.administration_id
    )
    await _move(services, connection, waiting, "withdrawn", reason_code=NO_LONGER_DUE, at=at)


async def _move(
    services: Services,
    connection: Connection,
    ids: Iterable[int],
    status: Status,
    *,
    reason_code: str,
    at: datetime,
) -> list[RefundOrder]:
    held = await store.lock_orders(connection, ids, administration_id=services.administration_id)
    moving = [one for one in held if status in MOVES[one.status]]
    await enter_moves(services, connection, moving, status, at=at)
    await store.move_orders(
        connection,
        [one.refund_order_id for one in moving],
        status,
        reason_code=reason_code,
        at=at,
        administration_id=services.administration_id,
    )
    return moving


async def enter_moves(
    services: Services, connection: Connection, moving: Sequence[RefundOrder], status: Status, *, at: datetime
) -> None:
    """Enter that held orders come to a status."""
    by_status: dict[Status, list[RefundOrder]] = defaultdict(list)
    for one in moving:
        by_status[one.status].append(one)
    for before, orders in sorted(by_status.items()):
        entries = moved_entries(moved_of(orders), before, status)
        buffer = TableBuffer()
        await enter_posting(
            services, connection, buffer, Posting("refund", orders[0].refund_order_id, at, entries)
        )
        await buffer.write(connection)


async def withdraw_order(
    processor: Processor, connection: Connection, order_id: int, *, at: datetime
) -> RefundOrder:
    """Withdraw an order that has not gone to the bank: what it was for is due back again. Again changes
    nothing. Raises SeraiError `not-found`, `refund-order-sent`."""
    key = {"administration_id": processor.services.administration_id}
    moved = await move_orders(
        processor, connection, [order_id], "withdrawn", reason_code=WITHDRAWN_BY_OFFICER, at=at
    )
    found = await store.lock_orders(connection, [order_id], **key)
    if not found:
        raise not_found()
    if not moved and found[0].status != "withdrawn":
        raise SeraiError(
            "refund-order-sent",
            "The order went to the bank and cannot be withdrawn.",
            "Wait for what the bank answers; ask the bank to recall it where it must not be paid.",
        )
    return found[0]
