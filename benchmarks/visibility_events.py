"""What taking in and asking for visibility events costs: processor time, by stage, on a store of its own.

    uv run python benchmarks/visibility_events.py [--events 20000]

One process with its own PostgreSQL, events of one carrier in captures of 2,000, each with two parcels and an
order; without HTTP. Python is this process's time, database that of PostgreSQL's processes.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from serai.app import open_node
from serai.formats.epcis.event import Query
from serai.formats.epcis.event_hash import names_of
from serai.formats.epcis.read_apart import read_events_apart
from serai.foundation.access.actor import Actor, Means, Role
from serai.foundation.clock import SystemClock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.migrations import migrate
from serai.foundation.settings import DatabaseSettings, DataSettings, Settings
from serai.foundation.shipped import find_shipped
from serai.journey.epcis.querying import notify_events
from serai.journey.tracking.capture import ROLLBACK, capture_message
from serai.journey.tracking.service import Asker, TrackingService
from serai.journey.visibility.table import Viewer
from serai.web.case_files import build_tracking_service

from processor_time import tree_cpu_s

CAPTURE_COUNT = 2_000
_BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
_STEPS = ("packing", "shipping", "departing", "transporting", "arriving", "storing")


def messages(count: int) -> list[bytes]:
    """Return EPCIS documents with so many events in all."""
    events = [_event(number) for number in range(count)]
    return [_document(events[begin : begin + CAPTURE_COUNT]) for begin in range(0, count, CAPTURE_COUNT)]


def _event(number: int) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventTime": (_BEGIN + timedelta(seconds=number)).isoformat(),
        "eventTimeZoneOffset": "+00:00",
        "action": "OBSERVE",
        "bizStep": _STEPS[number % len(_STEPS)],
        "disposition": "in_transit",
        "epcList": [
            f"urn:epc:id:sscc:0614141.{number:010d}",
            f"https://parcels.example.com/s10/RR{number:09d}CN",
        ],
        "readPoint": {"id": f"urn:epc:id:sgln:4012345.{number % 50:05d}.0"},
        "bizTransactionList": [
            {"type": "po", "bizTransaction": f"urn:epcglobal:cbv:bt:0614141000005:PO-{number // 2}"}
        ],
    }


def _document(events: list[dict[str, Any]]) -> bytes:
    return json.dumps(
        {
            "@context": "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-07-01T00:00:00Z",
            "epcisBody": {"eventList": events},
        }
    ).encode()


async def _measure(service: TrackingService, postgres_pid: int, count: int) -> dict[str, float]:
    """Return microseconds of processor time an event, by stage; queries in milliseconds each."""
    sent = messages(count)
    actor = Actor(
        party_id=1,
        administration_id=1,
        roles=frozenset({Role.CARRIER}),
        scopes=frozenset({"lodging"}),
        means=Means.API_KEY,
    )
    begin = time.process_time()
    parts = [part for content in sent for part in read_events_apart(content).parts]
    read = time.process_time()
    events = [part.event for part in parts if part.event is not None]
    for one in events:
        names_of(one)
    named = time.process_time()
    database = tree_cpu_s([postgres_pid])
    whole = time.process_time()
    for content in sent:
        await capture_message(service, actor, content, ROLLBACK)
    captured, of_database = time.process_time() - whole, tree_cpu_s([postgres_pid]) - database
    per_event = 1e6 / len(events)
    asker = Asker(Viewer(1, frozenset({Role.CARRIER})), "bench")
    asked = time.process_time()
    for number in range(100):
        wanted = f"https://id.gs1.org/00/{number:018d}"
        await notify_events(
            service, asker, Query(name="q", parameters={"MATCH_epc": (wanted,)}), after=None, limit=30
        )
    by_thing = time.process_time()
    for _ in range(20):
        await notify_events(
            service, asker, Query(name="q", parameters={"EQ_bizStep": ("arriving",)}), after=None, limit=30
        )
    by_step = time.process_time()
    return {
        "events": len(events),
        "read_us": (read - begin) * per_event,
        "hash_us": (named - read) * per_event,
        "capture_python_us": captured * per_event,
        "capture_database_us": of_database * per_event,
        "query_by_thing_ms": (by_thing - asked) * 10,
        "query_by_step_ms": (by_step - by_thing) * 50,
    }


async def _run(folder: Path, dsn: str, postgres_pid: int, count: int) -> dict[str, float]:
    settings = Settings(data=DataSettings(folder=str(folder)), database=DatabaseSettings(dsn=dsn))
    async with open_node(settings, dsn) as node:
        return await _measure(build_tracking_service(node), postgres_pid, count)


def main() -> None:
    """Measure and print JSON."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=20_000)
    count = arguments.parse_args().events
    with tempfile.TemporaryDirectory(prefix="serai-events-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = EmbeddedPostgres(folder / "postgres")
        dsn = server.start()
        try:
            migrate(dsn, find_shipped("migrations"), at=SystemClock().now())
            with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
                (data_folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            pid = int((Path(data_folder) / "postmaster.pid").read_text().split()[0])
            sys.stdout.write(json.dumps(asyncio.run(_run(folder, dsn, pid, count)), indent=1) + "\n")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
