"""Orders on transport units reach what lies in the units, some consignments a transaction; each is decided
again, and its parties are told."""

from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_acts, select_standing_acts
from serai.journey.linking.case_locks import lock_roots
from serai.journey.processing import unit_orders
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.processing.unit_orders import UnitOrder
from serai.model.acts import Act

Connection = AsyncConnection[Any]


async def reach_some(processor: Processor, connection: Connection, order: UnitOrder, at: datetime) -> int:
    """Do on the next consignments in a unit what was ordered of it; return how many were found, 0 when none
    is left."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    found = await unit_orders.select_to_reach(connection, order, **key)
    if not found:
        await unit_orders.end_reaching(connection, order, **key)
        return 0
    await lock_roots(connection, sorted(set(found.values())))
    # Under the locks once more: one may have been released, or reached by another process.
    left = await unit_orders.select_to_reach(connection, order, **key)
    ids = sorted(found.keys() & left.keys())
    rows = await unit_orders.order_on_consignments(services, connection, order, ids, at)
    await redetermine(services, connection, processor.law, [one.consignment_id for one in rows], at)
    told = [(one.case_id, one.party_id, one.decision_id) for one in rows]
    await notify_case(services, connection, "measure-taken", told, at)
    return len(found)


async def release_some(processor: Processor, connection: Connection, order: UnitOrder, at: datetime) -> int:
    """Take back on the next consignments what an ended order had done; return how many were, 0 when none is
    left. Each is decided again as it is without it."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    found = await unit_orders.select_to_end(connection, order, **key)
    if not found:
        await unit_orders.end_reaching(connection, order, **key)
        return 0
    await lock_roots(connection, sorted({case_id for _, case_id, _ in found}))
    kept = {one: act_id for one, _, act_id in await unit_orders.select_to_end(connection, order, **key)}
    rows = await consignment_store.select_consignments(connection, sorted(kept), **key)
    standing = await select_standing_acts(
        connection, sorted({one.case_id for one in rows}), [order.kind], **key
    )
    stands = {act.act_id for _, act in standing}
    ending = [one for one in rows if kept[one.consignment_id] in stands]
    numbers = services.ids.take(len(ending)).tolist() if ending else []
    acts = [
        Act(
            act_id=act_id,
            case_id=one.case_id,
            kind="reversal",
            subject_id=one.case_id,
            party_id=order.party_id,
            acting_user=order.end_acting_user or "",
            at=at,
            leaf_id=act_id,
            reason_code=order.end_reason_code,
            parameters={"form": "revocation", "unit": order.number, "order": format_id(order.order_id)},
            reverses=kept[one.consignment_id],
        )
        for one, act_id in zip(ending, numbers, strict=True)
    ]
    await record_acts(services, connection, acts)
    # What was taken back before by itself ends with the order.
    ended = dict.fromkeys(sorted(kept), order.ended_by or 0)
    ended |= {one.consignment_id: act.act_id for one, act in zip(ending, acts, strict=True)}
    await unit_orders.end_reached(connection, order, ended, **key)
    await redetermine(services, connection, processor.law, [one.consignment_id for one in ending], at)
    told = [(one.case_id, one.party_id, one.decision_id) for one in ending]
    await notify_case(services, connection, "settled", told, at)
    return len(kept)
