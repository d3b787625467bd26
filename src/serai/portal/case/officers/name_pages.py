"""The page on which an officer says whether somebody on a parcel is who a list of denied parties names."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page, respond
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.name_verdicts.api import ListedNamesOut, NameVerdictIn, said_of
from serai.journey.acts.name_verdicts.service import decide_name, read_listed_names
from serai.journey.documents.submission import sender_of
from serai.journey.name_verdicts.codes import codes_on, shipped_codes
from serai.journey.processing.transaction import Processor
from serai.model.errors import SeraiError
from serai.portal.case.officers.hit_words import OUTCOME_LABELS, VERDICT_LABELS

_Request = Request[Any, Any, Any]
_PAGE: Final = "portal/listed_names.html"
_ADDRESS: Final = "/parcels/{case_id:str}/listed-names"


@get(_ADDRESS, opt={"act": "listed-names.read"}, include_in_schema=False)
async def show_listed_names(request: _Request, case_id: FromPath[str]) -> Response[ListedNamesOut]:
    """Show who on a parcel resembles an entry, what was said of it, and the form of the verdict."""
    return respond(request, await _read(request, case_id), _PAGE, more=_more(request, case_id))


@post(_ADDRESS, opt={"act": "listed-names.decide"}, status_code=200, include_in_schema=False)
async def say_who_it_is(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Take the verdict that the form names."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    body = {name: form.get(name, "").strip() for name in NameVerdictIn.__struct_fields__}
    try:
        said = msgspec.convert(body, NameVerdictIn)
        await decide_name(
            provided(request, Processor), sender_of(actor_of(request)), parse_id(case_id), said_of(said)
        )
    except (msgspec.ValidationError, SeraiError) as fault:
        if isinstance(fault, SeraiError) and fault.code == "not-found":
            raise
        return await _again(request, case_id, form, fault)
    return Response(None, status_code=303, headers={"location": f"/parcels/{case_id}/listed-names"})


async def _read(request: _Request, case_id: str) -> ListedNamesOut:
    sender = sender_of(actor_of(request))
    return ListedNamesOut(await read_listed_names(provided(request, Processor), sender, parse_id(case_id)))


async def _again(
    request: _Request, case_id: str, given: dict[str, str], fault: SeraiError | msgspec.ValidationError
) -> Response[Any]:
    number = given.get("form_number", "1")
    field = "remark" if given.get("verdict_code") else "verdict"
    told = form_fault(fault, language_of(request), f"{field}-{number if number.isdecimal() else 1}")
    more = {**_more(request, case_id), "given": given, "faults": [told]}
    return page(request, await _read(request, case_id), _PAGE, status=422, more=more)


def _more(request: _Request, case_id: str) -> dict[str, object]:
    today = kit_of(request).clock.now().date()
    return {
        "case_id": case_id,
        "codes": codes_on(shipped_codes(), today),
        "verdict_labels": VERDICT_LABELS,
        "outcome_labels": OUTCOME_LABELS,
        "given": {},
        "faults": [],
        "time_zone": provided(request, Settings).administration.time_zone,
    }


ROUTES = [show_listed_names, say_who_it_is]
