"""Applying for repayment or remission, and deciding on it. What is granted is an act: it takes off the
charges that it names before any payment does, so that what was paid for them is due back to whoever paid.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.case_acts import (
    ActDone,
    First,
    authorise_payer,
    do_once,
    done_of,
    find_case,
    read_amount,
    reference_reused,
)
from serai.journey.consignments.act_records import (
    DoneAct,
    record_act,
    select_act_by_reference,
    select_family_acts,
)
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.journey.processing.notify import notify_case
from serai.journey.processing.transaction import Processor
from serai.journey.repayments.charges import Standing, charges_of_act, read_standing, repayment_act
from serai.journey.repayments.repayment_law import RepaymentGround, shipped_repayment_rules
from serai.journey.tasks import store as task_store
from serai.journey.tasks.requests import open_request
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.model.money import format_minor

Connection = AsyncConnection[Any]

KINDS: Final = ("repayment-drafted", "repayment-requested", "repayment-refused", "repayment")
State = Literal["drafted", "requested", "granted", "refused", "taken-back"]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is applied for. draft: the application that a return has brought; then nothing else is said. Else
    ground and consignment, and what of it: one goods item, an amount; None: all that the law names."""

    reference: str
    draft: int | None = None
    ground: RepaymentGround | None = None
    consignment: int | None = None
    goods_item: int | None = None
    amount: str | None = None
    reason: str = ""


class RepaymentToDecide(msgspec.Struct, frozen=True):
    """What an officer decides on an application. amount: how much is granted; None: all that is due.
    is_contrary_to_law: it finds that the charge was, as an appeal's decision may have said: interest then
    runs from the payment on."""

    sender: Sender
    case_id: int
    request_id: int
    reference: str
    is_granted: bool
    amount: str | None
    reason: str
    is_contrary_to_law: bool = False


class Repayment(NamedTuple):
    """An application and what came of it. act: the newest word on it. request: the application, None: it was
    decided without one."""

    act: Act
    state: State
    request: Act | None


async def select_repayments(connection: Connection, root: int, *, administration_id: int) -> list[Repayment]:
    """Return what was drafted, applied for and decided in a case, oldest first, each application once."""
    done = [
        one
        for _, one in await select_family_acts(connection, [root], KINDS, administration_id=administration_id)
    ]
    answered = {_request_of(one.act): one for one in done if _request_of(one.act)}
    lodged = {one.act.parameters.get("draft") for one in done if one.act.kind == "repayment-requested"}
    found = []
    for one in done:
        name = format_id(one.act.act_id)
        if one.act.kind == "repayment-drafted" and name not in lodged:
            found.append(Repayment(one.act, "drafted", None))
        elif one.act.kind == "repayment-requested":
            answer = answered.get(name)
            found.append(
                Repayment(one.act, "requested", one.act)
                if answer is None
                else Repayment(answer.act, _state(answer), one.act)
            )
        elif one.act.kind == "repayment" and not _request_of(one.act):
            found.append(Repayment(one.act, _state(one), None))
    return found


def _request_of(act: Act) -> str:
    return str(act.parameters.get("request") or "")


def _state(done: DoneAct) -> State:
    if done.reversed_by is not None:
        return "taken-back"
    return "granted" if done.act.kind == "repayment" else "refused"


async def request_repayment(processor: Processor, sender: Sender, case_id: int, wanted: Wanted) -> ActDone:
    """Apply for repayment or remission; an officer gets a task. By who declared, or by a mandate of theirs.

    The same again is harmless. Raises SeraiError `not-found`, `payment-record-not-authorised`,
    `repayment-faulty`, `repayment-too-late`, `repayment-nothing-left`, `repayment-lodged-already`,
    `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        case = await authorise_payer(processor, connection, sender, case)
        before = await select_act_by_reference(connection, sender.party_id, wanted.reference, **key)
        if before is not None:
            if before.kind != "repayment-requested" or before.case_id != case.root:
                raise reference_reused()
            return done_of(before, case.root)
        act, standing = (
            await _own(processor, connection, sender, case.root, wanted, at=at)
            if wanted.draft is None
            else await _confirmed(processor, connection, sender, case.root, wanted, at=at)
        )
        await record_act(services, connection, act, wanted.reason)
        await open_request(
            connection,
            standing.row,
            task_id=int(services.ids.take(1)[0]),
            administration_id=services.administration_id,
            at=at,
        )
        await notify_case(services, connection, "repayment-requested", [(case.root, act.party_id, 0)], at)
        return done_of(act, case.root)

    done: ActDone = await processor.write(work)
    return done


async def _confirmed(
    processor: Processor, connection: Connection, sender: Sender, root: int, wanted: Wanted, *, at: datetime
) -> tuple[Act, Standing]:
    """Return the application that a draft becomes."""
    assert wanted.draft is not None, "it is confirmed"
    key = {"administration_id": processor.services.administration_id}
    drafts = await select_repayments(connection, root, **key)
    name = format_id(wanted.draft)
    if any(one.request is not None and one.request.parameters.get("draft") == name for one in drafts):
        raise SeraiError(
            "repayment-lodged-already",
            "This application was lodged before.",
            "Read the repayments of the case for what came of it.",
        )
    draft = next((one.act for one in drafts if one.act.act_id == wanted.draft), None)
    if draft is None or draft.kind != "repayment-drafted":
        raise not_found()
    standing = await read_standing(processor.services, connection, processor.law, draft.subject_id, root)
    act_id = int(processor.services.ids.take(1)[0])
    return (
        msgspec.structs.replace(
            draft,
            act_id=act_id,
            leaf_id=act_id,
            case_id=root,
            kind="repayment-requested",
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            at=at,
            reference=wanted.reference,
            parameters=draft.parameters | {"draft": name},
        ),
        standing,
    )


async def _own(
    processor: Processor, connection: Connection, sender: Sender, root: int, wanted: Wanted, *, at: datetime
) -> tuple[Act, Standing]:
    """Return an application that nobody has drafted."""
    if wanted.ground is None or wanted.consignment is None:
        raise _faulty("Say which draft you confirm, or on which ground you apply, and for which consignment.")
    standing = await read_standing(processor.services, connection, processor.law, wanted.consignment, root)
    packs = standing.basis.program_code.split("+")
    rules = shipped_repayment_rules().of(packs, wanted.ground, standing.row.accepted_at.date())
    named = {rule_id for rule in rules for rule_id, part in rule.charges.items() if part != "never"}
    # Where the law is silent here, an officer decides on whatever was charged.
    left = standing.left(named if rules else None, goods_item=wanted.goods_item)
    if not left:
        raise _nothing_left()
    for rule in rules:
        if not rule.is_in_time(standing.counted_from(rule), at, ZoneInfo(standing.time_zone)):
            raise SeraiError(
                "repayment-too-late",
                MessageText(
                    "The time for this has passed: {days} days ({law_reference}).",
                    days=str(rule.apply_within_days),
                    law_reference=rule.law_reference,
                ),
                "Apply on another ground, or appeal against the decision.",
            )
    if wanted.amount is not None:
        left = _limited(left, read_amount(_currency(left), wanted.amount))
    return (
        repayment_act(
            processor.services,
            "repayment-requested",
            case_id=root,
            consignment=standing.row,
            charges=left,
            repaid=standing.repaid,
            ground=wanted.ground,
            law_reference=rules[0].law_reference if rules else "",
            at=at,
            reference=wanted.reference,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
        ),
        standing,
    )


async def decide_repayment(
    processor: Processor, order: RepaymentToDecide, *, first: First | None = None
) -> ActDone:
    """Grant an application, whole or in part, or refuse it; for officers. The case is decided again.

    No more is granted than is left of each charge, whatever was repaid meanwhile. The same again is harmless.
    first: what is done before all else in the transaction. Raises SeraiError `not-found`,
    `repayment-decided-already`, `repayment-nothing-left`, `mark-faulty`, `reference-reused`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    sender = order.sender

    async def work(connection: Connection) -> ActDone:
        if first is not None:
            await first(connection)
        if "officer" not in sender.roles:
            raise not_found()
        root = (await find_case(processor, connection, sender, order.case_id)).root
        asked = next(
            (
                one
                for one in await select_repayments(connection, root, **key)
                if one.request is not None and one.request.act_id == order.request_id
            ),
            None,
        )
        if asked is None or asked.request is None:
            raise not_found()
        # What was granted and taken back is open again.
        if asked.state not in {"requested", "taken-back"}:
            if asked.act.reference == order.reference and asked.act.party_id == sender.party_id:
                return done_of(asked.act, root)
            raise SeraiError(
                "repayment-decided-already",
                "This application was decided before.",
                "Read the repayments of the case; take the decision back first if it was wrong.",
            )
        request = asked.request
        standing = await read_standing(services, connection, processor.law, request.subject_id, root)
        act = _decision(processor, order, request, standing, root=root, at=at)
        stands = await do_once(processor, connection, act, order.reason, event="repayment-decided")
        await task_store.close_tasks(connection, [request.subject_id], [False], at=at, **key)
        return done_of(stands, root)

    done: ActDone = await processor.write(work)
    return done


def _decision(
    processor: Processor,
    order: RepaymentToDecide,
    request: Act,
    standing: Standing,
    *,
    root: int,
    at: datetime,
) -> Act:
    charges, in_all = charges_of_act(request)
    # Whatever was repaid since is part of what was asked for in all; and nothing beyond what stands.
    left = {
        one: min(wanted - standing.repaid.get(one, 0), standing.open_minor(one))
        for one, wanted in in_all.items()
    }
    left = {one: amount for one, amount in left.items() if amount > 0}
    if order.is_granted and not left:
        raise _nothing_left()
    if order.is_granted and order.amount is not None:
        left = _limited(left, read_amount(_currency(left), order.amount))
    said = {"is_contrary_to_law": True} if order.is_granted and order.is_contrary_to_law else {}
    return repayment_act(
        processor.services,
        "repayment" if order.is_granted else "repayment-refused",
        case_id=root,
        consignment=standing.row,
        charges=left if order.is_granted else charges,
        repaid=standing.repaid,
        ground=request.parameters["ground"],
        law_reference=request.law_reference or "",
        at=at,
        reference=order.reference,
        party_id=order.sender.party_id,
        acting_user=order.sender.acting_user,
        request=format_id(request.act_id),
        **said,
    )


def _limited(left: Mapping[ChargeKey, int], amount_minor: int) -> dict[ChargeKey, int]:
    """Return charges cut down to an amount in all, in their order."""
    sum_minor = sum(left.values())
    if amount_minor > sum_minor:
        currency = _currency(left)
        raise _faulty(
            MessageText(
                "Name at most what is left: {amount} {currency}.",
                amount=format_minor(sum_minor, currency),
                currency=currency,
            )
        )
    cut = {}
    for key, whole in sorted(left.items()):
        taken = min(whole, amount_minor)
        amount_minor -= taken
        if taken:
            cut[key] = taken
    return cut


def _currency(left: Mapping[ChargeKey, int]) -> str:
    return next(iter(left)).currency_code


def read_number(text: str | None) -> int | None:
    """Return an id as it is told; one that is none is nobody's."""
    if text is None:
        return None
    try:
        return parse_id(text)
    except SeraiError as fault:
        raise not_found() from fault


def _nothing_left() -> SeraiError:
    return SeraiError(
        "repayment-nothing-left",
        "Nothing that was charged here is left to be repaid.",
        "Read the charges of the case, and what was repaid of them.",
    )


def _faulty(next_step: str | MessageText) -> SeraiError:
    return SeraiError("repayment-faulty", "This application is not as it should be.", next_step)
