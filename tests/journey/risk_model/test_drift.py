"""Drift: goods as in training are silent; where prices fall, the feature of prices says so."""

from dataclasses import replace

import numpy as np

from serai.journey.risk_model.drift import ROWS_MIN, find_drift
from serai.journey.risk_model.training import Settings, train
from tests.journey.risk_model.examined_goods import examined_goods


def test_the_feature_that_moved_is_named_in_its_week_and_nothing_is_said_of_a_calm_one() -> None:
    model = train(examined_goods(2_000, seed=21), Settings(rounds=10, min_data_in_leaf=30)).model
    goods = examined_goods(2_000, seed=22).rows
    week = np.repeat([7 * 2_900, 7 * 2_901], 1_000)
    measures = {name: one.copy() for name, one in goods.measures.items()}
    for name in ("log_price", "log_price_per_kg"):
        measures[name][week == 7 * 2_901] -= 1.5

    calm = find_drift(model, goods, week)
    moved = find_drift(model, replace(goods, measures=measures), week)

    assert calm == []
    assert {one.week for one in moved} == {2_901}
    assert "price_per_kg" in {one.feature for one in moved}
    assert not any("mass" in one.feature for one in moved)
    few = np.arange(ROWS_MIN - 1)
    assert find_drift(model, replace(goods, measures=measures).take(few + 1_000), week[few + 1_000]) == []
