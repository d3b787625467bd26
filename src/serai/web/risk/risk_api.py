"""HTTP for officers' risk rules: in force, tried, put, withdrawn; the budget; why a parcel is looked at."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Response, delete, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.problem_texts import text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import language_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.consignments.store import select_consignments_of_cases
from serai.journey.documents.not_found import not_found
from serai.journey.law_in_force.risk import RiskChanged
from serai.journey.selection.risk_file import Budget, Lane, RiskParameter, RiskRule, Share, Words
from serai.journey.selection.store import select_selections
from serai.laboratory.risk_trial import DAYS_MAX, RiskTrial
from serai.law.pack import Expression
from serai.web.administering_api import AnyRequest, acting_user_of, problem
from serai.web.approvals_api import WAITS, answer_proposal
from serai.web.risk.risk_acts import (
    Done,
    put_risk_rule,
    set_inspection_budget,
    try_risk_rule,
    withdraw_risk_rule,
)
from serai.web.risk.risk_reasons import read_reasons
from serai.web.risk.risk_view import RiskOut, SelectionOut, read_risk, selection_out

_READ: Final = {"act": "risk.read"}
_MANAGE: Final = {"act": "risk.manage"}
_FAULTY: Final = problem("The rule is faulty or could run too long: `detail` says what, and what to do")


class NewRiskRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as it is to be. lane: review or examine; the furthest a rule goes is that goods are looked
    at.
    """

    level: Literal["consignment", "item"]
    when: Expression
    lane: Lane
    sentence: Words
    parameters: Annotated[list[RiskParameter], Meta(max_length=20)] = []
    expected_hit_ppm: Share = 100_000


class RuleToTry(NewRiskRule, frozen=True, forbid_unknown_fields=True):
    """A rule to be tried on the cases of the last days."""

    days_count: Annotated[int, Meta(ge=1, le=DAYS_MAX)] = 30


class RiskChangedOut(msgspec.Struct, frozen=True):
    """What a change has led to. is_changed: False where all was so already."""

    generation: int
    is_changed: bool


class CaseSelection(msgspec.Struct, frozen=True):
    """Why the consignments of a case are looked at, oldest first; none: they are not, or rules were not in
    force."""

    case_id: str
    selections: list[SelectionOut]


def as_rule(rule_id: str, data: NewRiskRule) -> RiskRule:
    """Return what was given as a rule. Raises msgspec.ValidationError for what is no rule's id."""
    fields = {name: getattr(data, name) for name in NewRiskRule.__struct_fields__}
    return msgspec.convert({**msgspec.to_builtins(fields), "rule_id": rule_id}, RiskRule)


def fit_rule(rule_id: str, data: NewRiskRule) -> RiskRule:
    """Return the rule. Raises SeraiError `not-found` for what cannot be a rule's id."""
    try:
        return as_rule(rule_id, data)
    except msgspec.ValidationError:
        raise not_found() from None


@get("/v1/risk", opt=_READ, summary="Risk rules in force, the budget, what each measure brought, and alarms.")
async def read_risk_rules(request: AnyRequest) -> RiskOut:
    """For officers alone: nothing of it stands anywhere else."""
    by = acting_user_of(request)
    return await read_risk(provided(request, Node), by.administration_id, by.at, language_of(request))


@post(
    "/v1/risk/trial",
    opt={"act": "risk.try"},
    status_code=200,
    summary="Try a risk rule on the stored cases of the last days; nothing is changed.",
    responses={422: _FAULTY},
)
async def try_rule_on_cases(request: AnyRequest, data: JSONBody[RuleToTry]) -> RiskTrial:
    """How many it hits, in which lanes these were, and what examinations of them found. Messages are opened
    without people; each opening stands in the ledger."""
    rule = as_rule("rule-on-trial", data)
    return await try_risk_rule(provided(request, Node), acting_user_of(request), rule, data.days_count)


@put(
    "/v1/risk/rules/{rule:str}",
    opt=_MANAGE,
    summary="Put a risk rule in force, or change it.",
    responses={
        200: ResponseSpec(RiskChangedOut, description="It is in force", generate_examples=False),
        202: WAITS,
        404: problem("This cannot be the id of a rule"),
        409: problem("There are too many rules, or a name stands twice"),
        422: _FAULTY,
    },
)
async def put_one_rule(
    request: AnyRequest, rule: FromPath[str], data: JSONBody[NewRiskRule]
) -> Response[Any]:
    """In force in every process within seconds. The id is permanent: the same id again is a new version of
    the rule, and every version is kept."""
    done = await put_risk_rule(provided(request, Node), acting_user_of(request), fit_rule(rule, data))
    return _answer(done)


@delete(
    "/v1/risk/rules/{rule:str}",
    opt=_MANAGE,
    status_code=200,
    summary="Withdraw a risk rule.",
    responses={
        200: ResponseSpec(RiskChangedOut, description="It selects nothing more", generate_examples=False),
        202: WAITS,
        404: problem("No such rule is in force"),
    },
)
async def withdraw_one_rule(request: AnyRequest, rule: FromPath[str]) -> Response[Any]:
    """What it selected before stays as it is, and stays explained."""
    done = await withdraw_risk_rule(provided(request, Node), acting_user_of(request), rule)
    return _answer(done)


@put(
    "/v1/risk/budget",
    opt=_MANAGE,
    summary="Say how much can be looked at in a day.",
    responses={
        200: ResponseSpec(RiskChangedOut, description="It is in force", generate_examples=False),
        202: WAITS,
    },
)
async def put_budget(request: AnyRequest, data: JSONBody[Budget]) -> Response[Any]:
    """The random share is never below 1 % of the flow, nor below a tenth of what is looked at."""
    return _answer(await set_inspection_budget(provided(request, Node), acting_user_of(request), data))


@get(
    "/v1/risk/cases/{case_id:str}",
    opt=_READ,
    summary="Why the consignments of a case are looked at.",
    responses={404: problem("There is no such case")},
)
async def read_case_selection(request: AnyRequest, case_id: FromPath[str]) -> CaseSelection:
    """What selected each: a rule, the model or the random share, and how likely that was. Where a model gave
    a score, what speaks for it; the message is opened without people for that, and stands in the ledger."""
    node, by = provided(request, Node), acting_user_of(request)
    async with node.database.read(by.administration_id) as connection:
        consignments = await select_consignments_of_cases(
            connection, [parse_id(case_id)], administration_id=by.administration_id
        )
        if not consignments:
            raise not_found()
        found = await select_selections(
            connection,
            [one.consignment_id for one in consignments],
            administration_id=by.administration_id,
        )
        party_ids = {one.consignment_id: one.party_id for one in consignments}
        reasons = await read_reasons(node, by, connection, found, party_ids)
    language = language_of(request)
    return CaseSelection(
        case_id,
        [
            selection_out(
                one,
                format_id(one.decision_id),
                [text_in(text, language) for text in reasons.get(one.decision_id, [])],
            )
            for one in found
        ],
    )


ROUTES = [
    read_risk_rules, try_rule_on_cases, put_one_rule, withdraw_one_rule, put_budget, read_case_selection,
]  # fmt: skip


def _answer(done: Done) -> Response[Any]:
    changed, proposal = done
    if proposal is not None:
        return answer_proposal(proposal)
    assert isinstance(changed, RiskChanged), "what is not proposed is done"
    return Response(RiskChangedOut(changed.generation_id, changed.is_changed))
