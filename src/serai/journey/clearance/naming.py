"""Which registered parties a declaration names as its platform or seller: they may follow its case from then
on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.journey.clearance.rows import Row
from serai.journey.follow import store as follow_store
from serai.journey.match import store as match_store


async def record_named(
    connection: AsyncConnection[Any], rows: Sequence[Row], *, administration_id: int, at: datetime
) -> None:
    """Record the named parties of new and amended declarations; an amendment's names take the place of
    those before.

    Costs one statement a batch unless a registered party is named. A party that registers an identifier
    later sees what is filed later.
    """
    new = [row for row in rows if row.cut is not None]
    amended = [row.consignment_id for row in new if row.previous is not None]
    if amended:
        await follow_store.delete_named(
            connection, amended, [row.case_id for row in new if row.previous is not None]
        )
    names = {name for row in new for name in (row.document.platform_id, row.document.seller_id) if name}
    if not names:
        return
    known = await match_store.select_identifiers(
        connection, sorted(names), administration_id=administration_id
    )
    if not known:
        return
    named = [
        (known[name], row.case_id, row.consignment_id, role)
        for row in new
        for role, name in (("platform", row.document.platform_id), ("seller", row.document.seller_id))
        if name in known
    ]
    await follow_store.insert_named(connection, named, administration_id=administration_id, at=at)
