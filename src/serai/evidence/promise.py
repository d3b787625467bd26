"""A signed promise over a whole batch: one signature, a path of hashes for each document (decision 0010).

The batch is a small static tree of its own. Its root is signed as a note whose first line is the log's
name, `/promise/` and the batch's number, so that it can never be taken for a checkpoint of the log itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

import msgspec

from serai.evidence.errors import EvidenceError
from serai.evidence.hashing import leaf_hashes, paths, tree_levels
from serai.evidence.leaf import Commitments, CommittedField, commit_batch, random_size_bytes
from serai.evidence.notes import Signer, encode_bytes, read_checkpoint_text, read_note, sign_note
from serai.evidence.soundness import LogState

_RECENT_BATCHES_COUNT, _RECENT_LEAVES_COUNT_MIN = 4, 500
_LINES = re.compile(r"(\S+)/promise/(0|[1-9]\d{0,18})")
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Promise(msgspec.Struct, frozen=True):
    """What was promised: these leaves will be in log `origin` by `integrate_by`.

    root: of the batch's tree."""

    origin: str
    batch_id: int
    leaf_count: int
    root: bytes
    at: datetime
    integrate_by: datetime


class BatchPromise:
    """A promised batch. note: the signed promise; leaf_data: the leaves in order; levels: their tree."""

    def __init__(
        self, promise: Promise, note: str, leaf_data: Sequence[bytes], levels: list[list[bytes]]
    ) -> None:
        self.promise = promise
        self.note = note
        self.leaf_data = leaf_data
        self.levels = levels

    @cached_property
    def paths(self) -> list[bytes]:
        """The path of each leaf in the batch's tree, hashes joined, lowest first."""
        return paths(self.levels)


class RecentPromises:
    """Large batches that this process has promised lately, so that their leaves need not be read and hashed
    again. One counts only where the store holds its very promise: a signature stands under its root.
    """

    def __init__(self) -> None:
        self._batches: dict[int, BatchPromise] = {}

    def add(self, batch: BatchPromise) -> None:
        """Remember a batch, in place of the oldest."""
        if len(batch.leaf_data) < _RECENT_LEAVES_COUNT_MIN:
            return
        self._batches[batch.promise.batch_id] = batch
        if len(self._batches) > _RECENT_BATCHES_COUNT:
            del self._batches[next(iter(self._batches))]

    def find(self, batch_id: int, note: str) -> BatchPromise | None:
        """Return a batch by number and signed promise, as far as it is remembered."""
        batch = self._batches.get(batch_id)
        return batch if batch is not None and batch.note == note else None


class LogSigner(Protocol):
    """What leaves are promised with: whose they are, which log and key, by when, where salts are from."""

    @property
    def administration_id(self) -> int:
        """Whose leaves they are."""
        ...

    @property
    def signer(self) -> Signer:
        """The log's key."""
        ...

    @property
    def log_origin(self) -> str:
        """The log's name."""
        ...

    @property
    def integrate_within(self) -> timedelta:
        """How long a leaf may be pending."""
        ...

    @property
    def log_state(self) -> LogState:
        """Whether the log can go on."""
        ...

    @property
    def random_bytes(self) -> Callable[[int], bytes]:
        """So many fresh bytes of the system's source."""
        ...


def commit_and_promise(
    log: LogSigner,
    at: datetime,
    *,
    leaf_ids: Sequence[int],
    fields: Mapping[str, Sequence[bytes]],
    earlier: Mapping[str, CommittedField] = MappingProxyType({}),
) -> tuple[Commitments, BatchPromise]:
    """Commit to the fields of many leaves (at least one), and promise all of them as one batch.

    fields, earlier: as in `commit_batch`. The batch is named after its first leaf. Raises SeraiError
    `log-broken` while the log could not keep the promise.
    """
    log.log_state.require_sound()
    commitments = commit_batch(
        log.administration_id,
        at,
        leaf_ids=leaf_ids,
        fields=fields,
        random_bytes=log.random_bytes(random_size_bytes(len(leaf_ids), len(fields), len(earlier))),
        earlier=earlier,
    )
    promise = promise_batch(
        commitments.leaf_data,
        log.signer,
        origin=log.log_origin,
        batch_id=leaf_ids[0],
        integrate_by=at + log.integrate_within,
        at=at,
    )
    return commitments, promise


def promise_batch(
    leaf_data: Sequence[bytes],
    signer: Signer,
    *,
    origin: str,
    batch_id: int,
    integrate_by: datetime,
    at: datetime,
) -> BatchPromise:
    """Sign one promise for all leaves (at least one). batch_id: unique in the log, at least 0."""
    levels = tree_levels(leaf_hashes(leaf_data))
    promise = Promise(origin, batch_id, len(leaf_data), levels[-1][0], at, integrate_by)
    return BatchPromise(promise, sign_note(_write_text(promise), origin, signer), leaf_data, levels)


def restore_batch(note: str, leaf_data: Sequence[bytes]) -> BatchPromise:
    """The promised batch again, from what was stored of it. Errors: `promise-differs` if the leaves are not
    those promised.
    """
    promise = read_promise_text(read_note(note).text)
    levels = tree_levels(leaf_hashes(leaf_data))
    if (promise.leaf_count, promise.root) != (len(leaf_data), levels[-1][0]):
        raise EvidenceError(
            "promise-differs",
            f"The stored leaves of batch {promise.batch_id} are not those that were promised.",
            "Stop the integrator and restore table log_batch from a backup; somebody changed it.",
        )
    return BatchPromise(promise, note, leaf_data, levels)


def read_promise_text(text: str) -> Promise:
    """The promise in a note's text. Errors: `note-unreadable`, `promise-unreadable`."""
    checkpoint, further = read_checkpoint_text(text)
    origin = _LINES.fullmatch(checkpoint.origin)
    if origin is not None and len(further) == 2:
        at = _read_instant("at ", further[0])
        integrate_by = _read_instant("integrate-by ", further[1])
        if at is not None and integrate_by is not None:
            return Promise(origin[1], int(origin[2]), checkpoint.tree_size, checkpoint.root, at, integrate_by)
    raise EvidenceError(
        "promise-unreadable",
        "This note is not a promise of a log.",
        "Use the receipt exactly as it was issued.",
    )


def _write_text(promise: Promise) -> str:
    return (
        f"{promise.origin}/promise/{promise.batch_id}\n{promise.leaf_count}\n{encode_bytes(promise.root)}\n"
        f"at {_write_instant(promise.at)}\nintegrate-by {_write_instant(promise.integrate_by)}\n"
    )


def _write_instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_INSTANT)


def _read_instant(label: str, line: str) -> datetime | None:
    if not line.startswith(label):
        return None
    try:
        at = datetime.strptime(line.removeprefix(label), _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return at if label + _write_instant(at) == line else None
