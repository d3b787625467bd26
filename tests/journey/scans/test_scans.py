"""A list that is new is held against everybody in flight: once, resumed where a process ended."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.foundation.clock import FixedClock
from serai.journey.law_in_force.service import import_list, load_law
from serai.journey.scans import service, store
from serai.journey.scans.service import scan_lists
from serai.model.frames import LANES
from tests.journey.processing.support import DECLARANT, OFFICER, arrival, opened, parcel, select, send

LODGED_AT = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)
LISTED_AT = LODGED_AT + dt.timedelta(hours=1)
LIST = b"entry_id,name,kind_code\nX-1,Listed Person,person\n"


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """A database for each test: each has its own time."""
    return make_database()


def to(name: str, **changes: Any) -> dict[str, Any]:
    """A parcel to somebody of this name."""
    reference = name.replace(" ", "-")
    consignee = {"name": name, "country_code": "DE", "city": "Berlin", "postcode": "10115"}
    return parcel(reference, consignee=consignee, **changes)


@asynccontextmanager
async def listed(
    database: str, folder: Path, *parcels: dict[str, Any], content: bytes = LIST
) -> AsyncIterator[Node]:
    """A node some seconds after a list was put in force that did not hold when the parcels were declared."""
    async with opened(database, folder, clock=FixedClock(LODGED_AT - dt.timedelta(hours=1))):
        pass
    async with opened(database, folder, clock=FixedClock(LODGED_AT)) as node:
        await send(node, DECLARANT, "declaration", *parcels)
    async with opened(database, folder, clock=FixedClock(LISTED_AT)) as node:
        administration_id = node.administration_id
        acting = ActingUser(administration_id, "operator:test", LISTED_AT, lambda: int(node.ids.take(1)[0]))
        await import_list(node.database, acting, "denied-parties", "invented", content)
        node.processor.law = await load_law(node.database, administration_id, LISTED_AT)
        assert not await scan_lists(node.processor), "other processes may decide by the old lists still"
    async with opened(database, folder, clock=FixedClock(LISTED_AT + dt.timedelta(seconds=10))) as node:
        yield node


async def lanes(node: Node) -> dict[str, str]:
    rows = await select(node, "SELECT reference, lane FROM consignment")
    return {reference: LANES[lane] for reference, lane in rows}


async def ledger(node: Node) -> list[Any]:
    return await select(
        node, "SELECT cardinality(subject_ids) FROM vault_read WHERE purpose = 'list-scan' ORDER BY read_id"
    )


@pytest.mark.in_turn
async def test_who_bears_a_name_of_a_new_list_is_decided_again_and_nobody_else(
    database: str, tmp_path: Path
) -> None:
    async with listed(database, tmp_path, to("Person LISTED"), to("Somebody Else")) as node:
        before = await lanes(node)

        assert await scan_lists(node.processor)

        after = await lanes(node)
        assert before == dict.fromkeys(before, "proceed")
        assert after == {"D-Person-LISTED": "review", "D-Somebody-Else": "proceed"}
        assert await select(node, "SELECT count(*) FROM task WHERE closed_at IS NULL") == [(1,)]
        assert await ledger(node) == [(6,)], "one line: consignor, consignee and carrier of both"


@pytest.mark.in_turn
async def test_a_scan_is_made_once(database: str, tmp_path: Path) -> None:
    async with listed(database, tmp_path, to("Listed Person")) as node:
        await scan_lists(node.processor)
        before = await ledger(node)

        assert await scan_lists(node.processor)

        assert await ledger(node) == before


@pytest.mark.in_turn
async def test_what_is_released_is_not_read(database: str, tmp_path: Path) -> None:
    gift = to("Listed Person", scheme_kind_code=None, sale_nature_code="gift")
    gift["goods_items"][0]["invoice_amount"] = "5.00"
    gift["consignor"] = {"name": "Invented Aunt", "country_code": "CN"}
    async with listed(database, tmp_path, gift) as node:
        landed = arrival("Listed-Person", arrived_at="2026-07-01T09:30:00Z")
        await send(node, OFFICER, "arrival", landed)
        ((status,),) = await select(node, "SELECT status FROM consignment")

        await scan_lists(node.processor)

        assert await select(node, "SELECT status FROM consignment") == [(status,)]
        assert not await ledger(node)


@pytest.mark.in_turn
async def test_another_process_goes_on_where_one_ended(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Somebody {letter}" for letter in "abcd"]
    monkeypatch.setattr(service, "CHUNK_COUNT", 2)
    async with listed(database, tmp_path, *map(to, names), to("Listed Person")) as node:
        advance, count = store.advance_scan, 0

        async def ends_in_the_second_chunk(*args: Any, **options: Any) -> None:
            nonlocal count
            count += 1
            if count == 2:
                raise RuntimeError("the process ends here")
            await advance(*args, **options)

        with monkeypatch.context() as patched:
            patched.setattr(store, "advance_scan", ends_in_the_second_chunk)
            with pytest.raises(RuntimeError):
                await scan_lists(node.processor)
        half = await select(node, "SELECT read_count, finished_at FROM scan ORDER BY subject_id DESC")

        assert await scan_lists(node.processor)

        assert half[0] == (2, None)
        ((read_count, listed_count),) = await select(
            node, "SELECT read_count, hit_count FROM scan WHERE until_id > 0 AND read_count > 0"
        )
        assert (read_count, listed_count) == (5, 1)
        assert (await lanes(node))["D-Listed-Person"] == "review"
