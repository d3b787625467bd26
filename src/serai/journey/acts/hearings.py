"""Hearings before what is adverse: opened by an officer, proven to be known, answered, taken into account.

Nothing is decided by time running out: an officer has a task, with the day, and decides.
"""

from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import ActDone, done_of, find_case, reference_reused
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_act_by_reference, select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.measure_rules.governing_law import Governing, governing_law
from serai.journey.measure_rules.hearing_rules import (
    ANSWERED,
    HEARING_KINDS,
    NOTIFIED,
    OPENED,
    Hearing,
    find_hearing,
    period_end,
)
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.processing.notify import notify_case
from serai.journey.processing.transaction import Processor
from serai.journey.tasks import store as task_store
from serai.journey.texts.notices import select_notices
from serai.model.acts import MEASURES, Act
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]


class _Found(NamedTuple):
    """A hearing in its case, locked. on_behalf_of: by whose mandate the sender acts in it."""

    root: int
    on_behalf_of: int | None
    hearing: Hearing
    consignment: ConsignmentRow


async def hearing_acts(processor: Processor, connection: Connection, root: int) -> list[Act]:
    """Return the acts of hearings that stand in a case, oldest first."""
    standing = await select_standing_acts(
        connection, [root], HEARING_KINDS, administration_id=processor.services.administration_id
    )
    return [act for _, act in standing]


async def receive_hearing(
    processor: Processor, sender: Sender, case_id: int, *, hearing_id: int, reference: str
) -> ActDone:
    """Take a declarant's word that it knows of a hearing: its period begins. The same again is harmless.
    Raises SeraiError `not-found`, `reference-reused`."""

    async def work(connection: Connection) -> ActDone:
        found = await _of_sender(processor, connection, sender, case_id, hearing_id)
        notified = found.hearing.notified
        if notified is None:
            notified = await _prove(processor, connection, found, sender, by="receipt", reference=reference)
        return done_of(notified, found.root)

    done: ActDone = await processor.write(work)
    return done


async def answer_hearing(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    hearing_id: int,
    reference: str,
    answer: str,
    more_follows: bool,
) -> ActDone:
    """Take what a declarant says in a hearing; an officer hears of it. An answer proves that it knows.

    more_follows: the declarant will say more within the period. The same again is harmless. Raises SeraiError
    `not-found`, `hearing-decided`, `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        found = await _of_sender(processor, connection, sender, case_id, hearing_id)
        before = await select_act_by_reference(connection, sender.party_id, reference, **key)
        if before is not None:
            if before.kind != ANSWERED or before.parameters.get("hearing") != format_id(hearing_id):
                raise reference_reused()
            return done_of(before, found.root)
        await _refuse_decided(processor, connection, found.root, hearing_id)
        if found.hearing.notified is None:
            await _prove(processor, connection, found, sender, by="answer")
        more = {"more_follows": True} if more_follows else {}
        act = _act(processor, found, sender, ANSWERED, reference=reference, **more)
        await record_act(services, connection, act, answer)
        if not more_follows:
            await task_store.set_due(connection, hearing_id, due_at=at, **key)
        told = [(found.root, found.consignment.party_id, found.consignment.decision_id)]
        await notify_case(services, connection, ANSWERED, told, at)
        return done_of(act, found.root)

    done: ActDone = await processor.write(work)
    return done


async def note_delivery(processor: Processor, connection: Connection, root: int, hearing_id: int) -> None:
    """Record that a hearing is known, where the declarant's webhook has taken the event of it: its period
    begins when that was. Nothing else that was sent proves anything."""
    key = {"administration_id": processor.services.administration_id}
    hearing = find_hearing(await hearing_acts(processor, connection, root), hearing_id)
    if hearing is None or hearing.notified is not None:
        return
    consignment = await _consignment(processor, connection, hearing)
    notices = await select_notices(connection, [root], party_id=consignment.party_id, **key)
    taken = [
        one.served_at
        for one in notices
        if one.means == "webhook" and one.event_kind == OPENED and one.served_at >= hearing.opened.at
    ]
    if taken:
        found = _Found(root, None, hearing, consignment)
        declarant = Sender(consignment.party_id, frozenset())
        await _prove(processor, connection, found, declarant, by="webhook", notified_at=min(taken))


async def _of_sender(
    processor: Processor, connection: Connection, sender: Sender, case_id: int, hearing_id: int
) -> _Found:
    """Return a hearing of what the sender has declared. Raises SeraiError `not-found`."""
    case = await find_case(processor, connection, sender, case_id)
    hearing = find_hearing(await hearing_acts(processor, connection, case.root), hearing_id)
    if hearing is None:
        raise not_found()
    consignment = await _consignment(processor, connection, hearing)
    if consignment.party_id not in (sender.party_id, case.on_behalf_of):
        raise not_found()
    return _Found(case.root, case.on_behalf_of, hearing, consignment)


async def _consignment(processor: Processor, connection: Connection, hearing: Hearing) -> ConsignmentRow:
    (consignment,) = await consignment_store.select_consignments(
        connection, [hearing.opened.subject_id], administration_id=processor.services.administration_id
    )
    return consignment


async def _prove(
    processor: Processor,
    connection: Connection,
    found: _Found,
    sender: Sender,
    *,
    by: str,
    notified_at: datetime | None = None,
    reference: str | None = None,
) -> Act:
    """Record proof that a hearing is known, and until when its period runs."""
    services = processor.services
    governing: Governing = await governing_law(processor, connection, found.consignment)
    known_at = notified_at or services.clock.now()
    rest_days = shipped_measure_rules().rest_days_of(services.country_code)
    due_at = period_end(known_at, governing.law.hearing.days, governing.time_zone, rest_days)
    said = {"by": by, "notified_at": known_at.isoformat(timespec="seconds")}
    act = replace(
        _act(processor, found, sender, NOTIFIED, reference=reference, **said),
        due_at=due_at,
        law_reference=governing.law.hearing.law_reference,
    )
    if await record_act(services, connection, act) is None:
        raise reference_reused()
    await task_store.set_due(
        connection, found.hearing.opened.act_id, due_at=due_at, administration_id=services.administration_id
    )
    return act


def _act(
    processor: Processor, found: _Found, sender: Sender, kind: str, *, reference: str | None, **said: Any
) -> Act:
    act_id = int(processor.services.ids.take(1)[0])
    return Act(
        act_id=act_id,
        case_id=found.root,
        kind=kind,
        subject_id=found.consignment.consignment_id,
        version=found.consignment.version,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        on_behalf_of=found.on_behalf_of,
        at=processor.services.clock.now(),
        leaf_id=act_id,
        parameters={"hearing": format_id(found.hearing.opened.act_id), **said},
        reference=reference,
    )


async def _refuse_decided(processor: Processor, connection: Connection, root: int, hearing_id: int) -> None:
    """Raise SeraiError `hearing-decided` where the measure that a hearing was about was taken."""
    standing = await select_standing_acts(
        connection, [root], [*MEASURES, "reversal"], administration_id=processor.services.administration_id
    )
    if any(act.parameters.get("hearing") == format_id(hearing_id) for _, act in standing):
        raise SeraiError(
            "hearing-decided",
            "The measure that this hearing was about was taken.",
            "Read the measure and its reason; appeal against it if you do not agree.",
        )
