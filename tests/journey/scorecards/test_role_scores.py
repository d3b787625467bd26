"""What a role owes is measured by what was seen; what was not seen weighs nothing, a won dispute counts."""

import datetime as dt

import pytest
from msgspec.structs import replace

from serai.journey.scorecards.duties import duties_on, read_duties, shipped_duties
from serai.journey.scorecards.role_scores import DocumentDay, month_of, score_roles
from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.store import DaySum, DisputeRow
from serai.model.documents import PERSON_ROLES

DAY, AT = dt.date(2026, 12, 1), dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
DUTIES = duties_on(shipped_duties(), DAY)
ALL = DaySum(DAY, "post", "", "", 90, 10, 90, 0, 0, 9_000, 0)
VAGUE = replace(ALL, code="description-vague", field="description", message_count=45, refused_count=0)
UPHELD = DisputeRow(1, 2, "declaration-complete", DAY, DAY, AT, True, AT)


def of(
    role: str, days: list[DaySum], documents: list[DocumentDay], *disputes: DisputeRow
) -> dict[str, object]:
    (one,) = score_roles([role], DUTIES, days, documents, disputes)
    return {"score": one.score, **{duty.code: duty.percent for duty in one.duties}}


def test_a_share_is_of_what_was_seen_and_the_score_of_the_points() -> None:
    found = of("declarant", [ALL, VAGUE], [])

    assert (found["declaration-complete"], found["goods-described"], found["goods-classified"]) == (
        90,
        50,
        100,
    )
    assert found["score"] == (30 * 900 + 20 * 500 + 10 * 1_000) * 100 // (60 * 1_000)


def test_nothing_seen_is_not_known_and_not_nought() -> None:
    assert of("payment_provider", [], []) == {"score": None, "payments-belong": None}
    seen = [DocumentDay(DAY, "payment", 4, 3), DocumentDay(DAY, "order", 9, 0)]
    assert of("payment_provider", [], seen)["payments-belong"] == 75


def test_an_upheld_dispute_counts_and_an_open_or_declined_one_does_not() -> None:
    assert of("declarant", [ALL], [], UPHELD)["declaration-complete"] == 100
    for answer in (None, False):
        assert of("declarant", [ALL], [], replace(UPHELD, is_upheld=answer))["declaration-complete"] == 90
    before = replace(UPHELD, from_on=DAY - dt.timedelta(9), to_on=DAY - dt.timedelta(8))
    assert of("declarant", [ALL], [], before)["declaration-complete"] == 90


def test_of_few_parties_nothing_is_told() -> None:
    assert month_of("carrier", DAY, list(range(9)), FORMULA.peers.count_min) is None
    month = month_of("carrier", DAY, [*range(80, 91)], FORMULA.peers.count_min)
    assert month is not None
    assert (month.party_count, month.median) == (11, 85)


def test_each_duty_is_of_a_check_that_there_is_and_has_a_source() -> None:
    assert all(one.source and set(one.checks) <= set(FORMULA.bit_of) for one in shipped_duties())
    assert len({(one.role, one.code) for one in shipped_duties()}) == len(shipped_duties())
    assert PERSON_ROLES, "roles of trade are not those of persons"
    with pytest.raises(ValueError, match="another figure"):
        read_duties(
            b"[{code: x, role: seller, check: taken, kind: order, points: 1, read: true,"
            b' valid_from: 2026-01-01, valid_to: null, duty: "d", source: "s"}]'
        )
