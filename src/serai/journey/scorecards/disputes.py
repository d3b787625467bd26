"""Disputes of scores: opened by the party with a reason and, if it likes, a document; answered by an officer.

What they say may name people: it lies in the vault, as the document does. Each reading is recorded.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.vault.reading import Reach
from serai.foundation.vault.sealing import RetentionClass
from serai.foundation.vault.writing import write_messages
from serai.journey.consignments.act_words import read_act_words, write_act_words
from serai.journey.documents.proofs import Proof, proof_in_words, words_of_proof
from serai.journey.processing.transaction import Processor
from serai.journey.services import Services
from serai.journey.validation.data_quality import store
from serai.journey.validation.data_quality.store import DisputeRow
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]

PURPOSE: Final = "score-dispute"
DAYS_COUNT_MAX: Final = 366


async def open_dispute(
    processor: Processor,
    party_id: int,
    *,
    code: str,
    from_on: dt.date,
    to_on: dt.date,
    statement: str,
    proof: Proof | None = None,
) -> int:
    """Record that a party disputes a score, or a part of it; return the dispute. code: of a fault or a duty,
    empty for the score whole. Raises SeraiError `dispute-days-wrong`."""
    if not 0 <= (to_on - from_on).days < DAYS_COUNT_MAX:
        raise SeraiError(
            "dispute-days-wrong",
            "The last day is before the first, or a year behind it.",
            "Give from_on, then to_on, both counted, within a year.",
        )
    services = processor.services
    dispute_id, statement_id = map(int, services.ids.take(2))
    said = {statement_id: statement}
    if proof is not None:
        said[dispute_id] = words_of_proof(proof)

    async def work(connection: Connection) -> None:
        at = services.clock.now()
        await store.insert_dispute(
            connection,
            administration_id=services.administration_id,
            dispute_id=dispute_id,
            party_id=party_id,
            code=code,
            from_on=from_on,
            to_on=to_on,
            statement_id=statement_id,
            has_document=proof is not None,
            at=at,
        )
        await _seal(services, connection, said, at)

    await processor.write(work)
    return dispute_id


async def answer_dispute(
    processor: Processor, party_id: int, dispute_id: int, *, is_upheld: bool, statement: str, answered_by: str
) -> bool:
    """Record an officer's answer; False where there is no such dispute or it was answered before."""
    services = processor.services
    statement_id = int(services.ids.take(1)[0])

    async def work(connection: Connection) -> bool:
        at = services.clock.now()
        is_first = await store.insert_dispute_answer(
            connection,
            administration_id=services.administration_id,
            party_id=party_id,
            dispute_id=dispute_id,
            is_upheld=is_upheld,
            statement_id=statement_id,
            answered_by=answered_by,
            at=at,
        )
        if is_first:
            await _seal(services, connection, {statement_id: statement}, at)
        return is_first

    is_first: bool = await processor.write(work)
    return is_first


async def with_words(services: Services, rows: Sequence[DisputeRow], actor: str) -> list[DisputeRow]:
    """Return disputes with what was said in them; None where it was erased. The reading is recorded."""
    ids = [one for row in rows for one in (row.statement_id, row.answer_id) if one is not None]
    words = await _read(services, ids, actor)
    return [
        msgspec.structs.replace(
            row,
            statement=row.statement if row.statement_id is None else words.get(row.statement_id),
            answer=row.answer if row.answer_id is None else words.get(row.answer_id),
        )
        for row in rows
    ]


async def read_document(services: Services, dispute_id: int, actor: str) -> Proof | None:
    """Return the document sent with a dispute; None: none was, or it was erased. The reading is recorded."""
    found = await _read(services, [dispute_id], actor)
    return proof_in_words(found[dispute_id]) if dispute_id in found else None


async def _seal(services: Services, connection: Connection, said: dict[int, str], at: dt.datetime) -> None:
    await write_messages(
        connection,
        {message_id: write_act_words(words) for message_id, words in said.items()},
        write=services.database.write,
        epochs=services.epochs,
        codec=services.codec,
        retention_class=RetentionClass.DOCUMENT,
        at=at,
    )


async def _read(services: Services, message_ids: Sequence[int], actor: str) -> dict[int, str]:
    reach = Reach(services.administration_id, PURPOSE, actor, services.clock.now())
    return await read_act_words(services.database.write, services.keyring, services.codec, message_ids, reach)
