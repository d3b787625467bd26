"""Measures of officers: each is one act with its reason, its law and its effect on the decision, taken in one
way. Which may be taken when and why is data (`measure_law`)."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.agencies.waiting import refuse_before_agency
from serai.journey.acts.appeals import LODGED, OUTCOMES
from serai.journey.acts.assignments.new_owner import ASSIGNMENT, find_new_owner
from serai.journey.acts.case_acts import (
    ActDone,
    First,
    do_once,
    done_of,
    find_case,
    read_amount,
    reverse_act,
)
from serai.journey.acts.examinations.second import Counting, check_second
from serai.journey.acts.hearings import hearing_acts, note_delivery
from serai.journey.acts.notification.telling import (
    MEASURE_TAKEN,
    TOLD_AT_ONCE,
    tell_hearing,
    tell_measure,
)
from serai.journey.acts.securities.service import (
    SECURITY_KINDS,
    StatedSecurity,
    find_security,
    security_parameters,
)
from serai.journey.acts.units.service import refuse_in_held_unit
from serai.journey.assessment import store as assessment_store
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import (
    record_act,
    select_act_by_reference,
    select_standing_acts,
)
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.proofs import Proof, words_of_proof
from serai.journey.documents.submission import Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.linking.stored_documents import read_documents
from serai.journey.matching import store as matching_store
from serai.journey.measure_rules.governing_law import governing_law, law_of_counter_act
from serai.journey.measure_rules.hearing_rules import OPENED, Wanted, check_heard
from serai.journey.measure_rules.measure_law import (
    CounterForm,
    Measure,
    MeasureLaw,
    check_allowed,
    check_parameters,
    faulty,
    shipped_measure_rules,
)
from serai.journey.processing.notify import notify_case
from serai.journey.processing.transaction import Processor
from serai.journey.recording.standing_acts import is_of_version
from serai.journey.revenue import store as revenue_store
from serai.journey.tasks import store as task_store
from serai.journey.tasks.rules import HEARING, INFORMATION
from serai.model.acts import ACT_KINDS, DISPOSED_STATES, FREE, LESSENING, MEASURES, Act
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.frames import RELEASED, WITHDRAWN
from serai.model.message_text import MessageText
from serai.model.money import read_decimals

Connection = AsyncConnection[Any]


class MeasureOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer orders. consignment_id: on which declaration of the case; None: it has one. reason: in
    words. second_of: the request by which an examination is a second one; counting: which result counts.
    hearing_id: of the hearing before an adverse one; exception_code: why there was none. The rest is
    of single kinds, `measure_law.PARAMETERS`; decimals as text."""

    reference: str
    kind: str
    reason_code: str | None = None
    reason: str = ""
    expected_decision_id: int | None = None
    consignment_id: int | None = None
    goods_item: int | None = None
    commodity_code: str | None = None
    origin_country_code: str | None = None
    quantity: str | None = None
    currency_code: str | None = None
    amount: str | None = None
    result_code: str | None = None
    gross_mass_kg: str | None = None
    second_of: str | None = None
    counting: Counting | None = None
    assigned_to: str | None = None
    due_at: datetime | None = None
    account: str | None = None
    possible_commodity_codes: list[str] | None = None
    possible_origins: list[str] | None = None
    highest_price: str | None = None
    security: str | None = None
    hearing_id: int | None = None
    exception_code: str | None = None

    def stated(self) -> dict[str, Any]:
        """Return what is of single kinds, by name."""
        return {name: getattr(self, name) for name in self.__struct_fields__[6:-2]}


class Reversal(NamedTuple):
    """What an act is taken back by. form: of a measure; hearing_id, exception_code: as in `MeasureOrder`."""

    act_id: int
    reference: str
    reason_code: str
    reason: str = ""
    expected_decision_id: int | None = None
    form: CounterForm | None = None
    hearing_id: int | None = None
    exception_code: str | None = None


class _Ground(NamedTuple):
    """What a measure stands on: case, consignment as it is, state of the goods, law."""

    root: int
    consignment: ConsignmentRow
    state: str
    law: MeasureLaw


async def take_measure(
    processor: Processor, sender: Sender, case_id: int, order: MeasureOrder, *, first: First | None = None
) -> ActDone:
    """Take a measure on a case; it is decided again, its parties are told. For officers.

    What is adverse needs a hearing that has ended, or an exception; what disposes of goods for good needs a
    second person. The same again is harmless. first: of an approval by a second person, done before all else
    in the transaction. Raises SeraiError `not-found`, `consignment-not-named`, `measure-not-allowed`,
    `reason-not-allowed`, `measure-faulty`, `mark-faulty`, `mark-currency-differs`, `decision-not-current`,
    `reference-reused`, `second-person-needed`, `task-in-other-hands`, `in-hands-already`,
    `not-in-hands`, and those of `check_heard`.
    """
    assert order.kind in MEASURES, "the route lets no other kind in"
    check_parameters(order.kind, order.stated())

    async def work(connection: Connection) -> ActDone:
        if first is not None:
            await first(connection)
        done = await _take(processor, connection, sender, case_id, order)
        if first is None and shipped_measure_rules().measure(order.kind).needs_second_person:
            raise SeraiError(
                "second-person-needed",
                MessageText("The measure {kind} is taken by two persons.", kind=order.kind),
                "Propose it; another officer approves it.",
            )
        return done

    done: ActDone = await processor.write(work)
    return done


async def take_within(
    processor: Processor, connection: Connection, sender: Sender, case_id: int, order: MeasureOrder
) -> ActDone:
    """Take a measure that one person may take, in the caller's transaction. Raises what `take_measure`
    raises."""
    assert not shipped_measure_rules().measure(order.kind).needs_second_person, "that waits for a second one"
    check_parameters(order.kind, order.stated())
    return await _take(processor, connection, sender, case_id, order)


class _WouldBeDoneError(Exception):
    """Ends a transaction in which a measure was taken only to see whether it can be."""


async def check_measure(processor: Processor, sender: Sender, case_id: int, order: MeasureOrder) -> None:
    """See whether a measure could be taken now, before a second person is asked; nothing is kept. Raises what
    `take_measure` raises."""
    check_parameters(order.kind, order.stated())

    async def work(connection: Connection) -> None:
        await _take(processor, connection, sender, case_id, order)
        raise _WouldBeDoneError

    with suppress(_WouldBeDoneError):
        await processor.write(work)


async def _take(
    processor: Processor, connection: Connection, sender: Sender, case_id: int, order: MeasureOrder
) -> ActDone:
    services = processor.services
    key = {"administration_id": services.administration_id}
    if "officer" not in sender.roles:
        raise not_found()
    case = await find_case(processor, connection, sender, case_id)
    before = await select_act_by_reference(connection, sender.party_id, order.reference, **key)
    ground = await _ground(processor, connection, case.root, order)
    act = await _act_of(processor, connection, sender, order, ground, before=before)
    measure = shipped_measure_rules().measure(order.kind)
    is_heard = False
    is_secured = False
    if before is None:
        check_allowed(measure, ground.state, order.reason_code)
        is_secured = await _is_secured(processor, connection, ground, order)
        await _check_second(processor, connection, ground, order)
        await _refuse_while_appealed(processor, connection, ground, order)
        if order.kind in ("release", "release-against-security"):
            await refuse_in_held_unit(processor, connection, ground.consignment.consignment_id)
            await refuse_before_agency(connection, ground.consignment, processor.services.administration_id)
        if ACT_KINDS[order.kind].effects and order.expected_decision_id is None:
            raise faulty("See to it that expected_decision_id names the decision that you have read.")
        is_heard = measure.is_adverse or order.hearing_id is not None or order.exception_code is not None
        if is_heard:
            heard = await _heard(processor, connection, order, ground)
            act = replace(act, parameters=act.parameters | heard)
    may_raise = before is None and measure.is_adverse_if_more_is_owed and not is_heard
    owed = await _owed(processor, connection, case.root) if may_raise else Counter()
    event = "" if ACT_KINDS[order.kind].is_internal or order.kind in TOLD_AT_ONCE else MEASURE_TAKEN
    if order.kind == "information-requested":
        event = "information-requested"
    new_owner = None
    if before is None and order.kind == ASSIGNMENT:
        new_owner = await find_new_owner(processor, connection, sender, act.subject_id, order.assigned_to)
    done = await do_once(processor, connection, act, order.reason, event=event, secured=is_secured)
    if may_raise and _is_more(await _owed(processor, connection, case.root), owed):
        await _heard(processor, connection, order, ground)
    if before is None:
        await _follow(processor, connection, order, done, new_owner)
    return done_of(done, case.root)


async def _is_secured(
    processor: Processor, connection: Connection, ground: _Ground, order: MeasureOrder
) -> bool:
    """Say whether an order determines anew what was released against security: the goods are gone, what they
    owe is open (UCC 195). Raises SeraiError `measure-not-allowed` where released goods have none."""
    if ground.state != "released" or "determination" not in ACT_KINDS[order.kind].effects:
        return False
    key = {"administration_id": processor.services.administration_id}
    if not await find_security(connection, ground.root, **key):
        raise SeraiError(
            "measure-not-allowed",
            "What was released is determined anew only while a security stands for it.",
            "Correct it by a post-clearance act: ask for an amendment, or decide on repayment.",
        )
    return True


async def _follow(
    processor: Processor, connection: Connection, order: MeasureOrder, done: Act, new_owner: int | None
) -> None:
    """Do what follows from a measure that was taken: who has the case in hand, whom it is told, which tasks
    it opens and closes."""
    key = {"administration_id": processor.services.administration_id}
    if order.kind == ASSIGNMENT:
        await task_store.put_in_hands(connection, done.subject_id, new_owner, **key)
    if order.kind in TOLD_AT_ONCE:
        await tell_measure(processor, connection, done)
    if order.kind == "information-requested":
        await _open_task(processor, connection, done, INFORMATION)
    answered = [None if order.second_of is None else parse_id(order.second_of), order.hearing_id]
    for about in answered:
        if about is not None:
            await task_store.close_task_about(connection, about, [done.subject_id], at=done.at, **key)


async def _check_second(
    processor: Processor, connection: Connection, ground: _Ground, order: MeasureOrder
) -> None:
    """Raise SeraiError `measure-faulty`, `second-examination-not-granted` unless a result is no second one,
    or one that was granted and says which counts."""
    if (order.second_of is None) != (order.counting is None):
        raise faulty("See to it that second_of and counting are stated together.")
    if order.second_of is not None:
        consignment_id, request_id = ground.consignment.consignment_id, parse_id(order.second_of)
        await check_second(processor, connection, ground.root, consignment_id, request_id)


async def _refuse_while_appealed(
    processor: Processor, connection: Connection, ground: _Ground, order: MeasureOrder
) -> None:
    """Raise SeraiError `effect-suspended` where goods would be disposed of while an appeal about them is not
    decided, whether or not it suspends the effect of what brought them there: what cannot be undone waits
    (UCC 45(2)). Goods that are dangerous do not wait."""
    if ACT_KINDS[order.kind].state not in DISPOSED_STATES or order.reason_code in ("safety", "owner-asks"):
        return
    standing = await select_standing_acts(
        connection,
        [ground.root],
        [LODGED, *OUTCOMES],
        administration_id=processor.services.administration_id,
    )
    decided = {act.parameters.get("appeal") for _, act in standing if act.kind in OUTCOMES}
    own = [act for _, act in standing if act.subject_id == ground.consignment.consignment_id]
    if any(act.kind == LODGED and format_id(act.act_id) not in decided for act in own):
        raise SeraiError(
            "effect-suspended",
            "An appeal about these goods is not decided: what cannot be undone waits for it.",
            "Decide the appeal first.",
        )


async def open_hearing(processor: Processor, sender: Sender, case_id: int, order: MeasureOrder) -> ActDone:
    """Tell a declarant what adverse measure is meant, and on what grounds (order.reason): it is heard first.

    Its period begins when it is proven that the declarant knows. For officers; the same again is harmless.
    Raises SeraiError as `take_measure` but for hearings.
    """
    services = processor.services
    check_parameters(order.kind, order.stated())
    if not order.reason:
        raise faulty("See to it that reason states the grounds of the measure that is meant.")

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        case = await find_case(processor, connection, sender, case_id)
        before = await select_act_by_reference(
            connection, sender.party_id, order.reference, administration_id=services.administration_id
        )
        ground = await _ground(processor, connection, case.root, order)
        meant = await _act_of(processor, connection, sender, order, ground)
        if before is None:
            check_allowed(shipped_measure_rules().measure(order.kind), ground.state, order.reason_code)
        act = replace(
            meant,
            kind=OPENED,
            parameters={"intended": order.kind, "stated": _said(order)},
            law_reference=ground.law.hearing.law_reference,
        )
        done = await do_once(processor, connection, act, order.reason, event="")
        if before is None:
            await announce_hearing(processor, connection, done)
        return done_of(done, case.root)

    done: ActDone = await processor.write(work)
    return done


async def reverse_measure(
    processor: Processor,
    sender: Sender,
    case_id: int,
    back: Reversal,
    *,
    first: First | None = None,
) -> ActDone:
    """Take an act back, as `reverse_act`; of a measure that was favourable whom it reaches is heard first.
    Raises SeraiError as that, and as `check_heard`."""

    async def hear(connection: Connection, taken_back: Act) -> dict[str, Any]:
        if taken_back.kind not in MEASURES or back.form is None:
            return {}
        if not shipped_measure_rules().measure(taken_back.kind).is_favourable:
            return {}
        law, _ = await law_of_counter_act(processor, connection, taken_back, back.form)
        root = (await lock_roots(connection, [taken_back.case_id]))[taken_back.case_id]
        if back.hearing_id is not None:
            await note_delivery(processor, connection, root, back.hearing_id)
        said = {"reverses": format_id(taken_back.act_id), "form": back.form}
        wanted = Wanted(
            "reversal", taken_back.subject_id, back.reason_code, said, back.reason, back.hearing_id,
            back.exception_code,
        )  # fmt: skip
        acts = await hearing_acts(processor, connection, root)
        return check_heard(wanted, law.hearing, acts, processor.services.clock.now())

    return await reverse_act(
        processor,
        sender,
        case_id,
        act_id=back.act_id,
        reference=back.reference,
        reason_code=back.reason_code,
        reason=back.reason,
        expected_decision_id=back.expected_decision_id,
        form=back.form,
        hear=hear,
        first=first,
    )


async def open_hearing_of_reversal(
    processor: Processor, sender: Sender, case_id: int, back: Reversal
) -> ActDone:
    """Tell a declarant that a favourable measure is to be taken back, as `open_hearing` does of a measure."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    if not back.reason or back.form is None:
        raise faulty(
            "See to it that reason states the grounds, and form how the measure is to be taken back."
        )

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        case = await find_case(processor, connection, sender, case_id)
        standing = await select_standing_acts(connection, [case.root], MEASURES, **key)
        target = next((act for _, act in standing if act.act_id == back.act_id), None)
        if target is None:
            raise not_found()
        assert back.form is not None, "it was asked for"
        law, _ = await law_of_counter_act(processor, connection, target, back.form)
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=case.root,
            kind=OPENED,
            subject_id=target.subject_id,
            version=target.version,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=services.clock.now(),
            leaf_id=act_id,
            reason_code=back.reason_code,
            parameters={
                "intended": "reversal",
                "stated": {"reverses": format_id(target.act_id), "form": back.form},
            },
            law_reference=law.hearing.law_reference,
            reference=back.reference,
        )
        done = await do_once(processor, connection, act, back.reason, event="")
        if done.act_id == act_id:
            await announce_hearing(processor, connection, done)
        return done_of(done, case.root)

    done: ActDone = await processor.write(work)
    return done


async def announce_hearing(processor: Processor, connection: Connection, hearing: Act) -> None:
    """Open the officers' task of a hearing, and tell the parties of the case."""
    await _open_task(processor, connection, hearing, HEARING)
    await tell_hearing(processor, connection, hearing)


async def _heard(
    processor: Processor, connection: Connection, order: MeasureOrder, ground: _Ground
) -> dict[str, Any]:
    """Return what an adverse act records of its hearing; raises what `check_heard` raises."""
    if order.hearing_id is not None:
        await note_delivery(processor, connection, ground.root, order.hearing_id)
    wanted = Wanted(
        order.kind,
        ground.consignment.consignment_id,
        order.reason_code,
        _said(order),
        order.reason,
        order.hearing_id,
        order.exception_code,
    )
    acts = await hearing_acts(processor, connection, ground.root)
    return check_heard(wanted, ground.law.hearing, acts, processor.services.clock.now())


def _said(order: MeasureOrder) -> dict[str, Any]:
    return {name: value for name, value in order.stated().items() if value is not None}


async def _owed(processor: Processor, connection: Connection, root: int) -> Counter[str]:
    """Return what a case owes at the border, minor units by currency."""
    owed: Counter[str] = Counter()
    for due in await revenue_store.select_border_dues(
        connection, [root], administration_id=processor.services.administration_id
    ):
        owed[due.currency_code] += due.amount_minor
    return owed


def _is_more(after: Counter[str], before: Counter[str]) -> bool:
    return any(amount > before[currency] for currency, amount in after.items())


async def _open_task(processor: Processor, connection: Connection, act: Act, kind: int) -> None:
    services = processor.services
    await task_store.open_act_task(
        connection,
        act.subject_id,
        act.act_id,
        kind,
        task_id=int(services.ids.take(1)[0]),
        administration_id=services.administration_id,
        at=act.at,
        due_at=act.due_at,
    )


async def answer_question(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    reference: str,
    question_id: int,
    answer: str | Proof,
) -> ActDone:
    """Answer what an officer asks, in words or by a document; its task is closed, and the officer hears of
    it. By whoever has a part in the case. The same again is harmless. Raises SeraiError `not-found`,
    `question-answered-already`, `reference-reused`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    about: dict[str, object] = {}
    words = answer if isinstance(answer, str) else words_of_proof(answer)
    if not isinstance(answer, str):
        about = {"media_type": answer.media_type, "size_bytes": len(answer.content)}

    async def work(connection: Connection) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        kinds = ["information-requested", "information-given"]
        standing = [act for _, act in await select_standing_acts(connection, [case.root], kinds, **key)]
        question = next((one for one in standing if one.act_id == question_id), None)
        if question is None or question.kind != "information-requested":
            raise not_found()
        name = format_id(question_id)
        answered = [one for one in standing if one.parameters.get("question") == name]
        if answered and (answered[0].party_id, answered[0].reference) == (sender.party_id, reference):
            return done_of(answered[0], case.root)
        if answered:
            raise SeraiError(
                "question-answered-already",
                "This question was answered before.",
                "Send what is to be added by an amendment; the officer may ask again.",
            )
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=case.root,
            kind="information-given",
            subject_id=question.subject_id,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            on_behalf_of=case.on_behalf_of,
            at=at,
            leaf_id=act_id,
            version=question.version,
            parameters={"question": name, **about},
            law_reference=question.law_reference,
            reference=reference,
        )
        if await record_act(services, connection, act, words) is None:
            raise SeraiError(
                "reference-reused",
                "This reference was used before for another act.",
                "Give the answer a reference of its own.",
            )
        await task_store.close_task_about(connection, question_id, [question.subject_id], at=at, **key)
        await notify_case(services, connection, "information-given", [(case.root, sender.party_id, 0)], at)
        return done_of(act, case.root)

    done: ActDone = await processor.write(work)
    return done


class MeasureChoices(NamedTuple):
    """What an officer may do with a consignment now. hearings: that stand on it and were not decided.
    standing: measures on it that may be taken back, the newest first. securities: that stand in its case,
    and what is left of each, minor units."""

    root: int
    consignment: ConsignmentRow
    law: MeasureLaw
    measures: Sequence[Measure]
    hearings: Sequence[Act]
    standing: Sequence[Act]
    securities: Sequence[tuple[Act, int]]


async def read_choices(
    processor: Processor, connection: Connection, case_id: int, consignment_id: int | None
) -> MeasureChoices:
    """Return what an officer may do with a case, read without a lock. Raises SeraiError `not-found`,
    `consignment-not-named`."""
    key = {"administration_id": processor.services.administration_id}
    root = await matching_store.resolve_case(connection, case_id, **key)
    if root is None:
        raise not_found()
    order = MeasureOrder(reference="", kind="note", consignment_id=consignment_id)
    ground = await _ground(processor, connection, root, order)
    acts = await hearing_acts(processor, connection, root)
    standing = await select_standing_acts(connection, [root], [*MEASURES, "reversal"], **key)
    decided = {act.parameters.get("hearing") for _, act in standing}
    hearings = [
        one
        for one in acts
        if one.kind == OPENED
        and one.subject_id == ground.consignment.consignment_id
        and format_id(one.act_id) not in decided
    ]
    securities = await find_security(connection, root, **key)
    allowed = [
        one
        for one in shipped_measure_rules().measures
        if ground.state in one.allowed_in and (securities or not _needs_security(one.kind, ground.state))
    ]
    reversible = [
        act
        for _, act in reversed(standing)
        if act.kind in MEASURES
        and ACT_KINDS[act.kind].is_reversible
        and act.subject_id == ground.consignment.consignment_id
    ]
    return MeasureChoices(root, ground.consignment, ground.law, allowed, hearings, reversible, securities)


def _needs_security(kind: str, state: str) -> bool:
    """Say whether a measure is taken only while a security stands: what becomes of it, and what is owed of
    goods that were released."""
    return kind in LESSENING or (state == "released" and "determination" in ACT_KINDS[kind].effects)


async def goods_state(
    processor: Processor, connection: Connection, root: int, consignment: ConsignmentRow
) -> str:
    """Return where measures have brought the goods of a consignment, or that they are released or
    invalidated."""
    if consignment.status == RELEASED:
        return "released"
    if consignment.status == WITHDRAWN:
        return "invalidated"
    kinds = [kind for kind in MEASURES if ACT_KINDS[kind].state]
    standing = await select_standing_acts(
        connection, [root], kinds, administration_id=processor.services.administration_id
    )
    states = [
        ACT_KINDS[act.kind].state
        for _, act in standing
        if act.subject_id == consignment.consignment_id and is_of_version(act, consignment.version)
    ]
    return states[-1] if states else FREE


async def _ground(processor: Processor, connection: Connection, root: int, order: MeasureOrder) -> _Ground:
    rows = await consignment_store.select_consignments_of_cases(
        connection, [root], administration_id=processor.services.administration_id
    )
    if order.consignment_id is not None:
        rows = [one for one in rows if one.consignment_id == order.consignment_id]
    elif len(rows) > 1:
        rows = [one for one in rows if one.status != WITHDRAWN]
    if not rows:
        raise not_found()
    if len(rows) > 1:
        raise SeraiError(
            "consignment-not-named",
            "Several declarations count in this case.",
            MessageText(
                "Name one: {listed}.", listed=", ".join(format_id(one.consignment_id) for one in rows)
            ),
        )
    law, _ = await governing_law(processor, connection, rows[0])
    state = await goods_state(processor, connection, root, rows[0])
    return _Ground(root, rows[0], state, law)


async def _act_of(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    order: MeasureOrder,
    ground: _Ground,
    *,
    before: Act | None = None,
) -> Act:
    """Return the act that an order means. before: what stands under its reference: what was worked out for it
    then is not worked out again."""
    services, at = processor.services, processor.services.clock.now()
    act_id = int(services.ids.take(1)[0])
    due_at = None
    if order.kind == "information-requested":
        due_at = order.due_at or at + timedelta(
            days=shipped_measure_rules().answer_days_of(services.country_code)
        )
        if due_at <= at:
            raise faulty("See to it that due_at lies ahead.")
    return Act(
        act_id=act_id,
        case_id=ground.root,
        kind=order.kind,
        subject_id=ground.consignment.consignment_id,
        subject_number=order.goods_item or 0,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=ground.consignment.version,
        reason_code=order.reason_code,
        parameters=await _parameters_of(processor, connection, order, ground.consignment, before=before),
        expected_decision_id=order.expected_decision_id,
        law_reference=ground.law.references.get(order.kind),
        due_at=due_at,
        reference=order.reference,
    )


async def _parameters_of(
    processor: Processor,
    connection: Connection,
    order: MeasureOrder,
    consignment: ConsignmentRow,
    *,
    before: Act | None = None,
) -> dict[str, Any]:
    """Return what an act of its kind carries. Raises SeraiError `measure-faulty`, `mark-faulty`,
    `mark-currency-differs`."""
    parameters: dict[str, Any] = {}
    if order.amount is not None:
        parameters["currency_code"] = order.currency_code
        parameters["amount_minor"] = read_amount(order.currency_code or "", order.amount)
    if order.commodity_code is not None:
        parameters["commodity_code"] = order.commodity_code
    if order.origin_country_code is not None:
        parameters["country_code"] = order.origin_country_code
    for name, text in (("quantity", order.quantity), ("gross_mass", order.gross_mass_kg)):
        if text is not None:
            (micro,), (is_decimal,) = read_decimals([text])
            if not is_decimal or int(micro) <= 0:
                raise faulty(MessageText("See to it that {name} is a decimal above zero.", name=name))
            parameters[f"{name}_micro"] = int(micro)
    if "gross_mass_micro" in parameters:
        parameters["declared_mass_micro"] = await _declared_mass(processor, consignment)
    for name in ("result_code", "second_of", "counting", "assigned_to"):
        if getattr(order, name) is not None:
            parameters[name] = getattr(order, name)
    if order.kind in ("release", "release-against-security"):
        parameters["ended_rules"] = await _rules_that_apply(connection, consignment)
    if order.kind in SECURITY_KINDS:
        security = await _security_of(processor, connection, order, consignment, before=before)
        parameters = security if before is not None else parameters | security
    if order.kind == "value-determined" or order.goods_item is not None:
        await _check_declared(processor, consignment, order)
    return parameters


async def _security_of(
    processor: Processor,
    connection: Connection,
    order: MeasureOrder,
    consignment: ConsignmentRow,
    *,
    before: Act | None,
) -> dict[str, Any]:
    """Return what an order on a security carries; before: what was worked out for it stands."""
    stated = StatedSecurity(*(getattr(order, name) for name in StatedSecurity._fields))
    if before is not None:
        given = {name: value for name, value in stated.parts().items() if value is not None}
        return before.parameters | given
    root = (await lock_roots(connection, [consignment.case_id]))[consignment.case_id]
    return await security_parameters(processor, connection, consignment, stated, root)


async def _declared_mass(processor: Processor, consignment: ConsignmentRow) -> int | None:
    """Return the gross mass of all goods of a declaration, millionths of a kilogram; None: it was erased."""
    services = processor.services
    documents = await read_documents(
        services, {consignment.document_id: "declaration"}, "decide-again", services.clock.now(), {}
    )
    texts = [
        item.gross_mass_kg
        for one in documents.values()
        if isinstance(one, Consignment)
        for item in one.goods_items
    ]
    micro, are_decimals = read_decimals(texts)
    return int(micro.sum()) if texts and all(are_decimals) else None


async def _rules_that_apply(connection: Connection, consignment: ConsignmentRow) -> str:
    """Return the ids of the rules that speak of a consignment as it stands: a release ends their controls,
    and those of no rule that speaks later."""
    bases = await assessment_store.select_basis(connection, [consignment.basis_id])
    rule_ids = bases[consignment.basis_id].reason_set
    return " ".join(one for bit, one in enumerate(rule_ids) if consignment.reason_bits >> bit & 1)


async def _check_declared(processor: Processor, consignment: ConsignmentRow, order: MeasureOrder) -> None:
    """Raise SeraiError `mark-currency-differs`, `measure-faulty` where a declaration has no goods in the
    currency, or under the number, of an order."""
    services = processor.services
    documents = await read_documents(
        services, {consignment.document_id: "declaration"}, "decide-again", services.clock.now(), {}
    )
    items = [item for one in documents.values() if isinstance(one, Consignment) for item in one.goods_items]
    if order.goods_item is not None and order.goods_item not in {one.sequence_number for one in items}:
        raise faulty("See to it that goods_item is the sequence number of goods of the declaration.")
    used = {one.invoice_currency_code for one in items}
    if order.kind == "value-determined" and used != {order.currency_code}:
        raise SeraiError(
            "mark-currency-differs",
            "The goods of this declaration are not all priced in the currency of this price.",
            MessageText(
                "Determine the price in: {listed}.", listed=", ".join(sorted(one for one in used if one))
            ),
        )
