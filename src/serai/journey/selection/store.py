"""What the store keeps of selection: versions of rules, sums of batches, what was looked at and why,
alarms.
"""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.binary_arrays import bigints, smallints
from serai.foundation.copying import Target, change
from serai.foundation.queries import load_queries
from serai.journey.selection.batch_sums import BatchSums
from serai.journey.selection.fairness import Counts, Departure, RandomRow
from serai.journey.selection.risk_file import RiskRule
from serai.journey.selection.rules import DaySums

QUERIES = load_queries(Path(__file__).with_name("store.sql"))
RANDOM_ROWS_MAX = 200_000
Connection = AsyncConnection[Any]


class RuleVersion(NamedTuple):
    """What a rule said from an instant on. rule: None: it was withdrawn."""

    rule_id: str
    rule: RiskRule | None
    at: dt.datetime
    generation_id: int


class Selection(NamedTuple):
    """Why a consignment is looked at. source: place in SOURCES; score_ppm: None where no model gave one."""

    decision_id: int
    consignment_id: int
    decided_at: dt.datetime
    source: int
    lane: int
    propensity_ppm: int
    score_ppm: int | None
    rule_id: str | None
    hit_rules: list[str]


class Yield(NamedTuple):
    """What a source of selection brought. source: place in SOURCES; rule_id: "" of random and model.
    false_holds_count: nothing was found; delay_s: how long goods were kept in all, seconds; last_found_at:
    when the newest goods were selected in which something was found."""

    source: int
    rule_id: str
    selected_count: int
    examined_count: int
    found_count: int
    false_holds_count: int
    delay_s: int
    last_found_at: dt.datetime | None


class Outcome(NamedTuple):
    """What the last examination of a consignment found, and when that was recorded."""

    result_code: str
    at: dt.datetime


class MeasureYield(NamedTuple):
    """What officers' measures of a kind brought, likewise. first_at: when the first of them was taken."""

    kind: str
    taken_count: int
    examined_count: int
    found_count: int
    false_holds_count: int
    delay_s: int
    last_found_at: dt.datetime | None
    first_at: dt.datetime


async def insert_rule_version(
    connection: Connection, version_id: int, version: RuleVersion, *, administration_id: int
) -> None:
    """Keep what a rule says from now on, or that it was withdrawn."""
    rule = None if version.rule is None else msgspec.json.encode(version.rule).decode()
    values = {
        "version_id": version_id,
        "administration_id": administration_id,
        **version._asdict(),
        "rule": rule,
    }
    await connection.execute(QUERIES["insert_rule_version"], values)


async def select_rule_versions(connection: Connection, *, administration_id: int) -> list[RuleVersion]:
    """Return all versions, by rule, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_rule_versions"], {"administration_id": administration_id}
    )
    return [
        RuleVersion(rule_id, None if rule is None else msgspec.convert(rule, RiskRule), at, generation_id)
        for rule_id, rule, at, generation_id in await cursor.fetchall()
    ]


async def select_rules_changed_at(connection: Connection, *, administration_id: int) -> dt.datetime | None:
    """Return when rules changed last; None where there never was one."""
    cursor = await connection.execute(
        QUERIES["select_rules_changed_at"], {"administration_id": administration_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def insert_batch(
    target: Target, batch_id: int, sums: BatchSums, *, administration_id: int, at: dt.datetime
) -> None:
    """Add a batch to the day, in the transaction that decides it."""
    values = {
        "batch_id": batch_id,
        "administration_id": administration_id,
        "at": at,
        "day_on": at.astimezone(dt.UTC).date(),
        **sums._asdict(),
        "seen": msgspec.json.encode(sums.seen).decode(),
        "hits": msgspec.json.encode(sums.hits).decode(),
    }
    await change(target, QUERIES["insert_batch"], values)


async def select_batches_to_merge(
    connection: Connection,
    *,
    administration_id: int,
    from_on: dt.date,
    changed_at: dt.datetime | None,
    hours_before: dt.datetime,
    before: dt.datetime,
    limit: int,
) -> dict[int, list[int]]:
    """Return batches that can be one, by the first of them. from_on, before: between when they were decided;
    changed_at: when rules changed last, None where they never did; hours_before: until when whole hours are
    one, later minutes are."""
    values = {
        "administration_id": administration_id,
        "from_on": from_on,
        "changed_at": changed_at,
        "hours_before": hours_before,
        "before": before,
        "limit": limit,
    }
    cursor = await connection.execute(QUERIES["select_batches_to_merge"], values)
    together: dict[int, list[int]] = {}
    for first_id, batch_id in await cursor.fetchall():
        together.setdefault(first_id, []).append(batch_id)
    return together


async def take_batches(
    connection: Connection, batch_ids: Sequence[int], *, administration_id: int
) -> dict[int, tuple[dt.datetime, BatchSums]]:
    """Take batches out, but for those that another process takes out now; return when each was decided, and
    its sums."""
    cursor = await connection.execute(
        QUERIES["take_batches"], {"administration_id": administration_id, "batch_ids": list(batch_ids)}
    )
    return {batch_id: (at, BatchSums(*sums)) for batch_id, at, *sums in await cursor.fetchall()}


async def insert_selections(
    target: Target, columns: dict[str, Sequence[Any]], *, administration_id: int, at: dt.datetime
) -> None:
    """Keep why rows are looked at. columns: as the statement names them, one entry a row."""
    numbers = ("decision_ids", "case_ids", "consignment_ids", "seller_keys")
    small = ("sources", "lanes")
    values: dict[str, Any] = {name: list(column) for name, column in columns.items()}
    values |= {name: bigints(list(columns[name])) for name in numbers}
    values |= {name: smallints(list(columns[name])) for name in small}
    await change(
        target,
        QUERIES["insert_selections"],
        {**values, "administration_id": administration_id, "at": at},
    )


async def select_day(
    connection: Connection, day_on: dt.date, *, administration_id: int
) -> tuple[DaySums, int, bool]:
    """Return the sums of a day, how many rows rules or the model asked for, and whether the model drifts."""
    cursor = await connection.execute(
        QUERIES["select_day"], {"administration_id": administration_id, "day_on": day_on}
    )
    row = await cursor.fetchone()
    assert row is not None
    return DaySums(*row[:3]), int(row[3]), bool(row[4])


async def select_counts(connection: Connection, from_at: dt.datetime, *, administration_id: int) -> Counts:
    """Return what came and what each measure spoke of since an instant, by dimension and group."""
    from_on = from_at.astimezone(dt.UTC).date()
    values = {"administration_id": administration_id, "from_on": from_on, "from_at": from_at}
    cursor = await connection.execute(QUERIES["select_seen"], values)
    seen = {(dimension, group): count for dimension, group, count in await cursor.fetchall()}
    cursor = await connection.execute(QUERIES["select_hits"], values)
    hits = {tuple(row[:3]): row[3] for row in await cursor.fetchall()}
    cursor = await connection.execute(QUERIES["select_flow"], values)
    row = await cursor.fetchone()
    assert row is not None
    return Counts(int(row[0]), seen, hits)


async def select_selections(
    connection: Connection, consignment_ids: Sequence[int], *, administration_id: int
) -> list[Selection]:
    """Return why consignments are looked at, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_selections"],
        {"consignment_ids": list(consignment_ids), "administration_id": administration_id},
    )
    return [Selection(*row) for row in await cursor.fetchall()]


async def select_yields(
    connection: Connection, from_at: dt.datetime, at: dt.datetime, *, administration_id: int
) -> list[Yield]:
    """Return what each source and rule brought since an instant."""
    cursor = await connection.execute(
        QUERIES["select_yields"], {"administration_id": administration_id, "from_at": from_at, "at": at}
    )
    return [Yield(*row) for row in await cursor.fetchall()]


async def select_measures_taken(
    connection: Connection,
    from_at: dt.datetime,
    at: dt.datetime,
    kinds: Sequence[str],
    *,
    administration_id: int,
) -> list[MeasureYield]:
    """Return what officers' measures of some kinds brought since an instant."""
    cursor = await connection.execute(
        QUERIES["select_measures_taken"],
        {"administration_id": administration_id, "from_at": from_at, "at": at, "kinds": list(kinds)},
    )
    return [MeasureYield(*row) for row in await cursor.fetchall()]


async def select_random_share(
    connection: Connection, from_at: dt.datetime, *, administration_id: int
) -> list[RandomRow]:
    """Return the random share since an instant, oldest first."""
    cursor = await connection.execute(
        QUERIES["select_random_share"],
        {"administration_id": administration_id, "from_at": from_at, "limit": RANDOM_ROWS_MAX},
    )
    return [RandomRow(*row) for row in await cursor.fetchall()]


async def select_outcomes(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, str]:
    """Return what the last examination of each consignment of some cases found."""
    cursor = await connection.execute(
        QUERIES["select_outcomes"], {"administration_id": administration_id, "case_ids": list(case_ids)}
    )
    return dict(await cursor.fetchall())


async def write_departures(
    connection: Connection,
    departures: Sequence[Departure],
    ids: Sequence[int],
    *,
    administration_id: int,
    at: dt.datetime,
) -> None:
    """Open an alarm for each departure that has none, and end those that depart no more."""
    columns: dict[str, Any] = {
        "kinds": [one.kind for one in departures],
        "measures": [one.measure for one in departures],
        "dimensions": [one.dimension for one in departures],
        "groups": [one.group for one in departures],
    }
    own = {"administration_id": administration_id, "at": at}
    await connection.execute(QUERIES["end_departures"], {**own, **columns})
    if departures:
        counts = {
            "group_seen": [one.group_seen for one in departures],
            "group_hits": [one.group_hits for one in departures],
            "other_seen": [one.other_seen for one in departures],
            "other_hits": [one.other_hits for one in departures],
        }
        await connection.execute(QUERIES["open_departures"], {**own, **columns, **counts, "ids": list(ids)})


async def select_first_scored(
    connection: Connection, score_key: int, *, administration_id: int
) -> dt.datetime | None:
    """Return when a model's groups of scores were first counted; None: never."""
    cursor = await connection.execute(
        QUERIES["select_first_scored"], {"administration_id": administration_id, "score_key": score_key}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def select_score_counts(
    connection: Connection,
    score_key: int,
    from_at: dt.datetime,
    until: dt.datetime,
    *,
    administration_id: int,
) -> list[int]:
    """Return how many parcels each group of scores had in a while."""
    values = {
        "administration_id": administration_id,
        "score_key": score_key,
        "from_at": from_at,
        "until": until,
    }
    cursor = await connection.execute(QUERIES["select_score_counts"], values)
    return [int(count) for _, count in await cursor.fetchall()]


async def write_drift(
    connection: Connection, seen_count: int, departure_id: int, *, administration_id: int, at: dt.datetime
) -> None:
    """Say that the model drifts: an alarm, and chance selects more until it ends. seen_count: parcels that it
    was seen by."""
    values: dict[str, Any] = {
        "administration_id": administration_id,
        "at": at,
        "ids": [departure_id],
        "kinds": ["drift"],
        "measures": ["model"],
        "dimensions": [""],
        "groups": [""],
        "group_seen": [seen_count],
        "group_hits": [0],
        "other_seen": [0],
        "other_hits": [0],
    }
    await connection.execute(QUERIES["open_departures"], values)


async def end_drift(connection: Connection, *, administration_id: int, at: dt.datetime) -> None:
    """Say that the model drifts no more."""
    await connection.execute(QUERIES["end_drift"], {"administration_id": administration_id, "at": at})


async def select_dated_outcomes(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, Outcome]:
    """Return what the last examination of each consignment of cases found."""
    cursor = await connection.execute(
        QUERIES["select_dated_outcomes"],
        {"administration_id": administration_id, "case_ids": bigints(list(case_ids))},
    )
    return {consignment_id: Outcome(code, at) for consignment_id, code, at in await cursor.fetchall()}


async def select_departures(
    connection: Connection, *, administration_id: int
) -> list[tuple[Departure, dt.datetime]]:
    """Return the alarms that are open, each with when it began."""
    cursor = await connection.execute(QUERIES["select_departures"], {"administration_id": administration_id})
    return [(Departure(*row[:-1]), row[-1]) for row in await cursor.fetchall()]


async def forget_batches(connection: Connection, before_on: dt.date, *, administration_id: int) -> None:
    """Delete sums of days that nothing looks back on."""
    await connection.execute(
        QUERIES["forget_batches"], {"administration_id": administration_id, "before_on": before_on}
    )
