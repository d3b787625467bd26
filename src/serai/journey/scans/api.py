"""HTTP of recalls: declare one, read what it would find, confirm that, read what it has found, end it."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.scans import recalls
from serai.journey.scans.recalls import RecallHit, RecallOut
from serai.journey.scans.rules import RecallRule

_AnyRequest = Request[Any, Any, Any]
_LIMIT_MAX = 1_000


class RecallDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods that are recalled. reference: the sender's own, once for ever. reason_code: a kebab-case word.
    law_reference: act and article, where it rests on one."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]
    rule: RecallRule
    law_reference: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class RecallConfirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That what a recall finds is to be looked at. expected_count: its `hit_count`."""

    expected_count: Annotated[int, Meta(ge=0)]


class RecallWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer found. reason: in words, which are kept as a person's data are."""

    reason: Annotated[str, Meta(min_length=1, max_length=512)]


class RecallPage(msgspec.Struct, frozen=True):
    """Recalls, oldest first."""

    recalls: list[RecallOut]


class RecallHitPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a recall has found. next_after: there may be more behind it."""

    hits: list[RecallHit]
    next_after: str | None = None


class HitClosed(msgspec.Struct, frozen=True):
    """The act by which an officer settled it; for its receipt."""

    act_id: str
    case_id: str
    kind: str


@post(
    "/v1/recalls",
    opt={"act": "recalls.declare"},
    summary="Recall goods: what is in flight is counted first; nothing else follows before you confirm.",
)
async def declare_recall(request: _AnyRequest, data: JSONBody[RecallDeclaration]) -> Response[RecallOut]:
    """The same again is harmless. No consignment is held or refused by a recall: each hit is a task."""
    told, is_new = await recalls.declare_recall(
        provided(request, Processor).services,
        sender_of(actor_of(request)),
        data.rule,
        reference=data.reference,
        reason_code=data.reason_code,
        law_reference=data.law_reference,
    )
    headers = {"location": f"/v1/recalls/{told.recall_id}"} if is_new else {}
    return Response(told, status_code=201 if is_new else 200, headers=headers)


@get("/v1/recalls", opt={"act": "recalls.read"}, summary="Recalls, oldest first.")
async def list_recalls(request: _AnyRequest) -> RecallPage:
    """Officers see all, an agency its own."""
    services = provided(request, Processor).services
    return RecallPage(await recalls.read_recalls(services, sender_of(actor_of(request))))


@get(
    "/v1/recalls/{recall_id:str}",
    opt={"act": "recalls.read"},
    summary="One recall: how much it would find, or has found.",
)
async def read_recall(request: _AnyRequest, recall_id: FromPath[str]) -> RecallOut:
    """Counting takes some seconds for a hundred thousand consignments in flight."""
    services = provided(request, Processor).services
    return await recalls.read_recall(services, sender_of(actor_of(request)), parse_id(recall_id))


@get(
    "/v1/recalls/{recall_id:str}/hits",
    opt={"act": "recalls.read"},
    summary="The consignments that a recall has found, and how each stands.",
)
async def read_hits(
    request: _AnyRequest,
    recall_id: FromPath[str],
    after: Annotated[str | None, QueryParameter(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=_LIMIT_MAX, description="Most rows of a page.")] = 100,
) -> RecallHitPage:
    """By consignment. The lists of tasks show them, too: `GET /v1/declarations?task=recall`."""
    hits = await recalls.read_hits(
        provided(request, Processor).services,
        sender_of(actor_of(request)),
        parse_id(recall_id),
        after_id=parse_id(after) if after else 0,
        limit=limit,
    )
    return RecallHitPage(hits=hits, next_after=hits[-1].consignment_id if len(hits) == limit else None)


@post(
    "/v1/recalls/{recall_id:str}/confirmation",
    opt={"act": "recalls.declare"},
    status_code=200,
    summary="Confirm the count of a recall: what it finds becomes a task, also of what comes later.",
)
async def confirm_recall(
    request: _AnyRequest, recall_id: FromPath[str], data: JSONBody[RecallConfirmation]
) -> RecallOut:
    """Refused where the count is another, or more than one recall may find."""
    return await recalls.confirm_recall(
        provided(request, Processor).services,
        sender_of(actor_of(request)),
        parse_id(recall_id),
        expected_count=data.expected_count,
    )


@post(
    "/v1/recalls/{recall_id:str}/end",
    opt={"act": "recalls.declare"},
    status_code=200,
    summary="End a recall: nothing more is looked for; its tasks stay.",
)
async def end_recall(request: _AnyRequest, recall_id: FromPath[str]) -> RecallOut:
    """Again is harmless."""
    services = provided(request, Processor).services
    return await recalls.end_recall(services, sender_of(actor_of(request)), parse_id(recall_id))


@post(
    "/v1/recalls/{recall_id:str}/hits/{consignment_id:str}/closure",
    opt={"act": "recalls.close"},
    status_code=200,
    summary="An officer's word: this consignment was looked at for the recall.",
)
async def close_hit(
    request: _AnyRequest, recall_id: FromPath[str], consignment_id: FromPath[str], data: JSONBody[RecallWord]
) -> HitClosed:
    """Its task is closed. What is to happen with the goods is an act of its own."""
    act = await recalls.close_hit(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(recall_id),
        parse_id(consignment_id),
        reason=data.reason,
    )
    return HitClosed(format_id(act.act_id), format_id(act.case_id), act.kind)


ROUTES = [declare_recall, list_recalls, read_recall, read_hits, confirm_recall, end_recall, close_hit]
