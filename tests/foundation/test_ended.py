"""What opens nothing any more is forgotten after a month, and nothing else is."""

from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import AsyncConnection

from serai.foundation.access import parties
from serai.foundation.access.ended import KEPT, forget_ended
from serai.foundation.access.recognition import KeyDirectory
from serai.foundation.database import Database
from serai.model.errors import SeraiError

AT = datetime(2026, 7, 1, tzinfo=UTC)
LONG_AGO = AT - KEPT - timedelta(seconds=1)
LATELY = AT - KEPT + timedelta(seconds=1)
LATER = AT + timedelta(days=1)


async def _fill(connection: AsyncConnection) -> list[str]:
    """Sessions, links, tries and keys by what becomes of them; returns the keys' texts."""
    await connection.execute(
        "INSERT INTO administration VALUES (1, 'TL', 'Testland Customs', 'UTC', true, %s)", [LONG_AGO]
    )
    await connection.execute(
        "INSERT INTO account (account_id, administration_id, sign_in_name, person, password_hash, roles,"
        " created_at) VALUES (5, 1, 'officer', 'officer', '', '{officer}', %s)",
        [LONG_AGO],
    )
    for name, expires_at, ended_at in (
        ("expired", LONG_AGO, None),
        ("ended", LATER, LONG_AGO),
        ("lately", LATER, LATELY),
        ("open", LATER, None),
    ):
        values = {"name": name.encode(), "at": LONG_AGO, "expires_at": expires_at, "ended_at": ended_at}
        await connection.execute(
            "INSERT INTO page_session VALUES"
            " (%(name)s, 1, 5, %(at)s, %(expires_at)s, %(ended_at)s, %(at)s, false)",
            values,
        )
        await connection.execute(
            "INSERT INTO one_use_link VALUES (%(name)s, 1, 5, %(at)s, %(expires_at)s, %(ended_at)s)", values
        )
    for name, last_at in (("old", LONG_AGO), ("lately", LATELY)):
        await connection.execute("INSERT INTO sign_in_try VALUES (1, %s, 3, %s)", [name.encode(), last_at])
    await parties.create_party(connection, party_id=10, administration_id=1, name="Anvil Post", at=LONG_AGO)
    texts = []
    for key_id, until in enumerate((LONG_AGO, LATELY, LATER, None), 100):
        made = await parties.add_key(
            connection,
            key_id=key_id,
            party_id=10,
            administration_id=1,
            scopes=frozenset({"reading"}),
            at=LONG_AGO,
            expires_at=until,
        )
        texts.append(made.text)
    return texts


async def test_what_ended_a_month_ago_is_forgotten_and_the_keys_row_stays(database: str) -> None:
    async with await AsyncConnection.connect(database) as owner:
        texts = await _fill(owner)
    async with Database(
        database, pool_size_count=1, statement_timeout_ms=10_000, administration_id=1
    ) as opened:
        async with opened.write() as connection:
            first = await forget_ended(connection, administration_id=1, at=AT)
        async with opened.write() as connection:
            again = await forget_ended(connection, administration_id=1, at=AT)
        keys = KeyDirectory(opened, administration_id=1)
        told = []
        for text in texts:
            try:
                told.append((await keys.find_actor(text, AT, 0.0)).display_name)
            except SeraiError as error:
                told.append(error.code)

    assert (first, again) == (2 + 2 + 1 + 1, 0)
    assert told == ["key-unknown", "key-expired", "Anvil Post", "Anvil Post"]
    with psycopg.connect(database) as reader:
        left = {
            table: {bytes(one).decode() for (one,) in reader.execute(query).fetchall()}
            for table, query in (
                ("session", "SELECT session_hash FROM page_session"),
                ("link", "SELECT link_hash FROM one_use_link"),
                ("try", "SELECT subject_hash FROM sign_in_try"),
            )
        }
        keys_count = reader.execute("SELECT count(*) FROM api_key").fetchone()
    assert left == {"session": {"lately", "open"}, "link": {"lately", "open"}, "try": {"lately"}}
    assert keys_count == (4,), "records name keys by their numbers"
