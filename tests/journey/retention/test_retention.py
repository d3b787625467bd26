"""What is kept no longer goes by whole quarters; open cases stay, proofs verify, erasure and crashes change
nothing of that."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import psycopg
import pytest

from serai.app import Node
from serai.evidence.integrator import integrate_once
from serai.evidence.leaf import Opening
from serai.evidence.receipt import encode_receipt, verify_receipt
from serai.evidence.store import read_receipt
from serai.foundation.clock import FixedClock
from serai.foundation.copying import copy_table
from serai.foundation.settings import RetentionSettings
from serai.foundation.vault import expiry as expiry_module
from serai.foundation.vault.erasure import Erasure, erase
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import Reach, open_messages
from serai.foundation.vault.sealing import Kind, RetentionClass, seal_batch, without_people
from serai.journey.acts.case_acts import mark_payment_status
from serai.journey.acts.service import Acts
from serai.journey.documents.proofs import Proof
from serai.journey.linking.stored_documents import read_whole
from serai.journey.retention import service as retention_module
from serai.journey.retention.service import (
    FIELD,
    Gone,
    bound_within,
    keep_retention,
    list_runs,
    plan_retention,
)
from serai.journey.retention.store import Share
from serai.journey.scorecards import disputes
from serai.journey.validation.data_quality import store as quality_store
from serai.model.errors import SeraiError
from tests.journey.processing.support import (
    CARRIER,
    DECLARANT,
    OFFICER,
    PLATFORM,
    PROVIDER,
    arrival,
    opened,
    order,
    parcel,
    payment,
    select,
    send,
    statuses,
    transport,
)
from tests.turns import in_turn_but

Result = TypeVar("Result")

RULES = RetentionSettings(case_days=30, event_days=30, quote_days=30, open_share_max_ppm=1_000_000)
THEN = datetime(2026, 12, 1, 12, tzinfo=UTC)
NOW = datetime(2027, 3, 10, 12, tzinfo=UTC)
"""More than thirty days after the quarter of THEN has ended."""


class Lived(NamedTuple):
    """A node in which a closed and an open case lie in one row of the vault. receipt: of the closed one's
    decision; decisions: of both."""

    dsn: str
    keys: Path
    closed_id: int
    open_id: int
    receipt: bytes
    decisions: tuple[int, int]

    def at(self, at: datetime) -> AbstractAsyncContextManager[Node]:
        return opened(self.dsn, self.keys, clock=FixedClock(at))


@pytest.fixture(scope="module")
def lived_once(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return asyncio.run(live_through(make_database(), tmp_path_factory.mktemp("lived") / "keys"))


@pytest.fixture
def lived(lived_once: Lived, copy_database: Callable[[str], str], tmp_path: Path) -> Lived:
    """A copy of this test's own, keys and all."""
    keys = shutil.copytree(lived_once.keys, tmp_path / "keys")
    return lived_once._replace(dsn=copy_database(lived_once.dsn), keys=keys)


async def live_through(dsn: str, keys: Path) -> Lived:
    async with opened(dsn, keys, clock=FixedClock(THEN)) as node:
        # Of a process of its own, so that an epoch has nothing but what goes.
        await send(node, DECLARANT, "declaration", parcel("alone"))
        await Acts(node.processor).withdraw(DECLARANT, "D-alone", expected_version=1, reason="a slip")
    async with opened(dsn, keys, clock=FixedClock(THEN)) as node:
        return await live(node, dsn, keys)


async def live(node: Node, dsn: str, keys: Path) -> Lived:
    closed, waiting, _ = await send(
        node, DECLARANT, "declaration", parcel("closed"), parcel("open"), parcel("gone")
    )
    for name in ("closed", "open"):
        await send(node, PLATFORM, "order", order(name))
        await send(node, PROVIDER, "payment", payment(name))
    await send(node, CARRIER, "transport-document", transport("closed"))
    await Acts(node.processor).withdraw(DECLARANT, "D-gone", expected_version=1, reason="not sold")
    await finish(node, "closed", closed.case_id)
    assert await statuses(node, "D-closed", "D-open", "D-gone") == [
        "released",
        "arrival-expected",
        "invalidated",
    ]
    return Lived(
        dsn,
        keys,
        closed.document_id,
        waiting.document_id,
        closed.receipt,
        (closed.decision_id, waiting.decision_id),
    )


async def finish(node: Node, name: str, case_id: int) -> None:
    """Pay and let arrive."""
    await mark_payment_status(
        node.processor,
        OFFICER,
        case_id,
        reference=f"PAY-{name}",
        kind="paid",
        currency_code="EUR",
        amount="500.00",
    )
    await send(node, DECLARANT, "arrival", arrival(name))


async def count(node: Node, table: str) -> int:
    ((found,),) = await select(node, f"SELECT count(*)::int FROM {table}")
    return int(found)


async def partitions(node: Node) -> list[tuple[str, ...]]:
    return await select(
        node,
        "SELECT inhparent::regclass::text, inhrelid::regclass::text, pg_get_expr(relpartbound, oid)"
        " FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relispartition AND relkind = 'r'"
        " ORDER BY 1, 2",
    )


@pytest.mark.in_turn
async def test_closed_cases_go_and_an_open_one_lives_on(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        gone = await keep_retention(node.services, RULES, NOW)

        assert gone is not None
        assert (gone.case_count, gone.declaration_count, gone.kept_count) == (3, 3, 1)
        assert gone.document_count == 4
        assert await select(node, "SELECT reference FROM consignment") == [("D-open",)]
        left = await select(node, "SELECT kind, count(*)::int FROM supporting_document GROUP BY 1 ORDER BY 1")
        # The arrivals are of no case: they went with their time.
        assert left == [(2, 1), (3, 1)]
        whole = await read_whole(node.services, lived.open_id, "test", NOW)
        assert whole is not None
        assert whole.consignee.name == "Invented Person 1"
        assert await read_whole(node.services, lived.closed_id, "test", NOW) is None
        (again,) = await send(node, DECLARANT, "declaration", parcel("open"))
        assert (again.status, again.decision_id) == ("repeated", lived.decisions[1])
        (late,) = await send(
            node, DECLARANT, "declaration", parcel("open", amends_version=1, logistics_channel_code="express")
        )
        assert late.status == "decided", late
        await finish(node, "open", late.case_id)
        assert await statuses(node, "D-open") == ["released"]


async def test_what_is_said_in_a_dispute_is_kept_until_it_is_answered(lived: Lived) -> None:
    proof = Proof("application/pdf", b"%PDF-1.4 a manifest")
    said: dict[str, Any] = {"code": "", "from_on": THEN.date(), "to_on": THEN.date(), "proof": proof}
    async with lived.at(THEN) as node:
        waits, answered = [
            await disputes.open_dispute(node.processor, DECLARANT.party_id, statement=words, **said)
            for words in ("Nobody has answered.", "Somebody has.")
        ]
        assert await disputes.answer_dispute(
            node.processor, DECLARANT.party_id, answered, is_upheld=False, statement="No.", answered_by="x"
        )
    async with lived.at(NOW) as node:
        before = await words_of_disputes(node)
        await keep_retention(node.services, RULES, NOW)
        after = await words_of_disputes(node)
        documents = [
            await disputes.read_document(node.services, dispute_id, "test")
            for dispute_id in (waits, answered)
        ]

    assert before == {waits: ("Nobody has answered.", None), answered: ("Somebody has.", "No.")}
    assert after == {waits: ("Nobody has answered.", None), answered: (None, None)}
    assert documents == [proof, None]


async def words_of_disputes(node: Node) -> dict[int, tuple[str | None, str | None]]:
    own = {"administration_id": node.administration_id}
    async with node.database.read(node.administration_id) as connection:
        rows = await quality_store.select_disputes(connection, DECLARANT.party_id, **own)
    worded = await disputes.with_words(node.services, rows, "test")
    return {one.dispute_id: (one.statement, one.answer) for one in worded}


async def test_what_went_is_known_by_its_reference_and_has_no_decision(lived: Lived) -> None:
    cargo = parcel("closed", logistics_channel_code="cargo", amends_version=1)
    async with lived.at(NOW) as node:
        await keep_retention(node.services, RULES, NOW)

        same, other, amended, ordered = [
            (await send(node, sender, kind, one))[0]
            for sender, kind, one in (
                (DECLARANT, "declaration", parcel("closed")),
                (DECLARANT, "declaration", parcel("closed", logistics_channel_code="express")),
                (
                    DECLARANT,
                    "declaration",
                    cargo,
                ),
                (PLATFORM, "order", order("closed")),
            )
        ]
        (fresh,) = await send(node, DECLARANT, "declaration", parcel("closed", reference="D-fresh"))

    refused = [one.problem_code for one in (same, other, ordered, amended)]
    assert refused == ["reference-reused"] * 3 + ["amends-nothing"], "nobody knows what it said"
    assert fresh.status == "decided"
    assert fresh.case_id == fresh.document_id, "numbers of a case that went are free"


async def test_receipts_of_what_went_verify_and_a_leaf_says_how_much_it_was(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        before = await count(node, "log_batch")
        gone = await keep_retention(node.services, RULES, NOW)
        async with node.database.write_as_owner() as connection:
            await integrate_once(
                connection, node.services.signer, origin=node.services.log_origin, at=node.clock.now()
            )
        (run,) = await list_runs(node.database, node.administration_id)
        async with node.database.write() as connection:
            proofs = [
                await read_receipt(connection, leaf_id, administration_id=node.administration_id)
                for leaf_id in (lived.decisions[0], run.run_id)
            ]
        public_key = node.services.signer.public_key

        assert await count(node, "log_batch") == before + 1
        assert verify_receipt(lived.receipt, public_key).is_genuine
        assert all(one is not None for one in proofs)
        opening = Opening(FIELD, run.salt, run.content.encode())
        assert verify_receipt(encode_receipt(proofs[0]), public_key).is_genuine  # type: ignore[arg-type]
        assert verify_receipt(encode_receipt(proofs[1]), public_key, [opening]).is_genuine  # type: ignore[arg-type]
    assert run.gone == gone
    assert "Invented" not in run.content


async def test_twice_is_the_same_as_once(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        await keep_retention(node.services, RULES, NOW)
        before = await partitions(node), await count(node, "log_batch"), await count(node, "vault_epoch")

        again = await keep_retention(node.services, RULES, NOW)

        assert again == Gone()
        after = await partitions(node), await count(node, "log_batch"), await count(node, "vault_epoch")
        assert after == before
        assert len(await list_runs(node.database, node.administration_id)) == 1


async def test_an_epoch_has_keys_as_long_as_anything_is_sealed_under_it(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        await keep_retention(node.services, RULES, NOW)

        held = await select(node, "SELECT DISTINCT epoch_id FROM vault_batch ORDER BY 1")
        folder = node.services.keyring.folder
        with_keys = sorted({int(path.parent.name, 16) for path in folder.glob("*/*.key")})
        assert with_keys == [epoch_id for (epoch_id,) in held]
        assert await count(node, "vault_epoch") > len(with_keys)


async def test_dry_run_says_what_would_go_and_changes_nothing(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        before = await partitions(node), await count(node, "vault_batch"), await count(node, "vault_epoch")

        planned = await plan_retention(node.services, RULES, NOW)

        after = await partitions(node), await count(node, "vault_batch"), await count(node, "vault_epoch")
        assert after == before
        assert planned == await keep_retention(node.services, RULES, NOW)
        assert planned.case_count == 3


async def test_nothing_goes_before_its_time_or_without_a_setting(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        early = RetentionSettings(case_days=90, open_share_max_ppm=1_000_000)
        for rules in (RetentionSettings(), early):
            assert await keep_retention(node.services, rules, NOW) == Gone()
        assert await count(node, "consignment") == 4


async def test_with_large_open_cases_a_quarter_stays_whole(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        rules = msgspec.structs.replace(RULES, open_share_max_ppm=200_000, event_days=0)

        assert await keep_retention(node.services, rules, NOW) == Gone()
        assert await count(node, "consignment") == 4


def test_quarters_go_together_as_far_as_few_of_their_cases_are_open() -> None:
    shares = [Share(1, 10, 10), Share(2, 990, 40), Share(3, 100, 90), Share(4, 900, 10)]

    assert bound_within(shares[:1], 50_000) == 0, "what was copied out before stays by itself"
    assert bound_within(shares[:2], 50_000) == 2
    assert bound_within(shares[:3], 50_000) == 2
    assert bound_within(shares, 80_000) == 4


async def test_erasure_works_in_what_was_copied_out(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        await keep_retention(node.services, RULES, NOW)
        ((person_id,),) = await select(node, "SELECT first_person_id FROM consignment")
        done = await erase(
            node.database.write,
            node.services.keyring,
            Erasure(Kind.PERSON, node.administration_id, person_id, "subject-request", "test", NOW),
        )
        node.services.epochs.drop()
        whole = await read_whole(node.services, lived.open_id, "test", NOW)

    assert len(done.epoch_ids) == 1
    assert whole is not None
    names = [whole.consignor.name, whole.consignee.name]
    assert sum("Invented" in (name or "") for name in names) == 1, "one of the two is erased"


async def test_database_from_before_opens_for_the_open_case_alone(lived: Lived) -> None:
    async with lived.at(NOW) as node:
        rows = await select(node, "SELECT * FROM vault_batch WHERE batch_id = %s", lived.closed_id)
        declared = await select(node, "SELECT document_id, first_person_id FROM consignment ORDER BY 1")
        assert len(rows) == 1, "the three declarations lie in one row"
        await keep_retention(node.services, RULES, NOW)

        async with node.database.write() as connection:
            await connection.execute(
                f"INSERT INTO vault_batch VALUES ({', '.join(['%s'] * len(rows[0]))})", rows[0]
            )
        found = [await message_of(node, document_id) for document_id, _ in declared]

    assert [document_id for (document_id, _), one in zip(declared, found, strict=True) if one] == [
        lived.open_id
    ]


async def message_of(node: Node, document_id: int) -> bytes | None:
    services = node.services
    reach = Reach(node.administration_id, "test", "test", NOW)
    found = await open_messages(
        services.database.write, services.keyring, services.codec, [document_id], reach
    )
    return found[document_id].value if document_id in found else None


async def test_quotes_go_unless_they_bind_or_a_declaration_that_stays_has_used_them(lived: Lived) -> None:
    async with lived.at(THEN + timedelta(minutes=5)) as node:
        over, binding, used, used_by_closed = (int(one) for one in node.services.ids.take(4))
        async with node.database.write() as connection:
            for quote_id in (over, binding, used, used_by_closed):
                await connection.execute(
                    "INSERT INTO quote VALUES (%s, %s, 1, %s, %s, 1, %s, %s)",
                    (
                        quote_id,
                        node.administration_id,
                        b"c",
                        b"t",
                        THEN,
                        NOW if quote_id == binding else THEN + timedelta(days=3),
                    ),
                )
            for quote_id, consignment_id in ((used, lived.open_id), (used_by_closed, lived.closed_id)):
                await connection.execute(
                    "INSERT INTO quote_use VALUES (%s, %s, 1, %s, 1, 1, %s)",
                    (quote_id, node.administration_id, consignment_id, THEN),
                )

    async with lived.at(NOW) as node:
        gone = await keep_retention(node.services, RULES, NOW)

        assert gone is not None
        assert gone.quote_count == 2
        assert await select(node, "SELECT quote_id FROM quote ORDER BY 1") == [(binding,), (used,)]
        assert await select(node, "SELECT quote_id FROM quote_use") == [(used,)]


async def test_events_go_with_their_time_and_all_they_are_found_by(lived: Lived) -> None:
    async with lived.at(THEN + timedelta(minutes=5)) as node:
        old = await capture(node, "old")
    rules = RetentionSettings(event_days=30)
    async with lived.at(NOW) as node:
        new = await capture(node, "new")
        sealed = await select(node, CASES_SEALED)
        cases = await count(node, "consignment")

        gone = await keep_retention(node.services, rules, NOW)

        assert gone is not None
        assert (gone.visibility_event_count, gone.case_count) == (1, 0)
        assert gone.feed_event_count > 0
        for table in ("epcis_event", "epcis_thing", "epcis_key", "epcis_claim"):
            assert await select(node, f"SELECT event_id FROM {table}") == [(new,)], table
        assert [await message_of(node, one) is not None for one in (old, new)] == [False, True]
        left = await select(node, CASES_SEALED)
        assert (left, await count(node, "consignment")) == (sealed, cases)
        assert await message_of(node, lived.closed_id) is not None
        assert await keep_retention(node.services, rules, NOW) == Gone()


CASES_SEALED = "SELECT batch_id FROM vault_batch WHERE retention_class <> 'event' ORDER BY 1"


async def capture(node: Node, name: str) -> int:
    """A visibility event with a part in the vault, as it is kept; returns its id."""
    services, at = node.services, node.clock.now()
    event_id = int(services.ids.take(1)[0])
    own = node.administration_id
    unsealed = without_people([event_id], [b"sealed part of " + name.encode()])
    epoch = await services.epochs.reserve(node.database.write, unsealed.keys_count, at)
    async with node.database.write() as connection:
        for query, values in (
            (
                "INSERT INTO epcis_event VALUES (%s, %s, 1, 1, %s, %s, 'ObjectEvent', NULL, NULL, false,"
                " false, true, %s)",
                (event_id, own, name, at, b"{}"),
            ),
            (
                "INSERT INTO epcis_thing VALUES (%s, %s, %s, 1, true)",
                (own, name, event_id),
            ),
            (
                "INSERT INTO epcis_key VALUES (%s, 1, %s, 1, %s)",
                (own, name.encode(), event_id),
            ),
            (
                "INSERT INTO epcis_claim VALUES (%s, 1, %s, %s)",
                (own, name.encode(), event_id),
            ),
        ):
            await connection.execute(query, values)
        batch = seal_batch(unsealed, epoch, services.codec, RetentionClass.EVENT)
        await copy_table(connection, "vault_batch", batch)
    return event_id


class CrashError(Exception):
    pass


def crash(*_: Any) -> None:
    raise CrashError


STEPS: dict[str, tuple[object, str]] = {
    "before the intent is written": (expiry_module, "write_durably"),
    "after the commit, before anything is destroyed": (retention_module, "end_expiry"),
    "before the journal": (Keyring, "write_journal"),
    "before the old keys are destroyed": (Keyring, "destroy_older"),
    "before the keys of what is empty are destroyed": (Keyring, "destroy_epoch"),
    "before the intent is removed": (expiry_module, "sync_folder"),
}


@pytest.mark.parametrize("step", in_turn_but({"before the journal"}, STEPS))
async def test_crash_at_any_step_is_taken_up_at_the_next_start(
    lived: Lived, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lived.at(NOW) as node:
        rows = await select(node, "SELECT * FROM vault_batch WHERE batch_id = %s", lived.closed_id)
        with monkeypatch.context() as patch:
            patch.setattr(*STEPS[step], crash)
            with pytest.raises(CrashError):
                await keep_retention(node.services, RULES, NOW)

    async with lived.at(NOW) as node:
        is_begun = step != "before the intent is written"
        assert len(await list_runs(node.database, node.administration_id)) == is_begun
        assert await message_of(node, lived.open_id) is not None
        assert not list((node.services.keyring.folder / "expiries").iterdir())
        await keep_retention(node.services, RULES, NOW)

        async with node.database.write() as connection:
            await connection.execute(
                f"INSERT INTO vault_batch VALUES ({', '.join(['%s'] * len(rows[0]))})", rows[0]
            )
        assert await message_of(node, lived.closed_id) is None, "no backup brings it back"
        assert await message_of(node, lived.open_id) is not None


_CHILD = """
import asyncio, sys
from pathlib import Path
from serai.foundation.clock import FixedClock
from serai.journey.retention.service import keep_retention
from tests.journey.processing.support import opened
from tests.journey.retention.test_retention import NOW, RULES

async def run():
    async with opened(sys.argv[1], Path(sys.argv[2]), clock=FixedClock(NOW)) as node:
        print("ready", flush=True)
        await keep_retention(node.services, RULES, NOW)
        print("done", flush=True)

asyncio.run(run())
"""


@pytest.mark.slow
@pytest.mark.parametrize("after_ms", [10, 150, 300, 400, 500, 600, None])
async def test_killed_in_the_middle_it_is_all_there_or_all_gone(lived: Lived, after_ms: int | None) -> None:
    """after_ms: of its work; None: as soon as it has committed, while keys are being destroyed."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _CHILD, lived.dsn, str(lived.keys)],
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        if after_ms is None:
            wait_until(lived.dsn, "SELECT count(*) > 0 FROM retention_run")
        else:
            await asyncio.sleep(after_ms / 1000)
        os.kill(child.pid, signal.SIGKILL)
    wait_until(
        lived.dsn,
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()",
    )

    async with lived.at(NOW) as node:
        references = await select(node, "SELECT reference FROM consignment ORDER BY 1")
        runs = await list_runs(node.database, node.administration_id)
        assert references == (
            [("D-open",)] if runs else [("D-alone",), ("D-closed",), ("D-gone",), ("D-open",)]
        )
        assert await message_of(node, lived.open_id) is not None
        assert (await message_of(node, lived.closed_id) is not None) == (not runs)
        assert not list((node.services.keyring.folder / "expiries").iterdir()), "what was begun is completed"

        await keep_retention(node.services, RULES, NOW)
        assert await select(node, "SELECT reference FROM consignment") == [("D-open",)]
        assert await message_of(node, lived.open_id) is not None


def wait_until(dsn: str, query: str) -> None:
    """Until a query says true."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(5_000):
            if connection.execute(query).fetchone() == (True,):
                return
            time.sleep(0.002)
    raise AssertionError(f"it never came true: {query}")


async def until_done(act: Callable[[], Awaitable[Result | None]]) -> Result:
    """Do it again as long as it gives way to others: how long these need is the machine's matter."""
    for _ in range(200):
        try:
            done = await act()
        except psycopg.errors.LockNotAvailable:
            done = None
        except SeraiError as fault:
            if fault.code != "database-busy":
                raise
            done = None
        if done is not None:
            return done
        await asyncio.sleep(0.05)
    raise AssertionError("it gives way for ever")


@pytest.mark.in_turn
async def test_others_read_and_write_while_quarters_go(lived: Lived) -> None:
    async with lived.at(NOW) as node, lived.at(NOW) as another:
        channels = ("express", "post")

        async def work(number: int) -> list[str]:
            amended = parcel("open", amends_version=number + 1, logistics_channel_code=channels[number % 2])
            answers = [
                await until_done(partial(send, another, DECLARANT, "declaration", one))
                for one in (parcel(f"while-{number}"), amended)
            ]
            return [answer.status for (answer,) in answers]

        async def work_on() -> list[list[str]]:
            return [await work(number) for number in range(8)]

        gone, done = await asyncio.gather(
            until_done(partial(keep_retention, node.services, RULES, NOW)), work_on()
        )

        assert gone.case_count == 3
        assert {status for its in done for status in its} <= {"decided", "repeated"}
        references = await select(
            node, "SELECT reference FROM consignment WHERE starts_with(reference, 'D-while')"
        )
        assert len(references) == 8
        assert await statuses(node, "D-open") == ["arrival-expected"]
