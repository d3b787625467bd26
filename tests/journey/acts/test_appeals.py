"""Appeals: lodged once, decided by another officer and a second person, changing the decision; the effect of
what they are against may be suspended."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from psycopg import AsyncConnection

from serai.app import Node
from serai.foundation.id_text import parse_id
from serai.journey.acts.appeals import check_outcome, decide_appeal, lodge_appeal, state_view, suspend_effect
from serai.journey.acts.case_acts import ActDone
from serai.journey.documents.submission import Answer, Sender
from serai.journey.tasks.rules import APPEAL
from serai.journey.texts.notices import About, Served, insert_notice
from tests.journey.acts.test_hearings import CLOCK
from tests.journey.acts.test_human_review import refused
from tests.journey.acts.test_measures import declared, fault_of, owed, standing, take
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    PLATFORM,
    STRANGER,
    opened,
    order,
    select,
    send,
    statuses,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
SECOND_OFFICER = Sender(90, frozenset({"officer"}), acting_user="page_session:77")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(database: str, keys: Path) -> AsyncIterator[Node]:
    """One for all tests here: each has a case of its own, and time only goes on."""
    async with opened(database, keys, clock=CLOCK) as running:
        yield running


async def approve(_: AsyncConnection[Any]) -> None:
    """A second person has approved it."""


async def appeal(node: Node, case: Answer, name: str, **changes: Any) -> ActDone:
    given: dict[str, Any] = {
        "reference": f"APPEAL-{name}",
        "statement": "It is wrong",
        "against_id": None,
        "decision_id": None,
    }
    sender = changes.pop("sender", DECLARANT)
    return await lodge_appeal(node.processor, sender, case.case_id, **{**given, **changes})


async def decide(node: Node, case: Answer, lodged: ActDone, outcome: Any, **changes: Any) -> ActDone:
    given: dict[str, Any] = {"reference": f"OUT-{lodged.act_id}", "reason": "We looked again"}
    sender = changes.pop("sender", SECOND_OFFICER)
    return await decide_appeal(
        node.processor, sender, case.case_id, appeal_id=parse_id(lodged.act_id), outcome=outcome,
        first=approve, **{**given, **changes},
    )  # fmt: skip


async def state(node: Node, case: Answer, lodged: ActDone, sender: Sender = OFFICER) -> ActDone:
    return await state_view(
        node.processor, sender, case.case_id, appeal_id=parse_id(lodged.act_id),
        reference=f"VIEW-{lodged.act_id}-{sender.party_id}", statement="We compared the invoices",
    )  # fmt: skip


async def determined(node: Node, name: str) -> tuple[Answer, ActDone]:
    """A parcel whose value an officer has raised, without a hearing for once."""
    case = await declared(node, name)
    done = await take(
        node, case, name, "value-determined", "value-doubtful", currency_code="EUR", amount="140.00",
        exception_code="fraud-investigation", reason="see the invoice",
    )  # fmt: skip
    return case, done


async def test_an_appeal_that_is_allowed_annuls_the_measure_and_the_charges_change_back(node: Node) -> None:
    case = await declared(node, "won")
    first_due = await owed(node, case)
    done = await take(
        node, case, "won", "value-determined", "value-doubtful", currency_code="EUR", amount="140.00",
        exception_code="fraud-investigation", reason="see the invoice",
    )  # fmt: skip
    raised = await owed(node, case)
    lodged = await appeal(node, case, "won", against_id=parse_id(done.act_id))
    again = await appeal(node, case, "won", against_id=parse_id(done.act_id))
    tasks = "SELECT kind, due_at IS NOT NULL, closed_at IS NULL FROM task WHERE document_id = %s"
    open_task = await select(node, tasks, parse_id(lodged.act_id))

    unheard = await fault_of(decide(node, case, lodged, "appeal-allowed"))
    await state(node, case, lodged)
    own = await fault_of(decide(node, case, lodged, "appeal-allowed", sender=OFFICER))
    await check_outcome(
        node.processor, SECOND_OFFICER, case.case_id, appeal_id=parse_id(lodged.act_id),
        outcome="appeal-allowed", reference="LOOK", reason="We looked again",
    )  # fmt: skip
    only_looked_at = await owed(node, case)
    await decide(node, case, lodged, "appeal-allowed")

    assert again == lodged
    assert open_task == [(APPEAL, True, True)]
    assert (unheard, own) == ("appeal-side-not-heard", "appeal-own-measure")
    assert first_due < raised == only_looked_at
    assert await owed(node, case) == first_due
    assert await select(node, tasks, parse_id(lodged.act_id)) == [(APPEAL, True, False)]
    assert await fault_of(state(node, case, lodged, DECLARANT)) == "appeal-decided"


async def test_a_dismissed_appeal_and_one_that_is_not_decided_in_time_open_the_second_instance(
    node: Node,
) -> None:
    case, done = await determined(node, "lost")
    against = parse_id(done.act_id)
    first = await appeal(node, case, "lost", against_id=against)
    still_open = await fault_of(appeal(node, case, "lost-2", against_id=against))
    await CLOCK.step(node, 121)
    second = await appeal(node, case, "lost-3", against_id=against)
    await state(node, case, second)
    await decide(node, case, second, "appeal-dismissed")
    await appeal(node, case, "lost-4", against_id=against)

    assert still_open == "appeal-open"
    instances = await select(
        node,
        "SELECT (parameters ->> 'instance')::int FROM act WHERE kind = 'appeal-lodged' AND case_id = %s"
        " ORDER BY act_id",
        case.case_id,
    )
    assert instances == [(1,), (2,), (3,)]
    assert first.act_id != second.act_id


async def test_an_appeal_against_a_refusal_that_no_officer_made_sets_it_aside(node: Node) -> None:
    case = await refused(node, "pack")
    decision_id = case.decision_id
    assert decision_id is not None
    lodged = await appeal(node, case, "pack", decision_id=decision_id)

    await decide(node, case, lodged, "appeal-allowed")

    assert await statuses(node, "D-pack") == ["under-physical-control"]


async def test_only_whoever_declared_appeals_and_only_while_the_period_runs(node: Node) -> None:
    case, done = await determined(node, "whose")
    await send(node, PLATFORM, "order", order("whose"))
    against = parse_id(done.act_id)
    faults = [
        await fault_of(appeal(node, case, "whose", against_id=against, sender=sender))
        for sender in (STRANGER, PLATFORM)
    ]
    faults += [
        await fault_of(appeal(node, case, "whose", **named))
        for named in ({}, {"against_id": 7}, {"decision_id": 7}, {"against_id": against, "decision_id": 7})
    ]
    await CLOCK.step(node, 300)
    async with node.database.write() as connection:
        await insert_notice(
            connection,
            Served([About(case.case_id, await standing(node, "whose"))], (), "answer", "en"),
            notice_id=int(node.services.ids.take(1)[0]),
            party_id=DECLARANT.party_id,
            administration_id=node.administration_id,
            at=CLOCK.now(),
        )
    await CLOCK.step(node, 40)

    assert faults == [
        "not-found", "not-found", "measure-faulty", "not-found", "decision-not-current", "measure-faulty",
    ]  # fmt: skip
    assert await fault_of(appeal(node, case, "whose", against_id=against)) == "appeal-too-late"


async def test_while_an_effect_is_suspended_goods_are_not_disposed_of_but_for_safety(node: Node) -> None:
    case = await declared(node, "waits")
    done = await take(
        node, case, "waits", "refusal", "safety", exception_code="threat-to-safety", reason="It burns"
    )
    lodged = await appeal(node, case, "waits", against_id=parse_id(done.act_id))
    # What cannot be undone waits for an appeal, even where its effect is not suspended.
    waits = await fault_of(take(node, case, "waits", "return-to-sender", "not-deliverable"))
    suspension = await suspend_effect(
        node.processor, OFFICER, case.case_id, appeal_id=parse_id(lodged.act_id), ground="irreparable-damage",
        reference="SUSPEND", reason="It is one of a kind", currency_code="EUR", security="50.00",
    )  # fmt: skip

    barred = await fault_of(take(node, case, "waits", "return-to-sender", "not-deliverable"))
    dangerous = await fault_of(
        take(node, case, "waits", "destruction", "safety", exception_code="threat-to-safety", reason="Smoke")
    )
    await dismiss(node, case, lodged)
    await take(node, case, "waits", "return-to-sender", "not-deliverable")

    assert suspension.kind == "effect-suspended"
    assert (waits, barred) == ("effect-suspended", "effect-suspended")
    assert dangerous == "second-person-needed", "nothing but the second person is wanting"
    assert await statuses(node, "D-waits") == ["returned"]


async def dismiss(node: Node, case: Answer, lodged: ActDone) -> None:
    await state(node, case, lodged)
    await decide(node, case, lodged, "appeal-dismissed")
