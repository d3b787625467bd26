"""Claims without ground lower the priority of a recordal: counted as the law file says, shown to the holder
with its definition, disputed, and counted anew at once."""

import datetime as dt
from typing import Any

import msgspec

from serai.foundation.id_text import format_id
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.recordals import detention_store as store
from serai.journey.recordals.detaining import RightsDetention, detention_out, law_now, lock_detention
from serai.journey.recordals.detention_store import Connection, DetentionRow
from serai.journey.recordals.service import find_recordal, put_marks
from serai.journey.services import Services
from serai.model.errors import SeraiError


class RecordalPriority(msgspec.Struct, frozen=True, kw_only=True):
    """How often claims for a recordal were without ground. Of the detentions that have ended since `since`,
    `baseless_count` were baseless: the holder did not answer, said that the goods do not infringe, or did
    not begin proceedings that the law asks for. It is low where at least ended_min have ended and more than
    low_above_ppm of them were baseless. A detention whose dispute was upheld does not count."""

    recordal_id: str
    is_low: bool
    since: dt.datetime
    window_days: int
    ended_count: int
    baseless_count: int
    ended_min: int
    low_above_ppm: int
    source: str


async def read_priority(services: Services, sender: Sender, recordal_id: int) -> RecordalPriority:
    """Return the priority of a recordal, with its definition. Raises SeraiError `not-found`."""
    law, at = law_now(services).priority, services.clock.now()
    since = at - dt.timedelta(days=law.window_days)
    async with services.database.read(services.administration_id) as connection:
        await find_recordal(services, connection, sender, recordal_id)
        ended, baseless = await store.count_ended(
            connection, recordal_id, since=since, administration_id=services.administration_id
        )
    return RecordalPriority(
        recordal_id=format_id(recordal_id),
        is_low=law.is_low(ended, baseless),
        since=since,
        window_days=law.window_days,
        ended_count=ended,
        baseless_count=baseless,
        ended_min=law.ended_min,
        low_above_ppm=law.low_above_ppm,
        source=law.source,
    )


async def count_priority(services: Services, connection: Connection, recordal_id: int) -> bool:
    """Count the priority of a recordal anew; says whether it has changed."""
    law, at = law_now(services).priority, services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id}
    since = at - dt.timedelta(days=law.window_days)
    ended, baseless = await store.count_ended(connection, recordal_id, since=since, **key)
    is_low = law.is_low(ended, baseless)
    return await store.execute(connection, "set_low", recordal_id=recordal_id, is_low=is_low, **key)


async def dispute_baseless(
    services: Services, sender: Sender, detention_id: int, *, reason_code: str
) -> RightsDetention:
    """Say, as its holder, that a detention was not baseless; an officer decides. Again is harmless. Raises
    SeraiError `not-found`, `rights-not-baseless`."""
    key: dict[str, Any] = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        found = await store.select_detentions(
            connection, detention_id=detention_id, holder_party_id=sender.party_id, **key
        )
        row = _known(found)
        if not row.is_baseless and row.disputed_at is None:
            raise SeraiError(
                "rights-not-baseless",
                "This detention does not count against the recordal.",
                "Nothing is to be disputed.",
            )
        await store.execute(
            connection,
            "dispute",
            detention_id=detention_id,
            reason_code=reason_code,
            at=services.clock.now(),
            **key,
        )
        rows = await store.select_detentions(connection, detention_id=detention_id, **key)
    return detention_out(services, _known(rows), sender)


async def decide_dispute(
    services: Services, sender: Sender, detention_id: int, *, is_upheld: bool
) -> RightsDetention:
    """Decide, as an officer, a dispute; where it is upheld the detention counts no more, from now on. Again
    is harmless. Raises SeraiError `not-found`, `rights-not-disputed`."""
    at = services.clock.now()
    key: dict[str, Any] = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        row = await lock_detention(services, connection, detention_id)
        if row.disputed_at is None:
            raise SeraiError(
                "rights-not-disputed",
                "Nobody disputes how this detention counts.",
                "Wait until its holder disputes it.",
            )
        await store.execute(
            connection,
            "decide_dispute",
            detention_id=detention_id,
            answer="upheld" if is_upheld else "dismissed",
            is_upheld=is_upheld,
            at=at,
            acting_user=sender.acting_user,
            **key,
        )
        if row.recordal_id is not None:
            await count_priority(services, connection, row.recordal_id)
        rows = await store.select_detentions(connection, detention_id=detention_id, **key)
    await put_marks(services.database, services.administration_id, at, "priority of a recordal changed")
    return detention_out(services, _known(rows), sender)


def _known(rows: list[DetentionRow]) -> DetentionRow:
    if not rows:
        raise not_found()
    return rows[0]
