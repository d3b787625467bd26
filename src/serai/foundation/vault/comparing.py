"""Whether what comes says the same as what the vault holds: yes or no, and nothing is shown to anybody.

So no hash of a document is kept anywhere: it would confirm a guessed name for ever, whoever was erased. Since
nobody reads anything, the ledger has no line of it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from serai.foundation.vault.epochs import Connection
from serai.foundation.vault.key_finder import KeyFinder
from serai.foundation.vault.keyring import Keyring
from serai.foundation.vault.reading import find_keys, open_block_of
from serai.foundation.vault.records import MessageCodec, Opened, open_person
from serai.foundation.vault.rows import Located, Pieces, locate_documents, locate_people, select_pieces
from serai.foundation.vault.sealing import RecordKey


class Asked(NamedTuple):
    """What comes, to be held against a document: its message, and the people cut out of it, in order."""

    document_id: int
    message: bytes
    people: Sequence[bytes]


class _Held(NamedTuple):
    """What the vault holds of a document; None: it was erased."""

    message: bytes | None
    people: Sequence[bytes | None]


async def find_equal(
    connection: Connection,
    keyring: Keyring,
    codec: MessageCodec,
    asked: Sequence[Asked],
    *,
    administration_id: int,
    is_equal: Callable[[bytes, bytes], bool],
) -> list[bool]:
    """Say of each whether it is what the vault holds of its document. is_equal: of the message held and the
    one that comes.

    Whom an erasure took is no difference: nobody knows any more. A message that was erased, or never was
    there, equals nothing. Raises VaultError `vault-row-changed`.
    """
    ids = sorted({one.document_id for one in asked})
    # Rolled back, so that rows of the vault are not held to the end of the caller's transaction: partitions
    # that go are closed in an order, and this is the last of them.
    async with connection.transaction(force_rollback=True):
        rows = await locate_documents(connection, ids, administration_id=administration_id)
        pieces = await select_pieces(connection, rows)
    finder = KeyFinder(keyring, administration_id)
    held: dict[int, _Held] = {}
    for row in rows:
        held |= _open_row(row, pieces, finder, codec, administration_id)
    return [
        one.document_id in held and _is_same(held[one.document_id], one, is_equal=is_equal) for one in asked
    ]


async def find_people(
    connection: Connection,
    keyring: Keyring,
    records: Sequence[RecordKey],
    *,
    administration_id: int,
    is_so: Callable[[bytes], bool],
) -> list[RecordKey]:
    """Return those of some persons of whom something is so. is_so: of the JSON of a person.

    The same statements run whether there are such persons or not. Raises VaultError `vault-row-changed`.
    """
    async with connection.transaction(force_rollback=True):
        rows = await locate_people(connection, records, administration_id=administration_id)
        pieces = await select_pieces(connection, rows)
    finder = KeyFinder(keyring, administration_id)
    found: list[RecordKey] = []
    for row in rows:
        keys = find_keys(finder, row, pieces).keys
        for (person_id, document_id), place in row.parts.items():
            if place.slot in keys and is_so(
                open_person(
                    keys[place.slot],
                    pieces.cut(row.batch_id, place.begin, place.size),
                    format_number=row.format,
                    administration_id=administration_id,
                    document_id=document_id,
                    person_id=person_id,
                ).value
            ):
                found.append((person_id, document_id))
    return found


def _is_same(held: _Held, asked: Asked, *, is_equal: Callable[[bytes, bytes], bool]) -> bool:
    return (
        held.message is not None
        and len(held.people) == len(asked.people)
        and all(own in (None, its) for own, its in zip(held.people, asked.people, strict=True))
        and is_equal(held.message, asked.message)
    )


def _open_row(
    row: Located, pieces: Pieces, finder: KeyFinder, codec: MessageCodec, administration_id: int
) -> dict[int, _Held]:
    found = find_keys(finder, row, pieces)
    blocks: dict[int, list[Opened | None]] = {
        block: open_block_of(row, block, found, pieces, codec=codec, administration_id=administration_id)
        for block in {block for block, _ in row.blocks.values()}
    }
    people: dict[int, list[bytes | None]] = {document_id: [] for document_id in row.blocks}
    for key, place in row.parts.items():
        if not isinstance(key, tuple):
            continue
        person_id, document_id = key
        opened = None
        if place.slot in found.keys:
            opened = open_person(
                found.keys[place.slot],
                pieces.cut(row.batch_id, place.begin, place.size),
                format_number=row.format,
                administration_id=administration_id,
                document_id=document_id,
                person_id=person_id,
            ).value
        people[document_id].append(opened)
    return {
        document_id: _Held(_value(blocks[block][within]) if blocks[block] else None, people[document_id])
        for document_id, (block, within) in row.blocks.items()
    }


def _value(opened: Opened | None) -> bytes | None:
    return None if opened is None else opened.value
