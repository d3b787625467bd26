"""The page on which whoever declared answers officers, is heard, and appeals. Without a script."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.http.form_files import read_file
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.api import CaseAct, act_on_case, send_document
from serai.journey.acts.api_appeals import Appeal
from serai.journey.acts.appeals import lodge_appeal
from serai.journey.acts.awaited import Awaited, find_awaited
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.proofs import CONTENT_BYTES_MAX
from serai.journey.documents.submission import sender_of
from serai.journey.measure_rules.hearing_rules import ANSWERED, NOTIFIED
from serai.journey.processing.transaction import Processor
from serai.journey.texts.catalogue import find_text
from serai.model.acts import MEASURE_REASON, Act
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN
from serai.portal.case.act_form import LABELS
from serai.portal.case.acts_seen import SeenActs, read_seen_acts

_Request = Request[Any, Any, Any]
_WORDS_MAX: Final = 2_000
_NAME_MAX: Final = 70
_UNFIT: Final = ("form-incomplete", "proof-unfit", "proof-too-large")
_KINDS: Final = ("information-given", NOTIFIED, ANSWERED)


class Asked(msgspec.Struct, frozen=True):
    """Something to answer, or to appeal against. says: what it is; why: its coded reason; words:
    of the officer. number: the form's own, so that what is sent twice is one act."""

    act_id: str
    says: str
    why: str
    words: str
    due_at: Any
    number: str


class ReplyPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. unread: hearings of which nothing proves yet that they are known. decisions: that
    stand on what the reader declared, and no appeal is open against them; act_id is the decision's number."""

    case_id: str
    questions: list[Asked]
    hearings: list[Asked]
    unread: list[str]
    measures: list[Asked]
    decisions: list[Asked]
    has_appeals: bool
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


@get("/parcels/{case_id:str}/reply", opt={"act": "hearings.answer"}, include_in_schema=False)
async def show_reply(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show what officers ask, which measures are meant, and which may be appealed against."""
    return await _page(request, parse_id(case_id), {})


@post(
    "/parcels/{case_id:str}/reply", opt={"act": "hearings.answer"}, status_code=200, include_in_schema=False
)
async def send_reply(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Take an answer, a confirmation or an appeal, and lead back to the case."""
    form = await request.form()
    given = {name: value[:_WORDS_MAX] for name, value in form.items() if isinstance(value, str)}
    case = parse_id(case_id)
    try:
        await _send(request, case, given)
    except msgspec.ValidationError:
        faults = [
            {
                "text": text_in(translatable("Say what you have to say in words."), language_of(request)),
                "href": "#reply",
            }
        ]
        return await _page(request, case, given, faults=faults, status=422)
    except SeraiError as fault:
        faults = [{"text": error_text(fault, language_of(request)), "href": "#reply"}]
        return await _page(request, case, given, faults=faults, status=409)
    return Response(None, status_code=303, headers={"location": f"/parcels/{case_id}"})


@post(
    "/parcels/{case_id:str}/reply/document",
    opt={"act": "information.give"},
    status_code=200,
    include_in_schema=False,
    request_max_body_size=CONTENT_BYTES_MAX + 100_000,
)
async def upload_document(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Take the document that an officer asked for; its name and stated type count for nothing."""
    form = await request.form()
    file, case = form.get("file"), parse_id(case_id)
    about, reference = (str(form.get(name) or "")[:_NAME_MAX] for name in ("about", "reference"))
    try:
        content = await read_file(file)
        if not content:
            raise SeraiError(
                "form-incomplete", "There is no file.", "Choose a picture or a PDF, and send it."
            )
        if not reference:
            raise SeraiError("form-incomplete", "The form is not whole.", "Open the page anew, and send it.")
        await send_document(request, case, reference=reference, answers=about, content=content)
    except SeraiError as fault:
        if fault.code == "not-found":
            raise
        faults = [{"text": error_text(fault, language_of(request)), "href": f"#file-{about}"}]
        status = 422 if fault.code in _UNFIT else 409
        return await _page(request, case, {"about": about}, faults=faults, status=status)
    return Response(None, status_code=303, headers={"location": f"/parcels/{case_id}"})


ROUTES = [show_reply, send_reply, upload_document]


async def _send(request: _Request, case_id: int, given: dict[str, str]) -> None:
    """Do what a form asks. Raises msgspec.ValidationError where the API would refuse its fields."""
    what, about = given.get("what", ""), given.get("about", "")
    said = {"reference": given.get("reference", ""), "reason": given.get("reason", "").strip()}
    if what in ("appeal", "appeal-decision"):
        field = "against" if what == "appeal" else "decision_id"
        appeal = msgspec.convert({**said, field: about}, Appeal)
        await lodge_appeal(
            provided(request, Processor),
            sender_of(actor_of(request)),
            case_id,
            reference=appeal.reference,
            statement=appeal.reason,
            against_id=None if appeal.against is None else parse_id(about),
            decision_id=None if appeal.decision_id is None else parse_id(about),
        )
        return
    field = "answers" if what == "information-given" else "hearing"
    kind = what if what in _KINDS else ""
    await act_on_case(request, case_id, msgspec.convert({**said, "kind": kind, field: about}, CaseAct))


async def _page(
    request: _Request,
    case_id: int,
    given: dict[str, str],
    *,
    faults: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[str]:
    files, processor = provided(request, CaseFiles), provided(request, Processor)
    actor = actor_of(request)
    seen = await read_seen_acts(request, case_id)
    async with files.database.read(files.administration_id) as connection:
        awaited = await find_awaited(processor, connection, seen.root)
        rows = await consignment_store.select_consignments_of_cases(
            connection, [seen.root], administration_id=files.administration_id
        )
    view = _view(request, seen, awaited)
    own = [one for one in rows if one.party_id == actor.party_id and one.status != WITHDRAWN]
    view = msgspec.structs.replace(
        view, decisions=_decisions(processor, own, awaited), given=given, faults=faults or []
    )
    more = {"time_zone": provided(request, Settings).administration.time_zone}
    return page(request, view, "portal/reply.html", status=status, more=more)


def _view(
    request: _Request,
    seen: SeenActs,
    awaited: Awaited,
) -> ReplyPage:
    language, ids = language_of(request), provided(request, Processor).services.ids

    def asked(acts: list[Act]) -> list[Asked]:
        numbers = ids.take(len(acts)).tolist() if acts else []
        found = []
        for act, number in zip(acts, numbers, strict=True):
            text = find_text(f"{MEASURE_REASON}{act.reason_code}", language)
            name = format_id(act.act_id)
            kind = str(act.parameters.get("intended", act.kind))
            found.append(
                Asked(
                    name, LABELS.get(kind, kind), "" if text is None else text.sentence, seen.words_of(name),
                    act.due_at, f"page-{format_id(number)}",
                )
            )  # fmt: skip
        return found

    return ReplyPage(
        case_id=seen.case_id,
        questions=asked(list(awaited.questions)),
        hearings=asked(list(awaited.hearings)),
        unread=[format_id(one) for one in awaited.unread],
        measures=asked(list(awaited.measures)),
        decisions=[],
        has_appeals=bool(awaited.appeals),
    )


def _decisions(processor: Processor, own: list[ConsignmentRow], awaited: Awaited) -> list[Asked]:
    """Return the decisions that may be appealed against, without those of which that was done."""
    open_ones = [one for one in own if format_id(one.decision_id) not in awaited.appealed]
    numbers = processor.services.ids.take(len(open_ones)).tolist() if open_ones else []
    return [
        Asked(format_id(one.decision_id), one.reference, "", "", None, f"page-{format_id(number)}")
        for one, number in zip(open_ones, numbers, strict=True)
    ]
