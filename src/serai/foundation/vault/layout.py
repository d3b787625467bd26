"""How a row of `vault_batch` is laid out. It never moves afterwards: an erasure overwrites, so that a place
read once stays right.

directory (big endian, format 1): count of documents u32, of persons u32; then columns: document ids i64,
persons of each document u8, person ids i64, size of each person's part u32, size of each block of messages
u32.
sealed: the parts of the persons, document after document, then blocks of BLOCK_COUNT messages.
wrapped_keys: the keys of persons and then of blocks, CHUNK_KEYS_COUNT together (`wrapping.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

import numpy as np

from serai.foundation.vault.errors import VaultError
from serai.model.columns import Int64s

FORMAT: Final = 1
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
        getattr(directory, name).astype(kind).tobytes() for name, kind in _COLUMNS_1
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
    return reader(content)


_COLUMNS_1: Final = (
    ("document_ids", ">i8"),
    ("person_counts", "u1"),
    ("person_ids", ">i8"),
    ("person_sizes", ">u4"),
    ("block_sizes", ">u4"),
)


def _read_1(content: bytes) -> Directory:
    if len(content) < _COUNTS.size:
        raise row_changed()
    documents, persons = _COUNTS.unpack_from(content)
    counts = (documents, documents, persons, persons, block_count_of(documents))
    place, columns = _COUNTS.size, []
    for (_, kind), count in zip(_COLUMNS_1, counts, strict=True):
        end = place + count * np.dtype(kind).itemsize
        if end > len(content):
            raise row_changed()
        columns.append(np.frombuffer(content[place:end], dtype=kind).astype(np.int64))
        place = end
    directory = Directory(*columns)
    if place != len(content) or int(directory.person_counts.sum()) != persons:
        raise row_changed()
    return directory


_READERS: Final[dict[int, Callable[[bytes], Directory]]] = {1: _read_1}


def row_changed() -> VaultError:
    """Return the error of a row that is not as it was written."""
    return VaultError(
        "vault-row-changed",
        "A sealed row is not as it was written.",
        "Somebody changed or moved rows of the vault: restore them from a backup and look into it.",
    )
