"""The log's signing key and what the database knows of it, held together."""

from datetime import datetime
from pathlib import Path

from psycopg import AsyncConnection

from serai.foundation.keys import KeyFolder, SigningKey
from serai.foundation.queries import load_queries

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))


async def open_signing_key(
    connection: AsyncConnection, key_folder: KeyFolder, origin: str, at: datetime
) -> SigningKey:
    """Return the signing key of the log `origin`; at the first start make it and record its public part.

    Safe when several processes start at once. Raises SeraiError `lost-signing-key`.
    """
    known = await _select_public_keys(connection, origin)
    key = key_folder.signing_key(known)
    if not known:
        await connection.execute(
            _QUERIES["insert_public_key"], {"public_key": key.public_key, "origin": origin, "at": at}
        )
        # Another node's folder may have been quicker: then ours is the wrong key.
        key = key_folder.signing_key(await _select_public_keys(connection, origin))
    return key


async def _select_public_keys(connection: AsyncConnection, origin: str) -> list[bytes]:
    cursor = await connection.execute(_QUERIES["select_public_keys"], {"origin": origin})
    return [bytes(row[0]) for row in await cursor.fetchall()]
