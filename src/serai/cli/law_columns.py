"""`serai law columns`: parcels read once and kept as the columns that laws read."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serai.cli.law_compare import read_given
from serai.cli.law_folder import LawsOption, read_chosen_laws
from serai.foundation.clock import SystemClock
from serai.laboratory.compare.parcel_file import write_parcels


def columns(
    target: Path,
    /,
    file: Path | None = None,
    *,
    invented: Annotated[int | None, Parameter(help="Invented parcels instead of a file, how many.")] = None,
    laws: LawsOption = None,
) -> int:
    """Read parcels once and keep what laws read of them as Parquet: nobody's name or address.

    `serai law compare` reads such a file as fast as it assesses.

    Parameters
    ----------
    target
        The file to write.
    file
        NDJSON, a consignment a line.
    """
    parcels = read_given(file, invented, read_chosen_laws(laws), SystemClock().now())
    count = write_parcels(target, parcels.chunks)
    sys.stderr.write(f"{target}: {count:,} parcels ({parcels.refused_count:,} more had faults).\n")
    return 0
