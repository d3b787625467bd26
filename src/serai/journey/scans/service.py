"""Everybody on what is in flight, held against lists that were put in force after it was decided.

Some thousands of consignments at a time: their people are opened from the vault batch by batch, with one line
of the ledger for each batch and scan, and who bears a name of a new list is decided again. Where a process
ends, another goes on. What comes in later was held against the list when it came.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at, following
from serai.foundation.vault.reading import Reach, open_people
from serai.foundation.vault.records import Opened
from serai.foundation.vault.sealing import RecordKey
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Component
from serai.journey.law_in_force.state import IN_FORCE_EVERYWHERE, LawState, denied_entries
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.scans import store
from serai.journey.scans.store import InFlight, Scan
from serai.journey.screening.lists import build_lists
from serai.law.vague_words import no_vague_words
from serai.model.documents import IDENTIFIERS, roles_of
from serai.model.names.normalised import sorted_names

Connection = AsyncConnection[Any]

PURPOSE: Final = "list-scan"
CHUNK_COUNT: Final = 5_000
"""Consignments looked at in one transaction at most."""


class _Named(msgspec.Struct, frozen=True):
    """Of a person that the vault holds: the name alone."""

    name: str | None = None


_DECODER = msgspec.json.Decoder(_Named)


async def scan_lists(processor: Processor) -> bool:
    """Hold what is in flight against the lists in force, as far as that was not done; say whether all of it
    was.

    False: they are not in force everywhere yet, or another process is at it.
    """
    services, law = processor.services, processor.law
    at = services.clock.now()
    names: frozenset[str] | None = None
    async with services.database.write() as connection:
        activated_at = await assessment_store.select_activated_at(
            connection, law.generation_id, administration_id=services.administration_id
        )
    if activated_at is None or at < activated_at + IN_FORCE_EVERYWHERE:
        return False
    until_id = first_id_at(activated_at + IN_FORCE_EVERYWHERE)

    async def work(connection: Connection) -> bool | None:
        nonlocal names
        scan = await store.hold_scan(
            connection,
            law.generation_id,
            administration_id=services.administration_id,
            until_id=until_id,
            at=at,
        )
        if scan is None:
            return False
        if scan.finished_at is not None:
            return True
        if names is None:
            names = await _new_names(connection, law, administration_id=services.administration_id)
        return await _scan_some(processor, connection, law, scan, names)

    while True:
        is_done: bool | None = await processor.write(work)
        if is_done is not None:
            return is_done


async def _new_names(connection: Connection, law: LawState, *, administration_id: int) -> frozenset[str]:
    """Return the names, as screening looks them up, on lists that the scan before did not have."""
    before = await store.select_scanned_before(
        connection, law.generation_id, administration_id=administration_id
    )
    known: Sequence[bytes] = ()
    if before is not None:
        known = (
            await assessment_store.select_one_generation(
                connection, before, administration_id=administration_id
            )
            or ()
        )
    fresh = [
        one for one in law.components if one.kind == "denied-parties" and one.component_hash not in set(known)
    ]
    return await asyncio.to_thread(_names_on, fresh)


def _names_on(components: Sequence[Component]) -> frozenset[str]:
    """Read the names on lists, which may hold tens of thousands."""
    entries = [entry for one in components for entry in denied_entries(one)]
    return frozenset(build_lists(entries, no_vague_words()).names)


async def _scan_some(
    processor: Processor, connection: Connection, law: LawState, scan: Scan, names: frozenset[str]
) -> bool | None:
    """Look at the next consignments; returns True when none is left, else None."""
    services, at = processor.services, processor.services.clock.now()
    found: list[InFlight] = []
    if names:
        found = await store.select_in_flight(
            connection, scan, administration_id=services.administration_id, limit=CHUNK_COUNT
        )
    listed: list[int] = []
    if found:
        owners = {record: one.consignment_id for one in found for record in _people_of(one)}
        reach = Reach(services.administration_id, PURPOSE, "serai", at)
        opened = await open_people(services.database.write, services.keyring, list(owners), reach)
        listed = await beside_the_loop(len(found), _find_listed, opened, owners, names)
        if listed:
            await redetermine(services, connection, law, listed, at, listed=frozenset(listed))
    is_last = len(found) < CHUNK_COUNT
    await store.advance_scan(
        connection,
        law.generation_id,
        administration_id=services.administration_id,
        after_id=found[-1].consignment_id if found else scan.after_id,
        read_count=len(found),
        listed_count=len(listed),
        finished_at=at if is_last else None,
    )
    return True if is_last else None


def _people_of(one: InFlight) -> list[RecordKey]:
    """Return how the vault names the people of a consignment; numbers in registers are no people."""
    roles = roles_of(one.person_roles)
    ids = following(one.first_person_id, len(roles)) if roles else ()
    return [
        (person_id, one.document_id)
        for role, person_id in zip(roles, ids, strict=True)
        if role != IDENTIFIERS
    ]


def _find_listed(
    opened: Mapping[RecordKey, Opened], owners: Mapping[RecordKey, int], names: frozenset[str]
) -> list[int]:
    """Return the consignments on which somebody bears one of the names, sorted. A name is read once."""
    bearers: dict[str, set[int]] = {}
    for record, one in opened.items():
        name = _DECODER.decode(one.value).name
        if name:
            bearers.setdefault(name, set()).add(owners[record])
    distinct = list(bearers)
    return sorted(
        {
            consignment_id
            for name, key in zip(distinct, sorted_names(distinct), strict=True)
            if key in names
            for consignment_id in bearers[name]
        }
    )
