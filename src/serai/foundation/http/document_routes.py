"""Routes that answer documents one by one: each is taken, or its problem is told."""

from collections.abc import Mapping
from typing import Any

from litestar import HttpMethod
from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import Empty, EmptyType

from serai.foundation.http.answers_of_documents import NOT_TAKEN


class _DocumentRoute(HTTPRouteHandler):
    """A route whose guards see the route itself. Litestar copies it for every guard of every request, which
    costs a tenth of what answering costs; ours only reads it."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Ask the guards."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]


def submission_route(path: str, *, act: str, summary: str) -> HTTPRouteHandler:
    """Return the decorator of a route that documents are sent to; its body streams, of whatever length."""
    made = ResponseSpec(
        None, description="It is taken, durably; `Location` is its address", generate_examples=False
    )
    return _route(path, act=act, summary=summary, responses={201: made}, request_max_body_size=None)


def document_route(path: str, *, act: str, summary: str) -> HTTPRouteHandler:
    """Return the decorator of a route that does something with one document that was filed."""
    return _route(path, act=act, summary=summary)


def _route(
    path: str,
    *,
    act: str,
    summary: str,
    responses: Mapping[int, ResponseSpec] | None = None,
    request_max_body_size: int | EmptyType | None = Empty,
) -> HTTPRouteHandler:
    return _DocumentRoute(
        path,
        http_method=HttpMethod.POST,
        opt={"act": act},
        status_code=200,
        responses={**NOT_TAKEN, **(responses or {})},
        tags=["Submission"],
        summary=summary,
        request_max_body_size=request_max_body_size,
    )
