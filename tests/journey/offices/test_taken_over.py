"""Offices that a file gives hold until the first one is saved, and are rows from then on."""

import datetime as dt
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser
from serai.journey.offices.office import Office, read_offices
from serai.journey.offices.service import OfficeBook

AT = dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)
OF_FILE = """
- {name: Post Office of Customs, address: Way 1, hours: always, contact: p@x.example, channel_codes: [post]}
- name: Irish Office
  address: Way 2
  hours: always
  contact: i@x.example
  country_codes: [IE]
  channel_codes: [post]
"""
ADDED = Office("Airport Office", "Way 3", "always", "a@x.example", [], ["express"])


async def test_offices_of_the_file_become_rows_with_the_first_that_is_saved(
    database: str, tmp_path: Path
) -> None:
    file = tmp_path / "offices.yaml"
    file.write_text(OF_FILE)
    book = OfficeBook(1, read_offices(str(file), "Testland Customs"), ZoneInfo("Europe/Dublin"))
    by = ActingUser(1, "operator:test", AT, count(100).__next__)
    async with await AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(
            "INSERT INTO administration VALUES (1, 'TL', 'Testland Customs', 'Europe/Dublin', true, %s)", [AT]
        )
        before = await book.in_force(connection, AT)
        asked = [("IE", "post"), ("DE", "post"), ("DE", "express")]
        first = [before.responsible_for(*one).name for one in asked]
        written = await (await connection.execute("SELECT count(*) FROM customs_office")).fetchone()
        _, is_new = await book.set_office(connection, by, "AIR", ADDED, None)
        after = await book.in_force(connection, AT)
        then = [after.responsible_for(*one).name for one in asked]
        await book.set_office(connection, by, "file-2", ADDED, None)
        await book.end_office(connection, by, "file-1", None)
        # The file counts no more, whatever it says from now on.
        bare = OfficeBook(1, read_offices("", "Testland Customs"), book.zone)
        left = [one.reference for one in await bare.list_rows(connection, AT)]
        cursor = await connection.execute(
            "SELECT subject, kind FROM administering_act WHERE kind LIKE 'office%' ORDER BY act_id"
        )
        acts = await cursor.fetchall()

    assert first == ["Irish Office", "Post Office of Customs", "Testland Customs"]
    assert written == (0,)
    assert is_new
    assert then == ["Irish Office", "Post Office of Customs", "Airport Office"]
    assert sorted(left) == ["AIR", "file-2"]
    assert acts == [
        ("office file-1", "office-added"),
        ("office file-2", "office-added"),
        ("office AIR", "office-added"),
        ("office file-2", "office-changed"),
        ("office file-1", "office-ended"),
    ]
