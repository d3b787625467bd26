"""Money by figures, in one run: payments booked, payment to release, postings, tokens, orders, annulment.

Whatever else the machine does, processor time is told beside the clock: of this process and of PostgreSQL.
Writes the figures, and the page from them:

    cd benchmarks; uv run python money.py --out ../docs/reference/money.json
    uv run python money.py --page ../docs/reference/money.json > ../docs/reference/money.md
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from serai.app import Node, open_node, running_database
from serai.formats.iso20022.message import BankAccount, BankMessage, Entry, Statement, Transaction
from serai.formats.iso20022.write_statement import write_bank_message
from serai.foundation.clock import SystemClock
from serai.foundation.garbage_collection import collect_rarely
from serai.foundation.id_text import format_id
from serai.foundation.settings import DataSettings, Settings
from serai.journey.bank_statements.service import import_statements, read_statements
from serai.journey.documents.submission import Sender, Submission
from serai.journey.recording import write_decided
from serai.journey.revenue.payment_advice import reference_of_case
from serai.laboratory.invented.parcels import consignments
from serai.model.frames import STATUSES

import annulled_charges
import tax_paid_tokens
from processor_time import tree_cpu_s

Figures = dict[str, Any]
OWN: Final = BankAccount(iban="DE89370400440532013000", currency_code="EUR")
PAYER: Final = BankAccount(iban="FR7630006000011234567890189")
AT: Final = datetime(2026, 11, 30, 18, tzinfo=UTC)
DECLARANT: Final = Sender(1, frozenset({"declarant"}))
CARRIER: Final = Sender(4, frozenset({"carrier"}))
OFFICER: Final = Sender(90, frozenset({"officer"}))


class Measured(msgspec.Struct):
    """How long something took, by the clock and by processor time of both processes."""

    clock_s: float = 0.0
    processor_s: float = 0.0


@contextmanager
def measuring(pids: Sequence[int]) -> Iterator[Measured]:
    """Measure what is done within."""
    found, clock, processor = Measured(), time.perf_counter(), tree_cpu_s(pids)
    yield found
    found.clock_s, found.processor_s = time.perf_counter() - clock, tree_cpu_s(pids) - processor


def measure(*, scale: float) -> Figures:
    """Measure everything in turn. scale: 1 for the whole, less for a shorter run."""
    figures: Figures = {"load": _load()}
    with tempfile.TemporaryDirectory(prefix="serai-money-") as folder:
        settings = Settings(data=DataSettings(folder=folder))
        with running_database(settings, SystemClock()) as dsn:
            figures |= asyncio.run(_on_a_node(settings, dsn, Path(folder), scale))
    tell(figures)
    figures["tokens"] = tax_paid_tokens.measure(round(20_000 * scale))
    tell(figures)
    figures["annulled"] = []
    for count in (300_000, 1_000_000, 3_000_000):
        load = _load()
        figures["annulled"].append({"load": load} | annulled_charges.measure(round(count * scale)))
        tell(figures)
    return figures


def tell(figures: Figures) -> None:
    """Tell the newest figure while the rest is measured."""
    name = list(figures)[-1]
    sys.stderr.write(f"{name}: {json.dumps(figures[name])}\n")


async def _on_a_node(settings: Settings, dsn: str, folder: Path, scale: float) -> Figures:
    postgres = int((folder / "postgres/data/postmaster.pid").resolve().read_text().split()[0])
    async with open_node(settings, dsn) as node:
        await _add_parties(node)
        collect_rarely()
        pids = [postgres]
        postings = await _postings(node, round(20_000 * scale))
        payments = await _payments(node, round(5_000 * scale), pids)
        release = await _releases(node, round(200 * scale))
    return {"postings": postings, "payments": payments, "release": release}


async def _add_parties(node: Node) -> None:
    async with node.database.write() as connection:
        for party_id, name in ((1, "Declarant"), (4, "Carrier"), (90, "Office")):
            await connection.execute(
                "INSERT INTO party (party_id, administration_id, name, created_at) VALUES (%s, %s, %s, %s)",
                (party_id, node.administration_id, f"Invented {name}", node.clock.now()),
            )
        await connection.execute(
            "INSERT INTO party_identifier (administration_id, identifier, party_id, added_at) "
            "VALUES (%s, 'INVENTED-CARRIER', 4, %s)",
            (node.administration_id, node.clock.now()),
        )


async def _postings(node: Node, count: int) -> Figures:
    """Declare in bulk; say which share of this process's processor time entering in the ledger takes."""
    lines = [msgspec.json.encode(one) for one in _invented(count, node.clock.now())]
    enter, used_s = vars(write_decided)["_enter"], 0.0

    async def timed(*given: Any) -> None:
        nonlocal used_s
        begun_s = time.process_time()
        await enter(*given)
        used_s += time.process_time() - begun_s

    (warm,) = await node.processor.clear([Submission(DECLARANT, "declaration", lines=lines[:500])])
    assert sum(one.status == "decided" for one in warm) > 400, "they are decided"
    vars(write_decided)["_enter"] = timed
    begun_s = time.process_time()
    for place in range(500, count, 5_000):
        await node.processor.clear([Submission(DECLARANT, "declaration", lines=lines[place : place + 5_000])])
    whole_s = time.process_time() - begun_s
    vars(write_decided)["_enter"] = enter
    return {
        "consignments": count - 500,
        "us_a_consignment": round(whole_s / (count - 500) * 1e6, 1),
        "posting_us_a_consignment": round(used_s / (count - 500) * 1e6, 2),
        "share": round(used_s / whole_s, 4),
    }


def _invented(count: int, at: datetime) -> Any:
    return consignments(count, 1, at=at, first_acceptance=at - timedelta(hours=20))


async def _payments(node: Node, count: int, pids: list[int]) -> Figures:
    """Import one statement with so many payments of as many parcels that wait for them."""
    cases = await _waiting(node, "P", count)
    content = _statement("BULK", cases)
    read = read_statements(content, [OWN.iban])
    with measuring([*pids, _own_pid()]) as found:
        (done,) = (await import_statements(node.processor, OFFICER, read)).statements
    assert done.outcomes == {"paid": count}, done.outcomes
    again = (await import_statements(node.processor, OFFICER, read)).statements[0]
    assert again.known_count == count
    return {
        "payments": count,
        "payments_per_s": round(count / found.clock_s),
        "us_by_processor_time": round(found.processor_s / count * 1e6),
        "payments_per_s_of_two_cores": round(2 * count / found.processor_s),
    }


async def _releases(node: Node, count: int) -> Figures:
    """Import a notification for each of some payments, one after the other, until its parcel is released."""
    cases = await _waiting(node, "R", count)
    took_s = []
    for place, case in enumerate(cases):
        content = _statement(f"ONE-{place}", [case])
        begun_s = time.perf_counter()
        await import_statements(node.processor, OFFICER, read_statements(content, [OWN.iban]))
        async with node.database.read(node.administration_id) as connection:
            assert await _stands(connection, case, "released")
        took_s.append(time.perf_counter() - begun_s)
    took_s.sort()
    return {
        "payments": count,
        "p50_ms": round(1000 * took_s[count // 2]),
        "p95_ms": round(1000 * took_s[count * 95 // 100]),
    }


async def _stands(connection: AsyncConnection[Any], case: int, status: str) -> bool:
    cursor = await connection.execute(
        "SELECT status FROM consignment WHERE case_id = %s AND administration_id = 1", (case,)
    )
    return await cursor.fetchone() == (STATUSES.index(status),)


async def _waiting(node: Node, name: str, count: int) -> list[int]:
    """Parcels that are there and wait for what is owed on them; their cases."""
    cases = []
    for place in range(0, count, 2_500):
        names = [f"{name}-{number}" for number in range(place, min(place + 2_500, count))]
        flight = f"FLIGHT-{name}-{place}"
        lines = [_declaration(one, flight) for one in names]
        declared = await node.processor.clear([Submission(DECLARANT, "declaration", lines=lines)])
        cases += [answer.case_id for answer in declared[0]]
        await node.processor.clear([Submission(CARRIER, "arrival", lines=[_arrival(flight)])])
    async with node.database.read(node.administration_id) as connection:
        while not all([await _stands(connection, case, "payment-due") for case in cases[-3:]]):
            await asyncio.sleep(0.1)
    return cases


def _declaration(name: str, flight: str) -> bytes:
    parcel = {
        "reference": f"D-{name}",
        "goods_items": [
            {
                "sequence_number": 1,
                "commodity_code": "61091000",
                "description": "T-shirt, cotton, knitted",
                "quantity": "2",
                "invoice_amount": "25.00",
                "invoice_currency_code": "EUR",
                "origin_country_code": "CN",
                "gross_mass_kg": "0.150",
            }
        ],
        "consignor": {"name": "Invented Seller Ltd", "country_code": "CN"},
        "consignee": {"name": f"Person {name}", "country_code": "DE", "city": "Berlin", "postcode": "10115"},
        "logistics_channel_code": "post",
        "sale_nature_code": "B2C",
        "house_document": f"HOUSE-{name}",
        "conveyance_reference": flight,
        "expected_arrival_at": "2026-07-02T06:30:00+02:00",
        "detail": {"carrier": {"country_code": "DE", "party_identifier": "INVENTED-CARRIER"}},
    }
    return json.dumps(parcel).encode()


def _arrival(flight: str) -> bytes:
    told = {
        "reference": f"A-{flight}",
        "conveyance_reference": flight,
        "arrived_at": "2026-07-02T06:41:00+02:00",
    }
    return json.dumps(told).encode()


def _statement(name: str, cases: Sequence[int]) -> bytes:
    entries = tuple(_entry(f"{name}-{place}", case) for place, case in enumerate(cases))
    statement = Statement(pointer="", identification=name, account=OWN, created_at=AT, entries=entries)
    return write_bank_message(
        BankMessage(
            message="camt.054", version=8, identification=f"M-{name}", created_at=AT, statements=(statement,)
        )
    )


def _entry(name: str, case: int) -> Entry:
    paid = Transaction(
        pointer="-",
        amount_minor=832,
        currency_code="EUR",
        end_to_end_id=name,
        creditor_reference=reference_of_case(format_id(case)),
        debtor_account=PAYER,
    )
    return Entry(
        pointer="",
        amount_minor=832,
        currency_code="EUR",
        booked_on=AT.date(),
        value_on=AT.date(),
        servicer_reference=name,
        transaction_code="PMNT-RCDT-ESCT",
        transactions=(paid,),
    )


def _load() -> float:
    """Return how many processes had been running at once, of the last minute's mean."""
    return round(os.getloadavg()[0], 1)


def _own_pid() -> int:
    return int(Path("/proc/self").readlink().name)


# ---- the page ----

_HEAD = """<!-- Written by benchmarks/money.py from money.json. -->
# Money by figures

Processor time, of Serai and of PostgreSQL together, is told beside the clock; *two cores* is what they would
do with nothing else to do. The load of the machine was {load} before the run and up to {load_most} in it, of
which 1 to 2 is the run's own: above 3 the clock says little.

"""
_MIDDLE = """

## An annulled charge

Generated charges of thirteen months ([how](../how-to/repay-an-annulled-charge.md)): one duty and one tax a
consignment, each consignment paid by itself, every third payment passed on to somebody.

"""
_FOOT = """

A plan is worked out a million charges at a time, which bounds its memory. From 300,000 charges on, ten times
as many take {growth} times the processor time. Thirty million would take **{minutes} minutes** of two cores
at the speed of the last line, where the goal is 10 minutes and 4 GiB; so many were not measured.
"""


def _table(*rows: Sequence[str]) -> str:
    head, *others = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *others))


def page(figures: Figures) -> str:
    """Write the page."""
    payments, postings, release = figures["payments"], figures["postings"], figures["release"]
    tokens, last = figures["tokens"]["per_second"], figures["annulled"][-1]
    whole = _table(
        ("what", "measured", "goal"),
        (
            f"{payments['payments']:,} payments of one statement, booked, their parcels decided again",
            f"{payments['payments_per_s']:,} a second by the clock, "
            f"{payments['payments_per_s_of_two_cores']:,} on two cores "
            f"({payments['us_by_processor_time']:,} µs each)",
            "2,000 a second",
        ),
        (
            "payment to release, a notification each",
            f"median {release['p50_ms']} ms, 95 of 100 within {release['p95_ms']} ms",
            "5 s",
        ),
        (
            "entering in the ledger, of what a consignment costs in bulk",
            f"{postings['share']:.1%} ({postings['posting_us_a_consignment']} of "
            f"{postings['us_a_consignment']} µs)",
            "at most 10 %",
        ),
        (
            "tax-paid tokens checked offline, one core",
            f"{tokens['token']:,} a second; with their goods {tokens['token_and_goods']:,}",
            "5,000 a second",
        ),
        (
            "orders to pay back",
            f"{max(one['orders_per_s'] for one in figures['annulled']):,} a second by the clock at best, "
            f"{last['orders_per_s']:,} in the largest run",
            "20,000 a second",
        ),
    )
    annulled = _table(
        ("charges", "planned in", "processor time", "a second of two cores", "most memory", "carried out"),
        *(
            (
                f"{one['charges']:,}",
                f"{one['plan_s']} s",
                f"{one['plan_processor_s']} s",
                f"{round(2 * one['charges'] / one['plan_processor_s']):,}",
                f"{one['memory_mb']:,} MB",
                f"{one['lines_and_orders_per_s']:,} lines and orders a second",
            )
            for one in figures["annulled"]
        ),
    )
    minutes = round(30_000_000 / last["charges"] * last["plan_processor_s"] / 2 / 60, 1)
    by_count = {one["charges"]: one["plan_processor_s"] for one in figures["annulled"]}
    first, most = min(by_count, key=lambda one: abs(one - 300_000)), max(by_count)
    growth = round(10 * (by_count[most] / by_count[first]) / (most / first), 1)
    loads = [one["load"] for one in figures["annulled"]]
    head = _HEAD.format(load=figures["load"], load_most=max(loads))
    return head + whole + _MIDDLE + annulled + _FOOT.format(minutes=minutes, growth=growth)


def main() -> None:
    """Measure, or write the page of earlier figures."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("--scale", type=float, default=1.0, help="less for a shorter run")
    p.add_argument("--out", type=Path)
    p.add_argument("--page", type=Path, help="figures to write the page of")
    a = p.parse_args()
    if a.page:
        sys.stdout.write(page(json.loads(a.page.read_text(encoding="utf-8"))))
        return
    text = json.dumps(measure(scale=a.scale), indent=1) + "\n"
    if a.out:
        a.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
