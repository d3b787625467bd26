"""Route of the comparison for everybody."""

from typing import Any, Final, cast

import msgspec
from litestar import Request, Response, get

from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.negotiation import HTML, JSON, choose_media_type
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of, page
from serai.laboratory.compare.table import COLUMNS
from serai.portal.comparison import comparing
from serai.portal.comparison.comparing import World
from serai.portal.comparison.service import WorldService
from serai.portal.comparison.view import TABLE_PRICES_MINOR, view_world
from serai.portal.law.pages import today_of

AGAIN_S = 3
"""After how many seconds a page that waits for the first comparison looks again, by itself."""


class NotYet(msgspec.Struct, frozen=True):
    """What is said while the first comparison is computed."""

    state: str


_COLUMNS: Final = {
    "law": translatable("Law"),
    "on": translatable("On"),
    "to": translatable("To"),
    "duty free": translatable("Duty free"),
    "tax free": translatable("Tax free"),
    "duty": translatable("Duty"),
    "tax": translatable("Tax"),
    "fee": translatable("Fee"),
    "median of value": translatable("Median of value"),
    "assumed": translatable("Assumed"),
    "invented tariff": translatable("Invented tariff"),
    "undecided": translatable("Undecided"),
}
"""Heads of the table of all figures."""


@get("/law/comparison", opt={"act": "public.read"}, include_in_schema=False)
async def show_comparison(request: Request[Any, Any, Any]) -> Response[World]:
    """Show the laws in force side by side, from invented parcels; 202 while they are first computed."""
    service = provided(request, WorldService)
    world = service.look(today_of(request))
    more = {
        "has_failed": service.has_failed,
        "facts": comparing,
        "columns": COLUMNS,
        "prices": TABLE_PRICES_MINOR,
        "column_words": _column_words(language_of(request)),
    }
    if world is None:
        return cast("Response[World]", _not_yet(request, more, has_failed=service.has_failed))
    if _wants_page(request):
        return cast(
            "Response[World]",
            page(request, view_world(world, language_of(request)), "portal/comparison.html", more=more),
        )
    return Response(world, media_type=JSON, headers={"vary": "accept"})


def _column_words(language: str) -> dict[str, str]:
    words = interface_words(language)
    return {name: words.gettext(said) for name, said in _COLUMNS.items()}


def _not_yet(request: Request[Any, Any, Any], more: dict[str, object], *, has_failed: bool) -> Response[Any]:
    status = 503 if has_failed else 202
    headers = {} if has_failed else {"refresh": str(AGAIN_S)}
    if _wants_page(request):
        return page(request, None, "portal/comparison.html", status=status, headers=headers, more=more)
    state = NotYet("failed" if has_failed else "computing")
    return Response(state, media_type=JSON, status_code=status, headers={"vary": "accept"})


def _wants_page(request: Request[Any, Any, Any]) -> bool:
    return choose_media_type(request.headers.get("accept", ""), (JSON, HTML)) == HTML


ROUTES = [show_comparison]
