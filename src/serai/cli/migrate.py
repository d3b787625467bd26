"""`serai migrate`: bring the database to the shape this version needs."""

from typing import Annotated, Literal, get_args

from cyclopts import Parameter

from serai.cli.node import running_database
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.foundation import migrations
from serai.foundation.clock import SystemClock
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
        applied = migrations.migrate(dsn, find_shipped("migrations"), at=SystemClock().now(), phases=phases)
    chosen = choose_output(output)
    print_facts({"applied": applied or ("nothing was missing" if chosen == "table" else [])}, chosen)
    return 0
