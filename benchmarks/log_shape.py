"""Which shape for the evidence log: two measurements, each of two designs beside each other.

1. Promise. A signature for each consignment, or one for the batch with a path of hashes for each
consignment (a small Merkle
   tree). Processor time per consignment to make and to check, and bytes in the answer.
2. Writing. Four writers commit batches of decisions and leaves to a real PostgreSQL (fsync on). `pending`:
the leaves go to a
   waiting table in the writer's own transaction, one row a batch, and one integrator gives indices and
   signs. `pending_rows`: the same with one row a leaf. `direct`: each writer takes the log's lock, appends,
   signs, and holds the lock through its commit.

    uv run python benchmarks/log_shape.py            JSON lines; shapes alternate, three rounds, medians
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import queue
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import floor
import pg

PROMISE_SIZES = (1, 10, 50, 500, 5_000)
WRITE_SIZES = (1, 50, 5_000)
SHAPES = ("pending", "pending_rows", "direct")
WRITERS, LOCK = 4, 4_711
LEAF_BYTES = 32
BODY = b"x" * 300
INTEGRATE_EVERY_S, TAKE_BATCHES, TAKE_LEAVES = 0.02, 2_000, 50_000
TABLES = """
drop table if exists decision, pending, pending_rows, log_batch, log_row, log_head;
create table decision (reference bigint not null, body bytea not null);
create table pending (batch_id bigint generated always as identity primary key, sent_at float8, leaves bytea
not null); create table pending_rows (leaf_id bigint generated always as identity primary key, sent_at
float8, leaf bytea not null); create table log_batch (first_index bigint primary key, batch_id bigint,
leaves bytea not null); create table log_row (leaf_index bigint primary key, leaf_id bigint, leaf bytea not
null); create table log_head (one int primary key, size bigint, frontier bytea, signature bytea); insert
into log_head values (1, 0, '', '');
"""


# ---- trees (RFC 9162, section 2.1) ----


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def tree_levels(hashes: list[bytes]) -> list[list[bytes]]:
    """All levels, leaves first; an odd last node moves up unchanged."""
    found = [hashes]
    while len(hashes) > 1:
        odd = hashes[-1:] if len(hashes) % 2 else []
        hashes = [node_hash(a, b) for a, b in zip(hashes[::2], hashes[1::2], strict=False)] + odd
        found.append(hashes)
    return found


def path_of(levels: list[list[bytes]], index: int) -> list[tuple[bool, bytes]]:
    """Path of a leaf: (neighbour stands left, hash)."""
    path = []
    for level in levels[:-1]:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append((neighbour < index, level[neighbour]))
        index //= 2
    return path


def root_by_path(hashed: bytes, path: list[tuple[bool, bytes]]) -> bytes:
    """Root that a leaf and its path give."""
    for is_left, neighbour in path:
        hashed = node_hash(neighbour, hashed) if is_left else node_hash(hashed, neighbour)
    return hashed


def append(frontier: list[bytes], size: int, hashes: list[bytes]) -> int:
    """Append to the frontier (one hash for each bit set in size, largest first); returns the new size."""
    for hashed in hashes:
        node, bits = hashed, size
        while bits & 1:
            node = node_hash(frontier.pop(), node)
            bits >>= 1
        frontier.append(node)
        size += 1
    return size


def root_of(frontier: list[bytes]) -> bytes:
    """Root of a tree by its frontier."""
    root = frontier[-1]
    for node in reversed(frontier[:-1]):
        root = node_hash(node, root)
    return root


# ---- 1. promise ----


def measure_promise(size: int, seconds: float) -> dict[str, Any]:
    """Microseconds a consignment for both designs at one batch size."""
    key = Ed25519PrivateKey.generate()
    public, leaves = key.public_key(), [os.urandom(LEAF_BYTES) for _ in range(size)]

    def sign_each() -> list[tuple[bytes, bytes]]:
        return [(hashed := leaf_hash(leaf), key.sign(hashed + BODY[:40])) for leaf in leaves]

    def sign_batch() -> tuple[bytes, list[list[tuple[bool, bytes]]]]:
        levels = tree_levels([leaf_hash(leaf) for leaf in leaves])
        return key.sign(levels[-1][0] + BODY[:40]), [path_of(levels, i) for i in range(size)]

    def check_each() -> None:
        hashed, signature = each[size // 2]
        public.verify(signature, hashed + BODY[:40])

    def check_batch() -> None:
        root = root_by_path(leaf_hash(leaves[size // 2]), paths[size // 2])
        public.verify(signature, root + BODY[:40])

    each, (signature, paths) = sign_each(), sign_batch()
    return {
        "part": "promise",
        "batch": size,
        "each_us": _cpu_us(sign_each, seconds, size),
        "batch_us": _cpu_us(sign_batch, seconds, size),
        "check_each_us": _cpu_us(check_each, seconds, 1),
        "check_batch_us": _cpu_us(check_batch, seconds, 1),
        "each_bytes": LEAF_BYTES + 64,
        "batch_bytes": LEAF_BYTES + 64 + 32 * len(paths[size // 2]),
    }


def _cpu_us(call: Callable[[], object], seconds: float, per: int) -> float:
    call()
    calls, cpu, begun = 0, time.process_time(), time.perf_counter()
    while calls < 2 or time.perf_counter() - begun < seconds:
        call()
        calls += 1
    return round((time.process_time() - cpu) / calls / per * 1e6, 2)


# ---- 2. writing ----


def write(conn: psycopg.Connection[Any], shape: str, size: int, key: Ed25519PrivateKey) -> None:
    """One writer's transaction: decisions by COPY, then the leaves in the given shape."""
    leaves = os.urandom(LEAF_BYTES * size)
    with conn.cursor().copy("copy decision from stdin (format binary)") as copy:
        copy.set_types(["int8", "bytea"])
        for i in range(size):
            copy.write_row((i, BODY))
    sent_at = time.time()
    if shape == "pending":
        conn.execute("insert into pending (sent_at, leaves) values (%b, %b)", (sent_at, leaves))
    elif shape == "pending_rows":
        with conn.cursor().copy("copy pending_rows (sent_at, leaf) from stdin (format binary)") as copy:
            copy.set_types(["float8", "bytea"])
            for i in range(0, len(leaves), LEAF_BYTES):
                copy.write_row((sent_at, leaves[i : i + LEAF_BYTES]))
    else:
        conn.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        first_index = advance(conn, split(leaves), key)
        conn.execute("insert into log_batch values (%b, 0, %b)", (first_index, leaves))
    conn.commit()


def split(leaves: bytes) -> list[bytes]:
    """Leaves of a batch."""
    return [leaves[i : i + LEAF_BYTES] for i in range(0, len(leaves), LEAF_BYTES)]


def advance(conn: psycopg.Connection[Any], leaves: list[bytes], key: Ed25519PrivateKey) -> int:
    """Append leaves to the head and sign it; returns the index of the first. The caller holds the lock."""
    row = conn.execute("select size, frontier from log_head").fetchone()
    assert row is not None
    first_index, frontier = row[0], split(row[1])
    size = append(frontier, first_index, [leaf_hash(leaf) for leaf in leaves])
    signature = key.sign(size.to_bytes(8, "big") + root_of(frontier))
    conn.execute(
        "update log_head set size = %b, frontier = %b, signature = %b", (size, b"".join(frontier), signature)
    )
    return int(first_index)


def integrate(conn: psycopg.Connection[Any], shape: str, key: Ed25519PrivateKey) -> list[tuple[float, int]]:
    """Take what is visible; returns (seconds waited, leaves) of each batch or leaf taken."""
    conn.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
    if shape == "pending":
        rows = conn.execute(
            "delete from pending where batch_id in (select batch_id from pending order by 1 limit %s)"
            " returning batch_id, sent_at, leaves",
            (TAKE_BATCHES,),
        ).fetchall()
    else:
        rows = conn.execute(
            "delete from pending_rows where leaf_id in (select leaf_id from pending_rows order by 1 limit %s)"
            " returning leaf_id, sent_at, leaf",
            (TAKE_LEAVES,),
        ).fetchall()
    if rows:
        rows.sort()
        index = advance(conn, split(b"".join(row[2] for row in rows)), key)
        table = "log_batch" if shape == "pending" else "log_row"
        with conn.cursor().copy(f"copy {table} from stdin (format binary)") as copy:
            copy.set_types(["int8", "int8", "bytea"])
            for row_id, _, leaves in rows:
                copy.write_row((index, row_id, leaves))
                index += len(leaves) // LEAF_BYTES
    conn.commit()
    now = time.time()
    return [(now - sent_at, len(leaves) // LEAF_BYTES) for _, sent_at, leaves in rows]


def _writer(  # noqa: PLR0917 (a process takes its arguments by place)
    dsn: str, shape: str, size: int, seconds: float, barrier: Any, results: Any
) -> None:
    key, waits = Ed25519PrivateKey.generate(), []
    with psycopg.connect(dsn) as conn:
        write(conn, shape, size, key)
        barrier.wait(60)
        cpu, until = time.process_time(), time.perf_counter() + seconds
        begun = time.perf_counter()
        while begun < until:
            write(conn, shape, size, key)
            ended = time.perf_counter()
            waits.append(ended - begun)
            begun = ended
        cpu = time.process_time() - cpu
    results.put(("writer", cpu, waits))


def _integrator(dsn: str, shape: str, stop: Any, results: Any) -> None:
    key, waits = Ed25519PrivateKey.generate(), []
    with psycopg.connect(dsn) as conn:
        cpu = time.process_time()
        while True:
            is_last = stop.is_set()
            taken = integrate(conn, shape, key)
            waits += [wait for wait, _ in taken]
            if not taken:
                if is_last:
                    break
                time.sleep(INTEGRATE_EVERY_S)
        cpu = time.process_time() - cpu
    results.put(("integrator", cpu, waits))


def measure_writing(dsn: str, shape: str, size: int, seconds: float) -> dict[str, float]:
    """Rate, latency, lag and processor time of one shape at one batch size; every leaf must end in the
    log."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(TABLES)
        conn.execute("checkpoint")
        spawn = multiprocessing.get_context("spawn")
        results, stop, barrier = spawn.Queue(), spawn.Event(), spawn.Barrier(WRITERS + 1)
        writers = [
            spawn.Process(target=_writer, args=(dsn, shape, size, seconds, barrier, results))
            for _ in range(WRITERS)
        ]
        integrators = [spawn.Process(target=_integrator, args=(dsn, shape, stop, results))]
        processes = writers + (integrators if shape != "direct" else [])
        for process in processes:
            process.start()
        barrier.wait(60)
        server_pid = _server_pid(conn)
        server, begun = floor.server_cpu(server_pid), time.perf_counter()
        reports = list(_collect(results, len(writers)))
        seconds = time.perf_counter() - begun
        stop.set()
        reports += list(_collect(results, len(processes) - len(writers)))
        for process in processes:
            process.join(60)
        integrated_s = time.perf_counter() - begun
        _check(conn)
        server = floor.server_cpu(server_pid) - server
    waits = np.array([wait for kind, _, some in reports if kind == "writer" for wait in some])
    lags = np.array([wait for kind, _, some in reports if kind == "integrator" for wait in some] or [0.0])
    leaves, client = len(waits) * size, sum(cpu for _, cpu, _ in reports)
    return {
        "leaves_per_s": round(leaves / seconds),
        "integrated_per_s": round(leaves / max(seconds, integrated_s)),
        "commit_p50_ms": round(float(np.quantile(waits, 0.5)) * 1e3, 2),
        "commit_p99_ms": round(float(np.quantile(waits, 0.99)) * 1e3, 2),
        "lag_p50_ms": round(float(np.quantile(lags, 0.5)) * 1e3, 1),
        "lag_p99_ms": round(float(np.quantile(lags, 0.99)) * 1e3, 1),
        "client_us": round(client / leaves * 1e6, 2),
        "server_us": round(server / leaves * 1e6, 2),
    }


def _collect(results: Any, count: int) -> Iterator[tuple[str, float, list[float]]]:
    for _ in range(count):
        try:
            yield results.get(timeout=120)
        except queue.Empty:
            raise SystemExit("log_shape: a process did not report") from None


def _server_pid(conn: psycopg.Connection[Any]) -> int:
    row = conn.execute("select pg_read_file('postmaster.pid')").fetchone()
    assert row is not None
    return int(row[0].splitlines()[0])


def _check(conn: psycopg.Connection[Any]) -> None:
    """Decisions, head and log agree, and the frontier of the leaves read back in order is the one signed."""
    query = """select (select count(*) from decision), (select size from log_head),
        (select coalesce(sum(length(leaves)), 0) / 32 from log_batch) + (select count(*) from log_row),
        (select frontier from log_head)"""
    row = conn.execute(query).fetchone()
    assert row is not None
    decided, size, logged, head = row
    in_order = "select leaves from (table log_batch union all table log_row) as log order by first_index"
    frontier: list[bytes] = []
    data = b"".join(bytes(leaves) for (leaves,) in conn.execute(in_order))
    append(frontier, 0, [leaf_hash(leaf) for leaf in split(data)])
    if not decided == size == logged or b"".join(frontier) != bytes(head):
        raise SystemExit(f"log_shape: {decided} decided, head {size}, {logged} logged, or another tree")


def main() -> None:
    """Print JSON lines."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--seconds", type=float, default=3.0, help="of writing, each run")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--sizes", type=int, nargs="*", default=WRITE_SIZES, help="leaves a commit")
    a = p.parse_args()
    for size in PROMISE_SIZES:
        print(json.dumps(measure_promise(size, min(a.seconds, 1.0))), flush=True)
    with pg.server() as dsn:
        for size in a.sizes:
            rounds = [
                {shape: measure_writing(dsn, shape, size, a.seconds) for shape in SHAPES}
                for _ in range(a.rounds)
            ]
            for shape in SHAPES:
                figures = {name: median(r[shape][name] for r in rounds) for name in rounds[0][shape]}
                ratio = median(r[shape]["leaves_per_s"] / r["direct"]["leaves_per_s"] for r in rounds)
                row = {"part": "writing", "shape": shape, "batch": size, "of_direct": round(ratio, 2)}
                print(json.dumps(row | figures), flush=True)


if __name__ == "__main__":
    main()
