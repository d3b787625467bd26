"""Who merely knows a reference changes nothing and learns nothing."""

import json
from typing import Any

import pytest

from serai.app import Node
from serai.journey.documents.submission import Answer
from serai.journey.lodgement.service import encode_answer
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OTHER_CARRIER,
    OTHER_DECLARANT,
    PLATFORM,
    PROVIDER,
    STRANGER,
    arrival,
    decision,
    order,
    parcel,
    payment,
    select,
    send,
    statuses,
    transport,
)


def seen(answer: Answer, *, without: tuple[str, ...] = ()) -> Any:
    """What the sender sees of an answer, but for ids, and for what it wrote itself."""
    status, content = encode_answer(answer)
    body = json.loads(content)
    for name in ("case_id", "document_id", "reference", "receipt", *without):
        body.pop(name, None)
    return status, sorted(json.loads(content)), body


async def test_strangers_documents_are_answered_as_if_nobody_used_the_reference(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("known"))
    await send(node, PLATFORM, "order", order("known"))

    for sender, kind, make in (
        (STRANGER, "order", order),
        (STRANGER, "payment", payment),
        (STRANGER, "transport-document", transport),
    ):
        (meets,) = await send(node, sender, kind, make("known"))
        (alone,) = await send(node, sender, kind, make("unused"))

        assert seen(meets) == seen(alone)
        assert meets.case_id == 0, "whether there is a case is not said"
        assert len(meets.receipt) == len(alone.receipt)
        rows = await select(
            node,
            "SELECT is_confirmed FROM document WHERE document_id = ANY(%s)",
            [meets.document_id, alone.document_id],
        )
        assert rows == [(False,), (False,)]


async def test_strangers_documents_change_no_decision(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("calm"))

    await send(node, STRANGER, "order", order("calm", discount_amount="0.01"))
    await send(node, STRANGER, "payment", payment("calm"))
    await send(node, OTHER_CARRIER, "arrival", arrival("calm"))

    rows = await select(
        node, "SELECT decision_id FROM decision WHERE consignment_id = %s", declared.document_id
    )
    assert rows == [(declared.decision_id,)]
    assert await statuses(node, "D-calm") == ["arrival-expected"]
    assert not await select(
        node, "SELECT 1 FROM event WHERE party_id = %s AND case_id = %s", 5, declared.case_id
    )


async def test_reference_taken_in_advance_does_not_keep_others_apart(node: Node) -> None:
    (squatter,) = await send(node, STRANGER, "order", order("squat", discount_amount="0.01"))
    (paid,) = await send(node, PROVIDER, "payment", payment("squat", ucr="UCR-squat"))

    (declared,) = await send(node, DECLARANT, "declaration", parcel("squat"))
    (ordered,) = await send(node, PLATFORM, "order", order("squat"))
    (moved,) = await send(node, CARRIER, "transport-document", transport("squat", ucr="UCR-squat"))

    assert declared.case_id != squatter.case_id
    assert ordered.case_id == moved.case_id == declared.case_id
    assert "declared-amount-differs" not in {one["code"] for one in decision(declared).get("findings", [])}
    rows = await select(
        node,
        "SELECT document_id, is_confirmed FROM document WHERE document_id = ANY(%s) ORDER BY document_id",
        [squatter.document_id, paid.document_id],
    )
    assert rows == [(squatter.document_id, False), (paid.document_id, True)]
    assert not await select(node, "SELECT 1 FROM event WHERE party_id = 5 AND case_id = %s", squatter.case_id)


async def test_naming_a_party_of_the_case_opens_no_door(node: Node) -> None:
    (declared,) = await send(node, DECLARANT, "declaration", parcel("named"))

    (stranger,) = await send(node, STRANGER, "order", order("named", platform_id="INVENTED-PLATFORM"))

    assert stranger.case_id != declared.case_id


async def test_second_declaration_of_another_party_stands_alone(node: Node) -> None:
    (first,) = await send(node, DECLARANT, "declaration", parcel("twice"))
    (ordered,) = await send(node, PLATFORM, "order", order("twice", discount_amount="1.00"))

    (second,) = await send(node, OTHER_DECLARANT, "declaration", parcel("twice", platform_id=None, detail={}))
    (unused,) = await send(
        node, OTHER_DECLARANT, "declaration", parcel("never-seen", platform_id=None, detail={})
    )

    assert second.case_id not in (first.case_id, ordered.case_id)
    changing = ("decision",)
    assert seen(second, without=changing) == seen(unused, without=changing)
    assert decision(second).get("findings") == decision(unused).get("findings")


async def test_reporter_without_a_part_is_answered_as_for_a_flight_nobody_knows(node: Node) -> None:
    await send(node, DECLARANT, "declaration", parcel("flown"))

    (meets,) = await send(node, OTHER_CARRIER, "arrival", arrival("flown"))
    (alone,) = await send(node, OTHER_CARRIER, "arrival", arrival("unflown"))

    assert seen(meets) == seen(alone)
    assert await statuses(node, "D-flown") == ["arrival-expected"]
    (late,) = await send(
        node, DECLARANT, "declaration", parcel("flown-2", conveyance_reference="FLIGHT-unflown")
    )
    assert decision(late)["status"] == "arrival-expected", "a claim moves nobody else's parcel"


@pytest.mark.parametrize("is_declared_first", [True, False])
async def test_numbers_another_party_used_before_keep_nobodys_own_documents_apart(
    node: Node, is_declared_first: bool
) -> None:
    name = f"reused-{is_declared_first}"
    (theirs,) = await send(node, DECLARANT, "declaration", parcel(name))
    await send(node, PLATFORM, "order", order(name))
    own = parcel(name, platform_id=None)
    documents = [("declaration", own), ("order", order(name))]

    answers = {}
    for kind, document in documents if is_declared_first else reversed(documents):
        (answers[kind],) = await send(node, OTHER_DECLARANT, kind, document)
    (paid,) = await send(node, PROVIDER, "payment", payment(name))

    ids = [answers["declaration"].document_id, answers["order"].document_id]
    rows = await select(
        node,
        "SELECT DISTINCT coalesce(merged_into, case_id), is_confirmed "
        "FROM document JOIN every_case USING (case_id) WHERE document_id = ANY(%s)",
        ids,
    )
    assert rows == [(min(ids), True)], "one case, in which both count"
    assert theirs.case_id != min(ids)
    assert paid.case_id == 0, "both ask for it, and it does not say whose it is: it counts in neither"
