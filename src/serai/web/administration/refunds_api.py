"""HTTP for money that goes back: what is due, orders and batches for the bank, what the bank answers, and to
which account a party is paid."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.app import Node
from serai.formats.iso20022.message import StatusReport
from serai.formats.iso20022.read import read_bank_message
from serai.foundation.access.administering import NEWEST
from serai.foundation.http.body import open_body
from serai.foundation.http.negotiation import XML_MEDIA_TYPES
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.documents.not_found import not_found
from serai.journey.refunds import store
from serai.journey.refunds.answers import Answered, take_report
from serai.journey.refunds.batches import RefundsToSend, make_batch, write_batch
from serai.journey.refunds.order_moves import withdraw_order
from serai.journey.refunds.ordering import Placed, order_due
from serai.journey.refunds.orders import RefundOrder
from serai.journey.refunds.payees import PayeeAccount, give_account
from serai.journey.refunds.store import Batch, DuePayment
from serai.journey.repayments.interest import KNOWN, Why
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.model.refunds import STATUS_SENTENCES, Ground, Status
from serai.web.access_to_approve import waits
from serai.web.administering_api import (
    PLAIN_TEXT,
    After,
    AnyRequest,
    Limit,
    acting_user_of,
    problem,
    request_bytes_max,
    whose_rows,
)
from serai.web.approvals_api import WAITS, answer_waiting

_Id = Annotated[str, Meta(min_length=1, max_length=35)]
_Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
StatusWanted = Annotated[Status | None, QueryParameter(description="Only orders that stand so.")]


class DueOut(msgspec.Struct, frozen=True):
    """What of a payment is due back and not ordered. act: of the payment; paid_by: whose money it is."""

    act: str
    case_id: str
    paid_by: str
    amount: str
    currency_code: str
    paid_at: dt.datetime


class DuePage(msgspec.Struct, frozen=True):
    """A page of what is due back, oldest payment first."""

    due: list[DueOut]
    next_after: str | None


class OrdersWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cases in which all that is due back is ordered."""

    cases: Annotated[list[_Id], Meta(min_length=1, max_length=500)]


class RefundOrderOut(msgspec.Struct, frozen=True):
    """An order to pay money back. party: who paid, and is paid. interest_amount: what of the amount is
    interest; null: it is not known, as interest_why says. reason_code: the bank's, why it was rejected or
    sent back. sentence, next_step: how it stands, in words."""

    order: str
    party: str
    case_id: str | None
    amount: str
    interest_amount: str | None
    interest_why: Why
    currency_code: str
    ground: Ground
    status: Status
    reason_code: str
    law_reference: str
    batch: str | None
    sentence: str
    next_step: str
    ordered_at: dt.datetime
    changed_at: dt.datetime


class OrdersPlaced(msgspec.Struct, frozen=True):
    """What was ordered now; nothing: nothing is due back that is not ordered already."""

    orders: list[RefundOrderOut]


class RefundOrderPage(msgspec.Struct, frozen=True):
    """A page of orders, in the order in which they were placed."""

    orders: list[RefundOrderOut]
    next_after: str | None


class BatchWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Orders that are to go to the bank. account: the administration's that pays; not said: the first of the
    settings. execution_on: on which day the bank is to pay; not said: today."""

    currency_code: _Currency
    account: Annotated[str, Meta(max_length=34)] = ""
    execution_on: dt.date | None = None


class RefundBatchOut(msgspec.Struct, frozen=True):
    """Orders that went to the bank together."""

    batch: str
    account: str
    currency_code: str
    amount: str
    orders_count: int
    made_at: dt.datetime
    execution_on: dt.date


class RefundBatchMade(msgspec.Struct, frozen=True):
    """What came of making a batch. batch: none, nothing can be sent. without_account_count: orders that wait
    for their payee to say to which account; erased_count: whose account was erased."""

    batch: RefundBatchOut | None
    without_account_count: int
    erased_count: int


class RefundBatchPage(msgspec.Struct, frozen=True):
    """A page of batches, the newest first."""

    batches: list[RefundBatchOut]
    next_after: str | None


class AnsweredOut(msgspec.Struct, frozen=True):
    """What came of a bank's report: orders by what they came to; unknown_count: of what it names, none of
    ours."""

    accepted_count: int
    rejected_count: int
    unchanged_count: int
    unknown_count: int


class RefundAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To which account a party is paid back. name: whose it is, as its bank has it. iban, or other_number
    where its country has none; bic: of the bank, where it needs one."""

    name: Annotated[str, Meta(min_length=1, max_length=70, pattern=PLAIN_TEXT)]
    iban: Annotated[str, Meta(max_length=42, pattern="^[A-Za-z0-9 ]*$")] = ""
    other_number: Annotated[str, Meta(max_length=34, pattern="^[A-Za-z0-9-]*$")] = ""
    bic: Annotated[str, Meta(pattern="^([A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?)?$")] = ""


class RefundAccountOut(msgspec.Struct, frozen=True):
    """What is known of the account to which a party is paid back: never the number. refused_at: since when
    the bank will not have it."""

    is_known: bool
    given_at: dt.datetime | None
    refused_at: dt.datetime | None


@get("/v1/refunds-due", opt={"act": "refunds.order"}, summary="What was overpaid and is not ordered back.")
async def read_due(request: AnyRequest, limit: Limit = 100, after: After = None) -> DuePage:
    """Each payment of which something is left over, oldest first."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await store.list_due(
            connection,
            after_id=-1 if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=administration_id,
        )
    shown = [_due(one) for one in found[:limit]]
    return DuePage(shown, shown[-1].act if len(found) > limit else None)


@post(
    "/v1/refund-orders",
    opt={"act": "refunds.order"},
    status_code=200,
    summary="Order back what is due in some cases.",
    responses={
        200: ResponseSpec(OrdersPlaced, description="What was ordered", generate_examples=False),
        404: problem("There is no such case"),
        409: problem("No bank account is set"),
    },
)
async def post_orders(request: AnyRequest, data: JSONBody[OrdersWanted]) -> OrdersPlaced:
    """An order for each payment of which something is left over, to whoever paid. It goes to the bank with
    the next batch. Asked again, nothing is ordered twice."""
    node, by = provided(request, Node), acting_user_of(request)
    case_ids = [_id_of(one) for one in data.cases]
    key = {"administration_id": by.administration_id}

    async def work(connection: Any) -> list[RefundOrder]:
        placed: Placed = await order_due(
            node.processor.services, connection, case_ids, account_number=_account_of(node), at=by.at
        )
        return await store.lock_orders(connection, placed.order_ids, **key)

    return OrdersPlaced([_order(one) for one in await node.processor.write(work)])


@get(
    "/v1/refund-orders",
    opt={"act": "refunds.read"},
    summary="Orders to pay you back, and how they stand.",
)
async def read_orders(
    request: AnyRequest, status: StatusWanted = None, limit: Limit = 100, after: After = None
) -> RefundOrderPage:
    """For the administration's people: those of all parties."""
    actor, node = actor_of(request), provided(request, Node)
    async with node.database.read(node.administration_id) as connection:
        found = await store.list_orders(
            connection,
            party_id=whose_rows(actor),
            status=status,
            after_id=-1 if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=node.administration_id,
        )
    shown = [_order(one) for one in found[:limit]]
    return RefundOrderPage(shown, shown[-1].order if len(found) > limit else None)


@post(
    "/v1/refund-orders/{order:str}/withdrawal",
    opt={"act": "refunds.order"},
    status_code=200,
    summary="Withdraw an order that has not gone to the bank.",
    responses={
        200: ResponseSpec(RefundOrderOut, description="It is withdrawn", generate_examples=False),
        404: problem("There is no such order"),
        409: problem("It went to the bank"),
    },
)
async def post_withdrawal(request: AnyRequest, order: FromPath[str]) -> RefundOrderOut:
    """What it was for is due back again. Again changes nothing."""
    node, by = provided(request, Node), acting_user_of(request)
    order_id = _id_of(order)

    async def work(connection: Any) -> RefundOrder:
        return await withdraw_order(node.processor, connection, order_id, at=by.at)

    return _order(await node.processor.write(work))


@post(
    "/v1/refund-batches",
    opt={"act": "refunds.order"},
    status_code=200,
    summary="Send orders that wait to the bank.",
    responses={
        200: ResponseSpec(RefundBatchMade, description="What was sent", generate_examples=False),
        202: WAITS,
        409: problem("No bank account is set"),
        422: problem("It is not the administration's account"),
    },
)
async def post_batch(request: AnyRequest, data: JSONBody[BatchWanted]) -> Response[Any]:
    """At most 5,000, oldest first, as one message of pain.001. Those whose payee's account is not known, or
    was erased, wait for it, and what is due stays due. Where the settings ask for it, a second person
    approves the batch."""
    node, by = provided(request, Node), acting_user_of(request)
    account = _account_of(node, data.account)
    content = RefundsToSend(
        by.actor, account, data.currency_code, data.execution_on or by.at.astimezone(dt.UTC).date()
    )
    if waits(node.settings, "refunds"):
        subject = f"refunds in {data.currency_code} from {account[-4:]}"
        return await answer_waiting(request, by, content, subject=subject)
    made = await make_batch(
        node.processor,
        by.actor,
        account_number=account,
        currency_code=content.currency_code,
        execution_on=content.execution_on,
    )
    return Response(
        RefundBatchMade(
            None if made.batch is None else _batch(made.batch),
            made.without_account_count,
            made.erased_count,
        )
    )


@get("/v1/refund-batches", opt={"act": "refunds.order"}, summary="Batches that went to the bank.")
async def read_batches(request: AnyRequest, limit: Limit = 100, after: After = None) -> RefundBatchPage:
    """The newest first."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await store.list_batches(
            connection,
            before_id=NEWEST if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=administration_id,
        )
    shown = [_batch(one) for one in found[:limit]]
    return RefundBatchPage(shown, shown[-1].batch if len(found) > limit else None)


@get(
    "/v1/refund-batches/{batch:str}/message",
    opt={"act": "refunds.order"},
    summary="A batch as the message for the bank (ISO 20022 pain.001).",
    responses={404: problem("There is no such batch"), 409: problem("An account was erased meanwhile")},
)
async def read_message(request: AnyRequest, batch: FromPath[str]) -> Response[bytes]:
    """The same whenever it is asked for, so that a bank that has it already knows it again. It holds accounts
    and names of payees: the reading is logged."""
    node, by = provided(request, Node), acting_user_of(request)
    content = await write_batch(
        node.processor,
        by.actor,
        _id_of(batch),
        payer_name=node.settings.payment.payee or node.settings.administration.code,
    )
    return Response(
        content,
        media_type="application/xml",
        headers={
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="{format_id(_id_of(batch))}.xml"',
        },
    )


@post(
    "/v1/refund-statuses",
    opt={"act": "refunds.order"},
    status_code=200,
    summary="Take what the bank says of a batch (ISO 20022 pain.002).",
    responses={
        200: ResponseSpec(AnsweredOut, description="What came of it", generate_examples=False),
        400: problem("It cannot be read"),
        422: problem("It is of no batch that was sent from here"),
    },
)
async def post_status(request: AnyRequest) -> AnsweredOut:
    """What was accepted waits for the statement that says that it was executed; what was rejected is due back
    again, with the bank's reason. The same again changes nothing."""
    node, by = provided(request, Node), acting_user_of(request)
    body = open_body(request, media_types=XML_MEDIA_TYPES, bytes_max=request_bytes_max(request))
    report, _ = read_bank_message(await body.read())
    if not isinstance(report, StatusReport):
        raise SeraiError(
            "refund-status-unreadable",
            "This is no report on an order that can be read: pain.002 is.",
            "Check it with `serai check --format iso20022`, which says what is wrong and where.",
        )

    async def work(connection: Any) -> Answered:
        return await take_report(node.processor, connection, report, at=by.at)

    return AnsweredOut(*await node.processor.write(work))


@put(
    "/v1/refund-account",
    opt={"act": "refunds.account"},
    summary="Say to which account you are paid back.",
    responses={
        200: ResponseSpec(RefundAccountOut, description="It is kept", generate_examples=False),
        422: problem("This is no account"),
    },
)
async def put_refund_account(request: AnyRequest, data: JSONBody[RefundAccount]) -> RefundAccountOut:
    """It is kept encrypted and never shown again. What waits for it goes with the next batch."""
    node, actor = provided(request, Node), actor_of(request)
    at, party_id = node.clock.now(), actor.party_id
    assert party_id is not None, "guards let in who is of a party"
    account = PayeeAccount(data.name, data.iban, data.other_number, data.bic)

    async def work(connection: Any) -> None:
        await give_account(node.processor.services, connection, account, party_id=party_id, at=at)

    await node.processor.write(work)
    return await _known(node, party_id)


@get("/v1/refund-account", opt={"act": "refunds.account"}, summary="Is your account for refunds known?")
async def read_refund_account(request: AnyRequest) -> RefundAccountOut:
    """Never the number itself."""
    party_id = actor_of(request).party_id
    assert party_id is not None, "guards let in who is of a party"
    return await _known(provided(request, Node), party_id)


ROUTES: Final = [
    read_due, post_orders, read_orders, post_withdrawal, post_batch, read_batches, read_message, post_status,
    put_refund_account, read_refund_account,
]  # fmt: skip


async def _known(node: Node, party_id: int) -> RefundAccountOut:
    async with node.database.write() as connection:
        found = await store.select_account(
            connection, party_id, b"", administration_id=node.administration_id
        )
    if found is None:
        return RefundAccountOut(False, None, None)
    return RefundAccountOut(True, found.given_at, found.refused_at)


def _account_of(node: Node, wanted: str = "") -> str:
    """Return the administration's account that pays. Raises SeraiError `account-not-set`,
    `statement-of-another-account`."""
    accounts = node.settings.payment.accounts.split()
    if not accounts:
        raise SeraiError(
            "account-not-set",
            "No bank account of the administration is set.",
            "Name it in the setting payment.accounts.",
        )
    if wanted and wanted not in accounts:
        raise SeraiError(
            "statement-of-another-account",
            "The account is not the administration's.",
            "Name one of the accounts in the setting payment.accounts, or none.",
        )
    return wanted or accounts[0]


def _id_of(text: str) -> int:
    try:
        return parse_id(text)
    except SeraiError as fault:
        raise not_found() from fault


def _due(one: DuePayment) -> DueOut:
    return DueOut(
        act=format_id(one.act_id),
        case_id=format_id(one.case_id),
        paid_by=format_id(one.party_id),
        amount=format_minor(one.amount_minor, one.currency_code),
        currency_code=one.currency_code,
        paid_at=one.paid_at,
    )


def _order(one: RefundOrder) -> RefundOrderOut:
    sentence, next_step = STATUS_SENTENCES[one.status]
    return RefundOrderOut(
        order=format_id(one.refund_order_id),
        party=format_id(one.party_id),
        case_id=format_id(one.case_id) if one.case_id else None,
        amount=format_minor(one.amount_minor, one.currency_code),
        interest_amount=(
            format_minor(one.interest_minor, one.currency_code) if one.interest_why in KNOWN else None
        ),
        interest_why=one.interest_why,
        currency_code=one.currency_code,
        ground=one.ground,
        status=one.status,
        reason_code=one.reason_code,
        law_reference=one.law_reference,
        batch=None if one.batch_id is None else format_id(one.batch_id),
        sentence=sentence,
        next_step=next_step,
        ordered_at=one.ordered_at,
        changed_at=one.changed_at,
    )


def _batch(one: Batch) -> RefundBatchOut:
    return RefundBatchOut(
        batch=format_id(one.batch_id),
        account=one.account_number,
        currency_code=one.currency_code,
        amount=format_minor(one.sum_minor, one.currency_code),
        orders_count=one.orders_count,
        made_at=one.made_at,
        execution_on=one.execution_on,
    )
