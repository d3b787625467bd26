"""Sums over the files of the history are what stands, through amendments, releases and withdrawals; nobody is
named in them."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest
from psycopg import AsyncConnection

from serai.app import Node
from serai.cli.law_folder import read_chosen_laws
from serai.foundation.clock import FixedClock, SystemClock
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.acts.service import Acts
from serai.journey.decision.rules import SHOWN_LANES
from serai.journey.history.rules import SCHEMAS
from serai.journey.history.service import History, WrittenHour
from serai.journey.history.statistics import Statistics, read_statistics
from serai.journey.statistics.store import DashboardReader
from serai.laboratory.decide_file import Block, Decider, Setup
from serai.laboratory.invented.parcels import consignments
from serai.model.errors import SeraiError
from serai.model.frames import STATUSES
from serai.model.packed_detail import DUES
from tests.journey.processing.support import (
    DECLARANT,
    OFFICER,
    arrival,
    decision,
    opened,
    parcel,
    select,
    send,
)

PAGE = Path(__file__).parents[3] / "docs/how-to/read-the-history.md"
HOUR = timedelta(hours=1)
BEGIN = datetime(2026, 7, 1, 9, 20, tzinfo=UTC)
PLACES = {"DE": ("Berlin", "10115"), "FR": ("Paris", "75001"), "NL": ("Utrecht", "3511 AA")}


def to(country: str, name: str, amount: str, **changes: Any) -> dict[str, Any]:
    city, postcode = PLACES[country]
    made = parcel(name, **changes)
    made["consignee"] |= {"country_code": country, "city": city, "postcode": postcode}
    made["goods_items"][0]["invoice_amount"] = amount
    return made


PARCELS = [
    to(country, f"{country}-{amount}", f"{amount}.00")
    for country in PLACES
    for amount in (12, 25, 90, 149, 151, 900)
]


async def written(node: Node, folder: Path, *, at: datetime, **window: datetime) -> list[WrittenHour]:
    history = History(node.database, node.administration_id, folder)
    return [one async for one in history.write(at=at, **window)]


class Flow(msgspec.Struct):
    """The dashboard's running sums."""

    lanes: set[tuple[str, str, int]]
    hours: list[tuple[datetime, int]]
    destinations: set[tuple[str, int]]
    taxes: set[tuple[str, str, str, int, int]]
    charged_by_country: dict[str, int]


async def flow_of(node: Node) -> Flow:
    since = BEGIN - 1000 * HOUR
    async with node.database.read(node.administration_id) as connection:
        reader = DashboardReader(connection, node.administration_id)
        return Flow(
            {
                (SHOWN_LANES[one.lane], STATUSES[one.status], one.row_count)
                for one in await reader.lanes(since)
            },
            [(one.hour_at, one.row_count) for one in await reader.hours(since)],
            {(one.country_code, one.row_count) for one in await reader.destinations(since)},
            {
                (one.tax_type_code, one.currency_code, DUES[one.due], one.row_count, one.amount_minor)
                for one in await reader.taxes(since)
            },
            dict(
                await select(
                    node,
                    "SELECT destination_country_code, sum(amount_minor)::bigint FROM statistics_hour"
                    " WHERE tax_type_code <> '' GROUP BY 1 HAVING sum(row_count) <> 0",
                )
            ),
        )


def as_flow(found: Statistics) -> Flow:
    """What the files say, as the dashboard would."""
    counts: Counter[tuple[str, str, str]] = Counter()
    amounts: Counter[tuple[str, str, str]] = Counter()
    by_country: Counter[str] = Counter()
    for one in found.charges:
        key = (one.tax_type_code, one.currency_code, one.due)
        counts[key] += one.charges_count
        amounts[key] += one.amount_minor
        by_country[one.consignee_country_code] += one.amount_minor
    return Flow(
        {(one.lane, one.status, one.consignments_count) for one in found.lanes},
        [(one.hour_at, one.consignments_count) for one in found.hours],
        {(one.consignee_country_code, one.consignments_count) for one in found.destinations},
        {(*key, counts[key], amounts[key]) for key in counts},
        dict(by_country),
    )


class Made(msgspec.Struct):
    """Three hours of an administration: before anything was changed, and after."""

    dsn: str
    keys: Path
    folder: Path
    first_hours: list[WrittenHour]
    first: Statistics
    first_flow: Flow
    later_hours: list[WrittenHour]
    last: Statistics
    last_flow: Flow

    def node_at(self, at: datetime) -> AbstractAsyncContextManager[Node]:
        return opened(self.dsn, self.keys, clock=FixedClock(at))


@pytest.fixture(scope="module")
def made(database: str, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return asyncio.run(make(database, tmp_path_factory.mktemp("keys"), tmp_path_factory.mktemp("history")))


@pytest.fixture
def folder(made: Made) -> Path:
    return made.folder


async def make(dsn: str, keys: Path, folder: Path) -> Made:
    async with opened(dsn, keys, clock=FixedClock(BEGIN)) as node:
        filed = await send(node, DECLARANT, "declaration", *PARCELS)
        assert {one.status for one in filed} == {"decided"}, filed
        first_hours = await written(node, folder, at=BEGIN + HOUR)
        first, first_flow = read_statistics(folder), await flow_of(node)
    async with opened(dsn, keys, clock=FixedClock(BEGIN + HOUR)) as node:
        elsewhere = to("FR", "DE-151", "400.00", amends_version=1, amendment_reason="another country")
        assert (await send(node, DECLARANT, "declaration", elsewhere))[0].version == 2
        # Twice in one hour.
        dearer = to("FR", "DE-151", "500.00", amends_version=2, amendment_reason="dearer")
        assert (await send(node, DECLARANT, "declaration", dearer))[0].version == 3
        gone = await Acts(node.processor).withdraw(DECLARANT, "D-NL-90", expected_version=1, reason="sold")
        assert decision(gone)["status"] == "invalidated"
        at = BEGIN + HOUR
        mass = consignments(200, 3, at=at, first_acceptance=at - 10 * HOUR)
        await send(node, DECLARANT, "declaration", *mass)
    async with opened(dsn, keys, clock=FixedClock(BEGIN + 3 * HOUR)) as node:
        await send(node, DECLARANT, "arrival", arrival("DE-90", arrived_at="2026-07-01T12:00:00Z"))
        due = decision(filed[2])["totals"]["due_at_border_amount"]
        paid = {"reference": "PAY-1", "kind": "paid", "currency_code": "EUR", "amount": due}
        await mark_payment_status(node.processor, OFFICER, filed[2].case_id, **paid)
        later_hours = await written(node, folder, at=BEGIN + 5 * HOUR)
        last, last_flow = read_statistics(folder), await flow_of(node)
    return Made(dsn, keys, folder, first_hours, first, first_flow, later_hours, last, last_flow)


def decided_without_a_database(at: datetime) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Consignments by lane, and sums by kind and currency, as `serai decide` has them."""
    decider = Decider(Setup(read_chosen_laws(None), {}, None, int(at.timestamp() * 1000)))
    content = b"".join(json.dumps(one).encode() + b"\n" for one in PARCELS)
    answers = decider.decide_block(Block(1, content)).answers.splitlines()
    lanes: Counter[str] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for answer in map(json.loads, answers):
        made = answer["decision"]
        lanes[made["lane"]] += 1
        for kind in ("duty", "tax", "fee"):
            amount = made["totals"].get(f"{kind}_amount")
            if amount is not None:
                sums[kind, made["currency_code"]] += int(Decimal(amount).scaleb(2))
    return lanes, +sums


@pytest.mark.in_turn
def test_sums_of_the_files_are_those_of_the_dashboard(made: Made) -> None:
    assert as_flow(made.first) == made.first_flow
    assert made.first.consignments_count == len(PARCELS)
    assert made.first_flow.taxes, "something is charged"


def test_sums_of_the_files_are_those_of_serai_decide(made: Made) -> None:
    lanes, sums = decided_without_a_database(BEGIN)

    told_lanes: Counter[str] = Counter()
    for lane in made.first.lanes:
        told_lanes[lane.lane] += lane.consignments_count
    told: Counter[tuple[str, str]] = Counter()
    for charge in made.first.charges:
        told[charge.kind, charge.currency_code] += charge.amount_minor
    assert told_lanes == lanes
    assert told == sums
    assert len(sums) > 1


def test_sums_stay_even_after_amendments_a_withdrawal_and_a_release(made: Made) -> None:
    assert as_flow(made.last) == made.last_flow
    assert made.last_flow.charged_by_country != made.first_flow.charged_by_country
    assert {status for _, status, _ in made.last_flow.lanes} >= {
        "invalidated",
        "released",
        "arrival-expected",
    }
    assert [one.hour_at.hour for one in (*made.first_hours, *made.later_hours)] == [9, 10, 12]
    assert made.last.hours_written_count == 3


def test_release_times_are_from_acceptance_and_from_arrival(made: Made) -> None:
    times = made.last.release_times

    assert (made.first.release_times.released_count, times.released_count) == (0, 1)
    assert (times.arrived_count, times.arrived_to_released_ms_p50) == (1, 20 * 60 * 1000)
    assert times.accepted_to_released_ms_p50 == times.accepted_to_released_ms_p90
    assert times.accepted_to_released_ms_p50
    assert made.first.release_times.accepted_to_released_ms_p50 is None


def rows_of(folder: Path, hour: str, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / f"hour={hour}" / f"{name}.parquet").to_pylist()
    return rows


def test_amendment_reverses_what_the_earlier_hour_says(folder: Path) -> None:
    earlier = rows_of(folder, "2026-07-01T09", "charge")
    later = rows_of(folder, "2026-07-01T10", "charge")
    reversed_ids = {row["decision_id"] for row in later if row["row_count"] < 0}
    known = {row["decision_id"]: row for row in rows_of(folder, "2026-07-01T10", "decision")}

    def facts(row: dict[str, Any], sign: int) -> tuple[Any, ...]:
        own = {"row_count", "reversed_by_decision_id", "recorded_at", "amount_minor", "base_minor"}
        others = tuple(row[name] for name in SCHEMAS["charge"].names if name not in own)
        return (*others, sign * row["amount_minor"], sign * row["base_minor"])

    taken_back = {facts(row, -1) for row in later if row["row_count"] < 0}
    said = {facts(row, 1) for row in (*earlier, *later) if row["row_count"] > 0}

    assert len(reversed_ids) == 3, "the amended one twice, the withdrawn one once"
    assert taken_back <= said
    assert {row["consignee_country_code"] for row in later if row["row_count"] < 0} == {"DE", "FR", "NL"}
    for row in later:
        if row["row_count"] < 0:
            assert row["reversed_by_decision_id"] in known
            assert row["amount_minor"] <= 0


async def test_hour_that_is_there_is_left_alone(made: Made, folder: Path) -> None:
    files = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}

    async with made.node_at(BEGIN + 3 * HOUR) as node:
        assert await written(node, folder, at=BEGIN + 5 * HOUR) == []

    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == files
    assert not list(folder.glob(".*")), "nothing half made is left"


async def test_folder_of_another_administration_is_refused(made: Made, folder: Path) -> None:
    async with made.node_at(BEGIN + 3 * HOUR) as node:
        another = History(node.database, node.administration_id + 1, folder)
        with pytest.raises(SeraiError, match="history-of-another"):
            await anext(another.write(at=BEGIN + 100 * HOUR))


async def test_only_closed_hours_within_the_window_are_written(made: Made, tmp_path: Path) -> None:
    nine = BEGIN.replace(minute=0)
    async with made.node_at(BEGIN + 3 * HOUR) as node:
        open_still = await written(node, tmp_path / "open", at=nine + HOUR + timedelta(minutes=9))
        closed = await written(node, tmp_path / "closed", at=nine + HOUR + timedelta(minutes=10))
        some = await written(
            node,
            tmp_path / "some",
            at=BEGIN + 100 * HOUR,
            begin=nine + timedelta(minutes=1),
            end=nine + 3 * HOUR,
        )

    assert open_still == []
    assert [one.hour_at.hour for one in closed] == [9]
    assert [one.hour_at.hour for one in some] == [10]


async def test_hour_waits_for_transactions_that_began_in_it(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    dsn, now = make_database(), SystemClock().now()
    async with opened(dsn, tmp_path / "keys") as node:
        await send(node, DECLARANT, "declaration", *PARCELS[:2])
        async with await AsyncConnection.connect(dsn) as writing:
            await writing.execute("SELECT pg_current_xact_id()")
            meanwhile = await written(node, tmp_path / "history", at=now + 3 * HOUR)
        afterwards = await written(node, tmp_path / "history", at=now + 3 * HOUR)

    assert meanwhile == []
    assert sum(one.files["decision"].rows_count for one in afterwards) == 2


async def test_hour_that_fails_leaves_nothing_behind(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    async with opened(make_database(), tmp_path / "keys", clock=FixedClock(BEGIN)) as node:
        await send(node, DECLARANT, "declaration", *PARCELS[:2])
        async with node.database.write() as connection:
            await connection.execute(r"UPDATE declared_consignment SET detail = '\x7f00'")
        with pytest.raises(SeraiError, match="format 127"):
            await written(node, tmp_path / "history", at=BEGIN + HOUR)

    assert list((tmp_path / "history").iterdir()) == []


def test_manifest_tells_version_rows_and_hashes(folder: Path) -> None:
    for hour in folder.glob("hour=*"):
        told = msgspec.json.decode((hour / "manifest.json").read_bytes(), type=WrittenHour)
        assert {path.stem for path in hour.glob("*.parquet")} == set(told.files) == set(SCHEMAS)
        for name, note in told.files.items():
            table = pq.read_table(hour / f"{name}.parquet")
            assert table.num_rows == note.rows_count
            assert table.schema.equals(SCHEMAS[name])


def test_no_person_and_no_text_of_a_message_is_in_the_files(folder: Path) -> None:
    """All columns are numbers, times, flags or codes; no text of the messages is among their values."""
    hidden = ("Invented", "Person", "Berlin", "Paris", "10115", "T-shirt", "knitted", "D-DE", "dearer")
    for path in folder.rglob("*.parquet"):
        for row in pq.read_table(path).to_pylist():
            texts = [value for value in row.values() if isinstance(value, str)]
            texts += [one for value in row.values() if isinstance(value, list) for one in value]
            assert not [one for one in texts if any(word in one for word in hidden)]
        content = path.read_bytes()
        assert not [word for word in hidden if len(word) > 4 and word.encode() in content]


def test_the_queries_of_the_page_run_on_the_files(folder: Path) -> None:
    queries = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

    assert len(queries) == 2
    for query in queries:
        found = duckdb.connect().execute(query.replace("'history/", f"'{folder}/")).fetchall()
        assert found
