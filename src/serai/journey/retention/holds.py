"""Holds on cases: an appeal, an enquiry, a court. What is held is neither erased nor let go until the hold is
lifted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec

from serai.foundation.binary_arrays import bigints
from serai.journey.retention.store import QUERIES, Connection

HoldGround = Literal["appeal", "enquiry", "court", "debt"]
"""Why a case is held."""
GROUNDS: Final[tuple[HoldGround, ...]] = get_args(HoldGround)


class Hold(msgspec.Struct, frozen=True):
    """A hold on a case, and on those merged with it. lifted_at: None: it stands."""

    hold_id: int
    case_id: int
    ground: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None


async def place_hold(connection: Connection, hold: Hold, *, administration_id: int) -> bool:
    """Place a hold; False: there is no such case."""
    parameters = msgspec.structs.asdict(hold) | {"administration_id": administration_id}
    cursor = await connection.execute(QUERIES["insert_hold"], parameters)
    return cursor.rowcount == 1


async def lift_hold(
    connection: Connection, hold_id: int, *, lifted_by: str, at: datetime, administration_id: int
) -> bool:
    """Lift a hold; False: there is none, or it was lifted before."""
    cursor = await connection.execute(
        QUERIES["lift_hold"],
        {"hold_id": hold_id, "lifted_by": lifted_by, "at": at, "administration_id": administration_id},
    )
    return cursor.rowcount == 1


async def select_holds(
    connection: Connection, case_ids: Sequence[int] | None = None, *, administration_id: int
) -> list[Hold]:
    """Return the holds that stand on cases; None: all there ever were."""
    cursor = await connection.execute(
        QUERIES["select_holds"],
        {
            "case_ids": None if case_ids is None else bigints(case_ids),
            "administration_id": administration_id,
        },
    )
    rows: list[Any] = await cursor.fetchall()
    return [Hold(*row) for row in rows]
