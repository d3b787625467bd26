"""The ledger through a parcel's life: what is assessed, paid, taken back, paid twice, amended; at any moment
each account is what the stored charges come to."""

from collections import Counter
from typing import Any

import pytest

from serai.app import Node
from serai.evidence.leaf import Opening, opens
from serai.evidence.receipt import encode_receipt, read_leaf_of
from serai.evidence.store import read_receipt
from serai.journey.acts.service import Acts
from serai.journey.ledger.posting import FIELD, committed_bytes
from serai.journey.ledger.store import list_postings, select_balances
from serai.model.ledger import ACCOUNT_KINDS, PHASES
from tests.journey.acts.test_acts import pay, take_back
from tests.journey.acts.test_guarantees import register
from tests.journey.ledger.books import assert_books_agree
from tests.journey.processing.support import DECLARANT, arrival, parcel, select, send, statuses


@pytest.fixture(autouse=True)
async def ties_out(node: Node) -> Any:
    """Whatever a test does, the books agree with what is stored before and after it."""
    yield
    assert (await assert_books_agree(node)).consignments_count


async def standing(node: Node) -> Counter[tuple[str, str]]:
    """What stands on all accounts of each kind, by phase, in minor units of euros."""
    found: Counter[tuple[str, str]] = Counter()
    async with node.database.read(node.administration_id, in_one_snapshot=True) as connection:
        for one in await select_balances(connection, administration_id=node.administration_id):
            found[ACCOUNT_KINDS[one.account.kind].code, PHASES[one.phase]] += one.amount_minor
    return found


def since(now: Counter[tuple[str, str]], before: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    now = Counter(now)
    now.subtract(before)
    return {key: amount for key, amount in now.items() if amount}


async def due_minor(node: Node, case_id: int) -> int:
    """What a mark of one cent says is missing, and that cent."""
    mark = await pay(node, case_id, f"ASK-{case_id}", "0.01")
    await take_back(node, case_id, mark.act_id, f"UNASK-{case_id}")
    return round(float(mark.due_amount) * 100)


async def test_what_is_assessed_is_pending_until_the_goods_are_there_and_then_owed(node: Node) -> None:
    before = await standing(node)
    (declared,) = await send(node, DECLARANT, "declaration", parcel("book"))
    due = await due_minor(node, declared.case_id)
    lodged = since(await standing(node), before)

    await send(node, DECLARANT, "arrival", arrival("book"))

    assert due > 0
    assert lodged == {("amounts-payable", "pending"): due, ("revenue", "pending"): -due}
    assert await statuses(node, "D-book") == ["payment-due"]
    assert since(await standing(node), before) == {
        ("amounts-payable", "posted"): due,
        ("revenue", "posted"): -due,
    }


async def test_what_is_paid_is_owed_no_more_and_a_second_payment_is_a_refund_due(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("twice-paid"))
    due = await due_minor(node, declared.case_id)
    await send(node, DECLARANT, "arrival", arrival("twice-paid"))
    before = await standing(node)
    amount = f"{due / 100:.2f}"

    await pay(node, declared.case_id, "BOOK-1", amount)
    once = since(await standing(node), before)
    second = await pay(node, declared.case_id, "BOOK-2", amount)
    twice = since(await standing(node), before)
    await take_back(node, declared.case_id, second.act_id, "BOOK-3")

    assert await statuses(node, "D-twice-paid") == ["released"]
    assert once == {("payments-reported", "posted"): due, ("amounts-payable", "posted"): -due}
    assert twice == {
        ("payments-reported", "posted"): 2 * due,
        ("amounts-payable", "posted"): -due,
        ("refunds-due", "posted"): -due,
    }
    assert since(await standing(node), before) == once


async def test_the_first_of_two_payments_taken_back_lets_the_second_pay(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("step-in"))
    due = await due_minor(node, declared.case_id)
    before = await standing(node)
    first = await pay(node, declared.case_id, "STEP-1", f"{due / 100:.2f}")
    await pay(node, declared.case_id, "STEP-2", f"{due / 100 + 1:.2f}")

    await take_back(node, declared.case_id, first.act_id, "STEP-3")

    assert since(await standing(node), before) == {
        ("payments-reported", "posted"): due + 100,
        ("amounts-payable", "posted"): -due,
        ("refunds-due", "posted"): -100,
    }
    rows = await select(
        node,
        "SELECT act.reference, sum(amount_minor) FROM payment_allocation JOIN act USING (act_id)"
        " WHERE consignment_id = %s GROUP BY 1 HAVING sum(amount_minor) <> 0 ORDER BY 1",
        declared.document_id,
    )
    assert rows == [("STEP-2", due)]


async def test_what_was_paid_before_an_amendment_lowered_it_is_a_refund_due(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("cheaper"))
    due = await due_minor(node, declared.case_id)
    before = await standing(node)
    await pay(node, declared.case_id, "CHEAP-1", f"{due / 100:.2f}")

    cheaper = parcel("cheaper", amends_version=1, amendment_reason="a coupon was forgotten")
    cheaper["goods_items"][0]["invoice_amount"] = "5.00"
    await send(node, DECLARANT, "declaration", cheaper)

    now = since(await standing(node), before)
    lower = -now["revenue", "pending"]
    # What is assessed is lower by so much; as much of the payment is due back.
    assert lower < 0
    assert now == {
        ("payments-reported", "posted"): due,
        ("amounts-payable", "posted"): -due - lower,
        ("amounts-payable", "pending"): lower,
        ("revenue", "pending"): -lower,
        ("refunds-due", "posted"): lower,
    }


async def test_an_invalidated_declaration_owes_nothing_and_what_was_paid_is_due_back(node: Node) -> None:
    empty = await standing(node)
    (declared,) = await send(node, DECLARANT, "declaration", parcel("never-mind"))
    due = await due_minor(node, declared.case_id)
    await pay(node, declared.case_id, "NM-1", f"{due / 100:.2f}")

    acts = Acts(node.processor)
    await acts.withdraw(DECLARANT, "D-never-mind", expected_version=1, reason="sold twice")

    assert since(await standing(node), empty) == {
        ("payments-reported", "posted"): due,
        ("refunds-due", "posted"): -due,
    }


async def test_a_security_stands_beside_what_is_owed(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("secured"))
    before = await standing(node)

    await register(node, "GRN-1", 900)
    await pay(node, declared.case_id, "SEC-1", "9.00", kind="secured", account="GRN-1")

    assert since(await standing(node), before) == {
        ("securities", "posted"): 900,
        ("securities-returnable", "posted"): -900,
    }


async def test_a_batch_enters_one_line_an_account_however_many_parcels_it_has(node: Node) -> None:
    ((count,),) = await select(node, "SELECT count(*) FROM ledger_entry")

    await send(node, DECLARANT, "declaration", *(parcel(f"many-{n}") for n in range(60)))

    ((after,),) = await select(node, "SELECT count(*) FROM ledger_entry")
    # Duty and tax of one declarant: an amount payable and revenue of each.
    assert 2 <= after - count <= 6


async def test_each_posting_is_a_leaf_that_opens_to_it(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("posting-leaf"))
    async with node.database.write() as connection:
        own = list_postings(connection, administration_id=node.administration_id)
        *_, last = [stored async for stored in own]
        receipt = await read_receipt(connection, last.posting_id, administration_id=node.administration_id)
    assert receipt is not None
    leaf = read_leaf_of(encode_receipt(receipt))

    content = committed_bytes(last.posting_id, last.posting)
    assert opens(leaf, Opening(FIELD, last.salt, content))
    assert not opens(leaf, Opening(FIELD, last.salt, content.replace(b'"amount":"', b'"amount":"9', 1)))


async def test_nobody_changes_what_was_entered(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("append-only"))
    for statement in ("UPDATE ledger_entry SET amount_minor = 1", "DELETE FROM ledger_posting"):
        with pytest.raises(Exception, match="permission denied"):
            async with node.database.write() as connection:
                await connection.execute(statement)


async def test_what_is_too_little_for_a_case_of_two_is_worked_out_anew_all_the_same(node: Node) -> None:
    (first,) = await send(node, DECLARANT, "declaration", parcel("pair"))
    other = parcel("pair", reference="D-pair-b")
    (second,) = await send(node, DECLARANT, "declaration", other)
    assert second.case_id == first.case_id
    before = await standing(node)
    # Less than the other owes alone, so that nothing of the case counts as paid.
    await pay(node, first.case_id, "PAIR-1", "8.00")

    cheaper = parcel("pair", amends_version=1, amendment_reason="it was a gift of one cent")
    cheaper["goods_items"][0]["invoice_amount"] = "0.01"
    await send(node, DECLARANT, "declaration", cheaper)

    rows = await select(
        node,
        "SELECT sum(amount_minor)::bigint FROM payment_allocation WHERE consignment_id = %s",
        first.document_id,
    )
    charges = await select(
        node, "SELECT sum(amount_minor)::bigint FROM charge WHERE consignment_id = %s", first.document_id
    )
    assert 0 < rows[0][0] <= charges[0][0]
    now = since(await standing(node), before)
    assert now["payments-reported", "posted"] == 800
    assert now["amounts-payable", "posted"] == -800
