"""A leaf: what the log holds of one document or decision. Salted commitments, never the values themselves.

Layout, big endian: magic (11 bytes), kind (length byte, ASCII), administration i16, leaf id i64, case id i64,
at i64 (ms since 1970), count of fields u8, then for each field its name (length byte, ASCII) and a
commitment of 32 bytes. commitment = SHA-256(domain || salt || value). There is no hash of the whole
document: it would let anyone who guesses an erased name confirm the guess. The field `document` is
committed to with a salt like the others.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from itertools import repeat
from struct import Struct, unpack_from
from struct import error as struct_error

import msgspec

from serai.evidence.errors import EvidenceError

MAGIC = b"serai-leaf\x01"
DOMAIN = b"serai-field\x01"
SALT_SIZE_BYTES = 16
COMMITMENT_SIZE_BYTES = 32

_HEAD = Struct(">hqqqB")


class Leaf(msgspec.Struct, frozen=True):
    """A leaf, read. commitments: by field name, in the order of the leaf. at: UTC, to the millisecond."""

    kind: str
    administration_id: int
    leaf_id: int
    case_id: int
    at: datetime
    commitments: dict[str, bytes]


class Opening(msgspec.Struct, frozen=True):
    """What opens one field of a leaf: the salt and the value that were committed to."""

    name: str
    salt: bytes
    value: bytes


class Commitments(msgspec.Struct, frozen=True):
    """A batch committed to. leaf_data: one per document. salts: by field name, one per document, to keep
    beside the value.
    """

    leaf_data: list[bytes]
    salts: dict[str, list[bytes]]


def salts_size_bytes(document_count: int, field_count: int) -> int:
    """How many random bytes `commit_batch` needs."""
    return document_count * field_count * SALT_SIZE_BYTES


def commit_batch(
    kind: str,
    administration_id: int,
    at: datetime,
    *,
    leaf_ids: Sequence[int],
    case_ids: Sequence[int],
    fields: Mapping[str, Sequence[bytes]],
    random_bytes: bytes,
) -> Commitments:
    """Commit to the fields of many documents of one kind.

    fields: by name, one value for each document; b"" says that the document has no such field.
    random_bytes: `salts_size_bytes(...)` fresh bytes of the system's source. Salts are kept where the value
    is kept (the vault), so that erasing a person erases both.
    """
    count = len(leaf_ids)
    assert len(random_bytes) == salts_size_bytes(count, len(fields)), "one fresh salt for each field"
    assert all(len(values) == count for values in (case_ids, *fields.values())), "columns of equal length"
    salts = _cut_salts(list(fields), count, random_bytes)
    head = MAGIC + _named(kind)
    layout, columns = f">{len(head)}shqqqB", []
    for name, values in fields.items():
        label = _named(name)
        layout += f"{len(label)}s{COMMITMENT_SIZE_BYTES}s"
        columns += [repeat(label), commit_values(salts[name], values)]
    at_ms = _to_ms(at)
    leaf_data = list(
        map(
            Struct(layout).pack,
            repeat(head),
            repeat(administration_id),
            leaf_ids,
            case_ids,
            repeat(at_ms),
            repeat(len(fields)),
            *columns,
        )
    )
    return Commitments(leaf_data, salts)


def commit_values(salts: Sequence[bytes], values: Sequence[bytes]) -> list[bytes]:
    """The commitments of many values, each with its own salt of 16 bytes."""
    sha, domain = sha256, DOMAIN
    return [sha(domain + salt + value).digest() for salt, value in zip(salts, values, strict=True)]


def opens(leaf: Leaf, opening: Opening) -> bool:
    """Whether the leaf commits to this value under this salt."""
    commitment = leaf.commitments.get(opening.name, b"")
    made = sha256(DOMAIN + opening.salt + opening.value).digest()
    # A salt of another length could shift the border between salt and value.
    return len(opening.salt) == SALT_SIZE_BYTES and compare_digest(made, commitment)


def read_leaf(data: bytes) -> Leaf:
    """Read a leaf. Errors: `leaf-unreadable` for anything that `commit_batch` cannot have written."""
    try:
        return _read(data)
    except (IndexError, ValueError, ArithmeticError, struct_error) as fault:
        raise EvidenceError(
            "leaf-unreadable", "This is not a leaf of a Serai log.", "Use the leaf exactly as it was issued."
        ) from fault


def _read(data: bytes) -> Leaf:
    if not data.startswith(MAGIC):
        raise ValueError
    kind, place = _read_name(data, len(MAGIC))
    administration_id, leaf_id, case_id, at_ms, field_count = _HEAD.unpack_from(data, place)
    place += _HEAD.size
    commitments: dict[str, bytes] = {}
    for _ in range(field_count):
        name, place = _read_name(data, place)
        commitments[name] = unpack_from(f"{COMMITMENT_SIZE_BYTES}s", data, place)[0]
        place += COMMITMENT_SIZE_BYTES
    if place != len(data) or len(commitments) != field_count:
        raise ValueError
    at = datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
    return Leaf(kind, administration_id, leaf_id, case_id, at, commitments)


def _read_name(data: bytes, place: int) -> tuple[str, int]:
    start = place + 1
    end = start + data[place]
    if end > len(data):
        raise IndexError
    return data[start:end].decode("ascii"), end


def _named(name: str) -> bytes:
    encoded = name.encode("ascii")
    assert 0 < len(encoded) < 256, "a short ASCII name"
    return bytes([len(encoded)]) + encoded


def _cut_salts(names: list[str], count: int, random_bytes: bytes) -> dict[str, list[bytes]]:
    size = count * SALT_SIZE_BYTES
    return {
        name: [
            random_bytes[place : place + SALT_SIZE_BYTES]
            for place in range(number * size, (number + 1) * size, SALT_SIZE_BYTES)
        ]
        for number, name in enumerate(names)
    }


def _to_ms(at: datetime) -> int:
    assert at.tzinfo is not None, "an instant has a zone"
    return int(at.timestamp()) * 1000 + at.microsecond // 1000
