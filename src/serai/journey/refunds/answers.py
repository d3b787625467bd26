"""What the bank answers to refund orders: reports of status (pain.002), and movements on the account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from psycopg import AsyncConnection

from serai.formats.iso20022.message import StatusReason, StatusReport
from serai.foundation.id_text import parse_id
from serai.journey.processing.transaction import Processor
from serai.journey.refunds import store
from serai.journey.refunds.order_moves import move_orders
from serai.journey.refunds.orders import RefundOrder
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.refunds import Status

Connection = AsyncConnection[Any]

_STATUSES: Final[dict[str, Status]] = {
    "RJCT": "rejected",
    **dict.fromkeys(("ACTC", "ACCP", "ACSP", "ACSC", "ACWC", "ACWP", "ACCC", "ACFC", "ACPD"), "accepted"),
}
"""By the bank's status (ISO 20022 external code sets, payment status): what an order comes to. Executed is
what the statement of the account says, and nothing else; PDNG, RCVD and PART change nothing."""
_OF_ACCOUNTS: Final = ("AC", "BE01", "RR01")
"""How reasons begin that say that the account is not, or is not the payee's (external status reasons)."""

Outcome = Literal["refund-executed", "refund-returned", "refund-executed-twice", "refund-differs"]


class Answered(NamedTuple):
    """What came of a report: orders by what they came to; unknown_count: of what it names and is none of
    ours."""

    accepted_count: int
    rejected_count: int
    unchanged_count: int
    unknown_count: int


class Told(NamedTuple):
    """A movement of an own account that may be of an order. amount_minor: below zero, it left the account.
    order_id, batch_id: of which it says it is; None: it does not say."""

    order_id: int | None
    batch_id: int | None
    amount_minor: int
    currency_code: str
    account_number: str
    reason_code: str


async def take_report(
    processor: Processor, connection: Connection, report: StatusReport, *, at: datetime
) -> Answered:
    """Move orders as a report says, in the caller's transaction; the same again changes nothing.

    A rejected order is due again. Raises SeraiError `refund-batch-unknown`.
    """
    services = processor.services
    key = {"administration_id": services.administration_id}
    batch_id = read_id(report.original_identification)
    orders = [] if batch_id is None else await store.select_of_batch(connection, batch_id, **key)
    if not orders:
        raise SeraiError(
            "refund-batch-unknown",
            "The report is of a message that was not sent from here.",
            "Check that it belongs to this administration: see GET /v1/refund-batches.",
        )
    said = {one.refund_order_id: (report.status_code, report.reasons) for one in orders}
    unknown_count = 0
    for batch in report.batches:
        if batch.status_code:
            said |= dict.fromkeys(said, (batch.status_code, batch.reasons))
        for one in batch.transfers:
            order_id = read_id(one.original_end_to_end_id or one.original_instruction_id)
            if order_id in said:
                said[order_id] = (one.status_code, one.reasons)
            else:
                unknown_count += 1
    moves: dict[tuple[Status, str], list[int]] = {}
    for order_id, (code, reasons) in said.items():
        status = _STATUSES.get(code)
        if status is not None:
            reason = _reason_of(reasons) if status == "rejected" else ""
            moves.setdefault((status, reason), []).append(order_id)
    counts = {"accepted": 0, "rejected": 0}
    for (status, reason), ids in sorted(moves.items()):
        moved = await move_orders(processor, connection, ids, status, reason_code=reason, at=at)
        counts[status] += len(moved)
        if status == "rejected":
            await _refuse_accounts(services, connection, moved, reason, at)
    unchanged_count = len(said) - sum(counts.values())
    return Answered(counts["accepted"], counts["rejected"], unchanged_count, unknown_count)


async def take_movements(
    processor: Processor, connection: Connection, told: Sequence[Told], *, at: datetime
) -> list[tuple[Outcome, int] | None]:
    """Say of each movement which order or batch it executes, or sends back, and move that, in the caller's
    transaction. None: it is of no order."""
    return [await _take(processor, connection, one, at) for one in told]


async def _take(
    processor: Processor, connection: Connection, told: Told, at: datetime
) -> tuple[Outcome, int] | None:
    services = processor.services
    key = {"administration_id": services.administration_id}
    orders: list[RefundOrder] = []
    subject = told.order_id
    if told.order_id is not None:
        orders = await store.lock_orders(connection, [told.order_id], **key)
    if not orders and told.batch_id is not None:
        # The bank books a batch in one sum: what it has rejected is not in it.
        of_batch = await store.select_of_batch(connection, told.batch_id, **key)
        held = await store.lock_orders(connection, [one.refund_order_id for one in of_batch], **key)
        orders, subject = [one for one in held if one.status != "rejected"], told.batch_id
    if not orders or subject is None:
        return None
    sum_minor = sum(one.amount_minor for one in orders)
    if any(
        (one.currency_code, one.account_number) != (told.currency_code, told.account_number) for one in orders
    ) or sum_minor != abs(told.amount_minor):
        return "refund-differs", subject
    after: Status = "executed" if told.amount_minor < 0 else "returned"
    ids = [one.refund_order_id for one in orders]
    wanted = {"executed": {"sent", "accepted"}, "returned": {"executed"}}[after]
    if any(one.status not in wanted for one in orders):
        return ("refund-executed-twice" if after == "executed" else "refund-differs"), subject
    moved = await move_orders(processor, connection, ids, after, reason_code=told.reason_code, at=at)
    if after == "returned":
        await _refuse_accounts(services, connection, moved, told.reason_code, at)
        return "refund-returned", subject
    return "refund-executed", subject


async def _refuse_accounts(
    services: Services, connection: Connection, orders: Sequence[RefundOrder], reason: str, at: datetime
) -> None:
    """Ask payees for another account where the bank will not have theirs."""
    if reason.startswith(_OF_ACCOUNTS):
        await store.refuse_accounts(
            connection,
            [one.refund_order_id for one in orders],
            at=at,
            administration_id=services.administration_id,
        )


def read_id(text: str) -> int | None:
    """Return the id of an order or batch that a bank gives back; None: it is none of ours."""
    try:
        return parse_id(text)
    except SeraiError:
        return None


def _reason_of(reasons: Sequence[StatusReason]) -> str:
    return next((one.code or one.own_code for one in reasons if one.code or one.own_code), "")[:35]
