"""What waited for a law is decided when that is loaded: once for each generation, some thousand at a time.

Whoever is told of decisions is told of these as of any other. A law that comes for other dates or channels
changes nothing, and nothing is recorded then.
"""

from typing import Final

from serai.journey.law_in_force.state import LawState
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.scans.service import Connection, Look, new_components, run_scan_of_generation
from serai.journey.scans.store import InFlight

CHUNK_COUNT: Final = 1_000
"""Consignments decided again in one transaction at most: nearly each that is looked at is, and others of its
case wait meanwhile."""


async def scan_law(processor: Processor) -> bool:
    """Decide what waits for a law that has come, as far as that was not done; say whether all of it was.

    False: the law is not in force everywhere yet, or another process is at it.
    """
    law = processor.law

    async def look_for(connection: Connection) -> Look | None:
        fresh = await new_components(
            connection, law, "law", "law-file", administration_id=processor.services.administration_id
        )
        return _look_for_waiting(processor, law) if fresh else None

    return await run_scan_of_generation(processor, "law", law, look_for)


def _look_for_waiting(processor: Processor, law: LawState) -> Look:
    services = processor.services
    has_law: dict[str, bool] = {}

    async def find(found: list[InFlight]) -> list[int]:
        for country in {one.consignee_country_code for one in found} - has_law.keys():
            has_law[country] = bool(law.book.packs_for(country))
        return [one.consignment_id for one in found if has_law[one.consignee_country_code]]

    async def settle(connection: Connection, hits: list[int]) -> None:
        await redetermine(services, connection, law, hits, services.clock.now())

    return Look(find, settle, "without-law", CHUNK_COUNT)
