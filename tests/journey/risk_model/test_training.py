"""Training: a rule that is in the data is learned, nothing is learned where there is none, bytes repeat."""

import numpy as np
import pytest
from msgspec.structs import replace

from serai.journey.risk_model.figures import quality_of
from serai.journey.risk_model.model_file import write_model
from serai.journey.risk_model.plans.examined import Examined
from serai.journey.risk_model.reasons import reasons_of
from serai.journey.risk_model.training import Settings, train, weight_of
from serai.model.errors import SeraiError
from tests.journey.risk_model.examined_goods import examined_goods

SETTINGS = Settings(rounds=40, min_data_in_leaf=30)


def test_a_rule_in_the_data_is_learned_calibrated_and_said_in_words() -> None:
    trained = train(examined_goods(3_000, seed=1), SETTINGS)
    others = examined_goods(3_000, seed=2)

    probability = trained.model.probabilities(others.rows)

    quality = quality_of(probability, others.is_found)
    assert quality.auc is not None
    assert quality.auc > 0.75
    assert quality.precision_at_10_percent > 3 * quality.base_rate
    assert quality.calibration_error < 0.05
    assert trained.cross_validated.auc == pytest.approx(quality.auc, abs=0.05)
    best = others.rows.take(np.argsort(-probability)[:50])
    said = {str(sentence) for one in reasons_of(trained.model, best) for sentence in one}
    assert "The price per kilogram is far below that of this heading." in said


@pytest.mark.in_turn
def test_of_outcomes_dealt_at_random_nothing_is_learned() -> None:
    examined = examined_goods(3_000, seed=3)
    dealt = np.random.default_rng(4).permutation(examined.is_found)
    trained = train(Examined(examined.rows, dealt, examined.group, examined.day), SETTINGS)
    others = examined_goods(3_000, seed=5)

    quality = quality_of(trained.model.probabilities(others.rows), others.is_found)

    assert quality.auc == pytest.approx(0.5, abs=0.06)
    assert quality.precision_at_10_percent < 1.6 * quality.base_rate


@pytest.mark.in_turn
def test_the_same_goods_give_the_same_bytes_and_other_settings_others() -> None:
    examined = examined_goods(1_000, seed=6)

    first, again = (train(examined, SETTINGS) for _ in range(2))
    other = train(examined, replace(SETTINGS, rounds=41))

    written = [write_model(one.model, one.cross_validated, examined.rows) for one in (first, again, other)]
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_older_examinations_count_less_by_whole_weeks_and_copies_count_as_one() -> None:
    examined = examined_goods(4, seed=7)
    same = examined.group.copy()
    same[1] = same[0]
    days = np.array([20_000, 20_000, 20_000 + 363, 20_000 + 364])

    weight = weight_of(Examined(examined.rows, examined.is_found, same, days), Settings(half_life_weeks=52.0))

    assert weight.tolist() == [0.25, 0.25, 1.0, 1.0]


def test_too_few_examinations_are_refused() -> None:
    with pytest.raises(SeraiError) as refused:
        train(examined_goods(150, seed=8), SETTINGS)

    assert refused.value.code == "risk-training-small"
