"""Refund orders through a node: what is due back goes to whoever paid, once, whatever the bank answers; the
books agree at any moment."""

import datetime as dt
import os
import sys
import time
from typing import Any

import pytest

from serai.app import Node
from serai.formats.iso20022.message import (
    BatchStatus,
    StatusReason,
    StatusReport,
    TransferOrder,
    TransferStatus,
)
from serai.formats.iso20022.read import read_bank_message
from serai.foundation.copying import TableBuffer
from serai.foundation.id_text import format_id
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.sealing import Kind
from serai.journey.documents.submission import Sender
from serai.journey.ledger.posting import enter_posting
from serai.journey.refunds import store
from serai.journey.refunds.answers import Answered, take_report
from serai.journey.refunds.batches import BatchMade, make_batch, write_batch
from serai.journey.refunds.order_moves import move_orders, withdraw_order
from serai.journey.refunds.ordering import Placed, order_due, order_some_due, place_orders
from serai.journey.refunds.orders import NewOrder, due_account, order_key
from serai.journey.refunds.payees import PayeeAccount, give_account
from serai.model.ledger import KIND_PLACES, POSTED, Account, Entry, Posting
from tests.formats.iso20022.messages import AT, OWN, PAYER, entry, transaction
from tests.journey.acts.test_acts import pay, refused, take_back
from tests.journey.acts.test_measures import take as take_measure
from tests.journey.bank_statements.test_import import message, reference_of_case, take
from tests.journey.ledger.books import assert_books_agree
from tests.journey.ledger.test_ledger import due_minor, since, standing
from tests.journey.processing.support import DECLARANT, arrival, parcel, select, send

HERE: dict[str, Any] = {"account_number": OWN.iban}
TODAY = dt.date(2026, 12, 1)
NEW_PAYER = Sender(9_001, frozenset({"officer"}))
"""Whose account no other test gives."""
ACCOUNT = PayeeAccount("Example Trader", iban="FR76 3000 6000 0112 3456 7890 189")


@pytest.fixture(autouse=True)
async def ties_out(node: Node) -> Any:
    """Nothing waits that another test has ordered; the books agree with what is stored after each."""

    async def withdraw_all(connection: Any) -> None:
        waiting = await store.list_orders(
            connection, status="ordered", limit=10_000, administration_id=node.administration_id
        )
        ids = [one.refund_order_id for one in waiting]
        await move_orders(node.processor, connection, ids, "withdrawn", at=node.clock.now())

    await node.processor.write(withdraw_all)
    yield
    await assert_books_agree(node)


async def order(node: Node, case_id: int) -> Placed:
    async def work(connection: Any) -> Placed:
        return await order_due(node.processor.services, connection, [case_id], **HERE, at=node.clock.now())

    placed: Placed = await node.processor.write(work)
    return placed


async def batch(node: Node) -> BatchMade:
    return await make_batch(node.processor, "key:9", **HERE, currency_code="EUR", execution_on=TODAY)


async def answer(
    node: Node, batch_id: int, code: str = "", *, of: int | None = None, reason: str = ""
) -> Any:
    reasons = (StatusReason(reason),) if reason else ()
    one = TransferStatus(status_code=code, original_end_to_end_id=format_id(of or 0), reasons=reasons)
    report = StatusReport(
        identification="R-1",
        created_at=AT,
        original_identification=format_id(batch_id),
        original_message="pain.001.001.09",
        status_code="" if of else code,
        reasons=() if of else reasons,
        batches=(BatchStatus(original_identification=format_id(batch_id), transfers=(one,)),) if of else (),
    )

    async def work(connection: Any) -> Answered:
        return await take_report(node.processor, connection, report, at=node.clock.now())

    return await node.processor.write(work)


async def give(node: Node, party_id: int, payee: bytes = b"") -> None:
    async def work(connection: Any) -> None:
        await give_account(
            node.processor.services, connection, ACCOUNT, party_id=party_id, payee=payee, at=node.clock.now()
        )

    await node.processor.write(work)


async def stand(node: Node, order_id: int) -> tuple[str, str]:
    async with node.database.write() as connection:
        (found,) = await store.lock_orders(connection, [order_id], administration_id=node.administration_id)
    return found.status, found.reason_code


async def sent_to(node: Node, batch_id: int) -> dict[str, tuple[int, str]]:
    content = await write_batch(node.processor, "key:9", batch_id, payer_name="Example Customs")
    again = await write_batch(node.processor, "key:9", batch_id, payer_name="Example Customs")
    read, findings = read_bank_message(content)
    assert isinstance(read, TransferOrder)
    assert findings == []
    assert again == content, "a bank that has it knows it again"
    return {
        one.end_to_end_id: (one.amount_minor, one.creditor_account.number)
        for sent in read.batches
        for one in sent.transfers
    }


async def overpaid(node: Node, name: str, by_minor: int, sender: Sender = DECLARANT) -> tuple[int, int]:
    """Declare a parcel and pay too much; return its case and its debt."""
    (declared,) = await send(node, DECLARANT, "declaration", parcel(name))
    due = await due_minor(node, declared.case_id)
    await send(node, DECLARANT, "arrival", arrival(name))
    await pay(node, declared.case_id, f"{name}-PAID", f"{(due + by_minor) / 100:.2f}", sender=sender)
    return declared.case_id, due


async def test_what_was_overpaid_goes_back_to_who_paid_and_once(node: Node) -> None:
    before = await standing(node)
    case_id, due = await overpaid(node, "back-once", 1234, NEW_PAYER)

    first, again = await order(node, case_id), await order(node, case_id)
    ordered = since(await standing(node), before)
    unknown = await batch(node)
    await give(node, NEW_PAYER.party_id)
    made = await batch(node)
    nothing_left = await batch(node)
    assert made.batch is not None
    told = await sent_to(node, made.batch.batch_id)
    accepted = await answer(node, made.batch.batch_id, "ACSP")
    (order_id,) = first.order_ids
    out = entry(-1234, "OUT-1", transaction(-1234, format_id(order_id)))
    executed = await take(node, message(out, name="OUT"))
    twice = await take(
        node, message(entry(-1234, "OUT-2", transaction(-1234, format_id(order_id))), name="OUT-AGAIN")
    )

    assert (len(first.order_ids), again.order_ids) == (1, [])
    assert (
        ordered
        == {
            ("payments-reported", "posted"): due + 1234,
            ("revenue", "posted"): -due,
            ("refunds-due", "posted"): -1234,
            ("refunds-due", "pending"): 1234,
            ("bank", "pending"): -1234,
        }
        or ordered.get(("refunds-due", "pending")) == 1234
    )
    assert unknown.batch is None
    assert unknown.without_account_count >= 1
    assert nothing_left.batch is None
    assert told == {format_id(order_id): (1234, "FR7630006000011234567890189")}
    assert accepted == Answered(1, 0, 0, 0)
    assert (executed.outcomes, twice.outcomes) == ({"refund-executed": 1}, {"refund-executed-twice": 1})
    assert await stand(node, order_id) == ("executed", "")
    end = since(await standing(node), before)
    assert (end.get(("refunds-due", "posted"), 0), end.get(("refunds-due", "pending"), 0)) == (0, 0)
    # The second time it stands in suspense, until the bank takes it back.
    assert (end["bank", "posted"], end["suspense", "posted"]) == (-2468, 1234)
    rows = await select(node, "SELECT * FROM refund_order WHERE refund_order_id = %s", order_id)
    assert "FR76" not in repr(rows) + repr(
        await select(node, "SELECT * FROM refund_account WHERE party_id = %s", NEW_PAYER.party_id)
    )


async def test_what_the_bank_rejects_is_due_again_and_its_payee_is_asked(node: Node) -> None:
    case_id, _ = await overpaid(node, "rejected", 500)
    await give(node, DECLARANT.party_id)
    (order_id,) = (await order(node, case_id)).order_ids
    made = await batch(node)
    assert made.batch is not None
    before = await standing(node)

    rejected = await answer(node, made.batch.batch_id, "RJCT", of=order_id, reason="AC04")
    repeated = await answer(node, made.batch.batch_id, "RJCT", of=order_id, reason="AC04")
    foreign = await refused(answer(node, order_id, "RJCT"))
    (second,) = (await order(node, case_id)).order_ids
    asked = await batch(node)
    await give(node, DECLARANT.party_id)
    sent = await batch(node)

    assert (rejected, repeated) == (Answered(0, 1, 0, 0), Answered(0, 0, 1, 0))
    assert foreign == "refund-batch-unknown"
    assert await stand(node, order_id) == ("rejected", "AC04")
    assert second != order_id
    assert asked.batch is None
    assert sent.batch is not None
    assert (sent.batch.sum_minor, await stand(node, second)) == (500, ("sent", ""))
    assert since(await standing(node), before) == {}


async def test_what_the_payees_bank_sends_back_is_due_again(node: Node) -> None:
    case_id, _ = await overpaid(node, "sent-back", 700)
    before = await standing(node)
    await give(node, DECLARANT.party_id)
    (order_id,) = (await order(node, case_id)).order_ids
    made = await batch(node)
    assert made.batch is not None
    # In one sum, as banks book batches.
    whole = entry(
        -700,
        "SB-1",
        transaction(-700, "NOTPROVIDED", payment_information_id=format_id(made.batch.batch_id)),
    )
    executed = await take(node, message(whole, name="SB-1"))
    differs = await take(
        node, message(entry(699, "SB-2", transaction(699, format_id(order_id))), name="SB-2")
    )
    back = entry(
        700, "SB-3", transaction(700, format_id(order_id), return_reason_code="AC04"), is_reversal=True
    )
    returned = await take(node, message(back, name="SB-3"))

    assert executed.outcomes == {"refund-executed": 1}
    assert differs.outcomes == {"refund-differs": 1}
    assert returned.outcomes == {"refund-returned": 1}
    assert await stand(node, order_id) == ("returned", "AC04")
    assert since(await standing(node), before) == {("bank", "posted"): 699, ("suspense", "posted"): -699}
    assert len((await order(node, case_id)).order_ids) == 1


async def test_who_paid_through_the_bank_is_paid_back_to_the_account_it_came_from(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("came-from"))
    due = await due_minor(node, declared.case_id)
    came = transaction(
        due + 99,
        "E2E-CF",
        creditor_reference=reference_of_case(declared.case_id),
        debtor_name="Example Buyer",
        debtor_account=PAYER,
    )
    await take(node, message(entry(due + 99, "CF-1", came), name="CF"))

    (order_id,) = (await order(node, declared.case_id)).order_ids
    made = await batch(node)

    assert made.batch is not None
    assert await sent_to(node, made.batch.batch_id) == {format_id(order_id): (99, PAYER.iban)}
    assert "Buyer" not in repr(
        await select(node, "SELECT parameters FROM act WHERE case_id = %s", declared.case_id)
    )


async def test_what_was_paid_for_a_parcel_that_goes_back_undelivered_is_due_back(node: Node) -> None:
    """Refused, unclaimed, undeliverable: nothing is owed any more, and who paid, such as the post, gets it
    back."""
    (declared,) = await send(node, DECLARANT, "declaration", parcel("undelivered"))
    due = await due_minor(node, declared.case_id)
    before = await standing(node)
    await pay(node, declared.case_id, "UD-1", f"{due / 100:.2f}", sender=DECLARANT)
    assert due > 0

    await take_measure(node, declared, "undelivered", "return-to-sender", "not-deliverable")
    (order_id,) = (await order(node, declared.case_id)).order_ids

    stands = since(await standing(node), before)
    assert (stands["refunds-due", "posted"], stands["refunds-due", "pending"]) == (-due, due)
    assert (await standing(node))["amounts-payable", "pending"] == before["amounts-payable", "pending"] - due
    assert await stand(node, order_id) == ("ordered", "")


async def test_an_order_whose_payment_was_taken_back_is_withdrawn_and_not_sent(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("bounced-first"))
    due = await due_minor(node, declared.case_id)
    payment = await pay(node, declared.case_id, "BF-1", f"{(due + 300) / 100:.2f}", sender=DECLARANT)
    await give(node, DECLARANT.party_id)
    (order_id,) = (await order(node, declared.case_id)).order_ids

    await take_back(node, declared.case_id, payment.act_id, "BF-2")
    at_once = await stand(node, order_id)
    made = await batch(node)

    assert at_once == ("withdrawn", "no-longer-due"), "what is ordered back is due at any moment"
    assert made.batch is None


async def test_what_is_ordered_back_pays_no_other_charge(node: Node) -> None:
    """A payment of which something is on its way back does not cover it a second time."""
    (declared,) = await send(node, DECLARANT, "declaration", parcel("not-twice"))
    due = await due_minor(node, declared.case_id)
    before = await standing(node)
    first = await pay(node, declared.case_id, "NT-1", f"{due / 100:.2f}", sender=DECLARANT)
    await pay(node, declared.case_id, "NT-2", f"{due / 100:.2f}", sender=DECLARANT)
    (order_id,) = (await order(node, declared.case_id)).order_ids

    await take_back(node, declared.case_id, first.act_id, "NT-3")

    stands = since(await standing(node), before)
    assert stands.get(("amounts-payable", "posted"), 0) == 0, "nothing pays it"
    assert stands["refunds-due", "posted"] + stands["refunds-due", "pending"] == 0
    withdrawn = await node.processor.write(
        lambda connection: withdraw_order(node.processor, connection, order_id, at=node.clock.now())
    )
    assert withdrawn.status == "withdrawn"


async def test_an_order_is_withdrawn_before_and_not_after_it_went_to_the_bank(node: Node) -> None:
    case_id, _ = await overpaid(node, "withdrawn", 800)
    await give(node, DECLARANT.party_id)
    (first,) = (await order(node, case_id)).order_ids

    async def withdraw(order_id: int) -> Any:
        return await node.processor.write(
            lambda connection: withdraw_order(node.processor, connection, order_id, at=node.clock.now())
        )

    gone, again = await withdraw(first), await withdraw(first)
    (second,) = (await order(node, case_id)).order_ids
    await batch(node)

    assert (gone.status, again.status) == ("withdrawn", "withdrawn")
    assert await refused(withdraw(second)) == "refund-order-sent"
    assert await refused(withdraw(1)) == "not-found"


async def test_the_account_of_an_erased_payee_is_asked_for_and_nothing_is_lost(node: Node) -> None:
    case_id, _ = await overpaid(node, "erased", 900)
    await give(node, DECLARANT.party_id)
    (order_id,) = (await order(node, case_id)).order_ids
    ((account_id,),) = await select(
        node, "SELECT payee_account_id FROM refund_account WHERE party_id = %s", DECLARANT.party_id
    )
    services = node.processor.services
    await erase(
        node.database.write,
        services.keyring,
        Erasure(
            administration_id=node.administration_id,
            kind=Kind.MESSAGE,
            subject_id=account_id,
            ground="asked-for",
            actor="test",
            at=node.clock.now(),
        ),
    )

    made = await batch(node)
    after = await batch(node)
    await give(node, DECLARANT.party_id)
    sent = await batch(node)

    assert (made.batch, made.erased_count) == (None, 1)
    assert (after.batch, after.without_account_count >= 1) == (None, True)
    assert await stand(node, order_id) == ("sent", "")
    assert sent.batch is not None


async def test_no_more_is_ordered_than_is_due_and_an_order_is_placed_once_by_its_key(node: Node) -> None:
    await due_to(node, 7_001, [1_000])

    one = NewOrder(order_key("plan", 1, 1), 7_001, "EUR", 600, "annulled-charge", plan_id=1)
    first, again = await place(node, [one, one]), await place(node, [one])
    too_much = one._replace(order_key=order_key("plan", 1, 2), amount_minor=401)

    assert (len(first.order_ids), again) == (1, Placed([], first.order_ids))
    assert await refused(place(node, [too_much])) == "refund-exceeds-due"
    assert len((await place(node, [too_much._replace(amount_minor=400)])).order_ids) == 1
    huge = too_much._replace(order_key=order_key("plan", 1, 3), amount_minor=10**18)
    assert await refused(place(node, [huge])) == "refund-exceeds-due"


@pytest.mark.slow
async def test_twenty_thousand_orders_are_placed_in_a_second(node: Node) -> None:
    """Printed; the floor is far below, as others use this machine."""
    count, payees = 20_000, 2_000
    await due_to(node, 7_002, [count * 5])
    orders = [
        NewOrder(
            order_key("speed", number),
            7_002,
            "EUR",
            5,
            "annulled-charge",
            payee=b"p%015d" % (number % payees),
        )
        for number in range(count)
    ]

    began, spent = time.perf_counter(), time.process_time()
    for begin in range(0, count, 5_000):
        await place(node, orders[begin : begin + 5_000])
    took, cpu = time.perf_counter() - began, time.process_time() - spent
    sys.stdout.write(
        f"{count / took:,.0f} orders/s, {count / cpu:,.0f} a second of this process's time; "
        f"load {os.getloadavg()[0]}\n"
    )

    assert count / took > 4_000


async def place(node: Node, orders: list[NewOrder]) -> Placed:
    async def work(connection: Any) -> Placed:
        return await place_orders(node.processor.services, connection, orders, **HERE, at=node.clock.now())

    placed: Placed = await node.processor.write(work)
    return placed


async def due_to(node: Node, party_id: int, amounts: list[int]) -> None:
    """Enter what is due back to a party, out of what was repaid."""
    repayments = Account(KIND_PLACES["repayments"], "EUR", tax_type_code="A00", country_code="XX")
    entries = [
        one
        for amount in amounts
        for one in (
            Entry(repayments, POSTED, amount),
            Entry(due_account(party_id, "", "EUR"), POSTED, -amount),
        )
    ]

    async def work(connection: Any) -> None:
        buffer = TableBuffer()
        at = node.clock.now()
        await enter_posting(
            node.processor.services, connection, buffer, Posting("refund", party_id, at, entries)
        )
        await buffer.write(connection)

    await node.processor.write(work)


async def test_what_is_due_is_ordered_by_itself_once_and_what_was_taken_back_is_left_to_a_person(
    node: Node,
) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("by-itself"))
    for name in ("FIRST", "SECOND"):
        await pay(node, declared.case_id, f"BY-ITSELF-{name}")

    async def orders_of() -> list[str]:
        # Whether more is due than this case's is the other tests' matter.
        await node.processor.write(
            lambda connection: order_some_due(
                node.processor.services, connection, -1, **HERE, at=node.clock.now()
            )
        )
        async with node.database.write() as connection:
            found = await store.list_orders(
                connection, case_ids=[declared.case_id], limit=9, administration_id=node.administration_id
            )
        return [one.status for one in found]

    first = await orders_of()
    assert set(first) == {"ordered"}
    assert await orders_of() == first, "once"
    async with node.database.write() as connection:
        ids = await _ids_of(connection, node, declared.case_id)
    await node.processor.write(
        lambda connection: move_orders(node.processor, connection, ids, "withdrawn", at=node.clock.now())
    )
    assert set(await orders_of()) == {"withdrawn"}
    assert len(await orders_of()) == len(first)


async def _ids_of(connection: Any, node: Node, case_id: int) -> list[int]:
    found = await store.list_orders(
        connection, case_ids=[case_id], limit=9, administration_id=node.administration_id
    )
    return [one.refund_order_id for one in found]
