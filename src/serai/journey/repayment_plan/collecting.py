"""Gathers what a plan is worked out from, as files: closed hours of the history, what was decided since, and
what the books have of payments, all of one moment.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.ids import first_id_at
from serai.journey.history.service import FOLDER_PATTERN, HOUR, MANIFEST, WrittenHour
from serai.journey.history.tables import read_tables, table_path, write_tables
from serai.journey.ledger.posting_rules import PostingRules
from serai.journey.repayment_plan import store
from serai.journey.repayment_plan.calculation import QUERIES, Sources, open_duckdb, writing_to
from serai.model.errors import SeraiError
from serai.model.ledger import KIND_PLACES
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]

_LAST_ID: Final = 2**63 - 1


class Books(msgspec.Struct, frozen=True):
    """What the ledger has of a tax type: what was assessed, by country, currency and phase; what payments
    took off it, by currency. Minor units."""

    assessed: Mapping[tuple[str, str, str], int]
    allocated: Mapping[str, int]


async def collect(
    connection: Connection,
    history: Path,
    tax_type_code: str,
    rules: PostingRules,
    folder: Path,
    *,
    administration_id: int,
) -> tuple[Sources, Books]:
    """Write what is not in the history into a folder, in a transaction that sees one moment.

    Raises SeraiError `history-file-changed`.
    """
    key = {"administration_id": administration_id}
    await store.unlimit_time(connection)
    hours = _closed_hours(history)
    open_hours = folder / "open-hours"
    open_hours.mkdir()
    from_id = 0 if not hours else first_id_at(hours[max(hours)].hour_at + HOUR)
    await write_tables(open_hours, _chunks(connection, from_id, administration_id))
    paying = [kind for kind, cover in rules.payments.items() if cover.covers == "amounts-payable"]
    await store.copy_allocated(connection, folder / "allocated.csv", tax_type_code, **key)
    await store.copy_acts(connection, folder / "acts.csv", paying, **key)
    await store.copy_bearings(connection, folder / "bearings.csv", **key)
    await store.copy_repaid(connection, folder / "repaid.csv", tax_type_code, **key)
    revenue = sorted({KIND_PLACES[sides.credit] for sides in rules.assessed if sides is not None})
    books = Books(
        await store.sum_revenue(connection, revenue, tax_type_code, **key),
        await store.sum_paid(connection, tax_type_code, **key),
    )
    folders = [*sorted(hours), open_hours]
    sources = Sources(
        charges=[table_path(one, "charge") for one in folders],
        decisions=[table_path(one, "decision") for one in folders],
        **_convert(folder),
    )
    return sources, books


def _convert(folder: Path) -> dict[str, Path]:
    """Turn what was copied into columns; the copies go."""
    made: dict[str, Path] = {}
    with open_duckdb(folder) as connection:
        for name in ("allocated", "acts", "bearings", "repaid"):
            source, made[name] = folder / f"{name}.csv", folder / f"{name}.parquet"
            query = writing_to(QUERIES[f"convert_{name}"], "$to", made[name])
            given = {"csv": str(source)}
            if "$acts" in query:
                given["acts"] = str(made["acts"])
            connection.execute(query, given)
            source.unlink()
    return made


def _closed_hours(history: Path) -> dict[Path, WrittenHour]:
    """Return the hours that were written, by folder. What was changed since is no history."""
    hours = {}
    for path in history.glob(f"{FOLDER_PATTERN}/{MANIFEST}"):
        hour = hours[path.parent] = msgspec.json.decode(path.read_bytes(), type=WrittenHour)
        for name in ("charge", "decision"):
            with table_path(path.parent, name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != hour.files[name].hash:
                raise SeraiError(
                    "history-file-changed",
                    MessageText("{file} is not what was written.", file=str(table_path(path.parent, name))),
                    "Remove the folder of that hour and write it again: serai history --to FOLDER.",
                )
    return hours


async def _chunks(
    connection: Connection, from_id: int, administration_id: int
) -> AsyncIterator[dict[str, Any]]:
    while True:
        tables, from_id = await read_tables(
            connection, from_id, _LAST_ID, administration_id=administration_id
        )
        if not tables:
            return
        yield tables
