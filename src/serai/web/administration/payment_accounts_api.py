"""HTTP for payment accounts: open and close them, read one's own and their statements."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.case_acts import read_amount
from serai.journey.payment_accounts import store
from serai.journey.payment_accounts.service import AccountTerms, close_account, open_account
from serai.journey.payment_accounts.store import Moved, PaymentAccount
from serai.journey.payment_accounts.ways import AccountWay
from serai.journey.revenue.payment_advice import reference_of_case
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.web.administering_api import (
    After,
    AnyRequest,
    Limit,
    acting_user_of,
    party_named,
    problem,
    reader_of,
    whose_rows,
)

_Number = Annotated[str, Meta(min_length=1, max_length=35, pattern=r"^[\x21-\x7e]+$")]
_Month = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="Month of the statement; left out: this one."
    ),
]


class NewPaymentAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A payment account to be opened.

    number: so that asking again opens no second one. party: whose it is. way: how it is settled.
    limit_amount: decimal, the most that may stand open on it; left out of a way that is paid in before.
    """

    number: _Number
    party: Annotated[str, Meta(min_length=1, max_length=35)]
    way: AccountWay
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    limit_amount: Annotated[str, Meta(min_length=1, max_length=30)] | None = None


class PaymentAccountOut(msgspec.Struct, frozen=True):
    """A payment account. Amounts: decimal, in currency_code. open_amount: what stands open; below zero, what
    lies on it. available_amount: what may still be put on it. creditor_reference: under which it is paid
    into."""

    number: str
    party: str
    way: AccountWay
    currency_code: str
    limit_amount: str
    open_amount: str
    available_amount: str
    creditor_reference: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None


class AccountMovement(msgspec.Struct, frozen=True):
    """A movement on an account. case_id: for which it was put on the account; null: it was paid in. act_id:
    of the act, or of the entry in the ledger. amount: above zero, put on the account; below, paid in or taken
    back. balance_amount: what stands open after it."""

    at: dt.datetime
    case_id: str | None
    act_id: str
    amount: str
    balance_amount: str


class AccountStatement(msgspec.Struct, frozen=True):
    """A payment account and what moved on it in a month (UTC). due_amount: what of it is to be paid in."""

    account: PaymentAccountOut
    month: str
    opening_amount: str
    movements: list[AccountMovement]
    closing_amount: str
    due_amount: str


class PaymentAccountPage(msgspec.Struct, frozen=True):
    """A page of payment accounts, in the order in which they were opened."""

    accounts: list[PaymentAccountOut]
    next_after: str | None


@post(
    "/v1/payment-accounts",
    opt={"act": "payment_accounts.manage"},
    summary="Open a payment account of a party.",
    responses={
        200: ResponseSpec(PaymentAccountOut, description="It is there already", generate_examples=False),
        409: problem("Another account has this number"),
        422: problem("There is no such party, or this is no account"),
    },
)
async def post_account(request: AnyRequest, data: JSONBody[NewPaymentAccount]) -> Response[Any]:
    """Nothing of it is changed later: another limit is another account, and the old one is closed."""
    node, by = provided(request, Node), acting_user_of(request)
    limit_minor = 0 if data.limit_amount is None else read_amount(data.currency_code, data.limit_amount)
    terms = AccountTerms(party_named(data.party), data.number, data.way, data.currency_code, limit_minor)
    async with node.database.write() as connection:
        account, is_new = await open_account(connection, by, terms)
    location = {"location": f"/v1/payment-accounts/{data.number}"}
    return Response(_out(account), status_code=201 if is_new else 200, headers=location)


@get(
    "/v1/payment-accounts",
    opt={"act": "payment_accounts.read"},
    summary="Your payment accounts, and what stands open on each.",
)
async def read_payment_accounts(
    request: AnyRequest, limit: Limit = 100, after: After = None
) -> PaymentAccountPage:
    """Of the administration's people: those of all parties. Those that are closed, too."""
    actor, node, administration_id = reader_of(request)
    async with node.database.read(administration_id) as connection:
        found = await store.select_accounts(
            connection,
            whose_rows(actor),
            after_id=0 if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=administration_id,
        )
    next_after = format_id(found[limit - 1].account_id) if len(found) > limit else None
    return PaymentAccountPage([_out(one) for one in found[:limit]], next_after)


@get(
    "/v1/payment-accounts/{account_number:str}",
    opt={"act": "payment_accounts.read"},
    summary="The statement of one of your payment accounts, for a month.",
    responses={404: problem("You have no such account")},
)
async def read_payment_account(
    request: AnyRequest, account_number: FromPath[str], month: _Month = None
) -> AccountStatement:
    """Another's account is answered as one that does not exist."""
    actor, node, administration_id = reader_of(request)
    begin = _begin_of(month, node.clock.now())
    async with node.database.read(administration_id) as connection:
        found = await store.select_account(
            connection, account_number, party_id=whose_rows(actor), administration_id=administration_id
        )
        if found is None:
            raise SeraiError(
                "not-found",
                "You have no such payment account.",
                "Read GET /v1/payment-accounts for those that you have.",
            )
        opening, moved = await store.select_statement(connection, found, begin, _next_month(begin))
    return _statement(found, begin, opening, moved)


@post(
    "/v1/payment-accounts/{account_number:str}/closure",
    opt={"act": "payment_accounts.manage"},
    status_code=200,
    summary="Close a payment account: nothing more is put on it.",
    responses={404: problem("There is no such account")},
)
async def post_closure(request: AnyRequest, account_number: FromPath[str]) -> PaymentAccountOut:
    """What stands open stays so, and is paid in as before. Again changes nothing."""
    by = acting_user_of(request)
    async with provided(request, Node).database.write() as connection:
        return _out(await close_account(connection, by, account_number))


ROUTES = [post_account, read_payment_accounts, read_payment_account, post_closure]


def _begin_of(month: str | None, now: dt.datetime) -> dt.datetime:
    first = (
        now.astimezone(dt.UTC).date().replace(day=1)
        if month is None
        else dt.date.fromisoformat(f"{month}-01")
    )
    return dt.datetime(first.year, first.month, 1, tzinfo=dt.UTC)


def _next_month(begin: dt.datetime) -> dt.datetime:
    return (begin + dt.timedelta(days=31)).replace(day=1)


def _out(one: PaymentAccount) -> PaymentAccountOut:
    currency = one.currency_code
    return PaymentAccountOut(
        number=one.number,
        party=format_id(one.party_id),
        way=one.way,
        currency_code=currency,
        limit_amount=format_minor(one.limit_minor, currency),
        open_amount=format_minor(one.open_minor, currency),
        available_amount=format_minor(max(one.available_minor, 0), currency),
        creditor_reference=reference_of_case(format_id(one.account_id)),
        opened_at=one.opened_at,
        closed_at=one.closed_at,
    )


def _statement(
    one: PaymentAccount, begin: dt.datetime, opening_minor: int, moved: list[Moved]
) -> AccountStatement:
    currency, balance, movements = one.currency_code, opening_minor, []
    for each in moved:
        balance += each.amount_minor
        movements.append(
            AccountMovement(
                each.moved_at,
                None if each.case_id is None else format_id(each.case_id),
                format_id(each.subject_id),
                format_minor(each.amount_minor, currency),
                format_minor(balance, currency),
            )
        )
    return AccountStatement(
        _out(one),
        f"{begin:%Y-%m}",
        format_minor(opening_minor, currency),
        movements,
        format_minor(balance, currency),
        format_minor(max(balance, 0), currency),
    )
