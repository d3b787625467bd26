"""An agency decides on its own measure: it keeps goods, clears them, or says that they may not come in.

Each is one act with its reason and the law of the agency, and the case is decided again at once. An agency
reaches the parcels that are before it and no other; another's are answered as ones that do not exist.
"""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.registry import find_party
from serai.foundation.id_text import format_id
from serai.journey.acts.agencies.inspecting import RECORDED, WANTED, follow_inspection, require_inspection
from serai.journey.acts.case_acts import do_once, reference_reused
from serai.journey.acts.hearings import hearing_acts, note_delivery
from serai.journey.acts.measures import announce_hearing
from serai.journey.agency_controls import store
from serai.journey.agency_controls.agency_law import Word, references_of, shipped_agency_rules
from serai.journey.agency_controls.store import OPEN_STATES, AgencyControl, ControlState
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import select_act_by_reference
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.measure_rules.governing_law import governing_law
from serai.journey.measure_rules.hearing_rules import OPENED, Wanted, check_heard
from serai.journey.processing.transaction import Processor
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.frames import FINAL_STATUSES
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
Decision = Literal["maintained", "cleared", "refused", "examination-wanted", "examination-recorded"]
REFUSED: Final = "agency-refused"
_TAKEN: Final = "measure-taken"
_STATES: Final[dict[str, ControlState]] = {
    "maintained": "maintained", WANTED: "maintained", "cleared": "cleared", "refused": "refused",
}  # fmt: skip
"""How a parcel stands after what its agency has said; what an examination has found leaves it as it is."""


class AgencyOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency decides. reference: its own, once for ever. reason: in words. hearing_id: of the hearing
    before a refusal; exception_code: why there was none."""

    reference: str
    decision: Decision | Literal["hearing-opened"]
    reason_code: str
    reason: str = ""
    hearing_id: int | None = None
    exception_code: str | None = None


class AgencyDecided(msgspec.Struct, frozen=True):
    """What an agency has decided. act_id: for its receipt. state: how the parcel stands before it now."""

    act_id: str
    parcel: str
    state: ControlState
    at: datetime


class Ground(NamedTuple):
    """A parcel before an agency, its case locked. root: of the case, as it is called now."""

    root: int
    control: AgencyControl
    consignment: ConsignmentRow


async def decide(processor: Processor, sender: Sender, control_id: int, order: AgencyOrder) -> AgencyDecided:
    """Decide on a parcel that is before the sender's agency; its parties are told. Again is harmless.

    A refusal is adverse: whom it reaches is heard first, or an exception of the law is stated. Raises
    SeraiError `not-found`, `measure-not-allowed`, `agency-control-over`, `agency-silent-too-long`,
    `reason-not-allowed`, `reference-reused`, and those of `check_heard`.
    """

    async def work(connection: Connection) -> AgencyDecided:
        ground = await find_ground(processor, connection, sender, control_id)
        if order.decision == "hearing-opened":
            return await _open_hearing(processor, connection, sender, ground, order)
        return await _decide(processor, connection, sender, ground, order, decision=order.decision)

    done: AgencyDecided = await processor.write(work)
    return done


async def find_ground(
    processor: Processor, connection: Connection, sender: Sender, control_id: int
) -> Ground:
    """Return a parcel that is before the sender's agency, its case locked. Raises SeraiError `not-found`."""
    key = {"administration_id": processor.services.administration_id}
    control = await store.select_control(connection, control_id, sender.party_id, **key)
    if control is None or "agency" not in sender.roles:
        raise not_found()
    root = (await lock_roots(connection, [control.case_id]))[control.case_id]
    # Under the lock once more: it may have been decided while we waited.
    control = await store.select_control(connection, control_id, sender.party_id, **key)
    assert control is not None, "nothing takes a control away but retention"
    rows = await consignment_store.select_consignments(connection, [control.consignment_id], **key)
    if not rows:
        raise not_found()
    return Ground(root, control, rows[0])


def require_open(ground: Ground, at: datetime) -> None:
    """Raise SeraiError `agency-control-over`, `agency-silent-too-long` where nothing is decided any more."""
    control = ground.control
    if control.state not in OPEN_STATES or ground.consignment.status in FINAL_STATUSES:
        raise SeraiError(
            "agency-control-over",
            "Nothing waits for your agency on this parcel any more.",
            "Read the parcel: it says how it stands.",
        )
    if control.state == "waiting" and control.due_at is not None and control.due_at <= at:
        raise SeraiError(
            "agency-silent-too-long",
            MessageText(
                "Your agency was silent until {due_at} (UTC): the law has ended the suspension.",
                due_at=control.due_at,
            ),
            "Take what you know to the market: recall the goods, or tell customs.",
        )


async def act_of(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    ground: Ground,
    *,
    word: Word,
    reference: str,
    reason_code: str,
    more: dict[str, Any] | None = None,
) -> Act:
    """Return the act by which an agency says a thing of a parcel. Raises SeraiError `reason-not-allowed`."""
    services, at = processor.services, processor.services.clock.now()
    rules = shipped_agency_rules()
    if reason_code not in rules.reasons[word]:
        raise SeraiError(
            "reason-not-allowed",
            MessageText("The measure {kind} is not taken for this reason.", kind=word),
            MessageText("reason_code is one of: {listed}.", listed=", ".join(rules.reasons[word])),
        )
    control = ground.control
    party = await find_party(connection, services.administration_id, sender.party_id)
    act_id = int(services.ids.take(1)[0])
    return Act(
        act_id=act_id,
        case_id=ground.root,
        kind=f"agency-{word}",
        subject_id=control.consignment_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=ground.consignment.version,
        reason_code=reason_code,
        parameters={"rules": control.rules, "agency": party.name, **(more or {})},
        law_reference=references_of(rules.laws_of(control.rules, at), word),
        reference=reference,
    )


async def _decide(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    ground: Ground,
    order: AgencyOrder,
    *,
    decision: Decision,
) -> AgencyDecided:
    key = {"administration_id": processor.services.administration_id}
    before = await select_act_by_reference(connection, sender.party_id, order.reference, **key)
    if before is not None:
        if (before.kind, before.subject_id, before.reason_code) != (
            f"agency-{decision}", ground.control.consignment_id, order.reason_code,
        ):  # fmt: skip
            raise reference_reused()
        return _answer(before, ground)
    require_open(ground, processor.services.clock.now())
    require_inspection(ground.control, decision)
    heard: dict[str, Any] = {}
    if decision == "refused":
        heard = await _heard(processor, connection, ground, order)
    act = await act_of(
        processor,
        connection,
        sender,
        ground,
        word=decision,
        reference=order.reference,
        reason_code=order.reason_code,
        more=heard,
    )
    event = "" if decision == RECORDED else _TAKEN
    done = await do_once(processor, connection, act, order.reason, event=event)
    # Deciding again has ended what nothing keeps any more; here it is said why.
    state = _STATES.get(decision, ground.control.state)
    await store.set_state(connection, ground.control.control_id, state, at=act.at, **key)
    await follow_inspection(processor.services, connection, ground.control, done, ground.root)
    return AgencyDecided(format_id(done.act_id), format_id(ground.control.control_id), state, done.at)


async def _heard(
    processor: Processor, connection: Connection, ground: Ground, order: AgencyOrder
) -> dict[str, Any]:
    if order.hearing_id is not None:
        await note_delivery(processor, connection, ground.root, order.hearing_id)
    law = (await governing_law(processor, connection, ground.consignment)).law
    wanted = Wanted(
        REFUSED,
        ground.control.consignment_id,
        order.reason_code,
        {"rules": ground.control.rules},
        order.reason,
        order.hearing_id,
        order.exception_code,
    )
    acts = await hearing_acts(processor, connection, ground.root)
    return check_heard(wanted, law.hearing, acts, processor.services.clock.now())


async def _open_hearing(
    processor: Processor, connection: Connection, sender: Sender, ground: Ground, order: AgencyOrder
) -> AgencyDecided:
    """Tell the declarant that the agency means to refuse the goods, and why: it is heard first."""
    if not order.reason:
        raise SeraiError(
            "measure-faulty",
            "This measure is not as it should be.",
            "See to it that reason states the grounds of the measure that is meant.",
        )
    key = {"administration_id": processor.services.administration_id}
    before = await select_act_by_reference(connection, sender.party_id, order.reference, **key)
    if before is None:
        require_open(ground, processor.services.clock.now())
    act = await act_of(
        processor,
        connection,
        sender,
        ground,
        word="refused",
        reference=order.reference,
        reason_code=order.reason_code,
    )
    law = (await governing_law(processor, connection, ground.consignment)).law
    opened = msgspec.structs.replace(
        act,
        kind=OPENED,
        parameters={"intended": REFUSED, "stated": {"rules": ground.control.rules}},
        law_reference=law.hearing.law_reference,
    )
    done = await do_once(processor, connection, opened, order.reason, event="")
    if before is None:
        await announce_hearing(processor, connection, done)
    return _answer(done, ground)


def _answer(act: Act, ground: Ground) -> AgencyDecided:
    control = ground.control
    return AgencyDecided(format_id(act.act_id), format_id(control.control_id), control.state, act.at)
