"""The page on which an officer reads what the buyer of a parcel says, and answers. Without a script."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access.table import may
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.foundation.vault.reading import Reach
from serai.journey.buyers.requests import BUYER_ACTS, BUYER_ANSWER, answer_request
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.act_words import read_act_words
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.visibility.table import viewer_of
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.portal.case.buyer_view import PURPOSE, BuyerPage, BuyerSaid, list_said
from serai.portal.track.api import BuyerAnswer

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "buyers.answer"}
_WORDS_MAX: Final = 2_000


@get("/parcels/{case_id:str}/buyer", opt=_OPT, include_in_schema=False)
async def show_buyer(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show what the buyer says, in words; that they were read is recorded."""
    return await _page(request, parse_id(case_id), {})


@post("/parcels/{case_id:str}/buyer", opt=_OPT, status_code=200, include_in_schema=False)
async def send_answer(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Answer one thing, and lead back to the page; sent twice it is done once."""
    form = await request.form()
    given = {name: value[:_WORDS_MAX] for name, value in form.items() if isinstance(value, str)}
    case = parse_id(case_id)
    try:
        said = {"outcome": given.get("outcome", ""), "reason": given.get("reason", "").strip()}
        answer = msgspec.convert(said, BuyerAnswer)
    except msgspec.ValidationError:
        fault = "Choose an answer, and say why in a sentence that the buyer reads."
        return await _page(request, case, given, fault=fault, status=422)
    try:
        await answer_request(
            provided(request, Processor),
            sender_of(actor_of(request)),
            case,
            act_id=parse_id(given.get("act", "")),
            answer=answer.outcome,
            reason=answer.reason,
        )
    except SeraiError as error:
        if error.code != "request-answered-already":
            raise
        return await _page(request, case, given, fault=error_text(error, language_of(request)), status=409)
    return Response(None, status_code=303, headers={"location": f"/parcels/{case_id}/buyer"})


ROUTES = [show_buyer, send_answer]


async def read_said(request: _Request, case_id: int) -> list[BuyerSaid]:
    """Return what the buyer of a case says, without words; nothing for whoever does not answer buyers."""
    if not may(actor_of(request), "buyers.answer"):
        return []
    return list_said(await _acts(request, case_id), {}, format_id(case_id))


async def _acts(request: _Request, case_id: int) -> list[Act]:
    files = provided(request, CaseFiles)
    async with files.database.read(files.administration_id) as connection:
        found = await select_standing_acts(
            connection, [case_id], [*BUYER_ACTS, BUYER_ANSWER], administration_id=files.administration_id
        )
    return [act for _, act in found]


async def _page(
    request: _Request, wanted: int, given: dict[str, str], *, fault: str = "", status: int = 200
) -> Response[str]:
    files, actor = provided(request, CaseFiles), actor_of(request)
    async with files.database.read(files.administration_id) as connection:
        case = await files.open_case(connection, viewer_of(actor), wanted)
        row = await files.consignment_of(connection, case, None)
    acts = await _acts(request, case.case_id)
    reach = Reach(files.administration_id, PURPOSE, actor.credential_id or "unknown", files.clock.now())
    to_open = [one.act_id for one in acts if one.has_words and one.kind != "buyer-proof"]
    words = await read_act_words(files.database.write, files.keyring, files.codec, to_open, reach)
    name = format_id(case.case_id)
    view = BuyerPage(
        case_id=name,
        reference=row.reference,
        said=list_said(acts, words, name),
        fault=fault,
        faults=[{"text": fault, "href": f"#reason-{given.get('act', '')}"}] if fault else [],
        given=given,
    )
    more = {"time_zone": provided(request, Settings).administration.time_zone}
    return page(request, view, "portal/buyer_requests.html", status=status, more=more)
