"""Pages of other government agencies: the parcels before them, and the form on which they decide."""

from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.problems import problem_kind
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.agencies.seen import AgencyParcel, AgencyParcelDetail, read_parcels
from serai.journey.agency_controls import store
from serai.journey.agency_controls.agency_law import shipped_agency_rules
from serai.journey.agency_controls.store import OPEN_STATES
from serai.model.errors import SeraiError
from serai.portal.case.act_form import EXCEPTION_LABELS
from serai.web.administering_api import AnyRequest, reader_of
from serai.web.agencies.parcels_api import (
    ALL_STATES,
    AgencyDecision,
    post_agency_decision,
    read_agency_parcel,
)

_SHOWN_MAX: Final = 200
_FAULTY: Final = 422
_LETTERS_MAX: Final = 4_000
DECISIONS: Final = {
    "cleared": translatable("Clear the goods"),
    "maintained": translatable("Keep the goods for now"),
    "examination-wanted": translatable("Ask for a joint inspection"),
    "examination-recorded": translatable("Record what the inspection has found"),
    "hearing-opened": translatable("Announce a refusal and hear the declarant first"),
    "refused": translatable("Refuse the goods"),
}
STATES: Final = {
    "waiting": translatable("waiting for you"),
    "maintained": translatable("kept by you"),
    "refused": translatable("refused"),
    "cleared": translatable("cleared"),
    "lapsed": translatable("ended by silence"),
    "ended": translatable("needs you no more"),
}
REASONS: Final = {
    "document-missing": translatable("A document is missing"),
    "document-doubtful": translatable("A document is doubtful"),
    "not-compliant-suspected": translatable("The goods may not comply"),
    "to-be-examined": translatable("The goods are to be examined"),
    "compliant": translatable("The goods comply"),
    "document-shown": translatable("The document was shown"),
    "not-in-remit": translatable("The rule does not speak of these goods"),
    "prohibited": translatable("The goods are prohibited"),
    "not-compliant": translatable("The goods do not comply"),
    "dangerous": translatable("The goods are dangerous"),
    "identity-doubtful": translatable("It is doubtful what the goods are"),
    "conforms": translatable("The goods are as they should be"),
    "does-not-conform": translatable("The goods are not as they should be"),
    "not-as-declared": translatable("The goods are not as declared"),
    "could-not-be-examined": translatable("The goods could not be examined"),
}
_KINDS: Final = {
    "agency-maintained": translatable("You keep the goods"),
    "agency-cleared": translatable("You have cleared the goods"),
    "agency-refused": translatable("You have refused the goods"),
    "agency-examination-wanted": translatable("You have asked for a joint inspection"),
    "agency-examination-recorded": translatable("You have recorded what it has found"),
    "agency-lapsed": translatable("Silence has ended the suspension"),
    "hearing-opened": translatable("You have announced a refusal"),
    "hearing-notified": translatable("The declarant knows of it"),
    "hearing-notice-returned": translatable("The message to the declarant came back"),
    "hearing-answered": translatable("The declarant has answered"),
}


class AgencyQueueView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of parcels before an agency shows. counts: by state, in their order."""

    state: str
    parcels: list[AgencyParcel]
    counts: list[tuple[str, int]]


class AgencyParcelView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of one parcel shows. reasons: by decision, codes. reference: the form's own, so that what
    is sent twice is one act; given: what was chosen."""

    detail: AgencyParcelDetail
    is_open: bool
    reasons: dict[str, list[str]]
    reference: str
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


@get("/agency", opt={"act": "agency-parcels.read"}, include_in_schema=False)
async def show_queue(request: AnyRequest) -> Response[str]:
    """Show the parcels before an agency: those that are open, or those in one state."""
    actor, node, administration_id = reader_of(request)
    asked = request.query_params.get("standing", "")
    states = (asked,) if asked in ALL_STATES else OPEN_STATES
    party_id = actor.party_id or 0
    found = await read_parcels(node.processor, party_id, states, after_id=0, limit=_SHOWN_MAX)
    async with node.database.read(administration_id) as connection:
        counted = await store.count_controls(connection, party_id, administration_id=administration_id)
    view = AgencyQueueView(
        state=asked if asked in ALL_STATES else "open",
        parcels=found,
        counts=[(one, counted[one]) for one in ALL_STATES if counted.get(one)],
    )
    return page(request, view, "portal/agency.html", more=_more(node))


@get("/agency/{parcel:str}", opt={"act": "agency-parcels.read"}, include_in_schema=False)
async def show_parcel(request: AnyRequest, parcel: FromPath[str]) -> Response[str]:
    """Show one parcel before an agency, with the form on which it decides."""
    return await _parcel(request, parcel)


@post(
    "/agency/{parcel:str}/decisions",
    opt={"act": "agency-parcels.decide"},
    status_code=200,
    include_in_schema=False,
)
async def decide_on_page(request: AnyRequest, parcel: FromPath[str]) -> Response[Any]:
    """Decide what the form states, and lead back to the parcel."""
    form = await request.form()
    given = {name: value.strip()[:_LETTERS_MAX] for name, value in form.items() if isinstance(value, str)}
    decision, _, reason_code = given.get("choice", "").partition(":")
    names = ("reference", "reason", "hearing", "exception_code")
    body = {name: given[name] for name in names if given.get(name)}
    if decision != "refused":
        body.pop("hearing", None)
        body.pop("exception_code", None)
    elif "exception_code" in body:
        body.pop("hearing", None)
    try:
        wanted = msgspec.convert({**body, "decision": decision, "reason_code": reason_code}, AgencyDecision)
        await post_agency_decision.fn(request, parcel, wanted)
    except msgspec.ValidationError:
        said = text_in(translatable("Choose what you decide, and why."), language_of(request))
        return await _parcel(request, parcel, given, said)
    except SeraiError as fault:
        if fault.code == "not-found":
            raise
        language = language_of(request)
        title = text_in(problem_kind(fault.code).title, language)
        return await _parcel(request, parcel, given, f"{title}: {error_text(fault, language)}")
    return Response(None, status_code=303, headers={"location": f"/agency/{format_id(parse_id(parcel))}"})


ROUTES = [show_queue, show_parcel, decide_on_page]


async def _parcel(
    request: AnyRequest, parcel: str, given: dict[str, str] | None = None, said: str = ""
) -> Response[str]:
    node = provided(request, Node)
    detail = await read_agency_parcel.fn(request, parcel)
    rules = shipped_agency_rules().reasons
    reasons = {
        "cleared": rules["cleared"],
        "maintained": rules["maintained"],
        "examination-wanted": rules["examination-wanted"],
        "examination-recorded": rules["examination-recorded"],
        "hearing-opened": rules["refused"],
        "refused": rules["refused"],
    }
    if detail.parcel.state == "maintained":
        reasons.pop("maintained")
    reasons.pop("examination-wanted" if detail.parcel.inspection == "wanted" else "examination-recorded")
    if detail.parcel.state == "refused":
        reasons = {"cleared": rules["cleared"]}
    view = AgencyParcelView(
        detail=detail,
        is_open=detail.parcel.state in OPEN_STATES,
        reasons=reasons,
        reference=(given or {}).get("reference") or f"page-{format_id(int(node.ids.take(1)[0]))}",
        given=given or {},
        faults=[{"text": said, "href": "#choice"}] if said else [],
    )
    return page(request, view, "portal/agency_parcel.html", status=_FAULTY if said else 200, more=_more(node))


def _more(node: Node) -> dict[str, object]:
    return {
        "time_zone": node.settings.administration.time_zone,
        "states": STATES,
        "decisions": DECISIONS,
        "reason_words": REASONS,
        "kinds": _KINDS,
        "exceptions": EXCEPTION_LABELS,
    }
