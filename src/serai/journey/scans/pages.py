"""Pages of recalls: what is recalled and found, a form to recall goods, and buttons to confirm and end it."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.formats.csv_tables import write_table
from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page, respond
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.scans import recalls
from serai.journey.scans.api import RecallDeclaration, RecallPage
from serai.model.errors import SeraiError

_Request = Request[Any, Any, Any]
_ADDRESS: Final = "/recalls"
_COLUMNS: Final = (
    "recall_id", "reference", "reason_code", "law_reference", "state", "declared_at", "hit_count",
    "found_count",
)  # fmt: skip
_LISTS: Final = ("hs_prefixes", "gtins", "seller_ids", "origin_country_codes", "words")
"""Fields of a rule, each with its entries one a line."""


@get(_ADDRESS, opt={"act": "recalls.read"}, include_in_schema=False)
async def show_recalls(request: _Request) -> Response[RecallPage]:
    """Show recalls: officers all, an agency its own."""
    return respond(request, await _read(request), "scans/recalls.html", more=_more(request))


@get("/recalls/csv", opt={"act": "recalls.read"}, include_in_schema=False)
async def download_recalls(request: _Request) -> Response[str]:
    """Give recalls as CSV: officers all, an agency its own."""
    rows = (
        (
            one.recall_id,
            one.reference,
            one.reason_code,
            one.law_reference or "",
            one.state,
            one.declared_at.isoformat(),
            *("" if count is None else str(count) for count in (one.hit_count, one.found_count)),
        )
        for one in (await _read(request)).recalls
    )
    return csv_file("recalls.csv", write_table(_COLUMNS, rows))


@post(_ADDRESS, opt={"act": "recalls.declare"}, status_code=200, include_in_schema=False)
async def declare(request: _Request) -> Response[Any]:
    """Recall what the form names; what is in flight is counted next."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    rule = {name: list(filter(None, map(str.strip, form.get(name, "").splitlines()))) for name in _LISTS}
    body = {
        "reference": form.get("reference", "").strip(),
        "reason_code": form.get("reason_code", "").strip(),
        "law_reference": form.get("law_reference", "").strip() or None,
        "rule": rule,
    }
    try:
        declared = msgspec.convert(body, RecallDeclaration)
        await recalls.declare_recall(
            provided(request, Processor).services,
            sender_of(actor_of(request)),
            declared.rule,
            reference=declared.reference,
            reason_code=declared.reason_code,
            law_reference=declared.law_reference,
        )
    except (msgspec.ValidationError, SeraiError) as fault:
        text = error_text(fault, language_of(request)) if isinstance(fault, SeraiError) else str(fault)
        more = {**_more(request), "given": form, "faults": [{"text": text, "href": "#reference"}]}
        return page(request, await _read(request), "scans/recalls.html", status=422, more=more)
    return _back()


@post(
    "/recalls/{recall_id:str}/confirmation",
    opt={"act": "recalls.declare"},
    status_code=200,
    include_in_schema=False,
)
async def confirm(request: _Request, recall_id: FromPath[str]) -> Response[None]:
    """Let what a recall finds become tasks, for the count that the page showed."""
    shown = str((await request.form()).get("expected_count") or "")
    await recalls.confirm_recall(
        provided(request, Processor).services,
        sender_of(actor_of(request)),
        parse_id(recall_id),
        expected_count=int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else -1,
    )
    return _back()


@post(
    "/recalls/{recall_id:str}/end", opt={"act": "recalls.declare"}, status_code=200, include_in_schema=False
)
async def end(request: _Request, recall_id: FromPath[str]) -> Response[None]:
    """Look no more for what a recall asks for."""
    services = provided(request, Processor).services
    await recalls.end_recall(services, sender_of(actor_of(request)), parse_id(recall_id))
    return _back()


async def _read(request: _Request) -> RecallPage:
    services = provided(request, Processor).services
    return RecallPage(await recalls.read_recalls(services, sender_of(actor_of(request))))


def _back() -> Response[None]:
    return Response(None, status_code=303, headers={"location": _ADDRESS})


def _more(request: _Request) -> dict[str, object]:
    return {
        "given": {},
        "faults": [],
        "time_zone": provided(request, Settings).administration.time_zone,
    }


ROUTES = [show_recalls, download_recalls, declare, confirm, end]
