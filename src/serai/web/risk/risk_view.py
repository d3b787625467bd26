"""What officers see of risk: rules with their yield, the day's budget, alarms, why a parcel is looked at."""

import datetime as dt
from typing import Final, Literal

import msgspec

from serai.app import Node
from serai.journey.decision.rendered_reasons import Texts, render_named_reasons
from serai.journey.law_in_force.risk import read_risk_in_force
from serai.journey.law_in_force.rule_yields.counting import LawRuleYield, read_law_rule_yields
from serai.journey.processing.rendered_decision import texts_of
from serai.journey.selection import store
from serai.journey.selection.risk_file import Budget, Lane, RiskParameter, RiskRule, empty_file
from serai.journey.selection.rules import LANES, MODEL, RANDOM, RULE, SOURCES
from serai.journey.selection.store import MeasureYield, Yield
from serai.model.acts import MEASURES

YIELD_DAYS: Final = 365
KeepingLane = Literal["await", "review", "examine", "refuse"]
_DAYS_OF_MONTH: Final = 30.44
_YIELDING: Final = tuple(
    kind
    for kind in MEASURES
    if kind
    in ("hold", "refusal", "suspension", "detention", "seizure", "confiscation", "examination-ordered")
)


class YieldOut(msgspec.Struct, frozen=True):
    """What selection brought. false_holds_count: nothing was found, or the goods were released without an
    examination. delay_hours: how long goods were kept in all."""

    selected_count: int = 0
    examined_count: int = 0
    found_count: int = 0
    false_holds_count: int = 0
    delay_hours: float = 0.0


class RuleOut(msgspec.Struct, frozen=True):
    """A rule in force. in_force_since: of what it says now. asks_to_be_retired: nothing was found by it in
    the months that the budget gives a rule, and it was in force all the while."""

    rule_id: str
    level: str
    when: str
    lane: str
    sentence: str
    parameters: list[RiskParameter]
    expected_hit_ppm: int
    in_force_since: dt.datetime | None
    rule_yield: YieldOut
    asks_to_be_retired: bool


class MeasureOut(msgspec.Struct, frozen=True):
    """What officers' measures of a kind brought. asks_to_be_retired: examinations found nothing by it in the
    months that the budget gives a rule, and it was taken before them already."""

    measure: str
    measure_yield: YieldOut
    asks_to_be_retired: bool


class LawRuleOut(msgspec.Struct, frozen=True):
    """What a rule of law that keeps goods brought in 30 days, counted by the hour. going_on_count: of what it
    kept, what goes on by now. last_hit_at: the newest hit that was counted. asks_to_be_retired: it has kept
    nothing in the months that the budget gives a rule."""

    rule_id: str
    lane: KeepingLane
    sentence: str
    law_reference: str
    rule_yield: YieldOut
    going_on_count: int
    last_hit_at: dt.datetime | None
    asks_to_be_retired: bool


class AlarmOut(msgspec.Struct, frozen=True):
    """A measure that departs from the others in a group, or that speaks of everything. kind: departs or
    everything."""

    kind: Literal["departs", "everything", "drift"]
    measure: str
    dimension: str
    group: str
    group_seen_count: int
    group_hits_count: int
    other_seen_count: int
    other_hits_count: int
    begun_at: dt.datetime


class RiskDay(msgspec.Struct, frozen=True):
    """What came on this day (UTC), what rules and model asked for and got, and what was drawn at random."""

    seen_count: int
    candidates_count: int
    targeted_count: int
    random_count: int


class RiskOut(msgspec.Struct, frozen=True, kw_only=True):
    """Risk at a glance, for officers. is_in_force: rules or a budget were put in force; nothing is selected
    before."""

    generation: int
    is_in_force: bool
    budget: Budget
    day: RiskDay
    rules: list[RuleOut]
    model_yield: YieldOut
    random_yield: YieldOut
    measures: list[MeasureOut]
    law_rules: list[LawRuleOut]
    alarms: list[AlarmOut]
    yields_from: dt.datetime


class SelectionOut(msgspec.Struct, frozen=True):
    """Why a parcel is looked at. source: random, rule or model; propensity_ppm: how likely it was selected
    so; hit_rules: all that spoke of it, whether they selected it or not. score_reasons: what speaks for the
    score, in the reader's language; empty where no model gave one."""

    decision: str
    decided_at: dt.datetime
    source: str
    lane: Lane
    propensity_ppm: int
    score_ppm: int | None
    rule_id: str | None
    hit_rules: list[str]
    score_reasons: list[str] = []


async def read_risk(node: Node, administration_id: int, at: dt.datetime, language: str) -> RiskOut:
    """Read what officers see of risk; sentences of the law in a language."""
    own = {"administration_id": administration_id}
    async with node.database.read(administration_id) as connection:
        generation_id, in_force = await read_risk_in_force(connection, **own)
        file = in_force or empty_file()
        retired_before = at - dt.timedelta(days=_DAYS_OF_MONTH * file.budget.retire_after_months_count)
        from_at = min(at - dt.timedelta(days=YIELD_DAYS), retired_before - dt.timedelta(days=_DAYS_OF_MONTH))
        day, candidates_count, _ = await store.select_day(connection, at.astimezone(dt.UTC).date(), **own)
        versions = await store.select_rule_versions(connection, **own)
        yields = await store.select_yields(connection, from_at, at, **own)
        taken = await store.select_measures_taken(connection, from_at, at, _YIELDING, **own)
        of_law = await read_law_rule_yields(connection, at, **own)
        alarms = await store.select_departures(connection, **own)
    since = {one.rule_id: one.at for one in versions if one.rule is not None}
    by_rule = {one.rule_id: one for one in yields if one.source == RULE}
    return RiskOut(
        generation=generation_id,
        is_in_force=in_force is not None,
        budget=file.budget,
        day=RiskDay(day.seen_count, candidates_count, day.targeted_count, day.random_count),
        rules=[
            _rule(one, since.get(one.rule_id), by_rule.get(one.rule_id), retired_before) for one in file.rules
        ],
        model_yield=_yield(next((one for one in yields if one.source == MODEL), None)),
        random_yield=_yield(next((one for one in yields if one.source == RANDOM), None)),
        measures=[
            MeasureOut(
                one.kind,
                _yield(one),
                one.examined_count > 0 and _is_idle(one.first_at, one.last_found_at, retired_before),
            )
            for one in taken
        ],
        law_rules=_law_rules(of_law, texts_of(node.processor.law, language), retired_before),
        alarms=[AlarmOut(*one, begun_at) for one, begun_at in alarms],
        yields_from=from_at,
    )


def _rule(
    rule: RiskRule, since: dt.datetime | None, brought: Yield | None, retired_before: dt.datetime
) -> RuleOut:
    return RuleOut(
        rule.rule_id,
        rule.level,
        rule.when,
        rule.lane,
        rule.sentence,
        rule.parameters,
        rule.expected_hit_ppm,
        since,
        _yield(brought),
        _is_idle(since, None if brought is None else brought.last_found_at, retired_before),
    )


def _is_idle(since: dt.datetime | None, last_at: dt.datetime | None, retired_before: dt.datetime) -> bool:
    """Say whether something that was there before an instant has done nothing from then on."""
    was_there = since is not None and since < retired_before
    return was_there and (last_at is None or last_at <= retired_before)


def _law_rules(of_law: list[LawRuleYield], texts: Texts, retired_before: dt.datetime) -> list[LawRuleOut]:
    """Tell rules of law that kept something, and those that have not for long."""
    told = []
    for one in of_law:
        is_idle = _is_idle(one.first_counted_at, one.last_hit_at, retired_before)
        if not one.kept_count and not is_idle:
            continue
        for said in render_named_reasons([one.rule_id], texts, "officer"):
            brought = YieldOut(
                one.kept_count,
                one.examined_count,
                one.found_count,
                one.false_holds_count,
                round(one.delay_s / 3600, 1),
            )
            told.append(
                LawRuleOut(
                    one.rule_id,
                    msgspec.convert(said.lane, KeepingLane),
                    said.sentence,
                    said.law_reference or "",
                    brought,
                    one.going_on_count,
                    one.last_hit_at,
                    is_idle,
                )
            )
    return told


def _yield(one: Yield | MeasureYield | None) -> YieldOut:
    if one is None:
        return YieldOut()
    count = one.selected_count if isinstance(one, Yield) else one.taken_count
    return YieldOut(
        count, one.examined_count, one.found_count, one.false_holds_count, round(one.delay_s / 3600, 1)
    )


def selection_out(one: store.Selection, decision: str, score_reasons: list[str]) -> SelectionOut:
    """Return why a parcel is looked at as officers see it."""
    return SelectionOut(
        decision,
        one.decided_at,
        SOURCES[one.source],
        LANES[one.lane - 1],
        one.propensity_ppm,
        one.score_ppm,
        one.rule_id,
        one.hit_rules,
        score_reasons,
    )
