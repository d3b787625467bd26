"""Disputes of scores: opened by the party with a reason and, if it likes, a document; answered by an officer.

The document lies in the vault under the dispute; each reading is recorded.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection

from serai.evidence.leaf import SALT_SIZE_BYTES, commit_field
from serai.foundation.copying import copy_table
from serai.foundation.vault.reading import Reach
from serai.foundation.vault.sealing import RetentionClass
from serai.journey.consignments.act_words import read_act_words, write_act_words
from serai.journey.documents.personal_data import Cut
from serai.journey.documents.proofs import Proof, proof_in_words, words_of_proof
from serai.journey.documents.sealing import reserve_epoch, seal_rows
from serai.journey.processing.transaction import Processor
from serai.journey.validation.data_quality import store
from serai.model.errors import SeraiError

Connection = AsyncConnection[Any]

PURPOSE: Final = "score-dispute"
DAYS_COUNT_MAX: Final = 366


@dataclass(slots=True)
class _Kept:
    """A document on its way to the vault."""

    cut: Cut | None
    document_id: int


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
    dispute_id = int(services.ids.take(1)[0])

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
            statement=statement,
            has_document=proof is not None,
            at=at,
        )
        if proof is not None:
            message = write_act_words(words_of_proof(proof))
            row = _Kept(Cut(message, []), dispute_id)
            salts = commit_field("document", [message], services.random_bytes(SALT_SIZE_BYTES)).salts
            epoch = await reserve_epoch(services, connection, [row], at)
            sealed = seal_rows(services, [row], {"document": salts}, epoch, RetentionClass.DOCUMENT)
            await copy_table(connection, "vault_batch", sealed.batch)

    await processor.write(work)
    return dispute_id


async def read_document(processor: Processor, dispute_id: int, actor: str) -> Proof | None:
    """Return the document sent with a dispute; None: none was, or it was erased. The reading is recorded."""
    services = processor.services
    reach = Reach(services.administration_id, PURPOSE, actor, services.clock.now())
    found = await read_act_words(
        services.database.write, services.keyring, services.codec, [dispute_id], reach
    )
    return proof_in_words(found[dispute_id]) if dispute_id in found else None
