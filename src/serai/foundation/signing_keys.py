"""The log's signing key and what the database knows of it, held together."""

from datetime import datetime
from pathlib import Path

from psycopg import AsyncConnection

from serai.foundation.keys import KeyFolder, SigningKey
from serai.foundation.queries import load_queries
from serai.model.errors import SeraiError

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))


async def open_signing_key(
    connection: AsyncConnection, key_folder: KeyFolder, origin: str, at: datetime
) -> SigningKey:
    """Return the signing key of the log `origin`; at the first start make it and record its public part.

    Safe when several processes start at once. Raises SeraiError `lost-signing-key`, and `log-origin-changed`
    where the database holds a log of another name.
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


async def select_own_keys(connection: AsyncConnection) -> list[bytes]:
    """Return the public keys (32 bytes each) of this node's log that are in force."""
    cursor = await connection.execute(_QUERIES["select_public_keys"])
    return [bytes(public_key) for public_key, _ in await cursor.fetchall()]


async def _select_public_keys(connection: AsyncConnection, origin: str) -> list[bytes]:
    cursor = await connection.execute(_QUERIES["select_public_keys"])
    rows = await cursor.fetchall()
    for _, known_origin in rows:
        if known_origin != origin:
            raise SeraiError(
                "log-origin-changed",
                f"The log in this database is {known_origin}, not {origin}.",
                f"Set log.origin to {known_origin}: receipts name it, so a log keeps its name for ever.",
            )
    return [bytes(public_key) for public_key, _ in rows]
