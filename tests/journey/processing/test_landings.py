"""What an arrival alone decides: a narrow row a piece, the wide row as it was, no message opened."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from serai.app import Node
from serai.foundation.clock import FixedClock
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.processing import landings
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    arrival,
    decision,
    opened,
    parcel,
    select,
    send,
    statuses,
)
from tests.journey.statistics.test_running_sums import assert_even

LODGED_AT = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)
LANDED_AT = dt.datetime(2026, 7, 2, 5, tzinfo=dt.UTC)
AT_RANDOM = {"decision_id", "supersedes", "mrn", "decided_at"}


@pytest.fixture
def database(make_database: Callable[[], str]) -> str:
    """A database for each test: each has its own time."""
    return make_database()


@asynccontextmanager
async def lodged(
    database: str, folder: Path, *parcels: dict[str, Any], landed_at: dt.datetime = LANDED_AT
) -> AsyncIterator[Node]:
    """A node on the day on which parcels land, under law that was in force before they were declared."""
    async with opened(database, folder, clock=FixedClock(LODGED_AT - dt.timedelta(hours=1))):
        pass
    async with opened(database, folder, clock=FixedClock(LODGED_AT)) as node:
        await send(node, DECLARANT, "declaration", *parcels)
    async with opened(database, folder, clock=FixedClock(landed_at)) as node:
        yield node


def gift(name: str, **changes: Any) -> dict[str, Any]:
    """A parcel that owes nothing."""
    free = parcel(name, scheme_kind_code=None, sale_nature_code="gift", **changes)
    free["goods_items"][0]["invoice_amount"] = "5.00"
    free["consignor"] = {"name": "Invented Aunt", "country_code": "CN"}
    return free


async def wide_rows(node: Node) -> list[Any]:
    return await select(
        node, "SELECT reference, xmin::text, decision_id, status FROM declared_consignment ORDER BY reference"
    )


async def stored_decision(node: Node, document: dict[str, Any]) -> dict[str, Any]:
    (answer,) = await send(node, DECLARANT, "declaration", document)
    assert answer.status == "repeated"
    return decision(answer)


@pytest.mark.in_turn
async def test_landing_touches_no_wide_row_and_opens_no_message(database: str, tmp_path: Path) -> None:
    flight = {"conveyance_reference": "FLIGHT-one"}
    async with lodged(database, tmp_path, gift("free", **flight), parcel("owes", **flight)) as node:
        before, opened_before = await wide_rows(node), await select(node, "SELECT count(*) FROM vault_read")

        await send(node, OFFICER, "arrival", arrival("one"))

        assert await statuses(node, "D-free", "D-owes") == ["released", "payment-due"]
        assert await wide_rows(node) == before
        assert await select(node, "SELECT count(*) FROM vault_read") == opened_before
        told = await select(
            node,
            "SELECT reference, event.kind FROM event JOIN consignment USING (decision_id)"
            " JOIN landing USING (consignment_id) WHERE event.party_id = 1 ORDER BY reference",
        )
        assert [kind for _, kind in told] == [3, 1], "released, decided again"
        await assert_even(node)


@pytest.mark.in_turn
async def test_narrow_and_whole_decisions_say_the_same(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    makers = {"free": gift, "owes": parcel}
    documents = {
        (name, way): make(f"{name}-{way}", conveyance_reference=f"FLIGHT-{way}")
        for name, make in makers.items()
        for way in ("narrow", "whole")
    }
    async with lodged(database, tmp_path, *documents.values()) as node:
        await send(node, OFFICER, "arrival", arrival("narrow"))
        with monkeypatch.context() as patched:
            # Nothing has been in force for so long: everything is decided again.
            patched.setattr(landings, "IN_FORCE_EVERYWHERE", dt.timedelta(days=400))
            await send(node, OFFICER, "arrival", arrival("whole"))

        landed = await select(node, "SELECT reference FROM landing JOIN consignment USING (consignment_id)")
        assert sorted(reference for (reference,) in landed) == ["D-free-narrow", "D-owes-narrow"]
        for name in makers:
            narrow, whole = [await stored_decision(node, documents[name, way]) for way in ("narrow", "whole")]
            assert narrow["kind"] == "release"
            assert narrow.keys() == whole.keys()
            assert {k: v for k, v in narrow.items() if k not in AT_RANDOM} == {
                k: v for k, v in whole.items() if k not in AT_RANDOM
            }
        columns = "law_on, accepted_at, arrived_at, lane, status, decision_kind, is_provisional, reasons"
        rows = await select(
            node, f"SELECT split_part(reference, '-', 2), {columns} FROM consignment ORDER BY reference"
        )
        assert rows[0] == rows[1]
        assert rows[2] == rows[3]


@pytest.mark.in_turn
async def test_payment_after_landing_releases_and_keeps_both_decisions_before(
    database: str, tmp_path: Path
) -> None:
    document = parcel("paid")
    async with lodged(database, tmp_path, document) as node:
        await send(node, OFFICER, "arrival", arrival("paid"))
        due = await stored_decision(node, document)
        ((case_id,),) = await select(node, "SELECT case_id FROM consignment")
        await mark_payment_status(
            node.processor,
            OFFICER,
            case_id,
            kind="paid",
            amount=due["totals"]["due_at_border_amount"],
            currency_code="EUR",
            reference="PAY-1",
        )

        assert await statuses(node, "D-paid") == ["released"]
        assert not await select(node, "SELECT 1 FROM landing")
        made = await select(
            node, "SELECT decision_id, supersedes, kind, arrived_at FROM decision ORDER BY decision_id"
        )
        assert [supersedes for _, supersedes, *_ in made] == [None, made[0][0], made[1][0]]
        assert [kind for *_, kind, _ in made] == [1, 2, 2]
        await assert_even(node)
        assert made[1][3] == dt.datetime(2026, 7, 2, 4, 41, tzinfo=dt.UTC)


async def test_arrival_on_another_day_is_decided_as_a_whole(database: str, tmp_path: Path) -> None:
    document = parcel("late")
    landed_at = LANDED_AT + dt.timedelta(days=1)
    async with lodged(database, tmp_path, document, landed_at=landed_at) as node:
        await send(node, OFFICER, "arrival", arrival("late", arrived_at="2026-07-03T06:41:00+02:00"))

        assert (await stored_decision(node, document))["law_on"] == "2026-07-03"
        assert not await select(node, "SELECT 1 FROM landing")
        assert await select(node, "SELECT arrived_at FROM declared_consignment") != [(None,)]


async def test_under_law_put_in_force_since_is_decided_as_a_whole(database: str, tmp_path: Path) -> None:
    async with lodged(database, tmp_path, parcel("since")) as node:
        async with node.database.write() as connection:
            await connection.execute(
                "UPDATE law_generation SET activated_at = activated_at + interval '2 hours'"
            )

        await send(node, OFFICER, "arrival", arrival("since"))

        assert not await select(node, "SELECT 1 FROM landing")
        assert await statuses(node, "D-since") == ["payment-due"]


async def test_corrected_arrival_stands_and_the_decision_keeps_its_own(database: str, tmp_path: Path) -> None:
    async with lodged(database, tmp_path, parcel("twice")) as node:
        await send(node, OFFICER, "arrival", arrival("twice"))

        corrected = "2026-07-02T06:50:00+02:00"
        await send(node, OFFICER, "arrival", arrival("twice", arrived_at=corrected, amends_version=1))

        ((stands, decided),) = await select(
            node,
            "SELECT consignment.arrived_at, landing.arrived_at FROM consignment"
            " JOIN landing USING (consignment_id)",
        )
        assert stands == dt.datetime(2026, 7, 2, 4, 50, tzinfo=dt.UTC)
        assert decided == dt.datetime(2026, 7, 2, 4, 41, tzinfo=dt.UTC)


async def test_without_a_law_an_arrival_is_noted_and_nothing_is_decided(
    database: str, tmp_path: Path
) -> None:
    nowhere = {"name": "Invented Person 3", "country_code": "TV", "city": "Funafuti"}
    async with lodged(database, tmp_path, parcel("waits", consignee=nowhere)) as node:
        before = await wide_rows(node)

        await send(node, OFFICER, "arrival", arrival("waits"))

        assert await wide_rows(node) == before
        ((decision_id, arrived_at),) = await select(node, "SELECT decision_id, arrived_at FROM landing")
        assert decision_id is None
        assert arrived_at is not None
