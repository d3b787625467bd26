"""Rows of `vault_batch`: which of them hold what is looked for, and pieces of their bytes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from serai.foundation.binary_arrays import bigints
from serai.foundation.vault.epochs import QUERIES, Connection
from serai.foundation.vault.layout import BLOCK_COUNT, Directory, Place, read_directory
from serai.foundation.vault.wrapping import chunk_place, chunks_of
from serai.model.columns import Int64s

_GAP_BYTES_MAX: Final = 8_192
"""Pieces of a row that lie as near are fetched as one."""


@dataclass(frozen=True, slots=True)
class Located:
    """A row in which something was found. parts: places by what was looked for, a person (with its document)
    or a message; blocks: the number of its block and the place in it of each message.
    """

    batch_id: int
    epoch_id: int
    format: int
    directory: Directory
    parts: dict[Any, Place]
    blocks: dict[int, tuple[int, int]]

    @property
    def slot_count(self) -> int:
        """Return how many keys the row has."""
        return len(self.directory.person_ids) + len(self.directory.block_sizes)


class Piece(NamedTuple):
    """A stretch of a column of a row. is_key: of `wrapped_keys`, else of `sealed`."""

    batch_id: int
    is_key: bool
    begin: int
    size: int


@dataclass(slots=True)
class Pieces:
    """Bytes of rows that were fetched, and the generation each row is wrapped under."""

    generations: dict[int, int]
    found: dict[tuple[int, bool], list[tuple[int, bytes]]]

    def cut(self, batch_id: int, begin: int, size: int, *, is_key: bool = False) -> bytes:
        """Return the bytes of a place that was asked for."""
        for start, content in self.found[batch_id, is_key]:
            if start <= begin and begin + size <= start + len(content):
                return content[begin - start : begin - start + size]
        return b""


async def locate_people(
    connection: Connection, records: Sequence[tuple[int, int]], *, administration_id: int
) -> list[Located]:
    """Find rows with parts of persons, by person and document."""
    wanted = set(records)
    documents = np.array([document_id for _, document_id in records], dtype=np.int64)
    found = []
    for row in await _select_directories(connection, documents, administration_id):
        slots = np.flatnonzero(np.isin(row.directory.person_documents, documents))
        row.parts.update({key: place for key, place in _parts(row, slots) if key in wanted})
        if row.parts:
            found.append(row)
    return found


async def locate_person(connection: Connection, person_id: int, *, administration_id: int) -> list[Located]:
    """Find all rows with parts of one person; keys are person and document."""
    found = []
    for row in await _select_directories(connection, [person_id], administration_id):
        row.parts.update(_parts(row, np.flatnonzero(row.directory.person_ids == person_id)))
        if row.parts:
            found.append(row)
    return found


async def locate_messages(
    connection: Connection, message_ids: Sequence[int], *, administration_id: int
) -> list[Located]:
    """Find rows with messages; keys are message ids, places those of their blocks."""
    wanted = np.array(message_ids, dtype=np.int64)
    found = []
    for row in await _select_directories(connection, message_ids, administration_id):
        _add_messages(row, wanted)
        if row.parts:
            found.append(row)
    return found


async def locate_documents(
    connection: Connection, document_ids: Sequence[int], *, administration_id: int
) -> list[Located]:
    """Find rows with documents, each with its message and its people, in order; keys as of both."""
    wanted = np.array(document_ids, dtype=np.int64)
    found = []
    for row in await _select_directories(connection, document_ids, administration_id):
        _add_messages(row, wanted)
        row.parts.update(_parts(row, np.flatnonzero(np.isin(row.directory.person_documents, wanted))))
        if row.parts:
            found.append(row)
    return found


def _add_messages(row: Located, wanted: Int64s) -> None:
    documents = row.directory.document_ids
    blocks: dict[int, Place] = {}
    for place in np.flatnonzero(np.isin(documents, wanted)).tolist():
        block, within = divmod(place, BLOCK_COUNT)
        message_id = int(documents[place])
        if block not in blocks:
            blocks[block] = row.directory.block_place(block)
        row.parts[message_id] = blocks[block]
        row.blocks[message_id] = block, within


async def select_pieces(connection: Connection, rows: Sequence[Located]) -> Pieces:
    """Fetch what is needed of located rows, for who does not open it."""
    parameters = piece_columns(pieces_of(rows))
    cursor = await connection.execute(QUERIES["select_pieces"], parameters, binary=True)
    return read_pieces(await cursor.fetchall())


def pieces_of(rows: Iterable[Located]) -> list[Piece]:
    """Return the stretches to fetch so that everything located can be opened."""
    pieces: list[Piece] = []
    for row in rows:
        places = set(row.parts.values())
        keys = [chunk_place(chunk, row.slot_count) for chunk in chunks_of(one.slot for one in places)]
        sealed = [(one.begin, one.size) for one in places]
        pieces += [Piece(row.batch_id, True, *one) for one in _merged(keys)]
        pieces += [Piece(row.batch_id, False, *one) for one in _merged(sealed)]
    return pieces


def piece_columns(pieces: Sequence[Piece]) -> dict[str, Any]:
    """Return the parameters of a query that includes `select_pieces`."""
    return {
        "batch_ids": bigints([one.batch_id for one in pieces]),
        "are_keys": [one.is_key for one in pieces],
        "begins": bigints([one.begin for one in pieces]),
        "sizes": bigints([one.size for one in pieces]),
    }


def read_pieces(rows: Iterable[tuple[Any, ...]]) -> Pieces:
    """Take in the answer of such a query."""
    pieces = Pieces({}, {})
    for batch_id, is_key, begin, generation, content in rows:
        pieces.generations[batch_id] = generation
        pieces.found.setdefault((batch_id, is_key), []).append((begin, content))
    return pieces


def _parts(row: Located, slots: Int64s) -> Iterator[tuple[tuple[int, int], Place]]:
    """Give person, document and place of some persons of a row."""
    persons = row.directory.person_ids[slots].tolist()
    documents = row.directory.person_documents[slots].tolist()
    places = row.directory.person_places(slots)
    return zip(zip(persons, documents, strict=True), places, strict=True)


async def _select_directories(
    connection: Connection, ids: Sequence[int] | Int64s, administration_id: int
) -> list[Located]:
    cursor = await connection.execute(
        QUERIES["select_directories"],
        {"ids": bigints(ids), "administration_id": administration_id},
        binary=True,
    )
    return [
        Located(batch_id, epoch_id, number, read_directory(number, content), {}, {})
        for batch_id, epoch_id, number, content in await cursor.fetchall()
    ]


def _merged(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, size in sorted(stretches):
        if merged and begin - sum(merged[-1]) <= _GAP_BYTES_MAX:
            last = merged[-1][0]
            merged[-1] = last, max(sum(merged[-1]), begin + size) - last
        else:
            merged.append((begin, size))
    return merged
