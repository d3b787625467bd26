"""Interest of refund orders whose repayment was granted and comes late, or of what was charged contrary to
law: worked out when they go to the bank, until the day on which the bank is to pay."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.copying import TableBuffer
from serai.journey.amounts_payable.law import RateTable, shipped_payable_rules
from serai.journey.consignments.act_records import select_family_acts
from serai.journey.ledger.posting import enter_posting
from serai.journey.refunds import store
from serai.journey.refunds.orders import Moved, RefundOrder, moved_entries
from serai.journey.repayments.interest import (
    KNOWN,
    BreachInterest,
    LateInterest,
    LateRepayment,
    Why,
    breach_interest,
    late_interest,
)
from serai.journey.repayments.repayment_law import shipped_repayment_rules
from serai.journey.services import Services
from serai.model.ledger import Posting
from serai.model.refunds import ENDED_WITHOUT_MONEY

Connection = AsyncConnection[Any]

_ALL: Final = 100_000


class Decision(NamedTuple):
    """What a decision of a case granted, minor units of a currency. law: of its interest; None: not read.
    is_breach: it finds that the charge was contrary to law; breach: by which its interest runs from the
    payment on; None: not read."""

    amount_minor: int
    currency_code: str
    at: datetime
    law_reference: str
    law: LateInterest | None
    is_breach: bool = False
    breach: BreachInterest | None = None


async def add_interest(
    services: Services,
    connection: Connection,
    sending: Sequence[RefundOrder],
    *,
    until: date,
    at: datetime,
    rates: Mapping[str, RateTable] | None = None,
) -> list[RefundOrder]:
    """Add the interest to held orders that go to the bank, in the caller's transaction, and enter it; return
    them as they then stand; again adds nothing. until: the day of payment. rates: by name; None: those that
    are shipped. Of a plan, the plan has worked it out."""
    key = {"administration_id": services.administration_id}
    cases = sorted({one.case_id for one in sending if one.case_id and not one.plan_id})
    decisions = await _decisions(connection, cases, **key)
    if not decisions:
        return list(sending)
    before = await store.list_orders(
        connection, case_ids=cases, limit=_ALL, administration_id=services.administration_id
    )
    account_days = await store.select_account_days(
        connection, [one.refund_order_id for one in sending], **key
    )
    payment_days = await store.select_payment_days(
        connection, [one.refund_order_id for one in sending], **key
    )
    rates = shipped_payable_rules().rates if rates is None else rates
    wanted = {one.refund_order_id for one in sending if not one.interest_minor and not one.interest_why}
    changed: dict[int, RefundOrder] = {}
    for case_id, granted in decisions.items():
        orders = [one for one in before if one.case_id == case_id and not one.plan_id]
        for one, parts in granted_parts(orders, granted).items():
            if one.refund_order_id in wanted and parts:
                days = account_days[one.refund_order_id]
                changed[one.refund_order_id] = with_interest(
                    one,
                    parts,
                    rates,
                    until=until,
                    account_on=days.date(),
                    paid_on=payment_days[one.refund_order_id].date(),
                )
    moved = [
        Moved(one.due_account, one.account_number, one.interest_minor, one.interest_minor)
        for one in changed.values()
        if one.interest_minor
    ]
    if moved:
        buffer = TableBuffer()
        entries = moved_entries(moved, None, "ordered")
        await enter_posting(services, connection, buffer, Posting("refund", min(changed), at, entries))
        await buffer.write(connection)
    if changed:
        await store.add_interest(connection, list(changed.values()), **key)
    return [changed.get(one.refund_order_id, one) for one in sending]


async def _decisions(
    connection: Connection, cases: Sequence[int], *, administration_id: int
) -> dict[int, list[Decision]]:
    """Return what was granted in cases and stands, oldest first."""
    found: dict[int, list[Decision]] = defaultdict(list)
    if not cases:
        return found
    acts = await select_family_acts(connection, cases, ("repayment",), administration_id=administration_id)
    rules = shipped_repayment_rules()
    for root, done in acts:
        if done.reversed_by is None:
            said, article = done.act.parameters, done.act.law_reference or ""
            rule = rules.rule_of(said["ground"], article, done.act.at.date())
            found[root].append(
                Decision(
                    said["amount_minor"],
                    said["currency_code"],
                    done.act.at,
                    article,
                    None if rule is None else rule.interest,
                    bool(said.get("is_contrary_to_law", False)),
                    None if rule is None else rule.breach_interest,
                )
            )
    return found


def granted_parts(
    orders: Iterable[RefundOrder], decisions: Sequence[Decision]
) -> dict[RefundOrder, list[Decision]]:
    """Return of each order of a case which parts of it decisions granted, each with its part of the amount.

    The oldest order takes from the oldest decision, and from none that came after it; what came to nothing
    takes nothing. What is left of an order was overpaid, and no decision granted it.
    """
    left = [one.amount_minor for one in decisions]
    found: dict[RefundOrder, list[Decision]] = {}
    for order in sorted(orders, key=lambda one: one.refund_order_id):
        parts = found.setdefault(order, [])
        if order.status in ENDED_WITHOUT_MONEY:
            continue
        open_minor = order.amount_minor - order.interest_minor
        for place, one in enumerate(decisions):
            if one.currency_code != order.currency_code or one.at > order.ordered_at:
                continue
            taken = min(open_minor, left[place])
            if taken > 0:
                left[place] -= taken
                open_minor -= taken
                parts.append(one._replace(amount_minor=taken))
    return found


def with_interest(
    order: RefundOrder,
    parts: Sequence[Decision],
    rates: Mapping[str, RateTable],
    *,
    until: date,
    account_on: date,
    paid_on: date,
) -> RefundOrder:
    """Return an order with the interest of its parts and its law; of which one part is not known, nothing is,
    and nothing is added. paid_on: when what it gives back was paid."""
    sum_minor, whys, references = 0, list[Why](), dict[str, None]()
    for one in parts:
        late = LateRepayment(one.amount_minor, one.currency_code, one.at.date(), until, account_on)
        law: LateInterest | BreachInterest | None = one.breach if one.is_breach else one.law
        table = None if law is None or law.rate is None else rates[law.rate]
        if one.is_breach:
            found = breach_interest(late, paid_on, one.breach, table)
        else:
            found = late_interest(late, one.law, table)
        sum_minor += found.amount_minor or 0
        whys.append(found.why)
        references[one.law_reference] = None
        if law is not None and found.why != "in-time":
            references[law.law_reference] = None
    unknown = next((why for why in whys if why not in KNOWN), None)
    why: Why = unknown or ("" if sum_minor else "in-time")
    interest = 0 if unknown else sum_minor
    return order._replace(
        amount_minor=order.amount_minor + interest,
        interest_minor=interest,
        interest_why=why,
        law_reference="; ".join(one for one in references if one),
    )
