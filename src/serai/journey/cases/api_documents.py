"""HTTP for the documents a party sent beside declarations: whether each counts, and why."""

from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of
from serai.journey.cases.own_documents import OwnDocument, OwnKind, read_own_document
from serai.journey.cases.service import CaseFiles

_AnyRequest = Request[Any, Any, Any]
_NOT_YOURS = ResponseSpec(
    Problem,
    description="You have sent no such document",
    media_type=PROBLEM_MEDIA_TYPE,
    generate_examples=False,
)


def _route(path: str, summary: str) -> get:
    return get(path, opt={"act": "documents.read"}, summary=summary, responses={404: _NOT_YOURS})


@_route("/v1/orders/{reference:str}", "An order you sent: whether it counts in a case, and why.")
async def read_order(request: _AnyRequest, reference: FromPath[str]) -> OwnDocument:
    """By your own reference. One that waits is answered alike whether there is such a case or not."""
    return await _read(request, "order", reference)


@_route("/v1/payments/{reference:str}", "A payment you sent: whether it counts in a case, and why.")
async def read_payment(request: _AnyRequest, reference: FromPath[str]) -> OwnDocument:
    """By your own reference. One that waits is answered alike whether there is such a case or not."""
    return await _read(request, "payment", reference)


@_route(
    "/v1/transport-documents/{reference:str}",
    "A transport document you sent: whether it counts in a case, and why.",
)
async def read_transport_document(request: _AnyRequest, reference: FromPath[str]) -> OwnDocument:
    """By your own reference. One that waits is answered alike whether there is such a case or not."""
    return await _read(request, "transport-document", reference)


@_route("/v1/returns/{reference:str}", "A return you sent: whether it counts in a case, and why.")
async def read_return(request: _AnyRequest, reference: FromPath[str]) -> OwnDocument:
    """By your own reference."""
    return await _read(request, "return", reference)


ROUTES: list[HTTPRouteHandler] = [read_order, read_payment, read_transport_document, read_return]


async def _read(request: _AnyRequest, kind: OwnKind, reference: str) -> OwnDocument:
    case_files = provided(request, CaseFiles)
    return await read_own_document(
        case_files.database,
        kind,
        reference,
        party_id=actor_of(request).party_id,
        administration_id=case_files.administration_id,
        language=language_of(request),
    )
