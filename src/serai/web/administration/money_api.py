"""HTTP for what the page of money shows: debts and revenue, and what plans of repayment come to."""

import datetime as dt
from typing import Any

import msgspec
from litestar import get

from serai.foundation.access.administering import NEWEST
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.ledger.figures import Debt, read_money_figures
from serai.journey.processing.transaction import Processor
from serai.journey.repayment_plan import store as plan_store
from serai.model.money import format_minor
from serai.portal.refund_words import PlanLine, PlanState, RecipientKind, plan_lines
from serai.web.administering_api import After, AnyRequest, Limit


class DebtOut(msgspec.Struct, frozen=True):
    """What whoever declared owes at the border in a currency. pending_amount: may still change. owed_amount:
    entered in the accounts; of it older_amount for more than 10 days, oldest_amount for more than 30."""

    party: str
    name: str
    currency_code: str
    pending_amount: str
    owed_amount: str
    older_amount: str
    oldest_amount: str


class DayRevenueOut(msgspec.Struct, frozen=True):
    """Revenue of a day (UTC)."""

    day: dt.date
    currency_code: str
    amount: str


class MarketRevenueOut(msgspec.Struct, frozen=True):
    """Revenue on goods to a country."""

    country_code: str
    currency_code: str
    amount: str


class CollectedOut(msgspec.Struct, frozen=True):
    """What was collected over a kind of account of the ledger."""

    account: str
    currency_code: str
    amount: str


class MoneyFiguresOut(msgspec.Struct, frozen=True):
    """Debts as they stand, the largest first, and revenue of the last thirty days."""

    at: dt.datetime
    debts: list[DebtOut]
    days: list[DayRevenueOut]
    markets: list[MarketRevenueOut]
    collected: list[CollectedOut]


class PlanSumOut(msgspec.Struct, frozen=True):
    """What of a plan goes to one kind of recipient."""

    recipient_kind: RecipientKind
    currency_code: str
    charges_count: int
    amount: str
    interest_amount: str


class RepaymentPlanOut(msgspec.Struct, frozen=True):
    """A plan of repayment and how far it is carried out."""

    plan: str
    title: str
    state: PlanState
    made_at: dt.datetime
    orders_count: int
    placed_count: int
    sums: list[PlanSumOut]


class RepaymentPlanPage(msgspec.Struct, frozen=True):
    """A page of plans, the newest first."""

    plans: list[RepaymentPlanOut]
    next_after: str | None


@get(
    "/v1/money-statistics",
    opt={"act": "money.read"},
    summary="What is owed, and revenue by day, market and way of payment.",
)
async def read_figures(request: AnyRequest) -> MoneyFiguresOut:
    """At most a hundred debts; each currency for itself."""
    kit, at = kit_of(request), provided(request, Processor).services.clock.now()
    async with kit.database.read(kit.administration_id) as connection:
        found = await read_money_figures(connection, administration_id=kit.administration_id, at=at)
    return MoneyFiguresOut(
        at,
        [_debt(one) for one in found.debts],
        [DayRevenueOut(one.on, *_money(one)) for one in found.days],
        [MarketRevenueOut(one.country_code, *_money(one)) for one in found.markets],
        [CollectedOut(one.account, *_money(one)) for one in found.collected],
    )


@get(
    "/v1/repayment-plans",
    opt={"act": "money.read"},
    summary="Plans of repayment, and what each comes to.",
)
async def read_plans(request: AnyRequest, limit: Limit = 100, after: After = None) -> RepaymentPlanPage:
    """The sums are those that a second person approves. Plans are made and carried out by `serai repay`."""
    kit = kit_of(request)
    async with kit.database.read(kit.administration_id) as connection:
        found = await plan_store.select_plans(
            connection,
            before_id=NEWEST if after is None else parse_id(after),
            limit=limit + 1,
            administration_id=kit.administration_id,
        )
    shown = [_plan(one) for one in plan_lines(found[:limit])]
    return RepaymentPlanPage(shown, shown[-1].plan if len(found) > limit else None)


ROUTES = [read_figures, read_plans]


def _debt(one: Debt) -> DebtOut:
    amounts = (one.pending_minor, one.posted_minor, one.older_minor, one.oldest_minor)
    return DebtOut(
        format_id(one.party_id),
        one.name,
        one.currency_code,
        *(format_minor(amount, one.currency_code) for amount in amounts),
    )


def _money(one: Any) -> tuple[str, str]:
    return one.currency_code, format_minor(one.amount_minor, one.currency_code)


def _plan(one: PlanLine) -> RepaymentPlanOut:
    sums = [
        PlanSumOut(
            each.recipient_kind,
            each.currency_code,
            each.lines_count,
            format_minor(each.amount_minor, each.currency_code),
            format_minor(each.interest_minor, each.currency_code),
        )
        for each in one.sums
    ]
    return RepaymentPlanOut(
        one.plan, one.title, one.state, one.made_at, one.orders_count, one.done_count, sums
    )
