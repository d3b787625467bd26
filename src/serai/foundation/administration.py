"""The row of the administration that the settings name: made at the first start, found afterwards."""

from datetime import datetime
from pathlib import Path

from psycopg import AsyncConnection

from serai.foundation.ids import MILLISECOND_SHIFT
from serai.foundation.queries import load_queries
from serai.foundation.settings import AdministrationSettings
from serai.model.errors import SeraiError

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))


def own_party_id(administration_id: int) -> int:
    """Return the party in whose name the people of an administration act: an id of the first milliseconds of
    all ids, which nothing else has."""
    return administration_id << MILLISECOND_SHIFT


async def register_administration(
    connection: AsyncConnection, settings: AdministrationSettings, *, at: datetime
) -> int:
    """Return the number of the administration with this code; a new one is registered at `at`, with its own
    party."""
    values = {
        "code": settings.code,
        "name": settings.name,
        "time_zone": settings.time_zone,
        "is_test": settings.is_test,
        "at": at,
    }
    while True:
        cursor = await connection.execute(_QUERIES["select_administration"], values)
        row = await cursor.fetchone()
        if row is not None:
            own = {"administration_id": row[0], "party_id": own_party_id(row[0])}
            await connection.execute(_QUERIES["insert_own_party"], values | own)
            return int(row[0])
        await connection.execute(_QUERIES["insert_administration"], values)


async def find_administration(connection: AsyncConnection, code: str) -> int:
    """Return the number of the administration with this code. Error: `administration-unknown`."""
    cursor = await connection.execute(_QUERIES["select_administration"], {"code": code})
    row = await cursor.fetchone()
    if row is None:
        raise SeraiError(
            "administration-unknown",
            f"No administration has the code '{code}' in this database.",
            "It is registered when Serai first starts with it in the settings.",
        )
    return int(row[0])
