"""HTTP of recalls: declare one, read what it would find and has found, confirm, end or withdraw it; what
platforms are asked, and answer."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.documents.pictures import BODY_BYTES_MAX, read_picture_beside
from serai.journey.documents.proofs import decode_base64
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.recall_rules.picture_hash import hash_picture
from serai.journey.recall_rules.rules import RecallRule
from serai.journey.recalls import service as recalls
from serai.journey.recalls.service import Effect, RecallHit, RecallOut
from serai.journey.recalls.take_downs import Answer, TakeDown
from serai.journey.recalls.take_downs import answer_take_down as keep_answer
from serai.journey.recalls.take_downs import read_take_downs as find_take_downs

_AnyRequest = Request[Any, Any, Any]
_LIMIT_MAX = 1_000


class RecallDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods that are recalled. reference: the sender's own, once for ever. reason_code: a kebab-case word.
    law_reference: act and article, where it rests on one. effect: task, an officer looks at what is found; or
    suspension of what is certainly meant. ground_code: of laws/recalls.yaml, needed for a suspension."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]
    rule: RecallRule
    law_reference: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    effect: Effect = "task"
    ground_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")] | None = None


class RecallWithdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a recall was wrong. reason_code: a kebab-case word."""

    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")]


class TakeDownAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a platform has done about offers of recalled goods."""

    answer: Answer


class TakeDownPage(msgspec.Struct, frozen=True):
    """What platforms are asked, the newest first."""

    take_downs: list[TakeDown]


class PictureToHash(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture of goods. content: base64 of a JPEG, PNG or WebP."""

    content: Annotated[str, Meta(min_length=1, max_length=16_500_000)]


class PictureHash(msgspec.Struct, frozen=True):
    """The hash of a picture, as recalls and offers state it."""

    picture_hash: str


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
    summary="Recall goods: what is in flight is counted; it becomes tasks once confirmed, or is suspended.",
)
async def declare_recall(request: _AnyRequest, data: JSONBody[RecallDeclaration]) -> Response[RecallOut]:
    """The same again is harmless. With `effect` suspension what is certainly meant, by product number and
    batch, is suspended at once, unless it is so much that a second person confirms it; what only looks or is
    called alike is a task."""
    told, is_new = await recalls.declare_recall(
        provided(request, Processor).services,
        sender_of(actor_of(request)),
        data.rule,
        reference=data.reference,
        reason_code=data.reason_code,
        law_reference=data.law_reference,
        effect=data.effect,
        ground_code=data.ground_code,
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
    summary="Confirm the count of a recall: it takes effect, also on what comes later.",
)
async def confirm_recall(
    request: _AnyRequest, recall_id: FromPath[str], data: JSONBody[RecallConfirmation]
) -> RecallOut:
    """Refused where the count is another, or more than one recall may find. One that suspends waits for this
    only where it finds very much; then a second person confirms it."""
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
    summary="End a recall: nothing more is looked for; its tasks and suspensions stay.",
)
async def end_recall(request: _AnyRequest, recall_id: FromPath[str]) -> RecallOut:
    """Again is harmless."""
    services = provided(request, Processor).services
    return await recalls.end_recall(services, sender_of(actor_of(request)), parse_id(recall_id))


@post(
    "/v1/recalls/{recall_id:str}/withdrawal",
    opt={"act": "recalls.declare"},
    status_code=200,
    summary="Withdraw a recall that was wrong: all that it did is undone, and everybody is told.",
)
async def withdraw_recall(
    request: _AnyRequest, recall_id: FromPath[str], data: JSONBody[RecallWithdrawal]
) -> RecallOut:
    """Its suspensions are taken back, its tasks closed; `undone_at` says when that is done. Again is
    harmless."""
    services = provided(request, Processor).services
    sender = sender_of(actor_of(request))
    return await recalls.withdraw_recall(services, sender, parse_id(recall_id), reason_code=data.reason_code)


@post(
    "/v1/recalls/picture-hash",
    opt={"act": "recalls.declare"},
    status_code=200,
    summary="Work out the hash of a picture of goods, for a recall to name.",
    request_max_body_size=BODY_BYTES_MAX,
)
async def hash_of_picture(data: JSONBody[PictureToHash]) -> PictureHash:
    """Nothing is kept. What is no picture, or too large, is refused before it is decoded."""
    content = await asyncio.to_thread(decode_base64, data.content)
    picture = await read_picture_beside(content)
    return PictureHash(await asyncio.to_thread(hash_picture, picture))


@get(
    "/v1/recall-take-downs",
    opt={"act": "take-downs.read"},
    summary="What platforms are asked to take down, until when, and what they have answered.",
)
async def read_take_downs(request: _AnyRequest) -> TakeDownPage:
    """A platform sees its own, an agency those for its recalls, officers all; the newest first."""
    services = provided(request, Processor).services
    return TakeDownPage(await find_take_downs(services, sender_of(actor_of(request))))


@post(
    "/v1/recalls/{recall_id:str}/take-down-answer",
    opt={"act": "take-downs.answer"},
    status_code=200,
    summary="Answer what became of your offers of recalled goods.",
)
async def answer_take_down(
    request: _AnyRequest, recall_id: FromPath[str], data: JSONBody[TakeDownAnswer]
) -> TakeDown:
    """For the platform that was asked, once; the same again is harmless."""
    services = provided(request, Processor).services
    return await keep_answer(services, sender_of(actor_of(request)), parse_id(recall_id), answer=data.answer)


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


ROUTES = [
    declare_recall,
    list_recalls,
    read_recall,
    read_hits,
    confirm_recall,
    end_recall,
    withdraw_recall,
    hash_of_picture,
    read_take_downs,
    answer_take_down,
    close_hit,
]
