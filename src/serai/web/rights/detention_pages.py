"""Pages of goods detained for rights: for officers, holders and whoever declared them, without script."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.foundation.access.actor import Role
from serai.foundation.access.table import may
from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.documents.submission import Sender, sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.recordals.choosing import ToDetain, read_to_detain
from serai.journey.recordals.detaining import (
    RightsDetention,
    RightsDetentionOrder,
    law_now,
    read_detention,
    read_detentions,
)
from serai.journey.recordals.disclosing import Disclosure
from serai.journey.recordals.extending import RightsExtensionRequest
from serai.journey.recordals.priority import RecordalPriority, read_priority
from serai.model.errors import SeraiError
from serai.web.administering_api import AnyRequest
from serai.web.rights.detentions_api import (
    RightsDeclarantAnswer,
    RightsDetentionPage,
    RightsDisclosureRequest,
    RightsDispute,
    RightsDisputeDecision,
    RightsHolderAnswer,
    answer_as_rights_declarant,
    answer_as_rights_holder,
    begin_rights_detention,
    decide_rights_dispute,
    disclose_rights_names,
    dispute_rights_detention,
)
from serai.web.rights.extensions_api import (
    RightsExtensionDecision,
    ask_rights_extension,
    decide_rights_extension,
)

_FAULTY: Final = 422
_SEE: Final = {"act": "rights-detentions.see"}
_AS_HOLDER: Final = {"act": "rights-detentions.answer-as-holder"}
_LABELS: Final = {"days": translatable("Working days"), "reason_code": translatable("Reason")}
"""What the forms call the fields that are typed; of the others each has one alone."""


class DetentionView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of a detention shows. uses: to which names may be bound; disclosed: names just given;
    priority: of its recordal, to holder and officers."""

    detention: RightsDetention
    is_holder: bool
    is_officer: bool
    may_answer: bool
    uses: list[str]
    priority: RecordalPriority | None = None
    disclosed: Disclosure | None = None
    faults: list[dict[str, str]] = []


class CaseRightsView(msgspec.Struct, frozen=True, kw_only=True):
    """What is detained of a case, and, to officers, what it could be detained for. reference: the form's
    own, so that what is sent twice is one act."""

    case_id: str
    detentions: list[RightsDetention]
    to_detain: ToDetain | None
    reference: str
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


@get("/rights-detentions", opt={"act": "rights-detentions.read"}, include_in_schema=False)
async def show_detentions(request: AnyRequest) -> Response[str]:
    """Show detentions: officers all, a holder those that it was told of."""
    services, actor = provided(request, Processor).services, actor_of(request)
    found = RightsDetentionPage(await read_detentions(services, sender_of(actor)))
    more = {**_more(request), "is_officer": Role.OFFICER in actor.roles}
    return page(request, found, "portal/rights_detentions.html", more=more)


@get("/rights-detentions/{detention_id:str}", opt=_SEE, include_in_schema=False)
async def show_detention(request: AnyRequest, detention_id: FromPath[str]) -> Response[str]:
    """Show one detention with the forms that its reader may use."""
    return await _page(request, detention_id)


@post(
    "/rights-detentions/{detention_id:str}/holder-answer",
    opt=_AS_HOLDER,
    status_code=200,
    include_in_schema=False,
)
async def answer_on_page(request: AnyRequest, detention_id: FromPath[str]) -> Response[Any]:
    """Keep what a holder answers."""
    return await _send(request, detention_id, answer_as_rights_holder, RightsHolderAnswer)


@post(
    "/rights-detentions/{detention_id:str}/declarant-answer",
    opt={"act": "rights-detentions.answer"},
    status_code=200,
    include_in_schema=False,
)
async def answer_as_declarant_on_page(request: AnyRequest, detention_id: FromPath[str]) -> Response[Any]:
    """Keep what whoever declared the goods answers."""
    return await _send(request, detention_id, answer_as_rights_declarant, RightsDeclarantAnswer)


@post(
    "/rights-detentions/{detention_id:str}/disclosure",
    opt=_AS_HOLDER,
    status_code=200,
    include_in_schema=False,
)
async def disclose_on_page(request: AnyRequest, detention_id: FromPath[str]) -> Response[Any]:
    """Show the names of the parcel, for the use that the form names."""
    try:
        asked = msgspec.convert(await _typed(request, "use"), RightsDisclosureRequest)
        given = await disclose_rights_names.fn(request, detention_id, asked)
    except (msgspec.ValidationError, SeraiError) as fault:
        return await _faulty(request, detention_id, fault, "use")
    return await _page(request, detention_id, disclosed=given)


@post(
    "/rights-detentions/{detention_id:str}/dispute",
    opt=_AS_HOLDER,
    status_code=200,
    include_in_schema=False,
)
async def dispute_on_page(request: AnyRequest, detention_id: FromPath[str]) -> Response[Any]:
    """Dispute that it counts as baseless."""
    return await _send(request, detention_id, dispute_rights_detention, RightsDispute, ("reason_code",))


@post(
    "/rights-detentions/{detention_id:str}/dispute-decision",
    opt={"act": "recordals.decide"},
    status_code=200,
    include_in_schema=False,
)
async def decide_dispute_on_page(request: AnyRequest, detention_id: FromPath[str]) -> Response[Any]:
    """Decide a dispute."""
    return await _send(request, detention_id, decide_rights_dispute, RightsDisputeDecision, ("decision",))


@post(
    "/rights-detentions/{detention_id:str}/extension",
    opt=_AS_HOLDER,
    status_code=200,
    include_in_schema=False,
)
async def ask_for_time_on_page(request: AnyRequest, detention_id: FromPath[str]) -> Response[Any]:
    """Ask for more time."""
    names = ("days", "reason_code")
    return await _send(request, detention_id, ask_rights_extension, RightsExtensionRequest, names)


@post(
    "/rights-detentions/{detention_id:str}/extension-decision",
    opt={"act": "recordals.decide"},
    status_code=200,
    include_in_schema=False,
)
async def decide_on_time_on_page(request: AnyRequest, detention_id: FromPath[str]) -> Response[Any]:
    """Grant or refuse more time."""
    names = ("decision",)
    return await _send(request, detention_id, decide_rights_extension, RightsExtensionDecision, names)


@get("/parcels/{case_id:str}/rights", opt=_SEE, include_in_schema=False)
async def show_case_rights(request: AnyRequest, case_id: FromPath[str]) -> Response[str]:
    """Show what is detained of a case; to an officer also the form to detain its goods."""
    return await _case_page(request, case_id)


@post(
    "/parcels/{case_id:str}/rights",
    opt={"act": "rights-detentions.begin"},
    status_code=200,
    include_in_schema=False,
)
async def begin_on_page(request: AnyRequest, case_id: FromPath[str]) -> Response[Any]:
    """Detain the goods of a case for the right that the form names."""
    names = ("reference", "expected_decision_id", "recordal_id", "kind", "reason", "is_perishable")
    given = await _typed(request, *names)
    body: dict[str, Any] = {**given, "recordal_id": given["recordal_id"] or None}
    body["is_perishable"] = bool(given["is_perishable"])
    try:
        answer = await begin_rights_detention.fn(
            request, case_id, msgspec.convert(body, RightsDetentionOrder)
        )
    except (msgspec.ValidationError, SeraiError) as fault:
        if isinstance(fault, SeraiError) and fault.code == "not-found":
            raise
        told = form_fault(fault, language_of(request), "reason")
        return await _case_page(request, case_id, given, [told])
    return _to(f"/rights-detentions/{answer.content.detention_id}")


async def _send(
    request: AnyRequest,
    detention_id: str,
    handler: Any,
    body: type[msgspec.Struct],
    names: tuple[str, ...] = ("answer",),
) -> Response[Any]:
    """Send fields of a form as the machine route takes them."""
    try:
        given = msgspec.convert(await _typed(request, *names), body, strict=False)
        await handler.fn(request, detention_id, given)
    except (msgspec.ValidationError, SeraiError) as fault:
        return await _faulty(request, detention_id, fault, names[0])
    return _to(f"/rights-detentions/{detention_id}")


async def _faulty(
    request: AnyRequest, detention_id: str, fault: SeraiError | msgspec.ValidationError, place: str
) -> Response[Any]:
    if isinstance(fault, SeraiError) and fault.code == "not-found":
        raise fault
    told = form_fault(fault, language_of(request), place, _LABELS)
    return await _page(request, detention_id, faults=[told], status=_FAULTY)


async def _page(
    request: AnyRequest,
    detention_id: str,
    *,
    disclosed: Disclosure | None = None,
    faults: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[str]:
    processor, actor = provided(request, Processor), actor_of(request)
    sender = sender_of(actor)
    found = await read_detention(processor, sender, parse_id(detention_id))
    is_officer = Role.OFFICER in actor.roles
    is_holder = may(actor, "rights-detentions.answer-as-holder") and found.case_id is None
    view = DetentionView(
        detention=found,
        is_holder=is_holder,
        is_officer=is_officer,
        may_answer=may(actor, "rights-detentions.answer") and not is_officer and not is_holder,
        uses=list(law_now(processor.services).disclosure.uses),
        priority=await _priority(processor, sender, found, is_shown=is_holder or is_officer),
        disclosed=disclosed,
        faults=faults or [],
    )
    return page(request, view, "portal/rights_detention.html", status=status, more=_more(request))


async def _priority(
    processor: Processor, sender: Sender, found: RightsDetention, *, is_shown: bool
) -> RecordalPriority | None:
    if not is_shown or found.recordal_id is None:
        return None
    return await read_priority(processor.services, sender, parse_id(found.recordal_id))


async def _case_page(
    request: AnyRequest,
    case_id: str,
    given: dict[str, str] | None = None,
    faults: list[dict[str, str]] | None = None,
) -> Response[str]:
    node, actor = provided(request, Node), actor_of(request)
    found = await read_to_detain(node.processor, sender_of(actor), parse_id(case_id))
    view = CaseRightsView(
        case_id=found.case_id,
        detentions=found.detentions,
        to_detain=found if Role.OFFICER in actor.roles else None,
        reference=(given or {}).get("reference") or f"page-{format_id(int(node.services.ids.take(1)[0]))}",
        given=given or {},
        faults=faults or [],
    )
    status = _FAULTY if faults else 200
    return page(request, view, "portal/case_rights.html", status=status, more=_more(request))


async def _typed(request: AnyRequest, *names: str) -> dict[str, str]:
    form = await request.form()
    return {name: str(form.get(name) or "").strip() for name in names}


def _to(address: str) -> Response[None]:
    return Response(None, status_code=303, headers={"location": address})


def _more(request: AnyRequest) -> dict[str, object]:
    return {"time_zone": provided(request, Settings).administration.time_zone}


ROUTES = [
    show_detentions,
    show_detention,
    answer_on_page,
    answer_as_declarant_on_page,
    disclose_on_page,
    dispute_on_page,
    decide_dispute_on_page,
    ask_for_time_on_page,
    decide_on_time_on_page,
    show_case_rights,
    begin_on_page,
]
