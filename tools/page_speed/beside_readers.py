"""Times a filing alone and beside fifty connections that read one page: pages are made off the event loop."""

import itertools
import statistics
import subprocess
import sys
import time
from typing import Final

import httpx2
import msgspec
from tests.faults.serving import JSON, Serving, parcel, serving, short_folder

READERS_COUNT: Final = 50
_FILINGS_COUNT: Final = 300
_PAGES: Final = ("/law", "/calculator", "/release-times")


class Beside(msgspec.Struct, frozen=True):
    """A filing's 95th percentile, milliseconds, beside readers of a page; pages_per_second: what they got."""

    page: str
    alone_ms: float
    beside_ms: float
    pages_per_second: float


def time_beside_readers() -> list[Beside]:
    """Serve a node with two processes; time a filing before and while each page is read."""
    with short_folder() as folder, serving(folder) as node:
        key = node.add_party("Invented Express")[1]
        numbers = itertools.count()
        _file(node, key, numbers, 50)
        return [_time(node, key, numbers, page) for page in _PAGES]


def _time(node: Serving, key: str, numbers: "itertools.count[int]", page: str) -> Beside:
    alone_ms = _file(node, key, numbers, _FILINGS_COUNT)
    begun = time.perf_counter()
    # In a process of their own: readers and filer would wait for each other in one.
    readers = subprocess.Popen(
        [sys.executable, "-m", "tools.page_speed.readers", str(node.port), page, str(READERS_COUNT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    beside_ms = _file(node, key, numbers, _FILINGS_COUNT)
    taken_s = time.perf_counter() - begun
    pages_count, _ = readers.communicate("end\n", timeout=60)
    return Beside(page, alone_ms, beside_ms, round(int(pages_count) / taken_s))


def _file(node: Serving, key: str, numbers: "itertools.count[int]", count: int) -> float:
    """File one consignment a request; return the 95th percentile, milliseconds."""
    headers = {"authorization": f"Bearer {key}", "content-type": JSON}
    taken_ms = []
    with httpx2.Client(base_url=f"http://127.0.0.1:{node.port}", headers=headers, timeout=60) as client:
        for number in itertools.islice(numbers, count):
            sent = parcel(f"BESIDE-{number}")
            begun = time.perf_counter()
            answer = client.post("/v1/declarations", json=sent)
            taken_ms.append((time.perf_counter() - begun) * 1000)
            assert answer.status_code == 201, answer.text
    return round(statistics.quantiles(taken_ms, n=20)[-1], 1)
