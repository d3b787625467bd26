"""Arrivals in the store: on the tree of transport units, and on the consignments they reach."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from psycopg import AsyncConnection

from serai.foundation import arrow_columns as arrow
from serai.foundation.binary_arrays import bigints
from serai.foundation.copying import Target, copy_table
from serai.foundation.queries import load_queries
from serai.model.frames import ABSENT

QUERIES = load_queries(Path(__file__).with_name("store.sql"))

Connection = AsyncConnection[Any]


async def place_consignments(
    connection: Connection,
    *,
    case_ids: Sequence[int],
    house_documents: Sequence[str],
    unit_ids: Sequence[int],
) -> dict[int, int]:
    """Put the consignments of cases that name no unit on the units of their transport documents; return the
    unit of each that was put on one."""
    cursor = await connection.execute(
        QUERIES["place_consignments"],
        {"case_ids": list(case_ids), "house_documents": list(house_documents), "unit_ids": list(unit_ids)},
    )
    return dict(await cursor.fetchall())


async def lock_unit(
    connection: Connection, *, unit_id: int, administration_id: int, kind: int, number: str, at: dt.datetime
) -> tuple[int, dt.datetime | None]:
    """Lock a unit until commit, made under unit_id if it is not there; return its id and arrival."""
    cursor = await connection.execute(
        QUERIES["lock_unit"],
        {
            "unit_id": unit_id,
            "administration_id": administration_id,
            "kind": kind,
            "number": number,
            "at": at,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0]), row[1]


async def select_report(connection: Connection, *, unit_id: int, party_id: int) -> dt.datetime | None:
    """Return when a unit arrived as a party has reported it, if it has."""
    cursor = await connection.execute(QUERIES["select_report"], {"unit_id": unit_id, "party_id": party_id})
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def report_arrival(
    connection: Connection, *, unit_id: int, party_id: int, administration_id: int, arrived_at: dt.datetime
) -> None:
    """Take what a party reports of a unit: it is to reach what that party has a part in."""
    await connection.execute(
        QUERIES["report_arrival"],
        {
            "unit_id": unit_id,
            "party_id": party_id,
            "administration_id": administration_id,
            "arrived_at": arrived_at,
        },
    )


class Report(NamedTuple):
    """An arrival as a party reported it."""

    unit_id: int
    party_id: int
    arrived_at: dt.datetime


async def select_reports(connection: Connection, unit_ids: Sequence[int]) -> list[Report]:
    """Return what parties have reported of units."""
    cursor = await connection.execute(QUERIES["select_reports"], {"unit_ids": list(unit_ids)})
    return [Report(*row) for row in await cursor.fetchall()]


async def apply_reports(
    connection: Connection, *, case_ids: Sequence[int], party_ids: Sequence[int]
) -> set[int]:
    """Let earlier reports of parties reach cases in which they have a part now; returns the cases reached."""
    cursor = await connection.execute(
        QUERIES["apply_reports"], {"case_ids": list(case_ids), "party_ids": list(party_ids)}
    )
    return {case_id for (case_id,) in await cursor.fetchall()}


async def select_carriers_of_cases(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> set[tuple[int, int]]:
    """Return case and party of transport documents that count."""
    cursor = await connection.execute(
        QUERIES["select_carriers_of_cases"],
        {"case_ids": list(case_ids), "administration_id": administration_id},
    )
    return {(case_id, party_id) for case_id, party_id in await cursor.fetchall()}


async def select_party_reaching(connection: Connection, *, administration_id: int) -> list[tuple[int, int]]:
    """Return unit and party of reports that have not reached all they count for."""
    cursor = await connection.execute(
        QUERIES["select_party_reaching"], {"administration_id": administration_id}
    )
    return [(unit_id, party_id) for unit_id, party_id in await cursor.fetchall()]


async def select_party_unreached(
    connection: Connection, *, unit_id: int, party_id: int, party_ids: Sequence[int]
) -> list[int]:
    """Return consignments that a party's report has yet to reach.

    party_ids: it, and whose mandate it has.
    """
    cursor = await connection.execute(
        QUERIES["select_party_unreached"],
        {"unit_id": unit_id, "party_id": party_id, "party_ids": list(party_ids)},
    )
    return [consignment_id for (consignment_id,) in await cursor.fetchall()]


async def select_still_party_unreached(
    connection: Connection, consignment_ids: Sequence[int], *, unit_id: int, party_id: int
) -> dict[int, dt.datetime]:
    """Return those of some consignments that the report has yet to reach, each with the arrival reported."""
    cursor = await connection.execute(
        QUERIES["select_still_party_unreached"],
        {
            "consignment_ids": bigints(consignment_ids),
            "unit_id": unit_id,
            "party_id": party_id,
        },
        binary=True,
    )
    return dict(await cursor.fetchall())


async def end_party_reaching(connection: Connection, *, unit_id: int, party_id: int) -> None:
    """Note that a party's report has reached all it counts for, and perhaps that all on the unit is there."""
    values = {"unit_id": unit_id, "party_id": party_id}
    await connection.execute(QUERIES["end_party_reaching"], values)
    await connection.execute(QUERIES["note_landed"], values)


async def note_not_landed(connection: Connection, unit_ids: Sequence[int]) -> None:
    """Note that something is on units that has not arrived."""
    await connection.execute(QUERIES["note_not_landed"], {"unit_ids": list(unit_ids)})


async def set_arrived(
    connection: Connection, *, unit_id: int, arrived_at: dt.datetime, replaced: dt.datetime | None
) -> None:
    """Let a unit and everything in it arrive. replaced: the earlier report this one corrects."""
    await connection.execute(
        QUERIES["set_arrived"], {"unit_id": unit_id, "arrived_at": arrived_at, "replaced": replaced}
    )


async def select_reaching(connection: Connection, *, administration_id: int) -> list[int]:
    """Return units whose consignments are not all decided again yet."""
    cursor = await connection.execute(QUERIES["select_reaching"], {"administration_id": administration_id})
    return [unit_id for (unit_id,) in await cursor.fetchall()]


async def select_reaching_below(connection: Connection, unit_id: int) -> list[int]:
    """Return those of a unit and the units in it whose consignments are not all decided again yet."""
    cursor = await connection.execute(QUERIES["select_reaching_below"], {"unit_id": unit_id})
    return [found for (found,) in await cursor.fetchall()]


async def select_unreached(connection: Connection, unit_ids: Sequence[int]) -> list[int]:
    """Return consignments on units that the units' arrival has not reached."""
    cursor = await connection.execute(QUERIES["select_unreached"], {"unit_ids": list(unit_ids)})
    return [consignment_id for (consignment_id,) in await cursor.fetchall()]


async def select_still_unreached(
    connection: Connection, consignment_ids: Sequence[int], unit_ids: Sequence[int]
) -> dict[int, dt.datetime]:
    """Return those of some consignments that their units' arrival has not reached, each with that arrival."""
    cursor = await connection.execute(
        QUERIES["select_still_unreached"],
        {"consignment_ids": bigints(consignment_ids), "unit_ids": list(unit_ids)},
        binary=True,
    )
    return dict(await cursor.fetchall())


async def select_cases(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[int]:
    """Return the cases of consignments, each once."""
    cursor = await connection.execute(
        QUERIES["select_cases"],
        {"consignment_ids": bigints(consignment_ids), "administration_id": administration_id},
        binary=True,
    )
    return [case_id for (case_id,) in await cursor.fetchall()]


async def correct_arrivals(connection: Connection, arrived: Mapping[int, dt.datetime]) -> None:
    """Give consignments that have arrived other instants at which they did."""
    if not arrived:
        return
    await connection.execute(
        QUERIES["correct_arrivals"], {"consignment_ids": list(arrived), "arrivals": list(arrived.values())}
    )


class Landed(NamedTuple):
    """What an arrival alone decided of a consignment. status: place in STATUSES. salt: of its commitment."""

    decision_id: int
    status: int
    salt: bytes


async def insert_landings(
    target: Target,
    arrived: Mapping[int, dt.datetime],
    landed: Mapping[int, Landed],
    *,
    administration_id: int,
    at_ms: int,
) -> None:
    """Note when consignments arrived that had not, and what that alone decided of some of them.

    arrived, landed: by consignment, the first in the order of their ids.
    """
    own = [landed.get(consignment_id) for consignment_id in arrived]
    decided = np.array([one is not None for one in own], dtype=np.bool_)
    await copy_table(
        target,
        "landing",
        arrow.table(
            consignment_id=arrow.int64(list(arrived)),
            decision_id=arrow.int64(np.array([one.decision_id if one else ABSENT for one in own], np.int64)),
            arrived_at=arrow.moments(list(arrived.values())),
            decided_at=arrow.instants(np.where(decided, at_ms, ABSENT)),
            administration_id=arrow.int16(np.full(len(own), administration_id)),
            status=arrow.int16(np.array([one.status if one else ABSENT for one in own], np.int64)),
            salt=arrow.blobs([one.salt if one else None for one in own]),
        ),
    )


async def end_reaching(connection: Connection, unit_ids: Sequence[int]) -> None:
    """Note that every consignment on units has been decided again."""
    await connection.execute(QUERIES["end_reaching"], {"unit_ids": list(unit_ids)})


async def select_presentable(
    connection: Connection,
    case_ids: Sequence[int],
    house_document: str,
    *,
    party_ids: Sequence[int],
    administration_id: int,
) -> list[tuple[int, bool]]:
    """Return the consignments under a house document in cases, and whether one of the parties has a part."""
    cursor = await connection.execute(
        QUERIES["select_presentable"],
        {
            "case_ids": list(case_ids),
            "house_document": house_document,
            "party_ids": list(party_ids),
            "administration_id": administration_id,
        },
    )
    return [(consignment_id, bool(has_part)) for consignment_id, has_part in await cursor.fetchall()]
