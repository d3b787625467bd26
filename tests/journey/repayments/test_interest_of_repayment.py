"""Interest on a single repayment: none before its time, by the day after it, unknown where the law or the
rate was not read; entered with its order, and taken out with it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.foundation.id_text import parse_id
from serai.journey.amounts_payable.law import RateRow, RateTable
from serai.journey.refunds import store
from serai.journey.refunds.batches import make_batch
from serai.journey.refunds.interest import Decision, add_interest, granted_parts, with_interest
from serai.journey.refunds.order_moves import move_orders
from serai.journey.refunds.ordering import order_due
from serai.journey.refunds.orders import RefundOrder
from serai.journey.repayments.interest import (
    BreachInterest,
    Found,
    LateRepayment,
    breach_interest,
    late_interest,
)
from serai.journey.repayments.repayment_law import shipped_repayment_rules
from tests.formats.iso20022.messages import OWN
from tests.journey.ledger.test_ledger import since, standing
from tests.journey.processing.support import parcel, select
from tests.journey.refunds.test_refund_orders import give
from tests.journey.repayments.test_returned_goods import confirm, decide, released

OVERCHARGED = next(
    one for one in shipped_repayment_rules().rules if one.ground == "overcharged" and "EU-2026" in one.packs
)
LAW = OVERCHARGED.interest
RATES = RateTable("A rate", "EUR", [RateRow(date(2026, 1, 1), date(2028, 1, 1), 20_000, "A source")])
EARLY = date(2026, 1, 1)
DECIDED = datetime(2026, 1, 15, tzinfo=UTC)


def late(amount_minor: int, repaid_on: date, **changes: Any) -> LateRepayment:
    return LateRepayment(amount_minor, "EUR", DECIDED.date(), repaid_on, EARLY)._replace(**changes)


@pytest.mark.parametrize(
    ("repaid", "found"),
    [
        (late(100_000, date(2026, 4, 15)), Found(0, "in-time")),
        (late(100_000, date(2026, 4, 16)), Found(8, "")),  # 8.22
        (late(100_000, date(2027, 4, 15)), Found(3_000, "")),
        (late(6_083, date(2026, 4, 16)), Found(0, "")),  # 0.49996
        (late(6_084, date(2026, 4, 16)), Found(1, "")),  # 0.50005
        (late(100_000, date(2026, 4, 16), currency_code="RON"), Found(None, "rate-unread")),
        (late(100_000, date(2028, 4, 16), decided_on=date(2027, 11, 1)), Found(None, "rate-unread")),
        (late(100_000, date(2026, 5, 1), account_on=date(2026, 4, 16)), Found(None, "account-late")),
    ],
)
def test_interest_runs_from_the_end_of_the_time_by_the_day(repaid: LateRepayment, found: Found) -> None:
    assert late_interest(repaid, LAW, RATES) == found


def test_without_a_law_that_was_read_interest_is_unknown_and_months_end_with_their_last_day() -> None:
    assert late_interest(late(1, date(2030, 1, 1)), None, None) == Found(None, "law-unread")
    assert LAW is not None
    assert LAW.begins_on(date(2025, 11, 30)) == date(2026, 2, 28)


def test_a_decision_pays_interest_once_and_on_no_order_before_it() -> None:
    def order(number: int, amount: int, at: datetime, status: Any) -> RefundOrder:
        said = (7, b"", "", 5, amount, 0, "EUR", "overpaid", status, "", "ACC", None, 0, "", at, at)
        return RefundOrder(number, *said)  # type: ignore[arg-type]

    before = order(1, 2_000, DECIDED - timedelta(1), "executed")
    rejected, first, second = (
        order(number, amount, DECIDED, status)
        for number, amount, status in ((2, 9_000, "rejected"), (3, 3_000, "ordered"), (4, 7_000, "ordered"))
    )
    parts = granted_parts(
        [second, rejected, before, first], [Decision(5_000, "EUR", DECIDED, "article", LAW)]
    )
    assert {one.refund_order_id: [part.amount_minor for part in of] for one, of in parts.items()} == {
        1: [],
        2: [],
        3: [3_000],
        4: [2_000],
    }


NATIONAL = BreachInterest("ecb-main-refinancing", 10_000, 365, "A law of some Member State")


@pytest.mark.parametrize(
    ("paid_on", "repaid_on", "law", "table", "found"),
    [
        # A whole year of 1,000.00 at 2 % and 1 %: from the payment on, though it was repaid in time.
        (date(2026, 1, 15), date(2027, 1, 15), NATIONAL, RATES, Found(3_000, "")),
        (date(2026, 1, 15), date(2026, 1, 15), NATIONAL, RATES, Found(0, "")),
        (date(2025, 1, 15), date(2026, 1, 15), NATIONAL, RATES, Found(None, "rate-unread")),
        (date(2026, 1, 15), date(2027, 1, 15), NATIONAL, None, Found(None, "rate-unread")),
        (date(2026, 1, 15), date(2027, 1, 15), None, None, Found(None, "law-unread")),
    ],
)
def test_what_was_charged_contrary_to_law_bears_interest_from_its_payment(
    paid_on: date, repaid_on: date, law: Any, table: Any, found: Found
) -> None:
    assert breach_interest(late(100_000, repaid_on), paid_on, law, table) == found


def test_interest_of_a_breach_takes_the_place_of_the_other_and_is_unknown_where_no_rate_was_read() -> None:
    said = (7, b"", "", 5, 100_000, 0, "EUR", "overpaid", "ordered", "", "ACC", None, 0, "", DECIDED, DECIDED)
    order = RefundOrder(3, *said)  # type: ignore[arg-type]
    unread = OVERCHARGED.breach_interest
    assert unread is not None
    days = {"until": date(2027, 1, 15), "account_on": EARLY, "paid_on": date(2026, 1, 15)}
    table = {"ecb-main-refinancing": RATES}

    def decided(breach: BreachInterest | None) -> Decision:
        return Decision(100_000, "EUR", DECIDED, "article", LAW, is_breach=True, breach=breach)

    known = with_interest(order, [decided(NATIONAL)], table, **days)
    unknown = with_interest(order, [decided(unread)], table, **days)

    assert (known.amount_minor, known.interest_minor, known.interest_why) == (103_000, 3_000, "")
    assert known.law_reference == "article; A law of some Member State"
    assert (unread.rate, unknown.interest_why, unknown.amount_minor) == (None, "rate-unread", 100_000)
    assert "C-415/20" in unknown.law_reference
    assert unread.unread, "what was not read is said"


async def test_interest_is_entered_with_its_order_and_goes_with_it(node: Node, clock: FixedClock) -> None:
    _, case_id = await released(node, parcel("late"), "late", "EUR")
    (consignment,) = await node_consignment(node)
    asked = await confirm(node, case_id, "LATE-1", ground="overcharged", consignment=consignment)
    await decide(node, case_id, parse_id(asked.act_id), "LATE-2")
    services, key = node.processor.services, {"administration_id": node.administration_id}
    at = clock.now()

    async def place(connection: Any) -> Any:
        return await order_due(services, connection, [case_id], account_number=OWN.iban, at=at)

    (order_id,) = (await node.processor.write(place)).order_ids
    async with node.database.write() as connection:
        (ordered,) = await store.lock_orders(connection, [order_id], **key)
    await give(node, ordered.party_id, ordered.payee)
    before = await standing(node)
    until = date(2027, 10, 2)

    async def add(connection: Any) -> Any:
        held = await store.lock_orders(connection, [order_id], **key)
        table = {"ecb-main-refinancing": RATES}
        once = await add_interest(services, connection, held, until=until, at=at, rates=table)
        return once, await add_interest(services, connection, once, until=until, at=at, rates=table)

    (once,), (again,) = await node.processor.write(add)
    added = since(await standing(node), before)
    made = await make_batch(
        node.processor, "key:9", account_number=OWN.iban, currency_code="EUR", execution_on=until
    )

    async def reject(connection: Any) -> Any:
        return await move_orders(node.processor, connection, [order_id], "rejected", at=at)

    await node.processor.write(reject)
    interest = (ordered.amount_minor * 3 * 2 + 100) // 200
    assert again == once
    assert once.interest_minor == interest > 0
    assert added == {("interest-paid", "pending"): interest, ("bank", "pending"): -interest}
    assert made.batch is not None
    assert made.batch.sum_minor == ordered.amount_minor + interest
    assert since(await standing(node), before) == {
        ("refunds-due", "pending"): -ordered.amount_minor,
        ("bank", "pending"): ordered.amount_minor,
    }


async def test_a_decision_that_the_charge_was_contrary_to_law_makes_interest_due_at_once_and_unknown(
    node: Node, clock: FixedClock
) -> None:
    _, case_id = await released(node, parcel("late"), "late", "EUR")
    (consignment,) = await node_consignment(node)
    asked = await confirm(node, case_id, "BREACH-1", ground="overcharged", consignment=consignment)
    await decide(node, case_id, parse_id(asked.act_id), "BREACH-2", is_contrary_to_law=True)
    services, at = node.processor.services, clock.now()

    async def place(connection: Any) -> Any:
        (order_id,) = (
            await order_due(services, connection, [case_id], account_number=OWN.iban, at=at)
        ).order_ids
        (held,) = await store.lock_orders(connection, [order_id], administration_id=node.administration_id)
        return held

    ordered = await node.processor.write(place)
    await give(node, ordered.party_id, ordered.payee)

    async def add(connection: Any) -> Any:
        held = await store.lock_orders(
            connection, [ordered.refund_order_id], administration_id=node.administration_id
        )
        return await add_interest(services, connection, held, until=at.date() + timedelta(1), at=at)

    (found,) = await node.processor.write(add)

    assert (found.amount_minor, found.interest_why) == (ordered.amount_minor, "rate-unread")
    assert "C-415/20" in found.law_reference


async def node_consignment(node: Node) -> list[int]:
    rows = await select(node, "SELECT consignment_id FROM consignment WHERE reference = 'D-late'")
    return [row[0] for row in rows]
