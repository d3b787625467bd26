"""The last week's scores against those of the model's first week: an alarm opens, stays, and ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.journey.law_in_force.risk_model import ModelInForce
from serai.journey.risk_model.drift import drift_of_counts, group_scores, score_key_of
from serai.journey.risk_model.model import RiskModel, to_ppm
from serai.journey.risk_model.training import Settings, train
from serai.journey.scans.drift import measure_drift
from serai.journey.selection.batch_sums import BatchSums
from serai.journey.selection.store import insert_batch, select_departures
from tests.journey.processing.support import opened
from tests.journey.risk_model.examined_goods import examined_goods

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)


def trained(seed: int) -> RiskModel:
    return train(examined_goods(600, seed=seed), Settings(rounds=10, min_data_in_leaf=30)).model


def test_scores_are_counted_by_groups_of_the_training_and_few_say_nothing() -> None:
    model, goods = trained(1), examined_goods(600, seed=1).rows
    groups = group_scores(model, to_ppm(model.probabilities(goods)))

    assert sum(groups.counts) == 600
    assert drift_of_counts(groups.counts, groups.counts) == 0.0
    turned = [600, *[0] * (len(groups.counts) - 1)]
    assert (drift_of_counts(groups.counts, turned) or 0.0) > 1.0
    assert drift_of_counts(groups.counts, [199, *[0] * (len(groups.counts) - 1)]) is None
    assert score_key_of(model) != score_key_of(trained(2))


@pytest.mark.in_turn
async def test_an_alarm_opens_when_scores_lie_otherwise_and_ends_with_another_training(database: str) -> None:
    model = trained(1)
    usual = group_scores(model, to_ppm(model.probabilities(examined_goods(600, seed=1).rows)))
    elsewhere = [6_000, *[0] * (len(usual.counts) - 1)]
    async with opened(database, clock=FixedClock(AT)) as node:

        async def came(days_ago: float, counts: list[int]) -> None:
            sums = BatchSums(sum(counts), 0, 0, 0, {}, {}, usual.key, counts)
            at = AT - timedelta(days=days_ago)
            async with node.database.write() as connection:
                await insert_batch(connection, int(node.ids.take(1)[0]), sums, administration_id=1, at=at)

        assert await measure_drift(node.processor) is False
        node.processor.law = replace(node.processor.law, model=ModelInForce(model, None))
        assert await measure_drift(node.processor) is False
        await came(30, usual.counts)
        await came(20, [600, *[0] * (len(usual.counts) - 1)])
        assert await measure_drift(node.processor) is None, "nothing came in the last week"
        await came(2, usual.counts)
        assert await measure_drift(node.processor) is False
        assert await alarms(node) == []

        await came(1, elsewhere)
        assert await measure_drift(node.processor) is True
        assert await measure_drift(node.processor) is True
        assert await alarms(node) == ["drift"]

        node.processor.law = replace(node.processor.law, model=ModelInForce(trained(2), None))
        assert await measure_drift(node.processor) is False
        assert await alarms(node) == []


async def alarms(node: Node) -> list[str]:
    async with node.database.read(1) as connection:
        found = await select_departures(connection, administration_id=1)
    return [departure.kind for departure, _ in found]
