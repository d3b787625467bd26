"""HTTP for what follows a declaration: presentation of its goods, invalidation."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.document_routes import document_route
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import Include, actor_of
from serai.journey.acts.service import Acts
from serai.journey.documents.submission import sender_of
from serai.journey.lodgement.withdrawals import Withdrawal, answer_act, answer_withdrawal

_AnyRequest = Request[Any, Any, Any]


class Presentation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the goods were there; an instant with its offset from UTC."""

    arrived_at: Annotated[dt.datetime, Meta(tz=True)]


@document_route(
    "/v1/declarations/{reference:str}/invalidation",
    act="declarations.lodge",
    summary="Withdraw a declaration before release.",
)
async def invalidate_declaration(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal], include: Include = None
) -> Response[Any]:
    """What was charged is reversed. After release it becomes a request for an officer: 409 says so."""
    return await answer_withdrawal(request, "declaration", reference, data, include)


@document_route(
    "/v1/declarations/{reference:str}/presentation",
    act="declarations.lodge",
    summary="Say that the goods of one declaration are there.",
)
async def present_consignment(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Presentation], include: Include = None
) -> Response[Any]:
    """The arrival of one consignment. Another time than was reported before: 409."""
    answer = await provided(request, Acts).present(
        sender_of(actor_of(request)), reference, arrived_at=data.arrived_at
    )
    return await answer_act(request, answer, include)


ROUTES = [invalidate_declaration, present_consignment]
