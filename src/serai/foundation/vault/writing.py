"""Writing messages into the vault in which no person has a part of their own."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from serai.foundation.copying import copy_table
from serai.foundation.vault.epochs import Connection, EpochSource, Write, hold_epoch
from serai.foundation.vault.records import MessageCodec
from serai.foundation.vault.sealing import RetentionClass, seal_batch, without_people


async def write_messages(
    connection: Connection,
    messages: Mapping[int, bytes],
    *,
    write: Write,
    epochs: EpochSource,
    codec: MessageCodec,
    retention_class: RetentionClass,
    at: datetime,
    salts: Sequence[bytes] | None = None,
) -> None:
    """Seal messages, each under its id, in the caller's transaction. salts: of the commitments that a leaf
    has to them, one each; None: no leaf has any.

    Errors: `vault-epoch-rotated`, as with `hold_epoch`.
    """
    unsealed = without_people(list(messages), list(messages.values()), salts)
    epoch = await epochs.reserve(write, unsealed.keys_count, at)
    await hold_epoch(connection, epoch)
    await copy_table(connection, "vault_batch", seal_batch(unsealed, epoch, codec, retention_class))
