"""HTTP of recordals: a holder lodges, adds pictures and ends; an officer grants or refuses."""

import asyncio
from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.documents.pictures import BODY_BYTES_MAX, read_picture_beside
from serai.journey.documents.proofs import decode_base64
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.recall_rules.picture_hash import hash_picture
from serai.journey.recordals import service as recordals
from serai.journey.recordals.service import RecordalOut, RecordalTerms
from serai.web.access_to_approve import waits
from serai.web.administering_api import AnyRequest, acting_user_of, problem
from serai.web.approvals_api import WAITS, ProposalOut, answer_waiting
from serai.web.approved_actions import RecordalToGrant

_LODGE: Final = {"act": "recordals.lodge"}
_READ: Final = {"act": "recordals.read"}
_DECIDE: Final = {"act": "recordals.decide"}
_FAULTY: Final = problem("The recordal is not as it should be: `detail` says what, and what to do")
_DECIDED: Final = problem("It was granted, refused or ended before")
PICTURE: Final[dict[str, Any]] = {"content-disposition": "inline", "cache-control": "no-store"}


class RecordalPage(msgspec.Struct, frozen=True):
    """Recordals, the newest first."""

    recordals: list[RecordalOut]


class RecordalPicture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture of genuine or of false goods. content: base64 of a JPEG, PNG or WebP."""

    content: Annotated[str, Meta(min_length=1, max_length=16_500_000)]


class RecordalDecision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer decides on a recordal. reason_code: of a refusal, a kebab-case word."""

    decision: Literal["granted", "refused"]
    reason_code: Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{1,39}$")] | None = None


@post(
    "/v1/recordals",
    opt=_LODGE,
    summary="Lodge a recordal: a right that customs is asked to enforce.",
    responses={422: _FAULTY},
)
async def lodge_recordal(request: AnyRequest, data: JSONBody[RecordalTerms]) -> Response[RecordalOut]:
    """For holders of rights. The same again is harmless. Nothing is looked for until an officer grants it."""
    node = provided(request, Node)
    told, is_new = await recordals.lodge_recordal(
        node.services, sender_of(actor_of(request)), data, node.settings.administration.time_zone
    )
    headers = {"location": f"/v1/recordals/{told.recordal_id}"} if is_new else {}
    return Response(told, status_code=201 if is_new else 200, headers=headers)


@get("/v1/recordals", opt=_READ, summary="Recordals, the newest first.")
async def list_recordals(request: AnyRequest) -> RecordalPage:
    """Officers see all, a holder its own."""
    services = provided(request, Processor).services
    return RecordalPage(await recordals.read_recordals(services, sender_of(actor_of(request))))


@get("/v1/recordals/{recordal_id:str}", opt=_READ, summary="One recordal.")
async def read_recordal(request: AnyRequest, recordal_id: FromPath[str]) -> RecordalOut:
    """For its holder and officers."""
    services = provided(request, Processor).services
    return await recordals.read_recordal(services, sender_of(actor_of(request)), parse_id(recordal_id))


@post(
    "/v1/recordals/{recordal_id:str}/pictures",
    opt=_LODGE,
    status_code=200,
    summary="Add a picture of genuine or of false goods to a recordal that is not decided yet.",
    request_max_body_size=BODY_BYTES_MAX,
    responses={409: _DECIDED},
)
async def add_recordal_picture(
    request: AnyRequest, recordal_id: FromPath[str], data: JSONBody[RecordalPicture]
) -> RecordalOut:
    """It is written anew without metadata. What is no picture, or too large, is refused before it is
    decoded."""
    return await keep_picture(request, recordal_id, await asyncio.to_thread(decode_base64, data.content))


async def keep_picture(request: AnyRequest, recordal_id: str, content: bytes) -> RecordalOut:
    """Write a picture anew and add it to a recordal. Raises SeraiError `picture-unfit`, `picture-too-large`
    and those of `add_picture`."""
    services, sender = provided(request, Processor).services, sender_of(actor_of(request))
    # Whose it is, before anything is decoded.
    await recordals.read_recordal(services, sender, parse_id(recordal_id))
    picture = await read_picture_beside(content)
    picture_hash = await asyncio.to_thread(hash_picture, picture)
    return await recordals.add_picture(services, sender, parse_id(recordal_id), picture, picture_hash)


@get(
    "/v1/recordals/{recordal_id:str}/pictures/{picture_number:str}",
    opt=_READ,
    summary="A picture of a recordal.",
    responses={
        200: ResponseSpec(bytes, description="The picture", generate_examples=False, media_type="image/jpeg")
    },
)
async def read_recordal_picture(
    request: AnyRequest, recordal_id: FromPath[str], picture_number: FromPath[str]
) -> Response[bytes]:
    """For its holder and officers. Pictures are numbered from one."""
    services, sender = provided(request, Processor).services, sender_of(actor_of(request))
    is_number = picture_number.isascii() and picture_number.isdigit() and len(picture_number) < 4
    place = int(picture_number) if is_number else 0
    content = await recordals.read_picture(services, sender, parse_id(recordal_id), place)
    return Response(content, media_type="image/jpeg", headers=PICTURE)


@post(
    "/v1/recordals/{recordal_id:str}/decision",
    opt=_DECIDE,
    status_code=200,
    summary="Grant or refuse a recordal.",
    responses={202: WAITS, 409: _DECIDED, 422: _FAULTY},
)
async def decide_recordal(
    request: AnyRequest, recordal_id: FromPath[str], data: JSONBody[RecordalDecision]
) -> Response[Any]:
    """For officers. Where the settings ask for a second person for lists, a grant waits for one."""
    done = await decide(request, parse_id(recordal_id), data)
    return done if isinstance(done, Response) else Response(done, status_code=200)


async def decide(
    request: AnyRequest, recordal_id: int, data: RecordalDecision
) -> RecordalOut | Response[ProposalOut]:
    """Grant or refuse a recordal, or answer that it waits for a second person. Raises SeraiError as the
    service, `form-incomplete`, `person-needed`."""
    node, by = provided(request, Node), acting_user_of(request)
    if data.decision == "refused":
        return await recordals.refuse_recordal(
            node.services, by, recordal_id, reason_code=data.reason_code or "not-shown"
        )
    if not waits(node.settings, "lists"):
        return await recordals.grant_recordal(node.services, by, recordal_id)
    shown = await recordals.check_grantable(node.services, recordal_id)
    detail = f"{shown.party_name}, {shown.right_number}"
    subject = f"recordal {shown.recordal_id}"
    return await answer_waiting(request, by, RecordalToGrant(recordal_id), subject=subject, detail=detail)


@post(
    "/v1/recordals/{recordal_id:str}/end",
    opt={"act": "recordals.end"},
    status_code=200,
    summary="End a recordal before its time.",
)
async def end_recordal(request: AnyRequest, recordal_id: FromPath[str]) -> RecordalOut:
    """For its holder and officers. What is detained for it stays so. Again is harmless."""
    services = provided(request, Processor).services
    return await recordals.end_recordal(services, sender_of(actor_of(request)), parse_id(recordal_id))


ROUTES = [
    lodge_recordal,
    list_recordals,
    read_recordal,
    add_recordal_picture,
    read_recordal_picture,
    decide_recordal,
    end_recordal,
]
