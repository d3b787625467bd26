"""Send an NDJSON file over loopback HTTP/1.1 and read the answers while sending: items decided and durable
a second.

The file is cut at line ends, a part for each connection. Each part goes out by `sendfile`, so this client
spends next to nothing on sending; a second thread reads, counts the answer lines by status and checks the
trailer. Contract (`domain.md`, on the wire): one answer line for each line with `line`, `reference`,
`status`; last a trailer with `counts` by status and `complete`.

    uv run python benchmarks/http_bulk.py wire.ndjson --port 8000 --api-key KEY --connections 4
"""

import argparse
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import httptools
import msgspec

from processor_time import tree_cpu_s
from wire_lines import items_count_of

ROUTE = "/v1/declarations"
_READ_BYTES, _SILENCE_S = 1 << 18, 300.0


class Address(NamedTuple):
    """Where the server listens and who we are; api_key empty: none is sent."""

    host: str
    port: int
    api_key: str = ""


class AnswerLine(msgspec.Struct, gc=False):
    """What counts of an answer line. complete: in the trailer only. problem: in a stopped stream."""

    line: int | None = None
    status: str | None = None
    counts: dict[str, int] = {}
    complete: bool | None = None


class Answers:
    """Reads one response: chunks to lines, lines to counts."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.lines: set[int] = set()
        self.trailer: AnswerLine | None = None
        self.after_trailer_count = 0
        self.refusal = b""
        self.is_ended = False
        self.parser = httptools.HttpResponseParser(self)
        self._decode = msgspec.json.Decoder(AnswerLine).decode_lines
        self._rest = b""

    def on_body(self, data: bytes) -> None:
        """Take dechunked bytes."""
        if self.parser.get_status_code() != 200:
            self.refusal += data
            return
        whole, newline, rest = (self._rest + data).rpartition(b"\n")
        self._rest = rest
        if newline:
            self._count(self._decode(whole))

    def on_message_complete(self) -> None:
        """Note that the response ended as HTTP says it should."""
        self.is_ended = True

    def _count(self, answers: list[AnswerLine]) -> None:
        for answer in answers:
            if self.trailer is not None:
                self.after_trailer_count += 1
            elif answer.complete is not None:
                self.trailer = answer
            else:
                self.statuses[answer.status or "-"] += 1
                if answer.line is not None:
                    self.lines.add(answer.line)

    def fault(self, lines_count: int) -> str | None:  # noqa: PLR0911 (one for each fault)
        """What is wrong with the response to so many lines, or None."""
        if self.refusal:
            return f"HTTP {self.parser.get_status_code()}: {self.refusal[:300].decode(errors='replace')}"
        if self.trailer is None:
            return "no trailer: the file must be sent again"
        if not self.is_ended or self._rest or self.after_trailer_count:
            return "the trailer is not the end"
        if not self.trailer.complete:
            return "the trailer says: not complete"
        if self.lines != set(range(1, lines_count + 1)) or self.statuses.total() != lines_count:
            return f"{self.statuses.total()} answers for {lines_count} lines"
        counts = {status: n for status, n in self.trailer.counts.items() if n and status in self.statuses}
        if counts != dict(self.statuses):
            return f"the trailer counts {self.trailer.counts}, the lines {dict(self.statuses)}"
        return None


def parts_of(path: Path, parts_count: int) -> list[tuple[int, int, int]]:
    """Cut a file at line ends: (offset, bytes, lines) of each part; parts without a line are left out."""
    size = path.stat().st_size
    with path.open("rb") as file:
        cuts = [0]
        for n in range(1, parts_count):
            file.seek(max(cuts[-1], size * n // parts_count))
            file.readline()
            cuts.append(min(file.tell(), size))
        cuts.append(size)
        parts = []
        for begin, end in pairwise(cuts):
            file.seek(begin)
            data = file.read(end - begin)
            if data:
                parts.append((begin, end - begin, data.count(b"\n") + (not data.endswith(b"\n"))))
    return parts


def head_of(address: Address, route: str, media_type: str, length: int) -> bytes:
    """Head of a POST."""
    authorization = f"authorization: Bearer {address.api_key}\r\n" if address.api_key else ""
    return (
        f"POST {route} HTTP/1.1\r\nhost: {address.host}:{address.port}\r\n{authorization}"
        f"content-type: {media_type}\r\naccept: {media_type}\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


def send_file(
    address: Address,
    path: Path,
    *,
    connections: int = 2,
    items_count: int | None = None,
    server_pids: Iterable[int] = (),
    route: str = ROUTE,
) -> dict[str, object]:
    """Send a file in parallel parts and wait for all answers.

    items_count: what the rate counts, e.g. the floor's rows of the same parcels; else the file's goods
    items. server_pids: roots of the processes whose time is reported. Returns seconds, lines, items,
    lines_per_s, items_per_s, statuses, complete, faults (by connection), client_cpu_s, client_us, server_us
    (per item). A refused or broken part is in faults and not in statuses.
    """
    items = items_count_of(path) if items_count is None else items_count
    parts, answers = parts_of(path, connections), [Answers() for _ in range(connections)]
    pids, broken = list(server_pids), dict[int, str]()
    threads = [
        threading.Thread(target=_exchange, args=(address, route, path, part, answers[n], n, broken))
        for n, part in enumerate(parts)
    ]
    server, client, begun = tree_cpu_s(pids), time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    client, server = time.process_time() - client, tree_cpu_s(pids) - server
    statuses: Counter[str] = sum((a.statuses for a in answers), Counter())
    faults = {}
    for n, part in enumerate(parts):
        said = answers[n].fault(part[2])
        if fault := said if answers[n].refusal else broken.get(n) or said:
            faults[n] = fault
    lines = sum(part[2] for part in parts)
    return {
        "seconds": round(seconds, 3),
        "connections": len(parts),
        "lines": lines,
        "items": items,
        "lines_per_s": round(lines / seconds),
        "items_per_s": round(items / seconds),
        "statuses": dict(statuses),
        "complete": not faults,
        "faults": faults,
        "client_cpu_s": round(client, 3),
        "client_us": round(client / items * 1e6, 2),
        "server_us": round(server / items * 1e6, 2) if pids else None,
    }


def _exchange(  # noqa: PLR0917 (a thread takes its arguments by place)
    address: Address,
    route: str,
    path: Path,
    part: tuple[int, int, int],
    answers: Answers,
    number: int,
    broken: dict[int, str],
) -> None:
    """Send one part in a thread of its own and read in this one."""
    head = head_of(address, route, "application/x-ndjson", part[1])
    try:
        with socket.create_connection((address.host, address.port), _SILENCE_S) as sock:
            sender = threading.Thread(target=_send, args=(sock, head, path, part))
            sender.start()
            while not answers.is_ended and (data := sock.recv(_READ_BYTES)):
                answers.parser.feed_data(data)
            if not answers.is_ended:
                broken[number] = "the server closed the connection"
            with suppress(OSError):  # the other side may have hung up already
                sock.shutdown(socket.SHUT_RDWR)  # a refused sender must not wait for room
            sender.join()
    except ConnectionError as fault:
        broken[number] = f"the server closed the connection: {fault}"
    except (OSError, httptools.HttpParserError, msgspec.DecodeError) as fault:
        broken[number] = f"{type(fault).__name__}: {fault}"


def _send(sock: socket.socket, head: bytes, path: Path, part: tuple[int, int, int]) -> None:
    offset, length, _ = part
    try:
        sock.sendall(head)
        with path.open("rb") as file:
            sock.sendfile(file, offset, length)
    except OSError:
        # The reader has the reason: a refusal, or the end of the connection.
        return


def main() -> None:
    """Print one JSON line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("file", type=Path)
    p.add_argument("--host", default="127.0.0.1")
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--api-key", default=os.environ.get("SERAI_API_KEY", ""))
    p.add_argument("--connections", type=int, default=2)
    p.add_argument("--server-pid", type=int, nargs="*", default=[], help="whose processor time to report")
    a = p.parse_args()
    address = Address(a.host, a.port, a.api_key)
    print(json.dumps(send_file(address, a.file, connections=a.connections, server_pids=a.server_pid)))


if __name__ == "__main__":
    main()
