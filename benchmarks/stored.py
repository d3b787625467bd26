"""What PostgreSQL writes ahead and keeps: bytes of WAL, and of each table with its indexes."""

from typing import NamedTuple

import psycopg

_SIZES = """
    SELECT coalesce(root.relname, leaf.relname), sum(pg_total_relation_size(leaf.oid))::bigint
    FROM pg_class AS leaf LEFT JOIN pg_inherits ON inhrelid = leaf.oid
    LEFT JOIN pg_class AS root ON root.oid = inhparent
    WHERE leaf.relkind = 'r' AND leaf.relnamespace = 'public'::regnamespace GROUP BY 1"""


class Stored(NamedTuple):
    """Bytes at an instant. tables: by name, partitions under that of the whole."""

    wal: int
    tables: dict[str, int]


def stored(dsn: str) -> Stored:
    """Return what a database has written so far, and what it keeps."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").fetchone()
        sizes = connection.execute(_SIZES).fetchall()
    assert row is not None
    return Stored(int(row[0]), dict(sizes))


def bytes_each(before: Stored, after: Stored, count: int) -> dict[str, object]:
    """Return the bytes of one of `count`: of WAL, kept, and kept by table where it is a byte or more."""
    grown = {name: size - before.tables.get(name, 0) for name, size in after.tables.items()}
    each = {name: round(size / count) for name, size in sorted(grown.items(), key=lambda one: -one[1])}
    return {
        "wal_bytes": round((after.wal - before.wal) / count),
        "stored_bytes": round(sum(grown.values()) / count),
        "stored_bytes_by_table": {name: size for name, size in each.items() if size > 0},
    }
