"""History of parties: of earlier weeks alone, of parts and not of numbers, made anew without new trees."""

from dataclasses import replace

import numpy as np
import pytest

from serai.journey.risk_model.feature_columns.learning import learn
from serai.journey.risk_model.feature_columns.matrix import matrix_of
from serai.journey.risk_model.plan import HISTORY_PLACES, NAMES
from serai.journey.risk_model.plans.examined import Examined, join_examined
from serai.journey.risk_model.plans.feature import PARTY_SUPPORT_MIN
from serai.journey.risk_model.rows import hash_column
from serai.journey.risk_model.training import Settings, refresh, train, weight_of, with_history
from serai.model.columns import encode_words
from tests.journey.risk_model.examined_goods import examined_goods

SETTINGS = Settings(rounds=40, min_data_in_leaf=30)
WEEKS_AGO = 20_296


def goods_of(sellers: list[str], found: list[bool], seed: int = 3, *, times: float = 1.0) -> Examined:
    """Return goods of one subheading of sellers. times: of the usual price."""
    every = examined_goods(400, seed=seed)
    its = every.take(np.flatnonzero(every.rows.keys["subheading"] == every.rows.keys["subheading"][0]))
    its = its.take(np.arange(len(sellers)))
    keys = {**its.rows.keys, "seller": hash_column("seller", encode_words(sellers))}
    measures = {
        name: one + (np.log(times) if "price" in name else 0) for name, one in its.rows.measures.items()
    }
    rows = replace(its.rows, keys=keys, measures=measures)
    group = np.arange(1, len(sellers) + 1, dtype=np.uint64) + np.uint64(seed * 1_000)
    return Examined(rows, np.array(found, float), group, np.full(len(sellers), WEEKS_AGO))


def column(known: Examined, asked: Examined, name: str) -> list[float]:
    every = examined_goods(800, seed=9)
    learned = learn(every.rows, every.is_found, np.ones(800))
    learned = with_history(learned, known, weight_of(known, SETTINGS))
    values: list[float] = matrix_of(asked.rows, learned)[:, NAMES.index(name)].tolist()
    return values


def test_a_seller_is_known_from_five_parcels_on_by_what_was_examined_of_them() -> None:
    few = PARTY_SUPPORT_MIN - 1
    known = goods_of(["S1"] * few + ["S2"] * 8 + ["S3"] * 8, [True] * few + [True] * 8 + [False] * 8)
    flags = np.ones(len(known.day), dtype=np.bool_)
    flags[few + 1 : few + 8] = False
    asked = goods_of(["S1", "S2", "S3", "S4"], [False] * 4, seed=5)

    new, found_once, clean, unknown = column(replace(known, is_examined=flags), asked, "outcomes_seller")

    assert new == unknown == 0.0
    assert clean < 0.0 < found_once
    assert found_once < column(known, asked, "outcomes_seller")[1]


def test_habits_and_what_is_usual_are_parts_of_goods_and_not_numbers() -> None:
    known = join_examined(
        [goods_of(["S1"] * 20, [False] * 20), goods_of(["S2"] * 20, [False] * 20, seed=4, times=0.2)]
    )
    twice = join_examined([known, replace(known, group=known.group + np.uint64(50_000))])
    asked = goods_of(["S1", "S2", "S9"], [False] * 3, seed=5, times=0.2)

    usual, cheap, unknown = column(known, asked, "habit_price_per_kg_seller")
    apart = column(known, asked, "apart_price_per_kg_seller")

    assert unknown == 0.0
    assert cheap < usual - 1.0
    assert apart[0] < apart[1] - 1.0
    own = column(known, asked, "usual_seller_subheading")
    assert own == [0.0, 0.0, 0.0]
    # Who sends twice as much of the same goods is no more unusual for it.
    assert column(twice, asked, "usual_seller_subheading") == own


@pytest.mark.in_turn
def test_no_row_is_told_by_its_own_week_nor_by_a_later_one() -> None:
    """Sellers whose goods are all found, and all in one week: nothing could be known of them then."""
    plain = examined_goods(3_000, seed=11)
    seller = np.random.default_rng(2).integers(0, 60, 3_000)
    found = (seller < 15).astype(np.float64)
    keys = {
        **plain.rows.keys,
        "seller": hash_column("seller", encode_words([f"S{n}" for n in seller.tolist()])),
    }
    rows = replace(plain.rows, keys=keys)
    side = rows.keys["seller"]

    at_once = Examined(rows, found, plain.group, np.full(3_000, 20_300), side=side)
    over_weeks = replace(at_once, day=np.sort(np.random.default_rng(3).integers(20_000, 20_300, 3_000)))

    nothing_before, weeks_before = (
        train(one, SETTINGS).cross_validated.auc or 0.0 for one in (at_once, over_weeks)
    )
    assert nothing_before == pytest.approx(0.5, abs=0.08)
    assert weeks_before > 0.9


def test_a_history_made_anew_keeps_trees_and_goods_and_forgets_the_parties_before() -> None:
    model = train(examined_goods(1_500, seed=6), SETTINGS).model
    known = goods_of(["N1"] * 30, [True] * 30, seed=7)

    fresh = refresh(model, known, SETTINGS)

    assert fresh.trees == model.trees
    assert fresh.learned.tables["outcomes_heading"] is model.learned.tables["outcomes_heading"]
    assert fresh.learned.tables["outcomes_seller"].keys.tolist() == [int(known.rows.keys["seller"][0])]
    nobody = refresh(model, known.take(np.zeros(0, dtype=np.int64)), SETTINGS)
    matrix = matrix_of(known.rows, nobody.learned)[:, HISTORY_PLACES]
    named = [NAMES[place] for place in HISTORY_PLACES]
    of_seller = matrix[:, [named.index("outcomes_seller"), named.index("usual_seller_origin")]]
    assert (of_seller == 0.0).all()
