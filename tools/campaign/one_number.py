"""Many documents on one number: what the server does to join them grows with their count and no faster.

Each way is tried with few and with many documents; the ratio of processor time, of web processes and
PostgreSQL together, is held against a straight line (as in `growth`). The calmest of some tries counts.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import requests

from tools.campaign.furnishing import sample_of

SHORT_COUNT: Final = 100
RATIO_OF_COUNTS: Final = 8
RATIO_MAX: Final = 3 * RATIO_OF_COUNTS
"""A straight line gives RATIO_OF_COUNTS at most, a square its square: 8 and 64."""
_TRIES_COUNT: Final = 3
_SHORTEST_S: Final = 0.001
_TICKS_A_S: Final = os.sysconf("SC_CLK_TCK")
_TIMES: Final = slice(11, 15)
"""In /proc/PID/stat after the name: time of the process, and of its children that have ended."""

Send = Callable[[str, bytes, str], bytes]
"""Sends a body to a path, of a media type; returns what was answered."""


class Way(NamedTuple):
    """A way to put documents on one number. begin: sends what they meet; add: sends so many of them."""

    name: str
    begin: Callable[[Send, str], object]
    add: Callable[[Send, str, int], object]


def send_through(url: str, key: str) -> Send:
    """Return what sends with a party's key. Raises AssertionError on any answer but 2xx."""
    session = requests.Session()
    session.headers["authorization"] = f"Bearer {key}"

    def send(path: str, body: bytes, media_type: str) -> bytes:
        answer = session.post(f"{url}{path}", body, headers={"content-type": media_type}, timeout=600)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.content

    return send


def ratio_of(way: Way, send: Send, spent_s: Callable[[], float], name: str, short_count: int) -> float:
    """Return by how much the work multiplied from `short_count` documents to RATIO_OF_COUNTS as many.

    spent_s: gives the server's processor time so far. name: makes numbers that nothing else has.
    """
    ratio = float("inf")
    for number in range(_TRIES_COUNT):
        few, many = (
            _seconds(way, send, spent_s, f"{name}-{number}-{count}", count)
            for count in (short_count, short_count * RATIO_OF_COUNTS)
        )
        ratio = min(ratio, many / few)
        if ratio <= RATIO_MAX:
            break
    return ratio


def _seconds(way: Way, send: Send, spent_s: Callable[[], float], name: str, count: int) -> float:
    way.begin(send, name)
    begin = spent_s()
    way.add(send, name, count)
    return max(spent_s() - begin, _SHORTEST_S)


def processor_s(process_ids: list[int]) -> float:
    """Return the processor time of processes, in seconds."""
    ticks = 0
    for one in process_ids:
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended; its parent has its time
            continue
        ticks += sum(int(field) for field in fields[_TIMES])
    return ticks / _TICKS_A_S


def ways() -> Iterator[Way]:
    """Yield all ways."""
    for field in ("house_document", "ucr", "conveyance_reference", "master_document"):
        yield Way(f"declarations of one {field}", _nothing, _many("declaration", field))
    yield Way("declarations of one order", _nothing, _many("declaration", "order_references"))
    yield Way("declarations of one reference", _nothing, _many("declaration", "reference"))
    yield Way("declarations of one buyer", _nothing, _many("declaration", "consignee"))
    for kind, field in (
        ("order", "ucr"),
        ("payment", "order_references"),
        ("transport-document", "house_document"),
    ):
        yield Way(f"{kind}s of one declaration", _declare, _many(kind, field))
        yield Way(f"{kind}s that wait on one {field}", _nothing, _many(kind, field))
    yield Way("amendments one after another", _declare, _amend)
    yield Way("arrivals of one conveyance", _declare, _many("arrival", "conveyance_reference"))


def _nothing(_send: Send, _name: str) -> None:
    return None


def _declare(send: Send, name: str) -> None:
    send("/v1/declarations", msgspec.json.encode(_declaration(name)), "application/json")


def _declaration(name: str) -> dict[str, Any]:
    return sample_of("declaration", name) | {"order_references": [name]}


def _many(kind: str, field: str) -> Callable[[Send, str, int], object]:
    """Return what sends documents that differ in all their numbers but one."""

    def add(send: Send, name: str, count: int) -> None:
        shared: dict[str, Any] = sample_of(kind, name)
        value = {"order_references": [name], "consignee": {**_BUYER, "name": f"Invented Person {name}"}}.get(
            field, shared.get(field, name)
        )
        lines = [
            msgspec.json.encode(sample_of(kind, f"{name}-{number}") | {field: value})
            for number in range(count)
        ]
        answers = send(f"/v1/{kind}s", b"\n".join(lines), "application/x-ndjson").splitlines()
        assert b'"complete":true' in answers[-1], answers[-1]

    return add


_BUYER: Final = {"country_code": "DE", "street": "Example Street 1", "city": "Berlin", "postcode": "10115"}


def _amend(send: Send, name: str, count: int) -> None:
    for version in range(1, count // 4 + 1):
        amended = _declaration(name) | {"amends_version": version, "amendment_reason": "price"}
        amended["goods_items"] = [
            {**one, "invoice_amount": f"{20 + version}.00"} for one in amended["goods_items"]
        ]
        send("/v1/declarations", msgspec.json.encode(amended), "application/json")
