"""Acts that may need a second person: what each needs to be done, and how it is done once it is approved.

Each is done by the function that does it without approval, with the approval first in its transaction.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from serai.app import Node, open_seal
from serai.foundation.access import accounts, people, proposals, registry
from serai.foundation.access.actor import Role
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.oidc import identities
from serai.foundation.access.proposals import Proposed
from serai.foundation.access.secrets import NewKey
from serai.foundation.access.store import ApprovalKind, ProposalRow
from serai.foundation.access.table import act_named
from serai.foundation.settings import Settings
from serai.journey.acts.appeals import decide_appeal
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.acts.measures import reverse_measure, take_measure
from serai.journey.acts.repayment.service import RepaymentToDecide, decide_repayment
from serai.journey.acts.waiting_marks import (
    ActToReverse,
    AppealToDecide,
    MeasureToTake,
    PaymentToRecord,
    StatementToImport,
)
from serai.journey.bank_statements.by_hand import MovementToMatch, match_movement
from serai.journey.bank_statements.service import import_statements, read_statements
from serai.journey.guarantees.service import Terms, register_guarantee
from serai.journey.law_in_force.agency_requirements import set_requirement
from serai.journey.law_in_force.list_files import ListToImport
from serai.journey.law_in_force.requirements import Requirement
from serai.journey.law_in_force.risk import put_rule, set_budget, withdraw_rule
from serai.journey.law_in_force.service import First, activate_packs, import_list
from serai.journey.list_sources.service import SourceTerms, register_source
from serai.journey.offices.office import Office
from serai.journey.recordals.extending import extend_recordal
from serai.journey.recordals.service import grant_recordal
from serai.journey.refunds.batches import RefundsToSend, make_batch
from serai.journey.repayment_plan.making import approve_plan
from serai.journey.selection.risk_file import Budget, RiskRule
from serai.journey.tax_paid.trust.service import KeyTerms, SchemeTerms, register_key, register_scheme
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText
from serai.web.access_to_approve import (
    AccountToAdd,
    AccountToUnlock,
    IdentityToLink,
    KeyToMake,
    PartyToAdd,
    PartyToAdmit,
    PasswordToChange,
    RolesToChange,
    RoleToGive,
    SecondFactorToForget,
)
from serai.web.case_files import office_book


class LawToActivate(msgspec.Struct, frozen=True):
    """Packs by path."""

    contents: dict[str, bytes]
    note: str


class ListSourceToRegister(msgspec.Struct, frozen=True):
    """Where signed lists come from, with the key that signs them."""

    terms: SourceTerms


class OfficeToSet(msgspec.Struct, frozen=True):
    """A customs office to be added or changed."""

    reference: str
    office: Office
    valid_from: date | None


class GuaranteeToRegister(msgspec.Struct, frozen=True):
    """A guarantee of a party."""

    terms: Terms


class PlanToApprove(msgspec.Struct, frozen=True):
    """A repayment plan, with the SHA-256 (hexadecimal) of its lines and orders, so that no other is
    approved."""

    plan_id: int
    lines_hash: str
    orders_hash: str


class IssuerKeyToRegister(msgspec.Struct, frozen=True):
    """A key by which tax-paid tokens are believed."""

    terms: KeyTerms


class SchemeToRegister(msgspec.Struct, frozen=True):
    """A scheme number and who holds it."""

    terms: SchemeTerms


class RiskRuleToPut(msgspec.Struct, frozen=True):
    """An officer's risk rule."""

    rule: RiskRule


class RiskRuleToWithdraw(msgspec.Struct, frozen=True):
    """A risk rule to be withdrawn."""

    rule_id: str


class RecordalToGrant(msgspec.Struct, frozen=True):
    """A recordal of a rights holder to be granted."""

    recordal_id: int


class RecordalToExtend(msgspec.Struct, frozen=True):
    """A recordal of a rights holder that is to last as long as was asked for. extension_to: the first instant
    out of force, as it was shown."""

    recordal_id: int
    extension_to: datetime


class RequirementToSet(msgspec.Struct, frozen=True):
    """What an agency asks for itself. Who proposes it is a person of the agency."""

    requirement: Requirement


class BudgetToSet(msgspec.Struct, frozen=True):
    """What can be looked at."""

    budget: Budget


class OfficeToEnd(msgspec.Struct, frozen=True):
    """A customs office to be ended."""

    reference: str
    valid_from: date | None


async def _activate_law(node: Node, by: ActingUser, content: LawToActivate, first: First) -> None:
    await activate_packs(node.database, by, content.contents, content.note, first=first)


async def _import_list(node: Node, by: ActingUser, content: ListToImport, first: First) -> None:
    await import_list(node.database, by, content.kind, content.name, content.content, first=first)


async def _register_list_source(
    node: Node, by: ActingUser, content: ListSourceToRegister, first: First
) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await register_source(connection, by, content.terms, node.settings)


async def _put_risk_rule(node: Node, by: ActingUser, content: RiskRuleToPut, first: First) -> None:
    await put_rule(node.database, by, content.rule, first=first)


async def _withdraw_risk_rule(node: Node, by: ActingUser, content: RiskRuleToWithdraw, first: First) -> None:
    await withdraw_rule(node.database, by, content.rule_id, first=first)


async def _grant_recordal(node: Node, by: ActingUser, content: RecordalToGrant, first: First) -> None:
    await grant_recordal(node.services, by, content.recordal_id, first=first)


async def _extend_recordal(node: Node, by: ActingUser, content: RecordalToExtend, first: First) -> None:
    await extend_recordal(
        node.services, by, content.recordal_id, extension_to=content.extension_to, first=first
    )


async def _set_requirement(node: Node, by: ActingUser, content: RequirementToSet, first: First) -> None:
    # Whether its day is past is asked of the day on which it is approved.
    today = today_of(node, by)
    await set_requirement(node.database, by, content.requirement, today=today, first=first)


async def _set_budget(node: Node, by: ActingUser, content: BudgetToSet, first: First) -> None:
    await set_budget(node.database, by, content.budget, first=first)


async def _make_key(node: Node, by: ActingUser, content: KeyToMake, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await registry.issue_key(
            connection,
            by,
            party_id=content.party_id,
            scopes=content.scopes,
            expires_at=content.expires_at,
            reference=content.reference,
            person=content.person,
            known=NewKey(content.key_id, "", content.key_hash),
            jwk=content.jwk,
        )


async def _give_role(node: Node, by: ActingUser, content: RoleToGive, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await registry.give_role(connection, by, party_id=content.party_id, role=content.role)


async def _add_party(node: Node, by: ActingUser, content: PartyToAdd, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await registry.register_party(
            connection, by, name=content.name, roles=content.roles, reference=content.reference
        )


async def _admit_party(node: Node, by: ActingUser, content: PartyToAdmit, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await registry.give_role(connection, by, party_id=content.party_id, role=content.role)


async def _set_office(node: Node, by: ActingUser, content: OfficeToSet, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await office_book(node).set_office(
            connection, by, content.reference, content.office, content.valid_from
        )


async def _register_guarantee(node: Node, by: ActingUser, content: GuaranteeToRegister, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await register_guarantee(connection, by, content.terms)


async def _approve_plan(node: Node, by: ActingUser, content: PlanToApprove, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await approve_plan(
            connection,
            content.plan_id,
            hashes=(content.lines_hash, content.orders_hash),
            at=by.at,
            administration_id=by.administration_id,
        )


async def _register_issuer_key(
    node: Node, by: ActingUser, content: IssuerKeyToRegister, first: First
) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await register_key(connection, by, content.terms)
    await node.processor.trust.refresh(node.database)


async def _register_scheme(node: Node, by: ActingUser, content: SchemeToRegister, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await register_scheme(connection, by, content.terms)
    await node.processor.trust.refresh(node.database)


async def _end_office(node: Node, by: ActingUser, content: OfficeToEnd, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await office_book(node).end_office(connection, by, content.reference, content.valid_from)


async def _add_account(node: Node, by: ActingUser, content: AccountToAdd, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await accounts.add_account(connection, by, **msgspec.structs.asdict(content))


async def _change_password(node: Node, by: ActingUser, content: PasswordToChange, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await accounts.give_password(connection, by, **msgspec.structs.asdict(content))


async def _change_roles(node: Node, by: ActingUser, content: RolesToChange, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await accounts.give_roles(connection, by, **msgspec.structs.asdict(content))


async def _forget_second_factor(
    node: Node, by: ActingUser, content: SecondFactorToForget, first: First
) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await accounts.forget_second_factor(connection, by, sign_in_name=content.sign_in_name)


async def _unlock_account(node: Node, by: ActingUser, content: AccountToUnlock, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        await accounts.unlock(connection, by, sign_in_name=content.sign_in_name)


async def _link_identity(node: Node, by: ActingUser, content: IdentityToLink, first: First) -> None:
    async with node.database.write() as connection:
        await first(connection)
        account = await people.find_any_account(
            connection, administration_id=by.administration_id, account_id=content.account_id
        )
        await identities.link(connection, by, account, issuer=content.issuer, subject=content.subject)


async def _record_payment(node: Node, _by: ActingUser, content: PaymentToRecord, first: First) -> None:
    given = {name: getattr(content, name) for name in PaymentToRecord.__struct_fields__[2:]}
    await mark_payment_status(node.processor, content.sender, content.case_id, first=first, **given)


async def _match_movement(node: Node, _by: ActingUser, content: MovementToMatch, first: First) -> None:
    await match_movement(node.processor, content, first=first)


async def _import_statement(node: Node, _by: ActingUser, content: StatementToImport, first: First) -> None:
    read = read_statements(content.content, node.settings.payment.accounts.split())
    await import_statements(node.processor, content.sender, read, first=first)


async def _send_refunds(node: Node, _by: ActingUser, content: RefundsToSend, first: First) -> None:
    given = {name: getattr(content, name) for name in RefundsToSend.__struct_fields__[1:]}
    await make_batch(node.processor, content.actor, first=first, **given)


async def _reverse_act(node: Node, _by: ActingUser, content: ActToReverse, first: First) -> None:
    await reverse_measure(node.processor, content.sender, content.case_id, content.back, first=first)


async def _decide_repayment(node: Node, _by: ActingUser, content: RepaymentToDecide, first: First) -> None:
    await decide_repayment(node.processor, content, first=first)


async def _take_measure(node: Node, _by: ActingUser, content: MeasureToTake, first: First) -> None:
    await take_measure(node.processor, content.sender, content.case_id, content.order, first=first)


async def _decide_appeal(node: Node, _by: ActingUser, content: AppealToDecide, first: First) -> None:
    given = {name: getattr(content, name) for name in AppealToDecide.__struct_fields__[2:]}
    await decide_appeal(node.processor, content.sender, content.case_id, first=first, **given)


class Action(msgspec.Struct, frozen=True):
    """An act that may wait. roles: of who may do it, and so approve it; content: what it needs; hidden: names
    in that which nobody reads; do: does it, with the approval first in its transaction. is_asked_by_party:
    who proposes it is a person of a party, who has none of these roles."""

    kind: ApprovalKind
    roles: frozenset[Role]
    content: type[msgspec.Struct]
    do: Callable[[Node, ActingUser, Any, First], Awaitable[None]]
    hidden: frozenset[str] = frozenset()
    is_asked_by_party: bool = False


_MANAGES: Final = act_named("parties.manage").roles
_OFFICES: Final = act_named("offices.manage").roles
_GUARANTEES: Final = act_named("guarantees.manage").roles
_AGENCIES: Final = act_named("requirements.set").roles
_MARKS: Final = frozenset({Role.OFFICER})
_RISK: Final = act_named("risk.manage").roles
_STATEMENTS: Final = act_named("bank_statements.import").roles
_REFUNDS: Final = act_named("refunds.order").roles
_PASSWORD: Final = frozenset({"password"})
ACTIONS: Final = {
    "activate-law": Action("law", act_named("law.activate").roles, LawToActivate, _activate_law),
    "import-list": Action("lists", act_named("lists.import").roles, ListToImport, _import_list),
    "register-list-source": Action(
        "keys", act_named("list_sources.manage").roles, ListSourceToRegister, _register_list_source
    ),
    "grant-recordal": Action("lists", act_named("recordals.decide").roles, RecordalToGrant, _grant_recordal),
    "extend-recordal": Action(
        "lists", act_named("recordals.decide").roles, RecordalToExtend, _extend_recordal
    ),
    "put-risk-rule": Action("risk", _RISK, RiskRuleToPut, _put_risk_rule),
    "withdraw-risk-rule": Action("risk", _RISK, RiskRuleToWithdraw, _withdraw_risk_rule),
    "set-inspection-budget": Action("risk", _RISK, BudgetToSet, _set_budget),
    "set-requirement": Action("law", _AGENCIES, RequirementToSet, _set_requirement),
    "make-key": Action("keys", _MANAGES, KeyToMake, _make_key, frozenset({"key_hash"})),
    "give-role": Action("keys", _MANAGES, RoleToGive, _give_role),
    "add-party": Action("keys", _MANAGES, PartyToAdd, _add_party),
    "admit-party": Action("parties", _MANAGES, PartyToAdmit, _admit_party, is_asked_by_party=True),
    "set-office": Action("offices", _OFFICES, OfficeToSet, _set_office),
    "end-office": Action("offices", _OFFICES, OfficeToEnd, _end_office),
    "register-guarantee": Action("guarantees", _GUARANTEES, GuaranteeToRegister, _register_guarantee),
    "approve-repayment-plan": Action("refunds", _REFUNDS, PlanToApprove, _approve_plan),
    "register-token-issuer": Action(
        "keys", act_named("token_issuers.manage").roles, IssuerKeyToRegister, _register_issuer_key
    ),
    "register-scheme": Action("keys", act_named("schemes.manage").roles, SchemeToRegister, _register_scheme),
    "add-account": Action("accounts", _MANAGES, AccountToAdd, _add_account, _PASSWORD),
    "change-password": Action("accounts", _MANAGES, PasswordToChange, _change_password, _PASSWORD),
    "change-roles": Action("accounts", _MANAGES, RolesToChange, _change_roles),
    "forget-second-factor": Action("accounts", _MANAGES, SecondFactorToForget, _forget_second_factor),
    "link-identity": Action("accounts", _MANAGES, IdentityToLink, _link_identity),
    "unlock-account": Action("accounts", _MANAGES, AccountToUnlock, _unlock_account),
    "record-payment": Action("marks", _MARKS, PaymentToRecord, _record_payment),
    "match-bank-movement": Action("marks", _MARKS, MovementToMatch, _match_movement),
    "import-bank-statement": Action("marks", _STATEMENTS, StatementToImport, _import_statement),
    "send-refunds": Action("refunds", _REFUNDS, RefundsToSend, _send_refunds),
    "reverse-act": Action("marks", _MARKS, ActToReverse, _reverse_act),
    "decide-appeal": Action("marks", _MARKS, AppealToDecide, _decide_appeal),
    "decide-repayment": Action("marks", _MARKS, RepaymentToDecide, _decide_repayment),
    "take-measure": Action("marks", _MARKS, MeasureToTake, _take_measure),
}
"""What a second person can approve."""
_NAMES: Final = {one.content: name for name, one in ACTIONS.items()}


def today_of(node: Node, by: ActingUser) -> date:
    """Return the day on which somebody acts, where the administration is."""
    return by.at.astimezone(ZoneInfo(node.settings.administration.time_zone)).date()


def action_of(content: msgspec.Struct) -> Action:
    """Return what is done with a content."""
    return ACTIONS[_NAMES[type(content)]]


async def propose(
    connection: AsyncConnection,
    settings: Settings,
    by: ActingUser,
    content: msgspec.Struct,
    *,
    subject: str,
    detail: str = "",
    lasts: timedelta | None = None,
) -> ProposalRow:
    """Write down what somebody wants to do instead of doing it. lasts: how long it can be approved; None: as
    the settings say. Raises SeraiError `person-needed`."""
    name = _NAMES[type(content)]
    written = msgspec.json.encode(content).decode()
    proposed = Proposed(ACTIONS[name].kind, name, subject, detail, written)
    lasts = lasts or timedelta(days=settings.approval.valid_days)
    return await proposals.propose(connection, by, open_seal(settings, "proposal"), proposed, lasts=lasts)


async def approve(
    node: Node, by: ActingUser, roles: frozenset[Role], proposal_id: int, content_hash: bytes
) -> None:
    """Do what was proposed, as its proposer, and note who approved it: both or neither.

    roles: of who approves. content_hash: of what was read. Errors as in `proposals.approve`,
    `role-not-allowed`, and those of the act itself.
    """
    seal = open_seal(node.settings, "proposal")
    row, action = await _find(node, by, roles, proposal_id)
    written = proposals.open_content(seal, row)
    if hashlib.sha256(written.encode()).digest() != content_hash:
        raise proposals.changed()

    async def first(connection: AsyncConnection[Any]) -> None:
        await proposals.approve(
            connection,
            by,
            seal,
            proposal_id,
            content_hash=content_hash,
            roles=None if action.is_asked_by_party else action.roles,
        )

    proposer = ActingUser(by.administration_id, row.actor, by.at, by.take_id, row.person)
    await action.do(node, proposer, msgspec.json.decode(written, type=action.content), first)


async def reject(node: Node, by: ActingUser, roles: frozenset[Role], proposal_id: int, reason: str) -> None:
    """Reject what was proposed. Errors as in `proposals.reject`, `role-not-allowed`."""
    await _find(node, by, roles, proposal_id)
    async with node.database.write() as connection:
        await proposals.reject(connection, by, proposal_id, reason=reason)


async def read_content(
    node: Node, by: ActingUser, roles: frozenset[Role], proposal_id: int
) -> tuple[ProposalRow, dict[str, Any]]:
    """Return a proposal and what it would do, without what nobody may read."""
    row, action = await _find(node, by, roles, proposal_id)
    content = msgspec.json.decode(proposals.open_content(open_seal(node.settings, "proposal"), row))
    return row, {name: value for name, value in content.items() if name not in action.hidden}


async def _find(
    node: Node, by: ActingUser, roles: frozenset[Role], proposal_id: int
) -> tuple[ProposalRow, Action]:
    async with node.database.write() as connection:
        row = await proposals.find_proposal(connection, by.administration_id, proposal_id)
    action = ACTIONS[row.action]
    if not roles & action.roles:
        raise SeraiError(
            "role-not-allowed",
            MessageText(
                "Proposals of the kind '{kind}' are for: {listed}.",
                kind=row.kind,
                listed=", ".join(sorted(action.roles)),
            ),
            "Ask somebody who has that role.",
        )
    return row, action
