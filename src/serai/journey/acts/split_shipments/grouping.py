"""Parcels whose keys are new are held against those before; what may be one order goes to an officer."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from psycopg import AsyncConnection

from serai.journey.consignments import store as consignment_store
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.split_shipments import store
from serai.journey.split_shipments.marks import mark_on, shipped_marks
from serai.journey.split_shipments.rules import Candidate, FoundGroup, find_groups
from serai.journey.split_shipments.store import KeyedParcel
from serai.model.frames import WITHDRAWN

Connection = AsyncConnection[Any]

_KEPT_BEYOND: Final = timedelta(days=7)
"""How long keys are kept beyond the window: parcels come in late."""


async def group_parcels(processor: Processor) -> bool:
    """Look at keys that nobody has looked at; say whether there were any.

    Each new member of a group is decided again, which puts it in the lane of review. What is released
    already is named in the group and stays released.
    """
    if not processor.services.groups_parcels:
        return False
    found: bool = await processor.write(lambda connection: _group_some(processor, connection))
    return found


async def forget_keys(processor: Processor) -> None:
    """Remove keys whose window is long over."""
    services, at = processor.services, processor.services.clock.now()
    days = max((one.window_days for one in shipped_marks()), default=0)
    async with services.database.write() as connection:
        await store.forget_keys(
            connection, at - timedelta(days=days) - _KEPT_BEYOND, administration_id=services.administration_id
        )


async def _group_some(processor: Processor, connection: Connection) -> bool:
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    hashes = await store.take_key_hashes(connection, **key)
    if hashes is None:
        return False
    mark = mark_on(shipped_marks(), at.date())
    parcels = await store.select_candidates(connection, hashes, **key) if mark is not None else []
    if mark is None or not parcels:
        return True
    parcels = await _as_they_stand(processor, connection, parcels)
    currencies = {one.candidate.consignment_id: one.currency_code for one in parcels}
    groups = find_groups(
        [one.candidate for one in parcels], window_days=mark.window_days, parcels_min=mark.parcels_min
    )
    added: list[int] = []
    for group in groups:
        opened = {
            "at": at,
            "limit_minor": group.parcels[0].limit_minor,
            "window_days": mark.window_days,
            "currency_code": currencies[group.parcels[0].consignment_id],
        }
        added += await _keep_group(processor, connection, group, opened)
    if added:
        await redetermine(services, connection, processor.law, sorted(added), at)
    return True


async def _as_they_stand(
    processor: Processor, connection: Connection, parcels: Sequence[KeyedParcel]
) -> list[KeyedParcel]:
    """Leave out what was amended since its key was made, and what was invalidated."""
    rows = await consignment_store.select_consignments(
        connection,
        sorted({one.candidate.consignment_id for one in parcels}),
        administration_id=processor.services.administration_id,
    )
    versions = {one.consignment_id: one.version for one in rows if one.status != WITHDRAWN}
    kept = {
        one.candidate.consignment_id: one
        for one in parcels
        if versions.get(one.candidate.consignment_id) == one.version
    }
    return list(kept.values())


async def _keep_group(
    processor: Processor, connection: Connection, group: FoundGroup, opened: Mapping[str, Any]
) -> list[int]:
    """Open a group, or add parcels to the one that is there; return those that are new in it. opened: what is
    kept of a new one."""
    key = {"administration_id": processor.services.administration_id}
    ids = [one.consignment_id for one in group.parcels]
    known = await store.select_memberships(connection, ids, **key)
    fresh: list[Candidate] = [one for one in group.parcels if one.consignment_id not in known]
    if not fresh:
        return []
    group_id = min(known.values(), default=0)
    if not known:
        group_id = int(processor.services.ids.take(1)[0])
        await store.insert_group(connection, {"group_id": group_id, **opened, **key})
    await store.insert_members(connection, group_id, fresh, **key)
    return [one.consignment_id for one in fresh]
