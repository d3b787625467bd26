"""Where somebody may go on who may not do what a page is for: the nearest page above it that is theirs."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import HTTPRouteHandler

from serai.foundation.access.table import may
from serai.foundation.http.respond import actor_of


def way_on(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Return the address of the nearest page above the one asked for that this actor may see; None: there is
    none but the first page."""
    template = str(connection.scope.get("path_template") or "")
    pages = _pages(connection)
    parts, known = connection.url.path.rstrip("/").split("/"), template.rstrip("/").split("/")
    if len(parts) != len(known):
        return None
    for length in range(len(parts) - 1, 1, -1):
        act = pages.get("/".join(known[:length]))
        if act is not None and may(actor_of(connection), act):
            return "/".join(parts[:length])
    return None


def _pages(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, str]:
    """Return the act of each page by its address as the application knows it."""
    return {
        route.path_format: str(handler.opt.get("act"))
        for route in connection.app.routes
        if not route.path_format.startswith("/v1/")
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and "GET" in handler.http_methods
    }
