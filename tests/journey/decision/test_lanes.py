"""The strictest lane wins; every rule that spoke is a bit of the program's reason set."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from serai.journey.decision.rules import (
    COMMON,
    LANE_NUMBERS,
    LANE_OF_FINDING,
    build_reason_set,
    decide,
    reason_set_of,
)
from serai.model.columns import Frame, encode_words
from serai.model.documents import GoodsItemDetail, Procedure
from serai.model.frames import LANES
from tests.journey.batches import item, parcel, person, rule_ids, run


class Rule:
    """As much of a compiled rule as deciding looks at."""

    def __init__(self, level: str, lane: str) -> None:
        self.level, self.lane = level, lane


class Applying:
    """A law's run in which some rules have spoken."""

    def __init__(self, rules: list[Rule], applying: list[tuple[int, Any]], counts: tuple[int, int]) -> None:
        self.program, self.applying, self.run = self, applying, self
        self.rules = rules
        self.consignment_rows, self.item_rows = np.arange(counts[0]), np.arange(counts[1])


def decided(own: str, first: str, second: str) -> tuple[list[int], list[int], list[int]]:
    """Decide a consignment with a rule for itself and each of its two items, and a silent neighbour."""
    rules = [Rule("consignment", own), Rule("item", first), Rule("item", second)]
    applying = [
        (0, np.array([True, False])),
        (1, np.array([True, False, False])),
        (2, np.array([False, True, False])),
    ]
    none = np.zeros(0, dtype=np.int64)
    findings = Frame(0, {"consignment": none, "item": none, "code": encode_words([])})
    governed: Any = Applying(rules, applying, (2, 3))
    whole, single = decide(Frame(2, {}), Frame(3, {}), np.array([0, 2]), findings, [governed])
    return (
        whole.numbers("lane_number").tolist(),
        single.numbers("lane_number").tolist(),
        whole.bit_sets("reason_bits").tolist(),
    )


@pytest.mark.parametrize(("own", "first", "second"), [*product(LANES, repeat=3)])
def test_the_strictest_lane_wins_and_items_keep_their_own(own: str, first: str, second: str) -> None:
    lanes, item_lanes, bits = decided(own, first, second)

    strictest = max(own, first, second, key=LANES.index)
    assert LANES[lanes[0]] == strictest
    assert [LANES[n] for n in item_lanes] == [first, second, "proceed"]
    assert bits == [0b111 << len(COMMON), 0]
    assert lanes[1] == 0


def test_what_is_true_under_any_law_has_a_lane_and_the_first_bits() -> None:
    assert COMMON[: len(LANE_OF_FINDING)] == tuple(LANE_OF_FINDING)
    assert set(LANE_OF_FINDING.values()) <= LANE_NUMBERS.keys()


@pytest.mark.parametrize("count", [1, 55, 56, 57, 119, 1_000])
def test_reasons_know_no_number_of_rules_that_is_too_large(count: int) -> None:
    """Rules for items speak of the first one, rules for consignments of the second."""
    rules = [Rule("consignment" if number % 2 else "item", "proceed") for number in range(count)]
    applying = [
        (number, np.array([False, True]) if number % 2 else np.array([number % 3 == 0, False, False]))
        for number in range(count)
    ]
    none = np.zeros(0, dtype=np.int64)
    findings = Frame(0, {"consignment": none, "item": none, "code": encode_words([])})

    governed: Any = Applying(rules, applying, (2, 3))
    whole, single = decide(Frame(2, {}), Frame(3, {}), np.array([0, 2]), findings, [governed])

    first = len(COMMON)
    of_item = sum(1 << first + number for number in range(0, count, 6))
    of_consignment = sum(1 << first + number for number in range(1, count, 2))
    assert single.bit_sets("reason_bits").tolist() == [of_item, 0, 0]
    assert whole.bit_sets("reason_bits").tolist() == [of_item, of_consignment]
    assert whole.bit_sets("reason_bits").take(np.array([1])).tolist() == [of_consignment]
    assert whole.bit_sets("reason_bits").has(first).tolist() == [True, False]


@pytest.mark.parametrize("code", COMMON)
@pytest.mark.parametrize("place", [-1, 1])
def test_each_finding_sets_its_bit_and_lane(code: str, place: int) -> None:
    findings = Frame(
        1,
        {
            "consignment": np.array([1]),
            "item": np.array([place]),
            "code": encode_words([code]),
        },
    )

    whole, single = decide(Frame(2, {}), Frame(2, {}), np.array([0, 1]), findings, [])

    assert whole.numbers("lane_number").tolist() == [0, LANE_NUMBERS[LANE_OF_FINDING[code]]]
    assert whole.bit_sets("reason_bits").tolist() == [0, 1 << COMMON.index(code)]
    assert single.numbers("lane_number").tolist()[1] == (
        LANE_NUMBERS[LANE_OF_FINDING[code]] if place >= 0 else 0
    )


@pytest.mark.parametrize(
    ("document", "code", "lane"),
    [
        (parcel(accepted_at="2020-01-01T00:00:00Z"), "no-law", "review"),
        (parcel(consignee=person(country_code="AQ")), "no-law", "review"),
        (parcel(consignee=person(country_code="ES", postcode=None)), "territory-unresolved", "review"),
        (parcel(procedure=Procedure(direction_code="EX")), "outside-scope", "review"),
        (parcel(procedure=Procedure(requested_procedure_code="71")), "outside-scope", "review"),
        (
            parcel("T-1", item(detail=GoodsItemDetail(requested_procedure_code="51"))),
            "outside-scope",
            "review",
        ),
        (parcel("T-1", item(invoice_currency_code="GBP")), "no-exchange-rate", "review"),
        (parcel("T-1", item(commodity_code="010121", invoice_amount="200.00")), "no-tariff-line", "review"),
    ],
)
def test_what_cannot_be_computed_is_never_nothing_but_a_lane(document: Any, code: str, lane: str) -> None:
    processed = run(document)

    assert code in rule_ids(processed, 0)
    if code in ("no-law", "outside-scope"):
        assert processed.charges.row_count == 0
    assert LANES[int(processed.consignments.numbers("lane_number")[0])] == lane


def test_a_sound_parcel_goes_on() -> None:
    processed = run(parcel())

    assert LANES[int(processed.consignments.numbers("lane_number")[0])] == "proceed"
    assert rule_ids(processed, 0) >= {"eu-flat-duty-per-line", "eu-vat-at-import"}


def test_a_reason_set_is_named_by_what_is_in_it() -> None:
    processed = run(parcel())
    (governed,) = processed.runs

    same = reason_set_of(governed.run.program)

    assert processed.reason_sets[governed.number] == same
    assert same.rule_ids[: len(COMMON)] == COMMON
    assert build_reason_set(same.rule_ids, same.law_references) == same
    assert build_reason_set(same.rule_ids[:-1], same.law_references[:-1]).set_hash != same.set_hash
    assert reason_set_of(None).rule_ids == COMMON
