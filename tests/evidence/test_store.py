"""The log in PostgreSQL: promises become proofs, nothing is lost, changed history is seen."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psycopg
import pytest

from serai.evidence.audit import audit_address, audit_database, audit_folder
from serai.evidence.errors import EvidenceError
from serai.evidence.integrator import integrate_once
from serai.evidence.notes import Checkpoint, open_checkpoint
from serai.evidence.promise import RecentPromises
from serai.evidence.proofs import is_consistent
from serai.evidence.receipt import Holds, Verdict, encode_receipt, verify_receipt
from serai.evidence.static_files import publish_to_folder
from serai.evidence.store import (
    Connection,
    prove_consistency,
    read_checkpoint,
    read_checkpoint_of_size,
    read_leaves,
    read_promises,
    read_receipt,
    read_tile,
)
from serai.evidence.tiles import ENTRIES, TilePath
from tests.evidence.batches import AT, ORIGIN, SIGNER, promise, store


async def integrate(connection: Connection, leaf_count_max: int = 100_000) -> int:
    done = await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT, leaf_count_max=leaf_count_max)
    return done.leaf_count


async def check(connection: Connection, leaf_id: int) -> Verdict:
    receipt = await read_receipt(connection, leaf_id, administration_id=1)
    assert receipt is not None
    verdict = verify_receipt(encode_receipt(receipt), SIGNER.public_key)
    assert verdict.is_genuine
    assert verdict.leaf is not None
    assert verdict.leaf.leaf_id == leaf_id
    return verdict


async def test_promise_becomes_a_proof(connection: Connection) -> None:
    await store(connection, 100, 7)

    before = await check(connection, 103)
    await integrate(connection)
    after = await check(connection, 103)

    assert before.holds is Holds.PROMISE
    assert (after.holds, after.index, after.tree_size) == (Holds.PROOF, 3, 7)


async def test_every_leaf_proves_itself_after_many_rounds(connection: Connection) -> None:
    sizes = [1, 300, 5, 256, 700, 2]
    first, ids = 1, []
    for size in sizes:
        await store(connection, first, size)
        ids += [first, first + size - 1]
        first += size + 10
        assert await integrate(connection) == size
        for leaf_id in ids:
            assert (await check(connection, leaf_id)).holds is Holds.PROOF

    audit = await audit_database(connection, origin=ORIGIN, public_key=SIGNER.public_key)

    assert (audit.tree_size, audit.checkpoints_count, audit.faults) == (sum(sizes), len(sizes), ())


async def test_batches_that_become_visible_out_of_order_all_get_in(
    log_dsn: str, connection: Connection
) -> None:
    async with await psycopg.AsyncConnection.connect(log_dsn) as slow, slow.transaction():
        await store(slow, 1, 3)
        await store(connection, 50, 2)
        await store(connection, 2_000, 2)
        assert await integrate(connection) == 4
    assert await integrate(connection) == 3

    assert (await check(connection, 1)).index == 4


async def test_unknown_leaf_and_other_administrations_leaf_have_no_receipt(connection: Connection) -> None:
    await store(connection, 10, 3)

    assert await read_receipt(connection, 9, administration_id=1) is None
    assert await read_receipt(connection, 13, administration_id=1) is None
    assert await read_receipt(connection, 11, administration_id=2) is None


async def test_rolled_back_batch_leaves_no_trace(connection: Connection) -> None:
    async with connection.transaction(force_rollback=True):
        await store(connection, 1, 3)

    assert await integrate(connection) == 0
    assert await read_checkpoint(connection) is None


async def test_one_round_is_bounded_and_the_next_goes_on(connection: Connection) -> None:
    for number in range(5):
        await store(connection, 1 + number * 100, 40)

    rounds = [await integrate(connection, leaf_count_max=70) for _ in range(4)]

    assert rounds == [80, 80, 40, 0]


async def test_several_integrators_at_once_never_double_a_leaf(log_dsn: str, connection: Connection) -> None:
    for number in range(30):
        await store(connection, 1 + number * 100, 20)

    async def work() -> int:
        async with await psycopg.AsyncConnection.connect(log_dsn) as own:
            return sum([await integrate(own, leaf_count_max=40) for _ in range(12)])

    done = sum(await asyncio.gather(*(work() for _ in range(4))))
    while count := await integrate(connection):
        done += count

    assert done == 600
    audit = await audit_database(connection, origin=ORIGIN, public_key=SIGNER.public_key)
    assert (audit.tree_size, audit.faults) == (600, ())


async def test_any_two_checkpoints_are_shown_consistent(connection: Connection) -> None:
    first = 1
    for size in (3, 260, 1, 512, 90):
        await store(connection, first, size)
        await integrate(connection)
        first += size
    sizes = [3, 263, 264, 776, 866]
    checkpoints = [await read_checkpoint_of_size(connection, size) for size in sizes]

    for place, old in enumerate(checkpoints):
        for new in checkpoints[place:]:
            assert old is not None
            assert new is not None
            proof = await prove_consistency(connection, old.tree_size, new.tree_size)
            assert is_consistent(old.tree_size, new.tree_size, old.root, new.root, proof)


async def test_tiles_are_served_as_c2sp_says(connection: Connection) -> None:
    await store(connection, 1, 300)
    await integrate(connection)
    await store(connection, 1000, 5)
    await integrate(connection)

    full = await read_tile(connection, TilePath(0, 0))
    partial = await read_tile(connection, TilePath(0, 1, 44))
    grown = await read_tile(connection, TilePath(0, 1, 49))
    bundle = await read_tile(connection, TilePath(ENTRIES, 1, 49))

    assert full is not None
    assert len(full) == 8192
    assert partial is not None
    assert grown is not None
    assert grown.startswith(partial)
    assert bundle is not None
    assert bundle.count(b"serai-leaf\x01") == 49
    assert await read_tile(connection, TilePath(0, 1, 50)) is None
    assert await read_tile(connection, TilePath(ENTRIES, 1, 50)) is None
    assert await read_tile(connection, TilePath(1, 0, 1)) is not None
    assert await read_tile(connection, TilePath(1, 0, 2)) is None


CHANGES = {
    "a leaf": "UPDATE log_batch SET commitments = set_byte(commitments, 60, 255 - get_byte(commitments, 60))",
    "a full tile": "UPDATE log_tile SET hashes = set_byte(hashes, 40, 77 - get_byte(hashes, 40) % 64)",
    "a checkpoint": "UPDATE log_checkpoint SET note = replace(note, '300', '301') WHERE tree_size = 300",
    "a promise": "UPDATE log_batch SET promise = replace(promise, E'\\n300\\n', E'\\n299\\n')",
    "a place": "UPDATE log_integrated SET first_index = 601 WHERE first_index = 600",
}


@pytest.mark.parametrize("what", CHANGES)
async def test_auditor_sees_changed_history(connection: Connection, what: str) -> None:
    await store(connection, 1, 300)
    await integrate(connection)
    await store(connection, 1000, 300)
    await store(connection, 2000, 300)
    await integrate(connection)
    assert not (await audit_database(connection, origin=ORIGIN, public_key=SIGNER.public_key)).faults

    await connection.execute(CHANGES[what])

    assert (await audit_database(connection, origin=ORIGIN, public_key=SIGNER.public_key)).faults


async def test_integrator_signs_nothing_over_changed_tiles_or_under_another_name(
    connection: Connection,
) -> None:
    await store(connection, 1, 3)
    await integrate(connection)
    await store(connection, 100, 3)

    with pytest.raises(EvidenceError, match="log-origin-changed"):
        await integrate_once(connection, SIGNER, origin="other", at=AT)
    await connection.execute("UPDATE log_tile SET hashes = set_byte(hashes, 3, get_byte(hashes, 3) # 1)")
    with pytest.raises(EvidenceError, match="log-root-differs"):
        await integrate(connection)


async def test_process_that_finds_another_at_the_log_sees_that_it_is_broken_all_the_same(
    connection: Connection, log_dsn: str
) -> None:
    await store(connection, 1, 3)
    await integrate(connection)
    await connection.commit()
    async with await psycopg.AsyncConnection.connect(log_dsn) as other:
        await other.execute("SELECT pg_advisory_xact_lock(736005190001)")
        nothing_wrong = await integrate(connection)
        await connection.execute("UPDATE log_tile SET hashes = set_byte(hashes, 3, 1 # get_byte(hashes, 3))")
        await connection.commit()

        with pytest.raises(EvidenceError, match="log-root-differs"):
            await integrate(connection)

    assert nothing_wrong == 0


async def test_database_older_than_what_was_published_is_not_grown_into_a_second_history(
    connection: Connection,
) -> None:
    await store(connection, 1, 3)
    await integrate(connection)
    await store(connection, 100, 1)
    published = Checkpoint(ORIGIN, 500, bytes(32))

    with pytest.raises(EvidenceError, match="log-went-back"):
        await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT, last_published=published)


async def test_folder_of_static_files_can_be_audited_and_a_changed_file_is_seen(
    connection: Connection, tmp_path: Path
) -> None:
    await store(connection, 1, 600)
    await integrate(connection)

    await publish_to_folder(connection, tmp_path)
    audit = await audit_folder(tmp_path, origin=ORIGIN, public_key=SIGNER.public_key)
    note = (tmp_path / "checkpoint").read_text()

    assert (audit.tree_size, audit.faults) == (600, ())
    assert open_checkpoint(note, ORIGIN, SIGNER.public_key).tree_size == 600
    tile = tmp_path / "tile/0/001"
    tile.write_bytes(tile.read_bytes()[::-1])
    audit = await audit_folder(tmp_path, origin=ORIGIN, public_key=SIGNER.public_key)
    assert audit.faults == (("tile-differs", "tile/0/001"),)


async def test_a_folder_whose_checkpoint_is_no_text_is_a_finding_of_the_audit(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(b"\xff\xfe\n\n")

    audit = await audit_folder(tmp_path, origin=ORIGIN, public_key=SIGNER.public_key)

    assert audit.faults == (("note-unreadable", "checkpoint 1 of 1"),)


async def test_a_server_that_does_not_speak_http_cannot_be_read() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"something else\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(EvidenceError, match="log-unreachable"):
            await audit_address(f"http://127.0.0.1:{port}", origin=ORIGIN, public_key=SIGNER.public_key)


async def test_many_leaves_are_read_from_whichever_batches_hold_them(connection: Connection) -> None:
    for first, count in ((1, 600), (1000, 1), (2000, 200)):
        await store(connection, first, count)

    leaves = await read_leaves(connection, [2199, 1, 1000, 600, 999, 2200, 2000], administration_id=1)

    assert sorted(leaves) == [1, 600, 1000, 2000, 2199]


async def test_folder_of_static_files_grows_by_what_the_log_has_grown(
    connection: Connection, tmp_path: Path
) -> None:
    def instants() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}

    await store(connection, 1, 600)
    await integrate(connection)
    first = await publish_to_folder(connection, tmp_path)
    before = instants()
    nothing = await publish_to_folder(connection, tmp_path)
    await store(connection, 1000, 200)
    await integrate(connection)
    more = await publish_to_folder(connection, tmp_path)
    after = instants()

    audit = await audit_folder(tmp_path, origin=ORIGIN, public_key=SIGNER.public_key)
    assert (audit.tree_size, audit.faults) == (800, ())
    assert (first, nothing, more) == (8, 0, 6)
    changed = {str(path.relative_to(tmp_path)) for path in after if after[path] != before.get(path)}
    assert changed == {
        "checkpoint",
        *("tile/entries/002", "tile/entries/003.p/32", "tile/0/002", "tile/0/003.p/32", "tile/1/000.p/3"),
    }
    assert not (tmp_path / "tile/0/002.p").exists(), "the whole holds its parts"


async def test_folder_with_another_history_is_left_as_it_is(connection: Connection, tmp_path: Path) -> None:
    await store(connection, 5000, 300)
    await integrate(connection)
    await publish_to_folder(connection, tmp_path)
    kept = (tmp_path / "checkpoint").read_text()
    await connection.execute(
        "TRUNCATE log_tile, log_pending, log_checkpoint, log_integrated, log_batch CASCADE"
    )
    await store(connection, 1, 700)
    await integrate(connection)

    with pytest.raises(EvidenceError, match="log-folder-differs"):
        await publish_to_folder(connection, tmp_path)
    assert (tmp_path / "checkpoint").read_text() == kept


WORKER = """
    import asyncio, sys
    import psycopg
    from serai.evidence.integrator import integrate_once
    from tests.evidence.batches import AT, ORIGIN, SIGNER, promise, store

    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(sys.argv[1]) as connection:
            first = int(sys.argv[2])
            while True:
                await store(connection, first, 30)
                print(first, flush=True)
                first += 100
                await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT)

    asyncio.run(main())
"""


async def test_process_killed_at_any_point_loses_nothing_it_answered(
    log_dsn: str, connection: Connection
) -> None:
    answered: list[int] = []
    for run in range(3):
        worker = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WORKER), log_dsn, str(1 + run * 1_000_000)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert worker.stdout is not None
        answered += [int(worker.stdout.readline()) for _ in range(5 + run * 4)]
        os.kill(worker.pid, signal.SIGKILL)
        answered += [int(line) for line in worker.stdout.read().split()]
        worker.stdout.close()
        worker.wait()
    while (await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT)).leaf_count:
        pass

    for first in answered:
        assert (await check(connection, first + 29)).holds is Holds.PROOF
    audit = await audit_database(connection, origin=ORIGIN, public_key=SIGNER.public_key)
    assert audit.faults == ()
    assert audit.tree_size >= 30 * len(answered)


async def test_reader_role_sees_only_its_own_administration(connection: Connection) -> None:
    await store(connection, 1, 3)
    await store(connection, 100, 3, administration_id=2)
    await connection.execute("SET ROLE serai_reader")
    await connection.execute("SELECT set_config('serai.administration_id', '2', false)")

    cursor = await connection.execute("SELECT batch_id FROM log_batch")

    assert await cursor.fetchall() == [(100,)]


async def test_what_a_process_remembers_gives_the_same_log(connection: Connection) -> None:
    remembered = RecentPromises()
    for first, count in ((1, 600), (10_001, 20), (20_001, 700)):
        await store(connection, first, count)
        remembered.add(promise(first, count))

    done = await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT, recent=remembered)

    assert done.leaf_count == 1_320
    for leaf_id in (1, 600, 10_020, 20_001, 20_700):
        assert (await check(connection, leaf_id)).holds is Holds.PROOF
    assert not (await audit_database(connection, origin=ORIGIN, public_key=SIGNER.public_key)).faults


async def test_receipts_are_alike_whether_a_process_remembers_or_reads(connection: Connection) -> None:
    remembered = RecentPromises()
    await store(connection, 1, 600)
    remembered.add(promise(1, 600))

    receipts = [
        await read_promises(connection, [1, 600, 601], administration_id=1, recent=recent)
        for recent in (remembered, RecentPromises())
    ]

    assert receipts[0] == receipts[1]
    assert sorted(receipts[0]) == [1, 600]


async def test_another_promise_under_the_same_number_is_not_taken_for_the_stored_one(
    connection: Connection,
) -> None:
    remembered = RecentPromises()
    await store(connection, 1, 600)
    other = promise(1, 601)
    remembered.add(other)

    receipts = await read_promises(connection, [1], administration_id=1, recent=remembered)

    assert remembered.find(1, other.note) is other
    assert verify_receipt(encode_receipt(receipts[1]), SIGNER.public_key).is_genuine
    await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT, recent=remembered)
    assert (await check(connection, 600)).holds is Holds.PROOF
