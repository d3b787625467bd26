"""`serai bench`: the main job against the floor, in one run, with everything on."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console

import serai
from serai.cli.demo import ends_by_signal
from serai.cli.output import OutputOption, choose_output, print_facts
from serai.model.errors import SeraiError

_SHOWN = (
    "of_floor",
    "of_floor_of_each_pair",
    "of_floor_by_processor_time",
    "items_per_s",
    "floor_items_per_s",
    "others",
    "floor_others",
    "consignments",
    "items",
    "server_us",
    "client_us",
    "floor_us",
    "p50_ms",
    "p99_ms",
    "complete_share",
    "lanes",
    "statuses",
    "peak_memory_mib",
)


def bench(
    *,
    quick: Annotated[
        bool, Parameter(help="20,000 consignments, one pair: some minutes.", negative="")
    ] = False,
    full: Annotated[
        bool, Parameter(help="All measurements on 200,000 consignments; a quarter of an hour.", negative="")
    ] = False,
    law: Annotated[
        bool,
        Parameter(help="The law alone: ten million goods items, fifteen regimes.", negative=""),
    ] = False,
    match: Annotated[
        bool, Parameter(help="Matching alone: a million cases of four documents.", negative="")
    ] = False,
    growth_count: Annotated[int, Parameter(help="With --full: stored cases of the large store.")] = 2_000_000,
    output: OutputOption = None,
) -> int:
    """Measure the main job over HTTP against the floor on this machine, in turn, in one run.

    Without --quick or --full: 100,000 consignments, three pairs. Server and database are thrown away
    afterwards. With --law the law alone: ten million goods items through one regime, fifteen regimes,
    loading, other programs with the same law; a quarter of an hour, with --quick a minute. With --match
    matching alone: ten thousand to a million cases, of which a twentieth is disturbed; some minutes, with
    --quick less than one. No speed changes the exit code; it is 2 where a figure is not what the law says, or
    matching not as right as it must be. Runs in a checkout only: the yardstick is not part of the installed
    package.
    """
    yardstick = Path(serai.__file__).resolve().parents[2] / "benchmarks"
    if not (yardstick / "main_job.py").is_file():
        raise SeraiError(
            "bench-needs-checkout",
            "The yardstick that Serai is measured against is not part of the installed package.",
            "Run it in a checkout: git clone, then make bench.",
        )
    # The programs of the yardstick stand alone and import each other by name, as when run.
    sys.path.insert(0, str(yardstick))
    said = Console(stderr=True, highlight=False, markup=False)
    with ends_by_signal():
        try:
            if law:
                figures = _law(quick=quick, render=said.print)
            elif match:
                figures = _match(quick=quick, render=said.print)
            else:
                figures = _main_job(quick=quick, full=full, growth_count=growth_count, render=said.print)
        except SystemExit as fault:
            raise SeraiError(
                "bench-failed",
                str(fault.code),
                "A figure that is wrong is a fault of Serai: please report it.",
            ) from fault
    chosen = choose_output(output)
    is_short = chosen == "table" and not (law or match)
    print_facts({name: figures[name] for name in _SHOWN} if is_short else figures, chosen)
    return 0


# The programs of the yardstick are imported when they are needed: they stand outside the package.


def _law(*, quick: bool, render: Callable[[str], None]) -> dict[str, Any]:
    law_speed: Any = importlib.import_module("law_speed")
    figures: dict[str, Any] = law_speed.run(law_speed.QUICK if quick else law_speed.FULL, render=render)
    return figures


def _match(*, quick: bool, render: Callable[[str], None]) -> dict[str, Any]:
    matching: Any = importlib.import_module("match")
    figures: dict[str, Any] = matching.run(matching.QUICK if quick else matching.FULL, render=render)
    return figures


def _main_job(*, quick: bool, full: bool, growth_count: int, render: Callable[[str], None]) -> dict[str, Any]:
    main_job: Any = importlib.import_module("main_job")
    size = main_job.FULL if full else main_job.QUICK if quick else main_job.REFERENCE_VALUES
    figures: dict[str, Any] = main_job.run(size, is_full=full, growth_count=growth_count, render=render)
    return figures
