"""Whoever a refusal reaches may ask for a human's review: an officer upholds it or sets it aside."""

from typing import Any

import pytest

from serai.app import Node
from serai.foundation.id_text import parse_id
from serai.journey.acts.human_review import answer_review, request_review
from serai.journey.documents.submission import Answer
from serai.journey.tasks.rules import REQUEST
from serai.model.errors import SeraiError
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    STRANGER,
    decision,
    parcel,
    select,
    send,
    statuses,
    words_of,
)


async def refused(node: Node, name: str, **changes: Any) -> Answer:
    """A parcel with what India lets nobody import."""
    vape = {
        **parcel(name)["goods_items"][0],
        "commodity_code": "85434000",
        "description": "electronic cigarette, rechargeable",
    }
    consignee = {"name": "Invented Person 2", "country_code": "IN", "city": "Pune", "postcode": "411001"}
    record = parcel(name, goods_items=[vape], consignee=consignee, **changes)
    (answer,) = await send(node, DECLARANT, "declaration", record)
    assert answer.decision, answer
    return answer


async def ask(node: Node, answer: Answer, name: str, **changes: Any) -> int:
    wanted: dict[str, Any] = {
        "reference": f"REVIEW-{name}",
        "decision_id": answer.decision_id,
        "reason": "It is a toothbrush",
    }
    done = await request_review(
        node.processor, changes.pop("sender", DECLARANT), answer.case_id, **{**wanted, **changes}
    )
    return parse_id(done.act_id)


async def answer_to(node: Node, answer: Answer, request_id: int, outcome: Any) -> str:
    done = await answer_review(
        node.processor,
        OFFICER,
        answer.case_id,
        request_id=request_id,
        outcome=outcome,
        reason="I have looked",
    )
    return done.kind


async def tasks_of(node: Node, answer: Answer) -> list[tuple[int, bool]]:
    """Kind of each task of a declaration, and whether it is open."""
    return [
        (kind, closed_at is None)
        for kind, closed_at in await select(
            node,
            "SELECT kind, closed_at FROM task WHERE consignment_id = %s ORDER BY task_id",
            answer.document_id,
        )
    ]


async def test_a_refusal_set_aside_is_examined_until_the_declaration_changes(node: Node) -> None:
    answer = await refused(node, "aside")
    assert decision(answer)["lane"] == "refuse"

    request_id = await ask(node, answer, "aside")
    assert await ask(node, answer, "aside") == request_id, "the same again changes nothing"
    assert await words_of(node, request_id) == "It is a toothbrush"
    assert (REQUEST, True) in await tasks_of(node, answer), "an officer is asked"
    assert await answer_to(node, answer, request_id, "set-aside") == "review-set-aside"

    assert await statuses(node, "D-aside") == ["under-physical-control"]
    assert await answer_to(node, answer, request_id, "set-aside") == "review-set-aside"
    with pytest.raises(SeraiError, match="answered before"):
        await answer_to(node, answer, request_id, "upheld")
    # The officer's word was on what was declared then.
    await refused(node, "aside", amends_version=1, transport_mode_code="5")
    assert await statuses(node, "D-aside") == ["not-released"]


async def test_a_refusal_that_is_upheld_stands_and_needs_nobody_any_more(node: Node) -> None:
    answer = await refused(node, "upheld")

    request_id = await ask(node, answer, "upheld")
    assert await answer_to(node, answer, request_id, "upheld") == "review-upheld"

    assert await statuses(node, "D-upheld") == ["not-released"]
    assert not any(is_open for _, is_open in await tasks_of(node, answer))
    kinds = await select(
        node, "SELECT kind FROM act WHERE subject_id = %s ORDER BY act_id", answer.document_id
    )
    assert kinds == [("review-request",), ("review-upheld",)]


async def test_only_a_refusal_that_stands_is_reviewed_and_only_for_its_parties(node: Node) -> None:
    answer = await refused(node, "whose")
    (fine,) = await send(node, DECLARANT, "declaration", parcel("fine"))
    request_id = await ask(node, answer, "whose")

    faults = {}
    for name, attempt in {
        "stranger": ask(node, answer, "stranger", sender=STRANGER),
        "other decision": ask(node, answer, "other", decision_id=fine.decision_id),
        "no refusal": ask(node, fine, "fine"),
        "reused": ask(node, fine, "whose"),
        "no officer": answer_review(
            node.processor, DECLARANT, answer.case_id, request_id=request_id, outcome="upheld", reason="x"
        ),
        "no request": answer_to(node, answer, answer.decision_id, "upheld"),
    }.items():
        with pytest.raises(SeraiError) as caught:
            await attempt
        faults[name] = caught.value.code

    assert faults == {
        "stranger": "not-found",
        "other decision": "decision-not-current",
        "no refusal": "review-not-due",
        "reused": "reference-reused",
        "no officer": "not-found",
        "no request": "not-found",
    }
