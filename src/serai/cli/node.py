"""This node for commands that need its database: settings, server, pools, ids, administration."""

import getpass
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec

from serai.foundation.access.administering import ActingUser
from serai.foundation.administration import find_administration, register_administration
from serai.foundation.clock import Clock, SystemClock
from serai.foundation.database import Database, owner_transaction
from serai.foundation.embedded_postgres import EmbeddedPostgres
from serai.foundation.ids import IdSource
from serai.foundation.migrations import migrate_for_start
from serai.foundation.node_leases import end_lease, lease_node
from serai.foundation.partitions import add_partitions
from serai.foundation.settings import Settings
from serai.foundation.settings_reading import read_settings_here
from serai.foundation.shipped import find_shipped


class Node(msgspec.Struct, frozen=True):
    """What a command works with. administration_id: whose rows it reads and writes."""

    settings: Settings
    database: Database
    ids: IdSource
    administration_id: int
    clock: Clock


def acting_user_of_operator(node: Node) -> ActingUser:
    """Say that whoever types commands on this machine does it."""
    return ActingUser(
        node.administration_id,
        operator_name(),
        node.clock.now(),
        lambda: int(node.ids.take(1)[0]),
        operator_name().removeprefix("operator:").casefold(),
    )


def operator_name() -> str:
    """Return whoever types commands on this machine, as records name them."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # a container may run under a number without a name
        return f"operator:{os.getuid()}"


@contextmanager
def running_database(settings: Settings) -> Iterator[str]:
    """Give the connection string: of the server that the settings name, else of the embedded one.

    The embedded one is stopped at the end if it was started here; one that ran before runs on.
    """
    if settings.database.dsn:
        yield settings.database.dsn
        return
    with EmbeddedPostgres.of_node(settings) as dsn:
        yield dsn


@asynccontextmanager
async def open_node(*, code: str | None = None) -> AsyncIterator[Node]:
    """Open the node of this folder: database started and migrated, ids leased, administration known.

    code: of an administration in this database; default: the one that the settings name. Errors:
    `administration-unknown`.
    """
    settings, clock = read_settings_here(), SystemClock()
    with running_database(settings) as dsn:
        migrate_for_start(dsn, find_shipped("migrations"), at=clock.now())
        holder = f"command-{os.getpid()}-{secrets.token_hex(4)}"
        async with owner_transaction(dsn, at=clock.now()) as connection:
            await add_partitions(connection, clock.now())
            lease = await lease_node(connection, holder, clock.now())
            administration_id = await register_administration(
                connection, settings.administration, at=clock.now()
            )
            if code is not None:
                administration_id = await find_administration(connection, code)
        database = Database(
            dsn,
            administration_id=administration_id,
            pool_size_count=1,
            statement_timeout_ms=settings.database.statement_timeout_ms,
        )
        async with database:
            ids = IdSource(lease, clock)
            try:
                yield Node(settings, database, ids, administration_id, clock)
            finally:
                async with database.write() as connection:
                    await end_lease(connection, lease, holder, ids.used_until())
