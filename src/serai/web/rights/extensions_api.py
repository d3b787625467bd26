"""HTTP of periods made longer: a holder asks for more time or for a recordal that lasts longer, an officer
decides."""

from datetime import date
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import extending
from serai.journey.recordals.clocks import ExtensionAnswer
from serai.journey.recordals.detaining import RightsDetention
from serai.journey.recordals.extending import RightsExtensionRequest
from serai.journey.recordals.service import RecordalOut
from serai.web.access_to_approve import waits
from serai.web.administering_api import AnyRequest, acting_user_of, problem
from serai.web.approvals_api import WAITS, ProposalOut, answer_waiting
from serai.web.approved_actions import RecordalToExtend

_AS_HOLDER: Final = {"act": "rights-detentions.answer-as-holder"}
_DECIDE: Final = {"act": "recordals.decide"}
_NOT_NOW: Final = problem("It cannot be made longer now, or was decided before: `detail` says why")
_FAULTY: Final = problem("The last day is not as it should be: `detail` says what, and what to do")


class RecordalExtensionRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a recordal is to last."""

    last_day: date


class RightsExtensionDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer decides on a request for more time."""

    decision: ExtensionAnswer


class RecordalExtensionDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer decides on a request. reason_code: of a refusal, a kebab-case word."""

    decision: ExtensionAnswer
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")] | None = None


@post(
    "/v1/rights-detentions/{detention_id:str}/extension",
    opt=_AS_HOLDER,
    status_code=200,
    summary="Ask, as the holder of the right, for more time to begin proceedings.",
    responses={409: _NOT_NOW},
)
async def ask_rights_extension(
    request: AnyRequest, detention_id: FromPath[str], data: JSONBody[RightsExtensionRequest]
) -> RightsDetention:
    """Once, before `holder_due_at`, by at most `extension_days_max` working days. An officer decides; until
    then the period is as it was."""
    return await extending.ask_for_time(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(detention_id), data
    )


@post(
    "/v1/rights-detentions/{detention_id:str}/extension-decision",
    opt=_DECIDE,
    status_code=200,
    summary="Grant or refuse more time to begin proceedings.",
    responses={409: _NOT_NOW},
)
async def decide_rights_extension(
    request: AnyRequest, detention_id: FromPath[str], data: JSONBody[RightsExtensionDecision]
) -> RightsDetention:
    """For officers. Where it is granted, the holder and the parties of the case are told."""
    node = provided(request, Node)
    return await extending.decide_on_time(
        node.processor,
        sender_of(actor_of(request)),
        parse_id(detention_id),
        data.decision,
        node.settings.administration.time_zone,
    )


@post(
    "/v1/recordals/{recordal_id:str}/extension",
    opt={"act": "recordals.lodge"},
    status_code=200,
    summary="Ask that a recordal lasts longer.",
    responses={409: _NOT_NOW, 422: _FAULTY},
)
async def ask_recordal_extension(
    request: AnyRequest, recordal_id: FromPath[str], data: JSONBody[RecordalExtensionRequest]
) -> RecordalOut:
    """For its holder, while it is in force. An officer decides; until then it ends when it did."""
    node = provided(request, Node)
    return await extending.ask_to_extend(
        node.services,
        sender_of(actor_of(request)),
        parse_id(recordal_id),
        data.last_day,
        node.settings.administration.time_zone,
    )


@post(
    "/v1/recordals/{recordal_id:str}/extension-decision",
    opt=_DECIDE,
    status_code=200,
    summary="Grant or refuse that a recordal lasts longer.",
    responses={202: WAITS, 409: _NOT_NOW},
)
async def decide_recordal_extension(
    request: AnyRequest, recordal_id: FromPath[str], data: JSONBody[RecordalExtensionDecision]
) -> Response[Any]:
    """For officers. Where the settings ask for a second person for lists, a grant waits for one."""
    done = await decide_extension(request, parse_id(recordal_id), data)
    return done if isinstance(done, Response) else Response(done, status_code=200)


async def decide_extension(
    request: AnyRequest, recordal_id: int, data: RecordalExtensionDecision
) -> RecordalOut | Response[ProposalOut]:
    """Grant or refuse it, or answer that it waits for a second person. Raises SeraiError as the service,
    `form-incomplete`, `person-needed`."""
    node, by = provided(request, Node), acting_user_of(request)
    if data.decision == "refused":
        return await extending.refuse_to_extend(
            node.services, by, recordal_id, reason_code=data.reason_code or "not-shown"
        )
    if not waits(node.settings, "lists"):
        return await extending.extend_recordal(node.services, by, recordal_id)
    shown = await extending.check_extendable(node.services, recordal_id)
    assert shown.extension_to is not None, "it was asked for"
    content = RecordalToExtend(recordal_id, shown.extension_to)
    detail = f"{shown.party_name}, {shown.right_number}, {shown.extension_to.isoformat()}"
    subject = f"recordal {shown.recordal_id}"
    return await answer_waiting(request, by, content, subject=subject, detail=detail)


ROUTES = [
    ask_rights_extension,
    decide_rights_extension,
    ask_recordal_extension,
    decide_recordal_extension,
]
