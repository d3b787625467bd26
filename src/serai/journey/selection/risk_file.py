"""Officers' risk rules and the budget of an administration: one file, a component of the law's generation.

It is kept by hash with every decision, as packs and lists are, and processes follow it as they follow the
law. A rule speaks the law's own language over the columns of a batch. The furthest it goes is lane `examine`.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from serai.law.expression import count_parts
from serai.law.nearest import did_you_mean
from serai.law.node import ExpressionError
from serai.law.notation import read_values
from serai.law.pack import Expression, Name, Pack, Parameter
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

RISK_RULES: Final = "risk-rules"
"""The kind of component that the file is."""
FILE_NAME: Final = "risk-rules.json"
RULES_MAX: Final = 100
PARTS_OF_RULE_MAX: Final = 120
PARTS_MAX: Final = 2_000
"""Parts that all rules are computed in: what they cost is known before they run, since nothing repeats."""
RuleId = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=3, max_length=60)]
Words = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
Lane = Literal["review", "examine"]
Share = Annotated[int, Meta(ge=0, le=1_000_000)]


class RiskParameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that a rule names. value: written as in packs: `5.00 EUR`, `2 kg`, `20 %`, `2026-07-01`, a
    whole number; of kind code several codes with blanks between."""

    name: Name
    kind: Literal["money", "mass", "rate", "count", "date", "code"]
    value: Annotated[str, Meta(min_length=1, max_length=1_000)]


class RiskRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of an officer. rule_id: permanent. expected_hit_ppm: of a hundred thousand hits how many are
    expected to be found wrong, in parts per million; what goes first when the budget is short."""

    rule_id: RuleId
    level: Literal["consignment", "item"]
    when: Expression
    lane: Lane
    sentence: Words
    parameters: Annotated[list[RiskParameter], Meta(max_length=20)] = []
    expected_hit_ppm: Share = 100_000


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an administration can look at. inspections_per_day_count: in all; flow_share_ppm: at most so much
    of what is lodged; random_share_ppm: of the flow, selected at random: 1 % at least, and a tenth of
    flow_share_ppm. exploring_share_ppm: instead of it while the model drifts. model_score_min_ppm: from
    which score on the model selects. random_lane: what follows for the random share and the model.
    retire_after_months_count: a rule that has found nothing for so long asks to be retired."""

    inspections_per_day_count: Annotated[int, Meta(ge=1, le=10_000_000)] = 1_000
    flow_share_ppm: Annotated[int, Meta(ge=10_000, le=1_000_000)] = 50_000
    random_share_ppm: Annotated[int, Meta(ge=10_000, le=1_000_000)] = 10_000
    exploring_share_ppm: Annotated[int, Meta(ge=10_000, le=1_000_000)] = 20_000
    model_score_min_ppm: Share = 500_000
    random_lane: Lane = "examine"
    retire_after_months_count: Annotated[int, Meta(ge=1, le=120)] = 6

    def random_ppm(self, *, is_exploring: bool) -> int:
        """Return the share that is selected at random: never below 1 % of the flow nor a tenth of what is
        looked at."""
        wanted = self.exploring_share_ppm if is_exploring else self.random_share_ppm
        return max(wanted, self.flow_share_ppm // 10)

    def targeted_ppm(self, *, is_exploring: bool) -> int:
        """Return the share that rules and model may select."""
        return max(self.flow_share_ppm - self.random_ppm(is_exploring=is_exploring), 0)


class RiskFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules in force, in the order of their ids, and the budget."""

    format: Literal["serai-risk/1"]
    budget: Budget
    rules: Annotated[list[RiskRule], Meta(max_length=RULES_MAX)] = []


def empty_file() -> RiskFile:
    """Return the budget before anybody has said one, without rules."""
    return RiskFile("serai-risk/1", Budget())


def read_risk_file(content: bytes) -> RiskFile:
    """Decode the file. Raises SeraiError `risk-rules-unreadable`."""
    try:
        return msgspec.json.decode(content, type=RiskFile)
    except msgspec.DecodeError as fault:
        raise SeraiError(
            "risk-rules-unreadable",
            MessageText("The risk rules cannot be read: {what}.", what=str(fault)),
            "Put rules in force by the page of risk rules.",
        ) from fault


def write_risk_file(file: RiskFile) -> bytes:
    """Encode the file: the same rules and budget give the same bytes, and the same hash."""
    rules = sorted(file.rules, key=lambda one: one.rule_id)
    return msgspec.json.encode(msgspec.structs.replace(file, rules=rules))


def with_rule(file: RiskFile, rule: RiskRule) -> RiskFile:
    """Return the file with a rule, in the place of the one of its id. Raises SeraiError
    `risk-rules-too-many`.
    """
    rules = [*(one for one in file.rules if one.rule_id != rule.rule_id), rule]
    if len(rules) > RULES_MAX:
        raise SeraiError(
            "risk-rules-too-many",
            MessageText("There are {count} risk rules already.", count=str(RULES_MAX)),
            "Withdraw one that finds nothing.",
        )
    return msgspec.structs.replace(file, rules=sorted(rules, key=lambda one: one.rule_id))


def without_rule(file: RiskFile, rule_id: str) -> RiskFile:
    """Return the file without a rule. Raises SeraiError `not-found`."""
    rules = [one for one in file.rules if one.rule_id != rule_id]
    if len(rules) == len(file.rules):
        near = did_you_mean(rule_id, [one.rule_id for one in file.rules])
        raise SeraiError(
            "not-found",
            MessageText("No risk rule {rule_id} is in force.{near}", rule_id=rule_id[:60], near=near),
            "Look at the page of risk rules.",
        )
    return msgspec.structs.replace(file, rules=rules)


def check_cost(rules: Iterable[RiskRule]) -> int:
    """Return in how many parts rules are computed. No part repeats, so that is what they cost for each row,
    whatever the data. Raises SeraiError `risk-rule-too-costly`."""
    total = 0
    for rule in rules:
        parts = _parts(rule)
        total += parts
        if parts > PARTS_OF_RULE_MAX or total > PARTS_MAX:
            raise SeraiError(
                "risk-rule-too-costly",
                MessageText(
                    "Rule {rule_id} is computed in {parts} parts; {most} is the most of one rule, and "
                    "{all} of all rules together.",
                    rule_id=rule.rule_id,
                    parts=str(parts),
                    most=str(PARTS_OF_RULE_MAX),
                    all=str(PARTS_MAX),
                ),
                "Write it with fewer conditions, or as a list of codes.",
            )
    return total


def _parts(rule: RiskRule) -> int:
    try:
        return count_parts(rule.when)
    except ExpressionError as fault:
        raise SeraiError(
            "risk-rule-faulty",
            MessageText("Rule {rule_id}: {what}", rule_id=rule.rule_id, what=fault.message),
            fault.next_step,
        ) from fault


def pack_of(rules: Iterable[RiskRule]) -> Pack:
    """Return the pack that stands for the rules where expressions read their parameters. It is in no book: no
    page and no decision names it. Raises SeraiError `risk-rule-faulty`."""
    own = [(rule, one) for rule in rules for one in rule.parameters]
    twice = [name for name, count in Counter(one.name for _, one in own).items() if count > 1]
    if twice:
        raise SeraiError(
            "risk-rule-faulty",
            MessageText("Two values of risk rules are called {name}.", name=twice[0]),
            "Give one of them another name.",
        )
    return msgspec.convert(
        {
            "format": "serai-pack/1",
            "code": "RISK-RULES",
            "title": "Officers' risk rules",
            "jurisdiction": "*",
            "layer": "risk",
            "status": "in_force",
            "confidence": "sourced",
            "valid_from": dt.date(2000, 1, 1),
            "valid_to": None,
            "currency": None,
            "law_moment": "accepted",
            "sources": {"rule": {"title": "An officer's risk rule"}},
            "parameters": [_parameter(rule, one) for rule, one in own],
        },
        Pack,
    )


def _parameter(rule: RiskRule, one: RiskParameter) -> Parameter:
    is_list = one.kind == "code"
    value: Any = one.value.split() if is_list else one.value
    if one.kind == "count" and one.value.isdecimal():
        value = int(one.value)
    dated = {"valid_from": dt.date(2000, 1, 1), "valid_to": None, "value": value, "source": "rule"}
    data: dict[str, Any] = {
        "name": one.name,
        "kind": one.kind,
        "meaning": rule.sentence,
        "is_list": is_list,
        "values": [dated],
    }
    faults = read_values({"parameters": [data]})
    try:
        if not faults:
            return msgspec.convert(data, Parameter, strict=True)
        message = faults[0].message
    except msgspec.ValidationError as fault:
        message = str(fault)
    raise SeraiError(
        "risk-rule-faulty",
        MessageText(
            "{rule_id}, value {name}: {what}.", rule_id=rule.rule_id, name=one.name, what=message.rstrip(".")
        ),
        "Write it as packs do: 5.00 EUR, 2 kg, 20 %, 2026-07-01.",
    )
