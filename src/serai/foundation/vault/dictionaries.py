"""The dictionaries that messages were compressed with, kept for ever in the database."""

from datetime import datetime
from importlib.resources import files

import zstandard

from serai.foundation.vault.epochs import QUERIES, Connection


async def insert_dictionary(connection: Connection, content: bytes, *, at: datetime) -> None:
    """Keep a dictionary of zstd. Commit it before the first message that uses it."""
    await connection.execute(
        QUERIES["insert_dictionary"],
        {
            "dictionary_id": zstandard.ZstdCompressionDict(content).dict_id(),
            "content": content,
            "at": at,
        },
    )


async def select_dictionaries(connection: Connection) -> list[bytes]:
    """All dictionaries, the newest last, for `MessageCodec`."""
    cursor = await connection.execute(QUERIES["select_dictionaries"], binary=True)
    return [content for (content,) in await cursor.fetchall()]


async def known_dictionaries(connection: Connection, at: datetime) -> list[bytes]:
    """All dictionaries; a database without one gets that of invented messages which comes with Serai."""
    known = await select_dictionaries(connection)
    if not known:
        # Alone, until the transaction ends: two processes of two versions may come with one each.
        await connection.execute(QUERIES["lock_dictionaries"])
        known = await select_dictionaries(connection)
    if not known:
        await insert_dictionary(connection, _shipped_dictionary(), at=at)
        known = await select_dictionaries(connection)
    return known


def _shipped_dictionary() -> bytes:
    return (files("serai.model") / "dictionaries" / "messages-1.zdict").read_bytes()
