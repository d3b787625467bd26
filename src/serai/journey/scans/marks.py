"""What is in flight, held against word marks of recordals that came into force or ended after it was decided.

Goods whose description names such a mark are decided again: a new mark is looked at by an officer, and what
stood against a mark that is gone alone goes on. What an officer detained for a right stays so.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from serai.foundation.vault.reading import Reach
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Component
from serai.journey.law_in_force.state import LawState
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.recording.read_back import read_messages
from serai.journey.scans import store
from serai.journey.scans.service import Connection, Look, run_scan_of_generation
from serai.journey.scans.store import InFlight
from serai.journey.screening.word_marks import (
    WORD_MARKS,
    MarkedRight,
    WordMarks,
    build_word_marks,
    read_rights,
)
from serai.model.documents import Consignment
from serai.model.packed_detail import unpack_detail

PURPOSE: Final = "mark-scan"
CHUNK_COUNT: Final = 1_000
"""Consignments looked at in one transaction at most: of a mark that is often named many are decided again."""


async def scan_marks(processor: Processor) -> bool:
    """Hold what is in flight against the marks that are new or gone, as far as that was not done; say whether
    all of it was.

    False: they are not in force everywhere yet, or another process is at it.
    """
    law = processor.law

    async def look_for(connection: Connection) -> Look | None:
        before = await _rights_before(connection, law, processor.services.administration_id)
        differing = changed_rights(before, _rights_of(law.components))
        return _look_for_marks(processor, law, build_word_marks(differing)) if differing else None

    return await run_scan_of_generation(processor, "mark", law, look_for)


def changed_rights(before: Sequence[MarkedRight], now: Sequence[MarkedRight]) -> list[MarkedRight]:
    """Return rights that are looked for now and were not before, or otherwise, and those that were and are
    no more."""
    gone = [one for one in before if one not in now]
    return [*gone, *(one for one in now if one not in before)]


async def _rights_before(connection: Connection, law: LawState, administration_id: int) -> list[MarkedRight]:
    """Return the rights that everything in flight was held against last; none where that never was."""
    generation_id = await store.select_scanned_before(
        connection, "mark", law.generation_id, administration_id=administration_id
    )
    if generation_id is None:
        return []
    hashes = await assessment_store.select_one_generation(
        connection, generation_id, administration_id=administration_id
    )
    known = {one.component_hash: one for one in law.components if one.kind == WORD_MARKS}
    if any(one in known for one in hashes or ()):
        return _rights_of(law.components)
    return _rights_of(await assessment_store.select_components(connection, hashes or ()))


def _rights_of(components: Sequence[Component]) -> list[MarkedRight]:
    marked = next((one.content for one in components if one.kind == WORD_MARKS), None)
    return [] if marked is None else read_rights(marked)


def _look_for_marks(processor: Processor, law: LawState, marks: WordMarks) -> Look:
    services = processor.services
    prefixes = tuple({prefix for one in marks.rights for prefix in one.hs_prefixes})

    async def find(found: list[InFlight]) -> list[int]:
        """Open those declarations alone whose goods are of a kind that a mark is recorded for, with one line
        of the ledger."""
        async with services.database.write() as connection:
            recorded = await store.select_details(
                connection,
                [one.consignment_id for one in found],
                administration_id=services.administration_id,
            )
        may = await beside_the_loop(len(recorded), _may_bear, prefixes, recorded)
        if not may:
            return []
        reach = Reach(services.administration_id, PURPOSE, "serai", services.clock.now())
        opened = await read_messages(services, sorted(may.values()), reach)
        documents = {one: opened[document][0] for one, document in may.items() if document in opened}
        return await beside_the_loop(len(documents), _bearing, marks, documents)

    async def settle(connection: Connection, hits: list[int]) -> None:
        await redetermine(services, connection, law, hits, services.clock.now())

    return Look(find, settle, count_max=CHUNK_COUNT)


def _may_bear(prefixes: tuple[str, ...], recorded: Sequence[tuple[int, int, bytes]]) -> dict[int, int]:
    """Return the documents of consignments with goods of some kinds, by consignment."""
    return {
        consignment_id: document_id
        for consignment_id, document_id, detail in recorded
        if any(one.commodity_code.startswith(prefixes) for one in unpack_detail(detail).items)
    }


def _bearing(marks: WordMarks, documents: Mapping[int, Consignment]) -> list[int]:
    """Return the consignments whose goods name a mark, sorted."""
    goods = [
        (consignment_id, item.description, item.commodity_code, document.seller_id)
        for consignment_id, document in documents.items()
        for item in document.goods_items
    ]
    named = marks.name_each([one[1:] for one in goods])
    return sorted({one[0] for one, its in zip(goods, named, strict=True) if its})
