"""A line sent again in its own batch is answered as one sent again later: with decision and receipt."""

from typing import Any

import pytest

from serai.app import Node
from serai.journey.documents.submission import Sender
from serai.journey.documents.versions import AMENDMENT_ROUNDS_COUNT_MAX
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    PLATFORM,
    PROVIDER,
    arrival,
    decision,
    order,
    parcel,
    payment,
    select,
    send,
    transport,
)


async def test_line_again_in_one_batch_has_the_first_lines_answer(node: Node) -> None:
    once, other = parcel("AGAIN"), parcel("AGAIN-OTHER")

    first, between, again, third = await send(node, DECLARANT, "declaration", once, other, once, once)

    assert [one.status for one in (first, between, again, third)] == ["decided", "decided"] + ["repeated"] * 2
    assert first.decision
    assert first.receipt
    for repeat in (again, third):
        assert (repeat.case_id, repeat.document_id) == (first.case_id, first.document_id)
        assert (repeat.decision_id, repeat.version) == (first.decision_id, first.version)
        assert (repeat.decision, repeat.receipt) == (first.decision, first.receipt)


async def test_amendment_again_in_one_batch_has_the_first_ones_answer(node: Node) -> None:
    amended = parcel("AGAIN-2", amends_version=1, amendment_reason="mass", logistics_channel_code="express")

    first, change, again = await send(node, DECLARANT, "declaration", parcel("AGAIN-2"), amended, amended)

    assert (first.version, change.version, again.status) == (1, 2, "repeated")
    assert (again.version, again.decision_id) == (2, change.decision_id)
    assert (again.decision, again.receipt) == (change.decision, change.receipt)


async def test_order_again_in_one_batch_has_the_first_ones_answer(node: Node) -> None:
    first, again = await send(node, DECLARANT, "order", order("AGAIN-3"), order("AGAIN-3"))

    assert again.status == "repeated"
    assert (again.case_id, again.document_id) == (first.case_id, first.document_id)
    assert again.receipt == first.receipt


async def test_arrival_again_in_one_batch_has_the_first_ones_answer(node: Node) -> None:
    first, again = await send(node, CARRIER, "arrival", arrival("AGAIN-4"), arrival("AGAIN-4"))

    assert (first.status, again.status) == ("recorded", "repeated")
    assert (again.document_id, again.receipt) == (first.document_id, first.receipt)
    assert first.receipt


_SUPPORTING_DOCUMENTS = [
    (PLATFORM, "order", order("AGAIN-5", amends_version=1, discount_amount="4.00")),
    (PROVIDER, "payment", payment("AGAIN-5", amends_version=1, amount="24.00")),
    (CARRIER, "transport-document", transport("AGAIN-5", amends_version=1, receptacle_id="BAG-OTHER")),
    (CARRIER, "arrival", arrival("AGAIN-5", amends_version=1, arrived_at="2026-07-02T07:00:00+02:00")),
]


@pytest.mark.parametrize(
    ("sender", "kind", "amended"), _SUPPORTING_DOCUMENTS, ids=[kind for _, kind, _ in _SUPPORTING_DOCUMENTS]
)
async def test_amendment_of_any_document_again_in_one_batch_has_the_first_ones_answer(
    node: Node, sender: Sender, kind: str, amended: dict[str, Any]
) -> None:
    original = {name: value for name, value in amended.items() if name != "amends_version"}
    original |= {"ucr": "UCR-BEFORE"} if kind != "arrival" else {"arrived_at": "2026-07-02T06:30:00+02:00"}
    await send(node, sender, kind, original)

    change, again = await send(node, sender, kind, amended, amended)

    assert (change.status, change.version, again.status, again.version) == ("recorded", 2, "repeated", 2)
    assert (again.case_id, again.document_id) == (change.case_id, change.document_id)
    assert again.receipt == change.receipt
    assert change.receipt


async def test_file_may_amend_the_order_it_has_just_told_of(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("CHAIN"))

    answers = await send(
        node,
        PLATFORM,
        "order",
        order("CHAIN", discount_amount="1.00"),
        order("CHAIN", amends_version=1, discount_amount="2.00"),
        order("CHAIN", amends_version=2, discount_amount="5.00"),
        order("CHAIN", amends_version=2, discount_amount="3.00"),
    )

    assert [(one.status, one.version) for one in answers] == [
        ("recorded", 1),
        ("recorded", 2),
        ("recorded", 3),
        ("refused", 3),
    ]
    first, second, third = (one.document_id for one in answers[:3])
    rows = await select(
        node,
        "SELECT document_id, replaced_by FROM document WHERE document_id = ANY(%s) ORDER BY document_id",
        [first, second, third],
    )
    assert rows == [(first, second), (second, third), (third, None)]
    (again,) = await send(node, DECLARANT, "declaration", parcel("CHAIN"))
    assert "declared-amount-differs" not in {one["code"] for one in decision(again).get("findings", [])}, (
        "only the newest counts"
    )
    assert again.case_id == declared.case_id


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("sender", "kind", "make"), [(PLATFORM, "order", order), (DECLARANT, "declaration", parcel)]
)
async def test_file_of_endless_amendments_is_told_to_come_again(
    node: Node, sender: Sender, kind: str, make: Any
) -> None:
    reason = {"amendment_reason": "again"} if kind == "declaration" else {}
    records = [
        make("ENDLESS", ucr="UCR-ENDLESS"),
        *(make("ENDLESS", ucr=f"UCR-ENDLESS-{n}", amends_version=n, **reason) for n in range(1, 40)),
    ]

    answers = await send(node, sender, kind, *records)
    taken = [one for one in answers if one.status != "not-accepted"]
    late = answers[len(taken) :]
    rest = await send(node, sender, kind, *records[len(taken) :])

    assert AMENDMENT_ROUNDS_COUNT_MAX <= len(taken) <= AMENDMENT_ROUNDS_COUNT_MAX + 1
    assert {one.status for one in taken} <= {"recorded", "decided"}
    assert late
    assert {(one.status, one.problem_code) for one in late} == {("not-accepted", "busy")}
    assert {one.status for one in rest} <= {"recorded", "decided"}
    assert rest[-1].version == 40
