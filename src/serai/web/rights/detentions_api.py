"""HTTP of goods detained for rights: begun by an officer, answered by holder and declarant, names given, and
how often claims were without ground."""

from typing import Annotated, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.documents.submission import sender_of
from serai.journey.measure_rules.rights_law import Use
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import detaining, priority
from serai.journey.recordals.clocks import HolderAnswer
from serai.journey.recordals.detaining import RightsDetention, RightsDetentionOrder
from serai.journey.recordals.disclosing import Disclosure, disclose
from serai.journey.recordals.priority import RecordalPriority
from serai.web.administering_api import AnyRequest, problem

_READ: Final = {"act": "rights-detentions.read"}
_ENDED: Final = problem("It was answered or has ended before")


class RightsDetentionPage(msgspec.Struct, frozen=True):
    """Goods detained for rights, the newest first."""

    detentions: list[RightsDetention]


class RightsHolderAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the holder of a right says of goods that are detained."""

    answer: HolderAnswer


class RightsDeclarantAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether whoever declared goods agrees to their destruction."""

    answer: Literal["agrees", "opposes"]


class RightsDisclosureRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which use the holder needs names."""

    use: Use


class RightsDispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a detention was not baseless: a kebab-case word."""

    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]


class RightsDisputeDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer decides on a dispute."""

    decision: Literal["upheld", "dismissed"]


@post(
    "/v1/cases/{case_id:str}/rights-detentions",
    opt={"act": "rights-detentions.begin"},
    status_code=201,
    summary="Suspend or detain goods for a right; the declarant is told at once.",
    responses={409: problem("The goods or the recordal do not allow it: `detail` says why")},
)
async def begin_rights_detention(
    request: AnyRequest, case_id: FromPath[str], data: JSONBody[RightsDetentionOrder]
) -> Response[RightsDetention]:
    """For officers. The same again is harmless. Without a recordal it is on customs' own initiative."""
    node = provided(request, Node)
    told, is_new = await detaining.begin_detention(
        node.processor,
        sender_of(actor_of(request)),
        parse_id(case_id),
        data,
        node.settings.administration.time_zone,
    )
    return Response(told, status_code=201 if is_new else 200)


@get("/v1/rights-detentions", opt=_READ, summary="Goods detained for rights, the newest first.")
async def list_rights_detentions(request: AnyRequest) -> RightsDetentionPage:
    """Officers see all, a holder those that it was told of; a holder never reads whose the goods are."""
    services = provided(request, Processor).services
    return RightsDetentionPage(await detaining.read_detentions(services, sender_of(actor_of(request))))


@get(
    "/v1/rights-detentions/{detention_id:str}",
    opt={"act": "rights-detentions.see"},
    summary="One detention: goods, clocks, answers, and how it ended.",
)
async def read_rights_detention(request: AnyRequest, detention_id: FromPath[str]) -> RightsDetention:
    """For officers, the holder who was told, and parties of its case."""
    return await detaining.read_detention(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(detention_id)
    )


@post(
    "/v1/rights-detentions/{detention_id:str}/holder-answer",
    opt={"act": "rights-detentions.answer-as-holder"},
    status_code=200,
    summary="Say, as the holder of the right, what the goods are.",
    responses={409: _ENDED},
)
async def answer_as_rights_holder(
    request: AnyRequest, detention_id: FromPath[str], data: JSONBody[RightsHolderAnswer]
) -> RightsDetention:
    """Silence until `holder_due_at` releases the goods."""
    return await detaining.answer_as_holder(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(detention_id), data.answer
    )


@post(
    "/v1/rights-detentions/{detention_id:str}/declarant-answer",
    opt={"act": "rights-detentions.answer"},
    status_code=200,
    summary="Say, as whoever declared the goods, whether they may be destroyed.",
    responses={409: _ENDED},
)
async def answer_as_rights_declarant(
    request: AnyRequest, detention_id: FromPath[str], data: JSONBody[RightsDeclarantAnswer]
) -> RightsDetention:
    """Where the law says so, silence until `declarant_due_at` is taken for consent."""
    return await detaining.answer_as_declarant(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(detention_id), data.answer
    )


@post(
    "/v1/rights-detentions/{detention_id:str}/disclosure",
    opt={"act": "rights-detentions.answer-as-holder"},
    status_code=200,
    summary="Ask for the names of the parcel, for one of the uses that the law allows.",
    responses={409: problem("Names are given once the holder has said that the goods infringe its right")},
)
async def disclose_rights_names(
    request: AnyRequest, detention_id: FromPath[str], data: JSONBody[RightsDisclosureRequest]
) -> Disclosure:
    """Each disclosure is kept, and the persons can read in their ledger that it was made."""
    return await disclose(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(detention_id), data.use
    )


@post(
    "/v1/rights-detentions/{detention_id:str}/dispute",
    opt={"act": "rights-detentions.answer-as-holder"},
    status_code=200,
    summary="Dispute that a detention counts as baseless.",
    responses={409: problem("It does not count as baseless")},
)
async def dispute_rights_detention(
    request: AnyRequest, detention_id: FromPath[str], data: JSONBody[RightsDispute]
) -> RightsDetention:
    """For the holder; an officer decides."""
    services = provided(request, Processor).services
    return await priority.dispute_baseless(
        services, sender_of(actor_of(request)), parse_id(detention_id), reason_code=data.reason_code
    )


@post(
    "/v1/rights-detentions/{detention_id:str}/dispute-decision",
    opt={"act": "recordals.decide"},
    status_code=200,
    summary="Decide a dispute; where it is upheld the detention counts no more, from now on.",
    responses={409: problem("Nobody disputes it")},
)
async def decide_rights_dispute(
    request: AnyRequest, detention_id: FromPath[str], data: JSONBody[RightsDisputeDecision]
) -> RightsDetention:
    """For officers."""
    services = provided(request, Processor).services
    return await priority.decide_dispute(
        services, sender_of(actor_of(request)), parse_id(detention_id), is_upheld=data.decision == "upheld"
    )


@get(
    "/v1/recordals/{recordal_id:str}/priority",
    opt={"act": "recordals.read"},
    summary="How often claims for a recordal were without ground, with the definition.",
)
async def read_recordal_priority(request: AnyRequest, recordal_id: FromPath[str]) -> RecordalPriority:
    """For its holder and officers."""
    services = provided(request, Processor).services
    return await priority.read_priority(services, sender_of(actor_of(request)), parse_id(recordal_id))


ROUTES = [
    begin_rights_detention,
    list_rights_detentions,
    read_rights_detention,
    answer_as_rights_holder,
    answer_as_rights_declarant,
    disclose_rights_names,
    dispute_rights_detention,
    decide_rights_dispute,
    read_recordal_priority,
]
