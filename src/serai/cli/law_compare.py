"""`serai law compare`: the same parcels through many laws, side by side."""

import datetime as dt
import os
import sys
import time
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from serai.cli.input_file import unreadable
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.cli.output import OutputOption, choose_output, print_json, print_rows, print_table, write_text
from serai.foundation.clock import SystemClock
from serai.laboratory.compare.measuring import RegimeFigures
from serai.laboratory.compare.outcome_file import SCHEMA, outcome_rows
from serai.laboratory.compare.parcel_file import PARQUET, read_parcel_file
from serai.laboratory.compare.parcels import Parcels, invent, read_lines, read_parcels
from serai.laboratory.compare.plot import draw
from serai.laboratory.compare.regimes import find_regimes
from serai.laboratory.compare.running import compare_regimes
from serai.laboratory.compare.table import COLUMNS, row_of
from serai.laboratory.parquet_output import ParquetOutput
from serai.law.library import PackFiles, load_book
from serai.model.errors import SeraiError

_SEED = 1


def compare(
    file: Path | None = None,
    /,
    *,
    invented: Annotated[int | None, Parameter(help="Invented parcels instead of a file, how many.")] = None,
    codes: Annotated[
        list[str] | None, Parameter(consume_multiple=True, help="Base laws; without it all.")
    ] = None,
    drafts: Annotated[
        bool, Parameter(negative=(), help="Take planned law and drafts as in force on their days.")
    ] = False,
    on: Annotated[
        dt.date | None, Parameter(help="Day; a law of other days takes its nearest. Today without it.")
    ] = None,
    plot: Annotated[Path | None, Parameter(help="Write a picture (SVG) to this file.")] = None,
    parquet: Annotated[
        Path | None, Parameter(help="Write every parcel under every law (Parquet) to this file.")
    ] = None,
    workers: Annotated[int | None, Parameter(help="Worker processes; without it one for each core.")] = None,
    laws: LawsOption = None,
    output: OutputOption = None,
) -> int:
    """Send the same parcels under many laws and say what each one charges.

    Rates of exchange are invented, the same for every law, and so is the duty on goods of which a law's own
    tariff says nothing; the share that rests on either is shown. Exit code 1 if a law decides no parcel.

    Parameters
    ----------
    file
        NDJSON, a consignment a line; or Parquet, as `serai law columns` writes it.
    """
    begun = time.perf_counter()
    files = read_chosen_laws(laws)
    now = SystemClock().now()
    regimes = find_regimes(files, on or now.date(), with_drafts=drafts, codes=codes or ())
    parcels = read_given(file, invented, files, now)
    read_s = time.perf_counter() - begun
    rows: list[RegimeFigures] = []
    with closing(ParquetOutput(parquet, SCHEMA)) if parquet else nullcontext() as outcomes:
        for one in compare_regimes(
            regimes,
            files,
            parcels,
            workers_count=workers or len(os.sched_getaffinity(0)),
            with_outcomes=outcomes is not None,
        ):
            rows.append(one.figures)
            if outcomes is not None:
                outcomes.add(outcome_rows(one))
    if plot is not None:
        write_text(plot, draw(rows))
    seconds = time.perf_counter() - begun
    chosen = choose_output(output)
    if chosen == "table":
        print_table([row_of(row) for row in rows], COLUMNS)
    elif chosen == "ndjson":
        print_rows([msgspec.to_builtins(row) for row in rows], chosen)
    else:
        facts = {
            "parcels": parcels.count,
            "refused": parcels.refused_count,
            "seconds": round(seconds, 2),
            "reading_seconds": round(read_s, 2),
        }
        print_json({**facts, "laws": [msgspec.to_builtins(row) for row in rows]})
    sys.stderr.write(
        f"{parcels.count:,} parcels ({parcels.refused_count:,} more had faults) under {len(rows)} laws in "
        f"{seconds:.1f} s, {read_s:.1f} of them for reading: "
        f"{parcels.count * len(rows) / seconds:,.0f} parcels a second.\n"
    )
    return 1 if any(row.undecided_ppm == _ALL_PPM for row in rows) else 0


_ALL_PPM = 1_000_000


def read_given(file: Path | None, invented: int | None, files: PackFiles, now: dt.datetime) -> Parcels:
    """Read the parcels of a file, or invent them. Raises SeraiError."""
    if (file is None) == (invented is None):
        raise SeraiError(
            "command-misused",
            "Parcels come either from a file or are invented.",
            "Say `serai law compare FILE.ndjson` or `serai law compare --invented 1000`.",
        )
    if file is not None and file.suffix == PARQUET:
        return read_parcel_file(file)
    at_ms = int(now.timestamp() * 1000)
    try:
        documents = read_lines(file) if file is not None else invent(invented or 0, _SEED, now)
        parcels = read_parcels(documents, load_book(files), at_ms)
    except OSError as fault:
        raise unreadable(file or Path(), fault) from fault
    if not parcels.count:
        raise SeraiError(
            "no-parcels",
            f"None of {parcels.refused_count} parcels can be read.",
            "See what `serai check` says of the file.",
        )
    return parcels
