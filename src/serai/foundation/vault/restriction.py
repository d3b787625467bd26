"""Persons whose data are restricted (GDPR 18): an erasure was asked for that the law does not let happen yet.

They are opened for the purposes that the law leaves, and for nothing else; once the ground ends they are
erased.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from serai.foundation.binary_arrays import bigints
from serai.foundation.vault.epochs import QUERIES, Connection

PURPOSES_LEFT: Final = frozenset(
    {
        "amend",
        "appeal",
        "audit",
        "buyer-code",
        "erasure",
        "list-scan",
        "match",
        "screening",
        "subject-request",
    }
)
"""For what a restricted person is still opened: claims and their defence, the checks that the law asks of
goods on their way, and the person's own requests (GDPR 18(2), 17(3)(b) and (e))."""


class Restriction(msgspec.Struct, frozen=True):
    """One restricted person. asked_for: why it is to be erased, a word; ground: what forbids that; until:
    when the ground ends, None: with an event that nobody can date. read_at: when it was last looked for among
    the people around it."""

    person_id: int
    asked_for: str
    ground: str
    until: datetime | None
    actor: str
    restricted_at: datetime
    read_at: datetime


async def restrict(connection: Connection, restriction: Restriction, *, administration_id: int) -> None:
    """Restrict a person; who is restricted stays so since when it was, under the ground of today."""
    parameters = msgspec.structs.asdict(restriction) | {"administration_id": administration_id}
    await connection.execute(QUERIES["insert_restriction"], parameters)


async def end_restrictions(
    connection: Connection, person_ids: Sequence[int], *, administration_id: int
) -> None:
    """Forget that persons were restricted: they are erased."""
    await connection.execute(
        QUERIES["delete_restrictions"],
        {"person_ids": bigints(person_ids), "administration_id": administration_id},
    )


async def select_restrictions(
    connection: Connection, person_ids: Sequence[int] | None = None, *, administration_id: int
) -> dict[int, Restriction]:
    """Return who of these persons is restricted; None: everybody who is."""
    cursor = await connection.execute(
        QUERIES["select_restrictions"],
        {
            "person_ids": None if person_ids is None else bigints(person_ids),
            "administration_id": administration_id,
        },
    )
    rows: list[Any] = await cursor.fetchall()
    return {row[0]: Restriction(*row) for row in rows}
