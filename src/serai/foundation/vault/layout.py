"""How a row of `vault_batch` is laid out. It never moves afterwards: an erasure overwrites, so that a place
read once stays right.

directory (big endian): count of documents u32, of persons u32; then columns: document ids, persons of each
document, person ids, size of each person's part, size of each block of messages. Ids are runs that count up:
how many u32, of each the first i64 and its length u32. Other numbers: width of each u8 (1, 2 or 4), then all.
In format 1 ids were i64, persons of a document u8, sizes u32.
sealed: the parts of the persons, document after document, then blocks of BLOCK_COUNT messages.
wrapped_keys: the keys of persons and then of blocks, CHUNK_KEYS_COUNT together (`wrapping.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, NamedTuple

import numpy as np

from serai.foundation.vault.errors import VaultError
from serai.model.columns import Int64s

FORMAT: Final = 2
"""Of rows written now. Rows say theirs; a reader of each lower number stays for ever."""

BLOCK_COUNT: Final = 64
"""Messages sealed together: read together, too."""

_COUNTS = Struct(">II")


class Place(NamedTuple):
    """Where something sealed lies. slot: number of its key; begin, size: in `sealed`."""

    slot: int
    begin: int
    size: int


@dataclass(frozen=True, slots=True)
class Directory:
    """What lies in a row. Persons stand in the order of their documents; person_counts: of each document."""

    document_ids: Int64s
    person_counts: Int64s
    person_ids: Int64s
    person_sizes: Int64s
    block_sizes: Int64s

    @property
    def person_documents(self) -> Int64s:
        """Return the document of each person."""
        return np.repeat(self.document_ids, self.person_counts)

    def person_places(self, slots: Int64s) -> list[Place]:
        """Return where the parts of some persons lie. slots: their numbers in the row."""
        begins = (np.cumsum(self.person_sizes) - self.person_sizes)[slots].tolist()
        sizes = self.person_sizes[slots].tolist()
        return [Place(*place) for place in zip(slots.tolist(), begins, sizes, strict=True)]

    def block_place(self, block: int) -> Place:
        """Return where a block lies."""
        before = int(self.person_sizes.sum() + self.block_sizes[:block].sum())
        return Place(len(self.person_ids) + block, before, int(self.block_sizes[block]))

    def ids_of_block(self, block: int) -> Int64s:
        """Return the documents whose messages a block holds."""
        return self.document_ids[block * BLOCK_COUNT : (block + 1) * BLOCK_COUNT]


def block_count_of(document_count: int) -> int:
    """Return how many blocks the messages of so many documents fill."""
    return -(-document_count // BLOCK_COUNT)


def write_directory(directory: Directory) -> bytes:
    """Return the bytes of a directory, in the newest format."""
    return _COUNTS.pack(len(directory.document_ids), len(directory.person_ids)) + b"".join(
        (_write_runs if name in _ID_COLUMNS else _write_numbers)(getattr(directory, name))
        for name, _ in _COLUMNS
    )


def read_directory(format_number: int, content: bytes) -> Directory:
    """Read a directory. Raises VaultError `vault-format-unknown`, `vault-row-changed`."""
    reader = _READERS.get(format_number)
    if reader is None:
        raise VaultError(
            "vault-format-unknown",
            f"A row of the vault has format {format_number}, which this program does not know.",
            "Start the version of Serai that wrote it, or a newer one.",
        )
    return _read(_Content(content), reader)


_COLUMNS: Final = (
    ("document_ids", ">i8"),
    ("person_counts", "u1"),
    ("person_ids", ">i8"),
    ("person_sizes", ">u4"),
    ("block_sizes", ">u4"),
)
"""Names, and what numbers were in format 1."""


_ID_COLUMNS: Final = {"document_ids", "person_ids"}
_RUN: Final = np.dtype([("first", ">i8"), ("count", ">u4")])


def _write_runs(ids: Int64s) -> bytes:
    begins = np.flatnonzero(np.append(True, np.diff(ids) != 1)[: len(ids)])
    runs = np.empty(len(begins), dtype=_RUN)
    runs["first"], runs["count"] = ids[begins], np.diff(np.append(begins, len(ids)))
    return len(begins).to_bytes(4) + runs.tobytes()


def _write_numbers(numbers: Int64s) -> bytes:
    width = next(width for width in (1, 2, 4) if numbers.max(initial=0) < 1 << 8 * width)
    return bytes([width]) + numbers.astype(f">u{width}").tobytes()


class _Content:
    """The bytes of a directory, read from front to back."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._place = 0

    def take(self, kind: Any, count: int) -> Any:
        """Return the next values."""
        end = self._place + count * np.dtype(kind).itemsize
        if end > len(self._content):
            raise row_changed()
        values = np.frombuffer(self._content[self._place : end], dtype=kind)
        self._place = end
        return values

    @property
    def is_at_end(self) -> bool:
        """Whether all was read."""
        return self._place == len(self._content)


def _read_1(content: _Content, name: str, count: int) -> Int64s:
    numbers: Int64s = content.take(dict(_COLUMNS)[name], count).astype(np.int64)
    return numbers


def _read_2(content: _Content, name: str, count: int) -> Int64s:
    if name not in _ID_COLUMNS:
        (width,) = content.take("u1", 1)
        if width not in {1, 2, 4}:
            raise row_changed()
        numbers: Int64s = content.take(f">u{width}", count).astype(np.int64)
        return numbers
    runs = content.take(_RUN, int(content.take(">u4", 1)[0]))
    counts = runs["count"].astype(np.int64)
    if counts.sum() != count:
        raise row_changed()
    ids: Int64s = np.repeat(runs["first"] - np.cumsum(counts) + counts, counts) + np.arange(count)
    return ids.astype(np.int64)


def _read(content: _Content, read_column: Callable[[_Content, str, int], Int64s]) -> Directory:
    documents, persons = map(int, content.take(">u4", 2))
    counts = (documents, documents, persons, persons, block_count_of(documents))
    columns = [read_column(content, name, count) for (name, _), count in zip(_COLUMNS, counts, strict=True)]
    directory = Directory(*columns)
    if not content.is_at_end or int(directory.person_counts.sum()) != persons:
        raise row_changed()
    return directory


_READERS: Final = {1: _read_1, 2: _read_2}


def row_changed() -> VaultError:
    """Return the error of a row that is not as it was written."""
    return VaultError(
        "vault-row-changed",
        "A sealed row is not as it was written.",
        "Somebody changed or moved rows of the vault: restore them from a backup and look into it.",
    )
