"""What follows of detentions for rights, in the background: holders are told once the declarant was, silence
ends, what nobody upholds is released, and how it ended is noted and counted."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import do_once
from serai.journey.acts.measures import goods_state
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.linking.case_locks import lock_roots
from serai.journey.measure_rules.governing_law import governing_law
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import detention_store as store
from serai.journey.recordals.clocks import BASELESS, Outcome, step_of
from serai.journey.recordals.detaining import due_at, law_now, lock_detention
from serai.journey.recordals.detention_store import Connection, DetentionRow
from serai.journey.recordals.priority import count_priority
from serai.journey.recordals.service import put_marks
from serai.journey.services import Services
from serai.model.acts import Act

TOLD: Final = "rights-detention"
ENDED: Final = "rights-detention-ended"
MARK_RULE: Final = "screening-mark-named"
"""The rule of laws/SCREENING that a release after a detention ends; what else stands goes on."""
_KEPT: Final = frozenset({"suspended", "detained"})
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "destroyed": "destroyed",
    "free": "released",
    "released": "released",
}


class _Turn(NamedTuple):
    """What is done with one detention now, locked. root: its case."""

    processor: Processor
    connection: Connection
    row: DetentionRow
    root: int
    at: dt.datetime


async def follow_detentions(processor: Processor, time_zone: str) -> None:
    """Do for each open detention what is to be done now. time_zone: in which days are counted."""
    services = processor.services
    async with services.database.read(services.administration_id) as connection:
        rows = await store.select_detentions(
            connection, only_open=True, administration_id=services.administration_id
        )
    has_changed = False
    for row in rows:

        async def work(connection: Connection, row: DetentionRow = row) -> bool:
            return await _follow(processor, connection, row.detention_id, time_zone)

        has_changed |= await processor.write(work)
    if has_changed:
        at = services.clock.now()
        await put_marks(services.database, services.administration_id, at, "priority of a recordal changed")


async def _follow(processor: Processor, connection: Connection, detention_id: int, time_zone: str) -> bool:
    """Follow one detention; says whether the priority of its recordal has changed."""
    services, at = processor.services, processor.services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id}
    (seen,) = await store.select_detentions(connection, detention_id=detention_id, **key)
    root = (await lock_roots(connection, [seen.case_id]))[seen.case_id]
    row = await lock_detention(services, connection, detention_id)
    if row.ended_at is not None:
        return False
    turn = _Turn(processor, connection, row, root, at)
    law = law_now(services)
    step = step_of(row.clock(silence_is_consent=law.declarant.silence == "consent"), at)
    if row.recordal_id is not None and row.holder_told_at is None:
        # A small consignment is destroyed without its holder, unless the declarant opposes.
        if row.procedure != "small-consignment" or step.declarant_answer == "opposes":
            days = law.holder.perishable_days if row.is_perishable else law.holder.days
            until = due_at(services, at, days, time_zone)
            await store.execute(
                connection, "tell_holder", detention_id=detention_id, at=at, due_at=until, **key
            )
            await tell_holder(services, connection, row, TOLD, at)
        return False
    consignments = await consignment_store.select_consignments(connection, [row.consignment_id], **key)
    if not consignments:
        return False
    state = await goods_state(processor, connection, root, consignments[0])
    if state not in _KEPT:
        return await _end(turn, _OUTCOMES.get(state, "otherwise-disposed"), None)
    if row.declarant_answer is None and step.declarant_answer == "deemed-to-agree":
        await store.execute(
            connection,
            "answer_as_declarant",
            detention_id=detention_id,
            answer=step.declarant_answer,
            at=row.declarant_due_at,
            acting_user="",
            **key,
        )
    if step.release is None:
        return False
    act = await _release(turn, consignments[0], step.release)
    return await _end(turn, step.release, act.act_id)


async def _release(turn: _Turn, consignment: ConsignmentRow, outcome: Outcome) -> Act:
    """End the detention by a release in the name of whose measure it was; the parties are told."""
    row = turn.row
    law, _ = await governing_law(turn.processor, turn.connection, consignment)
    act_id = int(turn.processor.services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=turn.root,
        kind="release",
        subject_id=row.consignment_id,
        party_id=row.officer_party_id,
        acting_user="",
        at=turn.at,
        leaf_id=act_id,
        version=consignment.version,
        reason_code="control-ended",
        parameters={
            "ended_rules": MARK_RULE,
            "detention": format_id(row.detention_id),
            "outcome": outcome,
        },
        law_reference=law.references.get("release"),
        reference=f"rights-release-{format_id(row.detention_id)}",
    )
    return await do_once(turn.processor, turn.connection, act, event="measure-taken")


async def _end(turn: _Turn, outcome: Outcome, act_id: int | None) -> bool:
    """Note how a detention has ended; says whether the priority of its recordal has changed."""
    row, services = turn.row, turn.processor.services
    await store.execute(
        turn.connection,
        "end_detention",
        detention_id=row.detention_id,
        outcome=outcome,
        is_baseless=outcome in BASELESS,
        end_act_id=act_id,
        at=turn.at,
        administration_id=services.administration_id,
    )
    if row.holder_told_at is not None:
        await tell_holder(services, turn.connection, row, ENDED, turn.at)
    if row.recordal_id is None:
        return False
    return await count_priority(services, turn.connection, row.recordal_id)


async def tell_holder(
    services: Services, connection: Connection, row: DetentionRow, kind: str, at: dt.datetime
) -> None:
    """Append an event to the holder's feed. It names the detention where others name a case: whose the goods
    are is not the holder's to know."""
    if row.holder_party_id is None:
        return
    await consignment_store.insert_events(
        connection,
        administration_id=services.administration_id,
        event_ids=services.ids.take(1),
        party_ids=np.array([row.holder_party_id], dtype=np.int64),
        case_ids=np.array([row.detention_id], dtype=np.int64),
        kind=kind,
        decision_ids=np.zeros(1, dtype=np.int64),
        at_ms=int(at.timestamp() * 1000),
    )
