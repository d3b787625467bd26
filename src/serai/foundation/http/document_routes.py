"""Routes that answer documents one by one: each is taken, or its problem is told. The short way to them."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import HttpMethod, Litestar, Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import FormMultiDict
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ASGIApp, Empty, EmptyType, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from serai.foundation.http.answers_of_documents import NOT_TAKEN
from serai.foundation.http.careful_request import CarefulRequest
from serai.foundation.http.error_edge import answer_error
from serai.foundation.http.request_edge import has_begun

DIRECT: Final = {"goes_direct": True}
"""For the `opt` of a route with a fixed address that reads nothing but its request, and its query if there is
one."""


class _DocumentRoute(HTTPRouteHandler):
    """A route whose guards see the route itself. Litestar copies it for every guard of every request, which
    costs a tenth of what answering costs; ours only reads it."""

    async def authorize_connection(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Ask the guards."""
        for guard in self.resolve_guards():
            await guard(connection, self)  # type: ignore[misc]


class DirectRoutes:
    """The short way to routes that answer one document a request: guards, handler, answer.

    Litestar works out for every request what is the same for all of one route, which costs as much as reading
    and answering a small document. A request with a query, of another method or to another address goes its
    way; the routes stand in its table, and in the description of the API, in any case.
    """

    def __init__(self, app: Litestar) -> None:
        self._others: ASGIApp = app.asgi_handler
        self._handlers: dict[str, HTTPRouteHandler] = {
            route.path: handler
            for route in app.routes
            for handler in getattr(route, "route_handlers", ())
            if handler.opt.get("goes_direct")
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        handler = self._handlers.get(scope["path"])
        if handler is None or scope.get("method") != "POST" or scope["query_string"]:
            await self._others(scope, receive, send)
            return
        scope["path_params"] = {}
        scope["path_template"] = scope["path"]
        scope["route_handler"] = handler
        request: Request[Any, Any, Any] = CarefulRequest(scope, receive, send)
        try:
            for guard in handler.resolve_guards():
                await guard(request, handler)  # type: ignore[misc]
            response: Response[Any] = await handler.fn(request)
            await _asgi_of(response, request)(scope, receive, send)
        except Exception as fault:
            if has_begun(scope):
                raise
            await _asgi_of(answer_error(request, fault), request)(scope, receive, send)
        finally:
            if (form := ScopeState.from_scope(scope).form) is not Empty:
                await FormMultiDict.from_form_data(form).close()


def _asgi_of(response: Response[Any], request: Request[Any, Any, Any]) -> ASGIApp:
    return response.to_asgi_response(None, request)


def submission_route(path: str, *, act: str, summary: str) -> HTTPRouteHandler:
    """Return the decorator of a route that documents are sent to; its body streams, of whatever length."""
    made = ResponseSpec(
        None, description="It is taken, durably; `Location` is its address", generate_examples=False
    )
    return _route(
        path, act=act, summary=summary, responses={201: made}, request_max_body_size=None, more=DIRECT
    )


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
    more: Mapping[str, bool] | None = None,
) -> HTTPRouteHandler:
    return _DocumentRoute(
        path,
        http_method=HttpMethod.POST,
        opt={"act": act, **(more or {})},
        status_code=200,
        responses={**NOT_TAKEN, **(responses or {})},
        summary=summary,
        request_max_body_size=request_max_body_size,
    )
