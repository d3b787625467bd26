"""The newest checkpoint gets its witnesses' signatures, whoever of them is away or has another history."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import psycopg
import pytest

from serai.evidence.errors import EvidenceError
from serai.evidence.integrator import integrate_once
from serai.evidence.notes import COSIGNATURE, write_verifier_key
from serai.evidence.receipt import encode_receipt, verify_receipt
from serai.evidence.store import Connection, read_published_note, read_receipt
from serai.evidence.witness import Witness, WitnessConflictError
from serai.evidence.witnessing import (
    REFUSES,
    SILENT,
    WitnessAddress,
    ask_witnesses,
    find_failing,
    read_witnesses,
)
from serai.foundation.clock import FixedClock
from serai.foundation.posting import Answer
from serai.model.errors import SeraiError
from tests.evidence.batches import AT, ORIGIN, SIGNER, store
from tests.evidence.growing_log import GrowingLog
from tests.evidence.signing import SeedSigner


class Witnesses:
    """Real witnesses, asked without a network. away: names of those that do not answer."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.dsn = dsn
        self.clock = FixedClock(AT)
        self.away: set[str] = set()
        self.asked: list[str] = []
        self.real: dict[str, Witness] = {}
        self.addresses: list[WitnessAddress] = []
        for number in range(3):
            name, signer = f"w{number}.example", SeedSigner(20 + number)
            self.real[name] = Witness(folder / name, name, signer)
            self.real[name].trust(write_verifier_key(ORIGIN, SIGNER.public_key))
            key = write_verifier_key(name, signer.public_key, COSIGNATURE)
            self.addresses.append(WitnessAddress(key, name, signer.public_key, f"http://{name}"))

    @property
    def keys(self) -> Mapping[str, bytes]:
        return {one.name: one.public_key for one in self.addresses}

    async def post(self, url: str, body: bytes) -> Answer | None:
        name = url.removeprefix("http://").removesuffix("/add-checkpoint")
        self.asked.append(name)
        if name in self.away:
            return None
        try:
            line = self.real[name].add_checkpoint(body, self.clock.now())
        except WitnessConflictError as conflict:
            return Answer(409, "text/x.tlog.size", b"%d\n" % conflict.known_size)
        except EvidenceError as fault:
            return Answer(422, "text/plain", fault.code.encode())
        return Answer(200, "text/plain", f"{line}\n".encode())

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Connection]:
        async with await psycopg.AsyncConnection.connect(self.dsn) as connection:
            yield connection

    async def ask(self, quorum_count: int = 2) -> int:
        return await ask_witnesses(
            self.write, self.post, self.addresses, quorum_count=quorum_count, clock=self.clock
        )

    async def failing(self) -> dict[str, str]:
        async with self.write() as connection:
            found = await find_failing(connection, self.addresses)
        return {one.key.partition("+")[0]: one.fault_code for one in found}

    async def grow(self, first_id: int, count: int) -> None:
        async with self.write() as connection:
            await store(connection, first_id, count)
            await integrate_once(connection, SIGNER, origin=ORIGIN, at=AT)

    async def signed_by(self, leaf_id: int) -> tuple[str, ...]:
        async with self.write() as connection:
            receipt = await read_receipt(connection, leaf_id, administration_id=1)
        assert receipt is not None
        verdict = verify_receipt(encode_receipt(receipt), SIGNER.public_key, witnesses=self.keys)
        assert verdict.is_genuine, verdict
        return verdict.cosigned_by


@pytest.fixture
def witnesses(tmp_path: Path, log_dsn: str) -> Witnesses:
    return Witnesses(tmp_path, log_dsn)


async def test_receipts_and_the_checkpoint_carry_signatures_once_a_quorum_has_signed(
    witnesses: Witnesses,
) -> None:
    await witnesses.grow(1, 300)
    before = await witnesses.signed_by(5)
    witnesses.away = {"w1.example", "w2.example"}
    one = await witnesses.ask(), await witnesses.signed_by(5)
    witnesses.away = {"w2.example"}
    witnesses.clock.move(timedelta(minutes=1))
    two = await witnesses.ask(), await witnesses.signed_by(5)
    async with witnesses.write() as connection:
        note = await read_published_note(connection, is_witnessed=True)

    assert before == ()
    assert one == (1, ())
    assert two == (1, ("w0.example", "w1.example"))
    assert note is not None
    assert [line.split()[1] for line in note.split("\n\n")[1].splitlines()] == [
        ORIGIN,
        "w0.example",
        "w1.example",
    ]


async def test_a_leaf_that_no_quorum_has_seen_is_proved_without_and_an_older_one_with(
    witnesses: Witnesses,
) -> None:
    await witnesses.grow(1, 10)
    await witnesses.ask()
    witnesses.away = set(witnesses.keys)
    await witnesses.grow(1000, 10)
    await witnesses.ask()

    assert len(await witnesses.signed_by(5)) == 3
    assert await witnesses.signed_by(1005) == ()
    assert await witnesses.failing() == dict.fromkeys(witnesses.keys, SILENT)


@pytest.mark.in_turn
async def test_who_does_not_answer_is_asked_after_pauses_that_grow(witnesses: Witnesses) -> None:
    witnesses.away = {"w2.example"}
    for minute in range(30):
        await witnesses.grow(1000 * (minute + 1), 1)
        await witnesses.ask()
        witnesses.clock.move(timedelta(minutes=1))

    asked = {name: witnesses.asked.count(name) for name in witnesses.keys}
    assert asked["w0.example"] == asked["w1.example"] == 30
    assert 5 <= asked["w2.example"] <= 9


async def test_a_clock_that_is_set_back_leaves_no_witness_unasked_for_as_long(witnesses: Witnesses) -> None:
    witnesses.away = {"w2.example"}
    await witnesses.grow(1, 1)
    await witnesses.ask()
    witnesses.clock.move(timedelta(hours=-1))
    witnesses.away, witnesses.asked = set(), []
    await witnesses.grow(2, 1)
    await witnesses.ask()

    assert sorted(witnesses.asked) == sorted(witnesses.keys)


async def test_nobody_is_asked_twice_for_one_checkpoint(witnesses: Witnesses) -> None:
    await witnesses.grow(1, 10)
    await witnesses.ask()
    await witnesses.ask()

    assert sorted(witnesses.asked) == sorted(witnesses.keys)


async def test_a_witness_that_knows_more_than_we_noted_is_met_where_it_stands(witnesses: Witnesses) -> None:
    await witnesses.grow(1, 100)
    await witnesses.ask()
    await witnesses.grow(1000, 60)
    async with witnesses.write() as connection:
        await connection.execute("UPDATE log_witness SET signed_size = 0")

    assert await witnesses.ask() == 3
    assert len(await witnesses.signed_by(1005)) == 3


async def test_a_witness_with_another_history_refuses_and_is_told(witnesses: Witnesses) -> None:
    await witnesses.grow(1, 10)
    other = GrowingLog([b"another"] * 40)
    witnesses.real["w0.example"].add_checkpoint(other.request(0, 5), AT)
    witnesses.real["w1.example"].add_checkpoint(other.request(0, 40), AT)

    assert await witnesses.ask(quorum_count=1) == 1
    assert await witnesses.failing() == {"w0.example": REFUSES, "w1.example": REFUSES}
    assert await witnesses.signed_by(5) == ("w2.example",)


async def test_a_signature_by_another_key_counts_for_nobody(witnesses: Witnesses) -> None:
    await witnesses.grow(1, 10)
    first = witnesses.addresses[0]
    key = write_verifier_key(first.name, SeedSigner(99).public_key, COSIGNATURE)
    witnesses.addresses[0] = msgspec.structs.replace(first, key=key, public_key=SeedSigner(99).public_key)

    assert await witnesses.ask() == 2
    assert await witnesses.failing() == {"w0.example": REFUSES}


@pytest.mark.parametrize(
    ("text", "quorum_count"),
    [
        *(("https://w.example", 0), ("no-key https://w.example", 0), ("{key} ftp://w.example", 0)),
        *(("{key}", 0), ("{key} https://a {key} https://b", 0), ("{key} https://a", 2)),
    ],
)
def test_a_setting_that_names_no_witness_is_refused(text: str, quorum_count: int) -> None:
    key = write_verifier_key("w.example", SeedSigner(1).public_key, COSIGNATURE)

    with pytest.raises(SeraiError, match="wrong-setting"):
        read_witnesses(text.format(key=key), quorum_count=quorum_count)
    assert read_witnesses(f"{key} https://a/", quorum_count=1)[0].url == "https://a"
