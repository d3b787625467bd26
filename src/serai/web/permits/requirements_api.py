"""HTTP for agencies: they say themselves what rules of their remits ask for, from a day on, by two people."""

import datetime as dt
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.app import Node
from serai.foundation.access.actor import Role
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import format_id, parse_id
from serai.journey.law_in_force.requirements import Requirement, Terms
from serai.law.pack import DocumentsTogether
from serai.web.administering_api import AnyRequest, acting_user_of, problem, reader_of
from serai.web.approvals_api import Approval, Rejection
from serai.web.permits.requirement_changes import (
    RequirementChange,
    RequirementTerms,
    changes_of,
    confirm_change,
    propose_change,
    reject_change,
    requirements_of,
    rules_by_id,
    shown_terms,
)

_PROPOSALS = "/v1/agencies/requirements/proposals"
_WAITS = ResponseSpec(
    RequirementChange, generate_examples=False, description="It waits for a second person of the agency"
)
_SAME = problem("It is proposed by the same person, or this is a key")
_GONE = problem("No such change waits for a person of your agency")
_LATE = problem("It is decided, is not what was read, or whoever proposed it may do it no more")


class NewRequirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a rule of your remit asks for. valid_from: the day of acceptance from which it holds, today or
    later. is_asked: false: nothing is asked for, and goods are not restricted by the rule. document_codes:
    any one of them opens it; `911 + 851` are two that only both do. free_mass_g, free_count: up to so much of
    an item's gross mass and quantity (of both, where both are given) nothing is asked for."""

    rule_id: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    valid_from: dt.date
    is_asked: bool
    document_codes: Annotated[list[DocumentsTogether], Meta(max_length=20)] = []
    free_mass_g: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None
    free_count: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None


class RequirementEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which day on a rule asks again for what the law says: today or later."""

    valid_from: dt.date


class RequirementOut(RequirementTerms, frozen=True, kw_only=True):
    """What a rule asks for from a day on. party: the agency."""

    rule_id: str
    party: str
    valid_from: dt.date


class RequirementsOut(msgspec.Struct, frozen=True):
    """What agencies have said themselves, by rule and day."""

    requirements: list[RequirementOut]


class RequirementChanges(msgspec.Struct, frozen=True):
    """What waits for a second person of the agency, the oldest first."""

    proposals: list[RequirementChange]


@get(
    "/v1/agencies/requirements",
    opt={"act": "agencies.read"},
    summary="What agencies ask for themselves, in the place of what the law says.",
)
async def read_agency_requirements(request: AnyRequest) -> RequirementsOut:
    """An agency reads its own; everybody else all, with what is yet to come."""
    actor, node, _ = reader_of(request)
    own = actor.party_id if actor.roles == {Role.AGENCY} else None
    return RequirementsOut([_out(node, one) for one in requirements_of(node.processor.law, own)])


@post(
    "/v1/agencies/requirements",
    opt={"act": "requirements.set"},
    status_code=202,
    summary="Propose what a rule of your remit asks for, from a day on.",
    responses={202: _WAITS, 404: problem("The rule is not of your remit"), 422: problem("It cannot be so")},
)
async def post_agency_requirement(
    request: AnyRequest, data: JSONBody[NewRequirement]
) -> Response[RequirementChange]:
    """Another person of your agency confirms it; then every process decides by it within a second, goods that
    are accepted from that day on. Again, while it waits, changes nothing."""
    terms = Terms(
        is_asked=data.is_asked,
        document_codes=data.document_codes,
        free_mass_g=data.free_mass_g,
        free_count=data.free_count,
    )
    return await _propose(request, data.rule_id, data.valid_from, terms)


@post(
    "/v1/agencies/requirements/{rule_id:str}/end",
    opt={"act": "requirements.set"},
    status_code=202,
    summary="Propose that a rule asks again for what the law says, from a day on.",
    responses={
        202: _WAITS,
        404: problem("The rule is not of your remit, or nothing of it is changed"),
        422: problem("It cannot be so"),
    },
)
async def post_agency_requirement_end(
    request: AnyRequest, rule_id: FromPath[str], data: JSONBody[RequirementEnd]
) -> Response[RequirementChange]:
    """Another person of your agency confirms it. What was to hold later is taken back, too."""
    return await _propose(request, rule_id, data.valid_from, None)


@get(
    _PROPOSALS,
    opt={"act": "requirements.set"},
    summary="Changes that wait for a second person of your agency, with what they change.",
)
async def read_requirement_proposals(request: AnyRequest) -> Response[RequirementChanges]:
    """Your agency's own, the oldest first."""
    by, party_id = acting_user_of(request), actor_of(request).party_id or 0
    found = await changes_of(provided(request, Node), by, party_id)
    return Response(RequirementChanges(found), headers={"cache-control": "no-store"})


@post(
    f"{_PROPOSALS}/{{proposal:str}}/approval",
    opt={"act": "requirements.set"},
    status_code=200,
    summary="Confirm what another person of your agency has proposed.",
    responses={403: _SAME, 404: _GONE, 409: _LATE, 422: problem("Its day is past")},
)
async def approve_requirement(
    request: AnyRequest, proposal: FromPath[str], data: JSONBody[Approval]
) -> RequirementOut:
    """By a person who is signed in, not by a key, and never by whoever proposed it. In force from its day
    on."""
    node = provided(request, Node)
    found = await confirm_change(
        node,
        acting_user_of(request),
        actor_of(request),
        parse_id(proposal),
        bytes.fromhex(data.content_sha256),
    )
    return _out(node, found)


@post(
    f"{_PROPOSALS}/{{proposal:str}}/rejection",
    opt={"act": "requirements.set"},
    status_code=204,
    summary="Reject a change of a requirement, or take your own back.",
    responses={403: _SAME, 404: _GONE, 409: _LATE},
)
async def reject_requirement(request: AnyRequest, proposal: FromPath[str], data: JSONBody[Rejection]) -> None:
    """By a person of the agency who is signed in."""
    by, actor = acting_user_of(request), actor_of(request)
    await reject_change(provided(request, Node), by, actor, parse_id(proposal), data.reason)


ROUTES = [
    read_agency_requirements, post_agency_requirement, post_agency_requirement_end,
    read_requirement_proposals, approve_requirement, reject_requirement,
]  # fmt: skip


async def _propose(
    request: AnyRequest, rule_id: str, valid_from: dt.date, terms: Terms | None
) -> Response[RequirementChange]:
    wanted = Requirement(rule_id, actor_of(request).party_id or 0, valid_from, terms)
    change = await propose_change(provided(request, Node), acting_user_of(request), wanted)
    return Response(change, status_code=202, headers={"location": _PROPOSALS})


def _out(node: Node, one: Requirement) -> RequirementOut:
    terms = shown_terms(one.terms, rules_by_id(node.processor.law).get(one.rule_id))
    return RequirementOut(
        rule_id=one.rule_id,
        party=format_id(one.party_id),
        valid_from=one.valid_from,
        **msgspec.structs.asdict(terms),
    )
