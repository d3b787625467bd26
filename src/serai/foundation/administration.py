"""The row of the administration that the settings name: made at the first start, found afterwards."""

from datetime import datetime
from pathlib import Path

from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.foundation.settings import AdministrationSettings

_QUERIES = load_queries(Path(__file__).with_suffix(".sql"))


async def register_administration(
    connection: AsyncConnection, settings: AdministrationSettings, *, at: datetime
) -> int:
    """Return the number of the administration with this code; a new one is registered at `at`."""
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
            return int(row[0])
        await connection.execute(_QUERIES["insert_administration"], values)
