"""The page of a case's appeals, for both sides: clock, views, outcome, next instance. Without a script."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, get_args

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access.table import may
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.api_appeals import (
    AppealOutcome,
    AppealStatement,
    EffectSuspension,
    propose_outcome,
    state_in_appeal,
    suspend_in_appeal,
)
from serai.journey.acts.appeals import SuspensionGround
from serai.journey.acts.appeals_seen import AppealSeen, find_appeals
from serai.journey.cases.service import CaseFiles
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor
from serai.journey.texts.catalogue import find_text
from serai.model.acts import ACT_KINDS, MEASURE_REASON, Act
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.portal.case.act_form import LABELS
from serai.portal.case.acts_seen import SeenActs, read_seen_acts

_Request = Request[Any, Any, Any]
_TEMPLATE: Final = "portal/appeals.html"
_WORDS_MAX: Final = 2_000
GROUNDS: Final[Mapping[str, str]] = {
    "doubtful-legality": translatable("It is doubtful whether the decision is right"),
    "irreparable-damage": translatable("It would do damage that cannot be made good"),
}
_UNSAID: Final = translatable("State the reasons in words, and an amount with its currency, such as EUR.")
assert set(GROUNDS) == set(get_args(SuspensionGround)), "each ground has its words"


class View(msgspec.Struct, frozen=True):
    """What one side said. is_own: the reader's side."""

    at: datetime
    is_officer: bool
    is_own: bool
    words: str


class Suspension(msgspec.Struct, frozen=True):
    """That an effect is suspended. security: amount and currency; "": none."""

    at: datetime
    ground: str
    words: str
    security: str


class AppealShown(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal. against: what the measure is called; "": a decision that no officer made. why: its coded
    reason. due_at: by when it is to be decided. outcome: kind; "": none yet. is_own_measure: whoever reads
    took the measure, and does not decide. lacks_view: the administration has not stated its view. number: the
    forms' own, so that what is sent twice is one act."""

    act_id: str
    instance: int
    at: datetime
    due_at: datetime | None
    has_lapsed: bool
    against: str
    why: str
    against_words: str
    words: str
    views: list[View]
    suspensions: list[Suspension]
    outcome: str
    outcome_at: datetime | None
    outcome_words: str
    changes_nothing_back: bool
    opens_next: bool
    is_own_measure: bool
    lacks_view: bool
    number: str


class AppealsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. may_decide: the reader is an officer; may_reply: whoever declared."""

    case_id: str
    appeals: list[AppealShown]
    may_decide: bool
    may_reply: bool
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


@get("/parcels/{case_id:str}/appeals", opt={"act": "cases.act"}, include_in_schema=False)
async def show_appeals(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show the appeals of a case, and what the reader may do in each."""
    return await _page(request, parse_id(case_id), {})


@post("/parcels/{case_id:str}/appeals", opt={"act": "cases.act"}, status_code=200, include_in_schema=False)
async def send_appeal(request: _Request, case_id: FromPath[str]) -> Response[Any]:
    """Take a view, an outcome or a suspension, and lead on."""
    form = await request.form()
    given = {name: value[:_WORDS_MAX].strip() for name, value in form.items() if isinstance(value, str)}
    case = parse_id(case_id)
    try:
        waits = await _send(request, case, given)
    except msgspec.ValidationError:
        words = interface_words(language_of(request)).gettext(_UNSAID)
        faults = [{"text": words, "href": f"#appeal-{given.get('about', '')}"}]
        return await _page(request, case, given, faults=faults, status=422)
    except SeraiError as fault:
        if fault.code in ("not-found", "role-not-allowed"):
            raise
        faults = [
            {"text": error_text(fault, language_of(request)), "href": f"#appeal-{given.get('about', '')}"}
        ]
        return await _page(request, case, given, faults=faults, status=409)
    location = "/proposals" if waits else f"/parcels/{case_id}/appeals"
    return Response(None, status_code=303, headers={"location": location})


ROUTES = [show_appeals, send_appeal]


async def _send(request: _Request, case_id: int, given: dict[str, str]) -> bool:
    """Do what a form asks; say whether it waits for a second person. Raises msgspec.ValidationError where
    the API would refuse its fields."""
    appeal_id = parse_id(given.get("about", ""))

    def said(*names: str) -> dict[str, str]:
        return {one: given[one] for one in ("reference", "reason", *names) if given.get(one)}

    match given.get("what", ""):
        case "outcome":
            await propose_outcome(
                request, case_id, appeal_id, msgspec.convert(said("outcome"), AppealOutcome)
            )
            return True
        case "suspension":
            order = msgspec.convert(said("ground", "currency_code", "amount"), EffectSuspension)
            await suspend_in_appeal(request, case_id, appeal_id, order)
        case _:
            await state_in_appeal(request, case_id, appeal_id, msgspec.convert(said(), AppealStatement))
    return False


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
        found = await find_appeals(processor, connection, seen.root)
    numbers = processor.services.ids.take(len(found)).tolist() if found else []
    reader = _Reader(
        seen,
        language_of(request),
        files.clock.now(),
        sender_of(actor).acting_user,
        is_officer=may(actor, "appeals.decide"),
    )
    view = AppealsPage(
        case_id=seen.case_id,
        appeals=[
            reader.show(one, f"page-{format_id(number)}") for one, number in zip(found, numbers, strict=True)
        ],
        may_decide=may(actor, "appeals.decide"),
        may_reply=may(actor, "appeals.lodge"),
        given=given,
        faults=faults or [],
    )
    more = {"time_zone": provided(request, Settings).administration.time_zone, "grounds": GROUNDS}
    return page(request, view, _TEMPLATE, status=status, more=more)


class _Reader:
    """Who reads the page. seen: acts as the API shows them to him; acting_user: his own."""

    def __init__(
        self,
        seen: SeenActs,
        language: str,
        at: datetime,
        acting_user: str,
        *,
        is_officer: bool,
    ) -> None:
        self._seen = seen
        self._language = language
        self._at = at
        self._acting_user = acting_user
        self._is_officer = is_officer

    def show(self, appeal: AppealSeen, number: str) -> AppealShown:
        """Return an appeal as the page shows it."""
        lodged, against, outcome = appeal.lodged, appeal.against, appeal.outcome
        text = (
            None if against is None else find_text(f"{MEASURE_REASON}{against.reason_code}", self._language)
        )
        return AppealShown(
            act_id=format_id(lodged.act_id),
            instance=appeal.instance,
            at=lodged.at,
            due_at=lodged.due_at,
            has_lapsed=outcome is None and appeal.opens_next_instance(self._at),
            against="" if against is None else LABELS[against.kind],
            why="" if text is None else text.sentence,
            against_words=self._words(against),
            words=self._words(lodged),
            views=[self._view(one) for one in appeal.statements],
            suspensions=[self._suspension(one) for one in appeal.suspensions],
            outcome="" if outcome is None else outcome.kind,
            outcome_at=None if outcome is None else outcome.at,
            outcome_words=self._words(outcome),
            changes_nothing_back=against is not None and not ACT_KINDS[against.kind].is_reversible,
            opens_next=appeal.opens_next_instance(self._at),
            is_own_measure=against is not None and against.acting_user == self._acting_user,
            lacks_view=against is not None and not appeal.is_officers_view_stated,
            number=number,
        )

    def _view(self, act: Act) -> View:
        is_officer = bool(act.parameters.get("by_officer", False))
        return View(act.at, is_officer, is_officer == self._is_officer, self._words(act))

    def _suspension(self, act: Act) -> Suspension:
        said = act.parameters
        currency = str(said.get("currency_code", ""))
        security = f"{currency} {format_minor(said['amount_minor'], currency)}" if currency else ""
        return Suspension(act.at, GROUNDS[str(said["ground"])], self._words(act), security)

    def _words(self, act: Act | None) -> str:
        return "" if act is None else self._seen.words_of(format_id(act.act_id))
