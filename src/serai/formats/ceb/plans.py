"""How to read a record by the elements it has: senders write the same ones in every document."""

from collections.abc import Sequence
from typing import Any

import msgspec

from serai.formats.ceb.facts import Leaf, Record
from serai.formats.ceb.mapping import Place, Tree

_PLANS_COUNT_MAX = 1_000
_ELEMENTS_COUNT_MAX = 200
"""No record has so many elements: what has is not remembered, or a hostile message would fill the memory."""


class Plan(msgspec.Struct, frozen=True):
    """fits: the elements stand in the order and number that the schema wants. checks: for each element what
    its text must match, and the leaf it is. places: for each element the field it fills (None: none).
    """

    fits: bool
    checks: tuple[tuple[Any, Leaf | None], ...]
    places: tuple[Place | None, ...]


_PLANS: dict[tuple[str, ...], Plan] = {}


def plan_of(tree: Tree, record: Record, tags: Sequence[str]) -> Plan:
    """Return the plan for the elements of a record of one message."""
    key = (tree.message, record.name, *tags)
    plan = _PLANS.get(key)
    if plan is None:
        plan = _plan(tree, record, tags)
        if len(tags) <= _ELEMENTS_COUNT_MAX and len(_PLANS) < _PLANS_COUNT_MAX:
            _PLANS[key] = plan
    return plan


def _plan(tree: Tree, record: Record, tags: Sequence[str]) -> Plan:
    known = record.by_tag
    steps = [known.get(tag) for tag in tags]
    checks = tuple((None, None) if step is None else (step.match, step.leaf) for step in steps)
    fits = _is_in_order(record, tags) and all(match is not None for match, _ in checks)
    return Plan(fits, checks, tuple(tree.by_tag.get(tag) for tag in tags))


def _is_in_order(record: Record, tags: Sequence[str]) -> bool:
    """Say whether elements stand in the order of the record, none missing and none too often."""
    steps, place, count = record.steps, 0, 0
    for tag in tags:
        while steps[place].tag != tag:
            if count < steps[place].least or place == len(steps) - 1:
                return False
            place, count = place + 1, 0
        count += 1
        if count > steps[place].most:
            return False
    if count >= steps[place].least:
        place += 1
    return all(not step.least for step in steps[place:-1])
