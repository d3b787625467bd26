"""`serai payment`: what is due back is ordered, sent to the bank, and what the bank answers is taken."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from serai.app import Node, open_node, running_database
from serai.cli.input_file import InputPath, read_input
from serai.cli.node import Node as CommandNode
from serai.cli.node import operator_name
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.cli.proposal import print_waiting, propose_instead
from serai.formats.iso20022.message import StatusReport
from serai.formats.iso20022.read import read_bank_message
from serai.foundation.access.store import ProposalRow
from serai.foundation.clock import SystemClock
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings_reading import read_settings_here
from serai.journey.refunds import store
from serai.journey.refunds.answers import Answered, take_report
from serai.journey.refunds.batches import BatchMade, RefundsToSend, make_batch, write_batch
from serai.journey.refunds.ordering import Placed, order_due
from serai.journey.refunds.orders import RefundOrder
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.model.refunds import Status

_PAGE_COUNT = 500
_COLUMNS = ("order", "amount", "currency_code", "ground", "status", "reason_code", "ordered_at")


def refund(*, output: OutputOption = None) -> int:
    """Order back all that is due to whoever paid it. Again orders nothing twice."""
    count, known = asyncio.run(_order_all())
    print_facts({"ordered_count": count, "looked_at_count": known}, choose_output(output))
    return 0


def orders(
    *,
    status: Annotated[Status | None, Parameter(help="Only orders that stand so.")] = None,
    output: OutputOption = None,
) -> int:
    """List refund orders, oldest first, and how they stand."""
    rows = [
        {
            "order": format_id(one.refund_order_id),
            "amount": format_minor(one.amount_minor, one.currency_code),
            "currency_code": one.currency_code,
            "ground": one.ground,
            "status": one.status,
            "reason_code": one.reason_code,
            "ordered_at": one.ordered_at.isoformat(timespec="seconds"),
        }
        for one in asyncio.run(_list(status))
    ]
    print_rows(rows, choose_output(output), _COLUMNS)
    return 0


def send(file: Path, /, *, currency: str, batch: str | None = None, output: OutputOption = None) -> int:
    """Send refund orders that wait to the bank: write them as a message of ISO 20022 pain.001. Exit code 1:
    some wait for their payee's account.

    Parameters
    ----------
    file
        Where the message is written. It holds accounts and names.
    currency
        In which the orders are.
    batch
        A batch that was made before, whose message is written again.
    """
    form = choose_output(output)
    done = asyncio.run(_send(file, currency, None if batch is None else parse_id(batch)))
    if isinstance(done, ProposalRow):
        print_waiting(done, form)
        return 0
    if isinstance(done, int):
        print_facts({"batch": format_id(done)}, form)
        return 0
    facts: dict[str, Any] = {"batch": None if done.batch is None else format_id(done.batch.batch_id)}
    if done.batch is not None:
        facts |= {
            "orders_count": done.batch.orders_count,
            "amount": format_minor(done.batch.sum_minor, done.batch.currency_code),
        }
    print_facts(
        facts
        | {
            "without_account_count": done.without_account_count,
            "erased_count": done.erased_count,
        },
        form,
    )
    return 1 if done.without_account_count else 0


def answer(file: InputPath, /, *, output: OutputOption = None) -> int:
    """Take what the bank says of a batch. Exit code 1: it has rejected some, or names what is none of ours.

    Parameters
    ----------
    file
        XML as the bank sent it: pain.002 of ISO 20022.
    """
    done = asyncio.run(_answer(read_input(file)))
    print_facts(done._asdict(), choose_output(output))
    return 1 if done.rejected_count or done.unknown_count else 0


@asynccontextmanager
async def _node() -> AsyncIterator[Node]:
    settings = read_settings_here()
    with running_database(settings, SystemClock()) as dsn:
        async with open_node(settings, dsn) as node:
            yield node


async def _order_all() -> tuple[int, int]:
    ordered_count, known_count, after_id = 0, 0, -1
    async with _node() as node:
        account = _first_account(node)
        while True:
            async with node.database.read(node.administration_id) as connection:
                due = await store.list_due(
                    connection,
                    after_id=after_id,
                    limit=_PAGE_COUNT,
                    administration_id=node.administration_id,
                )
            if not due:
                return ordered_count, known_count
            after_id, known_count = due[-1].act_id, known_count + len(due)
            case_ids = [one.case_id for one in due]

            async def work(connection: Any, case_ids: list[int] = case_ids) -> Placed:
                return await order_due(
                    node.processor.services,
                    connection,
                    case_ids,
                    account_number=account,
                    at=node.clock.now(),
                )

            placed: Placed = await node.processor.write(work)
            ordered_count += len(placed.order_ids)


async def _list(status: Status | None) -> list[RefundOrder]:
    found: list[RefundOrder] = []
    async with _node() as node, node.database.read(node.administration_id) as connection:
        while True:
            page = await store.list_orders(
                connection,
                status=status,
                after_id=found[-1].refund_order_id if found else -1,
                limit=_PAGE_COUNT,
                administration_id=node.administration_id,
            )
            found += page
            if len(page) < _PAGE_COUNT:
                return found


async def _send(file: Path, currency: str, batch_id: int | None) -> BatchMade | ProposalRow | int:
    async with _node() as node:
        made: BatchMade | int
        if batch_id is None:
            content = RefundsToSend(
                operator_name(), _first_account(node), currency, node.clock.now().astimezone(UTC).date()
            )
            waiting = await propose_instead(
                CommandNode(node.settings, node.database, node.ids, node.administration_id, node.clock),
                content,
                subject=f"refunds in {currency} from {content.account_number[-4:]}",
            )
            if waiting is not None:
                return waiting
            made = await make_batch(
                node.processor,
                content.actor,
                account_number=content.account_number,
                currency_code=currency,
                execution_on=content.execution_on,
            )
            if made.batch is None:
                return made
            batch_id = made.batch.batch_id
        else:
            made = batch_id
        message = await write_batch(
            node.processor,
            operator_name(),
            batch_id,
            payer_name=node.settings.payment.payee or node.settings.administration.code,
        )
        file.write_bytes(message)
        return made


async def _answer(content: bytes) -> Answered:
    report, _ = read_bank_message(content)
    if not isinstance(report, StatusReport):
        raise SeraiError(
            "refund-status-unreadable",
            "This is no report on an order that can be read: pain.002 is.",
            "Check it with `serai check --format iso20022`, which says what is wrong and where.",
        )
    async with _node() as node:

        async def work(connection: Any) -> Answered:
            return await take_report(node.processor, connection, report, at=node.clock.now())

        answered: Answered = await node.processor.write(work)
        return answered


def _first_account(node: Node) -> str:
    accounts = node.settings.payment.accounts.split()
    if not accounts:
        raise SeraiError(
            "account-not-set",
            "No bank account of the administration is set.",
            "Name it in the setting payment.accounts.",
        )
    return accounts[0]
