"""A recall of a batch, posted while parcels are under way: seconds until all that holds it is suspended.

The store is filled over HTTP with declarations of a flight in the air. Of each hundred, one holds the batch,
one another batch of the product, one the product without a batch, one a product of the same name, one the
number with a leading zero, and one the batch in other writing (small letters, a blank). Then an officer
posts the recall over HTTP; the clock stops when nothing is left to be acted on. Found is the share of what
holds the batch that is suspended, false that of what is suspended without holding it. Afterwards the recall
is withdrawn.

    uv run python benchmarks/recall.py --in-flight 100000 --figures docs/reference/recalls.json
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2
import psycopg

import convert
import growth
import http_bulk
import parcels
import wire_lines
from processor_time import tree_cpu_s
from served import Served, served
from wire_lines import Document

_DOCUMENTS_COUNT, _LINES_COUNT = 20_000, 50_000
_PATIENCE_S = 300
_GTIN, _OTHER, _LOT = "4006381333931", "4006381333948", "L2407B"
_KINDS: dict[int, tuple[str, dict[str, str]]] = {
    7: ("batch", {"standard_product_id": _GTIN, "lot_number": _LOT}),
    19: ("batch", {"standard_product_id": f"0{_GTIN}", "lot_number": _LOT}),
    31: ("batch", {"standard_product_id": _GTIN, "lot_number": "l2407 b"}),
    43: ("other batch", {"standard_product_id": _GTIN, "lot_number": "L2407A"}),
    59: ("no batch", {"standard_product_id": _GTIN}),
    71: ("name", {"standard_product_id": _OTHER, "description": "Magic magnet balls, steel"}),
}
"""By the last two digits of a parcel's place: what it holds, and how that is declared."""
_RULE = {"gtins": [_GTIN], "lots": [_LOT], "names": ["magic magnet balls"]}


def fill(here: Served, count: int, folder: Path) -> dict[str, str]:
    """Fill the store; returns by reference what a parcel holds, of those that hold something."""
    source, wire, path = folder / "parcels.ndjson", folder / "wire.ndjson", folder / "part.ndjson"
    parcels.write(str(source), _DOCUMENTS_COUNT + _DOCUMENTS_COUNT // 10)
    convert.convert(source, wire, suffix="a")
    sound = list(islice(wire_lines.sound_documents(wire), _DOCUMENTS_COUNT))
    holds: dict[str, str] = {}
    for begin in range(0, count, _LINES_COUNT):
        lines = min(_LINES_COUNT, count - begin)
        made = growth.documents_for(sound, lines, f"air{begin}")
        wire_lines.write_documents(path, (_holding(one, n, holds) for n, one in enumerate(made)))
        answer = http_bulk.send_file(here.address, path, items_count=1)
        if not answer["complete"]:
            raise SystemExit(f"answers are missing: {answer['faults']}")
    return holds


def _holding(document: Document, number: int, holds: dict[str, str]) -> Document:
    if number % 100 not in _KINDS:
        return document
    kind, declared = _KINDS[number % 100]
    holds[document["reference"]] = kind
    first, *others = document["goods_items"]
    return {**document, "goods_items": [{**first, **declared}, *others]}


def recall(here: Served, holds: dict[str, str]) -> dict[str, Any]:
    """Post the recall, wait until it has suspended everything, withdraw it; returns what that took."""
    headers = {"authorization": f"Bearer {here.address.api_key}"}
    url = f"http://{here.address.host}:{here.address.port}"
    body = {"reference": "BENCH", "reason_code": "small-magnets", "effect": "suspension", "rule": _RULE}
    with (
        httpx2.Client(base_url=url, headers=headers, timeout=60) as client,
        psycopg.connect(here.dsn, autocommit=True) as connection,
    ):
        holds = _in_flight(connection, holds)
        begun_s, cpu_s = time.monotonic(), tree_cpu_s(here.pids)
        answer = client.post("/v1/recalls", json=body | {"ground_code": "dangerous-product"})
        if answer.status_code != 201:
            raise SystemExit(answer.text)
        path = f"/v1/recalls/{answer.json()['recall_id']}"
        counted_s = _await(lambda: "hit_count" in client.get(path).json()) - begun_s
        _await(lambda: client.get(path).json()["state"] == "looking")
        told = client.get(path).json()
        done_s = _await(lambda: _left(connection) == 0) - begun_s
        cpu_s = tree_cpu_s(here.pids) - cpu_s
        found = Counter(_suspended(connection, holds))
        looked_at = connection.execute("SELECT count(*) FROM task WHERE kind = 4").fetchone()
        ledger = connection.execute(
            "SELECT count(*) FROM vault_read WHERE purpose = 'recall-scan'"
        ).fetchone()
        withdrawn_s = time.monotonic()
        client.post(f"{path}/withdrawal", json={"reason_code": "wrong-batch"})
        undone_s = _await(lambda: "undone_at" in client.get(path).json()) - withdrawn_s
        left = sum(Counter(_suspended(connection, holds)).values())
    held = Counter(holds.values())
    suspended_count = sum(found.values())
    return {
        "in_flight": told["in_flight_count"],
        "holding": dict(held),
        "seconds_to_count": round(counted_s, 2),
        "seconds_to_suspend": round(done_s, 2),
        "processor_seconds": round(cpu_s, 2),
        "suspended": suspended_count,
        "found_share": round(found["batch"] / held["batch"], 4),
        "false_share": round((suspended_count - found["batch"]) / max(1, suspended_count), 4),
        "for_officers": None if looked_at is None else looked_at[0],
        "ledger_lines": None if ledger is None else ledger[0],
        "seconds_to_undo": round(undone_s, 2),
        "suspended_after_undoing": left,
    }


def _await(is_so: Any) -> float:
    end = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit("it does not end")
        time.sleep(0.1)
    return time.monotonic()


def _left(connection: psycopg.Connection[Any]) -> int:
    """Return how much is left to be acted on; before anything was found, all of it."""
    row = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE act_id IS NULL) FROM recall_hit"
    ).fetchone()
    assert row is not None
    return row[1] if row[0] else 1


def _in_flight(connection: psycopg.Connection[Any], holds: dict[str, str]) -> dict[str, str]:
    """Return what parcels hold that are neither released nor invalidated."""
    rows = connection.execute("SELECT reference FROM declared_consignment WHERE status IN (7, 8)").fetchall()
    gone = {reference for (reference,) in rows}
    return {reference: kind for reference, kind in holds.items() if reference not in gone}


def _suspended(connection: psycopg.Connection[Any], holds: dict[str, str]) -> list[str]:
    """Return what each suspended parcel holds."""
    rows = connection.execute("SELECT reference FROM declared_consignment WHERE status = 9").fetchall()
    return [holds.get(reference, "nothing") for (reference,) in rows]


def page(figures: dict[str, Any]) -> str:
    """Return the page of the reference that shows figures."""
    rows = (
        ("parcels under way", "100,000", f"{figures['in_flight']:,}"),
        ("from the post to the last suspension", "60 s (aim 10 s)", f"{figures['seconds_to_suspend']} s"),
        ("processor time of that, all processes", "", f"{figures['processor_seconds']} s"),
        ("counted", "", f"{figures['seconds_to_count']} s"),
        ("found, of those that hold the batch", ">= 98 %", f"{100 * figures['found_share']:.2f} %"),
        ("false, of those that are suspended", "<= 2 %", f"{100 * figures['false_share']:.2f} %"),
        ("suspended", "", f"{figures['suspended']:,}"),
        ("put before officers", "", f"{figures['for_officers']:,}"),
        ("lines in the ledger of what was opened", "", f"{figures['ledger_lines']:,}"),
        ("withdrawn and undone", "", f"{figures['seconds_to_undo']} s"),
        ("still suspended after that", "0", f"{figures['suspended_after_undoing']:,}"),
    )
    lines = [f"| {name} | {goal} | {value} |" for name, goal, value in rows]
    head = (
        "# How fast a recall is, and how much it finds\n\n"
        "Written by `python benchmarks/recall.py --figures docs/reference/recalls.json`: parcels\n"
        "are lodged over HTTP, some hold a batch of a product, written in three ways, others another\n"
        "batch, no stated batch, or a product of the same name; then the batch is recalled, and the\n"
        "recall withdrawn.\n"
        "Two web processes and PostgreSQL on two cores, which were not theirs alone: the load\n"
        f"of the machine was {figures['load_of_the_machine']}.\n\n"
        "| what | must | measured |\n|---|---|---|\n"
    )
    return head + "\n".join(lines) + "\n\n[How goods are recalled](../how-to/recall-goods.md).\n"


def main() -> None:
    """Print what it took, and keep it where that is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--in-flight", type=int, default=100_000)
    parser.add_argument("--figures", type=Path)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="serai-recall-") as name,
        served(_DOCUMENTS_COUNT + _DOCUMENTS_COUNT // 10, roles=("carrier", "officer")) as here,
    ):
        figures = recall(here, fill(here, asked.in_flight, Path(name)))
    figures["load_of_the_machine"] = round(os.getloadavg()[1], 1)
    text = json.dumps(figures, indent=2) + "\n"
    print(text)
    if asked.figures:
        asked.figures.write_text(text)
        asked.figures.with_suffix(".md").write_text(page(figures))


if __name__ == "__main__":
    main()
