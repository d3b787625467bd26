"""Officers' risk rules and the budget put in force: a new generation, which every process follows."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser, record_act
from serai.foundation.database import Database
from serai.journey.assessment.store import Component, make_component, select_in_force
from serai.journey.law_in_force.service import First, derive_law
from serai.journey.selection import store
from serai.journey.selection.risk_file import (
    FILE_NAME,
    RISK_RULES,
    Budget,
    RiskFile,
    RiskRule,
    check_cost,
    empty_file,
    read_risk_file,
    with_rule,
    without_rule,
    write_risk_file,
)

Connection = AsyncConnection[Any]


class RiskChanged(msgspec.Struct, frozen=True):
    """What a change of risk rules has led to. is_changed: False where all was so already."""

    generation_id: int
    is_changed: bool


def risk_file_of(components: Sequence[Component]) -> RiskFile:
    """Return the rules and the budget among the components of a generation; an empty file where there are
    none. Raises SeraiError `risk-rules-unreadable`."""
    content = next((one.content for one in components if one.kind == RISK_RULES), None)
    return empty_file() if content is None else read_risk_file(content)


async def read_risk_in_force(
    connection: Connection, *, administration_id: int
) -> tuple[int, RiskFile | None]:
    """Return the generation in force and its rules; None where none were put in force. Other processes follow
    within a second."""
    generation_id, content = await select_in_force(
        connection, RISK_RULES, administration_id=administration_id
    )
    return generation_id, None if content is None else read_risk_file(content)


async def put_rule(
    database: Database, by: ActingUser, rule: RiskRule, *, first: First | None = None
) -> RiskChanged:
    """Put a rule in force, in the place of the one of its id. Every version is kept.

    Raises SeraiError `risk-rule-faulty`, `risk-rule-too-costly`,
    `risk-rules-too-many`.
    """
    check_cost([rule])
    return await _change(
        database, by, lambda file: with_rule(file, rule), ("risk-rule-put", rule.rule_id, rule), first
    )


async def withdraw_rule(
    database: Database, by: ActingUser, rule_id: str, *, first: First | None = None
) -> RiskChanged:
    """Withdraw a rule: it selects nothing from now on; what it selected before stays explained. Raises
    SeraiError `not-found`."""
    return await _change(
        database, by, lambda file: without_rule(file, rule_id), ("risk-rule-withdrawn", rule_id, None), first
    )


async def set_budget(
    database: Database, by: ActingUser, budget: Budget, *, first: First | None = None
) -> RiskChanged:
    """Say what can be looked at from now on."""
    return await _change(
        database,
        by,
        lambda file: msgspec.structs.replace(file, budget=budget),
        ("inspection-budget-set", "", None),
        first,
    )


async def _change(
    database: Database,
    by: ActingUser,
    change: Callable[[RiskFile], RiskFile],
    what: tuple[Any, str, RiskRule | None],
    first: First | None,
) -> RiskChanged:
    kind, rule_id, rule = what

    def derive(present: list[Component]) -> list[Component]:
        file = change(risk_file_of(present))
        check_cost(file.rules)
        own = make_component(RISK_RULES, FILE_NAME, write_risk_file(file))
        return [*(one for one in present if one.kind != RISK_RULES), own]

    async def write_down(connection: Connection, generation_id: int) -> None:
        if rule_id:
            version = store.RuleVersion(rule_id, rule, by.at, generation_id)
            await store.insert_rule_version(
                connection, by.take_id(), version, administration_id=by.administration_id
            )
        await record_act(connection, by, kind, rule_id or "budget", f"generation {generation_id}")

    generation_id, is_new = await derive_law(
        database,
        by.administration_id,
        by.at,
        f"{kind} {rule_id}".strip(),
        derive,
        write_down=write_down,
        first=first,
    )
    return RiskChanged(generation_id, is_new)
