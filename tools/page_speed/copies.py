"""Multiplies what stands in a store: the lot that was filed the real way, once more for each day before.

Copies are rows alone, by INSERT from SELECT: consignments, tasks, flights and bags, submissions, keys and
sums of flights, each with ids and times of its day. A copy's message is that of its original, which the vault
has once. They have no leaves in the log and no events.
"""

import datetime as dt
from typing import LiteralString

import psycopg
from psycopg import sql
from serai.foundation.ids import MILLISECOND_SHIFT

TASKS_KEPT_DAYS = 3
"""Copies of days before have no open tasks: somebody has seen to them by then."""
_DAY_IDS = (24 * 3600 * 1000) << MILLISECOND_SHIFT

# Column by table: how a copy differs. {id}: what ids are less by; {days}: as an interval; {mark}: of the day.
_IDS = "{column} - {id}"
_TIMES = "{column} - {days}"
_MARKED = "{mark} || {column}"
_CHANGED = {
    "transport_unit": {
        "transport_unit_id": _IDS,
        "parent_id": _IDS,
        "number": _MARKED,
        "scheduled_departure_at": _TIMES,
        "scheduled_arrival_at": _TIMES,
    },
    "declared_consignment": {
        "consignment_id": _IDS,
        "case_id": _IDS,
        "decision_id": _IDS,
        "transport_unit_id": _IDS,
        "movement_id": _IDS,
        "reference": _MARKED,
        "house_document": _MARKED,
        "received_at": _TIMES,
        "accepted_at": _TIMES,
        "expected_arrival_at": _TIMES,
        "changed_at": _TIMES,
    },
    "task": {
        "task_id": _IDS,
        "consignment_id": _IDS,
        "transport_unit_id": _IDS,
        "movement_id": _IDS,
        "opened_at": _TIMES,
        "lands_at": _TIMES,
    },
    "submission": {"document_id": _IDS, "first_id": _IDS, "reference": _MARKED},
    "match_key": {"key_hash": "{column} # {id}", "case_id": _IDS},
    "statistics_movement": {"transport_unit_id": _IDS},
}


def copy_days(dsn: str, days: range) -> None:
    """Copy what was filed since the store is there to each of the days before."""
    with psycopg.connect(dsn) as connection:
        (least_id,) = _one(
            connection,
            "SELECT min(consignment_id) FROM declared_consignment WHERE reference !~ '^d[0-9]{2}-'",
        )
        # Stopped before its end, it goes on with the day that is not there yet.
        (there,) = _one(
            connection,
            "SELECT count(DISTINCT left(reference, 3)) FROM declared_consignment WHERE consignment_id < %s",
            least_id,
        )
        for day in days[there:]:
            for table in _CHANGED:
                if table == "task" and day > TASKS_KEPT_DAYS:
                    continue
                connection.execute(_statement(connection, table, day, least_id))
            connection.commit()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _one(connection: psycopg.Connection, query: LiteralString, *values: object) -> tuple[int, ...]:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row


def _statement(connection: psycopg.Connection, table: str, day: int, least_id: int) -> sql.Composed:
    names = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = ''",
        (table,),
    ).fetchall()
    columns = [sql.Identifier(name) for (name,) in names]
    values = [_value(table, name, day) for (name,) in names]
    id_name = next(name for name, how in _CHANGED[table].items() if how == _IDS)
    where = sql.SQL("{} >= {}").format(sql.Identifier(id_name), sql.Literal(least_id))
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(columns),
        sql.SQL(", ").join(values),
        sql.Identifier(table),
        where,
    )


def _value(table: str, name: str, day: int) -> sql.Composable:
    column = sql.Identifier(name)
    how = _CHANGED[table].get(name)
    if how is None:
        return column
    return sql.SQL(how).format(
        column=column,
        id=sql.Literal(day * _DAY_IDS),
        days=sql.Literal(dt.timedelta(days=day)),
        mark=sql.Literal(f"d{day:02d}-"),
    )
