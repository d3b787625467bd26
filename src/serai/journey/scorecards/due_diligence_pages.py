"""HTTP of due diligence: what each role owes and how all stood, for everybody; the forms of a dispute, its
answer and its document."""

import asyncio
import datetime as dt
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from serai.foundation.access.actor import ADMINISTRATION
from serai.foundation.http.form_files import read_file
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, respond
from serai.foundation.id_text import format_id, parse_id
from serai.journey.documents.not_found import not_found
from serai.journey.documents.proofs import CONTENT_BYTES_MAX, read_proof
from serai.journey.processing.transaction import Processor
from serai.journey.scorecards import disputes
from serai.journey.scorecards import store as role_store
from serai.journey.scorecards.duties import DutyCheck, DutyRole, duties_on, shipped_duties
from serai.journey.scorecards.pages import NewAnswer, NewDispute, answer_as, days_of_form, open_as, show_card
from serai.journey.scorecards.role_months import MONTHS_SHOWN
from serai.journey.scorecards.role_scores import RoleMonth
from serai.journey.validation.data_quality.formula import FORMULA
from serai.model.errors import SeraiError

_Request = Request[Any, Any, Any]
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class DutyOut(msgspec.Struct, frozen=True):
    """What a role owes. check: the figure it is held against. checks: of data quality, where messages are
    counted that none of them touched. points: weight in the score of the role. is_source_read: whether the
    source was read; else the sentence is Serai's own and binds nobody."""

    code: str
    role: DutyRole
    duty: str
    source: str
    is_source_read: bool
    check: DutyCheck
    checks: list[str]
    points: int


class DueDiligence(msgspec.Struct, frozen=True):
    """What each role owes, and how all parties with it stood, the newest month first. count_min: of fewer
    parties nothing is shown."""

    duties: list[DutyOut]
    months: list[RoleMonth]
    count_min: int


@get(
    "/v1/due-diligence",
    opt={"act": "public.read"},
    summary="What each role owes customs, how it is measured, and how all with the role stood.",
)
async def read_due_diligence(request: _Request) -> DueDiligence:
    """For everybody. No party is named, and nothing is said of fewer parties than `count_min`."""
    return await _read(request)


@get("/due-diligence", opt={"act": "public.read"}, include_in_schema=False)
async def show_due_diligence(request: _Request) -> Response[DueDiligence]:
    """Show the same as a page."""
    return respond(request, await _read(request), "scorecards/due_diligence.html")


@get(
    "/v1/scorecards/{party:str}/disputes/{dispute:str}/document",
    opt={"act": "scorecards.read"},
    summary="The document sent with a dispute. Each reading is recorded.",
    responses={200: ResponseSpec(bytes, description="The file", generate_examples=False, media_type="*/*")},
)
async def read_dispute_document(
    request: _Request, party: FromPath[str], dispute: FromPath[str]
) -> Response[bytes]:
    """For the party that sent it, and the administration. As a file to be kept, never shown in a page."""
    actor, party_id, dispute_id = actor_of(request), parse_id(party), parse_id(dispute)
    if not actor.roles & ADMINISTRATION and actor.party_id != party_id:
        raise not_found()
    processor, kit = provided(request, Processor), kit_of(request)
    async with kit.database.read(kit.administration_id) as connection:
        known = await role_store.select_dispute_party(
            connection, dispute_id, administration_id=kit.administration_id
        )
    if known != party_id:
        raise not_found()
    proof = await disputes.read_document(processor.services, dispute_id, actor.credential_id or "unknown")
    if proof is None:
        raise not_found()
    headers = {
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="dispute-{dispute[:20]}.{_ENDINGS[proof.media_type]}"',
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
    }
    return Response(proof.content, media_type=proof.media_type, headers=headers)


@post(
    "/scorecards/{party:str}/disputes",
    opt={"act": "scorecards.dispute"},
    status_code=200,
    include_in_schema=False,
    request_max_body_size=CONTENT_BYTES_MAX + 100_000,
)
async def send_dispute(request: _Request, party: FromPath[str]) -> Response[Any]:
    """Take the form of a dispute, with its document where one was chosen."""
    form = await request.form()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    content = await read_file(form.get("document"))
    try:
        said = msgspec.convert(days_of_form(given), NewDispute, strict=False)
        proof = await asyncio.to_thread(read_proof, content) if content else None
        await open_as(request, party, said, proof)
    except (msgspec.ValidationError, SeraiError) as fault:
        if isinstance(fault, SeraiError) and fault.code == "scorecard-unknown":
            raise
        return await show_card(request, party, given=given, fault=fault)
    return _back(party)


@post(
    "/scorecards/{party:str}/disputes/{dispute:str}/answer",
    opt={"act": "scorecards.answer"},
    status_code=200,
    include_in_schema=False,
)
async def send_answer(request: _Request, party: FromPath[str], dispute: FromPath[str]) -> Response[Any]:
    """Take an officer's answer to a dispute."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    body = {"is_upheld": form.get("answer") == "upheld", "statement": form.get("statement", "").strip()}
    try:
        if form.get("answer") not in ("upheld", "declined"):
            raise SeraiError(
                "form-incomplete",
                "No answer was chosen.",
                "Choose whether the dispute is right, and say why.",
            )
        await answer_as(request, party, dispute, msgspec.convert(body, NewAnswer))
    except (msgspec.ValidationError, SeraiError) as fault:
        if isinstance(fault, SeraiError) and fault.code == "scorecard-unknown":
            raise
        return await show_card(request, party, given=form, fault=fault)
    return _back(party)


async def _read(request: _Request) -> DueDiligence:
    kit = kit_of(request)
    today = kit.clock.now().astimezone(dt.UTC).date()
    since = today - dt.timedelta(days=31 * MONTHS_SHOWN)
    async with kit.database.read(kit.administration_id) as connection:
        months = await role_store.select_role_months(
            connection, since, administration_id=kit.administration_id
        )
    duties = [
        DutyOut(one.code, one.role, one.duty, one.source, one.read, one.check, list(one.checks), one.points)
        for one in duties_on(shipped_duties(), today)
    ]
    return DueDiligence(duties, months, FORMULA.peers.count_min)


def _back(party: str) -> Response[None]:
    address = f"/scorecards/{format_id(parse_id(party))}#disputes"
    return Response(None, status_code=303, headers={"location": address})


ROUTES = [read_due_diligence, show_due_diligence, read_dispute_document, send_dispute, send_answer]
