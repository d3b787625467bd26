"""One flight lands: its pieces were decided while it was in the air, now they are released or payment is due.

Pre-lodged declarations name one conveyance and state no acceptance, so that each is provisional until the
flight lands. The clock runs from the report to its answer, which comes when everything that can be released
is. Processor time is that of the web processes and PostgreSQL; WAL and stored bytes are PostgreSQL's own
figures, of the whole database.

    uv run python benchmarks/arrivals.py --pieces 100000
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from serai.model.frames import STATUSES

import convert
import http_bulk
import parcels
import wire_lines
from processor_time import tree_cpu_s
from served import Served, served
from stored import bytes_each, stored

CORES_COUNT = 2
_FLIGHT, _PIECES_A_UNIT = "FLIGHT-BENCH-1", 500
_EXPECTED, _LANDED = "2026-11-20T06:00:00Z", "2026-11-20T06:41:00Z"
Document = dict[str, Any]


def pieces(wire: Path, count: int) -> Iterator[Document]:
    """Return so many sound declarations of one flight that is yet to land."""
    for number, document in enumerate(islice(wire_lines.sound_documents(wire), count)):
        lodged = {name: value for name, value in document.items() if name != "accepted_at"}
        # Mail flies in bags, the rest under master documents, each of many pieces.
        unit = "receptacle_id" if "receptacle_id" in lodged else "master_document"
        yield lodged | {
            "conveyance_reference": _FLIGHT,
            unit: f"{unit[0].upper()}-{number // _PIECES_A_UNIT}",
            "expected_arrival_at": _EXPECTED,
        }


def fill(here: Served, pieces_count: int, folder: Path) -> dict[str, Any]:
    """Send the flight's declarations; returns how many were decided, and the bytes of one."""
    source, wire, flight = (folder / name for name in ("parcels.ndjson", "wire.ndjson", "flight.ndjson"))
    parcels.write(str(source), pieces_count + pieces_count // 10)
    convert.convert(source, wire, suffix="a")
    wire_lines.write_documents(flight, pieces(wire, pieces_count))
    before = stored(here.dsn)
    answer: dict[str, Any] = http_bulk.send_file(here.address, flight)
    if not answer["complete"]:
        raise SystemExit(f"answers are missing: {answer['faults']}")
    decided = answer["statuses"]["decided"]
    return {"decided": decided, **bytes_each(before, stored(here.dsn), decided)}


def land(here: Served) -> dict[str, Any]:
    """Report that the flight has landed; returns what became of its pieces and what that took."""
    before, kept = _statuses(here.dsn), stored(here.dsn)
    web, postgres = ([pid] for pid in here.pids)
    cpu = tree_cpu_s(web), tree_cpu_s(postgres)
    begun = time.perf_counter()
    answer = httpx2.post(
        f"http://{here.address.host}:{here.address.port}/v1/arrivals",
        json={"reference": "ARRIVAL-1", "arrived_at": _LANDED, "conveyance_reference": _FLIGHT},
        headers={"authorization": f"Bearer {here.address.api_key}"},
        timeout=3600,
    )
    seconds = time.perf_counter() - begun
    web_s, postgres_s = tree_cpu_s(web) - cpu[0], tree_cpu_s(postgres) - cpu[1]
    answer.raise_for_status()
    arrived = sum(before.values())
    return {
        "pieces": arrived,
        "seconds": round(seconds, 2),
        "seconds_by_processor_time": round((web_s + postgres_s) / CORES_COUNT, 2),
        "web_us": round(web_s / arrived * 1e6, 1),
        "postgres_us": round(postgres_s / arrived * 1e6, 1),
        **bytes_each(kept, stored(here.dsn), arrived),
        "before": before,
        "after": _statuses(here.dsn),
    }


def _statuses(dsn: str) -> dict[str, int]:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT status, count(*) FROM consignment GROUP BY status").fetchall()
    return {STATUSES[status]: count for status, count in sorted(rows)}


def run(pieces_count: int) -> dict[str, Any]:
    """Start a server, fill it with a flight, let it land, remove everything."""
    with (
        tempfile.TemporaryDirectory(prefix="serai-arrivals-") as name,
        served(pieces_count + pieces_count // 10, roles=("declarant", "carrier")) as here,
    ):
        return {"lodged": fill(here, pieces_count, Path(name)), "landed": land(here)}


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=100_000)
    print(json.dumps(run(parser.parse_args().pieces), indent=1))


if __name__ == "__main__":
    main()
