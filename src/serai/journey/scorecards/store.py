"""What scores of roles are worked out of, and how all parties with a role stood in a month."""

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.foundation.queries import load_queries
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.scorecards.role_scores import DocumentDay, RoleMonth
from serai.journey.validation.data_quality.store import DaySum

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
Window = tuple[dt.date, dt.date]
"""First day and first day after, UTC."""
_WAITS = dt.timedelta(days=7)


class PartyMonth(NamedTuple):
    """What a party with these roles sent in a month."""

    roles: set[str]
    days: list[DaySum]
    documents: list[DocumentDay]


async def select_roles(
    connection: Connection, party_id: int, at: dt.datetime, *, administration_id: int
) -> list[str]:
    """Return the roles that a party has at an instant."""
    cursor = await connection.execute(
        QUERIES["select_roles"], {"party_id": party_id, "at": at, "administration_id": administration_id}
    )
    return [role for (role,) in await cursor.fetchall()]


async def select_document_days(
    connection: Connection, party_id: int, window: Window, at: dt.datetime, *, administration_id: int
) -> list[DocumentDay]:
    """Return what a party sent of supporting documents, by day and kind."""
    cursor = await connection.execute(
        QUERIES["select_document_days"],
        {"party_id": party_id, "administration_id": administration_id, **_ids_of(window, at)},
    )
    return [
        DocumentDay(day_on, DOCUMENT_KINDS[kind - 1], sent, counted)
        for day_on, kind, sent, counted in await cursor.fetchall()
    ]


async def select_month(
    connection: Connection, window: Window, at: dt.datetime, *, administration_id: int
) -> dict[int, PartyMonth]:
    """Return what each party sent in a window."""
    found: dict[int, PartyMonth] = defaultdict(lambda: PartyMonth(set(), [], []))
    given = {"administration_id": administration_id, "at": at}
    cursor = await connection.execute(
        QUERIES["select_month_days"], {**given, "from_on": window[0], "to_on": window[1]}
    )
    for party_id, roles, day_on, channel, code, field, taken, refused in await cursor.fetchall():
        found[party_id].roles.update(roles)
        found[party_id].days.append(
            DaySum(day_on, channel, code, field, int(taken), int(refused), 0, 0, 0, 0, 0)
        )
    cursor = await connection.execute(QUERIES["select_month_documents"], {**given, **_ids_of(window, at)})
    for party_id, roles, day_on, kind, sent, counted in await cursor.fetchall():
        found[party_id].roles.update(roles)
        found[party_id].documents.append(DocumentDay(day_on, DOCUMENT_KINDS[kind - 1], sent, counted))
    return found


async def put_role_month(connection: Connection, month: RoleMonth, *, administration_id: int) -> None:
    """Keep how the parties with a role stood in a month."""
    await connection.execute(
        QUERIES["put_role_month"],
        {**msgspec.structs.asdict(month), "administration_id": administration_id},
    )


async def drop_role_month(
    connection: Connection, role: str, month_on: dt.date, *, administration_id: int
) -> None:
    """Forget how the parties with a role stood in a month."""
    await connection.execute(
        QUERIES["drop_role_month"],
        {"role": role, "month_on": month_on, "administration_id": administration_id},
    )


async def select_role_months(
    connection: Connection, since: dt.date, *, administration_id: int
) -> list[RoleMonth]:
    """Return how roles stood in the months since a day, the newest first."""
    cursor = await connection.execute(
        QUERIES["select_role_months"], {"from_on": since, "administration_id": administration_id}
    )
    return [RoleMonth(*row) for row in await cursor.fetchall()]


async def select_dispute_party(
    connection: Connection, dispute_id: int, *, administration_id: int
) -> int | None:
    """Return who has sent a document with a dispute; None: there is none."""
    cursor = await connection.execute(
        QUERIES["select_dispute_party"], {"dispute_id": dispute_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


def _ids_of(window: Window, at: dt.datetime) -> dict[str, Any]:
    begin, end = (dt.datetime.combine(day, dt.time(), dt.UTC) for day in window)
    return {"from_id": first_id_at(begin), "to_id": first_id_at(end), "waited_since": at - _WAITS}
