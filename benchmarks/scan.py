"""A new list of denied parties is held against what is in flight: names opened from the vault, all of them.

The store is filled over HTTP with declarations of a flight that has landed and of one that is in the air;
then a list of invented names, some of them of people on the second flight, is put in force. Seconds run from
the first consignment looked at to the end, processor time is that of the web processes and PostgreSQL.

    uv run python benchmarks/scan.py --in-flight 100000 --stored 2000000
"""

import argparse
import asyncio
import json
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from serai.foundation.clock import SystemClock
from serai.foundation.database import Database
from serai.journey.assessment.store import make_component
from serai.journey.law_in_force.list_files import with_lists
from serai.journey.law_in_force.service import derive_law
from serai.model.frames import STATUSES

import convert
import growth
import http_bulk
import parcels
import wire_lines
from processor_time import tree_cpu_s
from served import Served, served
from stored import bytes_each, stored
from wire_lines import Document

CORES_COUNT = 2
_DOCUMENTS_COUNT, _LINES_COUNT, _LISTED_EVERY = 20_000, 100_000, 1_000
_PATIENCE_S = 600
_ENDED = """
    SELECT started_at, finished_at, read_count, hit_count FROM scan
    WHERE kind = 'list' AND subject_id = %s AND finished_at IS NOT NULL"""


def fill(here: Served, in_flight_count: int, stored_count: int, folder: Path) -> list[str]:
    """Fill the store; returns names that somebody in flight bears."""
    source, wire = folder / "parcels.ndjson", folder / "wire.ndjson"
    parcels.write(str(source), _DOCUMENTS_COUNT + _DOCUMENTS_COUNT // 10)
    convert.convert(source, wire, suffix="a")
    sound = list(islice(wire_lines.sound_documents(wire), _DOCUMENTS_COUNT))
    _send(here, sound, stored_count - in_flight_count, folder, "landed")
    with psycopg.connect(here.dsn) as connection:
        # How they were released is not what is measured.
        connection.execute("UPDATE declared_consignment SET status = %s", (STATUSES.index("released"),))
    _send(here, sound, in_flight_count, folder, "air")
    return [document["consignee"]["name"] for document in sound[::_LISTED_EVERY]]


def _send(here: Served, sound: list[Document], count: int, folder: Path, suffix: str) -> None:
    path = folder / "part.ndjson"
    for begin in range(0, count, _LINES_COUNT):
        lines = min(_LINES_COUNT, count - begin)
        wire_lines.write_documents(path, growth.documents_for(sound, lines, f"{suffix}{begin}"))
        answer = http_bulk.send_file(here.address, path, items_count=1)
        if not answer["complete"]:
            raise SystemExit(f"answers are missing: {answer['faults']}")


def scan(here: Served, names: list[str]) -> dict[str, Any]:
    """Put a list of names in force; returns what holding it against everybody in flight took."""
    lines = [f"X-{number},{name},person" for number, name in enumerate(names)]
    content = "\n".join(["entry_id,name,kind_code", *lines, ""]).encode()
    with psycopg.connect(here.dsn, autocommit=True) as connection:
        kept, cpu_s = stored(here.dsn), tree_cpu_s(here.pids)
        row = _await_end(connection, asyncio.run(_put_in_force(here.dsn, content)))
        cpu_s = tree_cpu_s(here.pids) - cpu_s
        held = connection.execute("SELECT count(*) FROM task WHERE closed_at IS NULL").fetchone()
        ledger = connection.execute("SELECT count(*) FROM vault_read WHERE purpose = 'list-scan'").fetchone()
    started_at, finished_at, read_count, listed_count = row
    assert held is not None
    assert ledger is not None
    return {
        "read": read_count,
        "listed": listed_count,
        "seconds": round((finished_at - started_at).total_seconds(), 2),
        "seconds_by_processor_time": round(cpu_s / CORES_COUNT, 2),
        "us": round(cpu_s / max(read_count, 1) * 1e6, 1),
        "ledger_lines": ledger[0],
        "tasks": held[0],
        **bytes_each(kept, stored(here.dsn), max(read_count, 1)),
    }


def _await_end(connection: psycopg.Connection[Any], generation_id: int) -> Any:
    """Wait until the scan for a generation has ended; return its row."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        row = connection.execute(_ENDED, (generation_id,)).fetchone()
        if row is not None:
            return row
        time.sleep(0.2)
    raise SystemExit("the scan does not end")


async def _put_in_force(dsn: str, content: bytes) -> int:
    async with Database(dsn, pool_size_count=1, statement_timeout_ms=60_000) as database:
        component = make_component("denied-parties", "invented-scan", content)
        at = SystemClock().now()
        generation_id, _ = await derive_law(
            database, 1, at, "a new list", lambda present: with_lists(present, [component])
        )
    return generation_id


def run(in_flight_count: int, stored_count: int) -> dict[str, Any]:
    """Start a server, fill it, scan, remove everything."""
    with (
        tempfile.TemporaryDirectory(prefix="serai-scan-") as name,
        served(_DOCUMENTS_COUNT + _DOCUMENTS_COUNT // 10) as here,
    ):
        names = fill(here, in_flight_count, stored_count, Path(name))
        return {"stored": stored_count, "in_flight": in_flight_count, **scan(here, names)}


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--in-flight", type=int, default=100_000)
    parser.add_argument("--stored", type=int, default=2_000_000)
    asked = parser.parse_args()
    print(json.dumps(run(asked.in_flight, asked.stored), indent=1))


if __name__ == "__main__":
    main()
