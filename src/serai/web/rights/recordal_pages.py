"""Pages of recordals: for their holders and for officers, without script."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from serai.foundation.access.actor import Role
from serai.foundation.access.table import may
from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.form_files import read_file
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.documents.pictures import CONTENT_BYTES_MAX
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import service as recordals
from serai.journey.recordals.service import RecordalOut, RecordalTerms
from serai.model.errors import SeraiError
from serai.web.administering_api import AnyRequest
from serai.web.rights.extensions_api import (
    RecordalExtensionDecision,
    RecordalExtensionRequest,
    ask_recordal_extension,
    decide_extension,
)
from serai.web.rights.recordals_api import (
    RecordalDecision,
    decide,
    end_recordal,
    keep_picture,
    lodge_recordal,
    read_recordal_picture,
)

_READ: Final = {"act": "recordals.read"}
_LODGE: Final = {"act": "recordals.lodge"}
_FAULTY: Final = 422
_LISTS: Final = ("marks", "hs_prefixes", "seller_ids")
"""Fields with their entries one a line."""
_TEXTS: Final = ("reference", "kind_code", "right_number", "last_day", "contact_name", "contact_email")
_LABELS: Final = {
    "reference": translatable("Reference"),
    "kind_code": translatable("Right"),
    "right_number": translatable("Number in the register"),
    "evidence_link": translatable("Where the register shows it"),
    "marks": translatable("Word marks"),
    "hs_prefixes": translatable("Commodity codes that begin with"),
    "last_day": translatable("Last day"),
    "seller_ids": translatable("Authorised sellers"),
    "contact_name": translatable("Office to write to"),
    "contact_email": translatable("E-mail of that office"),
}
"""What the form of a recordal calls its fields."""
_LABELS_OF_ONE: Final = {
    "decision": translatable("Decision"),
    "reason_code": translatable("Reason for a refusal"),
    "last_day": translatable("New last day"),
}
"""What the forms on a recordal that was lodged call theirs."""


class RecordalsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of recordals shows. given: what was typed; may_lodge: the reader is a holder."""

    recordals: list[RecordalOut]
    may_lodge: bool
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


class RecordalView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of one recordal shows. is_waiting: its grant waits for a second person."""

    recordal: RecordalOut
    is_own: bool
    is_officer: bool
    is_waiting: bool = False
    faults: list[dict[str, str]] = []


@get("/recordals", opt=_READ, include_in_schema=False)
async def show_recordals(request: AnyRequest) -> Response[str]:
    """Show recordals: officers all, a holder its own, with the form to lodge one."""
    return await _list_page(request)


@post("/recordals", opt=_LODGE, status_code=200, include_in_schema=False)
async def lodge_on_page(request: AnyRequest) -> Response[Any]:
    """Lodge the recordal that the form states."""
    given = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    body: dict[str, Any] = {name: given.get(name, "").strip() for name in _TEXTS}
    for name in _LISTS:
        body[name] = list(filter(None, map(str.strip, given.get(name, "").splitlines())))
    body["evidence_link"] = given.get("evidence_link", "").strip() or None
    body["asks_small_consignments"] = bool(given.get("asks_small_consignments"))
    try:
        answer = await lodge_recordal.fn(request, msgspec.convert(body, RecordalTerms, strict=False))
    except (msgspec.ValidationError, SeraiError) as fault:
        told = form_fault(fault, language_of(request), "reference", _LABELS)
        return await _list_page(request, given, [told])
    return _to(f"/recordals/{answer.content.recordal_id}")


@get("/recordals/{recordal_id:str}", opt=_READ, include_in_schema=False)
async def show_recordal(request: AnyRequest, recordal_id: FromPath[str]) -> Response[str]:
    """Show one recordal."""
    return await _page(request, recordal_id, is_waiting="waits" in request.query_params)


@post(
    "/recordals/{recordal_id:str}/pictures",
    opt=_LODGE,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=CONTENT_BYTES_MAX + 100_000,
)
async def add_picture_on_page(request: AnyRequest, recordal_id: FromPath[str]) -> Response[Any]:
    """Add the picture of the form."""
    try:
        content = await read_file((await request.form()).get("picture"))
        await keep_picture(request, recordal_id, content)
    except SeraiError as fault:
        return await _faulty(request, recordal_id, fault, "picture")
    return _to(f"/recordals/{recordal_id}")


@get("/recordals/{recordal_id:str}/pictures/{picture_number:str}", opt=_READ, include_in_schema=False)
async def show_recordal_picture(
    request: AnyRequest, recordal_id: FromPath[str], picture_number: FromPath[str]
) -> Response[bytes]:
    """Show a picture of a recordal."""
    answer: Response[bytes] = await read_recordal_picture.fn(request, recordal_id, picture_number)
    return answer


@post(
    "/recordals/{recordal_id:str}/decision",
    opt={"act": "recordals.decide"},
    status_code=200,
    include_in_schema=False,
)
async def decide_on_page(request: AnyRequest, recordal_id: FromPath[str]) -> Response[Any]:
    """Grant or refuse it, as the form says."""
    body = await _decision_typed(request)
    try:
        done = await decide(request, parse_id(recordal_id), msgspec.convert(body, RecordalDecision))
    except (msgspec.ValidationError, SeraiError) as fault:
        return await _faulty(request, recordal_id, fault, "reason_code")
    return _to(f"/recordals/{recordal_id}" + ("?waits=yes" if isinstance(done, Response) else ""))


@post(
    "/recordals/{recordal_id:str}/end",
    opt={"act": "recordals.end"},
    status_code=200,
    include_in_schema=False,
)
async def end_on_page(request: AnyRequest, recordal_id: FromPath[str]) -> Response[Any]:
    """End it before its time."""
    await end_recordal.fn(request, recordal_id)
    return _to(f"/recordals/{recordal_id}")


@post(
    "/recordals/{recordal_id:str}/extension",
    opt=_LODGE,
    status_code=200,
    include_in_schema=False,
)
async def ask_extension_on_page(request: AnyRequest, recordal_id: FromPath[str]) -> Response[Any]:
    """Ask that it lasts longer."""
    body = {"last_day": str((await request.form()).get("last_day") or "").strip()}
    try:
        asked = msgspec.convert(body, RecordalExtensionRequest)
        await ask_recordal_extension.fn(request, recordal_id, asked)
    except (msgspec.ValidationError, SeraiError) as fault:
        return await _faulty(request, recordal_id, fault, "last_day")
    return _to(f"/recordals/{recordal_id}")


@post(
    "/recordals/{recordal_id:str}/extension-decision",
    opt={"act": "recordals.decide"},
    status_code=200,
    include_in_schema=False,
)
async def decide_extension_on_page(request: AnyRequest, recordal_id: FromPath[str]) -> Response[Any]:
    """Grant or refuse that it lasts longer."""
    body = await _decision_typed(request)
    try:
        decided = msgspec.convert(body, RecordalExtensionDecision)
        done = await decide_extension(request, parse_id(recordal_id), decided)
    except (msgspec.ValidationError, SeraiError) as fault:
        return await _faulty(request, recordal_id, fault, "decision")
    return _to(f"/recordals/{recordal_id}" + ("?waits=yes" if isinstance(done, Response) else ""))


async def _decision_typed(request: AnyRequest) -> dict[str, str | None]:
    form = await request.form()
    return {
        "decision": str(form.get("decision") or ""),
        "reason_code": str(form.get("reason_code") or "").strip() or None,
    }


async def _faulty(
    request: AnyRequest, recordal_id: str, fault: SeraiError | msgspec.ValidationError, place: str
) -> Response[Any]:
    if isinstance(fault, SeraiError) and fault.code == "not-found":
        raise fault
    told = form_fault(fault, language_of(request), place, _LABELS_OF_ONE)
    return await _page(request, recordal_id, faults=[told], status=_FAULTY)


async def _list_page(
    request: AnyRequest, given: dict[str, str] | None = None, faults: list[dict[str, str]] | None = None
) -> Response[str]:
    services, actor = provided(request, Processor).services, actor_of(request)
    view = RecordalsView(
        recordals=await recordals.read_recordals(services, sender_of(actor)),
        may_lodge=may(actor, "recordals.lodge"),
        given=given or {},
        faults=faults or [],
    )
    status = _FAULTY if faults else 200
    return page(request, view, "portal/recordals.html", status=status, more=_more(request))


async def _page(
    request: AnyRequest,
    recordal_id: str,
    *,
    faults: list[dict[str, str]] | None = None,
    is_waiting: bool = False,
    status: int = 200,
) -> Response[str]:
    services, actor = provided(request, Processor).services, actor_of(request)
    shown = await recordals.read_recordal(services, sender_of(actor), parse_id(recordal_id))
    view = RecordalView(
        recordal=shown,
        is_own=may(actor, "recordals.lodge"),
        is_officer=Role.OFFICER in actor.roles,
        is_waiting=is_waiting,
        faults=faults or [],
    )
    return page(request, view, "portal/recordal.html", status=status, more=_more(request))


def _to(address: str) -> Response[None]:
    return Response(None, status_code=303, headers={"location": address})


def _more(request: AnyRequest) -> dict[str, object]:
    return {"time_zone": provided(request, Settings).administration.time_zone}


ROUTES = [
    show_recordals,
    lodge_on_page,
    show_recordal,
    add_picture_on_page,
    show_recordal_picture,
    decide_on_page,
    end_on_page,
    ask_extension_on_page,
    decide_extension_on_page,
]
