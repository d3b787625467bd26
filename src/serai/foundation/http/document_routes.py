"""Routes that answer documents one by one: each is taken, or its problem is told."""

from litestar import post
from litestar.types import Empty, EmptyType

from serai.foundation.http.document_problems import NOT_TAKEN


def filing_route(path: str, *, act: str, summary: str) -> post:
    """Return the decorator of a route that documents are sent to; its body streams, of whatever length."""
    return _route(path, act=act, summary=summary, request_max_body_size=None)


def document_route(path: str, *, act: str, summary: str) -> post:
    """Return the decorator of a route that does something with one document that was filed."""
    return _route(path, act=act, summary=summary)


def _route(
    path: str, *, act: str, summary: str, request_max_body_size: int | EmptyType | None = Empty
) -> post:
    return post(
        path,
        opt={"act": act},
        status_code=200,
        responses=NOT_TAKEN,
        tags=["Filing"],
        summary=summary,
        request_max_body_size=request_max_body_size,
    )
