"""HTTP for declarations: `POST /v1/declarations` with one (JSON, WCO DEC) or many (NDJSON streamed both ways,
CSV, WCO DEC as parts of a multipart body)."""

import asyncio
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from litestar import Request, Response

from serai.formats.decoded import KINDS
from serai.formats.registry import FORMATS
from serai.formats.wco_dec import decode_dec, place_in_message
from serai.foundation.http.body import open_body, read_lines
from serai.foundation.http.document_routes import submission_route
from serai.foundation.http.guards import spool_share_of
from serai.foundation.http.line_stream import LineStream
from serai.foundation.http.mixed_parts import read_boundary, read_parts
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import Include, actor_of, answer_document, language_of
from serai.foundation.settings import Settings
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import sender_of
from serai.journey.lodgement.api_bulk import answer_csv, answer_lines, answer_parts
from serai.journey.lodgement.service import LodgementService
from serai.journey.lodgement.withdrawals import answer_act, asked_texts

_CSV: Final = FORMATS["csv"].media_types
_NDJSON: Final = FORMATS["ndjson"].media_types
_XML: Final = FORMATS["wco-dec"].media_types
_MULTIPART: Final = "multipart/mixed"
_PARTS: Final = {"declaration": (_MULTIPART,)}
_MEDIA_TYPES: Final = {
    kind: tuple(name for form in FORMATS.values() if kind in form.kinds for name in form.media_types)
    for kind in KINDS
}


@submission_route(
    "/v1/declarations",
    act="declarations.lodge",
    summary="File consignments: one as JSON or WCO DEC XML, many as NDJSON, CSV or multipart of XML.",
)
async def lodge_declarations(request: Request[Any, Any, Any], include: Include = None) -> Response[Any]:
    """Decide what is filed; a reply means decided and durable. One that is not taken is a problem. Many: one
    line for each, a trailer at the end."""
    return await answer_submission(request, "declaration", include)


async def answer_submission(
    request: Request[Any, Any, Any], kind: str, include: str | None = None
) -> Response[Any]:
    """Read a body of documents of one kind in the form its content type names, and answer in kind.

    include: `text` where texts of reasons and findings are asked for, in each answer.
    """
    settings = provided(request, Settings).server
    lodgement = provided(request, LodgementService)
    actor = actor_of(request)
    asked = asked_texts(request, include)
    language = None if asked is None else asked.language
    many = request.content_type[0].lower() in (*_NDJSON, *_CSV, _MULTIPART)
    body = open_body(
        request,
        media_types=(*_MEDIA_TYPES[kind], *_PARTS.get(kind, ())),
        bytes_max=settings.max_stream_bytes if many else settings.max_request_bytes,
    )
    if body.media_type in _NDJSON:
        lines = read_lines(body, line_bytes_max=settings.max_line_bytes)
        return LineStream(
            body,
            answer_lines(
                lodgement,
                actor,
                kind,
                lines,
                settings.max_line_bytes,
                asked=asked,
                problems_in=language_of(request),
            ),
            file_bytes_max=settings.max_spill_bytes,
        )
    if body.media_type in _CSV:
        return LineStream(
            body,
            answer_csv(
                lodgement,
                actor,
                kind,
                body,
                spool_share_of(request),
                asked=asked,
                problems_in=language_of(request),
            ),
            file_bytes_max=settings.max_spill_bytes,
        )
    if body.media_type == _MULTIPART:
        boundary = read_boundary(request.content_type[1])
        parts = read_parts(body, boundary, part_bytes_max=settings.max_request_bytes)
        return LineStream(
            body,
            answer_parts(
                lodgement,
                actor,
                parts,
                settings.max_request_bytes,
                asked=asked,
                problems_in=language_of(request),
            ),
            file_bytes_max=settings.max_spill_bytes,
        )
    content = await body.read()
    if body.media_type in _XML:
        message, faults = await asyncio.to_thread(decode_dec, content)
        if message is not None and message.act != "original":
            answer = await provided(request, Acts).clear_dec(message, sender_of(actor), content)
            return await answer_act(request, answer, include)
        document = message.consignment if message is not None else None
        findings = faults if message is None else [*faults, *message.find_unread()]
        answers = await lodgement.submit(
            actor,
            kind,
            documents=[document],
            findings=[findings],
            places=[partial(place_in_message, content)],
        )
    else:
        answers = await lodgement.submit(actor, kind, lines=[content])
    (answer,) = answers if asked is None else await asked.fill(answers)
    location = f"{request.scope['path']}/{quote(answer.reference, safe='')}"
    return answer_document(*lodgement.encode_one(answer, language, language_of(request)), location=location)
