"""HTTP for appeals: lodge one, state a view in it, decide it, suspend the effect of what it is against."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.access.actor import Role
from serai.foundation.access.table import require
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.appeals import (
    Outcome,
    SuspensionGround,
    check_outcome,
    lodge_appeal,
    state_view,
    suspend_effect,
)
from serai.journey.acts.case_acts import ActDone
from serai.journey.acts.waiting_marks import AppealToDecide, OfficersMarks
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.model.documents import Reference

_AnyRequest = Request[Any, Any, Any]
_Number = Annotated[str, Meta(min_length=1, max_length=40)]
_Words = Annotated[str, Meta(min_length=1, max_length=2_000)]


class Appeal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An appeal. reference: the sender's own. against: the act of a measure; decision_id: a decision that no
    officer made; one of the two. reason: in words, which are kept as a person's data are."""

    reference: Reference
    reason: _Words
    against: _Number | None = None
    decision_id: _Number | None = None


class AppealStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one side says in an appeal. reason: in words, which are kept as a person's data are."""

    reference: Reference
    reason: _Words


class AppealOutcome(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How an appeal is decided, and why, in words."""

    reference: Reference
    outcome: Outcome
    reason: _Words


class EffectSuspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why an effect is suspended. amount, currency_code: of a security; absent: it would be a hardship."""

    reference: Reference
    ground: SuspensionGround
    reason: _Words
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None
    amount: Annotated[str, Meta(min_length=1, max_length=20)] | None = None


@post(
    "/v1/cases/{case_id:str}/appeals",
    opt={"act": "appeals.lodge"},
    summary="Appeal against a measure of an officer, or against a decision.",
    responses={201: ResponseSpec(ActDone, description="The appeal", generate_examples=False)},
)
async def lodge(request: _AnyRequest, case_id: FromPath[str], data: JSONBody[Appeal]) -> ActDone:
    """By whoever declared the goods. An officer other than the first decides it. One that was dismissed, or
    was not decided in time, opens the second instance. The same again changes nothing."""
    return await lodge_appeal(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        reference=data.reference,
        statement=data.reason,
        against_id=None if data.against is None else parse_id(data.against),
        decision_id=None if data.decision_id is None else parse_id(data.decision_id),
    )


@post(
    "/v1/cases/{case_id:str}/appeals/{act:str}/statements",
    opt={"act": "cases.act"},
    summary="State one's view in an appeal: whoever appeals, or the administration.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
)
async def state(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str], data: JSONBody[AppealStatement]
) -> ActDone:
    """Both sides read it. The same again changes nothing."""
    return await state_in_appeal(request, parse_id(case_id), parse_id(act), data)


async def state_in_appeal(
    request: _AnyRequest, case_id: int, appeal_id: int, data: AppealStatement
) -> ActDone:
    """Take one side's view, by whichever door it comes."""
    actor = actor_of(request)
    require(actor, "appeals.decide" if Role.OFFICER in actor.roles else "appeals.lodge")
    return await state_view(
        provided(request, Processor),
        sender_of(actor),
        case_id,
        appeal_id=appeal_id,
        reference=data.reference,
        statement=data.reason,
    )


@post(
    "/v1/cases/{case_id:str}/appeals/{act:str}/outcome",
    opt={"act": "appeals.decide"},
    status_code=202,
    summary="Decide an appeal: another officer than the first proposes it, a second person approves it.",
)
async def decide(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str], data: JSONBody[AppealOutcome]
) -> Response[Any]:
    """Allowed, the measure is annulled, or a refusal that no officer made is set aside, and the case is
    decided again. It waits for a second person, whatever the settings say: 202."""
    return await propose_outcome(request, parse_id(case_id), parse_id(act), data)


async def propose_outcome(
    request: _AnyRequest, case_id: int, appeal_id: int, data: AppealOutcome
) -> Response[Any]:
    """See whether an appeal can be decided so, and write it down for a second person, by whichever door."""
    require(actor_of(request), "appeals.decide")
    sender = sender_of(actor_of(request))
    decision = AppealToDecide(sender, case_id, appeal_id, data.outcome, data.reference, data.reason)
    await check_outcome(
        provided(request, Processor),
        sender,
        case_id,
        appeal_id=appeal_id,
        outcome=data.outcome,
        reference=data.reference,
        reason=data.reason,
    )
    propose = provided(request, OfficersMarks).always
    return await propose(
        request, decision, f"case {format_id(case_id)}", f"{data.outcome} of {format_id(appeal_id)}"
    )


@post(
    "/v1/cases/{case_id:str}/appeals/{act:str}/suspension",
    opt={"act": "appeals.decide"},
    summary="Suspend the effect of what an appeal is against.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
)
async def suspend(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str], data: JSONBody[EffectSuspension]
) -> ActDone:
    """On request or of own motion. Goods are not disposed of until the appeal is decided, but for safety."""
    return await suspend_in_appeal(request, parse_id(case_id), parse_id(act), data)


async def suspend_in_appeal(
    request: _AnyRequest, case_id: int, appeal_id: int, data: EffectSuspension
) -> ActDone:
    """Suspend the effect of what an appeal is against, by whichever door."""
    require(actor_of(request), "appeals.decide")
    return await suspend_effect(
        provided(request, Processor),
        sender_of(actor_of(request)),
        case_id,
        appeal_id=appeal_id,
        ground=data.ground,
        reference=data.reference,
        reason=data.reason,
        currency_code=data.currency_code,
        security=data.amount,
    )


ROUTES = [lodge, state, decide, suspend]
