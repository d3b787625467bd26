"""Pages of recalls: what is recalled and found, a form to recall goods, buttons to confirm, end and withdraw
it; for platforms, what is to be taken down."""

import asyncio
from typing import Any, Final, cast, get_args

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.formats.csv_tables import write_table
from serai.foundation.access.actor import Role
from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.form_files import read_file
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page, respond
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.documents.pictures import CONTENT_BYTES_MAX, read_picture_beside
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.recall_rules.grounds import ground_codes
from serai.journey.recall_rules.picture_hash import hash_picture
from serai.journey.recalls import service as recalls
from serai.journey.recalls.api import RecallDeclaration, RecallPage, RecallWithdrawal, TakeDownPage
from serai.journey.recalls.service import RecallHit, RecallOut
from serai.journey.recalls.take_downs import Answer, TakeDown, answer_take_down, read_take_downs
from serai.model.errors import SeraiError

_Request = Request[Any, Any, Any]
_ADDRESS: Final = "/recalls"
_ONE: Final = "recalls/recall.html"
_HITS_COUNT: Final = 200
"""On one page."""
_COLUMNS: Final = (
    "recall_id", "reference", "reason_code", "law_reference", "state", "declared_at", "hit_count",
    "found_count",
)  # fmt: skip
_LISTS: Final = (
    *("hs_prefixes", "gtins", "seller_ids", "origin_country_codes", "words"),
    *("lots", "serials", "models", "names"),
)
"""Fields of a rule, each with its entries one a line."""
_LABELS: Final = {
    "reference": translatable("Reference"),
    "reason_code": translatable("Reason"),
    "ground_code": translatable("Ground"),
    "law_reference": translatable("Law"),
    "gtins": translatable("Product numbers (GTIN)"),
    "lots": translatable("Batches"),
    "serials": translatable("Serial numbers"),
    "models": translatable("Models"),
    "names": translatable("Names of the product"),
    "hs_prefixes": translatable("Commodity codes that begin with"),
    "seller_ids": translatable("Sellers"),
    "words": translatable("Words of the description"),
    "origin_country_codes": translatable("Countries of origin"),
}
"""What the forms call their fields."""


@get(_ADDRESS, opt={"act": "recalls.read"}, include_in_schema=False)
async def show_recalls(request: _Request) -> Response[RecallPage]:
    """Show recalls: officers all, an agency its own."""
    return respond(request, await _read(request), "recalls/recalls.html", more=_more(request))


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


class RecallDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A recall, what it has found, and what platforms have answered. next_after: there may be more behind
    it."""

    recall: RecallOut
    hits: list[RecallHit]
    take_downs: list[TakeDown]
    next_after: str | None = None


@get("/recalls/{recall_id:str}", opt={"act": "recalls.read"}, include_in_schema=False)
async def show_recall(request: _Request, recall_id: FromPath[str]) -> Response[Any]:
    """Show one recall."""
    after = request.query_params.get("after", "")
    shown = await _read_one(request, parse_id(recall_id), parse_id(after) if after else 0)
    return respond(request, shown, _ONE, more=_more(request))


@post(
    _ADDRESS,
    opt={"act": "recalls.declare"},
    status_code=200,
    include_in_schema=False,
    request_max_body_size=CONTENT_BYTES_MAX + 100_000,
)
async def declare(request: _Request) -> Response[Any]:
    """Recall what the form names; what is in flight is counted next."""
    sent = await request.form()
    form = {name: value for name, value in sent.items() if isinstance(value, str)}
    rule = {name: list(filter(None, map(str.strip, form.get(name, "").splitlines()))) for name in _LISTS}
    body = {
        "reference": form.get("reference", "").strip(),
        "reason_code": form.get("reason_code", "").strip(),
        "law_reference": form.get("law_reference", "").strip() or None,
        "rule": rule,
        "effect": form.get("effect", "task"),
        "ground_code": form.get("ground_code", "") or None,
    }
    try:
        if content := await read_file(sent.get("picture")):
            picture = await read_picture_beside(content)
            rule["picture_hashes"] = [await asyncio.to_thread(hash_picture, picture)]
        declared = msgspec.convert(body, RecallDeclaration)
        await recalls.declare_recall(
            provided(request, Processor).services,
            sender_of(actor_of(request)),
            declared.rule,
            reference=declared.reference,
            reason_code=declared.reason_code,
            law_reference=declared.law_reference,
            effect=declared.effect,
            ground_code=declared.ground_code,
        )
    except (msgspec.ValidationError, SeraiError) as fault:
        told = form_fault(fault, language_of(request), "reference", _LABELS)
        more = {**_more(request), "given": form, "faults": [told]}
        return page(request, await _read(request), "recalls/recalls.html", status=422, more=more)
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


@post(
    "/recalls/{recall_id:str}/withdrawal",
    opt={"act": "recalls.declare"},
    status_code=200,
    include_in_schema=False,
)
async def withdraw(request: _Request, recall_id: FromPath[str]) -> Response[Any]:
    """Undo all that a recall did."""
    typed = str((await request.form()).get("reason_code") or "").strip()
    try:
        reason = msgspec.convert({"reason_code": typed or "wrong"}, RecallWithdrawal)
    except msgspec.ValidationError as fault:
        told = form_fault(fault, language_of(request), "reason_code", _LABELS)
        more = {**_more(request), "given": {"reason_code": typed}, "faults": [told]}
        return page(request, await _read_one(request, parse_id(recall_id)), _ONE, status=422, more=more)
    services, sender = provided(request, Processor).services, sender_of(actor_of(request))
    await recalls.withdraw_recall(services, sender, parse_id(recall_id), reason_code=reason.reason_code)
    return Response(None, status_code=303, headers={"location": f"{_ADDRESS}/{recall_id}"})


@get("/take-downs", opt={"act": "take-downs.read"}, include_in_schema=False)
async def show_take_downs(request: _Request) -> Response[TakeDownPage]:
    """Show what platforms are asked to take down."""
    services, actor = provided(request, Processor).services, actor_of(request)
    shown = TakeDownPage(await read_take_downs(services, sender_of(actor)))
    more = {**_more(request), "may_answer": Role.PLATFORM in actor.roles}
    return respond(request, shown, "recalls/take_downs.html", more=more)


@post(
    "/take-downs/{recall_id:str}", opt={"act": "take-downs.answer"}, status_code=303, include_in_schema=False
)
async def answer(request: _Request, recall_id: FromPath[str]) -> Response[None]:
    """Keep what a platform answers."""
    typed = str((await request.form()).get("answer") or "")
    if typed not in get_args(Answer):
        raise SeraiError("form-incomplete", "No answer was chosen.", "Choose what you did, and send it.")
    services, sender = provided(request, Processor).services, sender_of(actor_of(request))
    await answer_take_down(services, sender, parse_id(recall_id), answer=cast("Answer", typed))
    return Response(None, status_code=303, headers={"location": "/take-downs"})


async def _read_one(request: _Request, recall_id: int, after_id: int = 0) -> RecallDetail:
    services, sender = provided(request, Processor).services, sender_of(actor_of(request))
    hits = await recalls.read_hits(services, sender, recall_id, after_id=after_id, limit=_HITS_COUNT)
    return RecallDetail(
        recall=await recalls.read_recall(services, sender, recall_id),
        hits=hits,
        take_downs=await read_take_downs(services, sender, recall_id=recall_id),
        next_after=hits[-1].consignment_id if len(hits) == _HITS_COUNT else None,
    )


async def _read(request: _Request) -> RecallPage:
    services = provided(request, Processor).services
    return RecallPage(await recalls.read_recalls(services, sender_of(actor_of(request))))


def _back() -> Response[None]:
    return Response(None, status_code=303, headers={"location": _ADDRESS})


def _more(request: _Request) -> dict[str, object]:
    return {
        "given": {},
        "faults": [],
        "ground_codes": ground_codes(),
        "time_zone": provided(request, Settings).administration.time_zone,
    }


ROUTES = [
    show_recalls,
    download_recalls,
    show_recall,
    declare,
    confirm,
    end,
    withdraw,
    show_take_downs,
    answer,
]
