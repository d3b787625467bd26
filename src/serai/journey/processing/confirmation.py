"""Documents that wait are let in when a mandate begins to count, and cases go on when their number is no
longer disputed."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.link import meet_again, meet_over
from serai.journey.mandates import store as mandate_store
from serai.journey.matching import store as matching_store
from serai.journey.matching.match_keys import Key
from serai.journey.processing.supporting_documents.process import redetermine_cases
from serai.journey.services import Services

Connection = AsyncConnection[Any]
Write = Callable[[Callable[[Connection], Awaitable[Any]]], Awaitable[Any]]
"""Does work in a write transaction, again after a deadlock."""

CHUNK_COUNT = 500


async def reach_mandates(services: Services, write: Write, law: LawState, at: datetime) -> int:
    """Look at what waited for mandates that have begun to count, chunk by chunk, each a transaction; returns
    their number. A process that ends between leaves the mandate to the next that looks."""
    async with services.database.write() as connection:
        unreached = await mandate_store.select_unreached(
            connection, administration_id=services.administration_id, at=at
        )
    for mandate in unreached:
        kinds = [DOCUMENT_KINDS.index(kind) + 1 for kind in mandate.document_kinds if kind in DOCUMENT_KINDS]
        after_id: int | None = 0
        while after_id is not None and kinds:
            after_id = await _let_in(
                services, write, law, at, party_id=mandate.grantee_id, kinds=kinds, after_id=after_id
            )

        if "declaration" in mandate.document_kinds:
            await _settle(services, write, law, at, party_id=mandate.grantor_id)

        async def note(connection: Connection, mandate_id: int = mandate.mandate_id) -> None:
            await mandate_store.note_reached(connection, mandate_id)

        await write(note)
    return len(unreached)


async def meet_over_disputed(
    services: Services, connection: Connection, law: LawState, keys: AbstractSet[Key], at: datetime
) -> None:
    """Let whatever carries these numbers meet once more, and decide again what they held up.

    For what is no declaration or document that comes in: one is taken back, or a mandate says whose it is.
    """
    linked = await meet_over(connection, keys, administration_id=services.administration_id, at=at)
    await redetermine_cases(services, connection, law, linked.gained, at)


async def _settle(services: Services, write: Write, law: LawState, at: datetime, *, party_id: int) -> None:
    """Look anew at the disputed numbers of documents of a party, which has said who declares for it."""

    async def work(connection: Connection) -> None:
        keys = await matching_store.select_disputed_of_sender(
            connection, party_id, administration_id=services.administration_id
        )
        await meet_over_disputed(services, connection, law, keys, at)

    await write(work)


async def _let_in(
    services: Services,
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
        waiting = await matching_store.select_waiting_of_party(
            connection,
            party_id,
            kinds=kinds,
            administration_id=services.administration_id,
            after_id=after_id,
            limit=CHUNK_COUNT,
        )
        if not waiting:
            return None
        linked = await meet_again(connection, waiting, administration_id=services.administration_id, at=at)
        await redetermine_cases(services, connection, law, linked.gained, at)
        return waiting[-1]

    last: int | None = await write(work)
    return last
