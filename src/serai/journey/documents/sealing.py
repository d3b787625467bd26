"""New people and messages of a batch, sealed for the vault, each with the salt of its commitment."""

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple, Protocol

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.vault.epochs import hold_epoch
from serai.foundation.vault.layout import block_count_of
from serai.foundation.vault.sealing import RetentionClass, Unsealed, seal_batch
from serai.foundation.vault.wrapping import Epoch
from serai.journey.documents.personal_data import Cut
from serai.journey.services import Services
from serai.model.columns import Int64s
from serai.model.documents import VAULT_ROLES
from serai.model.frames import ABSENT


class Sealable(Protocol):
    """A document whose message and people go to the vault. cut: None where they are there already."""

    cut: Cut | None
    document_id: int


class Sealed(NamedTuple):
    """Rows for `vault_batch` (None: nothing new), and where a document's people are.

    person_roles: bits by place in VAULT_ROLES. first_person_ids: their ids count up from here.
    """

    batch: Any
    person_roles: Int64s
    first_person_ids: Int64s


async def reserve_epoch(
    services: Services, connection: AsyncConnection[Any], rows: Sequence[Sealable], at: datetime
) -> Epoch | None:
    """Take the key under which the batch's new people and messages are sealed; None when nothing new is
    sealed."""
    cuts = [row.cut for row in rows if row.cut is not None]
    if not cuts:
        return None
    keys_count = sum(len(cut.people) for cut in cuts) + block_count_of(len(cuts))
    epoch = await services.epochs.reserve(services.database.write, keys_count, at)
    await hold_epoch(connection, epoch)
    return epoch


def people_by_role(cuts: Sequence[Cut | None]) -> dict[str, list[bytes]]:
    """Return the JSON of the persons of each role that occurs; b"" where a document has none."""
    found: dict[int, list[bytes]] = {}
    for place, cut in enumerate(cuts):
        for role, content in cut.people if cut is not None else ():
            if role not in found:
                found[role] = [b""] * len(cuts)
            found[role][place] = content
    return {VAULT_ROLES[role]: found[role] for role in sorted(found)}


def seal_rows(
    services: Services,
    rows: Sequence[Sealable],
    salts: dict[str, list[bytes]],
    epoch: Epoch | None,
    retention_class: RetentionClass,
) -> Sealed:
    """Seal new people under keys of their own, and messages without people beside them, each with its
    salt."""
    roles = np.zeros(len(rows), dtype=np.int64)
    first_ids = np.full(len(rows), ABSENT, dtype=np.int64)
    if epoch is None:
        return Sealed(None, roles, first_ids)
    new = [(place, row.cut) for place, row in enumerate(rows) if row.cut is not None]
    places = np.array([place for place, _ in new])
    counts = np.array([len(cut.people) for _, cut in new])
    together = list(chain.from_iterable([cut.people for _, cut in new]))
    person_roles = [role for role, _ in together]
    person_places = np.repeat(places, counts)
    np.bitwise_or.at(roles, person_places, 1 << np.array(person_roles, dtype=np.int64))
    salts_of = [salts.get(role, []) for role in VAULT_ROLES]
    person_ids = services.ids.take(len(together))
    has_people = counts > 0
    first_ids[places[has_people]] = person_ids[(np.cumsum(counts) - counts)[has_people]]
    unsealed = Unsealed(
        document_ids=np.array([rows[place].document_id for place, _ in new], dtype=np.int64),
        messages=[cut.message for _, cut in new],
        salts=[salts["document"][place] for place, _ in new],
        person_counts=counts,
        person_ids=person_ids,
        people=[content for _, content in together],
        person_salts=[
            salts_of[role][place] for role, place in zip(person_roles, person_places.tolist(), strict=True)
        ],
    )
    return Sealed(seal_batch(unsealed, epoch, services.codec, retention_class), roles, first_ids)
