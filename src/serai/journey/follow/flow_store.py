"""The running sums of the flow: added to in each batch's transaction, read by pages."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.queries import load_queries
from serai.journey.follow.flow import Replaced, number_texts, sum_hours, sum_movements
from serai.journey.follow.store import ConsignmentRow
from serai.model.columns import Frame

QUERIES = load_queries(Path(__file__).with_name("flow_store.sql"))

Connection = AsyncConnection[Any]

HOUR_MS = 3_600_000
_CLAIM = 4


async def add_batch(
    connection: Connection,
    consignments: Frame,
    charges: Frame,
    *,
    administration_id: int,
    node_id: int,
    movement_numbers: Sequence[str | None],
    previous: Sequence[ConsignmentRow | None],
    consignment_ids: Sequence[int],
    decision_ids: Sequence[int],
    at_ms: int,
) -> None:
    """Add a decided batch to the sums, after its charges and their reversals are written.

    One entry a consignment in each sequence. previous: as it stood before, None when it is new.
    """
    rows = [place for place, one in enumerate(previous) if one is not None]
    old = [previous[place] for place in rows]
    numbers = list(movement_numbers)
    if old:
        found = await _movement_numbers(connection, old, administration_id)
        for place, one in zip(rows, old, strict=True):
            numbers[place] = found.get(one.transport_unit_id)  # type: ignore[union-attr, arg-type]
    words, movements = number_texts(numbers)
    replaced = _replaced(rows, old, movements)
    hour_ms = at_ms // HOUR_MS * HOUR_MS
    is_new = np.array([one is None for one in previous], dtype=np.bool_)
    hours = sum_hours(consignments, charges, replaced, hour_ms)
    own: dict[str, Any] = {"administration_id": administration_id, "node_id": node_id}
    if old:
        own |= {
            "claim": _CLAIM,
            "old_ids": [consignment_ids[place] for place in rows],
            "decision_ids": [decision_ids[place] for place in rows],
            "old_hours": _instants(replaced.hours_ms.tolist()),
            "old_destinations": list(replaced.destinations),
            "old_numbers": [numbers[place] for place in rows],
        }
    await connection.execute(
        QUERIES["add_hours_again" if old else "add_hours"],
        own
        | {
            "hours": _instants(hours.hours_ms),
            "lanes": hours.lanes,
            "statuses": hours.statuses,
            "destinations": hours.destinations,
            "dues": hours.dues,
            "tax_types": hours.tax_types,
            "currencies": hours.currencies,
            "counts": hours.counts,
            "amounts": hours.amounts,
        },
    )
    if not words:
        return
    sums = sum_movements(consignments, charges, movements, len(words), is_new, replaced)
    await connection.execute(
        QUERIES["add_movements_again" if old else "add_movements"],
        own
        | {
            "numbers": [words[place] for place in sums.movements],
            "lanes": sums.lanes,
            "statuses": sums.statuses,
            "dispatches": sums.dispatches,
            "currencies": sums.currencies,
            "counts": sums.counts,
            "amounts": sums.amounts,
        },
    )


def _replaced(rows: Sequence[int], old: Sequence[ConsignmentRow | None], movements: Any) -> Replaced:
    if not rows:
        return Replaced.none()
    there = [one for one in old if one is not None]
    hours = [int(one.changed_at.timestamp()) * 1000 // HOUR_MS * HOUR_MS for one in there]
    places = np.array(rows, dtype=np.int64)
    return Replaced(
        rows=places,
        hours_ms=np.array(hours, dtype=np.int64),
        lanes=np.array([one.lane for one in there], dtype=np.int64),
        statuses=np.array([one.status for one in there], dtype=np.int64),
        destinations=[one.consignee_country_code for one in there],
        movements=movements[places],
    )


async def _movement_numbers(
    connection: Connection, old: Sequence[ConsignmentRow | None], administration_id: int
) -> dict[int, str]:
    """Return the number of the movement each unit hangs on."""
    unit_ids = sorted(
        {one.transport_unit_id for one in old if one is not None and one.transport_unit_id is not None}
    )
    if not unit_ids:
        return {}
    cursor = await connection.execute(
        QUERIES["select_movement_numbers"], {"unit_ids": unit_ids, "administration_id": administration_id}
    )
    return dict(await cursor.fetchall())


def _instants(values_ms: Sequence[int]) -> list[datetime]:
    known = {value: datetime.fromtimestamp(value / 1000, UTC) for value in set(values_ms)}
    return [known[value] for value in values_ms]
