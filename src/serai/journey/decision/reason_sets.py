"""Reason sets: which rule each bit of a decision's reasons stands for; stored by hash, read for ever."""

import hashlib
from collections.abc import Sequence

import msgspec

from serai.law.program import Program

LANE_OF_FINDING: dict[str, str] = {
    "no-law": "review",
    "territory-unresolved": "review",
    "no-tariff-line": "review",
    "commodity-code-too-short": "review",
    "no-exchange-rate": "review",
    "parameter-not-known": "review",
    "data-needed": "await",
    "amount-out-of-range": "review",
}
"""What is true under any law, and the lane that follows. New ones come last: places are bits."""

COMMON: tuple[str, ...] = tuple(LANE_OF_FINDING)


class ReasonSet(msgspec.Struct, frozen=True):
    """rule_ids: by place of the bit. law_references: act and article of each, empty where it has none.
    set_hash: SHA-256 over the ids, hexadecimal."""

    rule_ids: tuple[str, ...]
    law_references: tuple[str, ...]
    set_hash: str


def reason_set_of(program: Program | None) -> ReasonSet:
    """Return the reason set of a program: what is common, then its rules; without a law the former alone."""
    rules = () if program is None else program.rules
    return build_reason_set(
        (*COMMON, *(one.rule_id for one in rules)),
        (*("" for _ in COMMON), *(one.rule.law_ref or "" for one in rules)),
    )


def build_reason_set(rule_ids: Sequence[str], law_references: Sequence[str]) -> ReasonSet:
    """Name a set by its hash. Rule ids hold no line break, so joining them is unambiguous."""
    assert len(rule_ids) == len(law_references)
    set_hash = hashlib.sha256("\n".join(rule_ids).encode()).hexdigest()
    return ReasonSet(tuple(rule_ids), tuple(law_references), set_hash)
