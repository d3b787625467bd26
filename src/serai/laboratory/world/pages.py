"""Route of the comparison for everybody."""

from typing import Any, cast

import msgspec
from litestar import Request, Response, get

from serai.foundation.http.negotiation import HTML, JSON, choose_media_type
from serai.foundation.http.respond import page, respond
from serai.laboratory.compare.table import COLUMNS
from serai.laboratory.law_pages.pages import today_of
from serai.laboratory.world import comparing
from serai.laboratory.world.comparing import World
from serai.laboratory.world.desk import WorldDesk
from serai.laboratory.world.view import TABLE_PRICES_MINOR, view_world

AGAIN_S = 3
"""After how many seconds a page that waits for the first comparison looks again, by itself."""


class NotYet(msgspec.Struct, frozen=True):
    """What is said while the first comparison is computed."""

    state: str


@get("/law/comparison", opt={"act": "public.read"})
async def show_comparison(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the laws in force side by side, from invented parcels; 202 while they are first computed."""
    desk = world_desk_of(request)
    world = desk.look(today_of(request))
    more = {
        "has_failed": desk.has_failed,
        "facts": comparing,
        "columns": COLUMNS,
        "prices": TABLE_PRICES_MINOR,
    }
    if world is None:
        headers = {} if desk.has_failed else {"refresh": str(AGAIN_S)}
        if choose_media_type(request.headers.get("accept", ""), (JSON, HTML)) == HTML:
            status = 503 if desk.has_failed else 202
            return page(
                request, None, "laboratory/comparison.html", status=status, headers=headers, more=more
            )
        return Response(
            NotYet("failed" if desk.has_failed else "computing"), media_type=JSON, status_code=202
        )
    if choose_media_type(request.headers.get("accept", ""), (JSON, HTML)) == HTML:
        return page(request, view_world(world), "laboratory/comparison.html", more=more)
    return cast("Response[World]", respond(request, world, "laboratory/comparison.html"))


def world_desk_of(request: Request[Any, Any, Any]) -> WorldDesk:
    """Return the desk in the application's state."""
    return cast("WorldDesk", request.app.state["world_desk"])


ROUTES = [show_comparison]
