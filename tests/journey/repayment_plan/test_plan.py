"""A charge that a court struck out: planned from the history and the books, then paid out, to the cent."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.foundation.id_text import parse_id
from serai.journey.consignments.act_records import record_act
from serai.journey.recording.bearing import BEARING
from serai.journey.repayment_plan import paying
from serai.journey.repayment_plan.making import totals_of
from serai.journey.repayment_plan.store import StoredPlan
from serai.journey.repayments.interest import interest_minor
from serai.model.acts import Act
from tests.formats.iso20022.messages import PAYER, entry, transaction
from tests.journey.acts.test_acts import pay, take_back
from tests.journey.bank_statements.test_import import message, reference_of_case, take
from tests.journey.ledger.books import assert_books_agree
from tests.journey.processing.support import DECLARANT, opened, parcel, select, send
from tests.journey.repayment_plan.support import (
    BEGIN,
    DUTY,
    HOUR,
    OWED,
    TERMS,
    approved,
    balances,
    declared,
    lines_of,
    plan_of,
    refused,
    run,
)
from tests.journey.repayments.test_returned_goods import confirm, decide

BEARERS = [bytes([number]) * 16 for number in (1, 2)]


async def bear(node: Node, case_id: int, payment: str, bearer: bytes, amount_minor: int) -> None:
    """The payer says to whom it passed a payment on."""
    act_id = int(node.services.ids.take(1)[0])
    said = {
        "payment": payment,
        "bearer": bearer.hex(),
        "currency_code": "EUR",
        "amount_minor": amount_minor,
        "fee_minor": 0,
    }
    act = Act(
        act_id=act_id,
        case_id=case_id,
        kind=BEARING,
        subject_id=case_id,
        party_id=DECLARANT.party_id,
        acting_user="test",
        at=node.clock.now(),
        leaf_id=act_id,
        parameters=said,
        reference=f"BEAR-{act_id}",
    )
    async with node.database.write() as connection:
        assert await record_act(node.services, connection, act) is not None


PAID_BY_EACH = {
    ("exact", "party"): DUTY,
    ("over", "party"): DUTY,
    ("part", "party"): 200,
    ("borne", "bearer"): DUTY,
    ("shared", "bearer"): DUTY * 277 // OWED,
    ("shared", "party"): DUTY - DUTY * 277 // OWED,
    ("bank", "bank-account"): DUTY,
    ("nobody", "unknown"): DUTY,
    ("account", "account"): DUTY,
    ("amended", "party"): DUTY,
    ("late", "party"): DUTY,
    # An officer has repaid a euro before.
    ("error", "party"): DUTY - 100,
}
"""What goes back, by parcel and to whom."""
DUE_BACK = sum(PAID_BY_EACH.values())


async def paid_in_many_ways(node: Node) -> dict[str, int]:
    """Parcels, each paid in another way; by name their case."""
    mine = {"sender": DECLARANT}
    names = [
        "exact",
        "over",
        "part",
        "none",
        "amended",
        "borne",
        "shared",
        "bank",
        "nobody",
        "account",
        "back",
        "error",
    ]
    cases = await declared(node, *names)
    await pay(node, cases["exact"], "P-1", "8.32", **mine)
    await pay(node, cases["over"], "P-2", "500.00", **mine)
    await pay(node, cases["part"], "P-3", "2.00", **mine)
    borne = await pay(node, cases["borne"], "P-4", "8.32", **mine)
    await bear(node, cases["borne"], borne.act_id, BEARERS[0], 900)
    shared = await pay(node, cases["shared"], "P-5", "8.32", **mine)
    await bear(node, cases["shared"], shared.act_id, BEARERS[1], 277)
    await take(
        node, message(*(by_bank(name, cases[name], **fields) for name, fields in FROM_BANK), name="ONE")
    )
    await pay(node, cases["account"], "P-6", "8.32", kind="on-account", **mine)
    await pay(node, cases["error"], "P-11", "8.32", **mine)
    asked = await confirm(node, cases["error"], "R-1", ground="error", consignment=cases["error"])
    await decide(node, cases["error"], parse_id(asked.act_id), "R-2", amount="1.00")
    bounced = await pay(node, cases["back"], "P-7", "8.32", **mine)
    await take_back(node, cases["back"], bounced.act_id, "P-8", sender=DECLARANT)
    return cases


FROM_BANK: list[tuple[str, dict[str, Any]]] = [("bank", {"debtor_account": PAYER}), ("nobody", {})]


def by_bank(name: str, case_id: int, **fields: Any) -> Any:
    reference = reference_of_case(case_id)
    return entry(OWED, f"B-{name}", transaction(OWED, f"E-{name}", creditor_reference=reference, **fields))


async def amended(node: Node, cases: dict[str, int]) -> None:
    """What an earlier hour says of it is reversed."""
    await pay(node, cases["amended"], "P-9", "8.32", sender=DECLARANT)
    dearer = parcel("amended", amends_version=1, amendment_reason="dearer")
    dearer["goods_items"][0]["invoice_amount"] = "26.00"
    await send(node, DECLARANT, "declaration", dearer)


@pytest.mark.in_turn
async def test_each_gets_back_what_it_paid_or_bore_once(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    async with opened(database, keys, clock=FixedClock(BEGIN)) as node:
        cases = await paid_in_many_ways(node)
    async with opened(database, keys, clock=FixedClock(BEGIN + HOUR)) as node:
        await amended(node, cases)
    async with opened(database, keys, clock=FixedClock(BEGIN + 2 * HOUR)) as node:
        # What is decided in the hour that is not over counts, too.
        cases |= await declared(node, "late")
        await pay(node, cases["late"], "P-10", "8.32", sender=DECLARANT)

        plan = await plan_of(node, tmp_path)

        lines = lines_of(tmp_path, plan)
        assert by_parcel(lines, cases) == PAID_BY_EACH
        for line in lines:
            on = interest_minor(line["amount_minor"], date(2026, 7, 2), TERMS.interest)
            assert line["interest_minor"] == on > 0
        (charges,) = totals_of(plan).charges
        assert (charges.charges_count, charges.consignments_count) == (13, 13)
        assert (charges.annulled_minor, charges.due_back_minor) == (13 * DUTY, DUE_BACK)
        # Nothing of one, a part of another, and what bounced.
        assert charges.unpaid_minor == 2 * DUTY + 100
        assert (charges.covered_minor, totals_of(plan).elsewhere) == (100, [])
        assert await refused(run(node, plan, tmp_path)) == "repayment-plan-not-approved"

        before = await balances(node)
        await approved(node, plan)
        # Small batches, so that the second begins in the middle of a file.
        monkeypatch.setattr(paying, "BATCH_COUNT", 3)
        done = await run(node, plan, tmp_path)
        again = await run(node, plan, tmp_path)

        # The declarant, two who bore a charge, whose bank account paid.
        assert (done.lines_count, done.orders_count, plan.orders_count) == (plan.lines_count, 4, 4)
        assert done.plan.finished_at is not None
        assert (again.lines_count, again.orders_count) == (0, 0)
        await need_ordered(node, plan)
        moved = Counter(await balances(node))
        moved.subtract(before)
        # Nobody knows whose one was: it stays due, and a later plan finds it.
        known = [one for one in lines if one["recipient_kind"] != "unknown"]
        assert moved["repayments"] == DUE_BACK - DUTY
        assert moved["interest-paid"] == sum(line["interest_minor"] for line in known)
        assert sum(moved.values()) == 0
        await assert_books_agree(node)

        # What went back goes back once, whatever plan says so.
        second = await plan_of(node, tmp_path)
        (left,) = totals_of(second).charges
        assert (left.repaid_before_minor, left.due_back_minor) == (DUE_BACK - DUTY, DUTY)
        assert (left.unpaid_minor, second.orders_count) == (charges.unpaid_minor, 0)


async def need_ordered(node: Node, plan: StoredPlan) -> None:
    orders = await select(
        node, "SELECT payee, amount_minor - interest_minor FROM refund_order WHERE plan_id = %s", plan.plan_id
    )
    to_party = sum(amount for (_, kind), amount in PAID_BY_EACH.items() if kind == "party")
    passed_on = PAID_BY_EACH["shared", "bearer"]
    assert sorted(amount for _, amount in orders) == [passed_on, DUTY, DUTY, to_party]
    assert {bytes(payee) for payee, _ in orders} > {b"", *BEARERS}


def by_parcel(lines: list[dict[str, Any]], cases: dict[str, int]) -> Counter[tuple[str, str]]:
    names = {case_id: name for name, case_id in cases.items()}
    found: Counter[tuple[str, str]] = Counter()
    for line in lines:
        found[names[line["consignment_id"]], line["recipient_kind"]] += line["amount_minor"]
    return found
