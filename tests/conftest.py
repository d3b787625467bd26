"""One PostgreSQL server for all tests of this checkout; a fresh migrated database for each module."""

import fcntl
import gc
import hashlib
import io
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from serai.foundation.clock import SystemClock
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.metrics import Metrics
from serai.foundation.migrations import migrate, read_migrations
from serai.foundation.shipped import find_shipped
from tests.beside import NO_PART
from tests.files_in_memory import use_memory
from tests.telling import telling_to
from tests.turns import is_in_turn

# Durable to a killed process, not to a power cut: nobody needs a test's rows afterwards.
_SETTINGS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB", "max_wal_size": "1GB"}
# A node's database is as old as its first start; nothing else asks for this instant.
_AT = SystemClock().now()
_TESTS = Path(__file__).parent
_LONGEST_FIRST = {
    folder: place
    for place, folder in enumerate(
        ("browser", "docs", "scenarios", "faults", "conformance", "cli", "deploy", "web", "journey")
    )
}
"""Folders whose files start browsers, processes and nodes; what is left is short, and ends both workers at
once."""
use_memory()
# What a first import takes of an example's time judges nothing.
settings.register_profile("serai", deadline=None)
settings.load_profile("serai")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the garbage collector, and keep what was collected out of each later run of it.

    Nearly all that is imported and collected stays, some million objects: to look through it again and again
    while it grows took two fifths of the time. Later it runs less often than it would: building a server's
    application takes half the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(100_000, 10, 10)
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not in turn, and put the long folders first: no worker ends alone with one."""
    waiting = [one for one in items if one.get_closest_marker("in_turn") and not is_in_turn(one.nodeid)]
    if waiting:
        config.hook.pytest_deselected(items=waiting)
        left_out = set(waiting)
        items[:] = [one for one in items if one not in left_out]
    items.sort(key=_place_of)


def _place_of(item: pytest.Item) -> int:
    return _LONGEST_FIRST.get(item.path.relative_to(_TESTS).parts[0], len(_LONGEST_FIRST))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close the browser before a test that needs none, and may run a loop of its own."""
    if "browser" not in getattr(item, "fixturenames", ()):
        _close_browser()


def pytest_sessionfinish() -> None:
    _close_browser()


def _close_browser() -> None:
    # Only where a test has asked for one: most runs of a file never load Playwright.
    if module := sys.modules.get("tests.open_browser"):
        module.close_browser()


@pytest.fixture(scope="session", autouse=True)
def databases_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Remove the databases of nodes in this run's folders that lie elsewhere.

    pytest's folders are for their owner alone, so a server that runs as another user lies in /var/lib/serai,
    a hundred megabytes each, and only a link in the node's folder tells.
    """
    yield
    for link in tmp_path_factory.getbasetemp().rglob("postgres"):
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say at the very end how many tests were skipped and why, a line a reason.

    A clone that stands alone has no `../shared`; what judges each format there says
    docs/reference/message-sets.md.
    """
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    alone = sum(times for reason, times in reasons.items() if reason.endswith(NO_PART))
    terminalreporter.write_sep("-", f"{len(skipped)} skipped, {alone} of them for want of ../shared")
    for reason, times in reasons.most_common():
        terminalreporter.write_line(f"{times:>5} {reason}")


def server_folder() -> Path:
    checkout = hashlib.sha256(os.fsencode(Path(__file__).resolve())).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"serai-tests-{os.geteuid()}-{checkout}"


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedPostgres]:
    """The running server. Runs and workers share it; whoever leaves last cleans and stops it.

    Each holds a shared lock while it runs. The system frees the lock of a killed run, and what that run left
    is cleaned by the next that leaves last.
    """
    folder = server_folder()
    folder.mkdir(exist_ok=True)
    with (folder / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server = EmbeddedPostgres(folder / "postgres", settings=_SETTINGS)
        server.start()
        yield server
        try:
            # A run that comes in between takes its lock first, and starts the server after.
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _drop_databases(server, keep=_template_name())
        server.stop()


@pytest.fixture(scope="session")
def copy_database(server: EmbeddedPostgres) -> Callable[[str], str]:
    """A function that copies a database to which nobody is connected, such as one that a dear beginning has
    filled, and returns the connection string of the copy (role `serai`)."""
    numbers = count(1)

    def copy(dsn: str) -> str:
        return _copy(server, _name_of(dsn), f"test_{os.getpid()}_copy_{next(numbers)}")

    return copy


@pytest.fixture(scope="session")
def drop_database(server: EmbeddedPostgres) -> Callable[[str], None]:
    """A function that drops the database of a connection string, whoever is connected."""
    return lambda dsn: _execute(server, "DROP DATABASE {} WITH (FORCE)", _name_of(dsn))


@pytest.fixture(scope="session")
def make_database(server: EmbeddedPostgres) -> Callable[[], str]:
    """A function that makes one more migrated database and returns its connection string (role `serai`)."""
    template = _make_template(server)
    numbers = count(1)

    def make() -> str:
        return _copy(server, template, f"test_{os.getpid()}_{next(numbers)}")

    return make


@pytest.fixture(scope="module")
def database(make_database: Callable[[], str], drop_database: Callable[[str], None]) -> Iterator[str]:
    """The connection string (role `serai`) of a fresh migrated database of this test module."""
    dsn = make_database()
    yield dsn
    drop_database(dsn)


@pytest.fixture(scope="module")
def world_database(
    make_database: Callable[[], str],
    copy_database: Callable[[str], str],
    drop_database: Callable[[str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The connection string of a database in which `running_world` finds its parties, list and law."""
    from tests.journey.cases.first_world import copy_first_world  # noqa: PLC0415 (the whole service)

    folder = tmp_path_factory.getbasetemp() / "first-world"
    with ThreadPoolExecutor(1) as thread:  # Playwright's loop may run in this one
        dsn = thread.submit(copy_first_world, make_database, copy_database, folder).result()
    yield dsn
    drop_database(dsn)


def _name_of(dsn: str) -> str:
    return str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"])


def _copy(server: EmbeddedPostgres, of: str, name: str) -> str:
    _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _execute(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy OWNER serai", name, of)
    return _as_serai(server, name)


def _template_name() -> str:
    checksums = b"".join(migration.checksum for migration in read_migrations(find_shipped("migrations")))
    return f"template_{hashlib.sha256(checksums).hexdigest()[:12]}_{_AT:%Y%m}"


def _make_template(server: EmbeddedPostgres) -> str:
    name = _template_name()
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            unfinished = f"unfinished_{os.getpid()}"
            _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", unfinished)
            _execute(server, "CREATE DATABASE {} OWNER serai", unfinished)
            migrate(_as_serai(server, unfinished), find_shipped("migrations"), at=_AT)
            _execute(server, "ALTER DATABASE {} RENAME TO {}", unfinished, name)
    return name


def _drop_databases(server: EmbeddedPostgres, *, keep: str) -> None:
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT datname FROM pg_database WHERE datname ~ '^(test|template|unfinished)_'"
        ).fetchall()
    for (name,) in rows:
        if name != keep:
            _execute(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _as_serai(server: EmbeddedPostgres, name: str) -> str:
    return psycopg.conninfo.make_conninfo(server.superuser_dsn(), user="serai", dbname=name)


def _execute(server: EmbeddedPostgres, statement: str, *names: str) -> None:
    with psycopg.connect(server.superuser_dsn(), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What this process tells its operator during a test, line by line."""
    stream = io.StringIO()
    with telling_to(stream, SystemClock(), Metrics()):
        yield stream
