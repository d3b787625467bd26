"""A scorecard: what costs most comes first, few peers are not shown, what is upheld is given back."""

import datetime as dt
from typing import Any

from serai.journey.finding_messages import sentence_of
from serai.journey.scorecards.scorecard import Scorecard, build_scorecard, list_declarants
from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.store import DaySum, DeclarantSum, DisputeRow
from serai.model.findings import Finding

DAY = dt.date(2026, 7, 1)
WINDOW = DAY, DAY + dt.timedelta(days=3)
AT = dt.datetime(2026, 7, 2, tzinfo=dt.UTC)


def day(code: str = "", **changes: Any) -> DaySum:
    counts = dict.fromkeys(DaySum.__struct_fields__[4:], 0)
    field = "some_field" if code else ""
    named: dict[str, Any] = {"day_on": DAY, "logistics_channel_code": "post", "code": code, "field": field}
    return DaySum(**named | counts | changes)


def whole(**changes: Any) -> DaySum:
    counts = {"message_count": 100, "item_count": 200, "asked_points": 10_000, "person_count": 10}
    return day(**counts | {"lost_milli": 2_000_000} | changes)


def declarant(party_id: int, lost_milli: int, *roles: str, channel: str = "post") -> DeclarantSum:
    return DeclarantSum(
        party_id, f"Invented {party_id}", channel, list(roles), 100, 0, lost_milli, 10_000, 200, 0
    )


def dispute(code: str = "", *, is_upheld: bool | None = True, on: dt.date = DAY) -> DisputeRow:
    return DisputeRow(5, 1, code, on, on, AT, is_upheld)


def card(days: list[DaySum], declarants: Any = (), disputes: Any = ()) -> Scorecard:
    return build_scorecard(
        1,
        "Invented 1",
        WINDOW,
        days=days,
        declarants=declarants,
        disputes=disputes,
        formula=FORMULA,
    )


def test_the_score_is_what_was_earned_of_what_was_asked() -> None:
    found = card([whole(), whole(day_on=DAY + dt.timedelta(days=2), lost_milli=0)])

    assert found.score == 90
    assert [one.score for one in found.days] == [80, None, 100]
    assert (found.messages_count, found.items_count) == (200, 400)


def test_nothing_filed_is_no_score() -> None:
    found = card([])

    assert (found.score, found.first, found.round_percent) == (None, [], None)


def test_refusals_and_persons_cost_more_than_points() -> None:
    found = card(
        [
            whole(),
            day("net-mass-missing", message_count=90, lost_milli=450_000, person_count=9),
            day("not-positive", refused_count=6),
            day("description-vague", message_count=10, lost_milli=200_000, person_count=8),
            day("paid-late", message_count=1, lost_milli=1_000),
        ]
    )

    assert [one.code for one in found.first] == ["description-vague", "not-positive", "net-mass-missing"]
    vague, refused, mass = found.first
    # 8 of 10 needed a person, of the other 90 two: eight beyond the share of the others, and 200 points.
    assert (vague.person_percent, vague.others_percent, vague.cost) == (80, 2, 8 * 10 + 20)
    assert (refused.cost, refused.title) == (60, "Refused: not positive")
    assert (mass.cost, mass.points_lost) == (45, 4.5)
    assert vague.remedy == sentence_of(Finding("description-vague", "")).remedy


def test_fewer_than_ten_peers_are_not_shown() -> None:
    own = declarant(1, 2_000_000, "post")
    nine = [declarant(n, 400_000, "post") for n in range(2, 11)]
    others = [declarant(17, 0, "carrier"), declarant(18, 0, "post", channel="express")]

    few = card([whole()], [own, *nine, *others]).peers
    enough = card([whole()], [own, *nine, declarant(16, 400_000, "post", "carrier"), *others]).peers

    assert [(one.others_count, one.median) for one in few] == [(9, None)]
    assert [(one.score, one.others_count, one.median) for one in enough] == [(80, 10, 96)]


def test_what_is_upheld_is_given_back_and_nothing_else_is() -> None:
    days = [whole(), day("net-mass-missing", message_count=100, lost_milli=500_000)]

    assert card(days).score == 80
    given_back = card(days, disputes=[dispute("net-mass-missing")])
    assert (given_back.score, given_back.faults) == (85, [])
    for kept in (
        dispute("net-mass-missing", is_upheld=False),
        dispute("net-mass-missing", is_upheld=None),
        dispute("net-mass-missing", on=DAY + dt.timedelta(days=1)),
        dispute("description-vague"),
    ):
        assert card(days, disputes=[kept]).score == 80
    assert card(days, disputes=[dispute()]).score is None


def test_many_round_prices_are_remarked_only_from_enough_items_on() -> None:
    assert card([whole(round_count=100)]).has_many_round
    assert not card([whole(round_count=20)]).has_many_round
    assert not card([whole(item_count=40, round_count=40)]).has_many_round


def test_the_list_has_the_lowest_score_first_and_counts_open_disputes() -> None:
    declarants = [
        declarant(1, 0, "post"),
        declarant(2, 5_000_000, "post"),
        declarant(2, 0, "post", channel="express"),
    ]

    listed = list_declarants(WINDOW, declarants, [dispute("x", is_upheld=None)]).declarants

    assert [(one.score, one.messages_count, one.open_disputes_count) for one in listed] == [
        (75, 200, 0),
        (100, 100, 1),
    ]
