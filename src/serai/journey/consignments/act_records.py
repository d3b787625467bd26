"""Acts on a case: the row that says who did what, and the reason in words, which the vault alone holds."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.copying import copy_table
from serai.foundation.vault.epochs import hold_epoch
from serai.foundation.vault.sealing import RetentionClass, seal_batch, without_people
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_words import write_act_words
from serai.journey.services import Services


async def record_act(
    services: Services,
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
        epoch = await services.epochs.reserve(services.database.write, words.keys_count, at)
        await hold_epoch(connection, epoch)
        batch = seal_batch(words, epoch, services.codec, RetentionClass.DOCUMENT)
        await copy_table(connection, "vault_batch", batch)
    await consignment_store.insert_act(
        connection,
        act_id=act_id,
        administration_id=services.administration_id,
        case_id=case_id,
        party_id=party_id,
        kind=kind,
        version=version,
        has_words=bool(reason),
        at=at,
    )
