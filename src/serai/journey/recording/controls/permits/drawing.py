"""What decisions write off of permits, and what returns give back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.journey.consignments.rows import Row
from serai.journey.permits import store
from serai.journey.permits.store import PermitDraw
from serai.journey.services import Services

Connection = AsyncConnection[Any]


def permits_differ(row: Row) -> bool:
    """Say whether a row writes off other than what stands written off for it."""
    return bool(_changes_of(row))


async def write_permit_draws(
    services: Services, connection: Connection, rows: Sequence[Row], at: datetime
) -> None:
    """Record what decisions write off, and give back what those that they replace had. The permits are
    held."""
    draws = [draw for row in rows if row.permit_draws or row.permit_draws_before for draw in _changes_of(row)]
    if draws:
        await store.write_draws(
            connection,
            draws,
            services.ids.take(len(draws)).tolist(),
            at=at,
            administration_id=services.administration_id,
        )


async def give_back_returned(
    services: Services,
    connection: Connection,
    consignment_id: int,
    back: Mapping[int, tuple[int, int]],
    *,
    return_id: int,
    at: datetime,
) -> None:
    """Give back to permits what goods that went back have taken of them, rounded down, in all; what was given
    back before stays so.

    back: by goods item, how much of it is back and how much was declared, millionths. return_id: of the
    document that says so.
    """
    key = {"administration_id": services.administration_id}
    draws = []
    for one in await store.select_drawn(connection, [consignment_id], **key):
        gone, declared = back.get(one.sequence_number, (0, 1))
        share = [amount * min(gone, declared) // declared for amount in (one.quantity_micro, one.value_minor)]
        quantity, value = (max(0, whole - given) for whole, given in zip(share, one.returned, strict=True))
        if quantity or value:
            draws.append(
                PermitDraw(one.permit_id, consignment_id, one.sequence_number, return_id, -quantity, -value)
            )
    if draws:
        await store.lock_permits(connection, [], [one.permit_id for one in draws], **key)
        ids = services.ids.take(len(draws)).tolist()
        await store.write_draws(connection, draws, ids, at=at, is_return=True, **key)


def _changes_of(row: Row) -> list[PermitDraw]:
    """Return what is to be added so that what a row writes off stands."""
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for sign, draws in ((-1, row.permit_draws_before), (1, row.permit_draws)):
        for one in draws:
            sums[one.permit_id, one.sequence_number][0] += sign * one.quantity_micro
            sums[one.permit_id, one.sequence_number][1] += sign * one.value_minor
    return [
        PermitDraw(permit_id, row.consignment_id, number, row.decision_id, quantity, value)
        for (permit_id, number), (quantity, value) in sorted(sums.items())
        if quantity or value
    ]
