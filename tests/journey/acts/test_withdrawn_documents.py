"""Orders, payments and transport documents that are taken back: they count no more, whatever form asked."""

import asyncio

import pytest

from serai.app import Node
from serai.evidence.receipt import verify_receipt
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.acts.service import Acts
from serai.journey.consignments.store import EVENT_KINDS
from serai.model.errors import SeraiError
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    PLATFORM,
    PROVIDER,
    STRANGER,
    arrival,
    order,
    parcel,
    payment,
    select,
    send,
    statuses,
    words_of,
)


async def test_withdrawn_order_counts_no_more_and_its_case_is_decided_again(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("take"))
    (ordered,) = await send(node, PLATFORM, "order", order("take", discount_amount="1.00"))
    acts = Acts(node.processor)

    taken = await acts.withdraw_document(PLATFORM, "order", "ORDER-take", expected_version=1, reason="typo")

    assert (taken.status, taken.case_id, taken.document_id) == (
        "recorded",
        declared.case_id,
        ordered.document_id,
    )
    assert verify_receipt(taken.receipt, node.services.signer.public_key).is_genuine
    decisions = await select(
        node,
        "SELECT decision_id, (SELECT count(*) FROM finding WHERE finding.decision_id = decision.decision_id"
        " AND code = 'declared-amount-differs') FROM decision WHERE consignment_id = %s ORDER BY decision_id",
        declared.document_id,
    )
    assert [count for _, count in decisions] == [0, 1, 0]
    told = await select(node, "SELECT kind FROM event WHERE case_id = %s", declared.case_id)
    assert EVENT_KINDS.index("document-withdrawn") in {kind for (kind,) in told}


async def test_withdrawing_again_gives_the_same_receipt(node: Node) -> None:
    await send(node, PLATFORM, "order", order("twice"))
    acts = Acts(node.processor)

    first, again = [
        await acts.withdraw_document(PLATFORM, "order", "ORDER-twice", expected_version=1, reason="sold out")
        for _ in range(2)
    ]

    assert (first.status, again.status) == ("recorded", "repeated")
    assert verify_receipt(again.receipt, node.services.signer.public_key).is_genuine


async def test_what_was_withdrawn_cannot_come_back_under_its_reference(node: Node) -> None:
    await send(node, PROVIDER, "payment", payment("gone"))
    acts = Acts(node.processor)
    await acts.withdraw_document(PROVIDER, "payment", "PAYMENT-gone", expected_version=None, reason="refund")

    same, changed = [
        (await send(node, PROVIDER, "payment", one))[0]
        for one in (payment("gone"), payment("gone", amount="26.00", amends_version=1))
    ]

    assert (same.status, [one.code for one in same.findings]) == ("repeated", ["withdrawn-before"])
    assert changed.problem_code == "withdrawn"
    ((left,),) = await select(
        node,
        "SELECT count(*) FROM document WHERE document_id = %s AND withdrawn_by IS NULL",
        same.document_id,
    )
    assert left == 0


async def test_declaration_that_comes_later_does_not_meet_a_withdrawn_order(node: Node) -> None:
    (ordered,) = await send(node, PLATFORM, "order", order("late"))
    await Acts(node.processor).withdraw_document(
        PLATFORM, "order", "ORDER-late", expected_version=1, reason="sold out"
    )

    (declared,) = await send(node, DECLARANT, "declaration", parcel("late"))

    assert declared.case_id != ordered.document_id


async def test_after_release_a_withdrawal_is_a_request_for_an_officer(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("free"))
    await send(node, PLATFORM, "order", order("free"))
    acts = Acts(node.processor)
    await mark_payment_status(
        acts.processor,
        OFFICER,
        declared.case_id,
        reference="FREE",
        kind="paid",
        currency_code="EUR",
        amount="500.00",
    )
    await send(node, DECLARANT, "arrival", arrival("free"))
    assert await statuses(node, "D-free") == ["released"]

    late = await acts.withdraw_document(PLATFORM, "order", "ORDER-free", expected_version=1, reason="typo")

    assert late.problem_code == "amendment-too-late"
    rows = await select(
        node, "SELECT act_id, kind FROM act WHERE case_id = %s AND party_id = 2", declared.case_id
    )
    assert [kind for _, kind in rows] == ["document-withdrawal-request"]
    assert await words_of(node, rows[0][0]) == "typo"


async def test_only_its_sender_withdraws_and_only_the_version_it_names(node: Node) -> None:
    await send(node, PLATFORM, "order", order("mine"))
    acts = Acts(node.processor)

    with pytest.raises(SeraiError) as caught:
        await acts.withdraw_document(STRANGER, "order", "ORDER-mine", expected_version=1, reason="x")
    stale = await acts.withdraw_document(PLATFORM, "order", "ORDER-mine", expected_version=2, reason="x")

    assert caught.value.code == "not-found"
    assert stale.problem_code == "version-not-current"


async def test_withdrawal_and_amendment_at_the_same_instant_leave_one_of_them(node: Node) -> None:
    await send(node, PLATFORM, "order", order("race"))
    acts = Acts(node.processor)

    taken, amended = await asyncio.gather(
        acts.withdraw_document(PLATFORM, "order", "ORDER-race", expected_version=1, reason="x"),
        send(node, PLATFORM, "order", order("race", discount_amount="2.00", amends_version=1)),
    )

    outcomes = {taken.status, amended[0].status}
    assert outcomes == {"recorded", "refused"}
    assert {taken.problem_code, amended[0].problem_code} <= {"", "withdrawn", "version-not-current"}
