"""A human's review of what was refused automatically (GDPR 22(3)): whom a refusal reaches may ask for it, an
officer answers. What an officer sets aside is examined like any parcel that needs a person."""

from typing import Any, Final, Literal

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import ActDone, done_of, find_case
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import (
    record_act,
    select_act_by_reference,
    select_standing_acts,
)
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.tasks import store as task_store
from serai.journey.tasks.requests import open_request
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.frames import LANES, WITHDRAWN

Connection = AsyncConnection[Any]

ReviewOutcome = Literal["upheld", "set-aside"]
"""What an officer says of a refusal."""

_REFUSE: Final = LANES.index("refuse")
_KINDS: Final[dict[ReviewOutcome, str]] = {"upheld": "review-upheld", "set-aside": "review-set-aside"}


async def request_review(
    processor: Processor, sender: Sender, case_id: int, *, reference: str, decision_id: int, reason: str
) -> ActDone:
    """Ask for a human's review of a refusal: an officer gets a task. The same again is harmless.

    By whoever has a part in the case. Raises SeraiError `not-found`, `decision-not-current`,
    `review-not-due`, `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()

    async def work(connection: Connection) -> ActDone:
        root, on_behalf_of = await find_case(processor, connection, sender, case_id)
        before = await select_act_by_reference(
            connection, sender.party_id, reference, administration_id=services.administration_id
        )
        if before is not None:
            return _same_request(before, root, decision_id)
        refused = await _find_refused(processor, connection, root, decision_id)
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=root,
            kind="review-request",
            subject_id=refused.consignment_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            on_behalf_of=on_behalf_of,
            at=at,
            leaf_id=act_id,
            version=refused.version,
            expected_decision_id=decision_id,
            reference=reference,
        )
        await record_act(services, connection, act, reason)
        await open_request(
            connection,
            refused,
            task_id=int(services.ids.take(1)[0]),
            administration_id=services.administration_id,
            at=at,
        )
        told = [(root, refused.party_id, decision_id)]
        await notify_case(services, connection, "review-requested", told, at)
        return done_of(act, root)

    done: ActDone = await processor.write(work)
    return done


async def answer_review(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    request_id: int,
    outcome: ReviewOutcome,
    reason: str,
) -> ActDone:
    """Answer a request for review; the task is closed. For officers; the same again is harmless.

    upheld: the refusal stands. set-aside: it does not; the declaration is decided again, and the goods are
    examined. An amendment after it is decided anew. Raises SeraiError `not-found`, `decision-not-current`,
    `review-answered-already`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        root, _ = await find_case(processor, connection, sender, case_id)
        standing = await select_standing_acts(connection, [root], ["review-request", *_KINDS.values()], **key)
        request = next((act for _, act in standing if act.act_id == request_id), None)
        if request is None or request.kind != "review-request":
            raise not_found()
        name = format_id(request_id)
        for _, act in standing:
            if act.parameters.get("request") == name:
                if act.kind != _KINDS[outcome]:
                    raise SeraiError(
                        "review-answered-already",
                        "This request was answered before, and otherwise.",
                        "Read the acts of the case; whom it reaches may ask again.",
                    )
                return done_of(act, root)
        assert request.expected_decision_id is not None, "a request names its decision"
        refused = await _find_refused(processor, connection, root, request.expected_decision_id)
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=root,
            kind=_KINDS[outcome],
            subject_id=refused.consignment_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=at,
            leaf_id=act_id,
            version=refused.version,
            expected_decision_id=refused.decision_id,
            parameters={"request": name},
        )
        await record_act(services, connection, act, reason)
        await task_store.close_tasks(connection, [refused.consignment_id], [False], at=at, **key)
        if outcome == "set-aside":
            await redetermine(services, connection, processor.law, [refused.consignment_id], at)
        told = [(root, refused.party_id, refused.decision_id)]
        await notify_case(services, connection, "review-answered", told, at)
        return done_of(act, root)

    done: ActDone = await processor.write(work)
    return done


async def _find_refused(
    processor: Processor, connection: Connection, root: int, decision_id: int
) -> ConsignmentRow:
    """Return the consignment of a case that a decision refuses, which stands."""
    rows = await consignment_store.select_consignments_of_cases(
        connection, [root], administration_id=processor.services.administration_id
    )
    row = next((one for one in rows if one.decision_id == decision_id), None)
    if row is None:
        raise SeraiError(
            "decision-not-current",
            "No such decision stands in this case.",
            "Read the newest decision of the case, and send it with that one's id.",
        )
    if row.lane != _REFUSE or row.status == WITHDRAWN:
        raise SeraiError(
            "review-not-due",
            "This decision refuses nothing: there is nothing that was decided without a person.",
            "Read the reasons of the decision; what is in review or examination is with an officer already.",
        )
    return row


def _same_request(before: Act, root: int, decision_id: int) -> ActDone:
    if before.kind != "review-request" or before.expected_decision_id != decision_id:
        raise SeraiError(
            "reference-reused",
            "This reference was used before for another act.",
            "Give the request a reference of its own.",
        )
    return done_of(before, root)
