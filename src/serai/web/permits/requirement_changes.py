"""Changes of requirements that people of an agency propose, and others of the same agency confirm."""

import datetime as dt
from typing import Final

import msgspec

from serai.app import Node, open_seal
from serai.foundation.access import proposals
from serai.foundation.access.actor import Actor
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.store import ProposalRow
from serai.foundation.id_text import format_id
from serai.journey.law_in_force.agency_requirements import check_requirement, faulty_requirement
from serai.journey.law_in_force.requirements import (
    REQUIREMENTS,
    RESTRICTED,
    Requirement,
    Terms,
    read_requirements,
    terms_on,
)
from serai.journey.law_in_force.state import LawState
from serai.law.pack import Exclusion
from serai.law.versions import file_code
from serai.model.errors import SeraiError
from serai.web.approved_actions import RequirementToSet, approve, propose, reject, today_of

_ACTION: Final = "set-requirement"
WAITING_COUNT_MAX: Final = 20
"""Changes of one agency that wait at once: nobody fills the list that all agencies share."""


class RequirementTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule asks for. is_as_law: as its law says. is_asked: false: nothing. document_codes: any one of
    them opens it. free_mass_g, free_count: up to so much of both nothing is asked for; null: no limit."""

    is_as_law: bool
    is_asked: bool
    document_codes: list[str]
    free_mass_g: int | None
    free_count: int | None


class RequirementChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that waits for a second person of the agency. before: what holds on that day without it;
    after: with it. person: who proposed it. content_sha256: of all of it; who confirms it says so what was
    read."""

    proposal: str
    rule_id: str
    valid_from: dt.date
    before: RequirementTerms
    after: RequirementTerms
    person: str
    proposed_at: dt.datetime
    expires_at: dt.datetime
    content_sha256: str


def rules_by_id(law: LawState) -> dict[str, Exclusion]:
    """Return the rules on restricted goods as their laws say them, changed by no agency."""
    packs = [one.pack for one in law.book.packs.values() if one.pack.layer == RESTRICTED]
    own = [pack for pack in packs if file_code(pack.code) == pack.code]
    return {rule.rule_id: rule for pack in own for rule in pack.exclusions}


def requirements_of(law: LawState, party_id: int | None) -> list[Requirement]:
    """Return what agencies ask for themselves, by rule and day. party_id: of one; None: of all."""
    found = read_requirements(one for one in law.components if one.kind == REQUIREMENTS)
    return [one for one in found if party_id in (None, one.party_id)]


def shown_terms(terms: Terms | None, rule: Exclusion | None) -> RequirementTerms:
    """Return what is asked for as it is shown; of the law, where an agency says nothing. rule: None: no law
    has it any more."""
    documents = (rule.opened_by_document_codes if rule else []) if terms is None else terms.document_codes
    return RequirementTerms(
        is_as_law=terms is None,
        is_asked=rule is not None if terms is None else terms.is_asked,
        document_codes=list(documents),
        free_mass_g=terms.free_mass_g if terms else None,
        free_count=terms.free_count if terms else None,
    )


async def propose_change(node: Node, by: ActingUser, wanted: Requirement) -> RequirementChange:
    """Write down what an agency wants to ask for, until another person of it confirms that; what waits
    already is not written again. Raises SeraiError as `check_requirement` and `propose`."""
    law = node.processor.law
    await check_requirement(node.database, law, by.administration_id, wanted, today=today_of(node, by))
    content = RequirementToSet(wanted)
    own = [(row, its) for row, its in await _waiting(node, by) if its.requirement.party_id == wanted.party_id]
    for row, its in own:
        if its == content:
            return _shown(law, row, its.requirement)
    if len(own) >= WAITING_COUNT_MAX:
        raise faulty_requirement(
            "Confirm or reject what waits: no more than twenty changes of an agency wait at once."
        )
    async with node.database.write() as connection:
        row = await propose(
            connection,
            node.settings,
            by,
            content,
            subject=f"requirement of the rule {wanted.rule_id}",
            detail=f"from {wanted.valid_from.isoformat()}",
        )
    return _shown(law, row, wanted)


async def changes_of(node: Node, by: ActingUser, party_id: int) -> list[RequirementChange]:
    """Return what waits for a second person of an agency, the oldest first."""
    law = node.processor.law
    found = await _waiting(node, by)
    return [_shown(law, row, its.requirement) for row, its in found if its.requirement.party_id == party_id]


async def confirm_change(
    node: Node, by: ActingUser, actor: Actor, proposal_id: int, content_hash: bytes
) -> Requirement:
    """Put in force what another person of the same agency has proposed. content_hash: of what was read.

    Raises SeraiError `not-found` for what is another agency's, or waits no more; else as `approve`.
    """
    wanted = await _own(node, by, actor, proposal_id)
    await approve(node, by, actor.roles, proposal_id, content_hash)
    return wanted


async def reject_change(node: Node, by: ActingUser, actor: Actor, proposal_id: int, reason: str) -> None:
    """Let a change be, or take one's own back. Raises SeraiError as `confirm_change`."""
    await _own(node, by, actor, proposal_id)
    await reject(node, by, actor.roles, proposal_id, reason)


async def _own(node: Node, by: ActingUser, actor: Actor, proposal_id: int) -> Requirement:
    for row, its in await _waiting(node, by):
        if row.proposal_id == proposal_id and its.requirement.party_id == actor.party_id:
            return its.requirement
    raise SeraiError(
        "not-found",
        "No such change waits for a person of your agency.",
        "Read GET /v1/agencies/requirements/proposals for what waits: this one may be decided, or too old.",
    )


async def _waiting(node: Node, by: ActingUser) -> list[tuple[ProposalRow, RequirementToSet]]:
    seal = open_seal(node.settings, "proposal")
    # Closed to readers: what is sealed lies beside.
    async with node.database.write() as connection:
        rows = await proposals.list_open(connection, by.administration_id, _ACTION, by.at)
    return [
        (row, msgspec.json.decode(proposals.open_content(seal, row), type=RequirementToSet)) for row in rows
    ]


def _shown(law: LawState, row: ProposalRow, wanted: Requirement) -> RequirementChange:
    rule = rules_by_id(law).get(wanted.rule_id)
    before = terms_on(requirements_of(law, None), wanted.rule_id, wanted.valid_from)
    return RequirementChange(
        proposal=format_id(row.proposal_id),
        rule_id=wanted.rule_id,
        valid_from=wanted.valid_from,
        before=shown_terms(before, rule),
        after=shown_terms(wanted.terms, rule),
        person=row.person,
        proposed_at=row.proposed_at,
        expires_at=row.expires_at,
        content_sha256=row.content_hash.hex(),
    )
