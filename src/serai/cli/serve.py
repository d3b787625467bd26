"""`serai serve`: the database is brought up and migrated, then web processes answer until Ctrl-C."""

import asyncio
import sys
from typing import Annotated

from cyclopts import Parameter

from serai.app import check_start, open_node, running_database
from serai.cli.node import operator_name
from serai.cli.web_processes import listen, run_workers
from serai.foundation.access.administering import ActingUser
from serai.foundation.administration import register_administration
from serai.foundation.clock import SystemClock
from serai.foundation.database import owner_transaction
from serai.foundation.metrics import Metrics
from serai.foundation.settings import Settings
from serai.foundation.settings_reading import read_settings_here
from serai.foundation.telemetry import start_telemetry, telemetry
from serai.laboratory.sandbox import PARTIES, open_sandbox, refuse_in_earnest, refuse_published_keys
from serai.model.errors import SeraiError


def serve(
    *,
    workers: int | None = None,
    port: int | None = None,
    sandbox: Annotated[
        bool,
        Parameter(
            help="Open test parties whose keys are published; only in a test environment.", negative=""
        ),
    ] = False,
) -> int:
    """Serve the API and the pages.

    Parameters
    ----------
    workers
        Web processes; default: server.workers_count.
    port
        Port to listen on; default: server.port. 0 takes a free one.
    """
    start_telemetry(SystemClock(), Metrics())
    try:
        _serve(workers, port, is_sandbox=sandbox)
    except SeraiError as error:
        telemetry().error("start-refused", code=error.code)
        raise
    return 0


def _serve(workers: int | None, port: int | None, *, is_sandbox: bool) -> None:
    settings = _read_settings()
    if is_sandbox:
        refuse_in_earnest(settings.administration)
    with listen(settings, port) as listener, running_database(settings, SystemClock()) as dsn:
        asyncio.run(check_start(settings, dsn))
        asyncio.run(_open_sandbox(settings, dsn) if is_sandbox else _look_for_sandbox(settings, dsn))
        _tell_of_listening(settings.server.host, listener.getsockname()[1], is_sandbox=is_sandbox)
        run_workers(settings, dsn, listener, workers or settings.server.workers_count, _read_settings)
        telemetry().info("database-stopping")


def _tell_of_listening(host: str, port: int, *, is_sandbox: bool) -> None:
    """Tell a person at a terminal in words, and everybody else as all that is told."""
    if not sys.stdout.isatty():
        telemetry().info("listening", port=port)
        return
    print(f"Serai listens on http://{host}:{port}", flush=True)
    if is_sandbox:
        print(f"Anybody may play: {', '.join(party.name for party in PARTIES)}.", flush=True)


def _read_settings() -> Settings:
    """Read the settings, at the start and when they are read again."""
    settings = read_settings_here()
    _refuse_without_https(settings)
    return settings


def _refuse_without_https(settings: Settings) -> None:
    """In earnest nobody's key, session or parcel crosses a network in clear, and cookies are marked so."""
    if not settings.administration.is_test and not settings.server.public_url.startswith("https://"):
        raise SeraiError(
            "https-missing",
            "A node with legal effect is reached by https alone, and server.public_url does not say so.",
            "Put a proxy with TLS in front, and set server.public_url to its https:// address.",
        )


async def _open_sandbox(settings: Settings, dsn: str) -> None:
    async with open_node(settings, dsn) as node, node.database.write() as connection:
        acting_user = ActingUser(
            node.administration_id, operator_name(), node.clock.now(), lambda: int(node.ids.take(1)[0])
        )
        await open_sandbox(connection, acting_user, settings.administration)


async def _look_for_sandbox(settings: Settings, dsn: str) -> None:
    if settings.administration.is_test:
        return
    async with owner_transaction(dsn, at=SystemClock().now()) as connection:
        administration_id = await register_administration(
            connection, settings.administration, at=SystemClock().now()
        )
        await refuse_published_keys(connection, administration_id)
