"""HTTP for examinations: their photos, and a second one on request."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import ActDone
from serai.journey.acts.examinations import photos, second
from serai.journey.acts.examinations.photos import NewPhoto
from serai.journey.acts.examinations.seen import Examinations, read_examinations
from serai.journey.documents.pictures import BODY_BYTES_MAX, read_picture_beside
from serai.journey.documents.proofs import Proof, decode_base64
from serai.journey.documents.submission import Sender, sender_of
from serai.journey.processing.transaction import Processor
from serai.model.documents import Reference

_AnyRequest = Request[Any, Any, Any]
_Number = Annotated[str, Meta(min_length=1, max_length=40)]
_Words = Annotated[str, Meta(min_length=1, max_length=2_000)]


class PhotoIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A photo of an examination: JPEG, PNG or WebP of at most twelve megabytes, in base64. reference: the
    sender's own: the same again is harmless. examination: the act that recorded what was found. is_withheld:
    it is for officers alone."""

    reference: Reference
    examination: _Number
    content: Annotated[str, Meta(min_length=1, max_length=16_800_000)]
    is_withheld: bool = False


class SecondRequestIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That goods are to be examined once more. reference: the sender's own. examination: the act that
    recorded the first result. reason: why that is doubtful, in words, which are kept as a person's data
    are."""

    reference: Reference
    examination: _Number
    reason: _Words


class SecondAnswerIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer's answer. reference: the sender's own. reason: the grounds; where it is granted, where and
    when it is made, as the name and address of a laboratory."""

    reference: Reference
    answer: second.Answer
    reason: _Words


@get(
    "/v1/cases/{case_id:str}/examinations",
    opt={"act": "cases.read"},
    summary="What examinations of a case have found, their photos, and second ones that were asked for.",
)
async def list_examinations(request: _AnyRequest, case_id: FromPath[str]) -> Examinations:
    """For officers and whoever declared the goods; to these without photos that are withheld."""
    processor, sender = _given(request)
    return await read_examinations(processor, sender, parse_id(case_id))


@post(
    "/v1/cases/{case_id:str}/photos",
    opt={"act": "measures.take"},
    summary="Add a photo to an examination.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
    request_max_body_size=BODY_BYTES_MAX,
)
async def add_case_photo(request: _AnyRequest, case_id: FromPath[str], data: JSONBody[PhotoIn]) -> ActDone:
    """Judged by its content, and written anew: where and with what it was taken is not kept."""
    processor, sender = _given(request)
    return await photos.add_photo(processor, sender, parse_id(case_id), await _photo_of(data))


@get(
    "/v1/cases/{case_id:str}/photos/{act:str}",
    opt={"act": "cases.read"},
    summary="A photo of an examination. Each reading is recorded.",
    responses={
        200: ResponseSpec(bytes, description="The photo", generate_examples=False, media_type="image/jpeg")
    },
)
async def show_case_photo(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str]
) -> Response[bytes]:
    """For officers, and for whoever declared the goods where it is not withheld."""
    processor, sender = _given(request)
    return _shown(await photos.read_photo(processor, sender, parse_id(case_id), parse_id(act)))


@post(
    "/v1/transport-units/{unit_id:str}/photos",
    opt={"act": "measures.take"},
    summary="Add a photo to an examination of a transport unit.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
    request_max_body_size=BODY_BYTES_MAX,
)
async def add_photo_of_unit(request: _AnyRequest, unit_id: FromPath[str], data: JSONBody[PhotoIn]) -> ActDone:
    """As of a case's examination; it is for officers alone, since goods of others lie in the unit."""
    processor, sender = _given(request)
    return await photos.add_unit_photo(processor, sender, parse_id(unit_id), await _photo_of(data))


@get(
    "/v1/transport-units/{unit_id:str}/photos/{act:str}",
    opt={"act": "measures.take"},
    summary="A photo of an examination of a transport unit. Each reading is recorded.",
    responses={
        200: ResponseSpec(bytes, description="The photo", generate_examples=False, media_type="image/jpeg")
    },
)
async def show_photo_of_unit(
    request: _AnyRequest, unit_id: FromPath[str], act: FromPath[str]
) -> Response[bytes]:
    """For officers."""
    processor, sender = _given(request)
    return _shown(await photos.read_unit_photo(processor, sender, parse_id(unit_id), parse_id(act)))


@post(
    "/v1/cases/{case_id:str}/second-examinations",
    opt={"act": "hearings.answer"},
    summary="Ask that goods are examined once more.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
)
async def request_second_examination(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[SecondRequestIn]
) -> ActDone:
    """For whoever declared the goods, once for each examination. An officer answers; the result stands beside
    the first, and says which counts."""
    processor, sender = _given(request)
    return await second.ask_for_second(
        processor,
        sender,
        parse_id(case_id),
        reference=data.reference,
        examination_id=parse_id(data.examination),
        reason=data.reason,
    )


@post(
    "/v1/cases/{case_id:str}/second-examinations/{act:str}/answer",
    opt={"act": "measures.take"},
    summary="Grant or refuse a second examination.",
    responses={201: ResponseSpec(ActDone, description="The act", generate_examples=False)},
)
async def answer_second_examination(
    request: _AnyRequest, case_id: FromPath[str], act: FromPath[str], data: JSONBody[SecondAnswerIn]
) -> ActDone:
    """act: of the request. What is granted is recorded by an `examination-recorded` with `second_of` and
    `counting`."""
    processor, sender = _given(request)
    return await second.answer_second(
        processor,
        sender,
        parse_id(case_id),
        reference=data.reference,
        request_id=parse_id(act),
        answer=data.answer,
        reason=data.reason,
    )


ROUTES = [
    list_examinations,
    add_case_photo,
    show_case_photo,
    add_photo_of_unit,
    show_photo_of_unit,
    request_second_examination,
    answer_second_examination,
]


def _given(request: _AnyRequest) -> tuple[Processor, Sender]:
    return provided(request, Processor), sender_of(actor_of(request))


async def _photo_of(data: PhotoIn) -> NewPhoto:
    content = await asyncio.to_thread(decode_base64, data.content)
    picture = await read_picture_beside(content)
    return NewPhoto(data.reference, parse_id(data.examination), picture, data.is_withheld)


def _shown(photo: Proof) -> Response[bytes]:
    headers = {
        "cache-control": "no-store",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
    }
    return Response(photo.content, media_type=photo.media_type, headers=headers)
