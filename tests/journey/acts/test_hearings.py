"""Whom an adverse measure reaches is heard first: the clock runs from proof, the answer is addressed, and
what is for good needs a second person."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from psycopg import AsyncConnection

from serai.app import Node
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.node_leases import lease_node
from serai.foundation.partitions import add_partitions
from serai.journey.acts.case_acts import ActDone
from serai.journey.acts.hearings import answer_hearing, receive_hearing
from serai.journey.acts.measures import (
    MeasureOrder,
    Reversal,
    check_measure,
    open_hearing,
    open_hearing_of_reversal,
    reverse_measure,
    take_measure,
)
from serai.journey.documents.submission import Answer
from serai.journey.tasks.rules import HEARING
from serai.journey.tasks.store import TOP, put_ended_on_top
from serai.journey.texts.notices import About, Served, insert_notice
from tests.journey.acts.test_measures import declared, fault_of, standing, take
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    PLATFORM,
    opened,
    order,
    select,
    send,
    statuses,
    words_of,
)


class ShiftedClock:
    """The machine's clock, put forward by days."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def step(self, node: Node, days: int) -> None:
        """Let days go by, in which a node makes tables for months to come, and leases its number anew."""
        self._ahead += timedelta(days=days)
        async with node.database.write_as_owner() as connection:
            await add_partitions(connection, self.now())
        async with node.database.write() as connection:
            node.ids.begin_anew(await lease_node(connection, f"test {self._ahead.days}", self.now()))


CLOCK = ShiftedClock()


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    """One for all tests here: each has a case of its own, and time only goes on."""
    async with opened(database, keys, clock=CLOCK) as running:
        yield running


async def open_one(node: Node, answer: Answer, name: str, kind: str, why: str, **changes: Any) -> int:
    given: dict[str, Any] = {
        "reference": f"HEARING-{name}",
        "kind": kind,
        "reason_code": why,
        "reason": "It is on the list",
        "expected_decision_id": None,
    }
    meant = MeasureOrder(**{**given, **changes})
    return parse_id((await open_hearing(node.processor, OFFICER, answer.case_id, meant)).act_id)


async def reply(node: Node, case: Answer, hearing: int, **changes: Any) -> ActDone:
    given: dict[str, Any] = {"reference": f"R-{hearing}", "answer": "It is not", "more_follows": False}
    sender = changes.pop("sender", DECLARANT)
    return await answer_hearing(
        node.processor, sender, case.case_id, hearing_id=hearing, **{**given, **changes}
    )


async def put_on_top(node: Node, hearing: int) -> bool:
    """Let ended periods be put on top; say whether the task of a hearing stands there, open as before."""
    async with node.database.write() as connection:
        await put_ended_on_top(connection, administration_id=node.administration_id, at=CLOCK.now(), limit=10)
    found = await select(
        node, "SELECT lands_at FROM task WHERE document_id = %s AND closed_at IS NULL", hearing
    )
    return bool(found == [(TOP,)])


async def test_a_refusal_waits_for_proof_and_then_for_the_period(node: Node) -> None:
    answer = await declared(node, "period")
    unheard = await fault_of(take(node, answer, "period", "refusal", "prohibited"))
    hearing = await open_one(node, answer, "period", "refusal", "prohibited")
    await CLOCK.step(node, 100)
    unproven = await fault_of(take(node, answer, "period", "refusal", "prohibited", hearing_id=hearing))

    proof = await receive_hearing(
        node.processor, DECLARANT, answer.case_id, hearing_id=hearing, reference="GOT-period"
    )
    again = await receive_hearing(
        node.processor, DECLARANT, answer.case_id, hearing_id=hearing, reference="GOT-period-2"
    )
    await CLOCK.step(node, 29)
    running = await put_on_top(node, hearing)
    too_soon = await fault_of(take(node, answer, "period", "refusal", "prohibited", hearing_id=hearing))
    task = await select(node, "SELECT kind, due_at, closed_at FROM task WHERE document_id = %s", hearing)
    await CLOCK.step(node, 5)
    ended = await put_on_top(node, hearing), await put_on_top(node, hearing)
    assert await statuses(node, "D-period") == ["arrival-expected"], "time alone decides nothing"
    assert (running, ended) == (False, (True, True)), "what has ended stands before all other tasks"
    done = await take(node, answer, "period", "refusal", "prohibited", hearing_id=hearing)

    assert (unheard, unproven, too_soon) == ("hearing-needed", "hearing-not-ended", "hearing-not-ended")
    assert proof == again
    assert task[0][0] == HEARING
    assert task[0][1] is not None
    assert task[0][2] is None
    assert await statuses(node, "D-period") == ["not-released"]
    (recorded,) = await select(node, "SELECT parameters FROM act WHERE act_id = %s", parse_id(done.act_id))
    assert recorded[0]["hearing"] == format_id(hearing)
    closed = await select(node, "SELECT closed_at IS NULL FROM task WHERE document_id = %s", hearing)
    assert closed == [(False,)]
    assert await fault_of(reply(node, answer, hearing)) == "hearing-decided"


async def test_a_hearing_that_is_taken_back_is_none_and_needs_nobody(node: Node) -> None:
    answer = await declared(node, "dropped")
    hearing = await open_one(node, answer, "dropped", "refusal", "prohibited")
    await reply(node, answer, hearing)

    back = Reversal(hearing, "BACK-dropped", "in-error", "Another parcel was meant")
    await reverse_measure(node.processor, OFFICER, answer.case_id, back)

    gone = await fault_of(
        take(node, answer, "dropped", "refusal", "prohibited", hearing_id=hearing, reason="as announced")
    )
    assert gone == "hearing-needed"
    task = await select(node, "SELECT closed_at IS NULL FROM task WHERE document_id = %s", hearing)
    assert task == [(False,)]


async def test_an_answer_ends_the_hearing_and_is_addressed(node: Node) -> None:
    answer = await declared(node, "answer")
    hearing = await open_one(node, answer, "answer", "refusal", "prohibited")
    await send(node, PLATFORM, "order", order("answer"))
    other = await fault_of(reply(node, answer, hearing, sender=PLATFORM))
    first = await reply(node, answer, hearing, more_follows=True)
    waits = await fault_of(
        take(node, answer, "answer", "refusal", "prohibited", hearing_id=hearing, reason="x")
    )
    last = await reply(node, answer, hearing, reference="R-last", answer="That is all")

    silent = await fault_of(take(node, answer, "answer", "refusal", "prohibited", hearing_id=hearing))
    another = await fault_of(
        take(node, answer, "answer", "refusal", "safety", hearing_id=hearing, reason="no")
    )
    done = await take(
        node, answer, "answer", "refusal", "prohibited", hearing_id=hearing, reason="It is: see annex 2"
    )

    assert (other, waits) == ("not-found", "hearing-not-ended")
    assert (silent, another) == ("answer-not-addressed", "hearing-differs")
    assert await words_of(node, parse_id(first.act_id)) == "It is not"
    (recorded,) = await select(node, "SELECT parameters FROM act WHERE act_id = %s", parse_id(done.act_id))
    assert recorded[0]["answer"] == last.act_id


async def test_an_exception_is_one_of_the_law_and_stated_with_its_grounds(node: Node) -> None:
    answer = await declared(node, "except")

    async def refuse(code: str, why: str) -> str:
        return await fault_of(
            take(node, answer, "except", "refusal", "safety", exception_code=code, reason=why)
        )

    faults = [await refuse("haste", "we hurry"), await refuse("threat-to-safety", "")]
    done = await take(
        node, answer, "except", "refusal", "safety", exception_code="threat-to-safety", reason="It burns"
    )

    assert faults == ["exception-not-known", "answer-not-addressed"]
    (recorded,) = await select(node, "SELECT parameters FROM act WHERE act_id = %s", parse_id(done.act_id))
    assert "22(6)" in recorded[0]["exception_law"]


async def test_what_raises_the_debt_is_heard_and_what_lowers_it_is_not(node: Node) -> None:
    answer = await declared(node, "uplift")
    up = {"currency_code": "EUR", "amount": "140.00"}
    raised = await fault_of(take(node, answer, "uplift", "value-determined", "value-doubtful", **up))
    nothing = await select(node, "SELECT count(*) FROM act WHERE case_id = %s", answer.case_id)
    hearing = await open_one(node, answer, "uplift", "value-determined", "value-doubtful", **up)
    await reply(node, answer, hearing)
    other = up | {"amount": "149.00"}
    differs = await fault_of(
        take(
            node,
            answer,
            "uplift",
            "value-determined",
            "value-doubtful",
            hearing_id=hearing,
            reason="r",
            **other,
        )
    )

    await take(
        node, answer, "uplift", "value-determined", "value-doubtful", hearing_id=hearing, reason="paid", **up
    )

    assert (raised, differs) == ("hearing-needed", "hearing-differs")
    assert nothing == [(0,)], "what was refused left nothing"


async def test_a_release_is_revoked_only_after_a_hearing(node: Node) -> None:
    answer = await declared(node, "revoke")
    await take(node, answer, "revoke", "hold", "control")
    release = await take(node, answer, "revoke", "release", "control-ended")
    back = Reversal(
        parse_id(release.act_id), "BACK-revoke", "in-error", "The proof was forged", form="revocation"
    )
    unheard = await fault_of(reverse_measure(node.processor, OFFICER, answer.case_id, back))
    meant = back._replace(reference="HEARING-revoke")
    hearing = await open_hearing_of_reversal(node.processor, OFFICER, answer.case_id, meant)
    await reply(node, answer, parse_id(hearing.act_id))

    await reverse_measure(
        node.processor, OFFICER, answer.case_id, back._replace(hearing_id=parse_id(hearing.act_id))
    )

    assert unheard == "hearing-needed"
    assert await statuses(node, "D-revoke") == ["under-documentary-control"], "the hold stands again"
    laws = await select(
        node, "SELECT law_reference FROM act WHERE case_id = %s AND kind = 'reversal'", answer.case_id
    )
    assert laws == [("Regulation (EU) No 952/2013, article 28",)]


async def test_an_event_that_the_declarants_webhook_has_taken_proves_it_and_one_that_failed_does_not(
    node: Node,
) -> None:
    answer = await declared(node, "hook")
    hearing = await open_one(node, answer, "hook", "refusal", "prohibited")
    decision_id = await standing(node, "hook")
    await CLOCK.step(node, 40)
    bounced = await fault_of(take(node, answer, "hook", "refusal", "prohibited", hearing_id=hearing))

    async with node.database.write() as connection:
        await taken_by_webhook(node, connection, answer.case_id, decision_id)
    await CLOCK.step(node, 20)
    too_soon = await fault_of(take(node, answer, "hook", "refusal", "prohibited", hearing_id=hearing))
    await CLOCK.step(node, 15)
    await take(node, answer, "hook", "refusal", "prohibited", hearing_id=hearing)

    assert (bounced, too_soon) == ("hearing-not-ended", "hearing-not-ended")
    proofs = await select(
        node,
        "SELECT parameters ->> 'by' FROM act WHERE case_id = %s AND kind = 'hearing-notified'",
        answer.case_id,
    )
    assert proofs == [("webhook",)]


async def taken_by_webhook(
    node: Node,
    connection: AsyncConnection[Any],
    case_id: int,
    decision_id: int,
    *,
    event_kind: str = "hearing-opened",
    party_id: int = DECLARANT.party_id,
) -> None:
    """What a deliverer writes once a webhook has answered 2xx."""
    await insert_notice(
        connection,
        Served([About(case_id, decision_id)], (), "webhook", "zxx", event_kind=event_kind),
        notice_id=int(node.services.ids.take(1)[0]),
        party_id=party_id,
        administration_id=node.administration_id,
        at=CLOCK.now(),
    )


async def test_what_is_for_good_is_done_by_two_persons(node: Node) -> None:
    answer = await declared(node, "good")
    await take(node, answer, "good", "seizure", "offence")
    hearing = await open_one(node, answer, "good", "confiscation", "offence")
    await reply(node, answer, hearing)
    given = {"hearing_id": hearing, "reason": "as announced"}

    alone = await fault_of(take(node, answer, "good", "confiscation", "offence", **given))
    meant = MeasureOrder(
        reference="CONFISCATION", kind="confiscation", reason_code="offence", reason="as announced",
        expected_decision_id=await standing(node, "good"), hearing_id=hearing,
    )  # fmt: skip
    await check_measure(node.processor, OFFICER, answer.case_id, meant)
    only_looked_at = await statuses(node, "D-good")
    approvals = []

    async def approve(connection: AsyncConnection[Any]) -> None:
        approvals.append(connection)

    await take_measure(node.processor, OFFICER, answer.case_id, meant, first=approve)

    assert alone == "second-person-needed"
    assert only_looked_at == ["seized"]
    assert len(approvals) == 1
    assert await statuses(node, "D-good") == ["confiscated"]
