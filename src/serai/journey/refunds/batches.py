"""Sending refund orders to the bank: some together, as one message of pain.001, which is written anew
whenever it is asked for and kept nowhere, as it holds accounts and names.
"""

from datetime import date, datetime
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection
from stdnum import iban as iban_numbers

from serai.formats.iso20022.message import BankAccount, Transfer, TransferBatch, TransferOrder
from serai.formats.iso20022.write_order import write_order
from serai.foundation.id_text import format_id
from serai.journey.documents.not_found import not_found
from serai.journey.processing.transaction import Processor
from serai.journey.refunds import store
from serai.journey.refunds.interest import add_interest
from serai.journey.refunds.order_moves import enter_moves
from serai.journey.refunds.orders import RefundOrder
from serai.journey.refunds.payees import PayeeAccount, open_accounts
from serai.journey.refunds.store import Batch
from serai.journey.services import Services
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]

BATCH_ORDERS_COUNT_MAX: Final = 5_000
"""Orders in one message: banks take no larger ones."""
_REMITTANCE: Final = {
    "overpaid": "Refund of what was overpaid",
    "repayment": "Repayment of duty and tax",
    "returned-goods": "Repayment, goods returned",
    "annulled-charge": "Repayment of an annulled charge",
    "double-charge": "Refund of a second charge",
}


class RefundsToSend(msgspec.Struct, frozen=True):
    """A batch that is to be made. actor: who wants it. The rest as `make_batch` takes it."""

    actor: str
    account_number: str
    currency_code: str
    execution_on: date


class BatchMade(NamedTuple):
    """What came of making a batch. batch None: there was nothing to send. without_account_count: orders that
    wait for their payee to say to which account; erased_count: of those whose account was erased, which are
    asked for it anew."""

    batch: Batch | None
    without_account_count: int
    erased_count: int


async def make_batch(
    processor: Processor,
    actor: str,
    *,
    account_number: str,
    currency_code: str,
    execution_on: date,
    first: Any = None,
) -> BatchMade:
    """Send orders that wait to the bank, at most `BATCH_ORDERS_COUNT_MAX`, oldest first.

    Those whose payee's account is not known, or was erased, stay as they are, with what is due. first: what
    is done before all else in the transaction.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    which: dict[str, Any] = {"account_number": account_number, "currency_code": currency_code, **key}
    async with services.database.write() as connection:
        waiting = await store.select_waiting(connection, limit=BATCH_ORDERS_COUNT_MAX, **which)
    # Opened outside the transaction, as the vault has one of its own; the message opens them again.
    opened = await open_accounts(services, list(waiting.values()), actor, at) if waiting else {}

    async def work(connection: Connection) -> BatchMade:
        if first is not None:
            await first(connection)
        erased = [order_id for order_id, account in waiting.items() if account not in opened]
        await store.refuse_erased(connection, erased, at=at, **key)
        sendable = {order: account for order, account in waiting.items() if account in opened}
        batch = await _send(services, connection, sendable, execution_on, at)
        without = await store.count_without_account(connection, **which)
        return BatchMade(batch, without, len(erased))

    made: BatchMade = await processor.write(work)
    return made


async def _send(
    services: Services,
    connection: Connection,
    accounts: dict[int, int],
    execution_on: date,
    at: datetime,
) -> Batch | None:
    key = {"administration_id": services.administration_id}
    held = await store.lock_orders(connection, accounts, **key)
    sending = [one for one in held if one.status == "ordered"]
    if not sending:
        return None
    sending = await add_interest(services, connection, sending, until=execution_on, at=at)
    batch = Batch(
        batch_id=int(services.ids.take(1)[0]),
        account_number=sending[0].account_number,
        currency_code=sending[0].currency_code,
        sum_minor=sum(one.amount_minor for one in sending),
        orders_count=len(sending),
        made_at=at,
        execution_on=execution_on,
    )
    await enter_moves(services, connection, sending, "sent", at=at)
    await store.insert_batch(connection, batch, **key)
    sent = {one.refund_order_id: accounts[one.refund_order_id] for one in sending}
    await store.send_orders(connection, sent, batch.batch_id, at=at, **key)
    return batch


async def write_batch(processor: Processor, actor: str, batch_id: int, *, payer_name: str) -> bytes:
    """Return a batch as a message of pain.001, the same whenever it is asked for.

    payer_name: the administration, as its bank names it. Raises SeraiError `not-found`,
    `refund-account-erased`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        batch = await store.select_batch(connection, batch_id, **key)
        orders = await store.select_of_batch(connection, batch_id, **key)
        account_ids = await store.select_payee_accounts(connection, batch_id, **key)
    if batch is None:
        raise not_found()
    opened = await open_accounts(services, list(account_ids.values()), actor, at)
    accounts = {order_id: opened.get(account_id) for order_id, account_id in account_ids.items()}
    transfers = []
    for one in orders:
        account = accounts[one.refund_order_id]
        if account is None:
            raise _erased(format_id(one.refund_order_id))
        transfers.append(_transfer(one, account))
    number, is_iban = batch.account_number, iban_numbers.is_valid(batch.account_number)
    own = BankAccount(
        iban=number if is_iban else "",
        other_number="" if is_iban else number,
        currency_code=batch.currency_code,
    )
    name = format_id(batch_id)
    sent = TransferBatch(
        identification=name,
        execution_on=batch.execution_on,
        debtor_name=payer_name,
        debtor_account=own,
        transfers=tuple(transfers),
    )
    message = TransferOrder(
        identification=name,
        created_at=batch.made_at,
        initiator_name=payer_name,
        batches=(sent,),
    )
    return write_order(message)


def _transfer(order: RefundOrder, to: PayeeAccount) -> Transfer:
    name = format_id(order.refund_order_id)
    return Transfer(
        end_to_end_id=name,
        amount_minor=order.amount_minor,
        currency_code=order.currency_code,
        creditor_name=to.name,
        creditor_account=to.bank_account,
        instruction_id=name,
        remittance=f"{_REMITTANCE[order.ground]} {name}",
    )


def _erased(order: str) -> SeraiError:
    return SeraiError(
        "refund-account-erased",
        MessageText(
            "The account of the payee of order {order} was erased after it went into this batch.",
            order=order,
        ),
        "Ask the bank whether it has the message already; if not, have the orders of the batch rejected.",
    )
