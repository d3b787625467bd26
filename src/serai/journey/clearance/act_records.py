"""Acts on a case: the row that says who did what, and the reason in words, which the vault alone holds."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.copying import copy_table
from serai.foundation.vault.epochs import hold_epoch
from serai.foundation.vault.sealing import RetentionClass, seal_batch, without_people
from serai.journey.clearance.equipment import Equipment
from serai.journey.follow import store as follow_store
from serai.journey.follow.act_words import write_act_words


async def record_act(
    equipment: Equipment,
    connection: AsyncConnection[Any],
    *,
    act_id: int,
    case_id: int,
    party_id: int,
    kind: str,
    version: int,
    reason: str,
    at: datetime,
) -> None:
    """Append an act. reason: in the words of who acts, which may name people; "" for none."""
    if reason:
        words = without_people([act_id], [write_act_words(reason)])
        epoch = await equipment.epochs.reserve(equipment.database.write, words.keys_count, at)
        await hold_epoch(connection, epoch)
        batch = seal_batch(words, epoch, equipment.codec, RetentionClass.DOCUMENT)
        await copy_table(connection, "vault_batch", batch)
    await follow_store.insert_act(
        connection,
        act_id=act_id,
        administration_id=equipment.administration_id,
        case_id=case_id,
        party_id=party_id,
        kind=kind,
        version=version,
        has_words=bool(reason),
        at=at,
    )
