"""The rules and conditions of the standard (`rules.yaml`), asked of a message that the schema allows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec

from serai.formats.ics.condition import Condition, Known, compile_condition
from serai.formats.ics.schema import Edition
from serai.formats.ics.tree import Place
from serai.model.findings import Finding, Severity

EDITIONS: tuple[Edition, ...] = ("old", "new")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of the standard, as `rules.yaml` writes it.

    number: of the error that a breach is answered with. place: path of the elements it is asked of.
    requires: see `condition.py`. named: the standard's name (C501). says: entry of `sentences.yaml`.
    valid_to: first day out of force. advice_to: until that day a breach is advice, not a fault.
    """

    number: str
    place: str
    requires: str
    says: str
    named: str | None = None
    editions: tuple[Edition, ...] = EDITIONS
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    advice_to: dt.date | None = None

    def is_in_force(self, on: dt.date) -> bool:
        """Say whether it is asked of messages of this day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on < self.valid_to
        )

    def severity(self, on: dt.date | None) -> Severity:
        """Say what a breach is on a day; without a day the rule is past its grace."""
        return "advice" if on and self.advice_to and on < self.advice_to else "fault"


class Branch:
    """What is asked at one element, and the branches below it."""

    def __init__(self) -> None:
        """Start with nothing asked."""
        self.asked: list[tuple[Rule, Condition]] = []
        self.below: dict[str, Branch] = defaultdict(Branch)


def find_breaches(top: Place, rules: Branch, on: dt.date | None) -> list[Finding]:
    """List every breach in a message. on: the day whose rules count; None: all that the edition has."""
    found: list[Finding] = []
    known: Known = {}
    waiting = [(top, rules)]
    while waiting:
        place, branch = waiting.pop()
        found += [
            _breach(rule, place, on)
            for rule, holds in branch.asked
            if not holds(place, known) and (on is None or rule.is_in_force(on))
        ]
        for name, inner in reversed(branch.below.items()):
            waiting += [(child, inner) for child in reversed(place.children.get(name, ()))]
    return found


def _breach(rule: Rule, place: Place, on: dt.date | None) -> Finding:
    parameters = {"says": rule.says, "element": place.name} | ({"named": rule.named} if rule.named else {})
    field = _field(rule)
    parameters |= {"field": field} if field else {}
    return Finding(rule.number, place.location(), rule.severity(on), parameters)


@cache
def _field(rule: Rule) -> str:
    """Name the element that a rule of the form `... or present(X)` asks for."""
    _, _, last = rule.requires.rpartition(" or present(")
    return last.removesuffix(")") if rule.says.startswith("needed-") else ""


@cache
def rules_of(edition: Edition) -> Branch:
    """Return the rules of an edition by the place they are asked of."""
    return arrange([rule for rule in read_rules() if edition in rule.editions])


def arrange(rules: Sequence[Rule]) -> Branch:
    """Sort rules by place, their conditions compiled. Raises ValueError where a condition cannot be read."""
    top = Branch()
    for rule in rules:
        branch = top
        for step in filter(None, rule.place.split("/")):
            branch = branch.below[step]
        branch.asked.append((rule, compile_condition(rule.requires)))
    return top


@cache
def read_rules() -> list[Rule]:
    """Read all rules of the standard."""
    content = (files("serai.formats.ics") / "rules.yaml").read_bytes()
    return msgspec.yaml.decode(content, type=list[Rule])
