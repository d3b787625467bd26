"""The floor: the yardstick's work with the least code and time we know on this machine.

NDJSON -> msgspec structs (validation) -> NumPy (duty, tax, reasons) -> Arrow -> binary COPY -> durable commit,
in two worker processes. Each worker reads the whole file and takes the references that hash to it,
so that repeats meet in one place.
"""
# mypy: ignore-errors

import argparse
import gc
import json
import multiprocessing
import os
import tempfile
import time
import zlib
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import pgpq
import psycopg
import pyarrow as pa

import law
import parcels
import pg

HS, CUR = {h: i for i, h in enumerate(law.HS6)}, {c: i for i, c in enumerate(law.IN_EUR)}
HS_TABLE = np.array(list(law.HS6.values()))  # duty x4, value per kg, licence
RATES = np.array([[law.RATE[c, r] for r in range(4)] for c in law.IN_EUR])
LIMIT, FLAT = np.array(law.LIMIT), np.array(law.FLAT)
SURCHARGE = np.array([law.SURCHARGE, law.SURCHARGE_CN])
CODES = pa.array(["", "EUR", "GBP", "USD", "AUD"])
REASONS, OUTCOMES = pa.array(law.REASONS), pa.array(law.OUTCOMES)
SCHEMA = pa.schema(
    [
        ("reference", pa.string()),
        ("sequence", pa.int16()),
        ("outcome", pa.string()),
        ("currency", pa.string()),
        ("value", pa.int64()),
        ("duty", pa.int64()),
        ("tax", pa.int64()),
        ("reasons", pa.string()),
    ]
)

Positive = Annotated[int, msgspec.Meta(ge=1)]
Country = Literal[tuple(sorted(law.COUNTRIES))]


class Struct(msgspec.Struct, rename="camel", gc=False):
    pass


class Amount(Struct):
    minor: Annotated[int, msgspec.Meta(ge=0)]
    currency: Literal[tuple(law.IN_EUR)]


class Item(Struct):
    sequence: int
    classification_hs6: Literal[tuple(law.HS6)]
    description: str
    quantity: Positive
    invoice_amount: Amount
    origin_country: Country
    gross_weight_grams: Positive


class Address(Struct):
    country_code: Country


class Party(Struct):
    name: str
    address: Address


class Destination(Struct):
    country_code: Literal[tuple(law.TAX)]


class Consignee(Struct):
    name: str
    address: Destination


class Consignment(Struct):
    functional_reference_id: str
    ucr: str
    transport_contract_document_id: str
    consignor: Party
    consignee: Consignee
    goods_items: list[Item]
    import_tax_id: str | None = None


def code(error):
    text = str(error)
    return (
        "F-MISSING"
        if "missing required" in text
        else "F-COUNTRY"
        if "ountry" in text
        else "F-CURRENCY"
        if "currency" in text
        else "F-WEIGHT"
        if "Grams" in text
        else "F-OTHER"
    )


def read(batch: Any, seen: Any, decode: Any) -> Any:
    """One batch of (reference, line) -> consignments, faults as (reference, code)."""
    good, bad = [], []
    for ref, line in batch:
        if (known := law.repeated(seen, ref, line)) is not None:
            if known:
                bad.append((ref.decode(), "F-DUPLICATE"))
            continue
        try:
            good.append(decode(line))
        except msgspec.ValidationError as e:
            bad.append((ref.decode(), code(e)))
    return good, bad


def columns(cs: Any, listed: Any) -> Any:
    """What the arithmetic needs: one row per consignment, one row per item, and the item's consignment."""
    per = np.array(
        [
            (
                law.TAX[c.consignee.address.country_code]
                + (
                    len(c.goods_items),
                    c.consignor.name.lower() in listed or c.consignee.name.lower() in listed,
                    -1 if c.import_tax_id is None else law.tax_id_ok(c.import_tax_id),
                )
            )
            for c in cs
        ],
        dtype=np.int64,
    )
    items = np.array(
        [
            (
                i.sequence,
                HS[i.classification_hs6],
                i.description.lower() in law.VAGUE,
                i.invoice_amount.minor,
                CUR[i.invoice_amount.currency],
                i.origin_country == "CN",
                i.gross_weight_grams,
            )
            for c in cs
            for i in c.goods_items
        ],
        dtype=np.int64,
    )
    return per, items, np.repeat(np.arange(len(cs)), per[:, 2])


def assess(per: Any, items: Any, owner: Any) -> Any:
    """Columns -> value, duty, tax, reason mask; integer arithmetic as in law.assess."""
    regime, tax_bp, n, hit, proof = per.T
    r = regime[owner]
    _, hs, vague, minor, currency, cn, grams = items.T
    value = (minor * RATES[currency, r] + law.PPM // 2) // law.PPM
    low = np.add.reduceat(value, np.cumsum(n) - n) <= LIMIT[regime]
    table = HS_TABLE[hs]
    rate = table[np.arange(len(r)), r] + SURCHARGE[cn, r]
    duty = np.where(low[owner], FLAT[r], (value * rate + law.BP // 2) // law.BP)
    tax = ((value + duty) * tax_bp[owner] + law.BP // 2) // law.BP
    common = law.LOW * low + law.PREPAID * (low & (proof == 1)) + law.PROOF * (proof == 0) + law.PARTY * hit
    mask = (
        common[owner]
        + law.VAGUE_BIT * vague
        + law.LICENCE * table[:, 5]
        + law.UNDERVALUE * (value * 1000 < grams * table[:, 4])
    )
    return value, duty, tax, mask


def decide(cs, listed):
    """Consignments -> Arrow batch of decisions."""
    per, items, owner = columns(cs, listed)
    return batch_of(cs, per, items, owner, *assess(per, items, owner))


def batch_of(cs, per, items, owner, value, duty, tax, mask):
    refs = pa.array([c.functional_reference_id for c in cs])
    return pa.record_batch(
        [
            refs.take(pa.array(owner)),
            pa.array(items[:, 0].astype(np.int16)),
            OUTCOMES.take(pa.array(mask)),
            CODES.take(pa.array(per[owner, 0] + 1)),
            pa.array(value),
            pa.array(duty),
            pa.array(tax),
            REASONS.take(pa.array(mask)),
        ],
        schema=SCHEMA,
    )


def faults(bad):
    return pa.record_batch(
        [pa.array(c, t.type) for c, t in zip(zip(*(law.fault_row(*b) for b in bad)), SCHEMA)], schema=SCHEMA
    )


def store(conn, batches):
    """One binary COPY, one durable commit."""
    encoder = pgpq.ArrowToPostgresBinaryEncoder(SCHEMA)
    with conn.cursor().copy("copy decision from stdin (format binary)") as copy:
        copy.write(encoder.write_header())
        for b in batches:
            copy.write(encoder.write_batch(b))
        copy.write(encoder.finish())
    conn.commit()


def work(batches, dsn, listed):
    gc.disable()
    seen, decode = {}, msgspec.json.Decoder(Consignment).decode
    with psycopg.connect(dsn) as conn:
        for batch in batches:
            good, bad = read(batch, seen, decode)
            store(conn, ([decide(good, listed)] if good else []) + ([faults(bad)] if bad else []))


def work_single(batches, dsn, listed):
    """As a request handler would: one consignment, plain Python, one INSERT, one commit. At this size NumPy costs more."""
    gc.disable()
    seen, decode = {}, msgspec.json.Decoder(Consignment).decode
    row = "(%s,%s,%s,%s,%s,%s,%s,%s)"
    with psycopg.connect(dsn) as conn:
        for batch in batches:
            good, bad = read(batch, seen, decode)
            rows = [law.fault_row(*b) for b in bad]
            for c in good:
                hit = c.consignor.name.lower() in listed or c.consignee.name.lower() in listed
                assessed = law.assess(
                    c.consignee.address.country_code,
                    c.import_tax_id,
                    hit,
                    [
                        (
                            i.classification_hs6,
                            i.description,
                            i.invoice_amount.minor,
                            i.invoice_amount.currency,
                            i.origin_country,
                            i.gross_weight_grams,
                        )
                        for i in c.goods_items
                    ],
                )
                rows += [
                    (c.functional_reference_id, i.sequence, law.OUTCOMES[a[4]], *a[:4], law.REASONS[a[4]])
                    for i, a in zip(c.goods_items, assessed)
                ]
            if rows:
                conn.execute(
                    f"insert into decision values {','.join([row] * len(rows))}", [v for r in rows for v in r]
                )
                conn.commit()


# ---- harness, shared with the peers ----

PREFIX = len(b'{"functionalReferenceId":"')


def share(path, worker, workers, size):
    """This worker's lines in file order, as batches of (reference, line)."""
    out = []
    with open(path, "rb") as f:
        for line in f:
            ref = line[PREFIX : line.index(b'"', PREFIX)]
            if zlib.crc32(ref) % workers == worker:
                out.append((ref, line))
                if len(out) == size:
                    yield out
                    out = []
    if out:
        yield out


def machine_cpu():
    """Seconds of processor time spent on this machine, by anyone."""
    with open("/proc/stat") as f:
        user, nice, system, _, _, irq, soft, *_ = map(int, f.readline().split()[1:])
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


def server_cpu(pid: int) -> float:
    """Seconds of processor time spent by the server: itself, its ended and its living children."""
    ticks = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(name) == pid:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _worker(work, path, dsn, k, workers, size, barrier, times):
    begun = []

    def batches():  # the clock starts when all workers have made themselves ready and ask for their first batch
        barrier.wait(120)
        begun[:] = time.perf_counter(), time.process_time()
        yield from share(path, k, workers, size)

    work(batches(), dsn, parcels.listed_set())
    times.put((begun[0], time.perf_counter(), time.process_time() - begun[1]))


def run(work, path, dsn, key=True, workers=2, size=8192):
    """Fresh table, `work` in its processes, totals read back. -> figures, totals. Start-up is not counted."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("drop table if exists decision")
        conn.execute(f"create table decision ({law.TABLE}{', primary key (reference, sequence)' * key})")
        conn.execute("checkpoint")
        spawn = multiprocessing.get_context("spawn")
        barrier, times = spawn.Barrier(workers + 1), spawn.SimpleQueue()
        ps = [
            spawn.Process(target=_worker, args=(work, path, dsn, k, workers, size, barrier, times))
            for k in range(workers)
        ]
        for p in ps:
            p.start()
        barrier.wait(120)
        with open(conn.execute("show data_directory").fetchone()[0] + "/postmaster.pid") as f:
            pid = int(f.readline())
        server, machine = server_cpu(pid), machine_cpu()
        for p in ps:
            p.join()
        if any(p.exitcode for p in ps):
            raise SystemExit("a worker failed")
        while conn.execute(
            "select 1 from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchone():
            time.sleep(0.01)  # let the sessions end, so that their time is in the server's sum
        begun, ended, client = zip(*(times.get() for _ in ps))
        server, machine = server_cpu(pid) - server, machine_cpu() - machine
        totals = conn.execute(law.TOTALS).fetchall()
    return figures(totals, max(ended) - min(begun), sum(client), server, machine), totals


def figures(totals, seconds, client, server, machine):
    """`others`: cores that other programs took meanwhile; far from 0 the rate is too low, the CPU figures still hold."""
    items = sum(t[3] for t in totals)
    return {
        "items": items,
        "items_per_s": round(items / seconds),
        "client_us": round(client / items * 1e6, 1),
        "server_us": round(server / items * 1e6, 1),
        "others": round((machine - client - server) / seconds, 1),
    }


def expected(path):
    """Totals by the plain reference."""
    seen, listed = {}, parcels.listed_set()
    with open(path, "rb") as f:
        return law.totals(row for line in f for row in law.decide_line(line, seen, listed))


def arguments(doc, count):
    p = argparse.ArgumentParser(description=doc)
    p.add_argument("--parcels", help="NDJSON from parcels.py; made if not given")
    p.add_argument("--count", type=int, default=count, help="consignments to make")
    p.add_argument("--runs", type=int, default=3, help="the median is printed")
    return p


def input_file(a, folder):
    if not a.parcels:
        a.parcels = os.path.join(folder, "parcels.ndjson")
        parcels.write(a.parcels, a.count)
    return a.parcels


def median(results):
    """The run with the median rate."""
    return sorted(results, key=lambda r: r["items_per_s"])[len(results) // 2]


def run_floor(path: str, runs: int, *, key: bool = True, batch: int = 8192) -> dict[str, Any]:
    """Run the floor on a file of the yardstick's parcels; the figures of the run with the median rate.

    path: NDJSON in the yardstick's own format. runs: how many, the totals of each checked against the plain reference.
    key: whether the table has its primary key. batch: consignments a commit. Starts a PostgreSQL of its own and removes it.
    Returns program, key, batch, items, items_per_s, client_us, server_us, others, all_items_per_s (of every run, in order).
    """
    want, results = expected(path), []
    with pg.server() as dsn:
        for _ in range(runs):
            result, totals = run(work, path, dsn, key=key, size=batch)
            if totals != want:
                raise SystemExit(f"floor: totals differ from the reference: {set(totals) ^ set(want)}")
            results.append(result)
    rates = [r["items_per_s"] for r in results]
    return {"program": "floor", "key": key, "batch": batch, **median(results), "all_items_per_s": rates}


def main():
    """Print one JSON line."""
    p = arguments(__doc__, 200_000)
    p.add_argument("--batch", type=int, default=8192, help="consignments per commit")
    p.add_argument("--heap", action="store_true", help="no primary key on the table")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run_floor(input_file(a, folder), a.runs, key=not a.heap, batch=a.batch)))


if __name__ == "__main__":
    main()
