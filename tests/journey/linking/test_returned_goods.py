"""Goods that come back: the return joins the case of the declaration it names, and says what it waits for."""

from typing import Any

from serai.app import Node
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.acts.service import Acts
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    PLATFORM,
    STRANGER,
    arrival,
    decision,
    parcel,
    select,
    send,
)


async def released(node: Node, name: str) -> tuple[str, int]:
    """Declare a parcel, pay and land it; return its registration number and case."""
    (declared,) = await send(node, DECLARANT, "declaration", parcel(name))
    await mark_payment_status(
        node.processor,
        OFFICER,
        declared.case_id,
        reference=name,
        kind="paid",
        currency_code="EUR",
        amount="500.00",
    )
    await send(node, DECLARANT, "arrival", arrival(name))
    return decision(declared)["mrn"], declared.case_id


def returned(name: str, mrn: str, **changes: Any) -> dict[str, Any]:
    item = {
        "sequence_number": 1,
        "commodity_code": "61091000",
        "description": "T-shirt",
        "quantity": "1",
        **changes.pop("item", {}),
    }
    return {
        "reference": f"RETURN-{name}",
        "mrn": mrn,
        "reason": "does not fit",
        "goods_items": [item],
        **changes,
    }


TWO_PIECES = {**returned("", "")["goods_items"][0], "quantity": "2"}


async def test_return_joins_the_case_and_says_what_is_repaid(node: Node) -> None:
    number, case_id = await released(node, "comes")

    (kept,) = await send(node, DECLARANT, "return", returned("comes", number))
    (again,) = await send(node, DECLARANT, "return", returned("comes", number))

    assert (kept.status, kept.case_id) == ("recorded", case_id)
    # It landed in July of a law that gives 90 days, and comes back whenever this test runs.
    assert [one.code for one in kept.findings] == ["return-too-late"]
    assert (again.status, again.document_id) == ("repeated", kept.document_id)
    rows = await select(
        node, "SELECT kind, is_confirmed, case_id FROM document WHERE document_id = %s", kept.document_id
    )
    assert rows == [(6, True, case_id)]


async def test_return_before_release_is_refused(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("early"))

    (early,) = await send(node, DECLARANT, "return", returned("early", decision(declared)["mrn"]))

    assert early.problem_code == "return-before-release"


async def test_who_has_no_part_learns_no_more_than_of_a_number_that_is_none(node: Node) -> None:
    number, _ = await released(node, "theirs")

    (strange,) = await send(node, STRANGER, "return", returned("theirs", number))
    (nowhere,) = await send(node, DECLARANT, "return", returned("nowhere", "26XX0000000000000A"))
    (platform,) = await send(node, PLATFORM, "return", returned("theirs", number))

    assert strange.problem_code == nowhere.problem_code == "return-unknown-declaration"
    assert platform.status == "recorded", "the declaration names the platform"


async def test_every_fault_against_the_declaration_at_once(node: Node) -> None:
    number, _ = await released(node, "wrong")
    items = [
        {"sequence_number": 1, "commodity_code": "61091000", "description": "T-shirt", "quantity": "3"},
        {"sequence_number": 7, "commodity_code": "61091000", "description": "T-shirt", "quantity": "1"},
    ]

    (wrong,) = await send(node, DECLARANT, "return", returned("wrong", number, goods_items=items))
    other = {"commodity_code": "62099000", "quantity_unit_code": "KGM"}
    (odd,) = await send(node, DECLARANT, "return", returned("odd", number, item=other))

    assert [(one.code, one.pointer) for one in wrong.findings] == [
        ("returned-more-than-declared", "/goods_items/0/quantity"),
        ("returned-item-not-declared", "/goods_items/1/sequence_number"),
    ]
    assert [one.code for one in odd.findings] == ["returned-other-goods", "returned-in-other-unit"]


async def test_one_piece_comes_back_once_under_whatever_reference_and_whoever_says_so(node: Node) -> None:
    number, _ = await released(node, "twice")
    one, two = returned("twice", number), returned("twice", number, reference="AGAIN-twice")

    (first,) = await send(node, DECLARANT, "return", {**one, "goods_items": [TWO_PIECES]})
    (second,) = await send(node, DECLARANT, "return", two)
    (platform,) = await send(node, PLATFORM, "return", one)
    (repeated,) = await send(node, DECLARANT, "return", {**one, "goods_items": [TWO_PIECES]})

    assert (first.status, repeated.status) == ("recorded", "repeated")
    for answer in (second, platform):
        (finding,) = answer.findings
        assert (finding.code, finding.pointer) == ("returned-more-than-declared", "/goods_items/0/quantity")
        assert finding.parameters == {"value": "1", "declared": "2", "earlier": "2"}


async def test_what_a_withdrawn_return_gave_back_may_come_back_by_another(node: Node) -> None:
    number, _ = await released(node, "free")
    await send(node, DECLARANT, "return", returned("free", number, goods_items=[TWO_PIECES]))
    await Acts(node.processor).withdraw_document(
        DECLARANT, "return", "RETURN-free", expected_version=1, reason="it was another's"
    )

    (other,) = await send(node, DECLARANT, "return", returned("free", number, reference="OTHER-free"))

    assert other.status == "recorded"


async def test_return_is_amended_and_taken_back(node: Node) -> None:
    number, case_id = await released(node, "mind")
    await send(node, DECLARANT, "return", returned("mind", number))

    change = returned("mind", number, item={"quantity": "2"}, amends_version=1)
    (amended,) = await send(node, DECLARANT, "return", change)
    taken = await Acts(node.processor).withdraw_document(
        DECLARANT, "return", "RETURN-mind", expected_version=2, reason="the buyer keeps it"
    )

    assert (amended.status, amended.version, amended.case_id) == ("recorded", 2, case_id)
    assert taken.status == "recorded"
    members = await select(
        node,
        "SELECT count(*) FROM document WHERE case_id = %s AND kind = 6 AND withdrawn_by IS NULL"
        " AND replaced_by IS NULL",
        case_id,
    )
    assert members == [(0,)]
