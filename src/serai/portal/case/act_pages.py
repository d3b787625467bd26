"""Pages of an officer's acts on a case: choose, state, look at it once more, confirm. Without a script."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.api import act_on_case
from serai.journey.acts.measures import MeasureChoices, read_choices
from serai.journey.processing.transaction import Processor
from serai.model.errors import SeraiError
from serai.portal.case.act_form import COUNTER_FORMS, EXCEPTION_LABELS, FIELD_LABELS, form_of, read_order
from serai.portal.examination.pages import RESULT_LABELS

_Request = Request[Any, Any, Any]
_TEMPLATE: Final = "portal/act.html"
_WORDS_MAX: Final = 2_000
_LABELS: Final = {
    **FIELD_LABELS,
    "reason_code": translatable("Reason"),
    "reason": translatable("In words, for the declarant"),
    "form": translatable("How it is taken back"),
    "hearing": translatable("Hearing that was held"),
    "exception_code": translatable("Without a hearing because"),
}
"""What the form calls its fields, those that each measure has included."""


@get("/parcels/{case_id:str}/act", opt={"act": "measures.take"}, include_in_schema=False)
async def show_acts(
    request: _Request,
    case_id: FromPath[str],
    kind: FromQuery[str | None] = None,
    consignment: FromQuery[str | None] = None,
    reverses: FromQuery[str | None] = None,
) -> Response[str]:
    """Show which measures may be taken now; with one chosen, what it asks for."""
    found = await _read(request, parse_id(case_id), consignment)
    # The form's own number: sent twice, it is one act.
    number = format_id(int(provided(request, Processor).services.ids.take(1)[0]))
    given = {
        "kind": kind or "",
        **({"reverses": reverses} if reverses else {}),
        "reference": f"page-{number}",
        "expected_decision_id": format_id(found.consignment.decision_id),
        "consignment": format_id(found.consignment.consignment_id),
    }
    return _page(request, found, given)


@post("/parcels/{case_id:str}/act", opt={"act": "measures.take"}, status_code=200, include_in_schema=False)
async def send_act(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Show what was stated once more; confirmed, do it, and lead back to the case."""
    form = await request.form()
    given = {name: value[:_WORDS_MAX] for name, value in form.items() if isinstance(value, str)}
    given.pop("form_token", None)
    is_confirmed = given.pop("confirm", "") == "yes"
    case = parse_id(case_id)
    found = await _read(request, case, given.get("consignment"))
    try:
        order = read_order(given)
    except msgspec.ValidationError as fault:
        told = form_fault(fault, language_of(request), "act", _LABELS)
        return _page(request, found, given, faults=[told], status=422)
    if not is_confirmed:
        return _page(request, found, given, is_summary=True)
    try:
        answer = await act_on_case(request, case, order)
    except SeraiError as fault:
        faults = [{"text": error_text(fault, language_of(request)), "href": "#act"}]
        return _page(request, found, given, faults=faults, status=409)
    location = "/proposals" if answer.status_code == 202 else f"/parcels/{case_id}"
    return Response(None, status_code=303, headers={"location": location})


ROUTES = [show_acts, send_act]


async def _read(request: _Request, case_id: int, consignment: str | None) -> MeasureChoices:
    processor = provided(request, Processor)
    services = processor.services
    wanted = parse_id(consignment) if consignment else None
    async with services.database.read(services.administration_id) as connection:
        return await read_choices(processor, connection, case_id, wanted)


def _page(
    request: _Request,
    found: MeasureChoices,
    given: dict[str, str],
    *,
    faults: list[dict[str, str]] | None = None,
    is_summary: bool = False,
    status: int = 200,
) -> Response[str]:
    view = form_of(found, given, language_of(request), faults=faults or (), is_summary=is_summary)
    more = {
        "labels": FIELD_LABELS,
        "results": RESULT_LABELS,
        "exceptions": EXCEPTION_LABELS,
        "counter_forms": COUNTER_FORMS,
        "time_zone": provided(request, Settings).administration.time_zone,
    }
    return page(request, view, _TEMPLATE, status=status, more=more)
