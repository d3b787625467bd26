"""Whoever works for one administration reads and writes its rows alone: in every table there is."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
import pytest
from psycopg import AsyncConnection, sql
from psycopg.errors import FeatureNotSupported, InsufficientPrivilege

import serai
from serai.foundation.binary_arrays import BIGINT, SMALLINT, Numbers, Rows, Texts
from serai.foundation.copying import COPIED_ROWS_COUNT_MIN, TableBuffer, copy_table
from serai.foundation.database import Database
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.queries import load_queries

AT: Final = datetime(2026, 7, 1, tzinfo=UTC)
OWN, OTHER = 1, 2
OF_THE_NODE: Final = {
    "database_era": "which history of the database numbers of transactions belong to",
    "log_tile": "hashes of the node's one log, public",
    "log_cosignature": "what others have signed of the node's one log, public",
    "log_witness": "who countersigns the node's one log",
    "log_checkpoint": "signed roots of the node's one log, public",
    "migration": "the history of the database's shape, the owner's",
    "node_id": "numbers that all processes lease",
    "node_secret": "how the key folder's secrets are known again, the owner's",
    "signing_key": "public keys of the node's one log",
    "vault_dictionary": "what messages are compressed with, without personal data",
}
"""Tables of no administration, and why."""
WRITTEN_BY_ALL: Final = {"node_id"}
_VALUES: Final[dict[str, Callable[[int], Any]]] = {
    "text": "t{}".format,
    "bytea": lambda n: n.to_bytes(4),
    "timestamp with time zone": lambda _: AT,
    "date": lambda _: AT.date(),
    "boolean": lambda _: False,
    "jsonb": lambda _: "{}",
    "xid8": str,
}
# Where a row must agree with itself.
_FITTING: Final = {("task", "kind"): 1}
_NAME: Final = re.compile(r"%\((\w+)\)s")


AS_THE_OWNER: Final = {
    "app.py": "the start, the log, partitions, what a crash left of erasures in the node's key folder",
    "cli/law_publish.py": "a publication of law is signed by the key of the node's log",
    "cli/log.py": "the log is the node's",
    "cli/migrate.py": "partitions of tables that a migration has made",
    "cli/node.py": "the start of a command: partitions, number of the process, administration",
    "cli/risk.py": "a risk model is signed by the key of the node's log",
    "cli/person.py": "what was erased is erased again in a restored database, of everybody",
    "cli/proposal.py": "the node's secret under which proposals are sealed",
    "cli/repay.py": "the node's secret under which a plan is proposed to a second person",
    "cli/serve.py": "keys that everybody knows are looked for before a node starts in earnest",
    "journey/history/service.py": "what others are doing is shown to the role that signed in alone",
    "journey/retention/service.py": "whole partitions go, of all administrations",
    "web/log_api.py": "entries of the node's log",
}
"""Who works over all administrations, by file, and what for."""


class Table:
    """A table, and how to make rows for it."""

    def __init__(self, name: str, columns: list[tuple[str, str]], has_identity: bool) -> None:
        self.name, self.columns, self.has_identity = name, columns, has_identity

    def insert(self, administration_id: int, number: int) -> tuple[sql.Composed, list[Any]]:
        names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in self.columns)
        places = sql.SQL(", ").join(sql.SQL("%s::" + kind) for _, kind in self.columns)
        over = sql.SQL("OVERRIDING SYSTEM VALUE " if self.has_identity else "")
        statement = sql.SQL("INSERT INTO {} ({}) {}VALUES ({})").format(
            sql.Identifier(self.name), names, over, places
        )
        return statement, [self._value(name, kind, administration_id, number) for name, kind in self.columns]

    def _value(self, name: str, kind: str, administration_id: int, number: int) -> Any:
        if name == "administration_id":
            return administration_id
        if (self.name, name) in _FITTING:
            return _FITTING[self.name, name]
        if kind.endswith("[]"):
            return "{}"
        return _VALUES[kind](number) if kind in _VALUES else number


def tables_of(connection: psycopg.Connection) -> list[Table]:
    """Every table that has rows of administrations, by name; the administrations themselves come first."""
    rows = connection.execute(
        """SELECT relname, array_agg(attname::text ORDER BY attnum) FILTER (WHERE wanted),
            array_agg(format_type(atttypid, NULL) ORDER BY attnum) FILTER (WHERE wanted),
            bool_or(attidentity <> '')
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        CROSS JOIN LATERAL (SELECT attnotnull AND attgenerated = '' AND NOT atthasdef) AS one (wanted)
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
            AND attnum > 0 AND NOT attisdropped
        GROUP BY relname HAVING bool_or(attname = 'administration_id')
        ORDER BY relname <> 'administration', relname"""
    ).fetchall()
    return [
        Table(name, list(zip(names, kinds, strict=True)), identity) for name, names, kinds, identity in rows
    ]


@pytest.fixture(scope="module")
def tables(server: EmbeddedPostgres, database: str) -> list[Table]:
    """All tables, each with a row of either administration."""
    name = str(psycopg.conninfo.conninfo_to_dict(database)["dbname"])
    numbers = count(1)
    with psycopg.connect(server.superuser_dsn(), dbname=name) as connection:
        # What rows refer to does not matter here.
        connection.execute("SET session_replication_role = replica")
        found = tables_of(connection)
        for table in found:
            for administration_id in (OWN, OTHER):
                connection.execute(*table.insert(administration_id, next(numbers)))
    return found


@pytest.fixture
async def writers(database: str) -> AsyncIterator[Database]:
    async with Database(
        database, administration_id=OWN, pool_size_count=1, statement_timeout_ms=20_000
    ) as pools:
        yield pools


async def _count(connection: AsyncConnection, relation: str, administration_id: int) -> int:
    statement = sql.SQL("SELECT count(*) FROM {} WHERE administration_id = %s")
    cursor = await connection.execute(statement.format(sql.Identifier(relation)), [administration_id])
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def _refused(
    connection: AsyncConnection, statement: sql.Composed, values: list[Any] | None = None
) -> bool:
    try:
        async with connection.transaction(force_rollback=True):
            await connection.execute(statement, values)
    except InsufficientPrivilege:
        return True
    return False


APPENDED_ONLY = {
    "guarantee_reservation",
    "payment_account_movement",
    "ledger_account",
    "ledger_posting",
    "ledger_entry",
    "payment_allocation",
    "charge_repayment",
    "risk_rule_version",
}
"""What nobody changes or deletes, be it their own."""


async def test_a_writer_reads_changes_and_deletes_its_own_rows_alone(
    writers: Database, tables: list[Table]
) -> None:
    passed = {}
    async with writers.write() as connection:
        for table in tables:
            name = sql.Identifier(table.name)
            seen = (await _count(connection, table.name, OWN), await _count(connection, table.name, OTHER))
            change = sql.SQL("UPDATE {} SET administration_id = administration_id").format(name)
            delete = sql.SQL("DELETE FROM {} WHERE administration_id = {}").format(name, OTHER)
            if table.name in APPENDED_ONLY:
                if seen != (1, 0) or not all([await _refused(connection, one) for one in (change, delete)]):
                    passed[table.name] = (seen, 1, 1)
                continue
            async with connection.transaction(force_rollback=True):
                changed = (await connection.execute(change)).rowcount
                deleted = (await connection.execute(delete)).rowcount
            if (seen, changed, deleted) != ((1, 0), 1, 0):
                passed[table.name] = (seen, changed, deleted)

    assert len(tables) > 60
    assert passed == {}


async def test_a_writer_adds_no_row_to_another_administration_and_gives_it_none(
    writers: Database, tables: list[Table]
) -> None:
    passed, numbers = [], count(1_000)
    async with writers.write() as connection:
        for table in tables:
            give = sql.SQL("UPDATE {} SET administration_id = %s").format(sql.Identifier(table.name))
            if not await _refused(connection, *table.insert(OTHER, next(numbers))):
                passed.append(f"insert into {table.name}")
            if not await _refused(connection, give, [OTHER]):
                passed.append(f"give away {table.name}")

    assert passed == []


async def test_no_view_and_no_partition_is_a_way_around(writers: Database, tables: list[Table]) -> None:
    async with writers.write_as_owner() as connection:
        cursor = await connection.execute(
            """SELECT relname, relkind = 'v' FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
                AND (relkind = 'v' OR relispartition AND relkind = 'r')"""
        )
        relations = [(name, is_view) for name, is_view in await cursor.fetchall() if name != "partition_end"]
    assert len(tables) > 0
    async with writers.write() as connection:
        for name, is_view in relations:
            if is_view:
                assert await _count(connection, name, OTHER) == 0, name
            else:
                read = sql.SQL("SELECT FROM {}").format(sql.Identifier(name))
                assert await _refused(connection, read), name
    async with writers.read(OWN) as connection:
        assert await _count(connection, "own_submission", OWN) == 1
        assert await _count(connection, "own_submission", OTHER) == 0


@pytest.mark.usefixtures("tables")
async def test_copying_passes_for_its_own_rows_alone(writers: Database) -> None:
    def rows(administration_ids: list[int]) -> Rows:
        numbers = np.arange(10_000, 10_000 + len(administration_ids), dtype=np.int64)
        return Rows(
            {
                "batch_id": Numbers(BIGINT, numbers),
                "administration_id": Numbers(SMALLINT, np.array(administration_ids)),
            }
        )

    many = [OWN] * COPIED_ROWS_COUNT_MIN
    async with writers.write() as connection, connection.transaction(force_rollback=True):
        for foreign in ([OWN, OTHER], [*many, OTHER]):
            with pytest.raises(InsufficientPrivilege):
                async with connection.transaction():
                    await copy_table(connection, "log_pending", rows(foreign))
            assert await _role(connection) == "serai_writer", "the savepoint took the role back with it"
        with pytest.raises(FeatureNotSupported):
            async with connection.transaction(), connection.cursor().copy("COPY log_pending FROM STDIN"):
                pass


@pytest.mark.usefixtures("tables")
async def test_a_batch_steps_out_once_for_all_that_it_copies(
    writers: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    execute = AsyncConnection.execute

    async def note(connection: AsyncConnection, query: Any, *given: Any, **more: Any) -> Any:
        said.append(str(query))
        return await execute(connection, query, *given, **more)

    buffer = TableBuffer()
    for kind in (20, 21):
        numbers = np.arange(1_500, dtype=np.int64)
        columns: dict[str, Numbers | Texts] = {
            "administration_id": Numbers(SMALLINT, numbers * 0 + OWN),
            "party_id": Numbers(BIGINT, numbers),
            "kind": Numbers(SMALLINT, numbers * 0 + kind),
            "word": Texts(["invented"] * len(numbers)),
        }
        buffer.add("epcis_word", Rows(columns))
    async with writers.write() as connection, connection.transaction(force_rollback=True):
        before = await _count(connection, "epcis_word", OWN)
        monkeypatch.setattr(AsyncConnection, "execute", note)
        await buffer.write(connection)
        monkeypatch.undo()
        assert await _role(connection) == "serai_writer"
        assert await _count(connection, "epcis_word", OWN) == before + 3_000

    assert sum("set_config('role'" in one for one in said) == 2, "out and back"


async def _role(connection: AsyncConnection) -> str:
    cursor = await connection.execute("SELECT current_user::text")
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def test_every_table_is_of_an_administration_or_has_a_reason(database: str) -> None:
    with psycopg.connect(database) as connection:
        every = {
            name: (bool(has_security), set(may or []))
            for name, has_security, may in connection.execute(
                """SELECT relname, relrowsecurity,
                    array_agg(privilege_type) FILTER (WHERE grantee = 'serai_writer'::regrole)
                FROM pg_class LEFT JOIN LATERAL aclexplode(relacl) AS entry ON true
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                GROUP BY relname, relrowsecurity"""
            )
        }
        apart = {table.name for table in tables_of(connection)}
        policies = {
            name
            for (name,) in connection.execute(
                """SELECT tablename FROM pg_policies WHERE cmd = 'ALL' AND 'serai_writer' = ANY(roles)
                AND qual = with_check AND qual LIKE '%administration_id = ( SELECT%'"""
            )
        }
        owned = connection.execute(
            "SELECT count(*) FROM pg_shdepend WHERE refobjid = 'serai_writer'::regrole AND deptype = 'o'"
        ).fetchone()
        role = connection.execute(
            """SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles
            WHERE rolname = 'serai_writer'"""
        ).fetchone()

    assert set(every) - apart == set(OF_THE_NODE)
    assert policies == apart
    assert {name for name, (has_security, _) in every.items() if has_security} == apart
    changing = {"INSERT", "UPDATE", "DELETE", "TRUNCATE"}
    assert {name for name in OF_THE_NODE if every[name][1] & changing} == WRITTEN_BY_ALL
    assert owned == (0,)
    assert role == (False, False, False, False)


def test_who_works_over_all_administrations_is_named() -> None:
    folder = Path(serai.__file__).parent
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if re.search(r"\.write_as_owner\b|(?<!def )owner_transaction\(dsn", path.read_text(encoding="utf-8"))
    }

    assert found == set(AS_THE_OWNER)


# ---- the ways to rows ----

_ONLY_WHOSE: Final = re.compile(r"\(*\w*\.?administration_id = [^=<>&@~]*")


def _loose_scans(plan: dict[str, Any], relation: str = "") -> Counter[str]:
    """Count by table the scans that no condition narrows but whose rows they are."""
    relation = plan.get("Relation Name", relation)
    loose: Counter[str] = Counter()
    if plan["Node Type"] in ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"):
        condition = plan.get("Index Cond")
        loose[relation] += condition is None or _ONLY_WHOSE.fullmatch(condition) is not None
    for below in plan.get("Plans", []):
        loose += _loose_scans(below, relation)
    return loose


def _plan(connection: psycopg.Connection, role: str, statement: str) -> Counter[str] | None:
    """None: the statement cannot be explained, or is not for this role."""
    try:
        with connection.transaction():
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            row = psycopg.RawCursor(connection).execute(statement.encode()).fetchone()
    except psycopg.Error:
        return None
    assert row is not None
    return _loose_scans(row[0][0]["Plan"])


@pytest.mark.usefixtures("tables")
def test_no_statement_loses_its_index_to_the_policies(server: EmbeddedPostgres, database: str) -> None:
    """Behind a policy a condition that may tell what it saw is tried last, and no index is used for it."""
    name = str(psycopg.conninfo.conninfo_to_dict(database)["dbname"])
    lost, compared_count = {}, 0
    with psycopg.connect(server.superuser_dsn(), dbname=name) as connection:
        # As if the tables were full, and all rows of one administration.
        connection.execute(
            """SELECT pg_restore_relation_stats(
                'schemaname', 'public', 'relname', relname::text, 'relpages', 1, 'reltuples', 1000000::real)
            FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'administration'"""
        )
        connection.execute(
            """SELECT pg_restore_attribute_stats(
                'schemaname', 'public', 'relname', relname::text, 'attname', 'administration_id',
                'inherited', false, 'null_frac', 0::real, 'avg_width', 2, 'n_distinct', 1::real)
            FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'administration_id'
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
        )
        connection.execute("SET LOCAL enable_seqscan = off")
        connection.execute("SELECT set_config('serai.administration_id', '1', true)")
        for path in sorted(Path(serai.__file__).parent.rglob("*.sql")):
            if path.parent.name == "retention":  # goes over all administrations, as the owner
                continue
            for key, query in load_queries(path).items():
                names = list(dict.fromkeys(_NAME.findall(query)))
                text = _NAME.sub(lambda found, names=names: f"${names.index(found[1]) + 1}", query)  # type: ignore[misc]
                text = "EXPLAIN (GENERIC_PLAN, FORMAT JSON) " + text.replace("%%", "%")
                as_owner = _plan(connection, "serai", text)
                if as_owner is None:
                    continue
                for role in ("serai_writer", "serai_reader"):
                    loose = _plan(connection, role, text)
                    compared_count += loose is not None
                    if loose is not None and (more := loose - as_owner):
                        lost[f"{path.parent.name}/{key}", role] = dict(more)
        connection.rollback()

    assert compared_count > 500
    assert lost == {}
