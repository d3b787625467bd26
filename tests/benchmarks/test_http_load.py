"""The load programs tell the truth: what was answered, what was not, and what it cost."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from serai.model.documents import Consignment
from tests.benchmarks.line_server import line_server

Bench = Callable[[str], Any]
COUNT = 400


@pytest.fixture(scope="module")
def wire(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wire")
    bench("parcels").write(str(folder / "parcels.ndjson"), COUNT)
    bench("convert").convert(folder / "parcels.ndjson", folder / "wire.ndjson")
    return folder / "wire.ndjson"


def test_conversion_is_one_line_for_one_line_and_repeats_stay_repeats(wire: Path) -> None:
    theirs = (wire.parent / "parcels.ndjson").read_bytes().splitlines()
    ours = wire.read_bytes().splitlines()
    references = [json.loads(line)["functionalReferenceId"] for line in theirs]

    assert [json.loads(line)["reference"] for line in ours] == references
    assert len(set(ours)) == len(set(theirs)) < len(theirs)


def test_converted_sound_lines_are_documents_of_the_model(wire: Path, bench: Bench) -> None:
    for document in bench("wire_lines").sound_documents(wire):
        msgspec.convert(document, Consignment)


@pytest.mark.parametrize("connections", [1, 3, 8])
def test_bulk_counts_every_line_once(bench: Bench, wire: Path, connections: int) -> None:
    bulk = bench("http_bulk")

    with line_server() as server:
        figures = bulk.send_file(
            bulk.Address("127.0.0.1", server.port, "key"),
            wire,
            connections=connections,
            server_pids=[os.getpid()],
        )

    lines = wire.read_bytes().splitlines()
    faults = sum("consignee" not in json.loads(line) for line in lines)
    assert figures["complete"], figures["faults"]
    assert figures["statuses"] == {"decided": COUNT - faults} | ({"fault": faults} if faults else {})
    assert sorted(server.references) == sorted(json.loads(line)["reference"] for line in lines)
    assert server.authorizations == {"Bearer key"}
    assert figures["items"] == sum(len(json.loads(line)["goods_items"]) for line in lines)
    assert figures["server_us"] is not None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("refuse", "HTTP 503"),
        ("no-trailer", "no trailer"),
        ("incomplete", "not complete"),
        ("miscount", "trailer counts"),
        ("drop-line", "answers for"),
        ("hang-up", "closed the connection"),
    ],
)
def test_bulk_says_when_the_contract_is_broken(bench: Bench, wire: Path, fault: str, said: str) -> None:
    bulk = bench("http_bulk")

    with line_server(fault) as server:
        figures = bulk.send_file(bulk.Address("127.0.0.1", server.port), wire, connections=1)

    assert not figures["complete"]
    assert said in figures["faults"][0]


def test_parts_cover_the_file_and_end_at_line_ends(bench: Bench, wire: Path) -> None:
    data = wire.read_bytes()

    for parts_count in (1, 2, 7, COUNT * 2):
        parts = bench("http_bulk").parts_of(wire, parts_count)
        assert b"".join(data[begin : begin + length] for begin, length, _ in parts) == data
        assert all(data[begin + length - 1 : begin + length] == b"\n" for begin, length, _ in parts)
        assert sum(lines for _, _, lines in parts) == COUNT


@pytest.mark.parametrize(("route", "rate"), [("/v1/declarations", None), ("/v1/quotes", 2_000.0)])
def test_single_sends_each_document_once_under_its_own_reference(
    bench: Bench, wire: Path, route: str, rate: float | None
) -> None:
    single = bench("http_single")
    documents = single.distinct_documents(wire, 900, "t")

    with line_server() as server:
        address = single.Address("127.0.0.1", server.port, "key")
        requests = single.requests_of(documents, address, route)
        figures = single.send_each(address, requests, connections=10, rate_per_s=rate)

    assert figures["codes"] == {200: 900}
    assert len(set(server.references)) == 900
    assert server.routes == {route: 900}
    assert figures["items"] == sum(len(d["goods_items"]) for d in documents)
    assert 0 < figures["p50_ms"] <= figures["p95_ms"] <= figures["p99_ms"] <= figures["max_ms"]
    if rate is not None:
        assert figures["seconds"] >= 900 / rate * 0.9


def test_promises_asks_for_quotes_and_for_baskets_of_thirty_destinations(bench: Bench) -> None:
    promises = bench("promises")

    with line_server() as server:
        figures = promises.measure(promises.Address("127.0.0.1", server.port, "key"), 100)

    assert set(figures) == {"quotes", "quotes_at_500_per_s", "baskets", "baskets_at_once"}
    assert figures["quotes"]["requests"] == 100
    assert figures["baskets"]["items"] == 50 * 30
    assert all(set(one["codes"]) == {200} for one in figures.values())


def test_single_says_when_requests_are_refused(bench: Bench, wire: Path) -> None:
    single = bench("http_single")

    with line_server("refuse") as server:
        address = single.Address("127.0.0.1", server.port)
        requests = single.requests_of(single.distinct_documents(wire, 5, "t"), address)
        figures = single.send_each(address, requests, connections=1)

    assert figures["items"] == 0
    assert figures["codes"] == {503: 1, 0: 4}
    assert "overloaded" in figures["first_problem"]


def test_growth_alternates_stores_and_sizes_with_new_references(
    bench: Bench, wire: Path, tmp_path: Path
) -> None:
    growth = bench("growth")
    sound = list(bench("wire_lines").sound_documents(wire))

    with line_server() as one, line_server() as two:
        small, large = (
            growth.Store(name, growth.Address("127.0.0.1", s.port), (os.getpid(),))
            for name, s in (("small", one), ("large", two))
        )
        growth.fill(small, sound, 50, tmp_path, suffix="f")
        stores = growth.compare_stores(small, large, sound, tmp_path, pairs=3, sample=500, suffix="p")
        sizes = growth.compare_sizes(small, sound, tmp_path, items_total=600, rounds=1, suffix="i")

    assert len(set(one.references)) == len(one.references) == 50 + 1_500 + 600 + 300 + 150 + 75 + 50
    assert len(set(two.references)) == len(two.references) == 1_500
    assert stores["small"]["cost_us"] > 0
    assert set(sizes["cost_us"]) == {1, 2, 4, 8, 12}
