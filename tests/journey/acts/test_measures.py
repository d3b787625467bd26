"""Measures of officers: allowed by the state of the goods, recorded once, with their effect on decision and
charges, and taken back by an act on a legal basis of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from serai.app import Node
from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import ActDone, reverse_act
from serai.journey.acts.measures import MeasureOrder, answer_question, take_measure
from serai.journey.acts.service import Acts
from serai.journey.cases.status import SERIOUS
from serai.journey.documents.submission import Answer, Sender
from serai.journey.measure_rules.measure_law import PARAMETERS, reasons_of, shipped_measure_rules
from serai.journey.revenue.store import select_border_dues
from serai.journey.tasks.rules import INFORMATION
from serai.journey.texts.catalogue import find_text
from serai.model.acts import DISPOSED_STATES, GOODS_STATES, MEASURE_FINDINGS, MEASURE_REASON, MEASURES
from serai.model.errors import SeraiError
from serai.model.frames import STATUSES
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    PLATFORM,
    STRANGER,
    arrival,
    opened,
    order,
    parcel,
    select,
    send,
    statuses,
    words_of,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    """One for all tests here: each has a case of its own."""
    async with opened(database, keys) as running:
        yield running


SECOND_OFFICER = Sender(91, frozenset({"officer"}))


async def standing(node: Node, name: str) -> int:
    rows = await select(node, "SELECT decision_id FROM consignment WHERE reference = %s", f"D-{name}")
    return int(rows[0][0])


async def take(node: Node, answer: Answer, name: str, kind: str, why: str | None, **changes: Any) -> ActDone:
    """Take a measure on what stands now. The reference is made of name and kind."""
    wanted: dict[str, Any] = {
        "reference": f"{kind}-{name}",
        "kind": kind,
        "reason_code": why,
        "expected_decision_id": await standing(node, name),
    }
    sender = changes.pop("sender", OFFICER)
    return await take_measure(node.processor, sender, answer.case_id, MeasureOrder(**{**wanted, **changes}))


async def fault_of(work: Any) -> str:
    with pytest.raises(SeraiError) as caught:
        await work
    assert caught.value.next_step
    return caught.value.code


async def owed(node: Node, answer: Answer) -> int:
    """What a case owes at the border, minor units."""
    async with node.database.write() as connection:
        dues = await select_border_dues(
            connection, [answer.case_id], administration_id=node.administration_id
        )
    return sum(one.amount_minor for one in dues)


async def declared(node: Node, name: str, **changes: Any) -> Answer:
    (answer,) = await send(node, DECLARANT, "declaration", parcel(name, **changes))
    return answer


async def test_a_hold_keeps_goods_that_are_free_and_a_release_lets_them_go(node: Node) -> None:
    answer = await declared(node, "held")

    await take(node, answer, "held", "hold", "control", reason="looks odd")
    during = await statuses(node, "D-held")
    await take(node, answer, "held", "release", "control-ended")

    assert during == ["under-documentary-control"]
    assert await statuses(node, "D-held") == ["arrival-expected"]
    assert await words_of(node, parse_id((await take(node, answer, "held", "hold", "control")).act_id)) == (
        "looks odd"
    ), "the same again is the act that was done"


async def test_what_is_disposed_of_owes_nothing_and_is_released_by_no_arrival(node: Node) -> None:
    answer = await declared(node, "gone")
    await take(node, answer, "gone", "seizure", "offence")
    seized = await statuses(node, "D-gone")

    await take(node, answer, "gone", "return-to-sender", "owner-asks")
    await send(node, DECLARANT, "arrival", arrival("gone"))

    assert seized == ["seized"]
    assert await statuses(node, "D-gone") == ["returned"]
    charges = await select(
        node,
        "SELECT count(*) FROM task WHERE consignment_id = %s AND closed_at IS NULL AND kind = 0",
        answer.document_id,
    )
    assert charges == [(0,)]


async def test_a_measure_that_the_state_of_the_goods_does_not_allow_is_refused(node: Node) -> None:
    answer = await declared(node, "states")
    await take(node, answer, "states", "seizure", "offence")

    faults = {
        kind: await fault_of(take(node, answer, "states", kind, reason))
        for kind, reason in {
            "abandonment": "owner-asks", "hold": "control", "detention": "offence",
            "destruction": "prohibited", "refusal": "prohibited",
        }.items()
    }  # fmt: skip
    await take(node, answer, "states", "return-to-sender", "owner-asks")
    last = await fault_of(take(node, answer, "states", "release", "control-ended"))

    assert set(faults.values()) == {"measure-not-allowed"}
    assert last == "measure-not-allowed"


async def test_of_two_officers_the_later_learns_what_the_other_did(node: Node) -> None:
    answer = await declared(node, "two")
    read_by_both = await standing(node, "two")
    await take(node, answer, "two", "detention", "safety")

    late = take(
        node, answer, "two", "release", "control-ended", sender=SECOND_OFFICER,
        expected_decision_id=read_by_both,
    )  # fmt: skip
    with pytest.raises(SeraiError, match="Since then: detention") as caught:
        await late

    assert caught.value.code == "decision-not-current"
    assert await statuses(node, "D-two") == ["detained"]


async def test_a_release_ends_the_controls_it_knew_and_no_other(node: Node) -> None:
    """A price that is contradicted is looked at; an officer ends that; then another rule speaks."""
    answer = await declared(node, "ended")
    lines = [{"sequence_number": 1, "description": "T-shirt", "quantity": "2", "amount": "95.00"}]
    await send(node, PLATFORM, "order", order("ended", lines=lines, discount_amount=None))
    doubted = await statuses(node, "D-ended")

    await take(node, answer, "ended", "release", "control-ended")
    ended = await statuses(node, "D-ended")
    await take(
        node, answer, "ended", "classification-determined", "examined", goods_item=1, reason="cigarettes",
        commodity_code="24022090", exception_code="fraud-investigation",
    )  # fmt: skip

    assert doubted == ["under-documentary-control"]
    assert ended == ["arrival-expected"]
    assert await statuses(node, "D-ended") != ["arrival-expected"], (
        "what is said of tobacco is another reason"
    )


async def test_what_an_officer_determines_is_what_is_charged_until_it_is_annulled(node: Node) -> None:
    answer = await declared(node, "code")
    first_due = await owed(node, answer)
    stated = {"currency_code": "EUR", "amount": "10.00"}

    done = await take(node, answer, "code", "value-determined", "value-doubtful", **stated)
    less = await owed(node, answer)
    back = await reverse_act(
        node.processor, OFFICER, answer.case_id, act_id=parse_id(done.act_id), reference="BACK-code",
        reason_code="proof-sent", reason="", expected_decision_id=None, form="annulment",
    )  # fmt: skip

    assert 0 < less < first_due
    assert await owed(node, answer) == first_due
    (law,) = await select(
        node, "SELECT law_reference, parameters ->> 'form' FROM act WHERE act_id = %s", parse_id(back.act_id)
    )
    assert law == ("Regulation (EU) No 952/2013, article 23(3)", "annulment")


async def test_a_measure_is_taken_back_in_a_form_and_what_was_destroyed_is_not(node: Node) -> None:
    answer = await declared(node, "form")
    held = await take(node, answer, "form", "hold", "control")

    async def back(act_id: str, **changes: Any) -> ActDone:
        given = {"reference": "F-1", "reason_code": "in-error", "reason": "", "expected_decision_id": None}
        return await reverse_act(
            node.processor, OFFICER, answer.case_id, act_id=parse_id(act_id), **{**given, **changes}
        )

    without = await fault_of(back(held.act_id))
    await back(held.act_id, form="revocation")
    note = await take(node, answer, "form", "note", None, reason="seen", expected_decision_id=None)

    assert without == "measure-faulty"
    assert await statuses(node, "D-form") == ["arrival-expected"]
    assert await fault_of(back(note.act_id, reference="F-2", form="annulment")) == "act-not-reversible"


async def test_a_question_waits_until_the_party_answers_it_once(node: Node) -> None:
    answer = await declared(node, "ask")
    asked = await take(
        node, answer, "ask", "information-requested", "value-doubtful", reason="Send the invoice",
        expected_decision_id=None,
    )  # fmt: skip
    question = parse_id(asked.act_id)
    tasks = "SELECT kind, due_at IS NOT NULL, closed_at IS NULL FROM task WHERE document_id = %s"
    open_tasks = await select(node, tasks, question)

    async def say(reference: str, sender: Sender = DECLARANT, to: int = question) -> ActDone:
        return await answer_question(
            node.processor, sender, answer.case_id, reference=reference, question_id=to, answer="It is here"
        )

    stranger = await fault_of(say("S", STRANGER))
    foreign = await fault_of(say("N", to=answer.decision_id or 0))
    given = await say("A-1")
    again = await say("A-1")
    second = await fault_of(say("A-2"))

    assert open_tasks == [(INFORMATION, True, True)]
    assert (stranger, foreign, second) == ("not-found", "not-found", "question-answered-already")
    assert given == again
    assert await select(node, tasks, question) == [(INFORMATION, True, False)]
    assert await words_of(node, parse_id(given.act_id)) == "It is here"
    told = await select(
        node, "SELECT DISTINCT kind FROM event WHERE case_id = %s AND kind >= 12 ORDER BY 1", answer.case_id
    )
    assert told == [(13,), (14,)]


async def test_an_order_states_what_its_kind_needs_and_nothing_else(node: Node) -> None:
    answer = await declared(node, "faulty")

    faults = [
        await fault_of(take(node, answer, "faulty", kind, reason, **stated))
        for kind, reason, stated in (
            ("origin-determined", "examined", {}),
            ("hold", "control", {"commodity_code": "61091000"}),
            ("hold", "owner-asks", {}),
            ("hold", None, {}),
            ("hold", "control", {"expected_decision_id": None}),
            ("quantity-determined", "examined", {"goods_item": 1, "quantity": "-1"}),
            ("quantity-determined", "examined", {"goods_item": 7, "quantity": "1"}),
            ("value-determined", "documents-agree", {"currency_code": "USD", "amount": "1.00"}),
            ("hold", "control", {"sender": DECLARANT}),
            ("hold", "control", {"consignment_id": 1}),
        )
    ]

    assert faults == [
        "measure-faulty", "measure-faulty", "reason-not-allowed", "reason-not-allowed", "measure-faulty",
        "measure-faulty", "measure-faulty", "mark-currency-differs", "not-found", "not-found",
    ]  # fmt: skip
    assert await select(node, "SELECT count(*) FROM act WHERE case_id = %s", answer.case_id) == [(0,)]


async def test_every_measure_has_a_row_and_every_reason_and_state_its_words() -> None:
    rules = shipped_measure_rules()
    codes = [f"{MEASURE_REASON}{code}" for code in reasons_of(rules)] + list(MEASURE_FINDINGS.values())

    assert {one.kind for one in rules.measures} == set(MEASURES)
    assert set(PARAMETERS) <= set(MEASURES)
    assert [code for code in codes if find_text(code, "en") is None] == []
    assert set(STATUSES) >= DISPOSED_STATES
    assert set(SERIOUS) == set(STATUSES), "a case has the status of what keeps it longest, whichever that is"
    acting = set(MEASURES) - {"assignment", "note"}
    assert [
        (law.jurisdictions, acting - set(law.references))
        for law in rules.laws
        if acting - set(law.references)
    ] == []
    for one in rules.measures:
        if one.kind == "confiscation":
            assert one.allowed_in == ["seized"]
    assert [one.kind for one in rules.measures if "destroyed" in one.allowed_in] == ["assignment", "note"]
    assert set(GOODS_STATES) > DISPOSED_STATES


async def test_what_an_officer_has_is_changed_or_taken_back_by_request_alone(node: Node) -> None:
    await declared(node, "grip")
    answer = await declared(node, "grip-2")
    await take(node, answer, "grip-2", "seizure", "offence")

    withdrawn = await Acts(node.processor).withdraw(
        DECLARANT, "D-grip-2", expected_version=None, reason="sold elsewhere"
    )
    amended = await declared(node, "grip-2", amends_version=1, transport_mode_code="5")
    free = await Acts(node.processor).withdraw(DECLARANT, "D-grip", expected_version=None, reason="sold")

    assert withdrawn.problem_code == amended.problem_code == "amendment-too-late"
    assert await statuses(node, "D-grip-2", "D-grip") == ["seized", "invalidated"]
    assert free.status == "decided"
    tasks = await select(
        node,
        "SELECT count(*) FROM task WHERE consignment_id = %s AND kind IN (0, 2) AND closed_at IS NULL",
        answer.document_id,
    )
    assert tasks == [(1,)], "an officer is asked"


async def test_no_amendment_lifts_an_officers_refusal(node: Node) -> None:
    answer = await declared(node, "again")
    await take(
        node, answer, "again", "refusal", "safety", exception_code="threat-to-safety", reason="It burns"
    )

    await declared(node, "again", amends_version=1, transport_mode_code="5")

    assert await statuses(node, "D-again") == ["not-released"]
