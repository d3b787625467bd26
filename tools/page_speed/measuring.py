"""Times the pages of officers on a running server: how long each takes in a small store and a large one."""

import datetime as dt
import json
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx2
import msgspec
import psycopg
from serai.app import running_database
from serai.foundation.clock import SystemClock
from serai.web.application import build_application
from tests.browser.look_at_pages import serving

from tools.page_speed.seeding import read_seeded, settings_of

TRIES_COUNT: Final = 40
_PAGE: Final = {"accept": "text/html"}


class Timed(msgspec.Struct, frozen=True):
    """How long one page took, milliseconds until its last byte, and how much was sent, compressed, bytes."""

    page: str
    median_ms: float
    p95_ms: float
    bytes_count: int


class Measured(msgspec.Struct, frozen=True):
    """A store and its pages."""

    parcels_count: int
    tasks_count: int
    pages: list[Timed]


def measure(folder: Path) -> Measured:
    """Serve the store of a folder, sign in, and time each page."""
    settings, seeded = settings_of(folder), read_seeded(folder)
    assert seeded is not None, "fill the store first"
    with (
        running_database(settings, SystemClock()) as dsn,
        serving(build_application(settings, dsn)) as address,
        httpx2.Client(base_url=address, headers=_PAGE, timeout=60) as client,
    ):
        links = seeded.filled.links
        link = links.pop()
        (folder / "seeded.json").write_bytes(msgspec.json.encode(seeded))
        client.get(f"/enter/{link}")
        queue = client.get("/queue", params={"owner": "all"})
        assert queue.status_code == 200, queue.text
        pages = [_time(client, name, path) for name, path in _pages(client, queue.text)]
        counts = client.get("/queue", params={"owner": "all"}, headers={"accept": "application/json"}).json()
        return Measured(_stored(dsn), counts["counted"]["count"], pages)


def _pages(client: httpx2.Client, queue: str) -> Iterator[tuple[str, str]]:
    """Give name and address of what is timed, found as a person finds it: in the queue."""
    case = _first(r'href="(/parcels/[^"]+)"', queue)
    flight = _first(r'href="(/transport-units/[^"]+)"', queue)
    reference = _first(r"<code>([^<]+)</code>", queue)
    choices = client.get("/queue", headers={"accept": "application/json"}).json()["choices"]
    yield "queue, whole", "/queue"
    yield "queue, a reason", f"/queue?rule={choices['rule'][-1]['value']}"
    yield "queue, a market", f"/queue?market={choices['market'][-1]['value']}"
    yield "queue, a flight", f"/queue?flight={choices['flight'][-1]['value']}&owner=all"
    yield "queue, mine", "/queue?owner=mine"
    yield "counts of the queue", "/queue/count"
    yield "case", case
    yield "flight", flight
    yield "search, a reference", f"/parcels?search={reference}"
    unit = client.get(flight, headers={"accept": "application/json"}).json()["unit"]
    yield "search, a flight", f"/parcels?search={unit['number']}"
    yield "search, nothing found", "/parcels?search=NOBODY-SENT-THIS"
    yield "parcels", "/parcels"
    yield "arrivals", "/arrivals"
    yield "statistics", "/statistics"
    yield "first page of law", "/law"


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return found[1].replace("&amp;", "&")


def _time(client: httpx2.Client, name: str, path: str) -> Timed:
    for _ in range(3):
        answer = client.get(path)
        assert answer.status_code == 200, (name, answer.status_code)
    taken_ms, size_bytes = [], 0
    for _ in range(TRIES_COUNT):
        begun = time.perf_counter()
        size_bytes = client.get(path).num_bytes_downloaded
        taken_ms.append((time.perf_counter() - begun) * 1000)
    return Timed(
        name,
        round(statistics.median(taken_ms), 1),
        round(statistics.quantiles(taken_ms, n=20)[-1], 1),
        size_bytes,
    )


def _stored(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM declared_consignment").fetchone()
    assert row is not None
    return int(row[0])


def write_report(small: Measured, large: Measured, path: Path, at: dt.datetime) -> None:
    """Write both as a page of the reference, and their figures beside it."""
    beside = {one.page: one for one in small.pages}
    rows = [
        f"| {one.page} | {one.median_ms:.0f} | {one.p95_ms:.0f} | {beside[one.page].p95_ms:.0f} |"
        f" {one.p95_ms / beside[one.page].p95_ms:.1f} | {one.bytes_count / 1000:.0f} |"
        for one in large.pages
    ]
    path.write_text(
        f"""# Speed of pages

Written by `python -m tools.page_speed measure` on {at:%-d %B %Y}. A store with {large.parcels_count:,}
declared consignments and {large.tasks_count:,} open tasks or more, and one with {small.parcels_count:,} and
{small.tasks_count:,}, served by one process on a machine with two cores that did other work at the same time.
Each page was asked for {TRIES_COUNT} times, one after the other, by an officer who is signed in. Times run
from the request to the last byte, over loopback, in milliseconds. *Ratio*: the large store's p95 over the
small one's. *kB*: as sent, compressed.

| page | median | p95 | p95, small store | ratio | kB |
|---|---|---|---|---|---|
"""
        + "\n".join(rows)
        + """

The large store is filled by `make seed-cases`: a hundred thousand consignments go the way of every
declaration; for each of the days before, their rows are copied with ids, numbers and times of that day
(`tools/page_speed/copies.py`). Tasks of the last three days are open.
""",
        encoding="utf-8",
    )
    path.with_suffix(".json").write_text(
        json.dumps([msgspec.to_builtins(one) for one in (small, large)], indent=1) + "\n", encoding="utf-8"
    )
