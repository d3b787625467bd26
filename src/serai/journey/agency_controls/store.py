"""The table of parcels before agencies, which this room alone writes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, smallints
from serai.foundation.queries import load_queries

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
Connection = AsyncConnection[Any]

ControlState = Literal["waiting", "maintained", "refused", "cleared", "lapsed", "ended"]
"""The agency has said nothing yet; keeps the goods; says that they may not come in; has cleared them; was
silent until the law ended its suspension; nothing of its remit keeps the goods any more."""
OPEN_STATES: Final[tuple[ControlState, ...]] = ("waiting", "maintained", "refused")
Inspection = Literal["", "wanted", "recorded"]


class AgencyControl(msgspec.Struct, frozen=True):
    """A parcel before an agency. rules: of its remit, that keep the goods, with blanks between. due_at: when
    its silence ends the suspension; None: never. version: of the declaration."""

    control_id: int
    consignment_id: int
    case_id: int
    party_id: int
    opened_at: datetime
    due_at: datetime | None
    changed_at: datetime
    version: int
    state: ControlState
    rules: str
    inspection: Inspection


class WantedControl(msgspec.Struct, frozen=True):
    """A parcel that is to be before an agency."""

    consignment_id: int
    case_id: int
    party_id: int
    version: int
    state: ControlState
    rules: str


async def open_controls(
    connection: Connection,
    wanted: Sequence[WantedControl],
    control_ids: Sequence[int],
    *,
    at: datetime,
    administration_id: int,
) -> None:
    """Put parcels before agencies; one that is there keeps its id, and its clock while it is open."""
    if wanted:
        await connection.execute(
            QUERIES["open_controls"],
            {
                "control_ids": bigints(control_ids),
                "consignment_ids": bigints([one.consignment_id for one in wanted]),
                "case_ids": bigints([one.case_id for one in wanted]),
                "party_ids": bigints([one.party_id for one in wanted]),
                "versions": smallints([one.version for one in wanted]),
                "states": [one.state for one in wanted],
                "rules": [one.rules for one in wanted],
                "at": at,
                "administration_id": administration_id,
            },
        )


async def end_controls(
    connection: Connection,
    consignment_ids: Sequence[int],
    kept: Sequence[WantedControl],
    *,
    at: datetime,
    administration_id: int,
) -> None:
    """End what is open on consignments and is not kept."""
    if consignment_ids:
        await connection.execute(
            QUERIES["end_controls"],
            {
                "consignment_ids": bigints(consignment_ids),
                "kept_consignment_ids": bigints([one.consignment_id for one in kept]),
                "kept_party_ids": bigints([one.party_id for one in kept]),
                "at": at,
                "administration_id": administration_id,
            },
        )


async def select_controls(
    connection: Connection,
    party_id: int,
    states: Collection[str],
    *,
    after_id: int,
    limit: int,
    administration_id: int,
) -> list[AgencyControl]:
    """Return an agency's own parcels in some states, the oldest first."""
    values = {"party_id": party_id, "states": list(states), "after_id": after_id, "limit": limit}
    return await _select(connection, "select_controls", values, administration_id)


async def count_controls(
    connection: Connection, party_id: int, *, administration_id: int
) -> Mapping[str, int]:
    """Return how many parcels an agency has in each state."""
    cursor = await connection.execute(
        QUERIES["count_controls"], {"party_id": party_id, "administration_id": administration_id}
    )
    return dict(await cursor.fetchall())


async def select_control(
    connection: Connection, control_id: int, party_id: int, *, administration_id: int
) -> AgencyControl | None:
    """Return a parcel that is before this agency; another's is answered as none."""
    values = {"control_id": control_id, "party_id": party_id}
    found = await _select(connection, "select_control", values, administration_id)
    return found[0] if found else None


async def select_of_consignments(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[AgencyControl]:
    """Return before which agencies consignments are."""
    values = {"consignment_ids": bigints(consignment_ids)}
    return await _select(connection, "select_of_consignments", values, administration_id)


async def select_unset(connection: Connection, *, limit: int, administration_id: int) -> list[AgencyControl]:
    """Return those whose clock is to be worked out."""
    return await _select(connection, "select_unset", {"limit": limit}, administration_id)


async def set_clocks(
    connection: Connection, dues: Mapping[int, datetime | None], *, administration_id: int
) -> None:
    """Say until when the law lets agencies be silent; None: silence ends nothing."""
    if dues:
        values = {"control_ids": bigints(list(dues)), "dues": list(dues.values())}
        await connection.execute(QUERIES["set_clocks"], values | {"administration_id": administration_id})


async def select_ended(
    connection: Connection, *, at: datetime, limit: int, administration_id: int
) -> list[AgencyControl]:
    """Return those whose agency was silent too long."""
    return await _select(connection, "select_ended", {"at": at, "limit": limit}, administration_id)


async def set_state(
    connection: Connection,
    control_id: int,
    state: ControlState,
    *,
    at: datetime,
    administration_id: int,
) -> None:
    """Say how a parcel stands before its agency."""
    values = {"control_id": control_id, "state": state, "at": at, "administration_id": administration_id}
    await connection.execute(QUERIES["set_state"], values)


async def set_inspection(
    connection: Connection, control_ids: Sequence[int], inspection: Inspection, *, administration_id: int
) -> None:
    """Say how the joint inspection stands for agencies."""
    values = {"control_ids": bigints(control_ids), "inspection": inspection}
    await connection.execute(QUERIES["set_inspection"], values | {"administration_id": administration_id})


async def _select(
    connection: Connection, query: str, values: Mapping[str, Any], administration_id: int
) -> list[AgencyControl]:
    cursor = await connection.execute(QUERIES[query], {**values, "administration_id": administration_id})
    return [AgencyControl(*row) for row in await cursor.fetchall()]
