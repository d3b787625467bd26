"""What waited for a law is decided when that is loaded, and told; what still has none waits on."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.journey.assessment.store import Component, make_component
from serai.journey.law_in_force.service import derive_law, load_law
from serai.journey.scans import law as law_scan
from serai.journey.scans.law import scan_law
from serai.model.frames import LANES
from tests.journey.processing.support import DECLARANT, opened, parcel, select, send

RATES = Path(__file__).parents[3] / "examples" / "lists" / "invented-exchange-rates.csv"

LODGED_AT = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)
A_WHILE = dt.timedelta(seconds=6)
"""After which a law is in force everywhere; all together is less than the time for which ids are leased."""
AUSTRALIA = "AU-"
FEW_PACKS = ("AU-", "EU-")
"""Those that the parcels here may need; the others only cost time."""


def to(name: str, country_code: str) -> dict[str, Any]:
    consignee = {"name": f"Invented {name}", "country_code": country_code, "city": "Here", "postcode": "2000"}
    return parcel(name, consignee=consignee)


async def change_law(node: Node, change: Callable[[list[Component]], list[Component]]) -> None:
    """Put other components in force, and let this process decide by them."""
    at = node.clock.now()
    await derive_law(node.database, node.administration_id, at, "a test", change)
    node.processor.law = await load_law(node.database, node.administration_id, at)


async def decisions(node: Node) -> dict[str, tuple[str, int, bool]]:
    """By reference: lane, the lane shown, and whether the decision replaces another."""
    rows = await select(node, "SELECT reference, lane, shown_lane, supersedes FROM declared_consignment")
    return {reference: (LANES[lane], shown, before is not None) for reference, lane, shown, before in rows}


async def told_count(node: Node) -> int:
    ((count,),) = await select(node, "SELECT count(*) FROM event")
    return int(count)


async def looked_at(node: Node) -> tuple[int, int]:
    """How many the newest scan has looked at, and decided again."""
    ((read_count, hit_count),) = await select(
        node, "SELECT read_count, hit_count FROM scan WHERE kind = 'law' ORDER BY subject_id DESC LIMIT 1"
    )
    return int(read_count), int(hit_count)


async def test_what_waited_for_a_law_is_decided_and_told_when_it_comes_and_once(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(law_scan, "CHUNK_COUNT", 2)
    clock = FixedClock(LODGED_AT)
    kept: list[Component] = []

    def without_australia(present: list[Component]) -> list[Component]:
        kept.extend(one for one in present if "-" not in one.name or one.name.startswith(FEW_PACKS))
        return [one for one in kept if not one.name.startswith(AUSTRALIA)]

    async with opened(database, tmp_path, clock=clock) as node:
        for task in node.tasks:
            task.cancel()  # the job would do what is tested here, at its own time
        await change_law(node, without_australia)
        clock.move(A_WHILE)
        assert await scan_law(node.processor)
        waiting = [to(f"THERE-{number}", "AU") for number in range(5)]
        await send(node, DECLARANT, "declaration", *waiting, to("HERE", "DE"), to("NOWHERE", "PE"))
        clock.move(dt.timedelta(seconds=1))
        await change_law(node, lambda _present: kept)
        assert not await scan_law(node.processor), "other processes may decide by the old law still"
        before, told_before = await decisions(node), await told_count(node)
        clock.move(A_WHILE)

        assert await scan_law(node.processor)

        after, told_after = await decisions(node), await told_count(node)
        others = {name: before[name] for name in ("D-HERE", "D-NOWHERE")}
        assert set(before.values()) - set(others.values()) <= {("review", 5, False)}
        assert others["D-NOWHERE"] == ("review", 5, False)
        assert {name: after[name] for name in others} == others
        for name in after.keys() - others.keys():
            assert after[name][1] != 5, "it is decided"
            assert after[name][2], "and the new decision names the one it replaces"
        assert told_after >= told_before + 5
        assert await looked_at(node) == (6, 5), "those alone that wait for a law are looked at"

        assert await scan_law(node.processor)
        assert (await decisions(node), await told_count(node)) == (after, told_after)

        rates = make_component("exchange-rates", RATES.name, RATES.read_bytes())
        await change_law(node, lambda present: [*present, rates])
        clock.move(A_WHILE)
        assert await scan_law(node.processor)
        assert await looked_at(node) == (0, 0), "new rates are no new law"
