"""HTTP for a human's review of what was refused automatically."""

from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import ActDone
from serai.journey.acts.human_review import ReviewOutcome, answer_review, request_review
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.model.documents import Reference

_AnyRequest = Request[Any, Any, Any]


class ReviewRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A human is to look at a refusal. reference: the sender's own. decision_id: which decision. reason: in
    words, which are kept as a person's data are."""

    reference: Reference
    decision_id: Annotated[str, Meta(min_length=1, max_length=40)]
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]


class ReviewAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer's answer. reason: in words, which are kept as a person's data are."""

    outcome: ReviewOutcome
    reason: Annotated[str, Meta(min_length=1, max_length=2_000)]


@post(
    "/v1/cases/{case_id:str}/review-requests",
    opt={"act": "reviews.request"},
    status_code=200,
    summary="Ask for a human's review of a refusal.",
)
async def ask_for_review(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[ReviewRequest]
) -> ActDone:
    """For whoever has a part in the case (GDPR 22(3)). An officer gets a task; the answer comes as event
    `review-answered`. The same request again changes nothing."""
    return await request_review(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        reference=data.reference,
        decision_id=parse_id(data.decision_id),
        reason=data.reason,
    )


@post(
    "/v1/cases/{case_id:str}/review-requests/{act:str}/answer",
    opt={"act": "reviews.answer"},
    status_code=200,
    summary="An officer's word on a refusal: it stands, or it is set aside.",
)
async def answer_request(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str], data: JSONBody[ReviewAnswer]
) -> ActDone:
    """Set aside, the declaration is decided again and the goods are examined. The same answer again changes
    nothing."""
    return await answer_review(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        request_id=parse_id(act),
        outcome=data.outcome,
        reason=data.reason,
    )


ROUTES = [ask_for_review, answer_request]
