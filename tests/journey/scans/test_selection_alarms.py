"""An alarm opens where a measure departs, and not where examinations explain it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.journey.consignments.act_records import record_acts
from serai.journey.law_in_force.state import RiskLaw
from serai.journey.scans.fairness import measure_selection
from serai.journey.selection import store
from serai.journey.selection.batch_sums import BatchSums
from serai.journey.selection.compiled import file_hash_of
from serai.journey.selection.risk_file import empty_file
from serai.journey.selection.rules import RANDOM
from serai.model.acts import Act
from tests.journey.processing.support import OFFICER, opened

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
BIASED = BatchSums(
    1_000,
    100,
    0,
    100,
    {"origin": {"CN": 800, "TR": 200}},
    {"the-rule": {"origin": {"CN": 40, "TR": 60}}},
)


@pytest.fixture(name="node_at")
async def node_of_an_instant(database: str, keys: Path) -> AsyncIterator[Node]:
    async with opened(database, keys, clock=FixedClock(AT)) as node:
        risk = RiskLaw(empty_file(), file_hash_of(empty_file()))
        node.processor.law = replace(node.processor.law, risk=risk)
        yield node


async def examined_at_random(node: Node, origin: str, results: Sequence[str]) -> None:
    """Parcels that chance selected, and what their examination found."""
    ids = node.ids.take(2 * len(results)).tolist()
    numbers, act_ids = ids[: len(results)], ids[len(results) :]
    many = [0] * len(results)
    columns = {
        "decision_ids": numbers, "case_ids": numbers, "consignment_ids": numbers, "seller_keys": many,
        "propensities": [10_000] * len(results), "scores": [None] * len(results),
        "sources": [RANDOM] * len(results), "lanes": many, "targeted": [False] * len(results),
        "rule_ids": [None] * len(results), "hit_rules": [""] * len(results),
        "origins": [origin] * len(results), "channels": ["post"] * len(results),
        "declarant_kinds": ["declarant"] * len(results),
    }  # fmt: skip
    acts = [
        Act(
            act_id=act_id, case_id=number, kind="examination-recorded", subject_id=number,
            party_id=OFFICER.party_id, acting_user="", at=AT, leaf_id=act_id,
            parameters={"result_code": result},
        )
        for act_id, number, result in zip(act_ids, numbers, results, strict=True)
    ]  # fmt: skip
    async with node.database.write() as connection:
        await store.insert_selections(connection, columns, administration_id=1, at=AT - timedelta(days=30))
        await record_acts(node.processor.services, connection, acts)


async def departures(node: Node) -> list[tuple[str, str]]:
    async with node.database.read(1) as connection:
        found = await store.select_departures(connection, administration_id=1)
    return [(one.measure, one.group) for one, _ in found]


async def test_an_alarm_opens_once_and_ends_when_examinations_explain_it(node_at: Node) -> None:
    async with node_at.database.write() as connection:
        number = int(node_at.ids.take(1)[0])
        await store.insert_batch(connection, number, BIASED, administration_id=1, at=AT - timedelta(hours=1))
    await examined_at_random(node_at, "CN", ["conforms"] * 60)

    counts = [await measure_selection(node_at.processor) for _ in range(2)]
    opened_alarms = await departures(node_at)
    await examined_at_random(node_at, "TR", ["value-differs"] * 40 + ["conforms"] * 20)

    assert counts == [1, 1]
    assert opened_alarms == [("the-rule", "TR")]
    assert await measure_selection(node_at.processor) == 0
    assert await departures(node_at) == []
