"""A second examination on request (WTO Agreement on Trade Facilitation, article 5.3): whoever declared the
goods asks, an officer grants or refuses it, and the second result says which of the two counts."""

from typing import Any, Final, Literal

from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import ActDone, done_of, find_case, reference_reused
from serai.journey.acts.examinations.photos import RECORDED, is_declarant, require_of_case
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import (
    record_act,
    select_act_by_reference,
    select_standing_acts,
)
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.measure_rules.governing_law import governing_law
from serai.journey.processing.notify import notify_case
from serai.journey.processing.transaction import Processor
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import SECOND_EXAMINATION
from serai.model.acts import Act
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]

REQUESTED: Final = "second-examination-requested"
ANSWERED: Final = "second-examination-answered"
Answer = Literal["granted", "refused"]
Counting = Literal["first", "second"]
"""Which of two results counts."""


async def ask_for_second(
    processor: Processor, sender: Sender, case_id: int, *, reference: str, examination_id: int, reason: str
) -> ActDone:
    """Ask that goods are examined once more; an officer has a task. By whoever declared them; the same again
    is harmless. Raises SeraiError `not-found`, `second-examination-asked`, `reference-reused`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        before = await select_act_by_reference(connection, sender.party_id, reference, **key)
        name = format_id(examination_id)
        if before is not None:
            if (before.kind, before.parameters.get("examination")) != (REQUESTED, name):
                raise reference_reused()
            await require_of_case(connection, before, case.root)
            return done_of(before, case.root)
        standing = await select_standing_acts(connection, [case.root], [RECORDED, REQUESTED], **key)
        acts = [act for _, act in standing]
        first = next((one for one in acts if one.act_id == examination_id), None)
        if (
            first is None
            or first.kind != RECORDED
            or not await is_declarant(processor, connection, sender, first.subject_id, case.on_behalf_of)
        ):
            raise not_found()
        if any(one.parameters.get("examination") == name for one in acts):
            raise SeraiError(
                "second-examination-asked",
                "A second examination of these goods was asked for before.",
                "Read the answer to it; appeal against the measure if you do not agree.",
            )
        act = await _act(
            processor, connection, sender, first, kind=REQUESTED, root=case.root, reference=reference
        )
        act = replace(act, on_behalf_of=case.on_behalf_of, parameters={"examination": name})
        await _record(processor, connection, act, reason)
        await task_store.open_act_task(
            connection,
            act.subject_id,
            act.act_id,
            SECOND_EXAMINATION,
            task_id=int(services.ids.take(1)[0]),
            at=at,
            due_at=None,
            **key,
        )
        return done_of(act, case.root)

    done: ActDone = await processor.write(work)
    return done


async def answer_second(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    reference: str,
    request_id: int,
    answer: Answer,
    reason: str,
) -> ActDone:
    """Grant or refuse a second examination, with the grounds and, where it is granted, where it is made. For
    officers; the same again is harmless. Raises SeraiError `not-found`, `request-answered-already`,
    `reference-reused`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        case = await find_case(processor, connection, sender, case_id)
        standing = await select_standing_acts(connection, [case.root], [REQUESTED, ANSWERED], **key)
        acts = [act for _, act in standing]
        request = next((one for one in acts if one.act_id == request_id and one.kind == REQUESTED), None)
        if request is None:
            raise not_found()
        name = format_id(request_id)
        before = next((one for one in acts if one.parameters.get("request") == name), None)
        if before is not None:
            if (before.reference, before.parameters["answer"]) != (reference, answer):
                raise SeraiError(
                    "request-answered-already",
                    "This request was answered before, and otherwise.",
                    "Read the acts of the case; what was refused can be examined again by an order.",
                )
            return done_of(before, case.root)
        act = await _act(
            processor, connection, sender, request, kind=ANSWERED, root=case.root, reference=reference
        )
        act = replace(act, parameters={"request": name, "answer": answer})
        await _record(processor, connection, act, reason)
        if answer == "refused":
            await task_store.close_task_about(connection, request_id, [act.subject_id], at=at, **key)
        return done_of(act, case.root)

    done: ActDone = await processor.write(work)
    return done


async def check_second(
    processor: Processor, connection: Connection, root: int, consignment_id: int, request_id: int
) -> None:
    """Raise SeraiError `second-examination-not-granted` unless a result may be the second of goods: it was
    asked for, granted, and has none yet."""
    standing = await select_standing_acts(
        connection,
        [root],
        [REQUESTED, ANSWERED, RECORDED],
        administration_id=processor.services.administration_id,
    )
    acts = [act for _, act in standing]
    name = format_id(request_id)
    is_granted = any(
        one.kind == ANSWERED
        and one.subject_id == consignment_id
        and (one.parameters["request"], one.parameters["answer"]) == (name, "granted")
        for one in acts
    )
    if not is_granted or any(one.parameters.get("second_of") == name for one in acts):
        raise SeraiError(
            "second-examination-not-granted",
            "No second examination was granted under this request, or its result is recorded.",
            "Answer the request first; a further examination is recorded without second_of.",
        )


async def _act(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    about: Act,
    *,
    kind: str,
    root: int,
    reference: str,
) -> Act:
    (consignment,) = await consignment_store.select_consignments(
        connection, [about.subject_id], administration_id=processor.services.administration_id
    )
    law = (await governing_law(processor, connection, consignment)).law
    act_id = int(processor.services.ids.take(1)[0])
    return Act(
        act_id=act_id,
        case_id=root,
        kind=kind,
        subject_id=about.subject_id,
        version=about.version,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=processor.services.clock.now(),
        leaf_id=act_id,
        law_reference=law.second_examination,
        reference=reference,
    )


async def _record(processor: Processor, connection: Connection, act: Act, reason: str) -> None:
    services = processor.services
    if await record_act(services, connection, act, reason) is None:
        raise reference_reused()
    (row,) = await consignment_store.select_consignments(
        connection, [act.subject_id], administration_id=services.administration_id
    )
    await notify_case(services, connection, act.kind, [(act.case_id, row.party_id, row.decision_id)], act.at)
