"""What everybody is told: times from arrival to release as the tables have them, measures by how they ended,
and nothing of fewer than ten."""

from collections import defaultdict
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.journey.acts.measures import MeasureOrder, take_measure
from serai.journey.statistics.published import NO_MODE, FigureReader, PublishedFigures
from serai.model.frames import RELEASED
from tests.journey.processing.support import DECLARANT, OFFICER, arrival, parcel, select, send
from tests.journey.processing.test_landings import gift, lodged


async def read(node: Node, **later: int) -> PublishedFigures:
    at = node.clock.now() + timedelta(minutes=1, **later)
    return await FigureReader().read(node.database, node.administration_id, at)


async def test_release_times_are_those_of_the_tables_and_groups_of_few_are_in_no_figure(
    database: str, keys: Path
) -> None:
    flight = {"conveyance_reference": "FLIGHT-one"}
    gifts = [
        gift(f"{channel}{mode}{number}", **flight, logistics_channel_code=channel, transport_mode_code=mode)
        for channel, mode, count in (
            ("post", "5", 12), ("post", "4", 11), ("post", None, 10), ("express", "4", 5), ("post", "3", 5)
        )
        for number in range(count)
    ]  # fmt: skip
    async with lodged(database, keys, *gifts) as node:
        amended = gift("post40", **flight, transport_mode_code="5", amends_version=1, amendment_reason="mode")
        await send(node, DECLARANT, "declaration", amended)
        modes = await select(
            node, "SELECT transport_mode_code FROM declared_consignment WHERE reference = %s", "D-post40"
        )
        landed = (node.clock.now() - timedelta(minutes=7)).isoformat()
        await send(node, OFFICER, "arrival", arrival("one", arrived_at=landed))
        await compare(node)
    assert modes == [("5",)], "as the newest declaration says"


async def compare(node: Node) -> None:
    groups: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for lane, channel, mode, took in await select(
        node,
        "SELECT consignment.shown_lane, consignment.logistics_channel_code, transport_mode_code,"
        " consignment.changed_at - consignment.arrived_at"
        " FROM consignment JOIN declared_consignment USING (consignment_id)"
        " WHERE consignment.status = %s AND consignment.arrived_at IS NOT NULL",
        RELEASED,
    ):
        groups[lane, channel, mode or NO_MODE].append(max(took.total_seconds(), 0))
    large = {key: sorted(times) for key, times in groups.items() if len(times) >= 10}

    figures = await read(node)

    assert {mode for _, _, mode in large} == {"4", "5", NO_MODE}
    assert len(large) < len(groups)
    assert [(one.released_count, one.release_median_s) for one in figures.release_times] == [
        (len(times) // 10 * 10, round(times[ceil(len(times) / 2) - 1])) for _, times in sorted(large.items())
    ]
    together = [took for times in large.values() for took in times]
    assert figures.all_releases is not None
    assert figures.all_releases.released_count == len(together) // 10 * 10
    assert figures.all_releases.within_15_minutes_percent == (
        100 * sum(took <= 900 for took in map(round, together)) // len(together)
    )


async def hold(node: Node, case_id: int, kind: str, number: int, **more: Any) -> None:
    ((decision_id,),) = await select(node, "SELECT decision_id FROM consignment WHERE case_id = %s", case_id)
    order = MeasureOrder(reference=f"{kind}-{number}", kind=kind, expected_decision_id=decision_id, **more)
    await take_measure(node.processor, OFFICER, case_id, order)


@pytest.mark.in_turn
async def test_measures_are_told_by_reason_and_end_from_ten_on(node: Node) -> None:
    answers = await send(node, DECLARANT, "declaration", *(parcel(f"P{number}") for number in range(20)))
    for number, answer in enumerate(answers):
        assert answer.case_id is not None
        await hold(node, answer.case_id, "hold", number, reason_code="value-doubtful")
        if number < 11:
            await hold(node, answer.case_id, "release", number, reason_code="control-ended")

    told = (await read(node)).measures

    assert [(one.kind, one.reason_code, one.outcome, one.measures_count) for one in told] == [
        ("hold", "value-doubtful", "release", 10)
    ]


async def test_figures_are_read_once_a_minute_for_all(node: Node) -> None:
    reader = FigureReader()
    at = node.clock.now().replace(second=5)
    first = await reader.read(node.database, node.administration_id, at)

    assert await reader.read(node.database, node.administration_id, at + timedelta(seconds=50)) is first
    assert await reader.read(node.database, node.administration_id, at + timedelta(seconds=60)) is not first
