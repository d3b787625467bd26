"""Orders on transport units: what an officer orders of a bag or a flight is done on each consignment in it,
and on those that come into it later, each by an act of its own; when it is ended those acts are taken back.

The table of orders, and of what each has reached, is written here alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints
from serai.foundation.id_text import format_id
from serai.foundation.queries import load_queries
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_acts, select_standing_acts
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.services import Services
from serai.model.acts import ACT_KINDS, FREE, MEASURES, Act
from serai.model.frames import FINAL_STATUSES

QUERIES = load_queries(Path(__file__).with_name("unit_orders.sql"))
Connection = AsyncConnection[Any]
REACHED_COUNT_MAX: Final = 1_000
"""Consignments reached in one transaction."""


class UnitOrder(NamedTuple):
    """An order that stands on a unit, or that was ended. kind: of the measure on each consignment. number: of
    the unit."""

    order_id: int
    unit_id: int
    party_id: int
    acting_user: str
    kind: str
    reason_code: str
    law_reference: str | None
    number: str
    ended_by: int | None
    end_acting_user: str | None
    end_reason_code: str | None


# ---- store ----


async def lock_unit(
    connection: Connection, unit_id: int, *, administration_id: int
) -> tuple[int, str] | None:
    """Return kind and number of a unit, locked until commit; None: there is none."""
    key = {"unit_id": unit_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["lock_unit_by_id"], key)
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


async def is_unit(connection: Connection, unit_id: int, *, administration_id: int) -> bool:
    """Say whether there is such a unit."""
    key = {"unit_id": unit_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_is_unit"], key)
    return await cursor.fetchone() == (True,)


async def insert_unit_order(
    connection: Connection, act: Act, order_kind: str, number: str, *, administration_id: int
) -> None:
    """Let an order stand on a unit, which the caller has locked. act: on the unit."""
    await connection.execute(
        QUERIES["insert_unit_order"],
        {
            "order_id": act.act_id,
            "unit_id": act.subject_id,
            "party_id": act.party_id,
            "acting_user": act.acting_user,
            "kind": order_kind,
            "reason_code": act.reason_code,
            "law_reference": act.law_reference,
            "number": number,
            "at": act.at,
            "administration_id": administration_id,
        },
    )


async def end_unit_orders(connection: Connection, act: Act, *, administration_id: int) -> list[int]:
    """End all that stands on a unit, which the caller has locked; return the orders. act: on the unit."""
    cursor = await connection.execute(
        QUERIES["end_unit_orders"],
        {
            "act_id": act.act_id,
            "unit_id": act.subject_id,
            "acting_user": act.acting_user,
            "reason_code": act.reason_code,
            "at": act.at,
            "administration_id": administration_id,
        },
    )
    return [order_id for (order_id,) in await cursor.fetchall()]


async def select_unit_orders(
    connection: Connection, unit_ids: Iterable[int], *, administration_id: int
) -> dict[int, list[UnitOrder]]:
    """Return by unit what stands on it, or on what it lies in, oldest first."""
    key = {"unit_ids": bigints(sorted(unit_ids)), "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_unit_orders"], key)
    found: dict[int, list[UnitOrder]] = defaultdict(list)
    for unit_id, *columns in await cursor.fetchall():
        found[unit_id].append(UnitOrder(*columns))
    return dict(found)


async def select_orders_to_reach(connection: Connection, *, administration_id: int) -> list[UnitOrder]:
    """Return orders that stand, or whose end has not reached everything."""
    key = {"administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_unit_orders_to_reach"], key)
    return [UnitOrder(*row) for row in await cursor.fetchall()]


async def select_holding_unit(
    connection: Connection, consignment_id: int, *, administration_id: int
) -> str | None:
    """Return the number of a unit by an order on which a consignment is kept; None: there is none."""
    key = {"consignment_id": consignment_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["select_held_by_units"], key)
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


async def select_first_in(connection: Connection, unit_id: int, *, administration_id: int) -> int | None:
    """Return some consignment that lies in a unit; None: nothing does."""
    key = {"unit_id": unit_id, "administration_id": administration_id}
    row = await (await connection.execute(QUERIES["select_first_in"], key)).fetchone()
    return None if row is None else int(row[0])


async def count_reached(connection: Connection, order_id: int, *, administration_id: int) -> tuple[int, int]:
    """Return how many consignments an order has reached, and how many of these it keeps."""
    key = {"order_id": order_id, "administration_id": administration_id}
    cursor = await connection.execute(QUERIES["count_reached"], key)
    row = await cursor.fetchone()
    assert row is not None, "a count is always there"
    return row[0], row[1]


# ---- what comes into a unit, and what lies in it ----


async def order_on_rows(
    services: Services, connection: Connection, rows: Sequence[Row], unit_ids: Iterable[int], at: datetime
) -> None:
    """Give rows that are about to be decided the acts of what stands on their units; those are recorded.
    unit_ids: of which something may stand, and what lies in them."""
    orders = await select_unit_orders(connection, unit_ids, administration_id=services.administration_id)
    wanted = [
        _Wanted(order, row.case_id, row.consignment_id, row.version, _is_free(row.acts))
        for row in rows
        for order in orders.get(row.unit_id or 0, ())
        if all(act.parameters.get("order") != format_id(order.order_id) for act in row.acts)
    ]
    acts = await _do(services, connection, wanted, at)
    for row in rows:
        row.acts = [*row.acts, *(act for act in acts if act.subject_id == row.consignment_id)]


async def order_on_placed(
    services: Services, connection: Connection, placed: Mapping[int, int], at: datetime
) -> set[int]:
    """Do on consignments that were put into units what stands on those. placed: unit by consignment, in cases
    that the caller has locked and decides again. Returns the cases."""
    key = {"administration_id": services.administration_id}
    orders = await select_unit_orders(connection, set(placed.values()), **key)
    ids = [one for one, unit_id in placed.items() if unit_id in orders]
    rows = await _open(services, connection, ids)
    frees = await _free(services, connection, rows)
    wanted = [
        _Wanted(order, row.case_id, row.consignment_id, row.version, row.consignment_id in frees)
        for row in rows
        for order in orders[placed[row.consignment_id]]
    ]
    await _do(services, connection, wanted, at)
    return {row.case_id for row in rows}


async def select_to_reach(
    connection: Connection, order: UnitOrder, *, administration_id: int
) -> dict[int, int]:
    """Return consignments in a unit that an order has not reached, each with its case."""
    asked = {
        "order_id": order.order_id,
        "unit_id": order.unit_id,
        "administration_id": administration_id,
        "limit": REACHED_COUNT_MAX,
    }
    cursor = await connection.execute(QUERIES["select_to_reach"], asked)
    return dict(await cursor.fetchall())


async def order_on_consignments(
    services: Services, connection: Connection, order: UnitOrder, ids: Sequence[int], at: datetime
) -> list[ConsignmentRow]:
    """Do on consignments of locked cases what was ordered of the unit that they lie in; return those on which
    an act was done, which the caller decides again."""
    rows = await _open(services, connection, ids)
    frees = await _free(services, connection, rows)
    wanted = [
        _Wanted(order, one.case_id, one.consignment_id, one.version, one.consignment_id in frees)
        for one in rows
    ]
    done = {act.subject_id for act in await _do(services, connection, wanted, at)}
    return [one for one in rows if one.consignment_id in done]


async def select_to_end(
    connection: Connection, order: UnitOrder, *, administration_id: int
) -> list[tuple[int, int, int]]:
    """Return what an order that was ended still keeps: consignment, case and the act on it, 0: none."""
    asked = {
        "order_id": order.order_id,
        "administration_id": administration_id,
        "limit": REACHED_COUNT_MAX,
    }
    cursor = await connection.execute(QUERIES["select_to_end"], asked)
    return [(row[0], row[1], row[2]) for row in await cursor.fetchall()]


async def end_reached(
    connection: Connection, order: UnitOrder, ended: Mapping[int, int], *, administration_id: int
) -> None:
    """Note that an order keeps consignments no more. ended: by consignment the act that did that."""
    await connection.execute(
        QUERIES["end_reached"],
        {
            "order_id": order.order_id,
            "administration_id": administration_id,
            "consignment_ids": bigints(list(ended)),
            "act_ids": bigints(list(ended.values())),
        },
    )


async def end_reaching(connection: Connection, order: UnitOrder, *, administration_id: int) -> None:
    """Note that an order has reached everything, by its beginning or its end."""
    key = {"order_id": order.order_id, "administration_id": administration_id}
    await connection.execute(QUERIES["end_unit_reaching"], key)


async def _open(services: Services, connection: Connection, ids: Sequence[int]) -> list[ConsignmentRow]:
    """Return consignments that are neither released nor invalidated."""
    if not ids:
        return []
    rows = await consignment_store.select_consignments(
        connection, ids, administration_id=services.administration_id
    )
    return [one for one in rows if one.status not in FINAL_STATUSES]


async def _free(services: Services, connection: Connection, rows: Sequence[ConsignmentRow]) -> set[int]:
    """Return those that no other measure has put further out of reach than an order on a unit does."""
    standing = await select_standing_acts(
        connection,
        sorted({one.case_id for one in rows}),
        [kind for kind in MEASURES if ACT_KINDS[kind].state],
        administration_id=services.administration_id,
    )
    acts: dict[int, list[Act]] = defaultdict(list)
    for _, act in standing:
        acts[act.subject_id].append(act)
    return {one.consignment_id for one in rows if _is_free(acts[one.consignment_id])}


def _is_free(acts: Sequence[Act]) -> bool:
    states = [state for act in acts if (state := ACT_KINDS[act.kind].state)]
    return not states or states[-1] in (FREE, "held", "in-examination")


class _Wanted(NamedTuple):
    """An order that is to reach a consignment. is_free: no other measure weighs more, so an act is done."""

    order: UnitOrder
    case_id: int
    consignment_id: int
    version: int
    is_free: bool


_NO_ACT: Final = 0


async def _do(
    services: Services, connection: Connection, wanted: Sequence[_Wanted], at: datetime
) -> list[Act]:
    """Record the acts of orders on consignments, and that these were reached; return the acts."""
    doing = [one for one in wanted if one.is_free]
    numbers = services.ids.take(len(doing)).tolist() if doing else []
    acts = [
        Act(
            act_id=act_id,
            case_id=one.case_id,
            kind=one.order.kind,
            subject_id=one.consignment_id,
            version=one.version,
            party_id=one.order.party_id,
            acting_user=one.order.acting_user,
            at=at,
            leaf_id=act_id,
            reason_code=one.order.reason_code,
            parameters={"unit": one.order.number, "order": format_id(one.order.order_id)},
            law_reference=one.order.law_reference,
        )
        for one, act_id in zip(doing, numbers, strict=True)
    ]
    await record_acts(services, connection, acts)
    done = {(act.subject_id, act.parameters["order"]): act.act_id for act in acts}
    for order_id in sorted({one.order.order_id for one in wanted}):
        its = [one for one in wanted if one.order.order_id == order_id]
        await connection.execute(
            QUERIES["insert_reached"],
            {
                "order_id": order_id,
                "consignment_ids": bigints([one.consignment_id for one in its]),
                "act_ids": bigints(
                    [done.get((one.consignment_id, format_id(order_id)), _NO_ACT) for one in its]
                ),
                "administration_id": services.administration_id,
            },
        )
    return acts
