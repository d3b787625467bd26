"""Putting risk rules and the budget in force, the same by page and over HTTP; or proposing it."""

import asyncio

import msgspec

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.foundation.access.store import ProposalRow
from serai.foundation.vault.reading import Reach
from serai.journey.law_in_force.risk import (
    RiskChanged,
    put_rule,
    read_risk_in_force,
    set_budget,
    withdraw_rule,
)
from serai.journey.selection.compiled import check_risk
from serai.journey.selection.risk_file import Budget, RiskFile, RiskRule, empty_file, with_rule, without_rule
from serai.laboratory.risk_trial import PURPOSE, RiskTrial, try_rule
from serai.web.access_to_approve import waits
from serai.web.approved_actions import BudgetToSet, RiskRuleToPut, RiskRuleToWithdraw, propose

Done = tuple[RiskChanged | None, ProposalRow | None]
"""What was done, or the proposal that waits: one of the two."""


async def put_risk_rule(node: Node, by: ActingUser, rule: RiskRule) -> Done:
    """Put a rule in force, or propose it. Errors as in `put_rule`, `person-needed`."""
    if not waits(node.settings, "risk"):
        return await put_rule(node.database, by, rule), None
    file = with_rule(await read_file(node, by.administration_id), rule)
    await asyncio.to_thread(check_risk, node.processor.law.book.programs, file)
    return None, await _propose(node, by, RiskRuleToPut(rule), f"risk rule {rule.rule_id}", rule.sentence)


async def withdraw_risk_rule(node: Node, by: ActingUser, rule_id: str) -> Done:
    """Withdraw a rule, or propose it. Errors: `not-found`, `person-needed`."""
    if not waits(node.settings, "risk"):
        return await withdraw_rule(node.database, by, rule_id), None
    without_rule(await read_file(node, by.administration_id), rule_id)
    return None, await _propose(node, by, RiskRuleToWithdraw(rule_id), f"risk rule {rule_id}", "withdraw")


async def set_inspection_budget(node: Node, by: ActingUser, budget: Budget) -> Done:
    """Say what can be looked at, or propose it. Errors: `person-needed`."""
    if not waits(node.settings, "risk"):
        return await set_budget(node.database, by, budget), None
    detail = f"{budget.inspections_per_day_count:,} a day, {budget.flow_share_ppm / 10_000:.2f} % of the flow"
    return None, await _propose(node, by, BudgetToSet(budget), "inspection budget", detail)


async def try_risk_rule(node: Node, by: ActingUser, rule: RiskRule, days_count: int) -> RiskTrial:
    """Try a rule on the cases of the last days; nothing is changed. Errors as in `try_rule`."""
    reach = Reach(by.administration_id, PURPOSE, by.actor, by.at)
    return await try_rule(node.services, node.processor.law, rule, days_count=days_count, reach=reach)


async def read_file(node: Node, administration_id: int) -> RiskFile:
    """Return the rules and the budget in force, which this process may not have taken up yet."""
    async with node.database.read(administration_id) as connection:
        _, file = await read_risk_in_force(connection, administration_id=administration_id)
    return file or empty_file()


async def _propose(
    node: Node, by: ActingUser, content: msgspec.Struct, subject: str, detail: str
) -> ProposalRow:
    async with node.database.write() as connection:
        return await propose(connection, node.settings, by, content, subject=subject, detail=detail)
