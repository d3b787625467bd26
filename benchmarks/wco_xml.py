"""WCO declarations in bulk: how many are decided and durable a second, and what one costs in processor time.

The same declarations are sent as parts of multipart bodies and as NDJSON, to two web processes over two
connections. Processor time is that of the web processes and of PostgreSQL; it tells more than the clock on a
machine with other work. Reading alone is timed in this process.

    uv run python benchmarks/wco_xml.py --count 20000
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import httpx2
import msgspec
from serai.formats.wco_dec import decode_dec
from serai.foundation.shipped import find_shipped

from processor_time import tree_cpu_s
from served import Served, served

_BOUNDARY = b"part"
_CONNECTIONS = 2
_HEAD = b"--part\r\nContent-Type: application/xml\r\n\r\n"


class Run(NamedTuple):
    """One way of sending. cpu_web_us, cpu_postgres_us: for each declaration."""

    form: str
    count: int
    decided: int
    seconds: float
    cpu_web_us: float
    cpu_postgres_us: float

    @property
    def budget_per_s(self) -> float:
        """Declarations a second that two cores could do if they did nothing else."""
        return 2e6 / (self.cpu_web_us + self.cpu_postgres_us)


def declarations(sample: bytes, count: int, prefix: str) -> list[bytes]:
    """Return declarations that differ in reference, number and price."""
    return [
        sample.replace(b"EXAMPLE-2026-0101", f"{prefix}-{number:07d}".encode())
        .replace(b"PL-EXAMPLE-1", f"PL-{prefix}-{number:07d}".encode())
        .replace(b">38.00<", f">{number % 90 + 10}.00<".encode())
        for number in range(count)
    ]


def read_us(messages: list[bytes]) -> float:
    """Processor time of reading one declaration, the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        begun = time.process_time()
        for message in messages:
            assert decode_dec(message)[0] is not None
        best = min(best, time.process_time() - begun)
    return best / len(messages) * 1e6


def multipart(messages: list[bytes]) -> bytes:
    """Write a body of parts."""
    return b"".join(_HEAD + one + b"\r\n" for one in messages) + b"--part--\r\n"


def ndjson(messages: list[bytes]) -> bytes:
    """Write the same declarations as lines."""
    lines = []
    for one in messages:
        message, faults = decode_dec(one)
        assert message is not None, faults
        lines.append(msgspec.json.encode(message.consignment))
    return b"\n".join(lines) + b"\n"


def run(to: Served, form: str, bodies: list[bytes], content_type: str, count: int) -> Run:
    """Send bodies at once, each over a connection of its own."""
    web, postgres = to.pids
    before = (tree_cpu_s([web]), tree_cpu_s([postgres]))
    begun = time.perf_counter()
    with ThreadPoolExecutor(len(bodies)) as threads:
        decided = sum(threads.map(lambda body: _send(to, body, content_type), bodies))
    seconds = time.perf_counter() - begun
    web_s, postgres_s = (tree_cpu_s([pid]) - then for pid, then in zip((web, postgres), before, strict=True))
    return Run(form, count, decided, seconds, web_s / count * 1e6, postgres_s / count * 1e6)


def _send(to: Served, body: bytes, content_type: str) -> int:
    headers = {"authorization": f"Bearer {to.address.api_key}", "content-type": content_type}
    url = f"http://{to.address.host}:{to.address.port}/v1/declarations"
    answer = httpx2.post(url, content=body, headers=headers, timeout=600)
    answer.raise_for_status()
    *lines, trailer = answer.text.strip().split("\n")
    assert json.loads(trailer)["complete"], trailer
    return sum('"status":"decided"' in line for line in lines)


def described(done: Run) -> str:
    """Say what a run took."""
    return (
        f"{done.decided} of {done.count} decided, {done.count / done.seconds:,.0f}/s by the clock; processor"
        f" time {done.cpu_web_us:.0f} us web + {done.cpu_postgres_us:.0f} us PostgreSQL,"
        f" so at most {done.budget_per_s:,.0f}/s on two cores"
    )


def run_all(count: int, rounds: str = "WAB") -> list[Run]:
    """Send the declarations in both forms, taking turns; the first round warms up."""
    sample = (find_shipped("examples") / "messages" / "declaration-wco-dec.xml").read_bytes()
    half = count // _CONNECTIONS
    done = []
    with served(1_000) as to:
        for prefix in rounds:
            for form in ("multipart", "ndjson"):
                parts = [declarations(sample, half, f"{prefix}{form[0]}{n}") for n in range(_CONNECTIONS)]
                write = multipart if form == "multipart" else ndjson
                kind = "multipart/mixed; boundary=part" if form == "multipart" else "application/x-ndjson"
                done.append(run(to, form, [write(one) for one in parts], kind, half * _CONNECTIONS))
    return done


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    count = parser.parse_args().count
    sample = (find_shipped("examples") / "messages" / "declaration-wco-dec.xml").read_bytes()
    reading_us = read_us(declarations(sample, 500, "R"))
    print(f"reading one declaration of {len(sample)} bytes: {reading_us:.0f} us of processor time")
    for one in run_all(count):
        print(one.form, described(one))


if __name__ == "__main__":
    main()
