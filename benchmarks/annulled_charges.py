"""An annulled duty, planned and ordered, on generated charges: how time and memory grow with their number.

    uv run python benchmarks/annulled_charges.py --counts 300000 1000000 3000000

Each count has a PostgreSQL and a history of its own: thirteen months, one duty and one tax a consignment,
each consignment paid by itself, every third payment passed on to somebody. They are made as rows and files at
once, as the node would have left them; what is measured is `serai repay`.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import duckdb
import msgspec
import numpy as np
from serai.app import Node, open_node, running_database
from serai.foundation.clock import SystemClock
from serai.foundation.copying import TableBuffer
from serai.foundation.id_text import format_ids
from serai.foundation.ids import first_id_at
from serai.foundation.queries import load_queries
from serai.foundation.settings import DataSettings, Settings
from serai.journey.history.rules import SCHEMA_VERSION
from serai.journey.history.service import FileNote, WrittenHour
from serai.journey.ledger.posting import enter_posting
from serai.journey.repayment_plan import paying
from serai.journey.repayment_plan.making import approve_plan, make_plan
from serai.journey.repayment_plan.paying import carry_out
from serai.journey.repayment_plan.terms import read_terms
from serai.model.ledger import KIND_PLACES, POSTED, Account, Entry, Posting

from processor_time import tree_cpu_s

QUERIES = load_queries(Path(__file__).with_suffix(".sql"))
BEGIN: Final = datetime(2025, 7, 1, tzinfo=UTC)
HOURS: Final = 200
MONTHS_13: Final = timedelta(days=396)
ACCOUNT: Final = "IE29AIBK93115212345678"
TERMS: Final = read_terms(b"""
format: serai-repayment-plan/1
title: Flat duty annulled
annulled: {law_codes: [EU-2026], tax_type_code: A00, law_from: 2026-07-01, law_to: 2027-08-01}
ground: {act: Invented judgment, article: UCC 116(1)(a), dated: 2027-09-01, source: invented}
interest: {until: 2027-09-02, source: invented, rates: [{valid_from: 2026-01-01, rate_ppm: 20000}]}
""")


def measure(count: int) -> dict[str, Any]:
    """Return the figures of one count, in a process of its own, so that its memory is its own."""
    with tempfile.TemporaryDirectory(prefix="serai-annulled-", dir=os.environ.get("TMPDIR")) as folder:
        command = [sys.executable, __file__, "--folder", folder, "--counts", str(count)]
        settings = Settings(data=DataSettings(folder=folder))
        with running_database(settings, SystemClock()):
            subprocess.run([*command, "--do", "seed"], check=True)
            postgres = int((Path(folder) / "postgres/data/postmaster.pid").resolve().read_text().split()[0])
            used_s = tree_cpu_s([postgres])
            done = subprocess.run([*command, "--do", "plan"], check=True, stdout=subprocess.PIPE)
            figures = json.loads(done.stdout)
            used_s = figures["plan_processor_s"] + tree_cpu_s([postgres]) - used_s
            figures["plan_processor_s"] = round(used_s, 1)
            done = subprocess.run([*command, "--do", "run"], check=True, stdout=subprocess.PIPE)
            return {**figures, **json.loads(done.stdout)}


async def seed(node: Node, folder: Path, count: int) -> None:
    """Make the history and the rows of so many consignments, and what the ledger has of them."""
    step = MONTHS_13 // timedelta(milliseconds=1) // count
    given = {"base": first_id_at(BEGIN), "step": step}
    # Beside the loop, which renews the node's right to make ids.
    await asyncio.to_thread(_write_history, folder / "history", count, given, node.administration_id)
    posting_id = await _enter(node, count)
    rows = {**given, "count": count, "administration_id": node.administration_id, "posting_id": posting_id}
    passed_on = first_id_at(BEGIN) + np.arange(0, count, 3, dtype=np.int64) * (step << 22) + 1
    async with node.database.write_as_owner() as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        for name in ("insert_acts", "insert_allocations"):
            await connection.execute(QUERIES[name], rows)
        for part in np.array_split(passed_on, max(1, len(passed_on) // 100_000)):
            told = {**rows, "numbers": part.tolist(), "texts": format_ids(part)}
            await connection.execute(QUERIES["insert_bearings"], told)
        await connection.execute(QUERIES["analyze"])


def _write_history(folder: Path, count: int, given: dict[str, int], administration_id: int) -> None:
    with duckdb.connect(":memory:") as connection:
        for place in range(HOURS):
            first, last = count * place // HOURS, count * (place + 1) // HOURS
            hour_at = BEGIN + timedelta(milliseconds=given["step"] * first)
            hour_at = hour_at.replace(minute=0, second=0, microsecond=0)
            hour = folder / f"hour={hour_at:%Y-%m-%dT%H}"
            hour.mkdir(parents=True)
            for name in ("decision", "charge"):
                query = QUERIES[f"write_{name}s"].replace("$to'", f"{hour / name}.parquet'")
                connection.execute(query, {**given, "from_place": first, "to_place": last})
            files = {name: FileNote(0, _sha256(hour / f"{name}.parquet")) for name in ("decision", "charge")}
            written = WrittenHour(hour_at, administration_id, SCHEMA_VERSION, files)
            (hour / "manifest.json").write_bytes(msgspec.json.encode(written))


def _sha256(path: Path) -> str:
    done = subprocess.run(["sha256sum", str(path)], check=True, stdout=subprocess.PIPE)
    return done.stdout.split()[0].decode()


async def _enter(node: Node, count: int) -> int:
    """Enter what was assessed and paid in all; return the number of the payments' posting."""
    places = np.arange(count)
    amounts = {"A00": 300 * count, "B00": int((500 + places % 97).sum())}
    at, buffer, ids = node.clock.now(), TableBuffer(), [0, 0]
    assessed, paid = [], []
    for tax, amount in amounts.items():
        owed = Account(KIND_PLACES["amounts-payable"], "EUR", 1000, "consignee", tax)
        earned = Account(KIND_PLACES["revenue"], "EUR", tax_type_code=tax, country_code="DE")
        bank = Account(KIND_PLACES["payments-reported"], "EUR", 1000)
        assessed += [Entry(owed, POSTED, amount), Entry(earned, POSTED, -amount)]
        paid += [Entry(owed, POSTED, -amount), Entry(bank._replace(number=tax), POSTED, amount)]
    async with node.database.write() as connection:
        for place, (kind, entries) in enumerate((("assessed", assessed), ("payment", paid))):
            entered = await enter_posting(
                node.services, connection, buffer, Posting(kind, place + 1, at, entries)
            )
            assert entered is not None
            ids[place] = entered
        await buffer.write(connection)
    return ids[1]


async def plan(node: Node, folder: Path, count: int) -> dict[str, Any]:
    """Make the plan; return how long it took, and the most memory that this process held."""
    begun, used_s = time.perf_counter(), time.process_time()
    made = await make_plan(
        node.database,
        node.administration_id,
        TERMS,
        plan_id=int(node.ids.take(1)[0]),
        history=folder / "history",
        folder=folder / "plans",
        made_by="operator:bench",
        at=node.clock.now(),
    )
    seconds, used_s = time.perf_counter() - begun, time.process_time() - used_s
    async with node.database.write() as connection:
        await approve_plan(
            connection,
            made.plan_id,
            hashes=(made.lines_hash.hex(), made.orders_hash.hex()),
            at=node.clock.now(),
            administration_id=node.administration_id,
        )
    (folder / "plan").write_text(str(made.plan_id))
    assert made.lines_count == count, made.totals
    return {
        "charges": count,
        "plan_s": round(seconds, 1),
        "plan_processor_s": round(used_s, 1),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "orders": made.orders_count,
    }


async def run(node: Node, folder: Path, count: int) -> dict[str, Any]:
    """Carry the plan out; return how long that took."""
    plan_id = int((folder / "plan").read_text())
    placing_s = 0.0
    place = paying.place_orders

    async def timed(*given: Any, **named: Any) -> Any:
        nonlocal placing_s
        begun_s = time.perf_counter()
        placed = await place(*given, **named)
        placing_s += time.perf_counter() - begun_s
        return placed

    vars(paying)["place_orders"] = timed
    begun = time.perf_counter()
    done = await carry_out(node.services, plan_id, folder / "plans", account_number=ACCOUNT, clock=node.clock)
    seconds = time.perf_counter() - begun
    again = await carry_out(
        node.services, plan_id, folder / "plans", account_number=ACCOUNT, clock=node.clock
    )
    assert (done.lines_count, again.lines_count, again.orders_count) == (count, 0, 0)
    return {
        "run_s": round(seconds, 1),
        "lines_and_orders_per_s": round((count + done.orders_count) / seconds),
        "orders_per_s": round(done.orders_count / placing_s),
        "run_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


async def _do(what: str, folder: Path, count: int) -> None:
    settings = Settings(data=DataSettings(folder=str(folder)))
    with running_database(settings, SystemClock()) as dsn:
        async with open_node(settings, dsn) as node:
            if what == "seed":
                await seed(node, folder, count)
            else:
                figures = await {"plan": plan, "run": run}[what](node, folder, count)
                sys.stdout.write(json.dumps(figures))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[300_000, 1_000_000, 3_000_000])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--do", choices=["seed", "plan", "run"])
    chosen = parser.parse_args()
    if chosen.do:
        asyncio.run(_do(chosen.do, chosen.folder, chosen.counts[0]))
        return
    for count in chosen.counts:
        sys.stdout.write(json.dumps(measure(count)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
