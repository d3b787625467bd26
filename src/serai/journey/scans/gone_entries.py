"""Parcels that stood against entries which are on no list any more, or read otherwise now: looked at anew."""

from typing import Any, Final

from psycopg import AsyncConnection

from serai.journey.law_in_force.state import LawState
from serai.journey.name_verdicts import store as name_store
from serai.journey.name_verdicts.store import Wording
from serai.journey.processing.transaction import Processor
from serai.journey.scans import store
from serai.journey.scans.people import PeopleInFlight
from serai.journey.screening.list_entry import entry_hash_of

Connection = AsyncConnection[Any]

CHUNK_COUNT: Final = 500
"""Consignments looked at in one transaction at most: each is decided again."""


async def look_at_gone_entries(processor: Processor, law: LawState) -> None:
    """Look anew at the people of consignments that resembled an entry which is gone, or has another wording.

    What stood against nothing else is free; what resembles the new wording stands against that, unless an
    officer has said of it that it is another person. What is released is noted, and stays as it is. Where a
    process ends, the next one finds what is left.
    """
    while await processor.write(lambda connection: _look_at_some(processor, connection, law)):
        pass


async def _look_at_some(processor: Processor, connection: Connection, law: LawState) -> bool:
    """Look at the next ones; say whether there may be more."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    if not await name_store.is_my_turn(connection, **key):
        return False
    gone = _gone(await name_store.select_entries(connection, **key), law)
    if not gone:
        return False
    ids = await name_store.select_of_entries(connection, gone, limit=CHUNK_COUNT, **key)
    if not ids:
        return False
    in_flight = await store.select_some_in_flight(connection, ids, **key)
    people = PeopleInFlight(processor)
    await people.open(in_flight)
    await name_store.end_hits(connection, ids, at=at, **key)
    await people.decide(connection, law, [one.consignment_id for one in in_flight])
    return True


def _gone(wordings: list[Wording], law: LawState) -> list[Wording]:
    """Return those of some wordings that no list in force has."""
    wanted = {(list_code, entry_id) for list_code, entry_id, _ in wordings}
    present = {
        (one.list_code, one.entry_id, entry_hash_of(one))
        for one in law.lists.screener.entries
        if (one.list_code, one.entry_id) in wanted
    }
    return [one for one in wordings if one not in present]
