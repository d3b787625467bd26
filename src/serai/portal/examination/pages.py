"""The page of a case's examinations: results side by side, photos, a second one on request."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, get_args

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access.table import may
from serai.foundation.http.form_files import read_file
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.api import CaseAct, act_on_case
from serai.journey.acts.examinations import photos, second
from serai.journey.acts.examinations.api import SecondAnswerIn, SecondRequestIn
from serai.journey.acts.examinations.photos import RECORDED, NewPhoto
from serai.journey.acts.examinations.seen import Examinations, read_examinations
from serai.journey.documents.pictures import CONTENT_BYTES_MAX, read_picture_beside
from serai.journey.documents.submission import sender_of
from serai.journey.measure_rules.measure_law import ExaminationResult
from serai.journey.processing.transaction import Processor
from serai.model.errors import SeraiError

_Request = Request[Any, Any, Any]
_TEMPLATE: Final = "portal/examinations.html"
_WORDS_MAX: Final = 2_000
_NAME_MAX: Final = 70
_FORM_FAULTY: Final = 422
_FILL_IN: Final = translatable("Fill in the form: each field that is marked is needed.")
RESULT_LABELS: Final[Mapping[str, str]] = {
    "conforms": translatable("As declared"),
    "quantity-differs": translatable("Another quantity"),
    "description-differs": translatable("Other goods"),
    "value-differs": translatable("Another value"),
    "origin-differs": translatable("Another origin"),
    "prohibited": translatable("Prohibited goods"),
    "counterfeit-suspected": translatable("Suspected counterfeit"),
    "dangerous": translatable("Dangerous goods"),
    "empty": translatable("Empty"),
}
assert tuple(RESULT_LABELS) == get_args(ExaminationResult), "each result has its words"


class ExaminationsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. number: the form's own, so that what is sent twice is one act. given: what was
    typed, by field."""

    shown: Examinations
    number: str
    given: dict[str, str]
    faults: list[dict[str, str]]


@get("/parcels/{case_id:str}/examinations", opt={"act": "cases.read"}, include_in_schema=False)
async def show_examinations(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show what examinations have found, and what can be done about them."""
    return await _page(request, parse_id(case_id), {})


@post(
    "/parcels/{case_id:str}/examinations/photos",
    opt={"act": "measures.take"},
    status_code=200,
    include_in_schema=False,
    request_max_body_size=CONTENT_BYTES_MAX + 100_000,
)
async def upload_photo(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Add a photo; its name and stated type count for nothing."""
    form = await request.form()
    case = parse_id(case_id)
    about, reference = (str(form.get(name) or "")[:_NAME_MAX] for name in ("about", "reference"))

    async def add() -> None:
        content = await read_file(form.get("file"))
        if not content or not reference:
            raise SeraiError("form-incomplete", "There is no photo.", "Choose one, and send it.")
        picture = await read_picture_beside(content)
        photo = NewPhoto(reference, parse_id(about), picture, bool(form.get("is_withheld")))
        processor = provided(request, Processor)
        await photos.add_photo(processor, sender_of(actor_of(request)), case, photo)

    return await _answer(request, case, {"about": about}, f"#file-{about}", add)


@post(
    "/parcels/{case_id:str}/examinations/second",
    opt={"act": "hearings.answer"},
    status_code=200,
    include_in_schema=False,
)
async def ask_second(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Ask for a second examination."""
    given, case = await _given(request), parse_id(case_id)

    async def ask() -> None:
        asked = msgspec.convert(
            {
                "reference": given.get("reference"),
                "examination": given.get("about"),
                "reason": given.get("reason", ""),
            },
            SecondRequestIn,
        )
        await second.ask_for_second(
            provided(request, Processor),
            sender_of(actor_of(request)),
            case,
            reference=asked.reference,
            examination_id=parse_id(asked.examination),
            reason=asked.reason,
        )

    return await _answer(request, case, given, f"#reason-{given.get('about', '')}", ask)


@post(
    "/parcels/{case_id:str}/examinations/answer",
    opt={"act": "measures.take"},
    status_code=200,
    include_in_schema=False,
)
async def answer_second(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Grant or refuse a second examination."""
    given, case = await _given(request), parse_id(case_id)

    async def answer() -> None:
        said = msgspec.convert(
            {name: given.get(name, "") for name in ("reference", "answer", "reason")}, SecondAnswerIn
        )
        await second.answer_second(
            provided(request, Processor),
            sender_of(actor_of(request)),
            case,
            reference=said.reference,
            request_id=parse_id(given.get("about", "")),
            answer=said.answer,
            reason=said.reason,
        )

    return await _answer(request, case, given, f"#reason-{given.get('about', '')}", answer)


@post(
    "/parcels/{case_id:str}/examinations/result",
    opt={"act": "measures.take"},
    status_code=200,
    include_in_schema=False,
)
async def record_second(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Record the result of a second examination, and which counts."""
    given, case = await _given(request), parse_id(case_id)
    about = given.get("about", "")
    stated = {
        name: given[name]
        for name in ("reference", "consignment", "result_code", "gross_mass_kg", "counting", "reason")
        if given.get(name)
    }

    async def record() -> None:
        order = {**stated, "kind": RECORDED, "reason_code": "examined", "second_of": about}
        await act_on_case(request, case, msgspec.convert(order, CaseAct))

    return await _answer(request, case, given, f"#result-{about}", record)


ROUTES = [show_examinations, upload_photo, ask_second, answer_second, record_second]


async def _given(request: _Request) -> dict[str, str]:
    form = await request.form()
    given = {name: value[:_WORDS_MAX].strip() for name, value in form.items() if isinstance(value, str)}
    given.pop("form_token", None)
    return given


async def _answer(
    request: _Request, case_id: int, given: dict[str, str], href: str, act: Callable[[], Awaitable[None]]
) -> Response[Any]:
    """Do what a form asks for and lead back; or show it again with what is wrong. href: to its field."""
    try:
        await act()
    except msgspec.ValidationError:
        return await _incomplete(request, case_id, given, href)
    except SeraiError as fault:
        if fault.code == "not-found":
            raise
        return await _refused(request, case_id, given, fault, href)
    location = f"/parcels/{format_id(case_id)}/examinations"
    return Response(None, status_code=303, headers={"location": location})


async def _incomplete(request: _Request, case_id: int, given: dict[str, str], href: str) -> Response[str]:
    words = interface_words(language_of(request)).gettext(_FILL_IN)
    return await _page(request, case_id, given, faults=[{"text": words, "href": href}], status=_FORM_FAULTY)


async def _refused(
    request: _Request, case_id: int, given: dict[str, str], fault: SeraiError, href: str
) -> Response[str]:
    is_faulty = fault.code in ("form-incomplete", "picture-unfit", "picture-too-large")
    faults = [{"text": error_text(fault, language_of(request)), "href": href}]
    return await _page(request, case_id, given, faults=faults, status=_FORM_FAULTY if is_faulty else 409)


async def _page(
    request: _Request,
    case_id: int,
    given: dict[str, str],
    *,
    faults: list[dict[str, str]] | None = None,
    status: int = 200,
) -> Response[str]:
    processor, actor = provided(request, Processor), actor_of(request)
    shown = await read_examinations(processor, sender_of(actor), case_id)
    number = format_id(int(processor.services.ids.take(1)[0]))
    view = ExaminationsPage(shown=shown, number=f"page-{number}", given=given, faults=faults or [])
    more = {
        "time_zone": provided(request, Settings).administration.time_zone,
        "results": RESULT_LABELS,
        "may_measure": may(actor, "measures.take"),
        "may_ask": may(actor, "hearings.answer"),
    }
    return page(request, view, _TEMPLATE, status=status, more=more)
