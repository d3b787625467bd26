"""Groups of parcels as officers read them, and what they say: one order, or separate orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import find_case
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.split_shipments import store
from serai.journey.split_shipments.store import Group, Member, State
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.frames import LANES, STATUSES
from serai.model.money import format_minor

Connection = AsyncConnection[Any]

Verdict = Literal["one-order", "separate-orders"]
"""What an officer says of a group."""
SEPARATE: Final = "separate-orders"
KIND: Final = "split-verdict"


class SplitParcel(msgspec.Struct, frozen=True):
    """A parcel of a group. value: what its law holds against the limit. lane, status: as it stands now."""

    consignment_id: str
    case_id: str
    reference: str
    value: str
    sent_at: datetime
    lane: str
    status: str


class SplitGroup(msgspec.Struct, frozen=True):
    """Parcels that may be parts of one order. value: of all together; limit: of low value, by their law.
    state: open, one-order or separate-orders. window_days: each was sent within so many days of another."""

    group_id: str
    state: State
    opened_at: datetime
    decided_at: datetime | None
    first_sent_at: datetime
    last_sent_at: datetime
    parcels_count: int
    window_days: int
    value: str
    limit: str
    currency_code: str
    parcels: list[SplitParcel]


async def read_groups(processor: Processor, states: Sequence[State]) -> list[SplitGroup]:
    """Return groups in some states, those that wait longest first. For officers alone."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    async with services.database.read(services.administration_id) as connection:
        groups = await store.select_groups(connection, states, **key)
        return await _told(connection, groups, services.administration_id)


async def read_group(processor: Processor, group_id: int) -> SplitGroup:
    """Return a group. For officers alone. Raises SeraiError `not-found`."""
    services = processor.services
    async with services.database.read(services.administration_id) as connection:
        group = await store.select_group(connection, group_id, administration_id=services.administration_id)
        if group is None:
            raise not_found()
        (told,) = await _told(connection, [group], services.administration_id)
    return told


async def decide_group(
    processor: Processor, sender: Sender, group_id: int, *, verdict: Verdict, reason: str
) -> SplitGroup:
    """Say of a group what it is. For officers; the first word stands, the same again is harmless.

    separate-orders: all its parcels are decided again as if no group had been, and it is never made again.
    one-order: they stay in review until an officer ends the control of each; what they owe together is said
    by the law's own aggregation. Raises SeraiError `not-found`, `split-group-decided`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> None:
        if "officer" not in sender.roles:
            raise not_found()
        # Cases before groups, as everywhere: parcels are added to a group under its cases' locks, too.
        rows = await _rows_of(connection, [group_id], services.administration_id)
        for row in rows:
            await find_case(processor, connection, sender, row.case_id)
        state = await store.hold_group(connection, group_id, **key)
        if state is None:
            raise not_found()
        if state == verdict:
            return
        if state != store.OPEN:
            raise SeraiError(
                "split-group-decided",
                "This group was decided before, and otherwise.",
                "Read what was said of it; an appeal of whoever declared a parcel can undo it.",
            )
        for row in rows:
            act = _act(processor, sender, row, group_id, verdict)
            await record_act(services, connection, act, reason)
        decided_by = sender.acting_user or "unknown"
        await store.decide_group(connection, group_id, verdict, decided_by=decided_by, at=at, **key)
        if verdict == SEPARATE:
            ids = sorted(row.consignment_id for row in rows)
            await redetermine(services, connection, processor.law, ids, at)

    await processor.write(work)
    return await read_group(processor, group_id)


async def undo_group_of(
    processor: Processor, connection: Connection, consignment_id: int, *, decided_by: str, at: datetime
) -> bool:
    """Undo the group that a parcel is in, since an appeal was allowed: all its parcels are decided again as
    separate orders. Says whether it was in one."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    if not await store.select_suspected(connection, [consignment_id], **key):
        return False
    group_id = (await store.select_memberships(connection, [consignment_id], **key))[consignment_id]
    await store.hold_group(connection, group_id, **key)
    await store.decide_group(connection, group_id, SEPARATE, decided_by=decided_by, at=at, **key)
    members = await store.select_members(connection, [group_id], **key)
    ids = sorted(one.consignment_id for one in members)
    await redetermine(services, connection, processor.law, ids, at)
    return True


async def _rows_of(
    connection: Connection, group_ids: Sequence[int], administration_id: int
) -> list[ConsignmentRow]:
    members = await store.select_members(connection, group_ids, administration_id=administration_id)
    return await consignment_store.select_consignments(
        connection, sorted(one.consignment_id for one in members), administration_id=administration_id
    )


async def _told(connection: Connection, groups: Sequence[Group], administration_id: int) -> list[SplitGroup]:
    ids = [one.group_id for one in groups]
    members = await store.select_members(connection, ids, administration_id=administration_id)
    rows = {one.consignment_id: one for one in await _rows_of(connection, ids, administration_id)}
    return [
        _group_out(group, [one for one in members if one.group_id == group.group_id], rows)
        for group in groups
    ]


def _group_out(group: Group, members: Sequence[Member], rows: dict[int, ConsignmentRow]) -> SplitGroup:
    currency = group.currency_code
    parcels = [
        SplitParcel(
            format_id(one.consignment_id),
            format_id(row.case_id),
            row.reference,
            format_minor(one.value_minor, currency),
            one.sent_at,
            LANES[row.lane],
            STATUSES[row.status],
        )
        for one in members
        if (row := rows.get(one.consignment_id)) is not None
    ]
    return SplitGroup(
        group_id=format_id(group.group_id),
        state=group.state,
        opened_at=group.opened_at,
        decided_at=group.decided_at,
        first_sent_at=min(one.sent_at for one in members),
        last_sent_at=max(one.sent_at for one in members),
        parcels_count=len(members),
        window_days=group.window_days,
        value=format_minor(sum(one.value_minor for one in members), currency),
        limit=format_minor(group.limit_minor, currency),
        currency_code=currency,
        parcels=parcels,
    )


def _act(processor: Processor, sender: Sender, row: ConsignmentRow, group_id: int, verdict: Verdict) -> Act:
    act_id = int(processor.services.ids.take(1)[0])
    return Act(
        act_id=act_id,
        case_id=row.case_id,
        kind=KIND,
        subject_id=row.consignment_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=processor.services.clock.now(),
        leaf_id=act_id,
        version=row.version,
        expected_decision_id=row.decision_id,
        parameters={"group": format_id(group_id), "verdict": verdict},
    )
