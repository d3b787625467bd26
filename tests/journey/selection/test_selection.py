"""Selection by budget: rules and model within what is left, a random share that falls on every row alike."""

from dataclasses import replace
from itertools import product

import msgspec
import numpy as np
import pytest

from serai.journey.decision.rules import LANE_NUMBERS
from serai.journey.pipeline import Context, Processed, check_documents, run_checked
from serai.journey.screening.lists import Lists
from serai.journey.selection.compiled import check_risk, file_hash_of
from serai.journey.selection.risk_file import (
    Budget,
    RiskFile,
    RiskParameter,
    RiskRule,
    read_risk_file,
    with_rule,
    without_rule,
    write_risk_file,
)
from serai.journey.selection.rules import (
    MODEL,
    NOT_DECIDED,
    PPM,
    RANDOM,
    RULE,
    DaySums,
    Hits,
    SelectionContext,
    select,
)
from serai.law.program import Program
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT
from tests.journey.batches import AT_MS, book, context, item, parcel, run

SHOES = RiskRule(
    "shoes-cheap", "item", "commodity_code = '64041100'", "review", "Shoes", expected_hit_ppm=200_000
)
ALL = RiskRule("everything", "consignment", "TRUE", "examine", "All")
NOBODY = DaySums(0, 0, 0)
LATE = PPM - 1
"""A draw that no random share reaches."""


def inputs(
    count: int, *rules: RiskRule, draws: int | list[int] = LATE, day: DaySums = NOBODY, **budget: int
) -> SelectionContext:
    file = RiskFile("serai-risk/1", Budget(**budget), list(rules))  # type: ignore[arg-type]
    drawn = np.full(count, draws) if isinstance(draws, int) else np.array(draws)
    return SelectionContext(file, file_hash_of(file), drawn, np.full(count, NOT_DECIDED), day)


def hits(*flags: list[bool]) -> Hits:
    return Hits(np.array(flags, dtype=np.bool_))


def decided(*rules: RiskRule, count: int = 2) -> Processed:
    documents = [parcel("T-1", item(commodity_code="64041100")), parcel("T-2")][:count]
    given = replace(context(count), selection=inputs(count, *rules, flow_share_ppm=PPM))
    return run_checked_with(documents, given)


def run_checked_with(documents: list[Consignment], given: Context) -> Processed:
    checked = check_documents(documents, ["1"] * len(documents), AT_MS, book())
    return run_checked(checked, AT_MS, book(), Lists.empty(), given)


def test_a_rule_sends_what_it_hits_to_its_lane_and_nothing_else() -> None:
    processed = decided(SHOES)

    lanes = processed.consignments.numbers("lane_number").tolist()
    assert lanes[0] == LANE_NUMBERS["review"]
    assert lanes[1] < LANE_NUMBERS["review"]
    assert processed.selected is not None
    assert processed.selected.source.tolist() == [RULE, 0]
    assert processed.consignments.flags("is_selected_for_review").tolist() == [True, False]


def test_without_rules_in_force_nothing_is_selected() -> None:
    processed = run(parcel())

    assert processed.selected is None
    assert not processed.consignments.flags("is_selected_for_examination").any()


def test_a_rule_names_values_of_its_own() -> None:
    cheap = RiskRule(
        "cheap", "item", "COALESCE(IN_CURRENCY(line_value, 'EUR') < cheap_price, FALSE)", "examine", "Cheap",
        [RiskParameter("cheap_price", "money", "1000.00 EUR")],
    )  # fmt: skip

    processed = decided(cheap)

    assert processed.selected is not None
    assert processed.selected.source.tolist() == [RULE, RULE]


def test_rules_that_share_parts_speak_as_each_would_alone() -> None:
    """What several ask for is computed once, and is what each asks for."""
    texts = [
        f"{part} {joined} COALESCE(IN_CURRENCY(line_value, 'EUR') < limit_{number}, FALSE)"
        for number, (part, joined) in enumerate(
            product(
                ("commodity_code = '64041100'", "IN_CURRENCY(line_value, 'EUR') > limit_0"),
                ("AND", "OR", "AND NOT"),
            )
        )
    ]
    rules = [
        RiskRule(
            f"rule-{number}", "item", text, "examine", "One",
            [RiskParameter(f"limit_{number}", "money", f"{10 * number + 5}.00 EUR")],
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    documents = [
        parcel(f"T-{number}", item(commodity_code=code, invoice_amount=f"{number * 4 + 1}.00"))
        for number, code in enumerate(["64041100", "61091000"] * 8)
    ]

    def spoken(*chosen: RiskRule) -> list[list[bool]]:
        given = replace(context(len(documents)), selection=inputs(len(documents), *chosen))
        selected = run_checked_with(documents, given).selected
        assert selected is not None
        return selected.hits.flags.tolist()  # type: ignore[no-any-return]

    together = spoken(*rules)
    of_first = rules[0].parameters
    alone = [
        spoken(one if number == 0 else msgspec.structs.replace(one, parameters=[*one.parameters, *of_first]))
        for number, one in enumerate(rules)
    ]

    assert together == [flags for (flags,) in alone]
    assert len({tuple(flags) for flags in together}) == len(rules)


@pytest.mark.parametrize(
    ("when", "code", "said"),
    [
        ("origin_contry_code = 'CN'", "risk-rule-faulty", "origin_country_code"),
        ("line_value", "risk-rule-faulty", "is a money"),
        ("pg_sleep(1) = 1", "risk-rule-faulty", "not a function of the vocabulary"),
        ("is_selected_for_review", "risk-rule-faulty", "not in the vocabulary"),
        (" OR ".join(["has_order"] * 130), "risk-rule-too-costly", "120"),
        (
            "(WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT 1 FROM r) = 1",
            "risk-rule-faulty",
            "",
        ),
    ],
)
def test_what_cannot_run_or_could_run_long_is_refused_with_its_next_step(
    when: str, code: str, said: str
) -> None:
    rule = RiskRule("bad", "item", when, "review", "Bad")

    with pytest.raises(SeraiError) as refused:
        check_risk(_programs(), RiskFile("serai-risk/1", Budget(), [rule]))

    assert refused.value.code == code
    assert said in refused.value.message
    assert refused.value.next_step


def _programs() -> list[Program]:
    law = book()
    law.compile_all()
    return law.programs


def test_a_sound_rule_compiles_for_every_law_and_its_cost_is_known() -> None:
    assert check_risk(_programs(), RiskFile("serai-risk/1", Budget(), [SHOES, ALL])) > 1


def test_two_rules_cannot_call_two_values_alike() -> None:
    own = [RiskParameter("limit_here", "mass", "2 kg")]
    rules = [RiskRule(f"rule-{n}", "item", "gross_mass > limit_here", "review", "Heavy", own) for n in (1, 2)]

    with pytest.raises(SeraiError) as refused:
        check_risk(_programs(), RiskFile("serai-risk/1", Budget(), rules))

    assert refused.value.code == "risk-rule-faulty"


def test_the_budget_holds_when_a_rule_selects_everything() -> None:
    count = 5_000
    draws = np.random.default_rng(7).integers(0, 1 << 62, count).tolist()
    given = inputs(count, ALL, draws=draws, flow_share_ppm=50_000, inspections_per_day_count=10_000)

    selected = select(hits([True] * count), None, given)

    share = (selected.source > 0).mean()
    assert share == pytest.approx(0.05, abs=0.005)
    assert selected.is_targeted.sum() == 200
    assert selected.candidates_count == count
    assert set(selected.propensity_ppm[selected.source == RULE].tolist()) == {200 * PPM // count}


def test_inspections_of_a_day_are_never_more_than_the_budget_but_for_the_random_share() -> None:
    given = inputs(100, ALL, day=DaySums(10_000, 80, 15), flow_share_ppm=PPM, inspections_per_day_count=100)

    selected = select(hits([True] * 100), None, given)

    assert (selected.source == RULE).sum() == 5


def test_the_random_share_is_one_in_a_hundred_and_falls_on_hits_and_others_alike() -> None:
    count = 200_000
    draws = np.random.default_rng(1).integers(0, 1 << 62, count).tolist()
    hit = [place % 4 == 0 for place in range(count)]
    selected = select(hits(hit), None, inputs(count, ALL, draws=draws))

    drawn = selected.source == RANDOM
    assert drawn.mean() == pytest.approx(0.01, rel=0.1)
    assert drawn[::4].mean() == pytest.approx(drawn[1::4].mean(), rel=0.15)
    assert set(selected.propensity_ppm[drawn].tolist()) == {10_000}


@pytest.mark.parametrize(
    ("flow_share_ppm", "random_ppm"), [(10_000, 10_000), (50_000, 10_000), (400_000, 40_000)]
)
def test_a_tenth_of_what_is_looked_at_is_random(flow_share_ppm: int, random_ppm: int) -> None:
    budget = Budget(flow_share_ppm=flow_share_ppm)

    assert budget.random_ppm(is_exploring=False) == random_ppm
    assert budget.random_ppm(is_exploring=False) * 10 >= flow_share_ppm
    assert budget.random_ppm(is_exploring=True) == max(20_000, random_ppm)


def test_the_model_takes_what_promises_more_than_rules() -> None:
    scores = np.array([900_000, ABSENT, 600_000, 100_000])
    given = inputs(4, SHOES, day=DaySums(0, 8, 0))

    selected = select(hits([True, True, False, False]), scores, given)

    assert selected.source.tolist() == [MODEL, 0, MODEL, 0]


def test_a_model_that_is_not_in_force_changes_nothing() -> None:
    given = inputs(2, SHOES, flow_share_ppm=PPM)

    assert select(hits([True, False]), None, given).source.tolist() == [RULE, 0]


def test_what_was_selected_stays_so_and_takes_nothing_of_the_budget() -> None:
    given = replace(inputs(2, SHOES, flow_share_ppm=PPM), before=np.array([2, 0]))

    selected = select(hits([False, False]), None, given)

    assert selected.lane.tolist() == [2, 0]
    assert not selected.is_new.any()


def test_rules_are_written_the_same_whatever_their_order() -> None:
    one = with_rule(with_rule(RiskFile("serai-risk/1", Budget()), SHOES), ALL)
    other = with_rule(with_rule(RiskFile("serai-risk/1", Budget()), ALL), SHOES)

    assert write_risk_file(one) == write_risk_file(other)
    assert read_risk_file(write_risk_file(one)) == one
    assert without_rule(one, "everything").rules == [SHOES]
    with pytest.raises(SeraiError, match="shoes-cheap"):
        without_rule(one, "shoes-cheep")
