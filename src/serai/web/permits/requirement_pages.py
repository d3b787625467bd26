"""Pages of an agency's requirements: what its rules ask for by day, a form, and what waits for another."""

import datetime as dt
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.problems import problem_kind
from serai.foundation.http.respond import language_of, page
from serai.journey.law_in_force.state import LawState
from serai.journey.permits import store
from serai.model.errors import SeraiError
from serai.web.administering_api import AnyRequest, acting_user_of, reader_of
from serai.web.approvals_api import Approval, Rejection
from serai.web.approved_actions import today_of
from serai.web.permits.requirement_changes import (
    RequirementChange,
    RequirementTerms,
    changes_of,
    requirements_of,
    rules_by_id,
    shown_terms,
)
from serai.web.permits.requirements_api import (
    NewRequirement,
    RequirementEnd,
    approve_requirement,
    post_agency_requirement,
    post_agency_requirement_end,
    reject_requirement,
)

_FAULTY: Final = 422
_LETTERS_MAX: Final = 2_000
_HERE: Final = "/agency/requirements"
CHOICES: Final = {
    "documents": translatable("Ask for the documents below"),
    "nothing": translatable("Ask for nothing: the goods are not restricted by this rule"),
    "law": translatable("Ask again for what the law says"),
}


class RuleTerms(msgspec.Struct, frozen=True):
    """What a rule asks for from a day on. valid_from: None: before any change. is_now: today."""

    rule_id: str
    valid_from: dt.date | None
    is_now: bool
    terms: RequirementTerms


class RequirementsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. rules: of the agency's remit; person: who the reader is; given: what was typed."""

    rules: list[str]
    terms: list[RuleTerms]
    waiting: list[RequirementChange]
    person: str
    today: dt.date
    given: dict[str, str] = {}
    faults: list[dict[str, str]] = []


@get(_HERE, opt={"act": "requirements.set"}, include_in_schema=False)
async def show_requirements(request: AnyRequest) -> Response[str]:
    """Show what the rules of an agency's remit ask for, and what waits."""
    return await _page(request)


@post(_HERE, opt={"act": "requirements.set"}, status_code=200, include_in_schema=False)
async def propose_on_page(request: AnyRequest) -> Response[Any]:
    """Propose what the form states."""
    given = await _typed(request)
    rule_id, choice = given.get("rule_id", ""), given.get("choice", "")
    try:
        if choice == "law":
            end = msgspec.convert({"valid_from": given.get("valid_from", "")}, RequirementEnd, strict=False)
            await post_agency_requirement_end.fn(request, rule_id, end)
        else:
            new = msgspec.convert(_body(given), NewRequirement, strict=False)
            await post_agency_requirement.fn(request, new)
    except msgspec.ValidationError:
        said = translatable(
            "State the rule, the day as 2026-12-31, what it asks for, one document a line, and whole numbers."
        )
        return await _page(request, given, text_in(said, language_of(request)))
    except SeraiError as fault:
        return await _page(request, given, _say(request, fault), problem_kind(fault.code).status)
    return _back()


@post(
    f"{_HERE}/proposals/{{proposal:str}}/approval",
    opt={"act": "requirements.set"},
    status_code=200,
    include_in_schema=False,
)
async def confirm_on_page(request: AnyRequest, proposal: FromPath[str]) -> Response[Any]:
    """Confirm what another person of the agency has proposed."""
    given = await _typed(request)
    try:
        read = msgspec.convert({"content_sha256": given.get("content_sha256", "")}, Approval)
        await approve_requirement.fn(request, proposal, read)
    except msgspec.ValidationError:
        said = translatable("Read the change again, and confirm what it says.")
        return await _page(request, {}, text_in(said, language_of(request)))
    except SeraiError as fault:
        return await _page(request, {}, _say(request, fault), problem_kind(fault.code).status)
    return _back()


@post(
    f"{_HERE}/proposals/{{proposal:str}}/rejection",
    opt={"act": "requirements.set"},
    status_code=200,
    include_in_schema=False,
)
async def reject_on_page(request: AnyRequest, proposal: FromPath[str]) -> Response[Any]:
    """Reject a change, or take an own one back."""
    given = await _typed(request)
    reason = " ".join(given.get("reason", "").split())[:200] or "no reason given"
    try:
        await reject_requirement.fn(request, proposal, msgspec.convert({"reason": reason}, Rejection))
    except msgspec.ValidationError:
        said = translatable("Write the reason in words alone.")
        return await _page(request, {}, text_in(said, language_of(request)))
    except SeraiError as fault:
        return await _page(request, {}, _say(request, fault), problem_kind(fault.code).status)
    return _back()


ROUTES = [show_requirements, propose_on_page, confirm_on_page, reject_on_page]


async def _page(
    request: AnyRequest, given: dict[str, str] | None = None, said: str = "", status: int = _FAULTY
) -> Response[str]:
    actor, node, administration_id = reader_of(request)
    by, party_id = acting_user_of(request), actor.party_id or 0
    async with node.database.read(administration_id) as connection:
        remits = await store.select_remits(connection, administration_id=administration_id, party_id=party_id)
    rules, today = sorted(one.rule_id for one in remits), today_of(node, by)
    view = RequirementsView(
        rules=rules,
        terms=[row for rule_id in rules for row in _by_day(node.processor.law, party_id, rule_id, today)],
        waiting=await changes_of(node, by, party_id),
        person=by.person or "",
        today=today,
        given=given or {},
        faults=[{"text": said, "href": "#rule_id"}] if said else [],
    )
    more = {"time_zone": node.settings.administration.time_zone, "choices": CHOICES}
    return page(request, view, "portal/agency_requirements.html", status=status if said else 200, more=more)


def _by_day(law: LawState, party_id: int, rule_id: str, today: dt.date) -> list[RuleTerms]:
    """Return what a rule asks for: as its law says, and from each day on which its agency has changed it."""
    rule = rules_by_id(law).get(rule_id)
    own = [one for one in requirements_of(law, party_id) if one.rule_id == rule_id]
    begun = [one.valid_from for one in own if one.valid_from <= today]
    now = max(begun, default=None)
    return [
        RuleTerms(rule_id, None, now is None, shown_terms(None, rule)),
        *(
            RuleTerms(rule_id, one.valid_from, one.valid_from == now, shown_terms(one.terms, rule))
            for one in own
        ),
    ]


def _body(given: dict[str, str]) -> dict[str, Any]:
    """Return what the form states, as the API takes it."""
    is_asked = {"documents": True, "nothing": False}.get(given.get("choice", ""))
    body: dict[str, Any] = {"rule_id": given.get("rule_id", ""), "valid_from": given.get("valid_from", "")}
    body |= {} if is_asked is None else {"is_asked": is_asked}
    if is_asked:
        lines = given.get("document_codes", "").splitlines()
        body["document_codes"] = [" ".join(one.split()) for one in lines if one.strip()]
        limits = ("free_mass_g", "free_count")
        body |= {name: given[name] for name in limits if given.get(name)}
    return body


async def _typed(request: AnyRequest) -> dict[str, str]:
    form = await request.form()
    return {name: value.strip()[:_LETTERS_MAX] for name, value in form.items() if isinstance(value, str)}


def _say(request: AnyRequest, fault: SeraiError) -> str:
    language = language_of(request)
    return f"{text_in(problem_kind(fault.code).title, language)}: {error_text(fault, language)}"


def _back() -> Response[None]:
    return Response(None, status_code=303, headers={"location": _HERE})
