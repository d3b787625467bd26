"""Which registered parties a declaration names, as its platform, seller or carrier: they may follow its case
from then on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.rows import Row


async def record_named(
    connection: AsyncConnection[Any], rows: Sequence[Row], *, administration_id: int, at: datetime
) -> None:
    """Record the named parties of new and amended declarations; an amendment's names take the place of
    those before.

    A party that registers an identifier later sees what is filed later.
    """
    new = [row for row in rows if row.cut is not None]
    amended = [row.consignment_id for row in new if row.previous is not None]
    if amended:
        await consignment_store.delete_named(
            connection, amended, [row.case_id for row in new if row.previous is not None]
        )
    named = [(party_id, row.case_id, row.consignment_id, role) for row in new for role, party_id in row.named]
    if named:
        await consignment_store.insert_named(connection, named, administration_id=administration_id, at=at)
