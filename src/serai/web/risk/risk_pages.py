"""The page `/risk`: what is looked at and what that brings; write a rule, try it, put it in force, withdraw
it.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.app import Node
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of, page
from serai.foundation.settings import Settings
from serai.journey.selection.risk_file import RiskParameter, RiskRule
from serai.laboratory.risk_trial import RiskTrial
from serai.model.errors import SeraiError
from serai.portal.fairness.pages import DIMENSION_WORDS, GROUP_WORDS
from serai.portal.statistics.words import MEASURES
from serai.web.administering_api import acting_user_of
from serai.web.risk.risk_acts import (
    Done,
    put_risk_rule,
    read_file,
    set_inspection_budget,
    try_risk_rule,
    withdraw_risk_rule,
)
from serai.web.risk.risk_api import read_case_selection
from serai.web.risk.risk_view import RiskOut, read_risk

_Request = Request[Any, Any, Any]
_READ: Final = {"act": "risk.read"}
_MANAGE: Final = {"act": "risk.manage"}
_FAULTY: Final = 422
_TRIAL_DAYS: Final = 30
_PPM_A_PERCENT: Final = 10_000
_WORDS: Final[Mapping[str, str]] = {
    "rule_id": translatable(
        "Enter a name of small letters, digits and hyphens, for instance shoes-too-cheap."
    ),
    "when": translatable("Enter when the rule speaks, for instance origin_country_code = 'CN'."),
    "sentence": translatable("Enter in one sentence why: officers read it on each case."),
    "parameters": translatable(
        "Enter one value in each line: name, kind, value; for instance light mass 200 g."
    ),
    "inspections": translatable("Enter a whole number above zero."),
    "share": translatable("Enter a share from 1 to 100 %."),
}


class RiskView(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows. trial: of the rule in the form. is_waiting: what was asked for waits. told: what
    is wrong with a rule, beside its field."""

    risk: RiskOut
    faults: dict[str, str]
    form: dict[str, str]
    trial: RiskTrial | None = None
    is_waiting: bool = False


@get("/risk", opt=_READ, include_in_schema=False)
async def show_risk(request: _Request) -> Response[str]:
    """Show rules, yields, the day's budget and alarms."""
    return await _page(request)


@post("/risk/rules", opt=_MANAGE, include_in_schema=False, status_code=303)
async def write_rule(request: _Request) -> Response[Any]:
    """Try the rule in the form on stored cases, or put it in force."""
    typed = await _typed(
        request, "rule_id", "level", "when", "lane", "sentence", "parameters", "expected", "act"
    )
    rule, faults = _read_rule(request, typed)
    if rule is None:
        return await _page(request, faults, typed)
    node, by = provided(request, Node), acting_user_of(request)
    try:
        if typed["act"] != "put":
            trial = await try_risk_rule(node, by, rule, _TRIAL_DAYS)
            return await _page(request, form=typed, trial=trial)
        return await _answer(request, await put_risk_rule(node, by, rule))
    except SeraiError as error:
        if error.code not in ("risk-rule-faulty", "risk-rule-too-costly", "risk-rules-too-many"):
            raise
        return await _page(request, {"when": error_text(error, language_of(request))}, typed)


@post("/risk/rules/{rule:str}/withdrawal", opt=_MANAGE, include_in_schema=False, status_code=303)
async def withdraw_rule(request: _Request, rule: FromPath[str]) -> Response[Any]:
    """Withdraw a rule."""
    return await _answer(
        request, await withdraw_risk_rule(provided(request, Node), acting_user_of(request), rule)
    )


@post("/risk/budget", opt=_MANAGE, include_in_schema=False, status_code=303)
async def write_budget(request: _Request) -> Response[Any]:
    """Say how much can be looked at."""
    typed = await _typed(request, "inspections", "share")
    node, by = provided(request, Node), acting_user_of(request)
    before = (await read_file(node, by.administration_id)).budget
    inspections = int(typed["inspections"]) if typed["inspections"].isdecimal() else 0
    share_ppm = _ppm(typed["share"])
    wrong = {}
    if not 1 <= inspections <= 10_000_000:
        wrong["inspections"] = _said(request, "inspections")
    if share_ppm is None or not 10_000 <= share_ppm <= 1_000_000:
        wrong["share"] = _said(request, "share")
    if wrong or share_ppm is None:
        return await _page(request, wrong, typed)
    budget = msgspec.structs.replace(before, inspections_per_day_count=inspections, flow_share_ppm=share_ppm)
    return await _answer(request, await set_inspection_budget(node, by, budget))


@get("/risk/cases/{case_id:str}", opt=_READ, include_in_schema=False)
async def show_case_selection(request: _Request, case_id: FromPath[str]) -> Response[str]:
    """Show why the consignments of a case are looked at."""
    found = await read_case_selection.fn(request, case_id)
    return page(request, found, "portal/risk_case.html", more=_more(request))


ROUTES = [show_risk, write_rule, withdraw_rule, write_budget, show_case_selection]


async def _typed(request: _Request, *names: str) -> dict[str, str]:
    form = await request.form()
    return {name: str(form.get(name, ""))[:3_000].strip() for name in names}


def _ppm(percent: str) -> int | None:
    """Return a percentage with up to four places as parts per million."""
    whole, _, places = percent.replace(",", ".").partition(".")
    if not (whole.isdecimal() and len(whole) <= 3 and len(places) <= 4 and (places or "0").isdecimal()):
        return None
    return int(whole) * _PPM_A_PERCENT + int((places or "0").ljust(4, "0"))


def _read_rule(request: _Request, typed: dict[str, str]) -> tuple[RiskRule | None, dict[str, str]]:
    """Return the rule of a form, or what is wrong at which field."""
    faults: dict[str, str] = {}
    parameters = []
    for line in typed["parameters"].splitlines():
        name, kind, value = (*line.split(None, 2), "", "", "")[:3]
        try:
            given = {"name": name, "kind": kind, "value": value}
            parameters += [msgspec.convert(given, RiskParameter)] if line.strip() else []
        except msgspec.ValidationError:
            faults["parameters"] = _said(request, "parameters")
    expected_ppm = _ppm(typed["expected"] or "10")
    if expected_ppm is None or expected_ppm > 1_000_000:
        faults["expected"] = _said(request, "share")
    fields = {
        "rule_id": typed["rule_id"],
        "level": typed["level"] or "item",
        "when": " ".join(typed["when"].split()),
        "lane": typed["lane"] or "review",
        "sentence": " ".join(typed["sentence"].split()),
        "expected_hit_ppm": expected_ppm or 0,
    }
    for name in ("rule_id", "when", "sentence"):
        try:
            msgspec.convert({**_SOUND, name: fields[name]}, RiskRule)
        except msgspec.ValidationError:
            faults[name] = _said(request, name)
    if faults:
        return None, faults
    try:
        return msgspec.convert({**fields, "parameters": msgspec.to_builtins(parameters)}, RiskRule), {}
    except msgspec.ValidationError:
        return None, {"when": _said(request, "when")}


_SOUND: Final = {"rule_id": "sound", "level": "item", "when": "TRUE", "lane": "review", "sentence": "Sound"}


def _said(request: _Request, name: str) -> str:
    return interface_words(language_of(request)).gettext(_WORDS[name])


async def _answer(request: _Request, done: Done) -> Response[Any]:
    _, proposal = done
    if proposal is not None:
        return await _page(request, is_waiting=True)
    return Response(None, status_code=303, headers={"location": "/risk"})


def _more(request: _Request) -> dict[str, object]:
    return {
        "dimension_words": DIMENSION_WORDS,
        "group_words": GROUP_WORDS,
        "measure_words": MEASURES,
        "time_zone": provided(request, Settings).administration.time_zone,
    }


async def _page(
    request: _Request,
    faults: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    *,
    trial: RiskTrial | None = None,
    is_waiting: bool = False,
) -> Response[str]:
    node, by = provided(request, Node), acting_user_of(request)
    view = RiskView(
        risk=await read_risk(node, by.administration_id, by.at, language_of(request)),
        faults=faults or {},
        form=form or {},
        trial=trial,
        is_waiting=is_waiting,
    )
    status = _FAULTY if faults else 200
    return page(request, view, "portal/risk.html", status=status, more=_more(request))
