"""What the page of money shows."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.bank_statements.by_hand import MATCHABLE
from serai.journey.bank_statements.store import Unmatched
from serai.journey.cases.page_words import country_name
from serai.journey.guarantees.store import Guarantee
from serai.journey.ledger.figures import Collected, DayRevenue, Debt, MarketRevenue, MoneyFigures
from serai.journey.payment_accounts.store import PaymentAccount
from serai.portal.refund_words import PlanLine, RefundLine

MARKETS_COUNT: Final = 12


class MovementLine(msgspec.Struct, frozen=True):
    """A movement that waits. outcome: why. can_be_matched: it came in, and may be for a case."""

    number: str
    amount_minor: int
    currency_code: str
    booked_on: str
    outcome: str
    creditor_reference: str
    statement: str
    can_be_matched: bool


class GuaranteeLine(msgspec.Struct, frozen=True):
    """A guarantee, amounts in minor units."""

    number: str
    party: str
    kind: str
    guarantor: str
    currency_code: str
    reference_minor: int
    used_minor: int
    free_minor: int
    valid_from: dt.datetime
    valid_to: dt.datetime | None
    is_in_force: bool


class AccountLine(msgspec.Struct, frozen=True):
    """A payment account, amounts in minor units."""

    number: str
    party: str
    way: str
    currency_code: str
    open_minor: int
    free_minor: int


class Market(msgspec.Struct, frozen=True):
    """Revenue on goods to a country, or to all further ones."""

    title: str
    amount_minor: int


class Revenue(msgspec.Struct, frozen=True):
    """Revenue in one currency, minor units."""

    currency_code: str
    days: list[DayRevenue]
    markets: list[Market]
    collected: list[Collected]


class MoneyView(msgspec.Struct, frozen=True, kw_only=True):
    """The page. given: what was typed into the form of a movement, with its number; faults: text and href."""

    at: dt.datetime
    movements: list[MovementLine]
    has_more_movements: bool
    debts: list[Debt]
    guarantees: list[GuaranteeLine]
    accounts: list[AccountLine]
    waiting_refunds: list[RefundLine]
    refunds_back: list[RefundLine]
    plans: list[PlanLine]
    revenue: list[Revenue]
    given: dict[str, str]
    faults: list[dict[str, str]]


def movement_lines(found: Sequence[Unmatched]) -> list[MovementLine]:
    """Return movements as lines of the page."""
    return [
        MovementLine(
            format_id(one.movement_id),
            one.amount_minor,
            one.currency_code,
            "" if one.booked_on is None else one.booked_on.isoformat(),
            one.outcome,
            one.creditor_reference,
            one.statement,
            one.outcome in MATCHABLE and one.amount_minor > 0,
        )
        for one in found
    ]


def guarantee_lines(
    found: Sequence[Guarantee], names: dict[int, str], at: dt.datetime
) -> list[GuaranteeLine]:
    """Return guarantees as lines of the page. names: of parties."""
    return [
        GuaranteeLine(
            one.number,
            names.get(one.party_id, format_id(one.party_id)),
            one.kind,
            one.guarantor,
            one.currency_code,
            one.reference_amount_minor,
            one.used_minor,
            one.available_minor,
            one.valid_from,
            one.valid_to,
            one.is_in_force(at),
        )
        for one in found
    ]


def account_lines(found: Sequence[PaymentAccount], names: dict[int, str]) -> list[AccountLine]:
    """Return payment accounts as lines of the page. names: of parties."""
    return [
        AccountLine(
            one.number,
            names.get(one.party_id, format_id(one.party_id)),
            one.way,
            one.currency_code,
            one.open_minor,
            max(one.available_minor, 0),
        )
        for one in found
    ]


def revenue_parts(figures: MoneyFigures) -> list[Revenue]:
    """Return revenue by currency; of markets the largest, the rest together."""
    currencies = sorted(
        {one.currency_code for one in figures.days}
        | {one.currency_code for one in figures.markets}
        | {one.currency_code for one in figures.collected}
    )
    markets = {
        currency: list(some) for currency, some in groupby(figures.markets, key=lambda one: one.currency_code)
    }
    return [
        Revenue(
            currency,
            [one for one in figures.days if one.currency_code == currency],
            _markets(markets.get(currency, [])),
            _joined(one for one in figures.collected if one.currency_code == currency),
        )
        for currency in currencies
    ]


def _markets(found: Sequence[MarketRevenue]) -> list[Market]:
    shown = [Market(country_name(one.country_code), one.amount_minor) for one in found[:MARKETS_COUNT]]
    rest = sum(one.amount_minor for one in found[MARKETS_COUNT:])
    return [*shown, Market("", rest)] if rest else shown


def _joined(found: Iterable[Collected]) -> list[Collected]:
    sums: dict[str, Collected] = {}
    for one in found:
        before = sums.get(one.account)
        amount = one.amount_minor + (0 if before is None else before.amount_minor)
        sums[one.account] = msgspec.structs.replace(one, amount_minor=amount)
    return sorted(sums.values(), key=lambda one: -one.amount_minor)
