"""A leaf: what the log holds of one document or decision. Salted commitments, never the values themselves,
and nothing of its case, of what kind it is or of whom it names.

Layout, big endian: magic (11 bytes), administration i16, leaf id i64, at i64 (ms since 1970), count of
commitments u8, the commitments of 32 bytes each. commitment = SHA-256(domain || length of name u8 || name ||
salt || value). The count is a multiple of PLACES_COUNT: what is missing is random, and looks like any other.
There is no hash of the whole document: it would let anyone who guesses an erased name confirm the guess. The
field `document` is committed to with a salt like the others.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from itertools import repeat
from struct import Struct
from struct import error as struct_error
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
import numpy as np

from serai.evidence.errors import EvidenceError
from serai.model.columns import Int64s

MAGIC: Final = b"serai-leaf\x01"
DOMAIN: Final = b"serai-field\x01"
SALT_SIZE_BYTES: Final = 16
COMMITMENT_SIZE_BYTES: Final = 32
PLACES_COUNT: Final = 4
"""So that the count of commitments does not tell how many people a document names."""

_HEAD = Struct(">hqqB")
_ID_BEGIN = len(MAGIC) + 2
_ID_END = _ID_BEGIN + 8
_COMMITMENTS_BEGIN = len(MAGIC) + _HEAD.size
_RUN = np.dtype([("first", ">i8"), ("count", ">u4")])


class Leaf(msgspec.Struct, frozen=True):
    """A leaf, read. commitments: in the order of the leaf, random ones among them. at: UTC, to the
    millisecond.
    """

    administration_id: int
    leaf_id: int
    at: datetime
    commitments: tuple[bytes, ...]


class Opening(msgspec.Struct, frozen=True):
    """What opens one field of a leaf: its name, and the salt and the value that were committed to."""

    name: str
    salt: bytes
    value: bytes


class Openings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens fields of one leaf, as it is handed out and taken in; salt and value are base64 in JSON."""

    openings: list[Opening]


class CommittedField(msgspec.Struct, frozen=True):
    """One field of many documents, committed to. salts: to keep beside the values."""

    salts: list[bytes]
    commitments: list[bytes]


class Commitments(msgspec.Struct, frozen=True):
    """A batch committed to. leaf_data: one per document. salts: by field name, one per document, to keep
    beside the value.
    """

    leaf_data: list[bytes]
    salts: dict[str, list[bytes]]


def random_size_bytes(document_count: int, field_count: int, earlier_count: int = 0) -> int:
    """How many random bytes `commit_batch` needs, beside fields that were committed to earlier."""
    fillers_size = _fillers_count(field_count + earlier_count) * COMMITMENT_SIZE_BYTES
    return document_count * (field_count * SALT_SIZE_BYTES + fillers_size)


def commit_field(name: str, values: Sequence[bytes], random_bytes: bytes) -> CommittedField:
    """Commit to one field of many documents ahead of their leaves.

    values: one for each document, b"" for none. random_bytes: SALT_SIZE_BYTES fresh ones for each.
    """
    assert len(random_bytes) == len(values) * SALT_SIZE_BYTES, "one fresh salt for each value"
    salts = _cut_salts(len(values), random_bytes)
    return CommittedField(salts, _commit_values(name, salts, values))


def commit_batch(
    administration_id: int,
    at: datetime,
    *,
    leaf_ids: Sequence[int],
    fields: Mapping[str, Sequence[bytes]],
    random_bytes: bytes,
    earlier: Mapping[str, CommittedField] = MappingProxyType({}),
) -> Commitments:
    """Commit to the fields of many documents.

    fields: by name, one value for each document; b"" says that the document has no such field. earlier: what
    was committed to before; its salts are told with the others.
    random_bytes: `random_size_bytes(...)` fresh bytes of the system's source. Salts are kept where the value
    is kept (the vault), so that erasing a person erases both.
    """
    count = len(leaf_ids)
    assert len(random_bytes) == random_size_bytes(count, len(fields), len(earlier)), "one salt for each field"
    committed, begin, size = dict[str, CommittedField](), 0, count * SALT_SIZE_BYTES
    for name, values in fields.items():
        committed[name] = commit_field(name, values, random_bytes[begin : begin + size])
        begin += size
    committed |= earlier
    columns = [one.commitments for one in committed.values()]
    assert all(len(column) == count for column in columns), "columns of equal length"
    size = count * COMMITMENT_SIZE_BYTES
    for _ in range(_fillers_count(len(columns))):
        places = range(begin, begin + size, COMMITMENT_SIZE_BYTES)
        columns.append([random_bytes[place : place + COMMITMENT_SIZE_BYTES] for place in places])
        begin += size
    pack = Struct(f">{len(MAGIC)}shqqB" + f"{COMMITMENT_SIZE_BYTES}s" * len(columns)).pack
    heads = (repeat(MAGIC), repeat(administration_id), leaf_ids, repeat(_to_ms(at)), repeat(len(columns)))
    return Commitments(
        list(map(pack, *heads, *columns)), {name: one.salts for name, one in committed.items()}
    )


def opens(leaf: Leaf, opening: Opening) -> bool:
    """Whether the leaf commits to this value of this field under this salt."""
    # A salt of another length could shift the border between salt and value.
    if len(opening.salt) != SALT_SIZE_BYTES or not (opening.name.isascii() and 0 < len(opening.name) < 256):
        return False
    made = sha256(_start(opening.name) + opening.salt + opening.value).digest()
    return any(compare_digest(made, commitment) for commitment in leaf.commitments)


def read_leaf(data: bytes) -> Leaf:
    """Read a leaf. Errors: `leaf-unreadable` for anything that `commit_batch` cannot have written."""
    try:
        return _read(data)
    except (ValueError, ArithmeticError, struct_error) as fault:
        raise EvidenceError(
            "leaf-unreadable", "This is not a leaf of a Serai log.", "Use the leaf exactly as it was issued."
        ) from fault


def _read(data: bytes) -> Leaf:
    if not data.startswith(MAGIC):
        raise ValueError
    administration_id, leaf_id, at_ms, count = _HEAD.unpack_from(data, len(MAGIC))
    if not count or count % PLACES_COUNT or len(data) != _COMMITMENTS_BEGIN + count * COMMITMENT_SIZE_BYTES:
        raise ValueError
    places = range(_COMMITMENTS_BEGIN, len(data), COMMITMENT_SIZE_BYTES)
    commitments = tuple(data[place : place + COMMITMENT_SIZE_BYTES] for place in places)
    at = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    return Leaf(administration_id, leaf_id, at, commitments)


def _commit_values(name: str, salts: Sequence[bytes], values: Sequence[bytes]) -> list[bytes]:
    """The commitments of many values of one field, each with its own salt."""
    sha, start = sha256, _start(name)
    return [sha(start + salt + value).digest() for salt, value in zip(salts, values, strict=True)]


def _start(name: str) -> bytes:
    encoded = name.encode("ascii")
    assert 0 < len(encoded) < 256, "a short ASCII name"
    return DOMAIN + bytes([len(encoded)]) + encoded


def _fillers_count(field_count: int) -> int:
    return -field_count % PLACES_COUNT


def _cut_salts(count: int, random_bytes: bytes) -> list[bytes]:
    places = range(0, count * SALT_SIZE_BYTES, SALT_SIZE_BYTES)
    return [random_bytes[place : place + SALT_SIZE_BYTES] for place in places]


def _to_ms(at: datetime) -> int:
    assert at.tzinfo is not None, "an instant has a zone"
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


# ---- the leaves of a batch in one row: what differs from leaf to leaf, and the rest once ----


class PackedLeaves(NamedTuple):
    """The leaves of a batch. ids: of each run of ids that count up the first (i64) and how many (u32), big
    endian. head: of the first leaf all but id and commitments, which all have in common. commitments: those
    of each leaf, joined, as many of each.
    """

    ids: bytes
    head: bytes
    commitments: bytes


def pack_leaves(leaf_ids: Sequence[int], leaf_data: Sequence[bytes]) -> PackedLeaves:
    """Return leaves of `commit_batch` packed. leaf_ids: theirs, ascending."""
    first = leaf_data[0]
    cells = np.frombuffer(b"".join(leaf_data), dtype=np.uint8).reshape(len(leaf_ids), len(first))
    head = first[:_ID_BEGIN] + first[_ID_END:_COMMITMENTS_BEGIN]
    return PackedLeaves(pack_ids(leaf_ids), head, cells[:, _COMMITMENTS_BEGIN:].tobytes())


def unpack_leaves(packed: PackedLeaves) -> list[bytes]:
    """Return the single leaves; other leaves than those packed, where somebody changed the bytes."""
    ids = _read_ids(packed.ids)
    count, width = len(ids), len(packed.commitments) // max(1, len(ids))
    cells = np.empty((count, _COMMITMENTS_BEGIN + width), dtype=np.uint8)
    cells[:, :_ID_BEGIN] = np.frombuffer(packed.head[:_ID_BEGIN], dtype=np.uint8)
    cells[:, _ID_BEGIN:_ID_END] = ids.astype(">i8").view(np.uint8).reshape(count, -1)
    cells[:, _ID_END:_COMMITMENTS_BEGIN] = np.frombuffer(packed.head[_ID_BEGIN:], dtype=np.uint8)
    commitments = np.frombuffer(packed.commitments[: count * width], dtype=np.uint8)
    cells[:, _COMMITMENTS_BEGIN:] = commitments.reshape(count, width)
    joined, size = cells.tobytes(), cells.shape[1]
    return [joined[begin : begin + size] for begin in range(0, len(joined), size)]


def pack_ids(leaf_ids: Sequence[int]) -> bytes:
    """Return ascending ids as runs."""
    ids = np.asarray(leaf_ids, dtype=np.int64)
    begins = np.flatnonzero(np.append(True, np.diff(ids) != 1)[: len(ids)])
    runs = np.empty(len(begins), dtype=_RUN)
    runs["first"], runs["count"] = ids[begins], np.diff(np.append(begins, len(ids)))
    return runs.tobytes()


def unpack_ids(packed: bytes) -> list[int]:
    """Return the ids again."""
    ids: list[int] = _read_ids(packed).tolist()
    return ids


def find_position(packed: bytes, leaf_id: int) -> int | None:
    """Return the place of a leaf in its batch by the batch's packed ids; None if it is not there."""
    runs = np.frombuffer(packed, dtype=_RUN)
    run = int(np.searchsorted(runs["first"], leaf_id, side="right")) - 1
    within = -1 if run < 0 else leaf_id - int(runs["first"][run])
    return int(runs["count"][:run].sum()) + within if 0 <= within < runs["count"][run] else None


def _read_ids(packed: bytes) -> Int64s:
    runs = np.frombuffer(packed, dtype=_RUN)
    firsts, counts = runs["first"].astype(np.int64), runs["count"].astype(np.int64)
    return np.repeat(firsts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
