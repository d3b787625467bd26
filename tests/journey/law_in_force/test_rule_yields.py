"""What rules of law kept is counted by rule; two decisions on one parcel are one hit."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.journey.acts.measures import MeasureOrder, take_measure
from serai.journey.law_in_force.rule_yields.counting import (
    LawRuleYield,
    count_law_rules,
    read_law_rule_yields,
)
from tests.journey.permits.support import ivory
from tests.journey.processing.support import DECLARANT, OFFICER, opened, parcel, select, send

NOON = datetime(2026, 12, 16, 12, tzinfo=UTC)


@pytest.fixture
async def node(make_database: Any, tmp_path: Path) -> AsyncIterator[Node]:
    async with opened(make_database(), tmp_path, clock=FixedClock(NOON)) as one:
        yield one


async def counted(node: Node, at: datetime) -> dict[str, LawRuleYield]:
    assert await count_law_rules(node.database, node.administration_id, node.processor.law.book, at)
    async with node.database.read(node.administration_id) as connection:
        found = await read_law_rule_yields(connection, at, administration_id=node.administration_id)
    return {one.rule_id: one for one in found}


async def take(node: Node, case_id: int, kind: str, reason_code: str) -> None:
    ((standing,),) = await select(node, f"SELECT decision_id FROM consignment WHERE case_id = {case_id}")
    order = MeasureOrder(
        reference=f"{kind}-{case_id}", kind=kind, reason_code=reason_code, expected_decision_id=standing
    )
    await take_measure(node.processor, OFFICER, case_id, order)


async def test_what_a_prohibition_kept_is_counted_once_and_what_an_officer_let_go_is_a_false_hold(
    node: Node,
) -> None:
    kept, let_go = await send(node, DECLARANT, "declaration", ivory("YIELD-1"), ivory("YIELD-2"))
    await send(node, DECLARANT, "declaration", parcel("YIELD-3"))
    for one in (kept, let_go):
        assert one.decision is not None
        assert msgspec.json.decode(one.decision)["lane"] == "await"
    await take(node, let_go.case_id, "hold", "control")
    await take(node, let_go.case_id, "release", "control-ended")

    first = await counted(node, NOON + timedelta(hours=5))
    rule = first["eu-cites"]
    assert (rule.kept_count, rule.examined_count, rule.false_holds_count) == (2, 0, 1)
    assert rule.last_hit_at is not None
    assert rule.delay_s == pytest.approx(5 * 3600, abs=120)
    assert first["eu-seeds"].kept_count == 0
    assert first["eu-seeds"].last_hit_at is None

    # Within the hour another process counts nothing; later nothing is counted twice.
    book = node.processor.law.book
    assert not await count_law_rules(
        node.database, node.administration_id, book, NOON + timedelta(hours=5, minutes=10)
    )
    later = await counted(node, NOON + timedelta(days=40))
    assert (later["eu-cites"].kept_count, later["eu-cites"].last_hit_at) == (0, rule.last_hit_at)
    assert later["eu-cites"].first_counted_at == rule.first_counted_at
