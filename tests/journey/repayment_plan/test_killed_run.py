"""`serai repay --run` is killed with -9 again and again: it goes on where it was, and pays nothing twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from serai.formats.iso20022.message import BankAccount
from serai.foundation.id_text import format_id
from tests.formats.iso20022.messages import OWN, entry, transaction
from tests.journey.bank_statements.test_import import message, reference_of_case, take
from tests.journey.ledger.books import assert_books_agree
from tests.journey.processing.support import opened, select
from tests.journey.repayment_plan.support import (
    DUTY,
    OWED,
    approved,
    balances,
    declared,
    lines_of,
    plan_of,
    run,
)

PAYERS = [
    "FR7630006000011234567890189", "GB33BUKB20201555555555", "NL91ABNA0417164300", "BE68539007547034",
]  # fmt: skip
ROOT = Path(__file__).parents[3]
KILLED_AFTER = (2, 3)
"""Rows that are written before each kill."""


def repay(dsn: str, folder: Path, plan: str, *, killed_after: int | None) -> list[str]:
    """Run the command; kill it when so many rows are written. Return what it told."""
    environment = {
        **os.environ,
        "SERAI_DATABASE_DSN": dsn,
        "SERAI_DATA_FOLDER": str(folder / "keys"),
        "SERAI_PAYMENT_ACCOUNTS": str(OWN.iban),
    }
    command = [sys.executable, "-m", "tests.journey.repayment_plan.repaying", "repay", "--run", plan]
    with subprocess.Popen(
        [*command, "--to", str(folder / "plans")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        told = []
        for line in child.stdout:
            told.append(line)
            if told.count("written\n") == killed_after:
                os.kill(child.pid, signal.SIGKILL)
                break
        child.wait(60)
        assert child.returncode == (0 if killed_after is None else -signal.SIGKILL), told
    return told


@pytest.mark.slow
async def test_a_run_that_is_killed_goes_on_and_pays_nothing_twice(database: str, tmp_path: Path) -> None:
    names = [f"killed-{number}" for number in range(len(PAYERS))]
    async with opened(database, tmp_path / "keys") as node:
        cases = await declared(node, *names)
        paid = [
            entry(
                OWED,
                f"K-{name}",
                transaction(
                    OWED,
                    f"E-{name}",
                    creditor_reference=reference_of_case(cases[name]),
                    debtor_account=BankAccount(iban=payer),
                ),
            )
            for name, payer in zip(names, PAYERS, strict=True)
        ]
        assert (await take(node, message(*paid, name="KILLED"))).outcomes == {"paid": len(PAYERS)}
        plan = await plan_of(node, tmp_path)
        await approved(node, plan)
        before = await balances(node)
    number, steps = format_id(plan.plan_id), 2 * len(PAYERS)
    assert (plan.lines_count, plan.orders_count) == (len(PAYERS), len(PAYERS))

    for killed_after in KILLED_AFTER:
        repay(database, tmp_path, number, killed_after=killed_after)
    last = repay(database, tmp_path, number, killed_after=None)

    assert 0 < last.count("written\n") < steps, "it went on where it was cut off"
    async with opened(database, tmp_path / "keys") as node:
        again = await run(node, plan, tmp_path)
        assert (again.lines_count, again.orders_count) == (0, 0)
        orders = await select(
            node, "SELECT payee, count(*), sum(amount_minor)::bigint FROM refund_order GROUP BY payee"
        )
        moved = await balances(node)
        moved.subtract(before)
        interest = sum(line["interest_minor"] for line in lines_of(tmp_path, plan))
        assert sorted(count for _, count, _ in orders) == [1] * len(PAYERS)
        assert sum(amount for *_, amount in orders) == len(PAYERS) * DUTY + interest
        assert moved["repayments"] == len(PAYERS) * DUTY
        assert (moved["interest-paid"], sum(moved.values())) == (interest, 0)
        await assert_books_agree(node)
