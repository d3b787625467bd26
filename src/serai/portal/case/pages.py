"""Pages of a case: state, what is owed, what happens next, why, proof, history, and what else it could be."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from serai.evidence.leaf import Opening
from serai.explanation.case_explanation import CaseReplays
from serai.explanation.phrases import read_phrases
from serai.foundation.access.table import may
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page, respond
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.case_records.answers import PeopleOut
from serai.journey.cases.page_words import words_of
from serai.journey.cases.service import CaseFiles
from serai.journey.cases.vault_contents import read_people
from serai.journey.processing.transaction import Processor
from serai.journey.screening.evidence import Asked
from serai.journey.screening.screener import EntryHit
from serai.journey.services import Services
from serai.journey.visibility.purposes import WORDS, purposes_of
from serai.journey.visibility.table import viewer_of
from serai.laboratory.what_if_case import try_change
from serai.model.errors import SeraiError
from serai.portal.case.api import replay_case
from serai.portal.case.buyer_pages import read_said
from serai.portal.case.given_documents import read_given_documents
from serai.portal.case.officers.hit_words import TRAIT_LABELS
from serai.portal.case.officers.told import MAIL_LABELS, PROOF_LABELS, TOLD_LABELS, told_of_case
from serai.portal.case.picture_pages import read_goods_pictures
from serai.portal.case.view import CasePage, CaseReader
from serai.portal.case.what_if_view import read_try_form, view_try
from serai.portal.postal_forms.day import today_of
from serai.portal.receipt.check import ReceiptCheck, check_changed, check_receipt

_Request = Request[Any, Any, Any]


@get("/parcels/{case_id:str}", opt={"act": "cases.read"}, include_in_schema=False)
async def show_case(
    request: _Request, case_id: FromPath[str], consignment: FromQuery[str | None] = None
) -> Response[Any]:
    """Show a case: state, what is owed and by whom, what happens next; evidence and detail below."""
    wanted = parse_id(case_id)
    shown = await _read_case(request, wanted, consignment)
    if shown.case.case_id != format_id(wanted):
        # The case was merged into another, which has its history.
        return Response(None, status_code=301, headers={"location": f"/parcels/{shown.case.case_id}"})
    more = {
        **_more(request),
        "buyer_says": await read_said(request, wanted),
        "is_own": may(actor_of(request), "declarations.lodge")
        and any(one.is_own and one.kind == "declaration" for one in shown.case.documents),
        "given_documents": await read_given_documents(request, wanted),
        "goods_pictures": await read_goods_pictures(request, wanted),
        "today": today_of(request).isoformat(),
        "told": await told_of_case(request, wanted),
        "told_labels": TOLD_LABELS,
        "proof_labels": PROOF_LABELS,
        "mail_labels": MAIL_LABELS,
    }
    return respond(request, shown, "portal/case.html", more=more)


@post("/parcels/{case_id:str}/receipt", opt={"act": "cases.read"}, status_code=200, include_in_schema=False)
async def check_case_receipt(request: _Request, case_id: FromPath[str]) -> Response[ReceiptCheck]:
    """Check the newest decision's receipt, step by step; with `change`, after changing one byte."""
    form = await request.form()
    wanted = parse_id(case_id)
    consignment = str(form.get("consignment") or "") or None
    files, viewer = provided(request, CaseFiles), viewer_of(actor_of(request))
    receipt = await files.read_receipt(viewer, wanted, consignment=consignment, decision_id=None)
    opening = await _opening(request, wanted, consignment)
    key = provided(request, Services).signer.public_key
    change = str(form.get("change") or "")
    if change:
        if not change.isdecimal():
            raise SeraiError("not-found", "The receipt has no such byte.", "Use the button on the page.")
        found = check_changed(receipt, key, opening, place=int(change))
    else:
        found = check_receipt(receipt, key, opening)
    more = {"case_id": case_id, "consignment": consignment, **_more(request)}
    return respond(request, found, "portal/receipt.html", more=more)


@post("/parcels/{case_id:str}/people", opt={"act": "people.read"}, status_code=200, include_in_schema=False)
async def show_people(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Open the names and addresses of a parcel for a chosen purpose; each reading is recorded."""
    form = await request.form()
    purpose = str(form.get("purpose") or "")
    actor = actor_of(request)
    found: PeopleOut = await read_people(
        provided(request, CaseFiles), viewer_of(actor), parse_id(case_id), purpose, _actor_text(request)
    )
    entries: dict[str, list[EntryHit]] = {}
    if viewer_of(actor).is_officer:
        lists = provided(request, Processor).law.lists
        for person in found.people:
            name = str((person.fields or {}).get("name") or "")
            country = str((person.fields or {}).get("country_code") or "")
            listed = lists.entries_of([Asked(name, country_code=country)]) if name else []
            if listed:
                entries[f"{person.person_id} {person.document_id}"] = listed
    return page(
        request,
        found,
        "portal/people.html",
        more={**_more(request), "entries": entries, "trait_labels": TRAIT_LABELS},
    )


@post("/parcels/{case_id:str}/try", opt={"act": "cases.try"}, status_code=200, include_in_schema=False)
async def show_try(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show what would come of a parcel with other facts, beside what was decided; nothing is stored."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    consignment = form.get("consignment") or None
    case, replay = await replay_case(
        provided(request, CaseFiles),
        provided(request, CaseReplays),
        actor_of(request),
        parse_id(case_id),
        consignment=consignment,
    )
    document = replay.row.document
    more = {
        "case_id": case_id,
        "consignment": consignment,
        "given": form,
        "faults": [],
        "currency": document.goods_items[0].invoice_currency_code,
        **_more(request),
    }
    try:
        law = provided(request, Processor).law
        wanted = read_try_form(form, document, law.book)
        tried = try_change(
            replay,
            wanted,
            law,
            kit_of(request).clock.now(),
            language_of(request),
            shows_cumulative_allowances=case.may_see("case", "cumulative_allowances"),
        )
    except InputFaultyError as error:
        faults = [{"text": f"{one.sentence} {one.remedy}", "href": "#accepted_on"} for one in error.faults]
        return page(request, None, "portal/try.html", status=422, more={**more, "faults": faults})
    view = view_try(tried, wanted, document, replay.recorded.lane)
    return page(request, view, "portal/try.html", more=more)


async def _read_case(request: _Request, case_id: int, consignment: str | None) -> CasePage:
    reader = CaseReader(
        provided(request, CaseFiles), provided(request, CaseReplays), provided(request, Processor)
    )
    return await reader.read(
        viewer_of(actor_of(request)),
        case_id,
        _actor_text(request),
        wanted=consignment,
        language=language_of(request),
    )


async def _opening(request: _Request, case_id: int, consignment: str | None) -> Opening | None:
    """Return what opens the decision in the receipt's entry, for those who see the decision whole."""
    files, viewer = provided(request, CaseFiles), viewer_of(actor_of(request))
    async with files.database.read(files.administration_id) as connection:
        case = await files.open_case(connection, viewer, case_id)
        if not case.may_see("case", "explanation"):
            return None
        row = await files.consignment_of(connection, case, consignment)
        return await files.decisions.read_opening(connection, row, row.decision_id)


def _actor_text(request: _Request) -> str:
    """Who reads the vault, as its ledger tells it: the account or key, never a name."""
    return actor_of(request).credential_id or "unknown"


def _more(request: _Request) -> dict[str, object]:
    return {
        "may_act": may(actor_of(request), "measures.take"),
        "may_reply": may(actor_of(request), "hearings.answer"),
        "time_zone": provided(request, Settings).administration.time_zone,
        "purposes": {one: WORDS[one] for one in purposes_of(viewer_of(actor_of(request)))},
        "words": words_of(language_of(request)),
        "roles": read_phrases(language_of(request)).roles,
    }


ROUTES = [show_case, check_case_receipt, show_people, show_try]
