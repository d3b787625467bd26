"""Pages of an officer's acts on a transport unit: choose, look at it once more, confirm. Without a script."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.units.api import UnitAct, order_of_unit
from serai.journey.acts.units.service import UNIT_MEASURES, read_unit_acts
from serai.journey.dashboard.flight import TransportUnit, read_unit
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.processing.transaction import Processor
from serai.journey.statistics.store import DashboardReader
from serai.journey.texts.catalogue import find_text
from serai.journey.visibility.table import viewer_of
from serai.model.acts import MEASURE_REASON
from serai.model.errors import SeraiError
from serai.portal.examination.pages import RESULT_LABELS

_Request = Request[Any, Any, Any]
_TEMPLATE: Final = "portal/unit_act.html"
_WORDS_MAX: Final = 2_000
_CHOOSE: Final = translatable("Choose what is ordered, and for which reason.")
LABELS: Final[Mapping[str, str]] = {
    "hold": translatable("Hold it and all in it"),
    "examination-ordered": translatable("Order an examination of it and all in it"),
    "examination-recorded": translatable("Record what its examination has found"),
    "release": translatable("Release it"),
}


class UnitActForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. choices: by kind its label; reasons: code and words of each, by kind. given: by
    field. is_summary: it is confirmed next."""

    unit: TransportUnit
    choices: dict[str, str]
    reasons: dict[str, list[tuple[str, str]]]
    given: dict[str, str]
    is_summary: bool
    faults: list[dict[str, str]]


@get("/transport-units/{unit_id:str}/act", opt={"act": "measures.take"}, include_in_schema=False)
async def show_unit_act(request: _Request, unit_id: FromPath[str]) -> Response[str]:
    """Show what may be ordered of a unit now."""
    number = format_id(int(provided(request, Processor).services.ids.take(1)[0]))
    # The form's own number: sent twice, it is one act.
    return await _page(request, parse_id(unit_id), {"reference": f"page-{number}"})


@post(
    "/transport-units/{unit_id:str}/act",
    opt={"act": "measures.take"},
    status_code=200,
    include_in_schema=False,
)
async def send_unit_act(request: _Request, unit_id: FromPath[str]) -> Response[Any]:
    """Show what was stated once more; confirmed, do it, and lead back to the unit."""
    form = await request.form()
    given = {name: value[:_WORDS_MAX].strip() for name, value in form.items() if isinstance(value, str)}
    given.pop("form_token", None)
    is_confirmed = given.pop("confirm", "") == "yes"
    unit = parse_id(unit_id)
    kind, _, code = given.get("what", "").partition(" ")
    stated = {name: given[name] for name in ("reference", "reason") if given.get(name)}
    if kind == "examination-recorded" and given.get("result_code"):
        stated["result_code"] = given["result_code"]
    try:
        order = msgspec.convert({**stated, "kind": kind, "reason_code": code}, UnitAct)
    except msgspec.ValidationError:
        words = interface_words(language_of(request)).gettext(_CHOOSE)
        return await _page(request, unit, given, faults=[{"text": words, "href": "#act"}], status=422)
    if not is_confirmed:
        return await _page(request, unit, given, is_summary=True)
    try:
        await order_of_unit(request, unit, order)
    except SeraiError as fault:
        if fault.code == "not-found":
            raise
        faults = [{"text": error_text(fault, language_of(request)), "href": "#act"}]
        return await _page(request, unit, given, faults=faults, status=409)
    return Response(None, status_code=303, headers={"location": f"/transport-units/{unit_id}"})


ROUTES = [show_unit_act, send_unit_act]


async def _page(
    request: _Request,
    unit_id: int,
    given: dict[str, str],
    *,
    faults: list[dict[str, str]] | None = None,
    is_summary: bool = False,
    status: int = 200,
) -> Response[str]:
    kit, processor = kit_of(request), provided(request, Processor)
    viewer = viewer_of(actor_of(request))
    async with kit.database.read(kit.administration_id) as connection:
        reader = DashboardReader(connection, kit.administration_id)
        unit = await read_unit(
            reader, unit_id, party_id=None if viewer.is_administration else viewer.party_id
        )
        acts = await read_unit_acts(processor, connection, unit_id)
    own = {one.kind for one in acts if one.stands}
    is_kept = bool(own)
    kinds = [
        kind
        for kind in UNIT_MEASURES
        if (kind not in own if kind in ("hold", "examination-ordered") else is_kept)
    ]
    language = language_of(request)
    view = UnitActForm(
        unit=unit,
        choices={kind: LABELS[kind] for kind in kinds},
        reasons={kind: _reasons(kind, language) for kind in kinds},
        given=given,
        is_summary=is_summary and not faults,
        faults=faults or [],
    )
    return page(request, view, _TEMPLATE, status=status, more={"results": RESULT_LABELS})


def _reasons(kind: str, language: str) -> list[tuple[str, str]]:
    found = []
    for code in shipped_measure_rules().measure(kind).reasons:
        text = find_text(f"{MEASURE_REASON}{code}", language)
        found.append((code, code if text is None else text.sentence))
    return found
