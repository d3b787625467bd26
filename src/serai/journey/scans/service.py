"""Everybody on what is in flight, held against lists that were put in force after it was decided.

Some thousands of consignments at a time: their people are opened from the vault batch by batch, with one line
of the ledger for each batch and scan, and who resembles an entry of a new list is decided again, unless an
officer has said that it is another person. Where a process ends, another goes on. What comes in later was
held against the list when it came. What stood against entries that are gone, or that read otherwise now, is
looked at anew before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Component
from serai.journey.law_in_force.state import IN_FORCE_EVERYWHERE, LawState, denied_entries
from serai.journey.processing.transaction import Processor
from serai.journey.scans import store
from serai.journey.scans.gone_entries import look_at_gone_entries
from serai.journey.scans.people import PeopleInFlight
from serai.journey.scans.store import Among, InFlight, Kind, Scan
from serai.journey.screening.screener import Screener, build_screener

Connection = AsyncConnection[Any]

CHUNK_COUNT: Final = 5_000
"""Consignments looked at in one transaction at most."""


class Look(NamedTuple):
    """What a scan does with consignments in flight. find: says which of them are hits; settle: does what
    follows for those, in the scan's transaction. among: which of them it looks at. count_max: at how many in
    one transaction."""

    find: Callable[[list[InFlight]], Awaitable[list[int]]]
    settle: Callable[[Connection, list[int]], Awaitable[None]]
    among: Among = "all"
    count_max: int | None = None


async def scan_lists(processor: Processor) -> bool:
    """Hold what is in flight against the lists in force, as far as that was not done; say whether all of it
    was.

    False: they are not in force everywhere yet, or another process is at it.
    """
    law = processor.law
    if not await _in_force_everywhere_since(processor, law):
        return False
    await look_at_gone_entries(processor, law)

    async def look_for(connection: Connection) -> Look | None:
        fresh = await new_components(
            connection, law, "list", "denied-parties", administration_id=processor.services.administration_id
        )
        screener = await asyncio.to_thread(_screener_of, fresh)
        return _look_for_names(processor, law, screener) if screener.entries else None

    return await run_scan_of_generation(processor, "list", law, look_for)


async def run_scan_of_generation(
    processor: Processor,
    kind: Kind,
    law: LawState,
    look_for: Callable[[Connection], Awaitable[Look | None]],
) -> bool:
    """Run a scan for what is new in a generation, on all that was decided before every process had taken it
    up; False: they have not yet, or another process is at it."""
    since = await _in_force_everywhere_since(processor, law)
    if since is None:
        return False
    return await run_scan(processor, kind, law.generation_id, first_id_at(since), look_for)


async def _in_force_everywhere_since(processor: Processor, law: LawState) -> datetime | None:
    """Return since when every process decides by a generation; None: not yet."""
    services = processor.services
    async with services.database.write() as connection:
        activated_at = await assessment_store.select_activated_at(
            connection, law.generation_id, administration_id=services.administration_id
        )
    if activated_at is None or services.clock.now() < activated_at + IN_FORCE_EVERYWHERE:
        return None
    return activated_at + IN_FORCE_EVERYWHERE


async def run_scan(
    processor: Processor,
    kind: Kind,
    subject_id: int,
    until_id: int,
    look_for: Callable[[Connection], Awaitable[Look | None]],
    *,
    goes_on: bool = False,
    after_id: int = 0,
) -> bool:
    """Look at what is in flight, chunk by chunk, each in a transaction of its own; say whether all of it was.

    look_for: says, once a process, what to look for; None: nothing, and the scan is done. goes_on: to what
    came since it was looked at last, up to until_id; else it is made once. after_id: behind which it begins.
    False: another process is at it.
    """
    services = processor.services
    known: list[Look | None] = []

    async def work(connection: Connection) -> bool | None:
        scan = await store.hold_scan(
            connection,
            kind,
            subject_id,
            administration_id=services.administration_id,
            until_id=until_id,
            at=services.clock.now(),
            after_id=after_id,
        )
        if scan is None:
            return False
        if goes_on and scan.until_id < until_id:
            scan = scan._replace(until_id=until_id, finished_at=None)
        if scan.finished_at is not None:
            return True
        if not known:
            known.append(await look_for(connection))
        return await _scan_some(processor, connection, scan, known[0])

    while True:
        is_done: bool | None = await processor.write(work)
        if is_done is not None:
            return is_done


async def new_components(
    connection: Connection, law: LawState, kind: Kind, component_kind: str, *, administration_id: int
) -> list[Component]:
    """Return the components of a kind that the generation of the last finished scan did not have."""
    before = await store.select_scanned_before(
        connection, kind, law.generation_id, administration_id=administration_id
    )
    known: Sequence[bytes] = ()
    if before is not None:
        known = (
            await assessment_store.select_one_generation(
                connection, before, administration_id=administration_id
            )
            or ()
        )
    hashes = set(known)
    return [one for one in law.components if one.kind == component_kind and one.component_hash not in hashes]


def _screener_of(components: Sequence[Component]) -> Screener:
    """Index the entries of lists, which may hold tens of thousands."""
    return build_screener(entry for one in components for entry in denied_entries(one))


async def _scan_some(
    processor: Processor, connection: Connection, scan: Scan, look: Look | None
) -> bool | None:
    """Look at the next consignments; returns True when none is left, else None."""
    services = processor.services
    found: list[InFlight] = []
    limit = CHUNK_COUNT if look is None or look.count_max is None else look.count_max
    if look is not None:
        found = await store.select_in_flight(
            connection, scan, look.among, administration_id=services.administration_id, limit=limit
        )
    hits: list[int] = []
    if found and look is not None:
        hits = await look.find(found)
        if hits:
            await look.settle(connection, hits)
    is_last = len(found) < limit
    # What is passed over at the end is not looked at again: all below until_id has been decided.
    after_id = scan.until_id - 1 if is_last else found[-1].consignment_id
    finished_at = services.clock.now() if is_last else None
    await store.advance_scan(
        connection,
        scan._replace(after_id=after_id, finished_at=finished_at),
        administration_id=services.administration_id,
        read_count=len(found),
        hit_count=len(hits),
    )
    return True if is_last else None


def _look_for_names(processor: Processor, law: LawState, fresh: Screener) -> Look:
    """Look for who resembles an entry of a new list. Who does is held against all lists in force: what is
    kept of a parcel is all that stands against it."""
    people = PeopleInFlight(processor)

    async def find(found: list[InFlight]) -> list[int]:
        await people.open(found)
        return await beside_the_loop(len(found), people.bearing, fresh)

    async def settle(connection: Connection, hits: list[int]) -> None:
        await people.decide(connection, law, hits)

    return Look(find, settle)
