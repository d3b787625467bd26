"""`serai migrate`: bring the database to the shape this version needs."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal, get_args

from cyclopts import Parameter

from serai.cli.node import running_database
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.foundation import migrations
from serai.foundation.clock import SystemClock
from serai.foundation.database import owner_transaction
from serai.foundation.partitions import add_partitions
from serai.foundation.settings_reading import read_settings_here
from serai.foundation.shipped import find_shipped


def migrate(
    *,
    phase: Annotated[
        Literal["pre", "post", "all"],
        Parameter(help="pre before the new version starts, post when no old one runs any more."),
    ] = "all",
    output: OutputOption = None,
) -> int:
    """Apply the migrations that the database lacks, each in a transaction of its own. Again is harmless."""
    phases = get_args(migrations.Phase) if phase == "all" else (phase,)
    with running_database(read_settings_here()) as dsn:
        at = SystemClock().now()
        applied = migrations.migrate(dsn, find_shipped("migrations"), at=at, phases=phases)
        if "pre" in phases:
            # What a migration makes takes rows of today; those of next month are looked for from now on.
            asyncio.run(_make_ahead(dsn, at))
    chosen = choose_output(output)
    print_facts({"applied": applied or ("nothing was missing" if chosen == "table" else [])}, chosen)
    return 0


async def _make_ahead(dsn: str, at: datetime) -> None:
    async with owner_transaction(dsn, at=at) as connection:
        await add_partitions(connection, at)
