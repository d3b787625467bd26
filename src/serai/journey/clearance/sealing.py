"""New people and messages of a batch, sealed for the vault, each with the salt of its commitment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.vault.epochs import hold_epochs
from serai.foundation.vault.sealing import Epoch, seal_messages, seal_people
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.personal import Cut
from serai.model.columns import Int64s
from serai.model.documents import PERSON_ROLES
from serai.model.frames import ABSENT


class Sealable(Protocol):
    """A document whose message and people go to the vault. cut: None where they are there already."""

    cut: Cut | None
    document_id: int


class Sealed(NamedTuple):
    """Rows for `vault_person` and `vault_message` (None: nothing new), and where a document's people are.

    person_roles: bits by place in PERSON_ROLES. first_person_ids: their ids count up from here.
    """

    people: Any
    messages: Any
    person_roles: Int64s
    first_person_ids: Int64s


async def reserve_epochs(
    equipment: Equipment, connection: AsyncConnection[Any], rows: Sequence[Sealable], at: datetime
) -> tuple[Epoch, Epoch] | None:
    """Take the keys under which the batch's new people and messages are sealed; None when nothing new is
    sealed."""
    people_count = sum(len(row.cut.people) for row in rows if row.cut is not None)
    message_count = sum(row.cut is not None for row in rows)
    if not message_count:
        return None
    person = await equipment.person_epochs.reserve(equipment.database.write, people_count, at)
    message = await equipment.message_epochs.reserve(equipment.database.write, message_count, at)
    await hold_epochs(connection, (person, message))
    return person, message


def people_by_role(cuts: Sequence[Cut | None]) -> dict[str, list[bytes]]:
    """Return the JSON of the persons of each role that occurs; b"" where a document has none."""
    found: dict[int, list[bytes]] = {}
    for place, cut in enumerate(cuts):
        for role, content in cut.people if cut is not None else ():
            if role not in found:
                found[role] = [b""] * len(cuts)
            found[role][place] = content
    return {PERSON_ROLES[role]: found[role] for role in sorted(found)}


def seal_rows(
    equipment: Equipment,
    rows: Sequence[Sealable],
    salts: dict[str, list[bytes]],
    epochs: tuple[Epoch, Epoch] | None,
) -> Sealed:
    """Seal new people under keys of their own, and messages without people under theirs, each with its
    salt."""
    roles = np.zeros(len(rows), dtype=np.int64)
    first_ids = np.full(len(rows), ABSENT, dtype=np.int64)
    if epochs is None:
        return Sealed(None, None, roles, first_ids)
    values: list[bytes] = []
    record_ids: list[int] = []
    person_salts: list[bytes] = []
    counts = []
    for place, row in enumerate(rows):
        people = row.cut.people if row.cut is not None else []
        counts.append(len(people))
        for role, content in people:
            values.append(content)
            record_ids.append(row.document_id)
            person_salts.append(salts[PERSON_ROLES[role]][place])
            roles[place] |= 1 << role
    person_ids = equipment.ids.take(len(values))
    begins = np.cumsum(counts) - counts
    has_people = np.array(counts) > 0
    first_ids[has_people] = person_ids[begins[has_people]]
    people = seal_people(
        values, person_ids=person_ids.tolist(), record_ids=record_ids, epoch=epochs[0], salts=person_salts
    )
    places = [place for place, row in enumerate(rows) if row.cut is not None]
    compressed = equipment.codec.compress([rows[place].cut.message for place in places])  # type: ignore[union-attr]
    messages = seal_messages(
        compressed,
        message_ids=[rows[place].document_id for place in places],
        epoch=epochs[1],
        salts=[salts["document"][place] for place in places],
    )
    return Sealed(people, messages, roles, first_ids)
