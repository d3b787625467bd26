"""Goods that come back without a registration number, and what says that they are others: serial numbers,
pictures, a bag in which pieces were swapped."""

from datetime import timedelta
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from tests.journey.linking.test_returned_goods import returned
from tests.journey.processing.support import DECLARANT, STRANGER, parcel, select, send
from tests.journey.repayments.test_returned_goods import codes, move, released, repayments

SHOWN, NEARLY, OTHER = "f0e4c2d1b0a09080", "f0e4c2d1b0a09081", "0f1b3d2e4f5f6f7f"


def pieces(name: str, *serials: str, **changes: Any) -> dict[str, Any]:
    """A parcel of single pieces, each with its serial number."""
    item = {**parcel(name)["goods_items"][0], "quantity": "1"}
    items = [
        {**item, "sequence_number": place, "serial_number": serial, "listing": {"picture_hash": picture}}
        for place, (serial, picture) in enumerate(zip(serials, (SHOWN, OTHER), strict=False), 1)
    ]
    return parcel(name, goods_items=items, **changes)


def unnamed(name: str, **changes: Any) -> dict[str, Any]:
    sent = returned(name, "", **changes)
    del sent["mrn"]
    return sent


@pytest.mark.in_turn
async def test_goods_are_found_by_order_and_serial_and_contradictions_go_to_an_officer(
    node: Node, clock: FixedClock
) -> None:
    phones, phones_case = await released(node, pieces("phones", "SN-1", "SN-2"), "phones", "EUR")
    first, first_case = await released(node, pieces("first", "SN-3"), "first", "EUR")
    second, second_case = await released(node, pieces("second", "SN-4"), "second", "EUR")
    await move(node, clock, 12)
    back = {"goods_returned_at": clock.now().isoformat(), "bag_reference": "BAG-9"}

    answers = await send(
        node,
        DECLARANT,
        "return",
        unnamed("by-order", order_reference="ORDER-phones", item={"serial_number": "sn1"}, **back),
        unnamed("by-none", item={"serial_number": "SN-2"}, **back),
        returned("swapped-1", first, item={"serial_number": "SN-4"}, **back),
        returned("swapped-2", second, item={"serial_number": "SN-9", "picture_hash": NEARLY}, **back),
        returned("other-picture", phones, item={"sequence_number": 2, "picture_hash": NEARLY}, **back),
        unnamed("unreadable-token", house_document="HOUSE-second", tax_paid_token="a.b.c", **back),
    )
    (strange,) = await send(node, STRANGER, "return", unnamed("by-order", order_reference="ORDER-phones"))
    (again,) = await send(
        node, DECLARANT, "return", unnamed("second-time", order_reference="ORDER-phones", **back)
    )

    assert codes(answers[0]) == ["return-application-drafted"], answers[0]
    assert answers[1].problem_code == strange.problem_code == "return-unknown-declaration"
    assert [codes(one) for one in answers[2:5]] == [
        ["return-serial-of-other-import"],
        ["return-serial-differs"],
        ["return-picture-of-other-item"],
    ], answers
    assert answers[2].findings[0].parameters == {"value": "SN-4", "mrn": second}
    assert answers[2].findings[0].pointer == "/goods_items/0/serial_number"
    # It was said to be back already, by the one whose serial number an officer looks at.
    assert codes(answers[5]) == ["returned-more-than-declared"]
    assert codes(again) == ["returned-more-than-declared"]
    drafts = [one.act.parameters["amount_minor"] for one in await repayments(node, phones_case)]
    assert drafts == [300], "of the piece that is right alone"
    assert await repayments(node, first_case) == await repayments(node, second_case) == []
    tasks = await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL AND kind = 2")
    assert tasks == [(3,)]
    evidence = await select(
        node, "SELECT DISTINCT detail FROM document_link WHERE detail LIKE '%%serial%%' ORDER BY detail"
    )
    assert evidence == [("same token or number of the sale or the transport, serial number",)]


@pytest.mark.in_turn
async def test_of_two_parcels_of_one_order_the_pieces_say_which(node: Node, clock: FixedClock) -> None:
    both = {"order_references": ["ORDER-both"]}
    one, _ = await released(node, pieces("one", "SN-A", **both), "one", "EUR")
    two, case_id = await released(node, pieces("two", "SN-B", **both), "two", "EUR")
    await move(node, clock, 3)
    back = {"goods_returned_at": (clock.now() - timedelta(hours=1)).isoformat()}
    asked = {"order_reference": "ORDER-both", **back}

    vague, sure = await send(
        node,
        DECLARANT,
        "return",
        unnamed("vague", **asked),
        unnamed("sure", item={"serial_number": "SN-B"}, **asked),
    )

    assert one != two
    assert vague.problem_code == "return-of-several-declarations"
    assert codes(sure) == ["return-application-drafted"]
    (draft,) = await repayments(node, case_id)
    (subject,) = await select(
        node, "SELECT reference FROM consignment WHERE consignment_id = %s", draft.act.subject_id
    )
    assert subject == ("D-two",)
