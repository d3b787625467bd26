"""HTTP for machines: a picture of the goods that were declared."""

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.case_acts import ActDone
from serai.journey.acts.pictures.service import add_picture
from serai.journey.documents.pictures import BODY_BYTES_MAX, read_picture_beside
from serai.journey.documents.proofs import decode_base64
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor


class GoodsPicture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture of goods that you declared. reference: your own, so that sending it again adds no second one.
    content: JPEG, PNG or WebP in base64. consignment: which, where the case has several of yours."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    content: Annotated[str, Meta(min_length=1, max_length=16_800_000)]
    consignment: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        Problem, description=description, media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
    )


@post(
    "/v1/cases/{case_id:str}/pictures",
    opt={"act": "information.give"},
    summary="Send a picture of the goods that you declared.",
    responses={
        201: ResponseSpec(ActDone, description="The act", generate_examples=False),
        409: _problem("There are as many pictures of these goods as there can be"),
        413: _problem("It is too large"),
        415: _problem("This is no picture"),
    },
    request_max_body_size=BODY_BYTES_MAX,
)
async def give_picture(
    request: Request[Any, Any, Any], case_id: FromPath[str], data: JSONBody[GoodsPicture]
) -> Response[ActDone]:
    """It is written anew: where and with what it was taken is not kept. Officers read it by
    `GET /v1/cases/{case_id}/proofs/{act}`; each reading is recorded."""
    content = await asyncio.to_thread(decode_base64, data.content)
    done = await add_picture(
        provided(request, Processor),
        sender_of(actor_of(request)),
        parse_id(case_id),
        reference=data.reference,
        picture=await read_picture_beside(content),
        consignment=data.consignment,
    )
    return Response(done, status_code=201, headers={"location": f"/v1/cases/{case_id}/acts"})


ROUTES = [give_picture]
