"""Pages of a scheme holder: its numbers, who cites them, and what came of it; as a file, too."""

import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.formats.csv_tables import write_table
from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import parse_id
from serai.journey.tax_paid.trust import store
from serai.model.errors import SeraiError
from serai.web.administering_api import AnyRequest, whose_rows
from serai.web.tax_paid.citations import CitationsOut, read_citations
from serai.web.tax_paid.schemes_api import SchemeOut, declare_tokens, scheme_out

_SHOWN_MAX: Final = 200
_COLUMNS: Final = ("day", "cited", "with_token", "no_token_asked", "token_missing", "token_refused")
_FAULTY: Final = 422


class SchemesView(msgspec.Struct, frozen=True):
    """What the page of all numbers shows."""

    schemes: list[SchemeOut]


class SchemeView(msgspec.Struct, frozen=True):
    """What the page of one number shows. faults: by field, in words, with what was typed."""

    citations: CitationsOut
    today: dt.date
    typed: str
    faults: dict[str, str] = {}


@get("/schemes", opt={"act": "schemes.read"}, include_in_schema=False)
async def show_schemes(request: AnyRequest) -> Response[str]:
    """Show the numbers of whoever is signed in; the administration's people see all."""
    node = provided(request, Node)
    async with node.database.read(node.administration_id) as connection:
        found = await store.select_schemes(
            connection,
            whose_rows(actor_of(request)),
            limit=_SHOWN_MAX,
            administration_id=node.administration_id,
        )
    return page(request, SchemesView([scheme_out(one) for one in found]), "portal/schemes.html")


@get("/schemes/{scheme:str}", opt={"act": "schemes.read"}, include_in_schema=False)
async def show_scheme(request: AnyRequest, scheme: FromPath[str]) -> Response[str]:
    """Show who cited a number in the last month, and what came of it."""
    return await _page(request, parse_id(scheme))


@get("/schemes/{scheme:str}/csv", opt={"act": "schemes.read"}, include_in_schema=False)
async def download_citations(request: AnyRequest, scheme: FromPath[str]) -> Response[str]:
    """Give a year's citations of a number as CSV, by day."""
    node = provided(request, Node)
    today = node.clock.now().date()
    found = await read_citations(
        node, actor_of(request), parse_id(scheme), from_on=today - dt.timedelta(days=365), to_on=today
    )
    rows = (
        (
            one.day.isoformat(),
            *(
                str(count)
                for count in (
                    one.cited_count,
                    one.proven_count,
                    one.without_count,
                    one.missing_count,
                    one.refused_count,
                )
            ),
        )
        for one in found.days
    )
    # Never the number: a file is passed on.
    return csv_file("citations.csv", write_table(_COLUMNS, rows))


@post(
    "/schemes/{scheme:str}/tokens",
    opt={"act": "schemes.declare"},
    include_in_schema=False,
    status_code=303,
)
async def declare_on_page(request: AnyRequest, scheme: FromPath[str]) -> Response[Any]:
    """Say from which day on all consignments carry tokens; empty: not any more."""
    typed = str((await request.form()).get("tokens_from", "")).strip()[:20]
    try:
        tokens_from = dt.date.fromisoformat(typed) if typed else None
    except ValueError:
        said = text_in(translatable("Type a day, as 2026-12-31."), language_of(request))
        return await _page(request, parse_id(scheme), typed, {"tokens_from": said})
    try:
        await declare_tokens(request, parse_id(scheme), tokens_from)
    except SeraiError as error:
        if error.code != "tokens-from-past":
            raise
        said = " ".join(text_in(one, language_of(request)) for one in error.texts)
        return await _page(request, parse_id(scheme), typed, {"tokens_from": said})
    return Response(None, status_code=303, headers={"location": f"/schemes/{scheme}"})


ROUTES = [show_schemes, show_scheme, download_citations, declare_on_page]


async def _page(
    request: AnyRequest, scheme_id: int, typed: str | None = None, faults: dict[str, str] | None = None
) -> Response[str]:
    node = provided(request, Node)
    found = await read_citations(node, actor_of(request), scheme_id, from_on=None, to_on=None)
    if typed is None:
        typed = "" if found.tokens_from is None else found.tokens_from.isoformat()
    view = SchemeView(found, node.clock.now().date(), typed, faults or {})
    return page(request, view, "portal/scheme.html", status=_FAULTY if faults else 200)
