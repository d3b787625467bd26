"""The parcels of one flight are looked up, never searched for among all, also where PostgreSQL knows nothing
of the tables yet.
"""

from typing import Any

import psycopg
import pytest

from serai.foundation.ids import first_id_at
from serai.journey.statistics.store import QUERIES
from tests.journey.cases.world import AT

FLIGHTS, BAGS, PARCELS = 20, 40, 40_000
FIRST_ID = first_id_at(AT)
"""Flights have the ids from here, their bags those after, FIRST_ID + 1_000 + flight * BAGS + bag."""

_UNITS = """
    INSERT INTO transport_unit (transport_unit_id, administration_id, kind, number, parent_id, created_at)
    SELECT %(first)s + n, 1, 1, 'F' || n, NULL, %(at)s FROM generate_series(0, %(flights)s - 1) AS n
    UNION ALL
    SELECT %(first)s + 1000 + n, 1, 4, 'B' || n, %(first)s + n / %(bags)s, %(at)s
    FROM generate_series(0, %(flights)s * %(bags)s - 1) AS n"""
_CONSIGNMENTS = """
    INSERT INTO declared_consignment (consignment_id, administration_id, case_id, party_id, document_id,
        version, mrn_ends, reference, transport_unit_id, logistics_channel_code, consignee_country_code,
        item_count, law_on, accepted_at,
        decision_id, basis_id, lane, status, reasons, changed_at, first_person_id, person_roles,
        received_at, decision_kind, is_provisional, salt, detail)
    SELECT %(first)s + 100000 + n, 1, n, 10, n, 1, '26XX0', 'R' || n,
        %(first)s + 1000 + n %% (%(flights)s * %(bags)s), 'post', 'DE', 1, '2026-07-01',
        %(at)s, n, 1, n %% 3, 0, '', %(at)s, n, 1, %(at)s, 1, false, '', ''
    FROM generate_series(1, %(parcels)s) AS n"""


@pytest.fixture(scope="module")
def reader(make_database: Any) -> Any:
    """A connection as pages have it, on tables that were never analyzed."""
    with psycopg.connect(make_database(), autocommit=True) as connection:
        parts = connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'declared_consignment'::regclass"
        )
        for table in ("transport_unit", *(name for (name,) in parts)):
            connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
        sizes = {"first": FIRST_ID, "flights": FLIGHTS, "bags": BAGS, "parcels": PARCELS, "at": AT}
        connection.execute(_UNITS, sizes)
        connection.execute(_CONSIGNMENTS, sizes)
        connection.execute("SET ROLE serai_reader")
        connection.execute("SELECT set_config('serai.administration_id', '1', false)")
        yield connection


@pytest.mark.parametrize("lane", [None, 0, 2])
@pytest.mark.parametrize("party_id", [None, 10])
def test_a_flights_parcels_cost_what_is_on_it(
    reader: psycopg.Connection[Any], lane: int | None, party_id: int | None
) -> None:
    asked = {
        "administration_id": 1,
        "unit_id": FIRST_ID + 7,
        "before_id": 2**63 - 1,
        "lane": lane,
        "status": None,
        "destination": None,
        "party_id": party_id,
        "count_max": 26,
    }

    found = reader.execute(QUERIES["select_parcels_below"], asked, prepare=False).fetchall()
    plan = reader.execute(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {QUERIES['select_parcels_below']}", asked, prepare=False
    ).fetchone()

    assert len(found) == 26
    assert plan is not None
    top = plan[0][0]["Plan"]
    pages = top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    on_flight = PARCELS // FLIGHTS
    assert pages < 2 * on_flight, "about one page for each parcel on it, and not all tables"
