"""What came of a run: one outcome for each case or message, gathered by standard and rule."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

State = Literal["passed", "failed", "skipped"]


class Outcome(msgspec.Struct, frozen=True):
    """One case, or one message of somebody's. why: where it is not as expected, or why it was left out."""

    standard: str
    rule: str
    says: str
    case: str
    title: str
    state: State
    why: list[str] = []


class RuleOutcome(msgspec.Struct, frozen=True):
    """One rule with its cases. state: failed if one of them is, skipped if all are."""

    rule: str
    says: str
    state: State
    cases: list[Outcome]


class StandardOutcome(msgspec.Struct, frozen=True):
    """One standard with its rules."""

    standard: str
    rules: list[RuleOutcome]


class Report(msgspec.Struct, frozen=True):
    """All of a run. subject: what was looked at. at: when, RFC 3339. is_conforming: nothing failed."""

    subject: str
    at: str
    version: str
    is_conforming: bool
    passed_count: int
    failed_count: int
    skipped_count: int
    standards: list[StandardOutcome]


def gather(outcomes: Sequence[Outcome], *, subject: str, at: str, version: str) -> Report:
    """Gather outcomes by standard and rule, in the order in which they came."""
    standards = [
        StandardOutcome(name, [_rule(rule, of_rule) for rule, of_rule in _groups(of_standard, "rule")])
        for name, of_standard in _groups(outcomes, "standard")
    ]
    counts = {state: sum(one.state == state for one in outcomes) for state in ("passed", "failed", "skipped")}
    return Report(
        subject,
        at,
        version,
        counts["failed"] == 0,
        counts["passed"],
        counts["failed"],
        counts["skipped"],
        standards,
    )


def _rule(rule: str, outcomes: list[Outcome]) -> RuleOutcome:
    states = {one.state for one in outcomes}
    state: State = "failed" if "failed" in states else "passed" if "passed" in states else "skipped"
    return RuleOutcome(rule, outcomes[0].says, state, outcomes)


def _groups(outcomes: Iterable[Outcome], field: str) -> list[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault(getattr(one, field), []).append(one)
    return list(groups.items())
