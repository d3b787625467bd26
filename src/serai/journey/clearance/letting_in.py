"""Documents that wait are let in when a mandate begins to count."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.journey.advise.store import DOCUMENT_KINDS
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.meeting import meet_again
from serai.journey.clearance.other_documents import decide_cases_again
from serai.journey.mandates import store as mandate_store
from serai.journey.match import store as match_store

Connection = AsyncConnection[Any]
Write = Callable[[Callable[[Connection], Awaitable[Any]]], Awaitable[Any]]
"""Does work in a write transaction, again after a deadlock."""

CHUNK_COUNT = 500


async def reach_mandates(equipment: Equipment, write: Write, law: LawState, at: datetime) -> int:
    """Look at what waited for mandates that have begun to count, chunk by chunk, each a transaction; returns
    their number. A process that ends between leaves the mandate to the next that looks."""
    async with equipment.database.write() as connection:
        unreached = await mandate_store.select_unreached(
            connection, administration_id=equipment.administration_id, at=at
        )
    for mandate in unreached:
        kinds = [DOCUMENT_KINDS.index(kind) + 1 for kind in mandate.document_kinds if kind in DOCUMENT_KINDS]
        after_id: int | None = 0
        while after_id is not None and kinds:
            after_id = await _let_in(
                equipment, write, law, at, party_id=mandate.grantee_id, kinds=kinds, after_id=after_id
            )

        async def note(connection: Connection, mandate_id: int = mandate.mandate_id) -> None:
            await mandate_store.note_reached(connection, mandate_id)

        await write(note)
    return len(unreached)


async def _let_in(
    equipment: Equipment,
    write: Write,
    law: LawState,
    at: datetime,
    *,
    party_id: int,
    kinds: Sequence[int],
    after_id: int,
) -> int | None:
    """Let some documents of a party look for their cases; returns the last of them, None: there is none."""

    async def work(connection: Connection) -> int | None:
        waiting = await match_store.select_waiting_of_party(
            connection,
            party_id,
            kinds=kinds,
            administration_id=equipment.administration_id,
            after_id=after_id,
            limit=CHUNK_COUNT,
        )
        if not waiting:
            return None
        meeting = await meet_again(connection, waiting, administration_id=equipment.administration_id, at=at)
        await decide_cases_again(equipment, connection, law, meeting.gained, at)
        return waiting[-1]

    last: int | None = await write(work)
    return last
