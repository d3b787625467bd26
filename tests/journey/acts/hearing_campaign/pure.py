"""Generated decisions held against the pure rule."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from serai.foundation.id_text import format_id
from serai.journey.measure_rules.hearing_rules import Wanted, check_heard, find_hearing, period_end
from serai.journey.measure_rules.measure_law import HearingLaw, shipped_measure_rules
from serai.model.acts import Act
from serai.model.errors import SeraiError
from tests.journey.acts.hearing_campaign.histories import (
    MARCH,
    History,
    generated,
    ground_of,
    known_since,
    may_decide,
)

LAW = shipped_measure_rules().law_of("EU", MARCH.begin).hearing
HEARING = 10


def act(kind: str, hour: int, number: int, **changes: Any) -> Act:
    """An act of a case at an hour."""
    fields = {"case_id": 1, "subject_id": 7, "party_id": 1, "acting_user": "", "leaf_id": number}
    return Act(**{"act_id": number, "kind": kind, "at": MARCH.at(hour), **fields, **changes})


def acts_of(one: History) -> list[Act]:
    """What stands of hearings in the case when the officer decides, proofs recorded as they are noted."""
    if one.opened_h is None:
        return []
    name = {"hearing": format_id(HEARING)}
    said = {"intended": "refusal", "stated": {}}
    found = [act("hearing-opened", one.opened_h, HEARING, reason_code="prohibited", parameters=said)]
    happened: list[tuple[int, int, str]] = []
    for place, told in enumerate(one.told):
        happened.append((told.at_h, place, "told"))
        if told.returned_h is not None:
            happened.append((told.returned_h, place, "returned"))
    if one.answered_h is not None:
        happened.append((one.answered_h, 99, "answered"))
    standing: dict[int, int] = {}
    proof: tuple[int, Act] | None = None
    number = HEARING
    for hour, place, what in sorted(happened):
        if hour > one.decided_h:
            break
        number += 1
        if what == "returned":
            standing.pop(place, None)
            if proof is not None and proof[0] == place:
                undoes = {"undoes": format_id(proof[1].act_id)}
                found.append(act("hearing-notice-returned", hour, number, parameters=name | undoes))
                proof = None
        else:
            standing[place] = hour
        if what == "answered":
            more = {"more_follows": True} if one.more_follows else {}
            found.append(act("hearing-answered", hour, number, parameters=name | more))
        if proof is None and standing:
            number += 1
            since, by = min((since, by) for by, since in standing.items())
            rest_days = shipped_measure_rules().rest_days_of("XX")
            due_at = period_end(MARCH.at(since), LAW.days, "UTC", rest_days)
            notified = act("hearing-notified", hour, number, parameters=name, due_at=due_at)
            proof = by, notified
            found.append(notified)
    return [one_act for one_act in found if one_act.at <= MARCH.at(one.decided_h)]


def decide(one: History, law: HearingLaw, acts: Sequence[Act]) -> dict[str, Any] | None:
    """What the officer's refusal records of the hearing; None: it is not taken."""
    with_hearing = one.exception_code is None and one.opened_h is not None
    wanted = Wanted(
        "confiscation" if one.is_other_measure else "refusal", 7, "prohibited", {}, one.words,
        HEARING if with_hearing else None, one.exception_code,
    )  # fmt: skip
    try:
        return check_heard(wanted, law, acts, MARCH.at(one.decided_h))
    except SeraiError:
        return None


def judge(count: int, seed: int) -> tuple[Counter[str], Counter[str], list[str]]:
    """Hold generated decisions against the law; return by ground how many were taken and refused, and what
    must not be, in words."""
    taken: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    faults: list[str] = []
    for one in generated(seed, count):
        acts = acts_of(one)
        recorded = decide(one, LAW, acts)
        (refused if recorded is None else taken)[ground_of(one)] += 1
        if (recorded is not None) != may_decide(one):
            faults.append(f"{'taken' if recorded is not None else 'refused'}: {one}")
        if recorded is not None and not ("hearing" in recorded or recorded.get("exception_law")):
            faults.append(f"neither hearing nor exception recorded: {one}")
        faults += clock_faults(one, acts)
    return taken, refused, faults


def clock_faults(one: History, acts: Sequence[Act]) -> list[str]:
    """Return where a clock runs that nothing proven has begun, or from before it was proven."""
    hearing = find_hearing(acts, HEARING)
    if hearing is None or hearing.notified is None:
        return []
    since = known_since(one)
    if since is None:
        return [f"a clock runs without proof: {one}"]
    assert hearing.notified.due_at is not None
    has_begun_before = hearing.notified.due_at < period_end(
        MARCH.at(since), LAW.days, "UTC", shipped_measure_rules().rest_days_of("XX")
    )
    return [f"a clock began before notification: {one}"] if has_begun_before else []
