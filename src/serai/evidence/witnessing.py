"""The log's side of witnesses: each is sent the newest checkpoint with the proof that it has grown from what
the witness has signed, and its signature is kept. Who does not answer, or refuses, holds up nobody.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.notes import (
    COSIGNATURE,
    key_id,
    read_cosignature,
    read_note,
    read_verifier_key,
    verify_cosignature,
)
from serai.evidence.store import (
    QUERIES,
    Connection,
    StoredCheckpoint,
    prove_consistency,
    read_checkpoint,
)
from serai.evidence.witness_request import write_request
from serai.foundation.clock import Clock
from serai.model.errors import SeraiError

SILENT: Final = "witness-silent"
REFUSES: Final = "witness-refuses"
_LEASE: Final = timedelta(seconds=60)
_PAUSE_FIRST: Final = timedelta(seconds=5)
_PAUSE_MAX: Final = timedelta(minutes=10)
_SIZE = re.compile(rb"(0|[1-9]\d{0,18})\n")

Write = Callable[[], AbstractAsyncContextManager[Connection]]


class WitnessAddress(msgspec.Struct, frozen=True):
    """A witness we ask. key: its public key as a line; url: below which it takes checkpoints."""

    key: str
    name: str
    public_key: bytes
    url: str


class Answer(Protocol):
    """What a witness answered over HTTP."""

    @property
    def status(self) -> int:
        """The status of HTTP."""

    @property
    def content(self) -> bytes:
        """The body."""


Post = Callable[[str, bytes], Awaitable[Answer | None]]
"""Sends a body to an address; None where no answer came in time."""


class Failing(msgspec.Struct, frozen=True):
    """A witness that has not signed the last time it was asked. fault_code: SILENT or REFUSES."""

    key: str
    fault_code: str
    failures_count: int
    failing_since: datetime


class _Claimed(msgspec.Struct, frozen=True):
    key: str
    signed_size: int
    failures_count: int


def read_witnesses(text: str, *, quorum_count: int) -> tuple[WitnessAddress, ...]:
    """Read the setting: for each witness its key and its address, with blanks between.

    Errors: SeraiError `wrong-setting`.
    """
    words = text.split()
    found = []
    for key, url in zip(words[::2], words[1::2], strict=False):
        try:
            name, public_key = read_verifier_key(key, COSIGNATURE)
        except EvidenceError as fault:
            raise _wrong_setting(f"{key} is not the public key of a witness") from fault
        if not url.startswith(("https://", "http://")):
            raise _wrong_setting(f"{url} is not the address of a witness")
        found.append(WitnessAddress(key, name, public_key, url.rstrip("/")))
    if len(words) % 2 or len({one.name for one in found}) < len(found):
        raise _wrong_setting("a witness lacks its address, or two have one name")
    if quorum_count > len(found):
        raise _wrong_setting(f"log.quorum_count asks for {quorum_count} of {len(found)} witnesses")
    return tuple(found)


async def ask_witnesses(
    write: Write, post: Post, witnesses: Sequence[WitnessAddress], *, quorum_count: int, clock: Clock
) -> int:
    """Have the newest checkpoint signed by all who are due, all at once; return how many have signed it.

    write: gives a connection in a transaction. A witness that fails is asked again after a pause that grows
    from five seconds to ten minutes. None of our own errors is raised for what a witness does.
    """
    keys = [one.key for one in witnesses]
    async with write() as connection:
        newest = await read_checkpoint(connection)
        if newest is None or not keys:
            return 0
        claimed = await _claim(connection, keys, newest.tree_size, clock.now())
    by_key = {one.key: one for one in witnesses}
    lines = await asyncio.gather(*(_ask(write, post, by_key[one.key], one, newest) for one in claimed))
    if not claimed:
        return 0
    async with write() as connection:
        at = clock.now()
        for one, line in zip(claimed, lines, strict=True):
            await _note(connection, one, line, newest, at)
        quorum = {"size": newest.tree_size, "quorum_count": max(quorum_count, 1), "keys": keys}
        await connection.execute(QUERIES["note_quorum"], quorum)
    return sum(line not in (SILENT, REFUSES) for line in lines)


async def find_failing(connection: Connection, witnesses: Sequence[WitnessAddress]) -> list[Failing]:
    """Return those that have not signed the last time they were asked."""
    keys = [one.key for one in witnesses]
    cursor = await connection.execute(QUERIES["select_failing_witnesses"], {"keys": keys})
    return [Failing(*row) for row in await cursor.fetchall()]


async def _claim(connection: Connection, keys: list[str], size: int, at: datetime) -> list[_Claimed]:
    await connection.execute(QUERIES["insert_witnesses"], {"keys": keys, "at": at})
    values = {"keys": keys, "at": at, "until": at + _LEASE, "size": size}
    cursor = await connection.execute(QUERIES["claim_witnesses"], values)
    return [_Claimed(*row) for row in await cursor.fetchall()]


async def _ask(
    write: Write, post: Post, witness: WitnessAddress, claimed: _Claimed, newest: StoredCheckpoint
) -> str:
    """Return the witness's line; or SILENT or REFUSES."""
    old_size = claimed.signed_size
    for _ in range(2):
        proof: list[bytes] = []
        if old_size:
            async with write() as connection:
                proof = await prove_consistency(connection, old_size, newest.tree_size)
        answer = await post(f"{witness.url}/add-checkpoint", write_request(old_size, proof, newest.note))
        if answer is None or answer.status >= 500:
            return SILENT
        if answer.status == 200:
            return _find_line(answer.content, witness, newest) or REFUSES
        size = _SIZE.fullmatch(answer.content) if answer.status == 409 else None
        if size is None or int(size[1]) == old_size or int(size[1]) > newest.tree_size:
            return REFUSES
        old_size = int(size[1])
    return REFUSES


def _find_line(content: bytes, witness: WitnessAddress, newest: StoredCheckpoint) -> str | None:
    """Return the line of the witness's key under the checkpoint; lines of other keys show nothing."""
    text = read_note(newest.note).text
    own_id = key_id(witness.name, witness.public_key, COSIGNATURE)
    for line in content.decode(errors="replace").split("\n"):
        try:
            found = read_cosignature(line)
        except EvidenceError:
            continue
        if (found.name, found.key_id) == (witness.name, own_id) and verify_cosignature(
            found, text, witness.public_key
        ):
            return line
    return None


async def _note(
    connection: Connection, claimed: _Claimed, line: str, newest: StoredCheckpoint, at: datetime
) -> None:
    has_signed = line not in (SILENT, REFUSES)
    failures_count = 0 if has_signed else claimed.failures_count + 1
    pause = timedelta(0) if has_signed else min(_PAUSE_FIRST * 2 ** min(failures_count - 1, 10), _PAUSE_MAX)
    values: dict[str, Any] = {
        "key": claimed.key,
        "at": at,
        "signed_size": newest.tree_size if has_signed else claimed.signed_size,
        "next_try_at": at + pause,
        "failures_count": failures_count,
        "fault_code": "" if has_signed else line,
    }
    await connection.execute(QUERIES["note_witness"], values)
    if has_signed:
        signed = {"size": newest.tree_size, "key": claimed.key, "line": line, "at": at}
        await connection.execute(QUERIES["insert_cosignature"], signed)


def _wrong_setting(what: str) -> SeraiError:
    return SeraiError(
        "wrong-setting",
        f"log.witnesses cannot be used: {what}.",
        "Write for each witness its public key, a blank and its address; see the guide on witnesses.",
    )
