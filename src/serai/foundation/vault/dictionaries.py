"""The dictionaries that messages were compressed with, kept for ever in the database."""

from datetime import datetime

import zstandard

from serai.foundation.vault.epochs import QUERIES, Connection


async def insert_dictionary(connection: Connection, content: bytes, *, at: datetime) -> None:
    """Keep a dictionary (`train_dictionary`). Commit it before the first message that uses it."""
    await connection.execute(
        QUERIES["insert_dictionary"],
        {
            "dictionary_id": zstandard.ZstdCompressionDict(content).dict_id(),
            "content": content,
            "at": at,
        },
    )


async def lock_dictionaries(connection: Connection) -> None:
    """Let whoever makes a dictionary do so alone, until the transaction ends: two processes with one each
    could not read each other's messages."""
    await connection.execute(QUERIES["lock_dictionaries"])


async def select_dictionaries(connection: Connection) -> list[bytes]:
    """All dictionaries, the newest last, for `MessageCodec`."""
    cursor = await connection.execute(QUERIES["select_dictionaries"], binary=True)
    return [content for (content,) in await cursor.fetchall()]
