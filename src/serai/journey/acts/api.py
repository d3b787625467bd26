"""HTTP for what moves a declared parcel: arrivals, presentation of one consignment, withdrawal."""

import datetime as dt
from typing import Annotated, Any, Protocol, cast

import msgspec
from litestar import Request, Response
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.access.actor import Actor
from serai.foundation.http.document_routes import document_route, submission_route
from serai.foundation.http.respond import actor_of, answer_document
from serai.foundation.http.submission import answer_submission
from serai.foundation.http.withdrawals import Withdrawal, answer_withdrawal

_AnyRequest = Request[Any, Any, Any]


class Presentation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the goods were there; an instant with its offset from UTC."""

    arrived_at: Annotated[dt.datetime, Meta(tz=True)]


class DesksOfRelease(Protocol):
    """What these routes start; `web/application.py` hands it over in the state as `acts`."""

    async def present_for(
        self, actor: Actor, reference: str, *, arrived_at: dt.datetime
    ) -> tuple[int, bytes]:
        """Present the goods of a declaration; HTTP status and JSON of the answer."""
        ...


@submission_route(
    "/v1/arrivals",
    act="arrivals.file",
    summary="Report what has arrived: a movement, master document, receptacle or house document.",
)
async def report_arrivals(request: _AnyRequest) -> Response[Any]:
    """One as JSON, many as NDJSON. When the answer comes, every parcel on it has been decided again."""
    return await answer_submission(request, "arrival")


@document_route(
    "/v1/declarations/{reference:str}/invalidation",
    act="consignments.file",
    summary="Withdraw a declaration before release.",
)
async def invalidate_declaration(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Withdrawal]
) -> Response[Any]:
    """What was charged is reversed. After release it becomes a request for an officer: 409 says so."""
    return await answer_withdrawal(request, "consignment", reference, data)


@document_route(
    "/v1/declarations/{reference:str}/presentation",
    act="consignments.file",
    summary="Say that the goods of one declaration are there.",
)
async def present_consignment(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[Presentation]
) -> Response[Any]:
    """The arrival of one consignment. Another time than was reported before: 409."""
    return answer_document(
        *await _acts(request).present_for(actor_of(request), reference, arrived_at=data.arrived_at)
    )


def _acts(request: _AnyRequest) -> DesksOfRelease:
    return cast("DesksOfRelease", request.app.state["acts"])


ROUTES = [report_arrivals, invalidate_declaration, present_consignment]
