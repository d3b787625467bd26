"""A bag or a flight is held, examined and released: an act on the unit, and one on each consignment in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, get_args

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import reference_reused
from serai.journey.acts.units.reaching import reach_some, release_some
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_act_by_reference, select_acts
from serai.journey.consignments.store import UNIT_KINDS
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.measure_rules.governing_law import governing_law
from serai.journey.measure_rules.measure_law import (
    ExaminationResult,
    faulty,
    shipped_measure_rules,
)
from serai.journey.processing import unit_orders
from serai.journey.processing.transaction import Processor
from serai.journey.processing.unit_orders import UnitOrder
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]
UnitMeasure = Literal["hold", "examination-ordered", "examination-recorded", "release"]
UNIT_MEASURES: Final[tuple[UnitMeasure, ...]] = get_args(UnitMeasure)
"""What may be ordered of a unit, by the measure that each consignment in it has by that."""
_KINDS: Final[Mapping[str, str]] = {one: f"unit-{one}" for one in UNIT_MEASURES}
_STAYS: Final = ("hold", "examination-ordered")


class UnitActOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer orders of a unit. reason: in words. result_code: of an examination alone."""

    reference: str
    kind: UnitMeasure
    reason_code: str
    reason: str = ""
    result_code: ExaminationResult | None = None


class UnitActDone(msgspec.Struct, frozen=True):
    """An act on a transport unit. reached_count: consignments on which it was done, or taken back, so far;
    what comes into the unit later is reached when it comes."""

    act_id: str
    transport_unit_id: str
    number: str
    kind: str
    receipt_id: str
    at: datetime
    reached_count: int


class UnitActSeen(msgspec.Struct, frozen=True):
    """An act on a unit, as officers read it. reached_count, kept_count: consignments that an order has
    reached, and still keeps."""

    act_id: str
    kind: str
    at: datetime
    reason_code: str | None
    result_code: str | None
    receipt_id: str
    stands: bool
    reached_count: int
    kept_count: int


async def act_on_unit(processor: Processor, sender: Sender, unit_id: int, order: UnitActOrder) -> UnitActDone:
    """Do an officer's act on a unit, then on each consignment in it, some a transaction; the answer comes
    when all are reached. The same again is harmless, and goes on where it ended.

    Raises SeraiError `not-found`, `reason-not-allowed`, `measure-faulty`, `unit-order-stands`,
    `unit-not-held`, `reference-reused`.
    """
    _check(order)

    async def work(connection: Connection) -> tuple[Act, str]:
        return await _order(processor, connection, sender, unit_id, order)

    act, number = await processor.write(work)
    reached_count = 0
    if order.kind != "examination-recorded":
        reached_count = await reach_all(processor, unit_id)
    return UnitActDone(
        format_id(act.act_id),
        format_id(unit_id),
        number,
        order.kind,
        format_id(act.leaf_id),
        act.at,
        reached_count,
    )


def _check(order: UnitActOrder) -> None:
    allowed = shipped_measure_rules().measure(order.kind).reasons
    if order.reason_code not in allowed:
        raise SeraiError(
            "reason-not-allowed",
            MessageText("The measure {kind} is not taken for this reason.", kind=order.kind),
            MessageText("reason_code is one of: {listed}.", listed=", ".join(allowed)),
        )
    if (order.result_code is not None) != (order.kind == "examination-recorded"):
        raise faulty("See to it that result_code is stated of a recorded examination, and of nothing else.")


async def _order(
    processor: Processor, connection: Connection, sender: Sender, unit_id: int, order: UnitActOrder
) -> tuple[Act, str]:
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    if "officer" not in sender.roles:
        raise not_found()
    unit = await unit_orders.lock_unit(connection, unit_id, **key)
    if unit is None:
        raise not_found()
    number = _number_of(*unit)
    before = await select_act_by_reference(connection, sender.party_id, order.reference, **key)
    if before is not None:
        if (before.subject_id, before.kind) != (unit_id, _KINDS[order.kind]):
            raise reference_reused()
        return before, number
    standing = (await unit_orders.select_unit_orders(connection, [unit_id], **key)).get(unit_id, [])
    own = [one for one in standing if one.unit_id == unit_id]
    if order.kind in _STAYS and any(one.kind == order.kind for one in own):
        raise SeraiError(
            "unit-order-stands",
            "The same was ordered of this unit before, and stands.",
            "Read what was ordered of it; release it, or order something else.",
        )
    if order.kind == "release" and not own:
        raise SeraiError(
            "unit-not-held",
            "Nothing stands on this unit that could be ended.",
            "Look at the unit that it lies in: what was ordered of that one ends there.",
        )
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=unit_id,
        kind=_KINDS[order.kind],
        subject_id=unit_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        reason_code=order.reason_code,
        parameters={} if order.result_code is None else {"result_code": order.result_code},
        law_reference=await _law_reference(processor, connection, unit_id, order.kind),
        reference=order.reference,
    )
    if await record_act(services, connection, act, order.reason) is None:
        raise reference_reused()
    if order.kind in _STAYS:
        await unit_orders.insert_unit_order(connection, act, order.kind, number, **key)
    elif order.kind == "release":
        await unit_orders.end_unit_orders(connection, act, **key)
    return act, number


async def _law_reference(
    processor: Processor, connection: Connection, unit_id: int, kind: UnitMeasure
) -> str | None:
    """Return the law by which a measure is taken where the goods in a unit are declared; where nothing lies
    in it, what holds everywhere."""
    found = await unit_orders.select_first_in(
        connection, unit_id, administration_id=processor.services.administration_id
    )
    if found is None:
        at = processor.services.clock.now()
        return shipped_measure_rules().law_of("", at).references.get(kind)
    (consignment,) = await consignment_store.select_consignments(
        connection, [found], administration_id=processor.services.administration_id
    )
    return (await governing_law(processor, connection, consignment)).law.references.get(kind)


async def reach_all(processor: Processor, unit_id: int | None = None) -> int:
    """Let orders reach what they have not reached yet, by their beginning or their end; return how many
    consignments that were. unit_id: those of one unit; None: all that stand."""
    services = processor.services
    async with services.database.read(services.administration_id) as connection:
        orders = await unit_orders.select_orders_to_reach(
            connection, administration_id=services.administration_id
        )
    reached_count = 0
    for order in orders:
        if unit_id is None or order.unit_id == unit_id:
            reached_count += await _reach(processor, order)
    return reached_count


async def _reach(processor: Processor, order: UnitOrder) -> int:
    some = reach_some if order.ended_by is None else release_some
    reached_count = 0

    async def work(connection: Connection) -> int:
        return await some(processor, connection, order, processor.services.clock.now())

    while found_count := await processor.write(work):
        reached_count += found_count
    return reached_count


async def read_unit_acts(processor: Processor, connection: Connection, unit_id: int) -> list[UnitActSeen]:
    """Return what was done to a unit, oldest first. For officers. Raises SeraiError `not-found`."""
    key = {"administration_id": processor.services.administration_id}
    if not await unit_orders.is_unit(connection, unit_id, **key):
        raise not_found()
    acts = [one.act for one in await select_acts(connection, [unit_id], **key)]
    orders = (await unit_orders.select_unit_orders(connection, [unit_id], **key)).get(unit_id, [])
    standing = {one.order_id for one in orders}
    seen = []
    for act in acts:
        reached, kept = await unit_orders.count_reached(connection, act.act_id, **key)
        seen.append(
            UnitActSeen(
                format_id(act.act_id),
                act.kind.removeprefix("unit-"),
                act.at,
                act.reason_code,
                act.parameters.get("result_code"),
                format_id(act.leaf_id),
                act.act_id in standing,
                reached,
                kept,
            )
        )
    return seen


async def refuse_in_held_unit(processor: Processor, connection: Connection, consignment_id: int) -> None:
    """Raise SeraiError `transport-unit-held` where an order on a unit keeps a consignment."""
    number = await unit_orders.select_holding_unit(
        connection, consignment_id, administration_id=processor.services.administration_id
    )
    if number is not None:
        raise SeraiError(
            "transport-unit-held",
            MessageText(
                "The goods lie in {number}, which is held: they are not released before it is.", number=number
            ),
            "Release the transport unit on its page; its parcels go on by themselves.",
        )


def _number_of(kind: int, number: str) -> str:
    """Return a unit's number as people say it: a movement's ends with its day."""
    return number.partition("/")[0] if UNIT_KINDS[kind - 1] == "movement" else number
