"""Keys of parcels, groups of those that may be one order, and what was said of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import Rows, bigints
from serai.foundation.copying import Target, copy_table
from serai.foundation.queries import load_queries
from serai.journey.split_shipments.keys import SplitKeys
from serai.journey.split_shipments.rules import PARCELS_COUNT_MAX, Candidate
from serai.model.columns import Int64s

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]
State = Literal["open", "one-order", "separate-orders"]
OPEN: Final = "open"
GROUPS_COUNT_MAX: Final = 200
_BATCHES_COUNT = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class KeyRows(NamedTuple):
    """Keys of a batch as their tables have them."""

    keys: Rows
    batch: Rows


class KeyedParcel(NamedTuple):
    """A parcel with a key. version: of the declaration that the key was made from."""

    candidate: Candidate
    version: int
    currency_code: str


class Group(NamedTuple):
    """Parcels that may be one order. decided_by: the account or key of the officer, or the appeal."""

    group_id: int
    opened_at: datetime
    decided_at: datetime | None
    limit_minor: int
    window_days: int
    state: State
    decided_by: str | None
    currency_code: str


class Member(NamedTuple):
    """A parcel of a group."""

    group_id: int
    consignment_id: int
    value_minor: int
    sent_at: datetime


def key_rows(
    keys: SplitKeys,
    *,
    batch_id: int,
    consignment_ids: Int64s,
    versions: Int64s,
    values_minor: Int64s,
    limits_minor: Int64s,
    sent_at_ms: Int64s,
    currencies: Sequence[str],
    at_ms: int,
    administration_id: int,
) -> KeyRows:
    """Return what is written of a batch. Columns: one for each row of the batch."""
    rows, count = keys.rows, len(keys.rows)
    table = arrow.table(
        consignment_id=arrow.int64(consignment_ids[rows]),
        key_hash=arrow.int64(keys.key_hashes),
        value_minor=arrow.int64(values_minor[rows]),
        limit_minor=arrow.int64(limits_minor[rows]),
        sent_at=arrow.instants(sent_at_ms[rows]),
        added_at=arrow.instants(np.full(count, at_ms)),
        administration_id=arrow.int16(np.full(count, administration_id)),
        version=arrow.int16(versions[rows]),
        person=arrow.blobs(keys.people),
        currency_code=arrow.texts([currencies[row] for row in rows.tolist()]),
    )
    batch = arrow.table(
        batch_id=arrow.int64([batch_id]),
        administration_id=arrow.int16([administration_id]),
        key_hashes=arrow.blobs([np.unique(keys.key_hashes).astype("<i8").tobytes()]),
    )
    return KeyRows(table, batch)


async def insert_keys(target: Target, rows: KeyRows) -> None:
    """Append the keys of a batch, and that somebody has to look at them."""
    await copy_table(target, "split_shipment_key", rows.keys)
    await copy_table(target, "split_shipment_batch", rows.batch)


async def take_key_hashes(connection: Connection, *, administration_id: int) -> Int64s | None:
    """Take the keys that nobody has looked at, some batches of them; None: there are none, or another
    process is at it."""
    cursor = await connection.execute(QUERIES["is_my_turn"], {"administration_id": administration_id})
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return None
    cursor = await connection.execute(
        QUERIES["take_batches"], {"administration_id": administration_id, "limit": _BATCHES_COUNT}
    )
    packed = b"".join(bytes(key_hashes) for (key_hashes,) in await cursor.fetchall())
    return np.unique(np.frombuffer(packed, dtype="<i8")).astype(np.int64) if packed else None


async def select_candidates(
    connection: Connection, key_hashes: Int64s, *, administration_id: int
) -> list[KeyedParcel]:
    """Return the parcels whose key others have in common with them; of a key the newest."""
    cursor = await connection.execute(
        QUERIES["select_candidates"],
        {
            "administration_id": administration_id,
            "key_hashes": bigints(key_hashes),
            "limit": PARCELS_COUNT_MAX,
        },
    )
    return [
        KeyedParcel(
            Candidate(
                key_hash,
                consignment_id,
                bytes(person),
                value,
                limit,
                (sent_at - _EPOCH) // timedelta(milliseconds=1),
            ),
            version,
            currency_code,
        )
        for (
            key_hash,
            consignment_id,
            person,
            value,
            limit,
            sent_at,
            version,
            currency_code,
        ) in await cursor.fetchall()
    ]


async def forget_keys(connection: Connection, before: datetime, *, administration_id: int) -> None:
    """Remove keys that were added before an instant."""
    await connection.execute(
        QUERIES["forget_keys"], {"before": before, "administration_id": administration_id}
    )


async def select_memberships(
    connection: Connection, consignment_ids: Iterable[int], *, administration_id: int
) -> dict[int, int]:
    """Return the group of each parcel that is in one."""
    cursor = await connection.execute(
        QUERIES["select_memberships"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    found: dict[int, int] = dict(await cursor.fetchall())
    return found


async def insert_group(connection: Connection, values: Mapping[str, Any]) -> None:
    """Open a group. values: group_id, at, limit_minor, window_days, currency_code, administration_id."""
    await connection.execute(QUERIES["insert_group"], values)


async def insert_members(
    connection: Connection, group_id: int, parcels: Sequence[Candidate], *, administration_id: int
) -> None:
    """Add parcels to a group; one that is in a group stays there."""
    await connection.execute(
        QUERIES["insert_members"],
        {
            "group_id": group_id,
            "consignment_ids": [one.consignment_id for one in parcels],
            "values_minor": bigints([one.value_minor for one in parcels]),
            "sent_at": [_EPOCH + timedelta(milliseconds=one.sent_at_ms) for one in parcels],
            "administration_id": administration_id,
        },
    )


async def select_suspected(
    connection: Connection, consignment_ids: Iterable[int], *, administration_id: int
) -> set[int]:
    """Return the parcels that are in a group which nobody has found to be separate orders."""
    cursor = await connection.execute(
        QUERIES["select_suspected"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    return {consignment_id for (consignment_id,) in await cursor.fetchall()}


async def select_groups(
    connection: Connection, states: Sequence[State], *, administration_id: int
) -> list[Group]:
    """Return groups in some states, GROUPS_COUNT_MAX at most, those that wait longest first."""
    cursor = await connection.execute(
        QUERIES["select_groups"],
        {"states": list(states), "limit": GROUPS_COUNT_MAX, "administration_id": administration_id},
    )
    return [Group(*row) for row in await cursor.fetchall()]


async def select_group(connection: Connection, group_id: int, *, administration_id: int) -> Group | None:
    """Return a group; None: there is none."""
    cursor = await connection.execute(
        QUERIES["select_group"], {"group_id": group_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else Group(*row)


async def hold_group(connection: Connection, group_id: int, *, administration_id: int) -> State | None:
    """Hold a group to the end of the transaction; return how it stands, None: there is none."""
    cursor = await connection.execute(
        QUERIES["hold_group"], {"group_id": group_id, "administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def select_members(
    connection: Connection, group_ids: Sequence[int], *, administration_id: int
) -> list[Member]:
    """Return the parcels of groups in order of time."""
    cursor = await connection.execute(
        QUERIES["select_members"], {"group_ids": list(group_ids), "administration_id": administration_id}
    )
    return [Member(*row) for row in await cursor.fetchall()]


async def decide_group(
    connection: Connection,
    group_id: int,
    state: State,
    *,
    decided_by: str,
    at: datetime,
    administration_id: int,
) -> None:
    """Keep what was said of a group that is held."""
    await connection.execute(
        QUERIES["decide_group"],
        {
            "group_id": group_id,
            "state": state,
            "at": at,
            "decided_by": decided_by,
            "administration_id": administration_id,
        },
    )
