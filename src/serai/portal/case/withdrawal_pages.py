"""The page on which whoever declared a parcel invalidates its declaration, confirmed. Without a script."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.service import Acts
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import sender_of
from serai.journey.lodgement.service import LodgementService
from serai.journey.lodgement.withdrawals import Withdrawal
from serai.journey.visibility.table import viewer_of
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN

_Request = Request[Any, Any, Any]
_OPT: Final = {"act": "declarations.lodge"}
_WORDS_MAX: Final = 512
_DONE: Final = frozenset({"decided", "repeated"})


class WithdrawalPage(msgspec.Struct, frozen=True):
    """The declaration that may be invalidated, as it stands, and what was typed."""

    case_id: str
    consignment_id: str
    reference: str
    version: int
    reason: str = ""
    faults: list[dict[str, str]] = []


@get("/parcels/{case_id:str}/invalidation", opt=_OPT, include_in_schema=False)
async def show_withdrawal(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show what is invalidated, and what comes of it; nothing is done yet."""
    row = await _own(request, parse_id(case_id), str(request.query_params.get("consignment", "")))
    return _page(request, row)


@post("/parcels/{case_id:str}/invalidation", opt=_OPT, status_code=200, include_in_schema=False)
async def withdraw(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Invalidate as `POST /v1/declarations/{reference}/invalidation` does; again is harmless."""
    form = await request.form()
    given = {name: value[:_WORDS_MAX] for name, value in form.items() if isinstance(value, str)}
    row = await _own(request, parse_id(case_id), given.get("consignment", ""))
    reason = given.get("reason", "").strip()
    if given.get("sure") != "yes":
        return _page(
            request,
            row,
            reason,
            _fault(
                "sure",
                text_in(translatable("Tick that you are sure. Nothing was done."), language_of(request)),
            ),
            422,
        )
    try:
        version = given.get("version", "")
        asked = msgspec.convert(
            {"expected_version": int(version) if version.isdecimal() else 0, "reason": reason}, Withdrawal
        )
    except msgspec.ValidationError:
        return _page(
            request,
            row,
            reason,
            _fault("reason", text_in(translatable("Say why in a sentence."), language_of(request))),
            422,
        )
    try:
        answer = await provided(request, Acts).withdraw(
            sender_of(actor_of(request)),
            row.reference,
            expected_version=asked.expected_version,
            reason=asked.reason,
        )
        if answer.status not in _DONE:
            raise provided(request, LodgementService).error_of(answer)
    except SeraiError as error:
        if error.code == "not-found":
            raise
        return _page(request, row, reason, _fault("reason", error_text(error, language_of(request))), 409)
    return Response(None, status_code=303, headers={"location": f"/parcels/{case_id}"})


ROUTES = [show_withdrawal, withdraw]


async def _own(request: _Request, case_id: int, wanted: str) -> ConsignmentRow:
    """Return the actor's own declaration in a case. Raises SeraiError `not-found`."""
    files, actor = provided(request, CaseFiles), actor_of(request)
    async with files.database.read(files.administration_id) as connection:
        case = await files.open_case(connection, viewer_of(actor), case_id)
        rows = await files.consignments_of(connection, case)
    own = [one for one in rows if one.party_id == actor.party_id]
    if wanted:
        own = [one for one in own if format_id(one.consignment_id) == wanted]
    if not own:
        raise not_found()
    return next((one for one in own if one.status != WITHDRAWN), own[0])


def _fault(field: str, text: str) -> list[dict[str, str]]:
    return [{"text": text, "href": f"#{field}"}]


def _page(
    request: _Request,
    row: ConsignmentRow,
    reason: str = "",
    faults: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[str]:
    view = WithdrawalPage(
        format_id(row.case_id),
        format_id(row.consignment_id),
        row.reference,
        row.version,
        reason,
        faults or [],
    )
    more = {"is_over": row.status == WITHDRAWN}
    return page(request, view, "portal/withdrawal.html", status=status, more=more)
