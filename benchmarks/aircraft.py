"""One aircraft: its pieces with four documents each, from the first byte sent to the last decision.

Each piece has an order, a payment, a house waybill and a declaration, sent as NDJSON by those who know them,
all at once over loopback. The last answer means that the last piece is matched, decided and durable. What
counts is the clock, and the processor time that says what the clock would be with nobody else on the machine.

    uv run python benchmarks/aircraft.py --pieces 100000
"""

import argparse
import json
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import convert
import http_bulk
import parcels
import wire_lines
from processor_time import tree_cpu_s
from served import Served, served

ROLES = ("platform", "payment_provider", "carrier", "declarant")
CORES_COUNT = 2
ROUTES = {
    "orders": "/v1/orders",
    "payments": "/v1/payments",
    "transport-documents": "/v1/transport-documents",
    "consignments": "/v1/declarations",
}
"""In the order in which the documents of a sale come into being."""

Document = dict[str, Any]


def papers_of(declared: Document) -> dict[str, Document]:
    """Return what else is known of a declared piece: its order, its payment and its waybill."""
    order = f"ORDER-{declared['reference']}"
    items = declared["goods_items"]
    currency = items[0]["invoice_currency_code"]
    total = f"{sum(round(float(item['invoice_amount']) * 100) for item in items) / 100:.2f}"
    buyer = {key: declared["consignee"][key] for key in ("name", "country_code", "city", "postcode")}
    return {
        "orders": {
            "reference": order,
            "currency_code": currency,
            "purchased_at": declared["paid_at"],
            "platform_id": declared["platform_id"],
            "lines": [
                {
                    "sequence_number": item["sequence_number"],
                    "description": item["description"],
                    "quantity": item["quantity"],
                    "amount": item["invoice_amount"],
                }
                for item in items
            ],
            "buyer": buyer,
        },
        "payments": {
            "reference": f"PAY-{declared['reference']}",
            "amount": total,
            "currency_code": currency,
            "paid_at": declared["paid_at"],
            "order_references": [order],
            "payer": buyer,
        },
        "transport-documents": {
            "reference": f"WB-{declared['reference']}",
            "house_document": declared["house_document"],
            "master_document": declared["master_document"],
            "logistics_channel_code": declared["logistics_channel_code"],
            "consignee": buyer,
        },
        "consignments": declared | {"order_references": [order]},
    }


def write_files(count: int, folder: Path) -> dict[str, Path]:
    """Write a file for each kind of document of `count` sound pieces in one currency each."""
    source, wire = folder / "parcels.ndjson", folder / "wire.ndjson"
    parcels.write(str(source), count + count // 10)
    convert.convert(source, wire, suffix="a")
    files = {kind: folder / f"{kind}.ndjson" for kind in ROUTES}
    opened = {kind: path.open("wb") for kind, path in files.items()}
    for document in _pieces(wire, count):
        for kind, document_entry in papers_of(document).items():
            opened[kind].write(json.dumps(document_entry, separators=(",", ":")).encode() + b"\n")
    for file in opened.values():
        file.close()
    return files


def _pieces(wire: Path, count: int) -> Iterator[Document]:
    found = 0
    for document in wire_lines.sound_documents(wire):
        if len({item["invoice_currency_code"] for item in document["goods_items"]}) == 1:
            yield document
            found += 1
            if found == count:
                return
    raise SystemExit(f"only {found} sound pieces were made")


def fly(here: Served, files: dict[str, Path], connections: int) -> dict[str, Any]:
    """Send all files at once; returns seconds, statuses by kind and processor time."""
    answers: dict[str, dict[str, object]] = {}

    def send(kind: str) -> None:
        answers[kind] = http_bulk.send_file(
            here.address, files[kind], connections=connections, items_count=1, route=ROUTES[kind]
        )

    threads = [threading.Thread(target=send, args=(kind,)) for kind in ROUTES]
    cpu_s, begun = tree_cpu_s(here.pids), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    cpu_s = tree_cpu_s(here.pids) - cpu_s
    broken = {kind: answer["faults"] for kind, answer in answers.items() if not answer["complete"]}
    if broken:
        raise SystemExit(f"answers are missing: {broken}")
    pieces = sum(1 for _ in files["consignments"].open("rb"))
    statuses: Counter[str] = Counter()
    for kind, answer in answers.items():
        statuses.update({f"{kind} {name}": n for name, n in answer["statuses"].items()})  # type: ignore[attr-defined]
    return {
        "pieces": pieces,
        "documents": pieces * len(ROUTES),
        "seconds": round(seconds, 1),
        "documents_per_s": round(pieces * len(ROUTES) / seconds),
        "server_us_a_document": round(cpu_s / pieces / len(ROUTES) * 1e6, 1),
        "seconds_by_processor_time": round(cpu_s / CORES_COUNT, 1),
        "statuses": dict(sorted(statuses.items())),
    }


def run(pieces_count: int, connections: int = 1) -> dict[str, Any]:
    """Start a server, send an aircraft's documents, remove everything."""
    with tempfile.TemporaryDirectory(prefix="serai-aircraft-") as name:
        files = write_files(pieces_count, Path(name))
        with served(pieces_count + pieces_count // 10, roles=ROLES) as here:
            return fly(here, files, connections)


def main() -> None:
    """Print one JSON line."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--pieces", type=int, default=100_000)
    p.add_argument("--connections", type=int, default=1, help="for each kind of document")
    a = p.parse_args()
    print(json.dumps(run(a.pieces, a.connections), indent=1))


if __name__ == "__main__":
    main()
