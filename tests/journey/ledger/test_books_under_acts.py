"""Acts by chance on the same cases through four nodes at once, some broken off in between: the books hold."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from serai.app import Node
from serai.journey.refunds.order_moves import withdraw_order
from serai.journey.refunds.ordering import order_due
from serai.model.errors import SeraiError
from tests.faults.money_books import RULES, find_wrong
from tests.formats.iso20022.messages import OWN, PAYER, entry, transaction
from tests.journey.acts.test_acts import pay, take_back
from tests.journey.acts.test_guarantees import register
from tests.journey.bank_statements.test_import import message, reference_of_case, take
from tests.journey.ledger.books import assert_books_agree
from tests.journey.processing.support import DECLARANT, arrival, opened, parcel, send
from tests.laid_out import rows_laid_out

NODES, STEPS, CASES, GUARANTEE = 4, 24, 5, "BOOKS-1"


class Acting:
    """What one node does, by chance. cases: by the name of a parcel; acts: what was done."""

    def __init__(self, node: Node, number: int, cases: dict[str, int], acts: list[tuple[int, str]]) -> None:
        self._node, self._rng, self._number = node, random.Random(number), number
        self._cases, self._acts, self._orders = cases, acts, list[int]()
        self.done_count = 0

    async def run(self) -> None:
        """Do one thing after the other; every fifth is broken off before it is done."""
        doings = [self._pay, self._pay, self._secure, self._take_back, self._amend, self._take_statement,
                  self._order, self._withdraw]  # fmt: skip
        for step in range(STEPS):
            doing = self._rng.choice(doings)(f"A-{self._number}-{step}")
            with suppress(SeraiError, TimeoutError):
                await asyncio.wait_for(doing, self._rng.uniform(0, 0.05) if step % 5 == 4 else 60)
                self.done_count += 1

    def _case(self) -> tuple[str, int]:
        return self._rng.choice(sorted(self._cases.items()))

    async def _pay(self, name: str) -> None:
        _, case_id = self._case()
        amount = self._rng.choice(["0.01", "3.00", "8.32", f"{self._rng.randrange(1, 30)}.17"])
        done = await pay(self._node, case_id, name, amount)
        self._acts.append((case_id, done.act_id))

    async def _secure(self, name: str) -> None:
        _, case_id = self._case()
        amount = f"{self._rng.randrange(1, 9)}.00"
        done = await pay(
            self._node, case_id, name, amount, kind="secured", account=GUARANTEE, sender=DECLARANT
        )
        self._acts.append((case_id, done.act_id))

    async def _take_back(self, name: str) -> None:
        if self._acts:
            case_id, act_id = self._rng.choice(self._acts)
            await take_back(self._node, case_id, act_id, name)

    async def _amend(self, name: str) -> None:
        parcel_name, _ = self._case()
        changed = parcel(
            parcel_name, amends_version=self._rng.randrange(1, 4), amendment_reason=f"price of {name}"
        )
        changed["goods_items"][0]["invoice_amount"] = f"{self._rng.randrange(1, 140)}.00"
        await send(self._node, DECLARANT, "declaration", changed)

    async def _take_statement(self, name: str) -> None:
        amounts = [self._rng.choice([300, 832, 5_000]) for _ in range(2)]
        movements = []
        for place, amount_minor in enumerate(amounts):
            _, case_id = self._case()
            reference = reference_of_case(case_id)
            told = {"creditor_reference": reference, "debtor_account": PAYER}
            movements.append(
                entry(amount_minor, f"{name}-{place}", transaction(amount_minor, f"{name}-{place}", **told))
            )
        content = message(*movements, name=name)
        await take(self._node, content)
        await take(self._node, content)

    async def _order(self, _name: str) -> None:
        _, case_id = self._case()
        async with self._node.database.write() as connection:
            placed = await order_due(
                self._node.services,
                connection,
                [case_id],
                account_number=OWN.iban,
                at=self._node.clock.now(),
            )
        self._orders += placed.order_ids

    async def _withdraw(self, _name: str) -> None:
        if self._orders:
            order_id = self._rng.choice(self._orders)
            async with self._node.database.write() as connection:
                await withdraw_order(self._node.processor, connection, order_id, at=self._node.clock.now())


@pytest.fixture(scope="module")
def acted(database: str, keys: Path) -> str:
    """The store after all of it."""
    asyncio.run(act_at_once(database, keys))
    return database


async def act_at_once(database: str, keys: Path) -> None:
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(opened(database, keys)) for _ in range(NODES)]
        names = [f"books-{number}" for number in range(CASES)]
        declared = await send(nodes[0], DECLARANT, "declaration", *map(parcel, names))
        for name in names[1:]:
            await send(nodes[0], DECLARANT, "arrival", arrival(name))
        await register(nodes[0], GUARANTEE, 2_000)
        cases = {name: one.case_id for name, one in zip(names, declared, strict=True)}
        acts: list[tuple[int, str]] = []
        acting = [Acting(node, number, cases, acts) for number, node in enumerate(nodes)]
        await asyncio.gather(*(one.run() for one in acting))
        assert min(one.done_count for one in acting) > STEPS // 3
        await assert_books_agree(nodes[0])


def asking(connection: psycopg.Connection[Any]) -> Callable[[str], list[tuple[Any, ...]]]:
    return lambda query: rows_laid_out(connection, query)


@pytest.mark.in_turn
def test_whatever_was_done_at_once_or_broken_off_the_books_hold(acted: str) -> None:
    with psycopg.connect(acted) as connection:
        assert find_wrong(asking(connection)) == []
        ((orders_count, postings_count),) = connection.execute(
            "SELECT (SELECT count(*) FROM refund_order), (SELECT count(*) FROM ledger_posting)"
        ).fetchall()

    assert orders_count > 0
    assert postings_count > STEPS


TAMPERED = {
    "posting_does_not_balance": "UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE posting_id = "
    "(SELECT min(posting_id) FROM ledger_entry) AND amount_minor > 0",
    "posting_without_entries_or_entries_without_posting": "DELETE FROM ledger_posting WHERE posting_id = "
    "(SELECT max(posting_id) FROM ledger_posting)",
    "account_below_nothing": "UPDATE ledger_entry SET amount_minor = -1000000 FROM ledger_account "
    "WHERE ledger_entry.account_id = ledger_account.account_id AND ledger_account.kind = 4",
    "payment_is_not_what_was_taken_off_and_left_over": "UPDATE payment_allocation SET amount_minor = "
    "amount_minor + 1",
    "more_taken_off_a_charge_than_it_comes_to": "UPDATE payment_allocation SET amount_minor = 99999",
    "more_of_a_guarantee_in_use_than_there_is": "UPDATE guarantee_reservation SET amount_minor = 9999",
    "more_of_a_payment_ordered_back_than_was_paid": "UPDATE refund_part SET amount_minor = 99999999; "
    "UPDATE refund_order SET status = 0",
    "movement_booked_twice": "UPDATE act SET reference = NULL, parameters = '{}' "
    "WHERE kind = 'payment-received'",
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_finds_what_breaks_it(acted: str, rule: str) -> None:
    with psycopg.connect(acted) as connection, connection.transaction(force_rollback=True):
        connection.execute(TAMPERED[rule])

        assert asking(connection)(RULES[rule])
