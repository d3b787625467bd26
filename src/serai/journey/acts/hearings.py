"""Hearings before what is adverse: opened by an officer, proven to be known, answered, taken into account.

Nothing is decided by time running out: an officer has a task, with the day, and decides.
"""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import ActDone, done_of, find_case, reference_reused
from serai.journey.acts.notification import store as notification_store
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_act_by_reference, select_standing_acts
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.mailing import store as mail_store
from serai.journey.mailing.states import PROVEN
from serai.journey.measure_rules.governing_law import Governing, governing_law
from serai.journey.measure_rules.hearing_rules import (
    ANSWERED,
    HEARING_KINDS,
    NOTIFIED,
    OPENED,
    RETURNED,
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
            proof = _Proof(processor.services.clock.now(), "receipt", None)
            notified = await _prove(processor, connection, found, sender, proof=proof, reference=reference)
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
            await _prove(processor, connection, found, sender, proof=_Proof(at, "answer", None))
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


class _Proof(NamedTuple):
    """That a declarant was reached. notice_id: of the e-mail; None: it was none."""

    at: datetime
    by: str
    notice_id: int | None


async def note_delivery(processor: Processor, connection: Connection, root: int, hearing_id: int) -> None:
    """Record what was proven since: its declarant's webhook has taken the event of a hearing, or the server
    that receives for it has reported an e-mail as delivered. The period begins when that was known. Nothing
    else that was sent proves anything; what came back later undoes what it proved. The caller holds the
    case's lock; again is harmless."""
    hearing = find_hearing(await hearing_acts(processor, connection, root), hearing_id)
    if hearing is None:
        return
    consignment = await _consignment(processor, connection, hearing)
    found = _Found(root, None, hearing, consignment)
    mails = await _mails(processor, connection, found)
    if hearing.notified is not None:
        notice = hearing.notified.parameters.get("notice")
        if notice is None or notice in {format_id(one.notice_id) for one in mails if one.notice_id}:
            return
        await _undo(processor, connection, found, hearing.notified)
    answers = [_Proof(one.at, "answer", None) for one in hearing.answers]
    proofs = [*mails, *await _taken_by_webhook(processor, connection, found), *answers]
    if proofs:
        declarant = Sender(consignment.party_id, frozenset())
        await _prove(processor, connection, found, declarant, proof=min(proofs, key=lambda one: one.at))


async def hearing_place(
    processor: Processor, connection: Connection, root: int, hearing_id: int
) -> Literal["open", "decided", "taken-back"]:
    """Say where a hearing stands."""
    if find_hearing(await hearing_acts(processor, connection, root), hearing_id) is None:
        return "taken-back"
    return "decided" if await _is_decided(processor, connection, root, hearing_id) else "open"


async def _mails(processor: Processor, connection: Connection, found: _Found) -> list[_Proof]:
    """Return the e-mails to a declarant about its hearing that are proven to have arrived."""
    sent = await mail_store.select_notices_of_acts(
        connection,
        [found.hearing.opened.act_id],
        administration_id=processor.services.administration_id,
    )
    return [
        _Proof(one.delivery.notified_at, "email", one.delivery.notice_id)
        for one in sent
        if one.party_id == found.consignment.party_id
        and one.delivery.state in PROVEN
        and one.delivery.notified_at is not None
    ]


async def _taken_by_webhook(processor: Processor, connection: Connection, found: _Found) -> list[_Proof]:
    notices = await select_notices(
        connection,
        [found.root],
        party_id=found.consignment.party_id,
        administration_id=processor.services.administration_id,
    )
    return [
        _Proof(one.served_at, "webhook", None)
        for one in notices
        if one.means == "webhook" and one.event_kind == OPENED and one.served_at >= found.hearing.opened.at
    ]


async def _undo(processor: Processor, connection: Connection, found: _Found, notified: Act) -> None:
    """Record that what proved a hearing came back; officers tell it in another way, first of all."""
    services = processor.services
    declarant = Sender(found.consignment.party_id, frozenset())
    undone = {"undoes": format_id(notified.act_id)}
    act = _act(processor, found, declarant, RETURNED, reference=None, **undone)
    await record_act(services, connection, act)
    await task_store.set_due(
        connection,
        found.hearing.opened.act_id,
        due_at=act.at,
        administration_id=services.administration_id,
    )


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
    proof: _Proof,
    reference: str | None = None,
) -> Act:
    """Record proof that a hearing is known, and until when its period runs."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    governing: Governing = await governing_law(processor, connection, found.consignment)
    rest_days = shipped_measure_rules().rest_days_of(services.country_code)
    due_at = period_end(proof.at, governing.law.hearing.days, governing.time_zone, rest_days)
    said = {"by": proof.by, "notified_at": proof.at.isoformat(timespec="seconds")}
    if proof.notice_id is not None:
        said["notice"] = format_id(proof.notice_id)
    act = replace(
        _act(processor, found, sender, NOTIFIED, reference=reference, **said),
        due_at=due_at,
        law_reference=governing.law.hearing.law_reference,
    )
    if await record_act(services, connection, act) is None:
        raise reference_reused()
    hearing_id = found.hearing.opened.act_id
    await task_store.set_due(connection, hearing_id, due_at=due_at, **key)
    await notification_store.execute(
        connection,
        "set_proven",
        act_id=hearing_id,
        party_id=found.consignment.party_id,
        at=proof.at,
        by=proof.by,
        **key,
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
    if await _is_decided(processor, connection, root, hearing_id):
        raise SeraiError(
            "hearing-decided",
            "The measure that this hearing was about was taken.",
            "Read the measure and its reason; appeal against it if you do not agree.",
        )


async def _is_decided(processor: Processor, connection: Connection, root: int, hearing_id: int) -> bool:
    standing = await select_standing_acts(
        connection,
        [root],
        [*MEASURES, "agency-refused", "reversal"],
        administration_id=processor.services.administration_id,
    )
    return any(act.parameters.get("hearing") == format_id(hearing_id) for _, act in standing)
