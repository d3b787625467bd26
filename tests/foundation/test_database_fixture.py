"""The fixture `database` that all tests stand on."""

from collections.abc import Callable

import psycopg

from tests.costs import costs_at_most


def test_database_is_migrated_and_belongs_to_serai(database: str) -> None:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT current_user, count(*) FROM node_id").fetchone()

    assert row == ("serai", 1024)


def test_databases_are_apart_and_quick_to_make(make_database: Callable[[], str]) -> None:
    with costs_at_most(cpu_s=5):
        first, second = make_database(), make_database()

        with psycopg.connect(first) as connection:
            connection.execute("CREATE TABLE only_here ()")
        with psycopg.connect(second) as connection:
            assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)
