"""A line sent again in its own batch is answered as one sent again later: with decision and receipt."""

from serai.app import Node
from tests.journey.clearance.support import CARRIER, DECLARANT, arrival, order, parcel, send


async def test_line_again_in_one_batch_has_the_first_lines_answer(node: Node) -> None:
    once, other = parcel("AGAIN"), parcel("AGAIN-OTHER")

    first, between, again, third = await send(node, DECLARANT, "consignment", once, other, once, once)

    assert [one.status for one in (first, between, again, third)] == ["decided", "decided"] + ["repeated"] * 2
    assert first.decision
    assert first.receipt
    for repeat in (again, third):
        assert (repeat.case_id, repeat.document_id) == (first.case_id, first.document_id)
        assert (repeat.decision_id, repeat.version) == (first.decision_id, first.version)
        assert (repeat.decision, repeat.receipt) == (first.decision, first.receipt)


async def test_amendment_again_in_one_batch_has_the_first_ones_answer(node: Node) -> None:
    amended = parcel("AGAIN-2", amends_version=1, amendment_reason="mass", channel_code="express")

    first, change, again = await send(node, DECLARANT, "consignment", parcel("AGAIN-2"), amended, amended)

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
