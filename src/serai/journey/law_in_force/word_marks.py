"""Word marks of recordals put in force: a new generation, which every process follows."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from psycopg import AsyncConnection

from serai.foundation.database import Database
from serai.journey.assessment.store import Component, make_component
from serai.journey.law_in_force.service import First, derive_law
from serai.journey.screening.word_marks import FILE_NAME, WORD_MARKS, MarkedRight, write_rights

Connection = AsyncConnection[Any]


async def put_word_marks(
    database: Database,
    administration_id: int,
    at: dt.datetime,
    note: str,
    read: Callable[[Connection], Awaitable[Sequence[MarkedRight]]],
    *,
    first: First | None = None,
) -> int:
    """Put the marks in force that are read in the same transaction; returns the generation in force then.

    Where they are as they were, nothing is derived. first: as in `derive_law`.
    """
    rights: list[MarkedRight] = []

    async def before(connection: Connection) -> None:
        if first is not None:
            await first(connection)
        rights.extend(await read(connection))

    def derive(present: list[Component]) -> list[Component]:
        others = [one for one in present if one.kind != WORD_MARKS]
        if not rights:
            return others
        return [*others, make_component(WORD_MARKS, FILE_NAME, write_rights(rights))]

    generation_id, _ = await derive_law(database, administration_id, at, note, derive, first=before)
    return generation_id
