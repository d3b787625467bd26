"""Appeals: against a measure of an officer, or a decision that no officer made. Another officer than the
first decides, both sides are heard, and the outcome changes the decision through the one calculation.

Until then an officer may suspend the effect of what it is against (UCC 44 and 45).
"""

from collections.abc import Container, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import ActDone, First, done_of, find_case, read_amount, reference_reused
from serai.journey.acts.split_shipments.service import undo_group_of
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import (
    record_act,
    select_act_by_reference,
    select_standing_acts,
)
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.measure_rules.governing_law import Governing, governing_law
from serai.journey.measure_rules.hearing_rules import period_end
from serai.journey.measure_rules.measure_law import faulty, shipped_measure_rules
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import APPEAL
from serai.journey.texts.notices import select_notices
from serai.model.acts import ACT_KINDS, MEASURES, Act
from serai.model.errors import SeraiError
from serai.model.frames import LANES
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
Outcome = Literal["appeal-allowed", "appeal-dismissed"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("appeal-allowed", "appeal-dismissed")
LODGED, STATED, SUSPENDED = "appeal-lodged", "appeal-stated", "effect-suspended"
APPEAL_KINDS: Final = (LODGED, STATED, *OUTCOMES, SUSPENDED)
SuspensionGround = Literal["doubtful-legality", "irreparable-damage"]
"""Why the effect of a decision is suspended (UCC 45(2))."""


class _Appeal(NamedTuple):
    """An appeal in its case, locked. against: the measure; None: a decision that no officer made."""

    root: int
    on_behalf_of: int | None
    lodged: Act
    against: Act | None
    consignment: ConsignmentRow
    acts: Sequence[Act]

    @property
    def name(self) -> str:
        """The appeal as parameters name it."""
        return format_id(self.lodged.act_id)

    @property
    def outcome(self) -> Act | None:
        """How it was decided; None: it was not yet."""
        return next((one for one in self._of_it(OUTCOMES)), None)

    def _of_it(self, kinds: Sequence[str]) -> list[Act]:
        return [one for one in self.acts if one.kind in kinds and one.parameters.get("appeal") == self.name]

    def was_stated_by_officer(self) -> bool:
        """Say whether the administration has stated its view."""
        return any(one.parameters.get("by_officer", False) for one in self._of_it([STATED]))


async def lodge_appeal(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    reference: str,
    statement: str,
    against_id: int | None,
    decision_id: int | None,
    concerned_id: int | None = None,
) -> ActDone:
    """Appeal against a measure (against_id), or the decision that stands (decision_id); officers get a task
    with the day by which it is to be decided. By the declarant, or whoever acts for it; concerned_id: by the
    buyer of that consignment, whom a decision on it concerns directly and individually (UCC 44(1)).

    An earlier appeal about the same that was dismissed, or not decided in time, opens the second instance.
    The same again is harmless. Raises SeraiError `not-found`, `decision-not-current`, `appeal-too-late`,
    `appeal-open`, `measure-faulty`, `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    if (against_id is None) == (decision_id is None):
        raise faulty("See to it that an appeal names either the measure or the decision that it is against.")
    if not statement:
        raise faulty("See to it that an appeal says why it is wrong.")

    async def work(connection: Connection) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        before = await select_act_by_reference(connection, sender.party_id, reference, **key)
        stated = {"against": format_id(against_id or decision_id or 0)}
        if before is not None:
            if before.kind != LODGED or before.parameters.get("against") != stated["against"]:
                raise reference_reused()
            return done_of(before, case.root)
        rows = await consignment_store.select_consignments_of_cases(connection, [case.root], **key)
        acts = await _acts(processor, connection, case.root)
        against = next((one for one in acts if one.act_id == against_id and one.kind in MEASURES), None)
        if against_id is not None and (against is None or ACT_KINDS[against.kind].is_internal):
            raise not_found()
        consignment = _reached(rows, against, decision_id)
        is_own = consignment.party_id in (sender.party_id, case.on_behalf_of)
        if not is_own and (sender.at_case is None or consignment.consignment_id != concerned_id):
            raise not_found()
        governing = await governing_law(processor, connection, consignment)
        since = against.act_id if against is not None else consignment.decision_id
        # What the declarant was served starts no period of the buyer's.
        notices = (
            await select_notices(connection, [case.root], party_id=consignment.party_id, **key)
            if is_own
            else []
        )
        # Ids rise with time: a decision with or after the measure speaks of it.
        served = [
            one.served_at
            for one in notices
            if one.event_kind is None and any(number >= since for number in one.decision_ids)
        ]
        rest_days = shipped_measure_rules().rest_days_of(services.country_code)
        _refuse_late(served, governing, rest_days, at)
        instance = _instance(acts, stated["against"], at)
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=case.root,
            kind=LODGED,
            subject_id=consignment.consignment_id,
            version=consignment.version,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            on_behalf_of=case.on_behalf_of,
            at=at,
            leaf_id=act_id,
            parameters={**stated, "instance": instance, **({} if against is None else {"is_measure": True})},
            law_reference=governing.law.appeal.law_reference,
            due_at=at + timedelta(days=governing.law.appeal.decide_days),
            reference=reference,
        )
        await record_act(services, connection, act, statement)
        await task_store.open_act_task(
            connection,
            consignment.consignment_id,
            act_id,
            APPEAL,
            task_id=int(services.ids.take(1)[0]),
            at=at,
            due_at=act.due_at,
            **key,
        )
        told = [(case.root, consignment.party_id, consignment.decision_id)]
        await notify_case(services, connection, LODGED, told, at)
        return done_of(act, case.root)

    done: ActDone = await processor.write(work)
    return done


async def state_view(
    processor: Processor, sender: Sender, case_id: int, *, appeal_id: int, reference: str, statement: str
) -> ActDone:
    """Take what one side says in an appeal: the officer whose measure it is against, or who appeals. Raises
    SeraiError `not-found`, `appeal-decided`, `reference-reused`."""
    services = processor.services
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        appeal = await _open_appeal(processor, connection, sender, case_id, appeal_id)
        before = await select_act_by_reference(connection, sender.party_id, reference, **key)
        if before is not None:
            if before.kind != STATED or before.parameters.get("appeal") != appeal.name:
                raise reference_reused()
            return done_of(before, appeal.root)
        _refuse_decided(appeal)
        said = {"by_officer": True} if "officer" in sender.roles else {}
        act = _act(processor, appeal, sender, STATED, reference, **said)
        await record_act(services, connection, act, statement)
        told = [(appeal.root, appeal.consignment.party_id, appeal.consignment.decision_id)]
        await notify_case(services, connection, STATED, told, act.at)
        return done_of(act, appeal.root)

    done: ActDone = await processor.write(work)
    return done


class _WouldBeDoneError(Exception):
    """Ends a transaction in which an appeal was decided only to see whether it can be."""


async def check_outcome(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    appeal_id: int,
    outcome: Outcome,
    reference: str,
    reason: str,
) -> None:
    """See whether an appeal could be decided so now, before a second person is asked; nothing is kept. Raises
    what `decide_appeal` raises."""

    async def work(connection: Connection) -> None:
        await _decide(processor, connection, sender, case_id, _Decided(appeal_id, outcome, reference, reason))
        raise _WouldBeDoneError

    with suppress(_WouldBeDoneError):
        await processor.write(work)


async def decide_appeal(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    appeal_id: int,
    outcome: Outcome,
    reference: str,
    reason: str,
    first: First,
) -> ActDone:
    """Decide an appeal: by an officer other than the one whose measure it is against, when that side has
    stated its view, and by two persons. Allowed, the measure is annulled, or a refusal that no officer made
    is set aside, and the case is decided again.

    first: of the approval by the second person. Raises SeraiError `not-found`, `appeal-decided`,
    `appeal-own-measure`, `appeal-side-not-heard`, `reference-reused`.
    """

    async def work(connection: Connection) -> ActDone:
        await first(connection)
        return await _decide(
            processor, connection, sender, case_id, _Decided(appeal_id, outcome, reference, reason)
        )

    done: ActDone = await processor.write(work)
    return done


class _Decided(NamedTuple):
    """How an appeal is decided."""

    appeal_id: int
    outcome: Outcome
    reference: str
    reason: str


async def _decide(
    processor: Processor, connection: Connection, sender: Sender, case_id: int, made: _Decided
) -> ActDone:
    services = processor.services
    key = {"administration_id": services.administration_id}
    if "officer" not in sender.roles:
        raise not_found()
    appeal = await _open_appeal(processor, connection, sender, case_id, made.appeal_id)
    before = await select_act_by_reference(connection, sender.party_id, made.reference, **key)
    if before is not None:
        if before.kind != made.outcome or before.parameters.get("appeal") != appeal.name:
            raise reference_reused()
        return done_of(before, appeal.root)
    _refuse_decided(appeal)
    if appeal.against is not None and appeal.against.acting_user == sender.acting_user:
        raise SeraiError(
            "appeal-own-measure",
            "This appeal is against a measure of your own.",
            "Another officer decides it.",
        )
    if appeal.against is not None and not appeal.was_stated_by_officer():
        raise SeraiError(
            "appeal-side-not-heard",
            "The officer whose measure it is has not stated a view.",
            "Have it stated in the appeal, then decide.",
        )
    act = _act(processor, appeal, sender, made.outcome, made.reference)
    await record_act(services, connection, act, made.reason)
    if made.outcome == "appeal-allowed":
        await _undo(processor, connection, appeal, sender)
    await task_store.close_task_about(
        connection, made.appeal_id, [appeal.consignment.consignment_id], at=act.at, **key
    )
    told = [(appeal.root, appeal.consignment.party_id, appeal.consignment.decision_id)]
    await notify_case(services, connection, "appeal-decided", told, act.at)
    return done_of(act, appeal.root)


async def suspend_effect(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    appeal_id: int,
    ground: SuspensionGround,
    reference: str,
    reason: str,
    currency_code: str | None = None,
    security: str | None = None,
) -> ActDone:
    """Suspend the effect of what an appeal is against: until it is taken back, goods are not disposed of but
    for safety. On request or of own motion; a decision of its own. security: that is given; None: hardship
    (UCC 45(3)). Raises SeraiError `not-found`, `appeal-decided`, `measure-faulty`, `reference-reused`."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    if not reason or (currency_code is None) != (security is None):
        raise faulty("See to it that reason states the grounds, and a security has an amount and a currency.")

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        appeal = await _open_appeal(processor, connection, sender, case_id, appeal_id)
        before = await select_act_by_reference(connection, sender.party_id, reference, **key)
        if before is not None:
            if before.kind != SUSPENDED or before.parameters.get("appeal") != appeal.name:
                raise reference_reused()
            return done_of(before, appeal.root)
        _refuse_decided(appeal)
        given: dict[str, Any] = {"ground": ground}
        if security is not None and currency_code is not None:
            given["currency_code"] = currency_code
            given["amount_minor"] = read_amount(currency_code, security)
        law = (await governing_law(processor, connection, appeal.consignment)).law
        act = _act(processor, appeal, sender, SUSPENDED, reference, **given)
        act = replace(act, law_reference=law.appeal.suspension_reference)
        await record_act(services, connection, act, reason)
        told = [(appeal.root, appeal.consignment.party_id, appeal.consignment.decision_id)]
        await notify_case(services, connection, SUSPENDED, told, act.at)
        return done_of(act, appeal.root)

    done: ActDone = await processor.write(work)
    return done


async def _acts(processor: Processor, connection: Connection, root: int) -> list[Act]:
    standing = await select_standing_acts(
        connection, [root], [*MEASURES, *APPEAL_KINDS], administration_id=processor.services.administration_id
    )
    return [act for _, act in standing]


def _reached(rows: Sequence[ConsignmentRow], against: Act | None, decision_id: int | None) -> ConsignmentRow:
    """Return the consignment that an appeal is about."""
    if against is not None:
        return next(one for one in rows if one.consignment_id == against.subject_id)
    found = next((one for one in rows if one.decision_id == decision_id), None)
    if found is None:
        raise SeraiError(
            "decision-not-current",
            "No such decision stands in this case.",
            "Read the newest decision of the case, and appeal against that one.",
        )
    return found


def _refuse_late(
    served: Sequence[datetime], governing: Governing, rest_days: Container[date], at: datetime
) -> None:
    """Raise SeraiError `appeal-too-late` where the period has run out since the declarant was served a
    decision that says what it appeals against. served: when that was; without it no period runs."""
    if not served:
        return
    end = appeal_end(served, governing, rest_days)
    if at >= end:
        raise SeraiError(
            "appeal-too-late",
            MessageText("The period for an appeal ended at {end}.", end=end.isoformat(timespec="minutes")),
            "Ask the customs office to look at it again of its own motion, with the reason for the delay.",
        )


def appeal_end(served: Sequence[datetime], governing: Governing, rest_days: Container[date]) -> datetime:
    """Return when the period for an appeal ends. served: when the declarant was served a decision that says
    what the appeal is against; not empty."""
    return period_end(min(served), governing.law.appeal.lodge_days, governing.time_zone, rest_days)


def is_appeal_open(acts: Sequence[Act], against: str, at: datetime) -> bool:
    """Say whether an appeal against something is lodged, not decided, and has not lapsed."""
    decided = {one.parameters.get("appeal") for one in acts if one.kind in OUTCOMES}
    return any(
        one.kind == LODGED
        and one.parameters.get("against") == against
        and format_id(one.act_id) not in decided
        and (one.due_at is None or at < one.due_at)
        for one in acts
    )


def _instance(acts: Sequence[Act], against: str, at: datetime) -> int:
    """Return in which instance an appeal is: one that was dismissed, or was not decided in time, opens the
    next. Raises SeraiError `appeal-open`."""
    earlier = [one for one in acts if one.kind == LODGED and one.parameters.get("against") == against]
    decided = {one.parameters.get("appeal"): one.kind for one in acts if one.kind in OUTCOMES}
    for one in earlier:
        outcome = decided.get(format_id(one.act_id))
        has_lapsed = one.due_at is not None and at >= one.due_at
        if outcome == "appeal-allowed" or (outcome is None and not has_lapsed):
            raise SeraiError(
                "appeal-open",
                "An appeal about the same is open, or was allowed.",
                "State your view in that appeal; if it is not decided in time, the second instance is open.",
            )
    return len(earlier) + 1


async def _open_appeal(
    processor: Processor, connection: Connection, sender: Sender, case_id: int, appeal_id: int
) -> _Appeal:
    """Return an appeal that a sender has to do with: an officer, or whoever declared. Raises `not-found`."""
    case = await find_case(processor, connection, sender, case_id)
    acts = await _acts(processor, connection, case.root)
    lodged = next((one for one in acts if one.act_id == appeal_id and one.kind == LODGED), None)
    if lodged is None:
        raise not_found()
    (consignment,) = await consignment_store.select_consignments(
        connection, [lodged.subject_id], administration_id=processor.services.administration_id
    )
    is_own = consignment.party_id in (sender.party_id, case.on_behalf_of)
    if "officer" not in sender.roles and not is_own:
        raise not_found()
    named = lodged.parameters.get("against")
    against = next((one for one in acts if one.kind in MEASURES and format_id(one.act_id) == named), None)
    return _Appeal(case.root, case.on_behalf_of, lodged, against, consignment, acts)


def _refuse_decided(appeal: _Appeal) -> None:
    if appeal.outcome is not None:
        raise SeraiError(
            "appeal-decided",
            "This appeal was decided.",
            "Read its outcome among the acts of the case; after a dismissal the second instance is open.",
        )


async def _undo(processor: Processor, connection: Connection, appeal: _Appeal, sender: Sender) -> None:
    """Annul the measure that an appeal was against, or set a refusal that no officer made aside, or undo the
    group of parcels that put it in review; decide again. What was destroyed is not brought back: the
    outcome stands for a claim."""
    services = processor.services
    if appeal.against is None:
        by = sender.acting_user or "unknown"
        if await undo_group_of(
            processor, connection, appeal.consignment.consignment_id, decided_by=by, at=services.clock.now()
        ):
            return
        is_measure = appeal.lodged.parameters.get("is_measure", False)
        if is_measure or appeal.consignment.lane != LANES.index("refuse"):
            return
        act = _act(processor, appeal, sender, "review-set-aside", None)
    elif not ACT_KINDS[appeal.against.kind].is_reversible:
        return
    else:
        act = replace(
            _act(processor, appeal, sender, "reversal", None, form="annulment"),
            reverses=appeal.against.act_id,
            reason_code="appeal-allowed",
        )
    await record_act(services, connection, act)
    await redetermine(services, connection, processor.law, [appeal.consignment.consignment_id], act.at)


def _act(
    processor: Processor, appeal: _Appeal, sender: Sender, kind: str, reference: str | None, **said: Any
) -> Act:
    act_id = int(processor.services.ids.take(1)[0])
    is_of_case = ACT_KINDS[kind].subject_kind == "case"
    return Act(
        act_id=act_id,
        case_id=appeal.root,
        kind=kind,
        subject_id=appeal.root if is_of_case else appeal.consignment.consignment_id,
        version=1 if is_of_case else appeal.consignment.version,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=processor.services.clock.now(),
        leaf_id=act_id,
        parameters={"appeal": appeal.name, **said},
        law_reference=appeal.lodged.law_reference,
        reference=reference,
    )
