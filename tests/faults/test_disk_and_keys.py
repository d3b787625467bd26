"""A full disk and a lost key: said in words, nothing half done, and all goes on when the cause is gone."""

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from serai.foundation.disk_room import SpoolRoom
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.http.line_stream import Spill
from tests.faults.serving import NDJSON, Serving, encoded, ndjson, parcel, serving, short_folder

pytestmark = pytest.mark.slow

MIB = 1 << 20


@contextlib.contextmanager
def small_disk(size_mib: int) -> Iterator[Path]:
    """A folder whose `data` is a disk of its own."""
    with short_folder() as folder:
        disk = folder / "data"
        disk.mkdir()
        mount = shutil.which("mount")
        if os.geteuid() != 0 or mount is None:
            pytest.skip("only root can mount a small disk")
        made = subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={size_mib}m,mode=755", "tmpfs", str(disk)],
            capture_output=True,
            check=False,
        )
        if made.returncode != 0:
            pytest.skip(f"this machine mounts no small disk: {made.stderr.decode()}")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, *, but_bytes: int) -> Path:
    """Fill a disk until so much is left; gives the file to remove."""
    filler = disk / "filler"
    with filler.open("wb") as file, contextlib.suppress(OSError):
        while (free := shutil.disk_usage(disk).free) > but_bytes:
            file.write(b"\0" * min(MIB, free - but_bytes))
            file.flush()
    return filler


def test_below_the_reserve_nothing_is_taken_in_and_it_resumes_with_room() -> None:
    with (
        small_disk(700) as folder,
        serving(folder, environment={"SERAI_DATA_FREE_MIN_BYTES": str(128 * MIB)}) as node,
    ):
        _, key = node.add_party()
        before = node.send(encoded(parcel("DISK-0")), key)

        filler = fill(node.data, but_bytes=100 * MIB)
        one = node.send(encoded(parcel("DISK-1")), key)
        many = node.send(ndjson([parcel("DISK-2"), parcel("DISK-3")]), key, NDJSON)
        known = node.send(encoded(parcel("DISK-0")), key)
        filler.unlink()
        after = node.send(ndjson([parcel(f"DISK-{n}") for n in range(4)]), key, NDJSON)

        for reply in (one, many, known):
            assert (reply.status, reply.json()["code"]) == (507, "disk-full")
            assert "MiB free" in reply.json()["detail"]
            assert reply.json()["next_step"].startswith("Free some space")
        assert before.status == 201
        assert after.lines()[-1]["counts"] == {"repeated": 1, "decided": 3}


def test_a_disk_that_others_fill_to_the_last_byte_loses_nothing() -> None:
    with (
        small_disk(700) as folder,
        serving(folder, environment={"SERAI_DATA_FREE_MIN_BYTES": "0"}) as node,
    ):
        party_id, key = node.add_party()
        answered: set[str] = set()
        told: Counter[str] = Counter()

        filler = fill(node.data, but_bytes=0)
        for number in range(12):
            reply = _send_file(node, key, number)
            told[f"{reply[0]} {reply[1]}"] += 1
            answered |= reply[2]
            if told.total() - told["200 "] >= 3:
                break
        filler.unlink()
        end = time.monotonic() + 90
        while (reply := _send_file(node, key, 99))[:2] != (200, ""):
            assert time.monotonic() < end, reply
            time.sleep(1)
        answered |= reply[2]

        assert set(told) <= {
            "200 ",
            "200 disk-full",
            "200 database-unreachable",
            "507 disk-full",
            "503 database-unreachable",
        }, told
        assert told.total() > told["200 "], "the disk was never full: the test shows nothing"
        kept = {row[0] for row in node.rows("SELECT reference FROM submission WHERE party_id = %s", party_id)}
        assert answered <= kept
        assert node.rows(
            "SELECT count(*) FROM submission LEFT JOIN consignment USING (document_id) "
            "WHERE consignment_id IS NULL"
        ) == [(0,)]


async def test_answers_that_find_no_room_on_a_disk_wait_in_memory_for_their_reader() -> None:
    # More than a stream holds in memory before it begins a file.
    pieces = [random.Random(number).randbytes(300_000) for number in range(140)]
    with small_disk(3) as folder:
        spill = Spill(
            file_bytes_max=1 << 30,
            stall_s=5,
            room=SpoolRoom(bytes_max=1 << 40, free_min_bytes=0).share_of("one"),
            folder=folder / "data",
        )
        got = bytearray()

        async def write() -> None:
            for piece in [*pieces, random.Random(1).randbytes(8 * MIB)]:
                await spill.put(piece)
            spill.end()

        writing = asyncio.create_task(write())
        await asyncio.sleep(0.1)
        assert not writing.done(), "the disk was never full: the test shows nothing"
        while data := await spill.get():
            got += data
        await writing
        spill.close()

    whole = b"".join(pieces)
    assert bytes(got[: len(whole)]) == whole
    assert len(got) == len(whole) + 8 * MIB


def _send_file(node: Serving, key: str, number: int) -> tuple[int, str, set[str]]:
    reply = node.send(
        ndjson([parcel(f"FULL-{number}-{n}") for n in range(3_000)]), key, NDJSON, timeout_s=150
    )
    if reply.status != 200:
        return reply.status, reply.json()["code"], set()
    lines = reply.lines()
    done = {one["reference"] for one in lines if one.get("decision")}
    problems = [one["problem"] for one in lines if one.get("status") == "not-accepted"]
    if problems:
        assert lines[-1]["complete"]
        return 200, problems[0]["code"], done
    if lines[-1].get("complete"):
        return 200, "", done
    return lines[-1]["problem"]["status"], lines[-1]["problem"]["code"], done


def test_without_its_signing_key_the_start_is_refused_and_nothing_is_signed() -> None:
    with short_folder() as folder:
        with serving(folder) as node:
            _, key = node.add_party()
            assert node.send(encoded(parcel("KEY-1")), key).status == 201
            time.sleep(2)
        signing_key = node.data / "keys" / "signing.pem"
        signing_key.rename(folder / "away.pem")
        before = _signed(node)

        process = node.spawn()
        code = process.wait(60)

        assert code != 0
        assert "lost-signing-key" in node.said()
        assert "is missing" in node.said()
        assert not signing_key.exists(), "a new key in silence would make old receipts look false"
        assert _signed(node) == before

        (folder / "away.pem").rename(signing_key)
        node.start()
        try:
            assert node.send(encoded(parcel("KEY-1")), key).json()["status"] == "repeated"
        finally:
            node.stop()


def test_with_another_nodes_signing_key_the_start_is_refused() -> None:
    with short_folder() as folder, short_folder() as other:
        with serving(folder) as node, serving(other, workers=1) as stranger:
            theirs = (stranger.data / "keys" / "signing.pem").read_bytes()
        (node.data / "keys" / "signing.pem").write_bytes(theirs)

        code = node.spawn().wait(60)

        assert code != 0
        assert "holds another key" in node.said()


def _signed(node: Serving) -> tuple[int, int]:
    """How many checkpoints and promises there are."""
    with (
        EmbeddedPostgres(node.data / "postgres") as dsn,
        psycopg.connect(dsn) as connection,
    ):
        row = connection.execute(
            "SELECT (SELECT count(*) FROM log_checkpoint), (SELECT count(*) FROM log_batch)"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_database_that_takes_nothing_is_not_ready_and_says_so() -> None:
    with short_folder() as folder, serving(folder, workers=1) as node:
        _, key = node.add_party("Invented Carrier")
        assert node.send(encoded(parcel("RO-1")), key).status == 201

        _set_read_only(node, "on")
        refused = [node.send(encoded(parcel("RO-2")), key) for _ in range(4)]
        ready = node.get("/readyz", None)
        _set_read_only(node, "off")
        taken = node.send(encoded(parcel("RO-2")), key)

        told = {(one.status, one.json()["code"], "retry-after" in one.headers) for one in refused}
        assert told == {(503, "database-read-only", True)}
        assert ready.status == 503
        assert "takes nothing" in ready.content.decode()
        assert taken.status == 201


def _set_read_only(node: Serving, state: str) -> None:
    dsn = f"host={node.data / 'postgres'} user=postgres dbname=postgres"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {state}".encode())
        connection.execute("SELECT pg_reload_conf()")
    time.sleep(1)
