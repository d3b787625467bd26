"""Word marks that are new or gone are held against what is in flight: once, of their goods alone."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.journey.law_in_force.service import load_law
from serai.journey.law_in_force.word_marks import put_word_marks
from serai.journey.scans import marks as mark_scan
from serai.journey.scans.marks import changed_rights, scan_marks
from serai.journey.screening.word_marks import MarkedRight
from serai.model.frames import LANES
from tests.journey.processing.support import DECLARANT, OFFICER, arrival, opened, parcel, select, send

LODGED_AT = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)
A_WHILE = dt.timedelta(seconds=6)
"""After which marks are in force everywhere."""
SHIRTS = MarkedRight("1", ["Quxzora"], ["6109"], ["HOLDER-SHOP"], is_exact=False)
SHOES = MarkedRight("2", ["Vexolit"], ["64"], [], is_exact=False)


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """A database for each test: each has its own time."""
    return make_database()


def of(name: str, description: str, **changes: Any) -> dict[str, Any]:
    declared = parcel(name, **changes)
    declared["goods_items"][0] |= {"description": description}
    return declared


async def put(node: Node, *rights: MarkedRight) -> None:
    """Put marks in force; this process decides by them."""

    async def read(_connection: Any) -> Sequence[MarkedRight]:
        return rights

    await put_word_marks(node.database, node.administration_id, node.clock.now(), "a test", read)
    node.processor.law = await load_law(node.database, node.administration_id, node.clock.now())


async def lanes(node: Node) -> dict[str, str]:
    rows = await select(node, "SELECT reference, lane FROM consignment")
    return {reference.removeprefix("D-"): LANES[lane] for reference, lane in rows}


async def looked_at(node: Node) -> tuple[int, int]:
    """How many the newest scan has looked at, and decided again."""
    ((read_count, hit_count),) = await select(
        node, "SELECT read_count, hit_count FROM scan WHERE kind = 'mark' ORDER BY subject_id DESC LIMIT 1"
    )
    return int(read_count), int(hit_count)


async def test_goods_under_way_are_held_against_a_new_mark_and_freed_when_it_is_gone(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mark_scan, "CHUNK_COUNT", 2)
    clock = FixedClock(LODGED_AT)
    async with opened(database, tmp_path, clock=clock) as node:
        for task in node.tasks:
            task.cancel()  # the job would do what is tested here, at its own time
        assert not await scan_marks(node.processor), "this law is not in force everywhere yet"
        clock.move(A_WHILE)
        assert await scan_marks(node.processor)
        gift = of("LANDED", "T-shirt Quxzora", scheme_kind_code=None, sale_nature_code="gift")
        gift["goods_items"][0]["invoice_amount"] = "5.00"
        gift["consignor"] = {"name": "Invented Aunt", "country_code": "CN"}
        await send(
            node,
            DECLARANT,
            "declaration",
            of("NAMED", "T-shirt Quxzora, cotton, knitted"),
            of("RESPELT", "T-shirt quxzorra, cotton, knitted"),
            of("PLAIN", "T-shirt, cotton, knitted"),
            of("OTHER-GOODS", "T-shirt Vexolit, cotton, knitted"),
            of("AUTHORISED", "T-shirt Quxzora, cotton, knitted", seller_id="HOLDER-SHOP"),
            gift,
        )
        landed = arrival("LANDED", arrived_at=LODGED_AT.strftime("%Y-%m-%dT%H:%M:%SZ"))
        await send(node, OFFICER, "arrival", landed)
        before = await lanes(node)
        clock.move(dt.timedelta(seconds=1))

        await put(node, SHIRTS, SHOES)
        assert not await scan_marks(node.processor), "other processes may not look for it yet"
        clock.move(A_WHILE)
        assert await scan_marks(node.processor)

        assert await lanes(node) == {**before, "NAMED": "review", "RESPELT": "review"}
        assert set(before.values()) == {"proceed"}
        assert (await looked_at(node))[1] == 2
        ((opened_count,),) = await select(node, "SELECT count(*) FROM vault_read WHERE purpose = 'mark-scan'")
        told = await select(node, "SELECT count(*) FROM decision")
        assert await scan_marks(node.processor), "once"
        assert await select(node, "SELECT count(*) FROM decision") == told
        assert opened_count, "the ledger tells who read them"

        clock.move(dt.timedelta(seconds=1))
        await put(node, SHOES)
        clock.move(A_WHILE)
        assert await scan_marks(node.processor)
        assert await lanes(node) == before, "what stood against that mark alone goes on"
        assert await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL") == [(0,)]


def test_what_has_changed_is_looked_for_and_nothing_else() -> None:
    low = MarkedRight("1", ["Quxzora"], ["6109"], ["HOLDER-SHOP"], is_exact=True)

    assert changed_rights([SHIRTS, SHOES], [SHOES, SHIRTS]) == []
    assert changed_rights([], [SHOES]) == [SHOES]
    assert changed_rights([SHOES], []) == [SHOES]
    assert changed_rights([SHIRTS, SHOES], [low, SHOES]) == [SHIRTS, low], "respelt words are free now"
