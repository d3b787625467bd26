"""Statistics over the files of the history, by DuckDB: no database is asked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from serai.foundation.queries import load_queries
from serai.journey.history.service import FOLDER_PATTERN
from serai.model.errors import SeraiError
from serai.model.money import format_minor

QUERIES = load_queries(Path(__file__).with_name("statistics.sql"))


class LaneSum(msgspec.Struct, frozen=True):
    """Consignments in one lane and status."""

    lane: str
    status: str
    consignments_count: int


class DestinationSum(msgspec.Struct, frozen=True):
    """Consignments to one country."""

    consignee_country_code: str
    consignments_count: int


class HourSum(msgspec.Struct, frozen=True):
    """Consignments whose newest decision was made in one hour."""

    hour_at: datetime
    consignments_count: int


class ChargeSum(msgspec.Struct, frozen=True):
    """Charges of one type to one country, in one currency: neither waived nor claims."""

    consignee_country_code: str
    kind: str
    tax_type_code: str
    due: str
    currency_code: str
    charges_count: int
    amount: str
    amount_minor: int


class ReleaseTimes(msgspec.Struct, frozen=True):
    """How long releases took, in milliseconds, None without any: from acceptance, and from arrival where that
    is known."""

    released_count: int
    accepted_to_released_ms_p50: int | None
    accepted_to_released_ms_p90: int | None
    arrived_count: int
    arrived_to_released_ms_p50: int | None
    arrived_to_released_ms_p90: int | None


class Statistics(msgspec.Struct, frozen=True):
    """What stands by all that is written. charges: by destination, kind, tax type, due and currency."""

    hours_written_count: int
    consignments_count: int
    lanes: list[LaneSum]
    destinations: list[DestinationSum]
    hours: list[HourSum]
    charges: list[ChargeSum]
    release_times: ReleaseTimes


def read_statistics(folder: Path) -> Statistics:
    """Sum the files of a folder that `serai history` wrote. Raises SeraiError `history-empty`."""
    hours = sorted(path for path in folder.glob(FOLDER_PATTERN) if path.is_dir())
    if not hours:
        raise SeraiError(
            "history-empty",
            f"{folder} holds no hour of the history.",
            "Write closed hours first: serai history --to FOLDER.",
        )
    # Nothing but these files is read, and nothing is fetched from anywhere.
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as connection:
        decisions = [str(hour / "decision.parquet") for hour in hours]
        charges = [str(hour / "charge.parquet") for hour in hours]
        lanes = [LaneSum(*row) for row in _rows(connection, "sum_lanes", decisions)]
        return Statistics(
            hours_written_count=len(hours),
            consignments_count=sum(one.consignments_count for one in lanes),
            lanes=lanes,
            destinations=[DestinationSum(*row) for row in _rows(connection, "sum_destinations", decisions)],
            hours=[
                HourSum(datetime.fromtimestamp(hour_ms / 1000, UTC), count)
                for hour_ms, count in _rows(connection, "sum_hours", decisions)
            ],
            charges=[
                ChargeSum(
                    country, kind, tax_type, due, currency, count, format_minor(amount, currency), amount
                )
                for country, kind, tax_type, due, currency, count, amount in _rows(
                    connection, "sum_charges", charges
                )
            ],
            release_times=ReleaseTimes(*_rows(connection, "measure_release", decisions)[0]),
        )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, files: Sequence[str]) -> list[tuple[Any, ...]]:
    return connection.execute(QUERIES[query], {"files": list(files)}).fetchall()
