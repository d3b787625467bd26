"""Named secrets of the key folder and what the database knows of them, held together.

A new one must never be made for data that exists: known people would be strangers, used allowances free.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final

from psycopg import AsyncConnection

from serai.foundation.keys import KeyFolder, Secret
from serai.foundation.queries import load_queries
from serai.model.errors import SeraiError

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))
_CHECK_BYTES: Final = 16


async def open_secret(connection: AsyncConnection, key_folder: KeyFolder, name: str, at: datetime) -> Secret:
    """Return the newest version of a named secret; at the first start make it and record how it is known.

    Safe when several processes start at once. Raises SeraiError `lost-secret` if it is missing, older than
    the data, or another than the data were made with.
    """
    known = await _select_known(connection, name)
    secret = key_folder.current_secret(name, version_known=max(known, default=0))
    check_value = _check_value(secret)
    if secret.version not in known:
        values = {"name": name, "version": secret.version, "check_value": check_value, "at": at}
        await connection.execute(_QUERIES["insert_known"], values)
        # Another node's folder may have been quicker: then ours is the wrong secret.
        known = await _select_known(connection, name)
    if known[secret.version] != check_value:
        raise SeraiError(
            "lost-secret",
            f"The key folder holds another secret {name} than the data were made with.",
            "Put the key folder back from the backup that belongs to this database.",
        )
    return secret


async def _select_known(connection: AsyncConnection, name: str) -> dict[int, bytes]:
    cursor = await connection.execute(_QUERIES["select_known"], {"name": name})
    return {int(version): bytes(check_value) for version, check_value in await cursor.fetchall()}


def _check_value(secret: Secret) -> bytes:
    return hashlib.blake2b(
        b"how it is known again", key=secret.value, digest_size=_CHECK_BYTES, person=b"serai-secret-chk"
    ).digest()
