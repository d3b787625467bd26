"""`POST /v1/check/{standard}`: what is wrong with a message, for machines; no key, nothing stored."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from serai.formats.standards import BY_NAME
from serai.foundation.http.body import open_body
from serai.foundation.http.guards import client_network
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of
from serai.laboratory.message_check.checked import NAMES, CheckedMessage
from serai.portal.law.pages import law_of
from serai.portal.message_check.service import CONTENT_BYTES_MAX, CheckService

MEDIA_TYPES = tuple(
    dict.fromkeys(
        (
            *(media_type for name in NAMES for media_type in BY_NAME[name].media_types),
            *("text/plain", "application/octet-stream"),
        )
    )
)
_ENCODER = msgspec.json.Encoder()


@post(
    "/v1/check/{standard:str}",
    opt={"act": "messages.check"},
    status_code=200,
    summary="Check a message by a form or standard: every fault with place, line, sentence and remedy.",
    responses={200: ResponseSpec(CheckedMessage, description="What was found", generate_examples=False)},
)
async def check_message(
    request: Request[Any, Any, Any],
    standard: Annotated[FromPath[str], msgspec.Meta(description=f"One of: {', '.join(NAMES)}.")],
    kind: Annotated[
        str, QueryParameter(description="Of json and ndjson: consignment, order, payment and so on.")
    ] = "declaration",
    edition: Annotated[
        str | None, QueryParameter(description="Of a standard whose messages do not name theirs.")
    ] = None,
) -> Response[bytes]:
    """No key is asked for. Nothing of the message is stored or written anywhere, nor is it sent on."""
    content = await open_body(request, media_types=MEDIA_TYPES, bytes_max=CONTENT_BYTES_MAX).read()
    service = provided(request, CheckService)
    checked = await service.check(
        client_network(request),
        content,
        standard,
        kind=kind,
        law=law_of(request),
        at_ms=int(kit_of(request).clock.now().timestamp() * 1000),
        edition=edition,
    )
    return Response(_ENCODER.encode(checked), media_type=JSON)


ROUTES = [check_message]
