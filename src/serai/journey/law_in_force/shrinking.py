"""Lists that have far fewer entries than those in force: kept back until a second person has looked.

A broken export looks like a delisting of half the world, and would free whatever stands against it.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.database import Database
from serai.foundation.queries import load_queries
from serai.foundation.settings import ListsSettings
from serai.journey.assessment import store as assessment_store
from serai.journey.law_in_force.list_files import ListKind, read_list
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

QUERIES = load_queries(Path(__file__).with_name("shrinking.sql"))
Connection = AsyncConnection[Any]
_PERCENT: Final = 100
_KINDS: Final = frozenset({"denied-parties", "scheme-register"})
"""Whose entries are counted: one that is missing lets something through."""


class Shrunk(NamedTuple):
    """A list with far fewer entries. before_count: of the one in force under its name."""

    entries_count: int
    before_count: int

    def refuse(self, name: str) -> SeraiError:
        """Return the error of whoever cannot ask a second person."""
        return SeraiError(
            "list-shrinks",
            MessageText(
                "{name} has {count} entries; the list in force has {before}. It was kept back.",
                name=name,
                count=str(self.entries_count),
                before=str(self.before_count),
            ),
            "Ask its publisher. If it is right, send it over the page or HTTP: a second person accepts it.",
        )

    @property
    def detail(self) -> str:
        """Say it to whoever decides."""
        return f"kept back: {self.entries_count} entries; the list in force has {self.before_count}"


async def find_shrunk(
    database: Database,
    administration_id: int,
    kind: ListKind,
    name: str,
    *,
    entries_count: int,
    settings: ListsSettings,
) -> Shrunk | None:
    """Say whether a list has far fewer entries than the one of its kind and name in force; None: it has not,
    or there is none, or the one there is is too short to tell."""
    if kind not in _KINDS or not settings.kept_back_percent:
        return None
    async with database.write() as connection:
        found = await assessment_store.select_generation(connection, administration_id=administration_id)
        components = [] if found is None else await assessment_store.select_components(connection, found[1])
    content = next((one.content for one in components if (one.kind, one.name) == (kind, name)), None)
    if content is None:
        return None
    before_count = len(await asyncio.to_thread(read_list, kind, name, content))
    is_short = entries_count * _PERCENT <= before_count * settings.kept_back_percent
    if before_count < settings.kept_back_count_min or not is_short:
        return None
    return Shrunk(entries_count, before_count)


async def note_kept_back(
    connection: Connection,
    proposal_id: int,
    kind: ListKind,
    name: str,
    shrunk: Shrunk,
    *,
    at: datetime,
    administration_id: int,
) -> None:
    """Note that a proposal is a list which was kept back: an alarm until somebody has decided it."""
    await connection.execute(
        QUERIES["note_kept_back"],
        {
            "proposal_id": proposal_id,
            "at": at,
            "entry_count": shrunk.entries_count,
            "entry_count_before": shrunk.before_count,
            "administration_id": administration_id,
            "kind": kind,
            "name": name,
        },
    )


async def count_kept_back(connection: Connection, *, administration_id: int, at: datetime) -> int:
    """Return how many lists are kept back and wait for a second person."""
    cursor = await connection.execute(
        QUERIES["count_kept_back"], {"administration_id": administration_id, "at": at}
    )
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])
