"""`serai doctor`: what an operator should see to; nothing is started and nothing changed."""

import asyncio
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from http.client import HTTPException

import msgspec
import psycopg

from serai.app import published_checkpoint
from serai.cli.output import OutputOption, choose_output, print_json, print_rows
from serai.foundation.clock import SystemClock
from serai.foundation.doctor.database import SlowStatement, look_at_database, slow_statements
from serai.foundation.doctor.host import look_at_host
from serai.foundation.doctor.remark import Remark, blame, warn, well
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.keys import KeyFolder
from serai.foundation.settings import Settings
from serai.foundation.settings_reading import read_settings_here
from serai.foundation.shipped import find_shipped
from serai.model.errors import SeraiError
from serai.web.health import Readiness

_PATIENCE_S = 5


def doctor(*, output: OutputOption = None) -> int:
    """Look at settings, keys, disk, database, log and server, and say what to do. Exit code 1: something is.

    In JSON also `slow_statements`: those that took most time, where the database counts them
    (pg_stat_statements).
    """
    settings = read_settings_here()
    remarks, statements = asyncio.run(_look(settings))
    chosen = choose_output(output)
    rows = [msgspec.to_builtins(one) for one in remarks]
    if chosen == "json":
        print_json({"remarks": rows, "slow_statements": statements})
    else:
        print_rows(rows, chosen, ["state", "subject", "message", "next_step"])
        if chosen == "table" and statements:
            print_rows([msgspec.to_builtins(one) for one in statements], chosen)
    return 1 if any(one.state != "well" for one in remarks) else 0


async def _look(settings: Settings) -> tuple[list[Remark], list[SlowStatement]]:
    at = SystemClock().now()
    remarks = [*look_at_host(settings, at), _look_at_server(settings)]
    dsn = settings.database.dsn or EmbeddedPostgres.of_node(settings).running_dsn()
    if dsn is None:
        remarks.append(
            warn(
                "database",
                "database-not-running",
                "The embedded PostgreSQL does not run, so it was not looked at.",
                "Start `serai serve`, and type `serai doctor` again.",
            )
        )
        return remarks, []
    try:
        connection = await psycopg.AsyncConnection.connect(dsn, connect_timeout=_PATIENCE_S)
    except psycopg.OperationalError:
        # The fault's own words may hold the connection string.
        remarks.append(
            blame(
                "database",
                "database-unreachable",
                "The database does not answer.",
                "See that it runs and that database.dsn is right.",
            )
        )
        return remarks, []
    async with connection:
        await connection.set_read_only(True)
        migrations = find_shipped("migrations")
        remarks += [one async for one in look_at_database(connection, settings, migrations, at)]
        remarks += [one async for one in _look_at_log(connection, settings)]
        return remarks, await slow_statements(connection)


async def _look_at_log(connection: psycopg.AsyncConnection, settings: Settings) -> AsyncIterator[Remark]:
    """Hold the newest checkpoint outside the database against what the database holds."""
    folder = settings.data.keys_folder
    # Looking first: to open the key would make one.
    if not (folder / "signing.pem").is_file():
        return
    key = KeyFolder(folder).signing_key(())
    try:
        await published_checkpoint(settings, key.public_key).require_all(connection)
    except SeraiError as fault:
        yield blame("log", fault.code, fault.message, fault.next_step)
        return
    except psycopg.errors.UndefinedTable:
        return
    yield well("log", "the database holds all that was signed; `serai log verify` recomputes it")


def _look_at_server(settings: Settings) -> Remark:
    """Ask the server on this machine whether it is ready."""
    host = settings.server.host if settings.server.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104
    address = f"http://{host}:{settings.server.port}/readyz"
    try:
        content = _ask(address)
    except HTTPException:
        content = b""
    except OSError:
        return warn(
            "server",
            "server-not-running",
            f"No Serai answers at {address}.",
            "Start `serai serve`, or look at its last lines.",
        )
    return _of_readiness(content)


def _ask(address: str) -> bytes:
    try:
        answer = urllib.request.urlopen(address, timeout=_PATIENCE_S)  # noqa: S310 - http, as made above
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        content: bytes = answer.read()
    return content


def _of_readiness(content: bytes) -> Remark:
    """Say what was answered. content: of whoever listens there, which need not be us."""
    try:
        found = msgspec.json.decode(content, type=Readiness)
    except msgspec.DecodeError:
        return _not_ready("something else listens there")
    unwell = [f"{one.name}: {one.detail}" for one in found.checks if not one.is_well]
    if unwell:
        return _not_ready(", ".join(unwell))
    if found.alarms:
        first = found.alarms[0]
        return warn("server", first.code, first.message, first.next_step)
    return well("server", ", ".join(f"{one.name}: {one.detail}" for one in found.checks))


def _not_ready(words: str) -> Remark:
    return blame("server", "not-ready", f"It takes nothing: {words}.", "Put right what is named.")
