"""Orders to pay money back and plans of repayment, as pages of payers and of the administration say them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from serai.foundation.http.interface_words import translatable
from serai.foundation.id_text import format_id
from serai.journey.refunds.orders import RefundOrder
from serai.journey.repayment_plan.making import totals_of
from serai.journey.repayment_plan.store import StoredPlan
from serai.journey.repayments.interest import Why
from serai.model.refunds import Ground, Status

RecipientKind = Literal["party", "bearer", "bank-account", "account", "unknown"]
PlanState = Literal["waits", "approved", "begun", "finished"]
GROUNDS: Final[Mapping[Ground, str]] = {
    "overpaid": translatable("Overpaid"),
    "repayment": translatable("Repayment of duty and tax"),
    "returned-goods": translatable("Goods returned"),
    "annulled-charge": translatable("Charge annulled"),
    "double-charge": translatable("Charged twice"),
}
STATUSES: Final[Mapping[Status, tuple[str, str]]] = {
    "ordered": (
        translatable("It is ordered and goes to the bank with the next batch."),
        translatable("Say to which account you are paid back, if you have not."),
    ),
    "sent": (translatable("It went to the bank."), translatable("Nothing is left to do.")),
    "accepted": (translatable("The bank has accepted it."), translatable("Nothing is left to do.")),
    "executed": (translatable("It was paid."), translatable("Nothing is left to do.")),
    "rejected": (
        translatable("The bank has rejected it; the amount is due back again."),
        translatable("Say to which other account you are paid back."),
    ),
    "withdrawn": (
        translatable("It was withdrawn before it went to the bank."),
        translatable("Nothing is left to do."),
    ),
    "returned": (
        translatable("The payee's bank has sent it back; the amount is due again."),
        translatable("Say to which other account you are paid back."),
    ),
}
"""As `serai.model.refunds.STATUS_SENTENCES`, for the catalogues."""
INTEREST: Final[Mapping[Why, str]] = {
    "law-unread": translatable("Interest is not known: the law was not read."),
    "rate-unread": translatable("Interest is due and not known: its rate was not read."),
    "account-late": translatable(
        "Interest is not known: the account was given after the time for repayment had passed."
    ),
}
"""Why the interest of an order is not known."""
RECIPIENTS: Final[Mapping[RecipientKind, str]] = {
    "party": translatable("Parties that paid"),
    "bearer": translatable("Those to whom it was passed on"),
    "bank-account": translatable("Bank accounts that paid"),
    "account": translatable("Payment accounts, credited there"),
    "unknown": translatable("Nobody knows whose it was"),
}
STATES: Final[Mapping[PlanState, str]] = {
    "waits": translatable("Waits for a second person"),
    "approved": translatable("Approved, not carried out yet"),
    "begun": translatable("Being carried out"),
    "finished": translatable("Carried out"),
}


class RefundLine(msgspec.Struct, frozen=True):
    """An order as a page shows it. case_id: "": of several cases. party: to whom, for the administration."""

    order: str
    case_id: str
    party: str
    ground: Ground
    status: Status
    currency_code: str
    amount_minor: int
    interest_minor: int
    interest_why: Why
    law_reference: str
    at: datetime


class PlanSum(msgspec.Struct, frozen=True):
    """What of a plan goes to one kind of recipient, minor units."""

    recipient_kind: RecipientKind
    currency_code: str
    lines_count: int
    amount_minor: int
    interest_minor: int


class PlanLine(msgspec.Struct, frozen=True):
    """A plan as the page shows it. state: of STATES. done_count: of orders that are placed."""

    plan: str
    title: str
    state: PlanState
    made_at: datetime
    orders_count: int
    done_count: int
    sums: list[PlanSum]


def refund_lines(found: Sequence[RefundOrder], names: Mapping[int, str]) -> list[RefundLine]:
    """Return orders as lines. names: of parties; of those of whom only a pseudonym is known, none."""
    return [
        RefundLine(
            format_id(one.refund_order_id),
            format_id(one.case_id) if one.case_id else "",
            "" if one.payee else names.get(one.party_id, format_id(one.party_id)),
            one.ground,
            one.status,
            one.currency_code,
            one.amount_minor,
            one.interest_minor,
            one.interest_why,
            one.law_reference,
            one.changed_at,
        )
        for one in found
    ]


def plan_lines(found: Sequence[StoredPlan]) -> list[PlanLine]:
    """Return plans as lines, what goes to each kind of recipient summed over all ways of payment."""
    return [
        PlanLine(
            format_id(one.plan_id),
            one.title,
            _state_of(one),
            one.made_at,
            one.orders_count,
            one.orders_written_count,
            plan_sums(one),
        )
        for one in found
    ]


def plan_sums(plan: StoredPlan) -> list[PlanSum]:
    """Return what goes to each kind of recipient, by currency."""
    sums: dict[tuple[RecipientKind, str], PlanSum] = {}
    for one in totals_of(plan).ways:
        key = (msgspec.convert(one.recipient_kind, RecipientKind), one.currency_code)
        before = sums.get(key, PlanSum(*key, 0, 0, 0))
        sums[key] = PlanSum(
            *key,
            before.lines_count + one.lines_count,
            before.amount_minor + one.amount_minor,
            before.interest_minor + one.interest_minor,
        )
    return [sums[key] for key in sorted(sums)]


def _state_of(plan: StoredPlan) -> PlanState:
    if plan.finished_at is not None:
        return "finished"
    if plan.begun_at is not None:
        return "begun"
    return "waits" if plan.approved_at is None else "approved"
