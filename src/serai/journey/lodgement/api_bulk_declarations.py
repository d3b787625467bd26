"""HTTP for bulk declarations: an envelope with its declarations, as one JSON object or as NDJSON whose first
line is the head."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from serai.foundation.http.body import Lines, open_body, read_lines
from serai.foundation.http.document_routes import submission_route
from serai.foundation.http.line_stream import LineStream
from serai.foundation.http.negotiation import JSON, NDJSON
from serai.foundation.http.problems import InputFault, InputFaultyError, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import Include, actor_of, answer_document, language_of
from serai.foundation.settings import Settings
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import sender_of
from serai.journey.finding_messages import sentence_of
from serai.journey.lodgement.api_bulk import answer_lines
from serai.journey.lodgement.bulk_declarations import (
    DECLARATIONS,
    BulkDeclarationOut,
    EnvelopeOut,
    complete_line,
    complete_lines,
    envelope_out,
    open_envelope,
    read_bulk_declaration,
    read_head,
    record_lines,
)
from serai.journey.lodgement.service import AnswerOut, LodgementService, answer_out
from serai.journey.lodgement.withdrawals import asked_texts
from serai.journey.processing.rendered_decision import AskedTexts
from serai.model.findings import Finding

_AnyRequest = Request[Any, Any, Any]
_ENCODER: Final = msgspec.json.Encoder()
LIMIT_MAX: Final = 1_000
COUNT_MAX: Final = 5_000
"""Declarations in one JSON object; more come as NDJSON."""
_Limit = Annotated[int, QueryParameter(ge=1, le=LIMIT_MAX, description="Most rows of a page.")]
_After = Annotated[str, QueryParameter(description="`next_after` of the page before.")]


class BulkAnswerOut(msgspec.Struct, frozen=True):
    """What became of an envelope sent as one JSON object: of itself, and of each declaration, in order.
    Pointers lead into the declaration."""

    envelope: EnvelopeOut
    declarations: list[AnswerOut]


class _Declarations(msgspec.Struct, frozen=True):
    declarations: list[msgspec.Raw]


_DECLARATIONS: Final = msgspec.json.Decoder(_Declarations)


@submission_route(
    "/v1/bulk-declarations",
    act="declarations.lodge",
    summary="Lodge declarations in one envelope with a common head: as one JSON object, or NDJSON.",
)
async def lodge_bulk_declaration(request: _AnyRequest, include: Include = None) -> Response[Any]:
    """The head's fields hold for each declaration that leaves them out. NDJSON: the first line is the head,
    each further line a declaration, answered line for line as at /v1/declarations. The same again is
    harmless."""
    settings = provided(request, Settings).server
    many = request.content_type[0].lower() == NDJSON
    body = open_body(
        request,
        media_types=(JSON, NDJSON),
        bytes_max=settings.max_stream_bytes if many else settings.max_request_bytes,
    )
    asked = asked_texts(request, include)
    language = None if asked is None else asked.language
    if body.media_type == NDJSON:
        incoming = read_lines(body, line_bytes_max=settings.max_line_bytes)
        return LineStream(
            body,
            _answer_stream(request, incoming, settings.max_line_bytes, asked),
            file_bytes_max=settings.max_spill_bytes,
        )
    content = await body.read()
    fields, faults = read_head(content)
    declared, more = _read_declarations(content)
    if faults or more:
        raise _faulty([*faults, *more], language_of(request))
    services, actor = provided(request, Acts).processor.services, actor_of(request)
    envelope = await open_envelope(services, sender_of(actor).party_id, fields)
    lines = [complete_line(bytes(one), envelope.common) for one in declared]
    answers = await provided(request, LodgementService).submit(actor, "declaration", lines=lines)
    await record_lines(services, envelope, answers)
    if asked is not None:
        answers = await asked.fill(answers)
    lines_out = [
        answer_out(one, line=line, language=language, problems_in=language_of(request))
        for line, one in enumerate(answers, start=1)
    ]
    told = BulkAnswerOut(envelope_out(envelope), lines_out)
    location = f"{request.url.path}/{quote(envelope.reference, safe='')}"
    return answer_document(201 if envelope.is_new else 200, _ENCODER.encode(told), location=location)


def _read_declarations(content: bytes) -> tuple[list[msgspec.Raw], list[Finding]]:
    """Cut the declarations out of an envelope, each as it was sent."""
    try:
        declared = _DECLARATIONS.decode(content).declarations
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return [], [Finding("missing-field", "", parameters={"field": DECLARATIONS})]
    if not declared:
        return [], [Finding("too-few", f"/{DECLARATIONS}", parameters={"count_min": "1"})]
    if len(declared) > COUNT_MAX:
        return [], [Finding("too-many", f"/{DECLARATIONS}", parameters={"count_max": str(COUNT_MAX)})]
    return declared, []


def _faulty(findings: Sequence[Finding], language: str) -> InputFaultyError:
    faults = []
    for one in findings:
        said = sentence_of(one, language)
        faults.append(InputFault(one.pointer, one.code, said.sentence, said.remedy))
    return InputFaultyError(
        tuple(faults), "The envelope cannot be read.", "Correct all that is named, then send it again."
    )


async def _answer_stream(
    request: _AnyRequest, incoming: AsyncIterator[Lines], line_bytes_max: int, asked: AskedTexts | None
) -> AsyncGenerator[bytes]:
    """Answer the head, then each declaration, numbered as they were sent."""
    first = await anext(incoming, None)
    fields, faults = read_head(first.lines[0] if first is not None else b"")
    if faults or first is None:
        raise _faulty(faults, language_of(request))
    services = provided(request, Acts).processor.services
    envelope = await open_envelope(services, sender_of(actor_of(request)).party_id, fields)
    yield _ENCODER.encode(envelope_out(envelope, line=1)) + b"\n"
    rest = msgspec.structs.replace(first, first_number=2, lines=first.lines[1:])
    async for part in answer_lines(
        provided(request, LodgementService),
        actor_of(request),
        "declaration",
        complete_lines(_with_first(rest, incoming), envelope.common),
        line_bytes_max,
        first_line=2,
        note=partial(record_lines, services, envelope),
        asked=asked,
        problems_in=language_of(request),
    ):
        yield part


async def _with_first(first: Lines, incoming: AsyncIterator[Lines]) -> AsyncIterator[Lines]:
    if first.lines:
        yield first
    async for lines in incoming:
        yield lines


@get(
    "/v1/bulk-declarations/{reference:str}",
    opt={"act": "documents.read"},
    summary="A bulk declaration of yours: its MRN and its declarations.",
    responses={404: ResponseSpec(Problem, description="You have lodged none of this reference")},
)
async def read_envelope(
    request: _AnyRequest, reference: FromPath[str], after: _After = "", limit: _Limit = LIMIT_MAX
) -> BulkDeclarationOut:
    """Its declarations by reference, as /v1/declarations knows them."""
    return await read_bulk_declaration(
        provided(request, Acts).processor.services,
        actor_of(request).party_id,
        reference,
        after=after,
        limit=limit,
    )


ROUTES = [lodge_bulk_declaration, read_envelope]
